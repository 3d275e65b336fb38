import { decodeGuess } from '../../src/sdk/index.ts';
import type { Command } from './reader.ts';
import type { Session } from './session.ts';
import { parseId } from './text.ts';
import type { Headers } from './text.ts';
import { elementText } from './xml.ts';

/**
 * Groups of MSNP18 and later: circles (network 9) and temporary groups (10). They live on the notification
 * server: `PUT` creates, joins and invites, `DEL` leaves, `NFY` tells of others.
 */

/** Network ids before an identity that name a group: a circle, a temporary group. */
export const GROUP_NETWORK = /^(9|10):/;
/** Whom a temporary group that does not exist yet is addressed to. */
const NEW_GROUP = '00000000-0000-0000-0000-000000000000@live.com';
const INVITATION = 'application/multiparty+xml';
/** Members that are read of one command; a circle had at most 150. */
const MAX_MEMBERS = 256;

/** The blocks of headers of a routed payload, and where its body begins. */
export interface Routed {
  routing: Headers;
  headers: Headers;
  start: number;
}

/** Reads what concerns a group; false where this is about a person. */
export function onGroup(session: Session, command: Command, routed: Routed): boolean {
  const { routing } = routed;
  const sent = command.direction === 0;
  const { from = '', to = '' } = { from: routing.get('from'), to: routing.get('to') };
  const [address, own] = sent ? [to, from] : [from, to];
  const room = GROUP_NETWORK.test(address) ? parseId(address) : '';
  if (!room) return false;
  const who = parseId(own);
  if (sent && who && !session.account) session.account = who;
  if (sent && room === NEW_GROUP) session.groupsAsked.set(command.args[0] ?? '', true);
  else onKnownGroup(session, command, routed, room);
  return true;
}

function onKnownGroup(session: Session, command: Command, routed: Routed, room: string): void {
  const { headers } = routed;
  if (command.name === 'DEL' || command.args[0] === 'DEL') onLeft(session, command, room, headers);
  else if (command.name === 'PUT' && command.direction === 1) onCreated(session, command, room);
  else {
    const invites = headers.get('content-type')?.toLowerCase() === INVITATION;
    onRoster(session, command, routed, { room, invites });
  }
}

/** `PUT TrID OK length` from the group that the client asked for. */
function onCreated(session: Session, command: Command, room: string): void {
  if (session.groupsAsked.delete(command.args[0] ?? ''))
    tell(session, command, room, 'create', session.account);
}

/** `Uri: /circle/roster(IM)/user(1:user@host)`. */
function onLeft(session: Session, command: Command, room: string, headers: Headers): void {
  const id = parseId(/user\(([^)]*)\)/.exec(headers.get('uri') ?? '')?.[1]);
  session.groupMembers.delete(`${room} ${id}`);
  if (id) tell(session, command, room, 'leave', id);
}

/** `<circle><roster><id>IM</id><user><id>1:user@host</id></user>...</roster></circle>`: who is there, comes or is invited. */
function onRoster(
  session: Session,
  command: Command,
  { headers, start }: Routed,
  { room, invites }: { room: string; invites: boolean },
): void {
  const xml = decodeGuess(command.bytes, start, command.end);
  const name = elementText(xml, 'FriendlyName')?.trim();
  const people: string[] = [];
  let at = xml.indexOf('<user>');
  for (let n = 0; at >= 0 && n < MAX_MEMBERS; n++) {
    const next = xml.indexOf('<user>', at + 1);
    const id = parseId(elementText(xml.slice(at, next < 0 ? xml.length : next), 'id'));
    if (id) people.push(id);
    at = next;
  }
  if (invites) {
    if (people.length > 0) tell(session, command, room, 'invite', session.account, { to: people });
    return;
  }
  const isFull = headers.get('notiftype')?.toLowerCase() === 'full';
  const news = people.filter((id) => !session.groupMembers.has(`${room} ${id}`));
  for (const id of news) session.groupMembers.set(`${room} ${id}`, true);
  if (isFull && people.length > 0) tell(session, command, room, 'members', '', { members: people, name });
  else if (!isFull) for (const id of news) tell(session, command, room, 'join', id, { name });
}

function tell(
  session: Session,
  command: Command,
  room: string,
  op: string,
  from: string,
  more: { to?: string[]; members?: string[]; name?: string | undefined } = {},
): void {
  const facts = session.fact('room');
  facts.op = op;
  facts.room = more.name ? { id: room, name: more.name } : { id: room };
  if (from) facts.from = from;
  if (more.to) facts.to = more.to;
  if (more.members) facts.members = more.members;
  facts.sent = command.direction === 0;
  session.tell(command, facts);
}
