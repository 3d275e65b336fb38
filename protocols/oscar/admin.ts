import type { Cursor } from '../../src/sdk/index.ts';
import type { Conn, Facts, Handlers } from './conn.ts';
import { snacError } from './errors.ts';
import { familyName } from './families.ts';
import { ADMIN_TLV, FAMILY, SNAC } from './numbers.ts';
import { readTLVs } from './tlv.ts';

/** Changes of the account (family 7), and what servers tell or refuse. */

/**
 * 07/04: TLVs 1 formatted name, 2 new and 12 old password (both in clear), 11 e-mail address. Told with
 * its answer.
 */
function onChange(conn: Conn, body: Cursor): void {
  const tlvs = readTLVs(body);
  if (!body.ok) return;
  flushChange(conn);
  const facts: Facts = { kind: 'account', op: 'change' };
  if (tlvs.has(ADMIN_TLV.NEW_PASSWORD)) {
    facts.op = 'change-password';
    facts.auth = { mechanism: 'clear', result: 'unknown', exposed: 'password' };
  } else if (tlvs.has(ADMIN_TLV.EMAIL)) {
    facts.op = 'change-email';
    const email = tlvs.text(ADMIN_TLV.EMAIL);
    if (email !== undefined) facts.profile = { email };
  } else if (tlvs.has(ADMIN_TLV.NAME)) {
    facts.op = 'format-name';
    const name = tlvs.text(ADMIN_TLV.NAME);
    if (name !== undefined) facts.profile = { name };
  }
  if (conn.account !== '') facts.from = conn.account;
  conn.change = facts;
}

/** 07/05: permissions u16, TLV count u16, TLVs: 8 is an error. */
function onChangeReply(conn: Conn, body: Cursor): void {
  body.skip(2);
  const tlvs = readTLVs(body, body.u16());
  if (!body.ok) return;
  const error = tlvs.u16(ADMIN_TLV.ERROR);
  if (conn.change?.auth) {
    conn.change.auth = { ...conn.change.auth, result: error === undefined ? 'success' : 'failure' };
  }
  if (conn.change && error !== undefined) conn.change.reason = `refused (code ${error})`;
  flushChange(conn);
}

/** Tells a change that waits for its answer. */
export function flushChange(conn: Conn): void {
  const { change } = conn;
  conn.change = undefined;
  if (change) conn.tell(change);
}

/** 01/13: type u16, TLVs: 0B text. Each service greets; that of BOS is told. */
function onMotd(conn: Conn, body: Cursor): void {
  body.skip(2);
  const text = readTLVs(body).text(0x0b);
  if (body.ok && text !== undefined && conn.role === 'bos') conn.tell({ kind: 'notice', text, code: 'motd' });
}

const RATES = new Map([
  [0x02, 'rate warning: sending fast'],
  [0x03, 'rate limited: sending too fast'],
]);

/** 01/0A: code u16, then the rate class. */
function onRateChange(conn: Conn, body: Cursor): void {
  const code = body.u16();
  const text = RATES.get(code);
  if (text !== undefined) conn.tell({ kind: 'notice', text, code });
}

/** 08/02: TLVs 1 text, 2 address of a page. */
function onPopup(conn: Conn, body: Cursor): void {
  const tlvs = readTLVs(body);
  const text = [tlvs.text(0x01), tlvs.text(0x02)].filter((part) => part !== undefined).join('\n');
  if (body.ok && text !== '') conn.tell({ kind: 'notice', text, code: 'popup' });
}

/** Subtype 1 of every family: error u16, TLVs. Of a message it says to whom. */
export function onError(conn: Conn, body: Cursor, family: number, requestId: number): void {
  const code = body.u16();
  if (!body.ok) return;
  const receiver = family === FAMILY.ICBM ? conn.receivers.take(requestId) : undefined;
  const what = receiver === undefined ? `request of ${familyName(family)}` : 'message';
  const facts: Facts = { kind: 'notice', text: `${what} refused: ${snacError(code)}`, code };
  if (receiver !== undefined) facts.to = [receiver];
  conn.tell(facts, receiver);
}

/** FLAP channel 3: code u16, perhaps TLVs: the server (or client) gives the connection up. */
export function onFlapError(conn: Conn, payload: Cursor): void {
  const code = payload.u16();
  if (payload.ok) conn.tell({ kind: 'notice', text: `connection error ${code}`, code });
}

export const ADMIN_HANDLERS: Handlers = [
  [SNAC.ADMIN_CHANGE, 'client', onChange],
  [SNAC.ADMIN_CHANGE_REPLY, 'server', onChangeReply],
  [SNAC.OSERVICE_MOTD, 'server', onMotd],
  [SNAC.OSERVICE_RATE_CHANGE, 'server', onRateChange],
  [SNAC.POPUP_DISPLAY, 'server', onPopup],
];
