import { formatTime, htmlToText } from '../../src/sdk/index.ts';
import type { Cursor } from '../../src/sdk/index.ts';
import { setText } from './body.ts';
import type { Conn, Facts, Handlers } from './conn.ts';
import { tellProfile } from './directory.ts';
import type { Envelope } from './envelope.ts';
import { decodeFields, tellICQMessage } from './icq-message.ts';
import { ICQ_META, ICQ_REPLY, ICQ_REQUEST, ICQ_SEARCH_TLV, SNAC } from './numbers.ts';
import { element } from './plugin.ts';
import { cleanName, decodeName, readTLVs } from './tlv.ts';

/** Family 15: what ICQ keeps at the server: stored messages, personal data, searches, SMS. Little-endian. */

const TLV_DATA = 0x01;

/** What asks, by meta subtype. */
type MetaRequest = (conn: Conn, data: Cursor, sequence: number) => void;
/** What answers, by meta subtype; the profile it tells. */
type MetaReply = (data: Cursor) => Record<string, unknown>;

/** TLV 1: length u16le, own UIN u32le, request u16le, sequence u16le. */
function readHead(body: Cursor): { data: Cursor; uin: string; type: number; sequence: number } {
  const value = readTLVs(body).value(TLV_DATA);
  const data = value.sub(value.u16le());
  const uin = String(data.u32le());
  return { data, uin, type: data.u16le(), sequence: data.u16le() };
}

/** 15/02. */
function onRequest(conn: Conn, body: Cursor): void {
  const { data, uin, type, sequence } = readHead(body);
  if (!body.ok || !data.ok) return;
  if (conn.account === '') conn.learn(uin);
  if (type !== ICQ_REQUEST.META) return;
  const read = META_REQUESTS.get(data.u16le());
  if (data.ok) read?.(conn, data, sequence);
}

/** 15/03. */
function onReply(conn: Conn, body: Cursor): void {
  const { data, uin, type, sequence } = readHead(body);
  if (!body.ok || !data.ok) return;
  if (conn.account === '') conn.learn(uin);
  if (type === ICQ_REPLY.STORED_MESSAGE) onStoredMessage(conn, data);
  else if (type === ICQ_REPLY.META) onMetaReply(conn, data, sequence);
}

/** Sender u32le, year u16le, month, day, hour, minute u8, type u8, flags u8, text (length u16le). */
function onStoredMessage(conn: Conn, data: Cursor): void {
  const name = String(data.u32le());
  const year = data.u16le();
  const parts = [data.u8(), data.u8(), data.u8(), data.u8()] as const;
  const type = data.u8();
  const flags = data.u8();
  const text = data.sub(data.u16le());
  if (!data.ok) return;
  const [month, day, hour, minute] = parts;
  const time = Date.UTC(year, month - 1, day, hour, minute) / 1000;
  const more: Partial<Facts> = { offline: true };
  if (time >= 0 && time <= 0xffff_ffff) more.original_time = formatTime(time, 0);
  const envelope: Envelope = { cookie: '0'.repeat(16), channel: 4, name, sent: false, tlvs: readTLVs(data) };
  tellICQMessage(
    conn,
    envelope,
    { type, flags, raw: decodeFields(text.bytes, text.pos, text.end, conn.codePage) },
    more,
  );
}

/** A string of ICQ: length u16le with its final zero. */
function readLNTS(data: Cursor): string {
  const length = data.u16le();
  const start = data.pos;
  data.skip(length);
  return data.ok ? decodeName(data.bytes, start, start + length) : '';
}

/** Reads these strings in order; an empty name skips one. */
function readStrings(data: Cursor, names: readonly string[]): Record<string, unknown> {
  const profile: Record<string, unknown> = {};
  for (const name of names) {
    const text = readLNTS(data);
    if (name !== '' && text !== '') profile[name] = text;
  }
  return profile;
}

function tellSearch(conn: Conn, query: string): void {
  if (query !== '') conn.tell({ kind: 'search', query }, conn.account);
}

/** UIN u32le whose data is wanted: the answer does not say whose it is. */
function rememberUIN(conn: Conn, data: Cursor, sequence: number): string {
  const uin = String(data.u32le());
  if (!data.ok) return '';
  conn.asked.set(`meta ${sequence}`, uin);
  return uin;
}

/** TLVs, all little-endian: type u16, length u16, value. */
function readTLV(data: Cursor): { type: number; value: Cursor } {
  const type = data.u16le();
  return { type, value: data.sub(data.u16le()) };
}

function searchByTLV(conn: Conn, data: Cursor): void {
  const parts: string[] = [];
  while (data.has(4)) {
    const { type, value } = readTLV(data);
    const text = type === ICQ_SEARCH_TLV.UIN ? String(value.u32le()) : value.left > 2 ? readLNTS(value) : '';
    if (data.ok && value.ok && text !== '') parts.push(text);
  }
  if (data.ok) tellSearch(conn, parts.join(', '));
}

function searchByStrings(count: number): MetaRequest {
  return (conn, data) => {
    const parts: string[] = [];
    for (let i = 0; i < count; i++) parts.push(readLNTS(data));
    if (data.ok) tellSearch(conn, parts.filter((part) => part !== '').join(' '));
  };
}

const SMS_LIMIT = 4096;

/** SMS through ICQ: an XML text with `<destination>` and `<text>` somewhere behind two unknown fields. */
function onSendSMS(conn: Conn, data: Cursor): void {
  const xml = data.utf8(Math.min(data.left, SMS_LIMIT));
  const to = cleanName(element(xml, 'destination'));
  const facts: Facts = { kind: 'message', sent: true, to: [to] };
  if (conn.account !== '') facts.from = conn.account;
  if (to !== '' && setText(facts, htmlToText(element(xml, 'text')), 'never')) conn.tell(facts, conn.account);
}

const BASIC = [
  'nick',
  'first_name',
  'last_name',
  'email',
  'city',
  'state',
  'phone',
  'fax',
  'address',
  'cell_phone',
  'zip',
];

/** Strings of the own entry, in order. */
function setStrings(names: readonly string[]): MetaRequest {
  return (conn, data) => {
    const profile = readStrings(data, names);
    if (data.ok) tellProfile(conn, conn.account, profile);
  };
}

/** Little-endian TLVs of the own entry, by the names of a profile. */
const OWN_ENTRY: ReadonlyMap<number, string> = new Map([
  [0x0140, 'first_name'],
  [0x014a, 'last_name'],
  [0x0154, 'nick'],
  [0x015e, 'email'],
  [0x0190, 'city'],
  [0x019a, 'state'],
  [0x01ae, 'company'],
  [0x01b8, 'department'],
  [0x01c2, 'position'],
  [0x0213, 'homepage'],
  [0x0258, 'about'],
  [0x0262, 'address'],
  [0x026c, 'zip'],
  [0x0276, 'phone'],
  [0x0280, 'fax'],
  [0x028a, 'cell_phone'],
  [0x0294, 'work_address'],
  [0x029e, 'work_city'],
  [0x02a8, 'work_state'],
  [0x02c6, 'work_phone'],
  [0x02d0, 'work_fax'],
  [0x02da, 'work_homepage'],
]);

/** 0C3A: the own entry as TLVs; of strings there is a length inside, too. */
function onSetInfo(conn: Conn, data: Cursor): void {
  const profile: Record<string, unknown> = {};
  while (data.has(4)) {
    const { type, value } = readTLV(data);
    const name = OWN_ENTRY.get(type);
    const text = name !== undefined && data.ok ? readLNTS(value) : '';
    if (name !== undefined && text !== '') profile[name] = text;
  }
  if (data.ok) tellProfile(conn, conn.account, profile);
}

/** The new password (or, to leave, the present one) in clear. */
function accountChange(op: string): MetaRequest {
  return (conn) => {
    const auth = { mechanism: 'clear', result: 'unknown', exposed: 'password' } as const;
    const facts: Facts = { kind: 'account', op, auth };
    if (conn.account !== '') facts.from = conn.account;
    conn.tell(facts, conn.account);
  };
}

const META_REQUESTS: ReadonlyMap<number, MetaRequest> = new Map<number, MetaRequest>([
  [ICQ_META.SET_PASSWORD, accountChange('change-password')],
  [ICQ_META.UNREGISTER, accountChange('delete')],
  [ICQ_META.SHORT_INFO, (conn, data, sequence) => void rememberUIN(conn, data, sequence)],
  [ICQ_META.FULL_INFO, (conn, data, sequence) => tellSearch(conn, rememberUIN(conn, data, sequence))],
  [ICQ_META.FULL_INFO_2, (conn, data, sequence) => tellSearch(conn, rememberUIN(conn, data, sequence))],
  [ICQ_META.SEARCH_BY_NAMES, searchByStrings(3)],
  [ICQ_META.SEARCH_BY_UIN, (conn, data, sequence) => tellSearch(conn, rememberUIN(conn, data, sequence))],
  [ICQ_META.SEARCH_BY_EMAIL, searchByStrings(1)],
  [ICQ_META.WHITE_PAGES, searchByTLV],
  [ICQ_META.SEARCH_BY_UIN_TLV, searchByTLV],
  [ICQ_META.SEARCH_BY_EMAIL_TLV, searchByTLV],
  [ICQ_META.SET_BASIC, setStrings(BASIC)],
  [ICQ_META.SET_ABOUT, setStrings(['about'])],
  [ICQ_META.SET_INFO, onSetInfo],
  [ICQ_META.SEND_SMS, onSendSMS],
]);

const WORK = ['work_city', 'work_state', 'work_phone', 'work_fax', 'work_address', 'work_zip'];
const GENDER = ['', 'female', 'male'];

/** Age u16le, gender u8, homepage, birth year u16le, month u8, day u8. */
function readMore(data: Cursor): Record<string, unknown> {
  const age = data.u16le();
  const gender = GENDER[data.u8()] ?? '';
  const profile: Record<string, unknown> = readStrings(data, ['homepage']);
  const year = data.u16le();
  const month = data.u8();
  const day = data.u8();
  if (age > 0) profile.age = age;
  if (gender !== '') profile.gender = gender;
  const two = (n: number): string => String(n).padStart(2, '0');
  if (year > 0 && month > 0 && day > 0) profile.birthday = `${year}-${two(month)}-${two(day)}`;
  return profile;
}

/** Strings, country u16le, company, department, position, occupation u16le, page. */
function readWork(data: Cursor): Record<string, unknown> {
  const profile = readStrings(data, WORK);
  data.skip(2);
  Object.assign(profile, readStrings(data, ['company', 'department', 'position']));
  data.skip(2);
  return Object.assign(profile, readStrings(data, ['work_homepage']));
}

/** Count u8, then of each a u16 (or, of addresses, a u8) and a string. */
function readList(name: string, size: number): MetaReply {
  return (data) => {
    const count = data.u8();
    const list: string[] = [];
    for (let i = 0; i < count && data.ok; i++) {
      data.skip(size);
      const text = readLNTS(data);
      if (text !== '') list.push(text);
    }
    return list.length === 0 ? {} : { [name]: list };
  };
}

const META_REPLIES: ReadonlyMap<number, MetaReply> = new Map<number, MetaReply>([
  [ICQ_META.BASIC_REPLY, (data) => readStrings(data, BASIC)],
  [ICQ_META.WORK_REPLY, readWork],
  [ICQ_META.MORE_REPLY, readMore],
  [ICQ_META.EMAILS_REPLY, readList('emails', 1)],
  [ICQ_META.INTERESTS_REPLY, readList('interests', 2)],
  [ICQ_META.AFFILIATIONS_REPLY, readList('affiliations', 2)],
  [ICQ_META.ABOUT_REPLY, (data) => readStrings(data, ['about'])],
  [ICQ_META.SHORT_REPLY, (data) => readStrings(data, ['nick', 'first_name', 'last_name', 'email'])],
]);

/** One that was found: data length u16le, UIN u32le, names. */
const FOUND = new Set<number>([ICQ_META.FOUND, ICQ_META.LAST_FOUND]);
const META_OK = 0x0a;

/** Subtype u16le, result u8 (0A: done), data. */
function onMetaReply(conn: Conn, data: Cursor, sequence: number): void {
  const subtype = data.u16le();
  if (data.u8() !== META_OK || !data.ok) return;
  if (FOUND.has(subtype)) {
    data.skip(2);
    const uin = String(data.u32le());
    const profile = readStrings(data, ['nick', 'first_name', 'last_name', 'email']);
    if (data.ok) tellProfile(conn, uin, profile);
    return;
  }
  const profile = META_REPLIES.get(subtype)?.(data);
  if (profile && data.ok) tellProfile(conn, conn.asked.get(`meta ${sequence}`) ?? '', profile);
}

export const ICQ_HANDLERS: Handlers = [
  [SNAC.ICQ_REQUEST, 'client', onRequest],
  [SNAC.ICQ_REPLY, 'server', onReply],
];
