import type { Cursor } from '../../src/sdk/index.ts';
import type { Conn, Facts, Handlers } from './conn.ts';
import { SNAC } from './numbers.ts';
import { readTLVs } from './tlv.ts';

/** Family 18: what the network says of the account's mail box. */

const MAIL_TLV = {
  TITLE: 0x05,
  /** Messages in the box; absent where one has just come. */
  COUNT: 0x80,
  /** Whether any is unread, u8. */
  UNREAD: 0x81,
  /** Domain of the box. */
  DOMAIN: 0x82,
} as const;

/**
 * 18/07: cookie (8 bytes), box (16 bytes), TLV count u16, TLVs. TLVs 7 and D are addresses of pages with which the box opens: they
 * are not told.
 */
function onMail(conn: Conn, body: Cursor): void {
  body.skip(24);
  const tlvs = readTLVs(body, body.u16());
  const value = tlvs.value(MAIL_TLV.UNREAD);
  const unread = value.u8();
  if (!body.ok) return;
  const count = tlvs.u16(MAIL_TLV.COUNT);
  const title = tlvs.text(MAIL_TLV.TITLE);
  const some =
    value.ok && unread === 0 ? 'no unread mail' : count === undefined ? 'new mail' : `${count} messages`;
  const facts: Facts = { kind: 'notice', text: title ?? some, code: 'mail' };
  const domain = tlvs.text(MAIL_TLV.DOMAIN);
  if (domain !== undefined && conn.account !== '') facts.profile = { email: `${conn.account}@${domain}` };
  conn.tell(facts);
}

export const MAIL_HANDLERS: Handlers = [[SNAC.ALERT_NOTIFY, 'server', onMail]];
