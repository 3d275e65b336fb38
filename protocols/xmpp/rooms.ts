import { TO_SERVER } from '../../src/sdk/index.ts';
import type { XmlElement } from '../../src/sdk/index.ts';
import { occupant, parties, roomParties } from './address.ts';
import type { Jid } from './jid.ts';
import { fullJid, parseJid } from './jid.ts';
import type { Room } from './room-book.ts';
import type { Facts, Stanza, XmppSession } from './session.ts';
import { NS } from './wire.ts';

/** Status codes of multi-user chat (XEP-0045, 15.6). */
const CODE = { SELF: '110', CREATED: '201', RENAMED: '303' } as const;

/** Why somebody left a room, by status code. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['301', 'banned'],
  ['307', 'kicked'],
  ['321', 'affiliation changed'],
  ['322', 'room became members-only'],
  ['332', 'service shut down'],
  ['333', 'connection lost'],
]);

/** Names told of one room at once. */
const MOST_MEMBERS = 500;

/** A presence of multi-user chat (XEP-0045). True where it was one. */
export function onRoomPresence(session: XmppSession, stanza: Stanza): boolean {
  const told = stanza.element.inNamespace(NS.MUC_USER);
  if (told && stanza.from?.resource !== undefined) {
    onOccupant(session, stanza, stanza.from, stanza.from.resource, told);
    return true;
  }
  const asked = stanza.element.inNamespace(NS.MUC);
  if (asked && stanza.to?.resource !== undefined) {
    if (stanza.type === '') onJoinRequest(session, stanza, stanza.to, stanza.to.resource);
    return true;
  }
  // What a member sends to its room: a change of nickname or status, or that it leaves.
  if (stanza.to && session.rooms.find(stanza.to.bare) !== undefined) {
    if (stanza.type === 'unavailable') presumeRoom(session, stanza, stanza.to.bare, 'leave');
    return stanza.to.resource !== undefined;
  }
  return false;
}

/** The client asks to enter; the room's own presence will tell whether it may. */
function onJoinRequest(session: XmppSession, stanza: Stanza, address: Jid, nick: string): void {
  const room = session.rooms.open(address.bare);
  const sender = session.sender(stanza);
  if (session.role === 'client') room.nick = nick;
  if (sender) room.occupants.set(nick, sender.bare);
  presumeRoom(session, stanza, address.bare, 'join');
}

/** What the client asks of a room, which the room confirms where its side is in view. */
function presumeRoom(session: XmppSession, stanza: Stanza, id: string, op: string): void {
  if (session.role !== 'client' || stanza.direction !== TO_SERVER) return;
  const from = session.sender(stanza);
  session.presume(stanza, { kind: 'room', op, room: { id }, ...(from ? { from: from.bare } : {}) });
}

/** The room tells of an occupant. */
function onOccupant(session: XmppSession, stanza: Stanza, address: Jid, nick: string, x: XmlElement): void {
  const known = session.rooms.find(address.bare);
  const room = known ?? session.rooms.open(address.bare);
  // A room that is known without its join having been asked for in view was entered before the capture.
  if (!known && session.flow.midstream && !session.blind(TO_SERVER)) room.entered = true;
  const codes = new Set(x.children.filter((c) => c.name === 'status').map((c) => c.attr('code')));
  const item = x.child('item');
  const self = codes.has(CODE.SELF) || (session.role === 'client' && room.nick === nick);
  if (stanza.type === 'unavailable') {
    if (codes.has(CODE.RENAMED)) rename(room, nick, item?.attr('nick'), self);
    else onLeft(session, stanza, { address, nick, self, reason: reasonOf(stanza, x, codes) });
  } else if (stanza.type === '') {
    const real = parseJid(item?.attr('jid')) ?? (self ? session.recipient(stanza) : undefined);
    onPresent(session, stanza, { room, address, nick, self, real, created: codes.has(CODE.CREATED) });
  }
}

interface Present {
  room: Room;
  address: Jid;
  nick: string;
  self: boolean;
  real: Jid | undefined;
  created: boolean;
}

function onPresent(session: XmppSession, stanza: Stanza, who: Present): void {
  const { room, address, nick } = who;
  const before = room.occupants.has(nick);
  room.occupants.set(nick, who.real?.bare ?? room.occupants.get(nick) ?? '');
  if (!who.self) {
    if (room.entered && !before) tellRoom(session, stanza, address.bare, 'join', occupant(session, address));
    return;
  }
  if (session.role === 'client') room.nick = nick;
  if (room.entered && session.role === 'client') return;
  if (room.entered && before && room.occupants.get(nick) === who.real?.bare) return;
  room.entered = true;
  const own = who.real ?? session.own();
  if (who.created) tellRoom(session, stanza, address.bare, 'create', own);
  tellRoom(session, stanza, address.bare, 'join', own);
  const members = memberList(address.bare, room);
  session.tell(stanza, { kind: 'room', op: 'members', room: { id: address.bare }, members });
}

interface Left {
  address: Jid;
  nick: string;
  self: boolean;
  reason: string | undefined;
}

function onLeft(session: XmppSession, stanza: Stanza, who: Left): void {
  const { address, nick } = who;
  const person = who.self ? (session.own() ?? occupant(session, address)) : occupant(session, address);
  const room = session.rooms.open(address.bare);
  room.occupants.delete(nick);
  if (who.self && session.role === 'client') {
    room.entered = false;
    room.nick = undefined;
  }
  tellRoom(session, stanza, address.bare, 'leave', person, who.reason);
}

function rename(room: Room, nick: string, next: string | undefined, self: boolean): void {
  const account = room.occupants.take(nick);
  if (!next) return;
  room.occupants.set(next, account ?? '');
  if (self) room.nick = next;
}

/** Why: the room's cause with the moderator's words, or the words of who leaves. */
function reasonOf(stanza: Stanza, x: XmlElement, codes: ReadonlySet<string | undefined>): string | undefined {
  const given = x.child('item')?.childText('reason') ?? x.child('destroy')?.childText('reason');
  const words = given ?? stanza.element.childText('status');
  let cause = x.child('destroy') ? 'room destroyed' : undefined;
  for (const code of codes) cause = REASONS.get(code ?? '') ?? cause;
  return cause !== undefined && words !== undefined ? `${cause}: ${words}` : (cause ?? words);
}

function memberList(id: string, room: Room): string[] {
  const members = new Set<string>();
  for (const [nick, account] of room.occupants.entries()) {
    if (members.size < MOST_MEMBERS) members.add(account || `${id}/${nick}`);
  }
  return [...members];
}

function tellRoom(
  session: XmppSession,
  stanza: Stanza,
  id: string,
  op: string,
  who: Jid | undefined,
  reason?: string,
): void {
  const facts: Facts = { kind: 'room', op, room: { id } };
  if (who) facts.from = who.bare;
  if (reason !== undefined) facts.reason = reason;
  session.tell(stanza, facts);
}

/**
 * A change of a room's subject: `groupchat` with a subject and no body. Told as the room announces
 * it; the client's request alone where nothing of the room is in view.
 */
export function onSubject(session: XmppSession, stanza: Stanza): void {
  const subject = stanza.element.childText('subject');
  const { from, from_name, room } = roomParties(session, stanza);
  if (subject === undefined || !room) return;
  const facts: Facts = { kind: 'room', op: 'topic', room, text: subject };
  if (from !== undefined) facts.from = from;
  if (from_name !== undefined) facts.from_name = from_name;
  if (stanza.direction === TO_SERVER && session.role === 'client') session.presume(stanza, facts);
  else session.tell(stanza, facts);
}

/** An invitation: through the room (XEP-0045, 7.8.2) or directly (XEP-0249). True where it was one. */
export function onInvitation(session: XmppSession, stanza: Stanza): boolean {
  const invite = stanza.element.child('x', NS.MUC_USER)?.child('invite');
  if (invite) return onMediated(session, stanza, invite);
  const direct = stanza.element.child('x', NS.CONFERENCE);
  const room = parseJid(direct?.attr('jid'));
  if (!direct || !room) return false;
  const reason = direct.attr('reason') || direct.text();
  const { from, to } = parties(session, stanza);
  tellInvitation(session, stanza, room.bare, from, to, reason);
  return true;
}

/** The room passes an invitation on: towards it, it names the invited; from it, who invites. */
function onMediated(session: XmppSession, stanza: Stanza, invite: XmlElement): boolean {
  const invited = parseJid(invite.attr('to'));
  const inviter = parseJid(invite.attr('from'));
  const room = invited ? stanza.to : stanza.from;
  if (!room) return false;
  const from = inviter && isRoomAddress(inviter, room) ? occupant(session, inviter) : inviter;
  const { from: sender, to } = parties(session, stanza);
  const who = invited ? sender : from?.bare;
  tellInvitation(session, stanza, room.bare, who, invited ? [invited.bare] : to, invite.childText('reason'));
  return true;
}

function isRoomAddress(jid: Jid, room: Jid): boolean {
  return jid.bare === room.bare && fullJid(jid) !== room.bare;
}

function tellInvitation(
  session: XmppSession,
  stanza: Stanza,
  id: string,
  from: string | undefined,
  to: string[] | undefined,
  reason: string | undefined,
): void {
  const facts: Facts = { kind: 'room', op: 'invite', room: { id } };
  if (from !== undefined) facts.from = from;
  if (to) facts.to = to;
  if (reason) facts.reason = reason;
  session.tell(stanza, facts);
}
