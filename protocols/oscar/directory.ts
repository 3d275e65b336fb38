import type { Cursor } from '../../src/sdk/index.ts';
import type { Conn, Facts, Handlers, SnacHeader } from './conn.ts';
import { DIRECTORY_TLV, INVITE_TLV, SNAC } from './numbers.ts';
import { cleanName, decodeName, normalise, readName, readTLVs } from './tlv.ts';
import type { TLVs } from './tlv.ts';

/** Who looks for whom, and what the directory tells of people (families 02, 06, 0A, 0F). */

/** What a directory entry's TLVs are called in a profile. */
const ENTRY: readonly (readonly [type: number, name: string])[] = [
  [DIRECTORY_TLV.FIRST_NAME, 'first_name'],
  [DIRECTORY_TLV.LAST_NAME, 'last_name'],
  [DIRECTORY_TLV.MIDDLE_NAME, 'middle_name'],
  [DIRECTORY_TLV.MAIDEN_NAME, 'maiden_name'],
  [DIRECTORY_TLV.EMAIL, 'email'],
  [DIRECTORY_TLV.COUNTRY, 'country'],
  [DIRECTORY_TLV.STATE, 'state'],
  [DIRECTORY_TLV.CITY, 'city'],
  [DIRECTORY_TLV.INTEREST, 'interest'],
  [DIRECTORY_TLV.NICK, 'nick'],
  [DIRECTORY_TLV.ZIP, 'zip'],
  [DIRECTORY_TLV.ADDRESS, 'address'],
];

function readEntry(tlvs: TLVs): Record<string, string> {
  const entry: Record<string, string> = {};
  for (const [type, name] of ENTRY) {
    const text = tlvs.text(type);
    if (text !== undefined) entry[name] = text;
  }
  return entry;
}

/** Tells a profile where it says anything. */
export function tellProfile(conn: Conn, from: string, profile: Record<string, unknown>): void {
  if (Object.keys(profile).length === 0) return;
  const facts: Facts = { kind: 'profile', profile };
  if (from !== '') facts.from = from;
  conn.tell(facts, from);
}

/** 0F/02: TLVs of what is looked for. */
function onSearch(conn: Conn, body: Cursor): void {
  const tlvs = readTLVs(body);
  if (!body.ok) return;
  const query = Object.entries(readEntry(tlvs)).map(([name, text]) => `${name}: ${text}`);
  const screenName = tlvs.text(DIRECTORY_TLV.SCREEN_NAME);
  if (screenName !== undefined) query.push(`screen name: ${screenName}`);
  if (query.length > 0) conn.tell({ kind: 'search', query: query.join(', ') });
}

/** 0F/03: status u16, one unused u16, count u16, entries (TLV count u16, TLVs). */
function onFound(conn: Conn, body: Cursor): void {
  body.skip(4);
  const count = body.u16();
  const entries: TLVs[] = [];
  for (let i = 0; i < count && body.left > 0; i++) entries.push(readTLVs(body, body.u16()));
  if (!body.ok) return;
  for (const tlvs of entries)
    tellProfile(conn, normalise(tlvs.text(DIRECTORY_TLV.SCREEN_NAME) ?? ''), readEntry(tlvs));
}

/** 02/09: the own directory entry. */
function onSetDirectory(conn: Conn, body: Cursor): void {
  const tlvs = readTLVs(body);
  if (body.ok) tellProfile(conn, conn.account, readEntry(tlvs));
}

/** 02/0B: name of whose entry is wanted. */
function onGetDirectory(conn: Conn, body: Cursor, header: SnacHeader): void {
  const name = normalise(readName(body));
  if (!body.ok || name === '') return;
  conn.asked.set(`directory ${header.requestId}`, name);
  conn.tell({ kind: 'search', query: name });
}

/** 02/0C: status u16, TLV count u16, TLVs. */
function onDirectory(conn: Conn, body: Cursor, header: SnacHeader): void {
  body.skip(2);
  const tlvs = readTLVs(body, body.u16());
  const name = conn.asked.take(`directory ${header.requestId}`) ?? '';
  if (body.ok) tellProfile(conn, name, readEntry(tlvs));
}

/** 0A/02: an e-mail address, without a length. */
function onLookup(conn: Conn, body: Cursor, header: SnacHeader): void {
  const email = cleanName(body.utf8(body.left));
  if (email === '') return;
  conn.asked.set(`lookup ${header.requestId}`, email);
  conn.tell({ kind: 'search', query: email });
}

/** 0A/03: TLV 1, once a screen name with the address. */
function onLookupReply(conn: Conn, body: Cursor, header: SnacHeader): void {
  const tlvs = readTLVs(body);
  const email = conn.asked.take(`lookup ${header.requestId}`);
  if (!body.ok || email === undefined) return;
  for (const value of tlvs.values(0x01)) {
    const name = normalise(decodeName(value.bytes, value.pos, value.end));
    if (name !== '') tellProfile(conn, name, { email });
  }
}

/** 06/02: TLVs 11 e-mail address of whom to invite to the service, 15 text. */
function onInviteFriend(conn: Conn, body: Cursor): void {
  const tlvs = readTLVs(body);
  const id = tlvs.text(INVITE_TLV.EMAIL);
  if (!body.ok || id === undefined) return;
  const facts: Facts = { kind: 'contact', sent: true, contact: { op: 'request', id } };
  if (conn.account !== '') facts.from = conn.account;
  const text = tlvs.text(INVITE_TLV.TEXT);
  if (text !== undefined) facts.text = text;
  conn.tell(facts);
}

export const DIRECTORY_HANDLERS: Handlers = [
  [SNAC.ODIR_SEARCH, 'client', onSearch],
  [SNAC.ODIR_REPLY, 'server', onFound],
  [SNAC.LOCATE_SET_DIRECTORY, 'client', onSetDirectory],
  [SNAC.LOCATE_GET_DIRECTORY, 'client', onGetDirectory],
  [SNAC.LOCATE_DIRECTORY, 'server', onDirectory],
  [SNAC.LOOKUP_BY_EMAIL, 'client', onLookup],
  [SNAC.LOOKUP_REPLY, 'server', onLookupReply],
  [SNAC.INVITE_FRIEND, 'client', onInviteFriend],
];
