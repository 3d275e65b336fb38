import { checkName } from './fields.ts';
import type { Command } from './reader.ts';
import { SWITCHBOARD_REALM } from './session.ts';
import type { Handlers, Session } from './session.ts';
import { keyOf } from './signon.ts';
import { parseId, parseIdentity, parseName } from './text.ts';

/**
 * Who is on a switchboard. Two people are a conversation; from the third on it is told as a room,
 * and stays one when people leave.
 */

/** `USR TrID id key`: the caller shows the key that `XFR` gave it. */
export function onCaller(session: Session, command: Command): void {
  const [, id, key] = command.args;
  session.identify(parseId(id));
  if (key) presentKey(session, key);
}

/**
 * The key as a connection gave it of which the account is not known, because it began before the capture;
 * then as it was given to this account, which counts more.
 */
function presentKey(session: Session, key: string): void {
  session.flow.present(SWITCHBOARD_REALM, key);
  if (session.account) session.flow.present(SWITCHBOARD_REALM, keyOf(key, session.account));
}

/** `USR TrID OK id name`. */
export function onCallerReply(session: Session, command: Command): void {
  const [, ok, who, name] = command.args;
  if (ok !== 'OK') return;
  const id = parseId(who);
  session.identify(id);
  session.displayName = parseName(name, id);
}

/** `ANS TrID id key session`: the called one shows the key that `RNG` gave it. */
function onAnswer(session: Session, command: Command): void {
  const [, id, key, sessionId] = command.args;
  session.identify(parseId(id));
  if (sessionId) session.sessionId = sessionId;
  if (key) presentKey(session, key);
}

/** `ANS TrID OK` ends the list of who is there already. */
function onAnswerReply(session: Session, command: Command): void {
  if (session.members.size >= 2) join(session, command, session.account);
}

/** `CAL TrID id`: somebody is asked in; the first one only makes it a conversation. */
function onCall(session: Session, command: Command): void {
  const id = parseId(command.args[1]);
  if (!id || session.members.size === 0 || session.members.has(id)) return;
  const facts = session.fact('room');
  facts.op = 'invite';
  facts.room = { id: session.roomId() };
  if (session.account) facts.from = session.account;
  facts.to = [id];
  facts.sent = true;
  session.tell(command, facts);
}

/** `CAL TrID RINGING session`. */
function onCallReply(session: Session, command: Command): void {
  if (command.args[1] === 'RINGING') session.sessionId = command.args[2] ?? session.sessionId;
}

/** `IRO TrID i n id name [capabilities]`: one of those who were there before. */
function onRoster(session: Session, command: Command): void {
  add(session, command, command.args[3], command.args[4]);
}

/** `JOI id name [capabilities]`. From MSNP16 on each endpoint joins by itself too, and so does the own account. */
function onJoin(session: Session, command: Command): void {
  const id = add(session, command, command.args[0], command.args[1]);
  if (id && session.members.size >= 2) join(session, command, id);
}

/** Notes a member; returns the id where it is a new one. */
function add(session: Session, command: Command, who: string | undefined, name: string | undefined): string {
  const id = parseId(who);
  if (!id || id === session.account) return '';
  const isNew = !session.members.has(id);
  const called = parseName(name, id);
  checkName(session, command, called);
  // Endpoints of one account join one by one: its place among the members stays.
  if (isNew || session.members.get(id) !== called) session.members.set(id, called);
  return isNew ? id : '';
}

function join(session: Session, command: Command, id: string): void {
  session.isRoom = true;
  tellRoom(session, command, 'join', id, session.members.get(id));
}

function tellRoom(
  session: Session,
  command: Command,
  op: string,
  id: string,
  name = '',
  reason?: string,
): void {
  const facts = session.fact('room');
  facts.op = op;
  facts.room = { id: session.roomId() };
  if (id) facts.from = id;
  if (name) facts.from_name = name;
  const members = [...session.members.keys()];
  if (session.account && !(op === 'leave' && id === session.account)) members.unshift(session.account);
  if (members.length > 0) facts.members = members;
  if (reason) facts.reason = reason;
  facts.sent = id !== '' && id === session.account;
  session.tell(command, facts);
}

/** `BYE id [1]`, with the 1 where the server timed the person out. An endpoint that leaves does not take its account along. */
function onBye(session: Session, command: Command): void {
  const { id, endpoint } = parseIdentity(command.args[0] ?? '');
  const name = session.members.get(id);
  if (endpoint || name === undefined) return;
  session.members.delete(id);
  if (!session.isRoom) return;
  const reason = command.args[1] === TIMED_OUT ? 'timed out' : undefined;
  tellRoom(session, command, 'leave', id, name, reason);
}

const TIMED_OUT = '1';

/** `OUT` on a switchboard: the client leaves. */
export function onLeave(session: Session, command: Command): void {
  if (session.isRoom && command.direction === 0) tellRoom(session, command, 'leave', session.account);
  session.members.clear();
}

/** `NAK TrID`: a message was not delivered. */
function onNotDelivered(session: Session, command: Command): void {
  if (!session.unacknowledged.delete(command.args[0] ?? '')) return;
  const facts = session.said('receipt', session.envelope(command));
  facts.state = 'failed';
  session.tell(command, facts);
}

function onDelivered(session: Session, command: Command): void {
  session.unacknowledged.delete(command.args[0] ?? '');
}

export const SWITCHBOARD_FROM_CLIENT: Handlers = { ANS: onAnswer, CAL: onCall };
export const SWITCHBOARD_FROM_SERVER: Handlers = {
  ANS: onAnswerReply,
  CAL: onCallReply,
  IRO: onRoster,
  JOI: onJoin,
  BYE: onBye,
  ACK: onDelivered,
  NAK: onNotDelivered,
};
