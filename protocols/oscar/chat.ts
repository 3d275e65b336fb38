import { TO_SERVER } from '../../src/sdk/index.ts';
import type { Cursor } from '../../src/sdk/index.ts';
import { setText } from './body.ts';
import type { ChatRoom, Conn, Facts, Handlers, SnacHeader } from './conn.ts';
import { inspectText } from './inspect.ts';
import { KNOWN } from './known.ts';
import { setMessageId } from './envelope.ts';
import { CHAT_NAV_TLV, CHAT_TEXT_TLV, CHAT_TLV, ROOM_TLV, SNAC } from './numbers.ts';
import { roomOf } from './rendezvous.ts';
import { charsetByName, decodeText } from './text.ts';
import { cleanName, decodeName, normalise, readTLVs, readUserInfo, readUserInfos } from './tlv.ts';
import type { TLVs } from './tlv.ts';
import { hex } from './wire.ts';

/** Chat rooms: made over chat navigation (0D); each has a connection of its own (0E). */

/**
 * Exchange u16, room cookie (length u8), instance u16, detail u8, TLV count u16, TLVs. Also returns when
 * the room was made, in seconds since 1970 (0 where not told).
 */
function readRoom(body: Cursor): { room: ChatRoom; made: number } | undefined {
  body.skip(2);
  const id = cleanName(body.utf8(body.u8()));
  body.skip(3);
  const tlvs = readTLVs(body, body.u16());
  if (!body.ok || id === '') return undefined;
  const name = tlvs.text(ROOM_TLV.NAME) ?? tlvs.text(ROOM_TLV.FULL_NAME);
  const room = name === undefined ? roomOf(id) : { id, name };
  return { room, made: tlvs.u32(ROOM_TLV.CREATED) ?? 0 };
}

/** A room that is no older than this was made by who asked for it. */
const FRESH_SECONDS = 10;

/** 0D/09: TLV 4 is the room asked for, made for it or found: its age tells which. */
function onNavInfo(conn: Conn, body: Cursor): void {
  const tlvs = readTLVs(body);
  if (!body.ok || !tlvs.has(CHAT_NAV_TLV.ROOM)) return;
  const found = readRoom(tlvs.value(CHAT_NAV_TLV.ROOM));
  if (!found || Math.abs(conn.flow.seconds() - found.made) > FRESH_SECONDS) return;
  conn.tell({ kind: 'room', op: 'create', room: found.room });
}

/** 0E/02: the room of this connection: the client is in it now. */
function onRoomInfo(conn: Conn, body: Cursor): void {
  const found = readRoom(body);
  if (!found) return;
  conn.room = found.room;
  if (conn.inRoom) return;
  conn.inRoom = true;
  tellRoom(conn, 'join', {});
  const members = conn.earlyMembers;
  if (members && members.length > 0) tellMembers(conn, members);
}

function tellRoom(conn: Conn, op: string, more: Partial<Facts>): void {
  const facts: Facts = { kind: 'room', op, room: conn.roomOrUnnamed, ...more };
  if (facts.from === undefined && conn.account !== '' && op !== 'members') facts.from = conn.account;
  conn.tell(facts);
}

function tellMembers(conn: Conn, members: string[]): void {
  conn.earlyMembers = undefined;
  tellRoom(conn, 'members', { members });
}

/**
 * 0E/03: user-info blocks. The first are those who are there already; servers send them before or
 * after the room's name.
 */
function onJoined(conn: Conn, body: Cursor): void {
  const names = readUserInfos(body).map((info) => info.name);
  if (names.length === 0) return;
  if (conn.earlyMembers?.length === 0 && !conn.flow.midstream) {
    const members = names.map(normalise);
    if (conn.room) tellMembers(conn, members);
    else conn.earlyMembers = members;
    return;
  }
  for (const name of names) tellOther(conn, 'join', name);
}

/** 0E/04: user-info blocks. */
function onLeft(conn: Conn, body: Cursor): void {
  for (const { name } of readUserInfos(body)) tellOther(conn, 'leave', name);
}

function tellOther(conn: Conn, op: string, name: string): void {
  const from = normalise(name);
  tellRoom(conn, op, name === from ? { from } : { from, from_name: name });
}

/**
 * 0E/05: cookie, channel u16, TLVs. It comes back as 0E/06, which names the sender: while nobody knows who
 * the client is, the line waits for that (but not for ever: the other direction may not be captured).
 */
function onSend(conn: Conn, body: Cursor, header: SnacHeader): void {
  const line = readLine(conn, body);
  if (!line) return;
  const { facts, tlvs } = line;
  const key = `${line.cookie} ${header.requestId}`;
  facts.sent = true;
  const whisper = tlvs.value(CHAT_TLV.WHISPER_TO);
  const to = normalise(decodeName(whisper.bytes, whisper.pos, whisper.end));
  if (to !== '') {
    facts.to = [to];
    facts.private = true;
  }
  const waiting = flushLine(conn);
  if (conn.account === '' && !waiting) {
    conn.line = { key, facts, offset: conn.offset };
    return;
  }
  conn.reflections.set(key, true);
  tellLine(conn, facts, conn.account, conn.display);
}

/** Tells a line that waited in vain; true where there was one. */
export function flushLine(conn: Conn): boolean {
  const { line, direction, offset } = conn;
  if (!line) return false;
  conn.line = undefined;
  conn.reflections.set(line.key, true);
  conn.direction = TO_SERVER;
  conn.offset = line.offset;
  tellLine(conn, line.facts, conn.account, conn.display);
  conn.direction = direction;
  conn.offset = offset;
  return true;
}

function tellLine(conn: Conn, facts: Facts, from: string, name: string): void {
  if (from !== '') facts.from = from;
  if (name !== from) facts.from_name = name;
  conn.tell(facts, from);
}

/**
 * 0E/06: as 0E/05, with the sender's user info in TLV 3. The sender's own copy has the cookie and the request
 * id of the line sent.
 */
function onReceive(conn: Conn, body: Cursor, header: SnacHeader): void {
  const line = readLine(conn, body);
  const sender = line?.tlvs.value(CHAT_TLV.SENDER);
  if (!line || !sender || sender.left === 0) return;
  const { name } = readUserInfo(sender);
  if (!sender.ok) return;
  const key = `${line.cookie} ${header.requestId}`;
  const own = conn.line?.key === key;
  if (own) conn.line = undefined;
  if (own || conn.reflections.get(key)) conn.learn(name);
  if (conn.reflections.take(key)) return;
  const from = normalise(name);
  line.facts.sent = own || from === conn.account;
  if (!line.tlvs.has(CHAT_TLV.PUBLIC)) setWhisper(conn, line.facts, line.tlvs);
  tellLine(conn, line.facts, from, name);
}

/** What only one member reads: who it is stands in TLV 2, else it is the one on this connection. */
function setWhisper(conn: Conn, facts: Facts, tlvs: TLVs): void {
  const value = tlvs.value(CHAT_TLV.WHISPER_TO);
  const named = normalise(decodeName(value.bytes, value.pos, value.end));
  const to = named === '' && facts.sent !== true ? conn.account : named;
  facts.private = true;
  if (to !== '') facts.to = [to];
}

interface Line {
  facts: Facts;
  cookie: string;
  tlvs: TLVs;
}

function readLine(conn: Conn, body: Cursor): Line | undefined {
  const cookie = hex(body.take(8));
  body.skip(2);
  const tlvs = readTLVs(body);
  const info = tlvs.value(CHAT_TLV.MESSAGE);
  const parts = readTLVs(info);
  if (!body.ok || !info.ok) return undefined;
  const value = parts.value(CHAT_TEXT_TLV.TEXT);
  const charset = charsetByName(parts.text(CHAT_TEXT_TLV.CHARSET) ?? '');
  conn.check(tlvs, KNOWN.CHAT);
  const { text, mislabelled } = decodeText(value.bytes, value.pos, value.end, charset, conn.codePage);
  inspectText(conn, text);
  if (mislabelled) conn.anomaly('oscar_charset_mislabelled');
  const facts: Facts = { kind: 'message', room: conn.roomOrUnnamed };
  setMessageId(facts, cookie);
  return setText(facts, text, 'always') ? { facts, cookie, tlvs } : undefined;
}

/** The end of a room's connection: the client left. */
export function leaveRoom(conn: Conn): void {
  if (conn.inRoom) tellRoom(conn, 'leave', {});
  conn.inRoom = false;
}

export const CHAT_HANDLERS: Handlers = [
  [SNAC.CHAT_NAV_INFO, 'server', onNavInfo],
  [SNAC.CHAT_ROOM_INFO, 'server', onRoomInfo],
  [SNAC.CHAT_JOINED, 'server', onJoined],
  [SNAC.CHAT_LEFT, 'server', onLeft],
  [SNAC.CHAT_SEND, 'client', onSend],
  [SNAC.CHAT_RECEIVE, 'server', onReceive],
];
