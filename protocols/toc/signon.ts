import { TO_CLIENT } from '../../src/sdk/index.ts';
import type { Auth, ClientSoftware } from '../../src/sdk/index.ts';
import type { Attempt, ClientHandler, Place, ServerHandler, TocSession } from './session.ts';
import { decodeName } from './text.ts';
import { ERROR_TEXT, isRoasted } from './wire.ts';

/** Sign-on, the client's software, password and name changes. */

/**
 * toc_signon / toc2_signon / toc2_login: host, port, name, roasted password, language, client
 * string; TOC2 adds `160` and a code made of first letters.
 */
const onSignOn: ClientHandler = (session, at, args) => {
  concludeSignOn(session, at, 'unknown');
  args.next();
  args.next();
  const name = args.next() ?? '';
  const password = args.next() ?? '';
  args.next();
  const raw = decodeName(args.next() ?? '');
  session.signedOn = false;
  session.attempt = { exposed: isRoasted(password), unanswered: false, told: false };
  if (!session.attempt.exposed) {
    // Where a word is missing the password may stand in another's place: nothing of the line is told.
    session.anomaly(at, 'toc_signon_malformed');
    return;
  }
  session.setAccount(decodeName(name));
  if (raw === '') return;
  session.attempt.client = parseClientString(raw);
  session.tell(at, { kind: 'client', client: session.attempt.client });
};

/** SIGN_ON; sent again after PAUSE, which is no new sign-on. */
const onSignedOn: ServerHandler = (session, at) => {
  if (session.signedOn) return;
  session.signedOn = true;
  if (session.attempt === undefined) session.unclaimed = true;
  else concludeSignOn(session, at, 'success');
};

/** NICK: the account's name as displayed. It claims a sign-on whose command was not seen. */
const onNick: ServerHandler = (session, at, line) => {
  if (session.account === undefined) session.setAccount(decodeName(line));
  if (!session.unclaimed || session.account === undefined) return;
  session.unclaimed = false;
  session.tell(at, { kind: 'login', auth: { mechanism: 'roasted', result: 'success' } });
};

/** Tells the login that awaits its outcome, if there is one. No answer to it is expected any more. */
export function concludeSignOn(
  session: TocSession,
  at: Place,
  result: Auth['result'],
  reason?: string,
): void {
  const { attempt } = session;
  if (attempt === undefined) return;
  session.attempt = undefined;
  tellSignOn(session, at, attempt, result, reason);
}

/**
 * A command that only a signed-on client sends. Where the server's answer is not in the capture,
 * the sign-on is told as unknown; else its answer is waited for.
 */
export function passSignOn(session: TocSession, at: Place): void {
  const { attempt } = session;
  if (attempt && (attempt.unanswered || !session.seen[TO_CLIENT]))
    tellSignOn(session, at, attempt, 'unknown');
}

function tellSignOn(
  session: TocSession,
  at: Place,
  attempt: Attempt,
  result: Auth['result'],
  reason?: string,
): void {
  if (attempt.told || session.account === undefined) return;
  attempt.told = true;
  const auth: Auth = { mechanism: 'roasted', result };
  if (reason !== undefined) auth.reason = reason;
  if (attempt.exposed) auth.exposed = 'password';
  session.tell(at, {
    kind: 'login',
    auth,
    ...(attempt.client !== undefined && { client: attempt.client }),
  });
}

/** ERROR: ends a sign-on that is under way, else a notice. */
const onError: ServerHandler = (session, at, line) => {
  const colon = line.indexOf(':');
  const code = /^\d{1,5}$/.exec(colon < 0 ? line : line.slice(0, colon))?.[0] ?? 'unknown';
  const known = ERROR_TEXT.get(code);
  const detail = colon < 0 ? '' : decodeName(line.slice(colon + 1));
  const text = [known, detail].filter((part) => part !== undefined && part !== '').join(': ');
  if (session.attempt !== undefined) {
    concludeSignOn(session, at, 'failure', known === undefined ? code : `${code} ${known}`);
    return;
  }
  session.tell(at, { kind: 'notice', code, ...(text !== '' && { text }) });
};

/** toc_change_passwd shows both passwords in clear; the answer tells whether it was done. */
const onChangePassword: ClientHandler = (session, at) => {
  concludeChange(session, at, 'unknown');
  session.changing = true;
};

/** ADMIN_NICK_STATUS: 0 where the name was changed. */
const onNickStatus: ServerHandler = (session, at, line) => {
  const code = line.split(':', 1)[0] ?? '';
  if (code === '0') return;
  session.tell(at, { kind: 'notice', ...session.toSelf(), text: 'change of the name refused', code: 'nick' });
};

const onPasswordStatus: ServerHandler = (session, at, line) => {
  concludeChange(session, at, line.split(':', 1)[0] === '0' ? 'success' : 'failure');
};

/** Tells the password change that awaits its answer, if there is one. */
export function concludeChange(session: TocSession, at: Place, result: Auth['result']): void {
  if (!session.changing) return;
  session.changing = false;
  session.tell(at, {
    kind: 'account',
    op: 'change-password',
    auth: { mechanism: 'clear', result, exposed: 'password' },
  });
}

const onFormatName: ClientHandler = (session, at, args) => {
  const name = decodeName(args.next() ?? '');
  if (name !== '')
    session.tell(at, { kind: 'account', op: 'format-name', ...session.self(), from_name: name });
};

/**
 * The client's own words: `TIC:TiK 0.90`, `TIC:AIM Express 3.0`, `naim:0.11.8.3.2:contact ...`.
 * What precedes the first part that begins with a digit is the name, that part the version.
 */
export function parseClientString(raw: string): ClientSoftware {
  const body = raw.startsWith('TIC:') ? raw.slice(4) : raw;
  const match = /^([^\d\s:/][^:/\d]*?)[\s:/]+v?(\d[\w.+-]*)/.exec(body.slice(0, 200));
  const software: ClientSoftware = {
    name: (match?.[1] ?? body.split(':', 1)[0] ?? body).trim() || raw,
    raw,
    evidence: ['sign-on command: client string'],
  };
  if (match?.[2] !== undefined) software.version = match[2];
  return software;
}

export const signOnCommands: readonly (readonly [string, ClientHandler])[] = [
  ['toc_signon', onSignOn],
  ['toc2_signon', onSignOn],
  ['toc2_login', onSignOn],
  ['toc_change_passwd', onChangePassword],
  ['toc_format_nickname', onFormatName],
];

/** Commands that may come before the server's answer. */
export const SIGN_ON_COMMANDS: ReadonlySet<string> = new Set(['toc_signon', 'toc2_signon', 'toc2_login']);

export const signOnReplies: readonly (readonly [string, ServerHandler])[] = [
  ['SIGN_ON', onSignedOn],
  ['NICK', onNick],
  ['ERROR', onError],
  ['ADMIN_NICK_STATUS', onNickStatus],
  ['ADMIN_PASSWD_STATUS', onPasswordStatus],
];
