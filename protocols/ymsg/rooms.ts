/** Conferences (a handful of people, 18 to 1D) and chat rooms (96 to A8). */
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction, ImFacts } from '../../src/sdk/index.ts';
import { addText } from './message.ts';
import { KEY, SERVICE, STATUS } from './numbers.ts';
import type { Handlers, Session } from './session.ts';
import { plainText } from './text.ts';
import type { Packet } from './wire.ts';

type Room = NonNullable<ImFacts['room']>;

function roomOf(packet: Packet, key: number): Room | undefined {
  const id = packet.text(key)?.trim();
  return id === undefined || id === '' ? undefined : { id };
}

/** Each id once, without those of `but`. */
function unique(ids: readonly (string | undefined)[], but?: string): string[] {
  const all = new Set<string>();
  for (const id of ids) if (id !== undefined && id !== but) all.add(id);
  return [...all];
}

/**
 * 18 and 1C up: {1 us, 57 room, 58 text, 51 or 52 whom, 53 members}. Down: {1 us, 50 who invites,
 * 57, 58, 52 and 53 who else}; with status 11 or 2 it tells of somebody else's invitation (51).
 */
function onInvite(session: Session, packet: Packet, direction: Direction): void {
  const room = roomOf(packet, KEY.CONFERENCE);
  if (!room) return;
  const text = plainText(packet.text(KEY.INVITE_TEXT) ?? '');
  const invitees = session.ids(packet, direction, KEY.INVITEE);
  const invited = session.ids(packet, direction, KEY.INVITED);
  const members = session.ids(packet, direction, KEY.MEMBER);
  if (direction === TO_SERVER) {
    const from = session.self(packet);
    const whom = packet.service === SERVICE.CONFINVITE ? unique([...invitees, ...invited]) : invitees;
    const rest = packet.service === SERVICE.CONFINVITE ? members : unique([...members, ...invited]);
    session.tell(packet, direction, 'room', { room, op: 'invite', from, to: whom, members: rest, text });
    return;
  }
  const from = packet.id(KEY.INVITER);
  const us = packet.id(KEY.ACTIVE_ID) ?? session.account;
  const others = unique([from, ...members, ...invited], us);
  const to = invitees.length > 0 ? invitees : unique([us]);
  session.tell(packet, direction, 'room', { room, op: 'invite', from, to, members: others, text });
}

/** 19 up: {1 us, 57 room, 3 members}; whoever enters a room of his own name alone makes it. Down: {53 who}. */
function onEnter(session: Session, packet: Packet, direction: Direction): void {
  const room = roomOf(packet, KEY.CONFERENCE);
  if (!room) return;
  if (direction === TO_CLIENT) {
    const from = packet.id(KEY.MEMBER);
    if (from !== undefined) session.tell(packet, direction, 'room', { room, op: 'join', from });
    return;
  }
  const from = session.self(packet);
  const members = unique(session.ids(packet, direction, KEY.CURRENT_ID), from);
  const makes = from !== undefined && members.length === 0 && room.id.toLowerCase().startsWith(`${from}-`);
  session.tell(packet, direction, 'room', { room, op: makes ? 'create' : 'join', from, members });
}

/** 1A up: {1 us, 57 room, 14 why}. Down: {54 who}. */
function onDecline(session: Session, packet: Packet, direction: Direction): void {
  const room = roomOf(packet, KEY.CONFERENCE);
  const from = direction === TO_SERVER ? session.self(packet) : packet.id(KEY.DECLINER);
  if (!room || from === undefined) return;
  const text = packet.text(KEY.TEXT);
  session.tell(packet, direction, 'notice', { room, from, text, code: 'conference-declined' });
}

/** 1B up: {1 us, 57 room, 3 members}. Down: {56 who}. */
function onExit(session: Session, packet: Packet, direction: Direction): void {
  const room = roomOf(packet, KEY.CONFERENCE);
  const from = direction === TO_SERVER ? session.self(packet) : packet.id(KEY.LEAVER);
  if (room && from !== undefined) session.tell(packet, direction, 'room', { room, op: 'leave', from });
}

/** 1D up: {1 us, 53 members, 57 room, 14 text}. Down: {3 who}. */
function onConferenceMessage(session: Session, packet: Packet, direction: Direction): void {
  const up = direction === TO_SERVER;
  tellMessage(session, packet, direction, {
    room: roomOf(packet, KEY.CONFERENCE),
    pair: packet.find(KEY.TEXT),
    from: up ? session.self(packet) : packet.id(KEY.CURRENT_ID),
    to: up ? session.ids(packet, direction, KEY.MEMBER) : [],
  });
}

/** A8 up: {1 us, 104 room, 117 text}. Down: {109 who}. */
function onComment(session: Session, packet: Packet, direction: Direction): void {
  tellMessage(session, packet, direction, {
    room: roomOf(packet, KEY.ROOM),
    pair: packet.find(KEY.CHAT_TEXT),
    from: direction === TO_SERVER ? session.self(packet) : packet.id(KEY.CHAT_USER),
    to: [],
    state: MANNER[packet.word(KEY.TEXT_TYPE) ?? ''],
  });
}

/** Key 124 of what is said in a chat room, where it is more than said. */
const MANNER: Readonly<Record<string, string>> = { '2': 'emote', '3': 'thought' };

interface Said {
  room: Room | undefined;
  /** The pair of the text, or −1. */
  pair: number;
  from: string | undefined;
  to: string[];
  /** In what manner, where that is told. */
  state?: string | undefined;
}

function tellMessage(session: Session, packet: Packet, direction: Direction, said: Said): void {
  const { room, pair, from, to, state } = said;
  const facts = session.facts('message');
  if (!room || pair < 0 || !addText(facts, packet, pair)) return;
  facts.room = room;
  if (from !== undefined) facts.from = from;
  if (to.length > 0) facts.to = to;
  facts.sent = direction === TO_SERVER;
  if (state !== undefined) facts.state = state;
  session.emit(packet, direction, facts);
}

/** 98 up: {1 us, 104 room}. Down: {104 room, 105 topic, 109 who (repeated)}: one is a newcomer, several are all. */
function onJoin(session: Session, packet: Packet, direction: Direction): void {
  const room = roomOf(packet, KEY.ROOM);
  if (direction === TO_SERVER) {
    if (!room) return;
    if (session.rooms.size < MAX_ROOMS) session.rooms.add(room.id);
    session.tell(packet, direction, 'room', { room, op: 'join', from: session.self(packet) });
    return;
  }
  if (packet.status === STATUS.DISCONNECTED) {
    const code = packet.number(KEY.ERROR_114);
    session.tell(packet, direction, 'notice', {
      room,
      code: `room-refused${code === undefined ? '' : ` ${code}`}`,
    });
    return;
  }
  if (!room) return;
  const members = session.ids(packet, direction, KEY.CHAT_USER);
  const [first] = members;
  if (members.length === 1 && first !== session.account) {
    session.tell(packet, direction, 'room', { room, op: 'join', from: first });
  } else if (first !== undefined) {
    session.tell(packet, direction, 'room', { room, op: 'members', members });
  }
  const text = packet.text(KEY.TOPIC);
  if (text !== undefined) session.tell(packet, direction, 'room', { room, op: 'topic', text });
}

/** Chat rooms that are remembered, for who leaves them all at once. */
const MAX_ROOMS = 16;

/** 99 and 9B: {104 room, 109 who}; without a room, as A0, the client leaves all that it is in. */
function onLeave(session: Session, packet: Packet, direction: Direction): void {
  const room = roomOf(packet, KEY.ROOM);
  if (!room && direction === TO_SERVER) {
    const from = session.self(packet);
    for (const id of session.rooms)
      session.tell(packet, direction, 'room', { room: { id }, op: 'leave', from });
    session.rooms.clear();
    return;
  }
  if (room && direction === TO_SERVER) session.rooms.delete(room.id);
  const from = packet.id(KEY.CHAT_USER) ?? (direction === TO_SERVER ? session.self(packet) : undefined);
  if (room && from !== undefined) session.tell(packet, direction, 'room', { room, op: 'leave', from });
}

/** 97 up: {109 whom}: goes to the room that somebody is in, which the answer (98) names. */
function onGoto(session: Session, packet: Packet, direction: Direction): void {
  const whom = packet.id(KEY.CHAT_USER);
  if (direction !== TO_SERVER || whom === undefined) return;
  session.tell(packet, direction, 'search', { query: `room of ${whom}` });
}

/** 9D and 0C up: {1 us, 118 whom, 104 room, 117 text}. Down: {119 who}. */
function onChatInvite(session: Session, packet: Packet, direction: Direction): void {
  const room = roomOf(packet, KEY.ROOM);
  const from = direction === TO_SERVER ? session.self(packet) : packet.id(KEY.CHAT_INVITER);
  if (!room || from === undefined) return;
  const to = session.ids(packet, direction, KEY.CHAT_INVITEE);
  const text = packet.text(KEY.CHAT_TEXT);
  session.tell(packet, direction, 'room', { room, op: 'invite', from, to, text });
}

export const roomHandlers: Handlers = {
  [SERVICE.CONFINVITE]: onInvite,
  [SERVICE.CONFADDINVITE]: onInvite,
  [SERVICE.CONFLOGON]: onEnter,
  [SERVICE.CONFDECLINE]: onDecline,
  [SERVICE.CONFLOGOFF]: onExit,
  [SERVICE.CONFMSG]: onConferenceMessage,
  [SERVICE.COMMENT]: onComment,
  [SERVICE.CHATJOIN]: onJoin,
  [SERVICE.CHATLEAVE]: onLeave,
  [SERVICE.CHATEXIT]: onLeave,
  [SERVICE.CHATLOGOUT]: onLeave,
  [SERVICE.CHATGOTO]: onGoto,
  [SERVICE.CHATADDINVITE]: onChatInvite,
  [SERVICE.CHATINVITE]: onChatInvite,
};
