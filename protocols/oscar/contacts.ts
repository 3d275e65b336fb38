import type { Cursor } from '../../src/sdk/index.ts';
import type { Conn, Facts, Handler, Handlers } from './conn.ts';
import { inspectName } from './inspect.ts';
import { SNAC } from './numbers.ts';
import { normalise, readName } from './tlv.ts';

/** Contact lists that old clients send (families 3 and 9), and authorisations (13/14 to 13/1C). */

export type Op = NonNullable<Facts['contact']>['op'];

export function tellContact(conn: Conn, op: Op, id: string, name?: string, group?: string): void {
  const facts: Facts = { kind: 'contact', contact: { op, id } };
  if (facts.contact && name !== undefined) facts.contact.name = name;
  if (facts.contact && group !== undefined) facts.contact.groups = [group];
  conn.tell(facts, id);
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
  for (const id of ids) {
    if (id === '') continue;
    inspectName(conn, id);
    tellContact(conn, op, id);
  }
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

/** 13/16: name: the client takes itself off somebody's list. */
function onRemoveMe(conn: Conn, body: Cursor): void {
  const name = readName(body);
  if (!body.ok || name === '') return;
  const facts: Facts = { kind: 'notice', text: 'took itself off the contact list', code: 'removed' };
  conn.tell(conn.between(facts, name, true), normalise(name));
}

/** 13/1C: name. */
function onYouWereAdded(conn: Conn, body: Cursor): void {
  const name = readName(body);
  if (!body.ok || name === '') return;
  const facts: Facts = { kind: 'notice', text: 'added you to the contact list', code: 'added' };
  conn.tell(conn.between(facts, name, false), normalise(name));
}

export const CONTACT_HANDLERS: Handlers = [
  [SNAC.FEEDBAG_PRE_AUTHORIZE, 'client', onAsk('accept', true)],
  [SNAC.FEEDBAG_PRE_AUTHORIZED, 'server', onAsk('accept', false)],
  [SNAC.FEEDBAG_REQUEST, 'client', onAsk('request', true)],
  [SNAC.FEEDBAG_REQUESTED, 'server', onAsk('request', false)],
  [SNAC.FEEDBAG_ANSWER, 'client', onAnswer(true)],
  [SNAC.FEEDBAG_ANSWERED, 'server', onAnswer(false)],
  [SNAC.FEEDBAG_REMOVE_ME, 'client', onRemoveMe],
  [SNAC.FEEDBAG_YOU_WERE_ADDED, 'server', onYouWereAdded],
  [SNAC.OSERVICE_CLIENT_ONLINE, 'client', onReady],
  [SNAC.BUDDY_ADD, 'client', onBuddyAdd],
  [SNAC.BUDDY_REMOVE, 'client', onNames('remove')],
  [SNAC.BUDDY_ADD_TEMPORARY, 'client', onNames('add')],
  [SNAC.BUDDY_REMOVE_TEMPORARY, 'client', onNames('remove')],
  [SNAC.PERMIT_ADD, 'client', onNames('accept')],
  [SNAC.PERMIT_REMOVE, 'client', onNames('deny')],
  [SNAC.DENY_ADD, 'client', onNames('block')],
  [SNAC.DENY_REMOVE, 'client', onNames('unblock')],
];
