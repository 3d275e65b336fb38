import { TO_SERVER } from '../../src/sdk/index.ts';
import type { ImFacts } from '../../src/sdk/index.ts';
import { fullJid } from './jid.ts';
import type { Jid } from './jid.ts';
import type { Stanza, XmppSession } from './session.ts';

/** Who speaks to whom, as facts. */
export type Parties = Pick<ImFacts, 'from' | 'to' | 'from_resource' | 'from_name' | 'room' | 'private'>;

/** The parties of a stanza between people. */
export function parties(session: XmppSession, stanza: Stanza): Parties {
  const out: Parties = {};
  const sender = session.sender(stanza);
  const recipient = session.recipient(stanza);
  if (sender) out.from = sender.bare;
  if (sender?.resource !== undefined) out.from_resource = sender.resource;
  if (recipient) out.to = [recipient.bare];
  return out;
}

/** The parties of what is said to a whole room; `nick` of who says it, where the room tells it on. */
export function roomParties(session: XmppSession, stanza: Stanza): Parties {
  const sent = towardsRoom(session, stanza);
  const room = sent ? stanza.to : stanza.from;
  if (!room) return parties(session, stanza);
  const out: Parties = { room: { id: room.bare }, to: [room.bare] };
  // What the room says itself comes from its bare address.
  const sender = sent ? session.sender(stanza) : (occupant(session, room) ?? room);
  if (sender) out.from = sender.bare;
  const nick = sent ? session.rooms.find(room.bare)?.nick : room.resource;
  if (nick !== undefined) out.from_name = nick;
  if (sender?.resource !== undefined) out.from_resource = sender.resource;
  return out;
}

/** The parties of a private message between two occupants of a room. */
export function privateParties(session: XmppSession, stanza: Stanza): Parties {
  const sent = stanza.to !== undefined && isOccupant(session, stanza.to);
  const room = sent ? stanza.to : stanza.from;
  if (!room) return parties(session, stanza);
  const other = occupant(session, room);
  const own = sent ? session.sender(stanza) : session.recipient(stanza);
  const out: Parties = { room: { id: room.bare }, private: true };
  const from = sent ? own : other;
  const to = sent ? other : own;
  if (from) out.from = from.bare;
  if (to) out.to = [to.bare];
  if (!sent && room.resource !== undefined) out.from_name = room.resource;
  return out;
}

/** True where a stanza of type `groupchat` goes to the room, whose own have the resource of a member as their `to`. */
export function towardsRoom(session: XmppSession, stanza: Stanza): boolean {
  if (session.role === 'client') return stanza.direction === TO_SERVER;
  return stanza.to !== undefined && stanza.to.resource === undefined;
}

/** True for an address inside a room that this connection knows. */
export function isOccupant(session: XmppSession, jid: Jid | undefined): boolean {
  return jid?.resource !== undefined && session.rooms.find(jid.bare) !== undefined;
}

/** Who is behind `room/nick`: the real account where it is known, else the address in the room. */
export function occupant(session: XmppSession, address: Jid): Jid | undefined {
  if (address.resource === undefined) return undefined;
  const account = session.rooms.accountOf(address.bare, address.resource, session.account);
  if (account !== undefined) return { bare: account, domain: account.slice(account.indexOf('@') + 1) };
  return { bare: fullJid(address), domain: address.domain };
}
