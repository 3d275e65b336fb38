import type { Cursor } from '../../src/sdk/index.ts';
import { setText } from './body.ts';
import type { Conn, Facts, Handlers } from './conn.ts';
import { recogniseCapabilities, recogniseDirectInfo, tellAddresses } from './identity.ts';
import { inspectName, inspectText } from './inspect.ts';
import { KNOWN } from './known.ts';
import { LOCATE_TLV, SNAC, USER_TLV } from './numbers.ts';
import { charsetByName, decodeText } from './text.ts';
import { normalise, readTLVs, readUserInfo, readUserInfos } from './tlv.ts';
import type { TLVs, UserInfo } from './tlv.ts';

/** Who is there and how: contacts' arrivals and departures, the own status, away texts, profiles. */

const CLASS_AWAY = 0x0020;

/** Low half of the ICQ status word, the bits that say most first. */
const ICQ_STATUS: readonly (readonly [bit: number, show: string])[] = [
  [0x0100, 'invisible'],
  [0x0002, 'dnd'],
  [0x0010, 'occupied'],
  [0x0004, 'na'],
  [0x0001, 'away'],
  [0x0020, 'chat'],
];

function showOf(word: number): string {
  return ICQ_STATUS.find(([bit]) => (word & bit) !== 0)?.[1] ?? 'online';
}

function showOfUser(info: UserInfo): string {
  const show = showOf(info.tlvs.u32(USER_TLV.STATUS) ?? 0);
  const away = ((info.tlvs.u16(USER_TLV.CLASS) ?? 0) & CLASS_AWAY) !== 0;
  if (show !== 'online') return show;
  return away ? 'away' : (info.tlvs.u16(USER_TLV.IDLE) ?? 0) > 0 ? 'idle' : show;
}

const BART_STATUS_TEXT = 0x0002;

/** TLV 1D: items of type u16, flags u8, length u8. A status text is its own bytes: length u16, text. */
function statusText(tlvs: TLVs): string | undefined {
  const value = tlvs.value(USER_TLV.BART);
  while (value.has(4)) {
    const type = value.u16();
    value.skip(1);
    const item = value.sub(value.u8());
    if (type !== BART_STATUS_TEXT || item.left < 2) continue;
    const text = item.utf8(item.u16());
    return item.ok && text !== '' ? text : undefined;
  }
  return undefined;
}

/** Tells a presence where it differs from the last one told of this person. */
function tellPresence(conn: Conn, who: string, facts: Facts, show: string, text?: string): void {
  const state = text === undefined ? show : `${show} ${text}`;
  if (conn.shown.get(who) === state) return;
  conn.shown.set(who, state);
  facts.status = text === undefined ? { show } : { show, text };
  conn.tell(facts, who);
}

/** 03/0B: user-info blocks. */
function onArrived(conn: Conn, body: Cursor): void {
  for (const info of readUserInfos(body)) {
    const facts = conn.between({ kind: 'presence' }, info.name, false);
    const nick = info.tlvs.text(USER_TLV.NICK);
    if (nick !== undefined) facts.from_name = nick;
    conn.check(info.tlvs, KNOWN.USER);
    inspectName(conn, info.name);
    tellPresence(conn, normalise(info.name), facts, showOfUser(info), statusText(info.tlvs));
    tellAddresses(conn, info.tlvs, info.name, false);
  }
}

/** 03/0C: user-info blocks, of which only the names matter. */
function onDeparted(conn: Conn, body: Cursor): void {
  for (const { name } of readUserInfos(body)) {
    tellPresence(conn, normalise(name), conn.between({ kind: 'presence' }, name, false), 'offline');
  }
}

/** Key of the own presence: no name has a space after normalising. */
const OWN = ' own';

function tellOwn(conn: Conn, show: string, text?: string): void {
  const facts: Facts = { kind: 'presence', sent: true };
  if (conn.account !== '') facts.from = conn.account;
  tellPresence(conn, OWN, facts, show, text);
}

/** 01/1E: TLV 6 status word, 0C DC info, 1D status text. What it does not say stays as it was. */
function onSetStatus(conn: Conn, body: Cursor): void {
  const tlvs = readTLVs(body);
  if (!body.ok) return;
  conn.check(tlvs, KNOWN.USER);
  recogniseDirectInfo(conn, tlvs);
  tellAddresses(conn, tlvs, conn.account, true);
  const word = tlvs.u32(USER_TLV.STATUS);
  if (word !== undefined) conn.ownShow = showOf(word & 0xffff);
  const text = statusText(tlvs);
  if (word !== undefined || text !== undefined) tellOwn(conn, conn.ownShow, text);
}

/** 01/11: seconds idle u32; 0 when back. */
function onIdle(conn: Conn, body: Cursor): void {
  const seconds = body.u32();
  if (body.ok && seconds > 0) tellOwn(conn, 'idle');
}

/** 02/04: profile, away text (empty: back), capabilities. */
function onSetInfo(conn: Conn, body: Cursor): void {
  const tlvs = readTLVs(body);
  if (!body.ok) return;
  const profile = readText(conn, tlvs, LOCATE_TLV.PROFILE_TYPE, LOCATE_TLV.PROFILE);
  if (profile !== undefined) {
    const facts: Facts = { kind: 'profile', sent: true, profile: { text: profile } };
    if (conn.account !== '') facts.from = conn.account;
    conn.tell(facts);
  }
  const away = readText(conn, tlvs, LOCATE_TLV.AWAY_TYPE, LOCATE_TLV.AWAY);
  if (away !== undefined) tellOwn(conn, 'away', away);
  else if (tlvs.has(LOCATE_TLV.AWAY)) tellOwn(conn, 'online');
  conn.check(tlvs, KNOWN.LOCATE);
  recogniseCapabilities(conn, tlvs.value(LOCATE_TLV.CAPABILITIES));
}

/** 02/06: user info, then profile and away text as asked for. */
function onUserInfo(conn: Conn, body: Cursor): void {
  const info = readUserInfo(body);
  const tlvs = readTLVs(body);
  if (!body.ok) return;
  const text = readText(conn, tlvs, LOCATE_TLV.PROFILE_TYPE, LOCATE_TLV.PROFILE);
  const away = readText(conn, tlvs, LOCATE_TLV.AWAY_TYPE, LOCATE_TLV.AWAY);
  if (text === undefined && away === undefined) return;
  const facts = conn.between({ kind: 'profile' }, info.name, false);
  facts.profile = { ...(text === undefined ? {} : { text }), ...(away === undefined ? {} : { away }) };
  conn.tell(facts, normalise(info.name));
}

/** HTML under a MIME type that names the charset, as plain text; undefined where empty. */
function readText(conn: Conn, tlvs: TLVs, type: number, text: number): string | undefined {
  const value = tlvs.value(text);
  if (value.left === 0) return undefined;
  const charset = charsetByName(tlvs.text(type) ?? '');
  const facts: Facts = { kind: 'profile' };
  const raw = decodeText(value.bytes, value.pos, value.end, charset, conn.codePage).text;
  inspectText(conn, raw);
  setText(facts, raw, 'always');
  return facts.text;
}

export const PRESENCE_HANDLERS: Handlers = [
  [SNAC.BUDDY_ARRIVED, 'server', onArrived],
  [SNAC.BUDDY_DEPARTED, 'server', onDeparted],
  [SNAC.OSERVICE_SET_STATUS, 'client', onSetStatus],
  [SNAC.OSERVICE_IDLE, 'client', onIdle],
  [SNAC.LOCATE_SET_INFO, 'client', onSetInfo],
  [SNAC.LOCATE_USER_INFO, 'server', onUserInfo],
];
