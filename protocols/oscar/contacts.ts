import type { Cursor } from '../../src/sdk/index.ts';
import type { Conn, Facts, Handler, Handlers } from './conn.ts';
import { FEEDBAG_ATTRIBUTE, FEEDBAG_ITEM, SNAC } from './numbers.ts';
import { cleanName, normalise, readName, readTLVs } from './tlv.ts';
import type { TLVs } from './tlv.ts';

/** Contact lists: stored at the server (family 13) and, of old clients, sent to it (3 and 9). */

type Op = NonNullable<Facts['contact']>['op'];

interface Item {
  name: string;
  group: number;
  type: number;
  tlvs: TLVs;
}

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

/** Tells the items of one SNAC; groups are learnt first, wherever they stand in it. */
function tellItems(conn: Conn, items: readonly Item[], buddy: Op, denied: Op): void {
  for (const item of items) {
    if (item.type === FEEDBAG_ITEM.GROUP && item.name !== '') conn.groups.set(item.group, item.name);
  }
  for (const item of items) {
    const id = normalise(item.name);
    if (id === '') continue;
    if (item.type === FEEDBAG_ITEM.BUDDY)
      tellContact(conn, buddy, id, item.tlvs.text(FEEDBAG_ATTRIBUTE.ALIAS), conn.groups.get(item.group));
    else if (item.type === FEEDBAG_ITEM.DENY || item.type === FEEDBAG_ITEM.IGNORE)
      tellContact(conn, denied, id);
  }
}

function tellContact(conn: Conn, op: Op, id: string, name?: string, group?: string): void {
  const facts: Facts = { kind: 'contact', contact: { op, id } };
  if (facts.contact && name !== undefined) facts.contact.name = name;
  if (facts.contact && group !== undefined) facts.contact.groups = [group];
  conn.tell(facts, id);
}

/** 13/06: version u8, count u16, items, time of the last change u32. */
function onList(conn: Conn, body: Cursor): void {
  body.skip(1);
  const count = body.u16();
  const items: Item[] = [];
  for (let i = 0; i < count && body.ok; i++) items.push(readItem(body));
  if (!body.ok) return;
  body.skip(body.left);
  tellItems(conn, items, 'list', 'block');
}

/** 13/08, 13/09, 13/0A: items to the end. */
function onItems(buddy: Op, denied: Op): Handler {
  return (conn, body) => {
    const items: Item[] = [];
    while (body.left > 0) items.push(readItem(body));
    if (body.ok) tellItems(conn, items, buddy, denied);
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

/** 03/04: names. What comes before the client is ready is its list as it stands. */
function onBuddyAdd(conn: Conn, body: Cursor): void {
  tellNames(conn, body, conn.ready ? 'add' : 'list');
}

function onNames(op: Op): Handler {
  return (conn, body) => {
    tellNames(conn, body, op);
  };
}

function tellNames(conn: Conn, body: Cursor, op: Op): void {
  const ids: string[] = [];
  while (body.left > 0) ids.push(normalise(readName(body)));
  if (!body.ok) return;
  for (const id of ids) if (id !== '') tellContact(conn, op, id);
}

function onReady(conn: Conn, body: Cursor): void {
  conn.ready = true;
  body.skip(body.left);
}

/** 13/14, 13/18 and what the server makes of them: name, text (length u16). */
function onAsk(op: Op, sent: boolean): Handler {
  return (conn, body) => {
    const name = readName(body);
    const text = body.utf8(body.u16());
    if (body.ok) tellAuthorisation(conn, op, name, sent, text);
  };
}

/** 13/1A, 13/1B: name, granted u8, text (length u16). */
function onAnswer(sent: boolean): Handler {
  return (conn, body) => {
    const name = readName(body);
    const granted = body.u8() !== 0;
    const text = body.utf8(body.u16());
    if (body.ok) tellAuthorisation(conn, granted ? 'accept' : 'deny', name, sent, text);
  };
}

function tellAuthorisation(conn: Conn, op: Op, name: string, sent: boolean, text: string): void {
  const id = normalise(name);
  if (id === '') return;
  const facts = conn.between({ kind: 'contact', contact: { op, id } }, name, sent);
  if (text !== '') facts.text = text;
  conn.tell(facts, id);
}

/** 13/1C: name. */
function onYouWereAdded(conn: Conn, body: Cursor): void {
  const name = readName(body);
  if (!body.ok || name === '') return;
  const facts: Facts = { kind: 'notice', text: 'added you to the contact list', code: 'added' };
  conn.tell(conn.between(facts, name, false), normalise(name));
}

export const CONTACT_HANDLERS: Handlers = [
  [SNAC.FEEDBAG_LIST, 'server', onList],
  [SNAC.FEEDBAG_ADD, 'both', onItems('add', 'block')],
  [SNAC.FEEDBAG_UPDATE, 'both', onItems('list', 'block')],
  [SNAC.FEEDBAG_DELETE, 'both', onItems('remove', 'unblock')],
  [SNAC.FEEDBAG_STATUS, 'server', onStatus],
  [SNAC.FEEDBAG_PRE_AUTHORIZE, 'client', onAsk('accept', true)],
  [SNAC.FEEDBAG_PRE_AUTHORIZED, 'server', onAsk('accept', false)],
  [SNAC.FEEDBAG_REQUEST, 'client', onAsk('request', true)],
  [SNAC.FEEDBAG_REQUESTED, 'server', onAsk('request', false)],
  [SNAC.FEEDBAG_ANSWER, 'client', onAnswer(true)],
  [SNAC.FEEDBAG_ANSWERED, 'server', onAnswer(false)],
  [SNAC.FEEDBAG_YOU_WERE_ADDED, 'server', onYouWereAdded],
  [SNAC.OSERVICE_CLIENT_ONLINE, 'client', onReady],
  [SNAC.BUDDY_ADD, 'client', onBuddyAdd],
  [SNAC.BUDDY_REMOVE, 'client', onNames('remove')],
  [SNAC.DENY_ADD, 'client', onNames('block')],
  [SNAC.DENY_REMOVE, 'client', onNames('unblock')],
];
