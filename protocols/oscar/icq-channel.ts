import type { Conn } from './conn.ts';
import type { Envelope } from './envelope.ts';
import { decodeFields, tellICQMessage } from './icq-message.ts';
import { ICBM_TLV, ICQ_TYPE } from './numbers.ts';
import { readPlugin, tellPlugin } from './plugin.ts';

/** Channel 4, TLV 5, little-endian: sender's UIN u32, type u8, flags u8, text (length u16, ends in zero). */
export function onICQMessage(conn: Conn, envelope: Envelope): void {
  const value = envelope.tlvs.value(ICBM_TLV.DATA);
  value.skip(4);
  const type = value.u8();
  const flags = value.u8();
  const text = value.sub(value.u16le());
  if (!value.ok) return;
  if (type === ICQ_TYPE.PLUGIN) tellPlugin(conn, envelope, flags, readPlugin(value));
  else {
    const raw = decodeFields(text.bytes, text.pos, text.end, conn.codePage);
    tellICQMessage(conn, envelope, { type, flags, raw });
  }
}
