import type { Cursor } from '../../src/sdk/index.ts';
import type { Conn, Handler, Handlers } from './conn.ts';
import { tellContact } from './contacts.ts';
import type { Op } from './contacts.ts';
import { tellProfile } from './directory.ts';
import { inspectName } from './inspect.ts';
import { KNOWN } from './known.ts';
import { FEEDBAG_ATTRIBUTE, FEEDBAG_ITEM, SNAC } from './numbers.ts';
import { checkCount, cleanName, normalise, readTLVs } from './tlv.ts';
import type { TLVs } from './tlv.ts';
import { hex } from './wire.ts';

/** The contact list that the server stores (family 13): people, whom to let through, what is noted of them. */

interface Item {
  name: string;
  group: number;
  type: number;
  tlvs: TLVs;
}

/** Lengths and numbers of an item. */
const ITEM_HEADER = 10;

/** Name (length u16), group u16, item u16, type u16, TLVs (length u16). */
function readItem(body: Cursor): Item {
  const name = cleanName(body.utf8(body.u16()));
  const group = body.u16();
  body.skip(2);
  const type = body.u16();
  const rest = body.sub(body.u16());
  const tlvs = readTLVs(rest);
  if (!rest.ok) body.ok = false;
  return { name, group, type, tlvs };
}

/** What an item's being there, being added or being deleted means, by its type. */
interface Ops {
  buddy: Op;
  denied: Op;
  permitted: Op;
  /** False where items go away: what is noted in them is not told. */
  there: boolean;
}

const LISTED: Ops = { buddy: 'list', denied: 'block', permitted: 'accept', there: true };
const ADDED: Ops = { ...LISTED, buddy: 'add' };
const REMOVED: Ops = { buddy: 'remove', denied: 'unblock', permitted: 'deny', there: false };

/** Tells the items of one SNAC; groups are learnt first, wherever they stand in it. */
function tellItems(conn: Conn, items: readonly Item[], ops: Ops): void {
  for (const item of items) {
    if (item.type === FEEDBAG_ITEM.GROUP && item.name !== '') conn.groups.set(item.group, item.name);
  }
  for (const item of items) {
    conn.check(item.tlvs, KNOWN.FEEDBAG);
    inspectName(conn, item.name);
    TELLERS.get(item.type)?.(conn, item, ops);
  }
}

type Teller = (conn: Conn, item: Item, ops: Ops) => void;

const TELLERS: ReadonlyMap<number, Teller> = new Map<number, Teller>([
  [FEEDBAG_ITEM.BUDDY, tellBuddy],
  [FEEDBAG_ITEM.NON_BUDDY, tellBuddy],
  [FEEDBAG_ITEM.EXTERNAL_USER, tellBuddy],
  [FEEDBAG_ITEM.PERMIT, (conn, item, ops) => tellNamed(conn, item, ops.permitted)],
  [FEEDBAG_ITEM.DENY, (conn, item, ops) => tellNamed(conn, item, ops.denied)],
  [FEEDBAG_ITEM.IGNORE, (conn, item, ops) => tellNamed(conn, item, ops.denied)],
  [FEEDBAG_ITEM.PRIVACY, tellPrivacy],
  [FEEDBAG_ITEM.ICON, tellIcon],
  [FEEDBAG_ITEM.STATUS_NOTE, tellStatusNote],
]);

function tellNamed(conn: Conn, item: Item, op: Op): void {
  const id = normalise(item.name);
  if (id !== '') tellContact(conn, op, id);
}

/** What one noted of a contact, as a profile tells it. */
const NOTED: readonly (readonly [type: number, name: string])[] = [
  [FEEDBAG_ATTRIBUTE.EMAIL, 'email'],
  [FEEDBAG_ATTRIBUTE.PHONE, 'phone'],
  [FEEDBAG_ATTRIBUTE.CELL_PHONE, 'cell_phone'],
  [FEEDBAG_ATTRIBUTE.SMS_NUMBER, 'sms_number'],
  [FEEDBAG_ATTRIBUTE.WORK_PHONE, 'work_phone'],
  [FEEDBAG_ATTRIBUTE.OTHER_PHONE, 'other_phone'],
  [FEEDBAG_ATTRIBUTE.NOTE, 'note'],
];

function tellBuddy(conn: Conn, item: Item, ops: Ops): void {
  const { tlvs } = item;
  const id = normalise(item.name);
  if (id === '') return;
  tellContact(conn, ops.buddy, id, tlvs.text(FEEDBAG_ATTRIBUTE.ALIAS), conn.groups.get(item.group));
  if (!ops.there || tlvs.size === 0) return;
  const noted: Record<string, unknown> = {};
  for (const [type, name] of NOTED) {
    const text = tlvs.text(type);
    if (text !== undefined) noted[name] = text;
  }
  if (tlvs.has(FEEDBAG_ATTRIBUTE.AWAITS_AUTHORISATION)) noted.awaits_authorisation = true;
  tellProfile(conn, id, noted);
}

const PRIVACY = ['', 'permit all', 'deny all', 'permit some', 'deny some', 'permit contacts'];

/** Whom the account lets through. */
function tellPrivacy(conn: Conn, { tlvs }: Item, ops: Ops): void {
  const privacy = PRIVACY[tlvs.value(FEEDBAG_ATTRIBUTE.PRIVACY_MODE).u8()] ?? '';
  if (ops.there && privacy !== '') tellProfile(conn, conn.account, { privacy });
}

/** The own icon: flags u8, hash (length u8). */
function tellIcon(conn: Conn, { tlvs }: Item, ops: Ops): void {
  const value = tlvs.value(FEEDBAG_ATTRIBUTE.ICON);
  value.skip(1);
  const hash = hex(value.take(value.u8()));
  if (ops.there && value.ok && hash !== '') tellProfile(conn, conn.account, { icon: hash });
}

function tellStatusNote(conn: Conn, { tlvs }: Item, ops: Ops): void {
  const text = tlvs.text(FEEDBAG_ATTRIBUTE.AWAY_TEXT) ?? tlvs.text(FEEDBAG_ATTRIBUTE.NOTE);
  if (ops.there && text !== undefined) tellProfile(conn, conn.account, { status_note: text });
}

/** 13/06: version u8, count u16, items, time of the last change u32. */
function onList(conn: Conn, body: Cursor): void {
  body.skip(1);
  const count = body.u16();
  checkCount(body, count, ITEM_HEADER);
  const items: Item[] = [];
  for (let i = 0; i < count && body.ok; i++) items.push(readItem(body));
  if (!body.ok) return;
  body.skip(body.left);
  tellItems(conn, items, LISTED);
}

/** 13/08, 13/09, 13/0A: items to the end. */
function onItems(ops: Ops): Handler {
  return (conn, body) => {
    const items: Item[] = [];
    while (body.left > 0) items.push(readItem(body));
    if (body.ok) tellItems(conn, items, ops);
  };
}

/** 13/0E: a result u16 for each item of the change. */
function onStatus(conn: Conn, body: Cursor): void {
  while (body.has(2)) {
    const code = body.u16();
    if (code !== 0)
      conn.tell({ kind: 'notice', text: `contact list change refused: ${resultOf(code)}`, code });
  }
}

const RESULTS = new Map([
  [0x02, 'not found'],
  [0x03, 'already there'],
  [0x0a, 'invalid'],
  [0x0c, 'too many'],
  [0x0d, 'ICQ contacts are not allowed on an AIM list'],
  [0x0e, 'authorisation needed'],
]);

function resultOf(code: number): string {
  return RESULTS.get(code) ?? `code ${code}`;
}

export const FEEDBAG_HANDLERS: Handlers = [
  [SNAC.FEEDBAG_LIST, 'server', onList],
  [SNAC.FEEDBAG_ADD, 'both', onItems(ADDED)],
  [SNAC.FEEDBAG_UPDATE, 'both', onItems(LISTED)],
  [SNAC.FEEDBAG_DELETE, 'both', onItems(REMOVED)],
  [SNAC.FEEDBAG_STATUS, 'server', onStatus],
];
