/**
 * The cookies of a sign-on: Y and T open the account on the web, and uploads of files show them. The
 * server hands them out with the list (55, key 59); from version 16 on the client has them from the web
 * and shows them in its answer (54, keys 277 and 278).
 */
import { TO_CLIENT } from '../../src/sdk/index.ts';
import type { Direction } from '../../src/sdk/index.ts';
import { KEY } from './numbers.ts';
import type { Session } from './session.ts';
import type { Packet } from './wire.ts';

/** Cookies of one connection that are issued. */
const MAX_COOKIES = 8;
const LONGEST_COOKIE = 4096;
/** Those that open the account; B only tells browsers apart. */
const NAMES: readonly string[] = ['Y', 'T'];

/**
 * Issues the cookies of a packet, so that a request that shows one belongs to this account, and tells
 * once that the server sent them in the clear. Those of the client's answer are told as `exposed` there.
 */
export function noteCookies(session: Session, packet: Packet, direction: Direction): void {
  const seen = new Set<string>();
  for (let pair = 0; pair < packet.count; pair++) {
    const key = packet.keyAt(pair);
    if (key === KEY.COOKIE_Y) issue(session, 'Y', packet.wordAt(pair), seen);
    else if (key === KEY.COOKIE_T) issue(session, 'T', packet.wordAt(pair), seen);
    else if (key === KEY.COOKIE) issueNamed(session, packet.wordAt(pair), seen);
  }
  if (direction !== TO_CLIENT || seen.size === 0 || session.cookiesTold) return;
  session.cookiesTold = true;
  const evidence = [`key 59: cookies ${[...seen].sort().join(' and ')} in the clear`];
  session.tell(packet, direction, 'notice', { code: 'cookies-exposed', evidence });
}

/** Key 59: the name, a tab, then as in `Set-Cookie`. */
function issueNamed(session: Session, word: string, seen: Set<string>): void {
  const tab = word.indexOf('\t');
  const name = word.slice(0, Math.max(0, tab));
  if (NAMES.includes(name)) issue(session, name, word.slice(tab + 1), seen);
}

function issue(session: Session, name: string, value: string, seen: Set<string>): void {
  const end = value.indexOf(';');
  const cookie = (end < 0 ? value : value.slice(0, end)).trim().slice(0, LONGEST_COOKIE);
  if (cookie === '') return;
  seen.add(name);
  if (session.cookies >= MAX_COOKIES) return;
  session.cookies++;
  session.flow.issue('yahoo-cookie', `${name}=${cookie}`, session.account);
}
