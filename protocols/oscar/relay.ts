import { decodeGuess, decodeUtf8 } from '../../src/sdk/index.ts';
import type { Cursor } from '../../src/sdk/index.ts';
import type { Conn } from './conn.ts';
import type { Envelope } from './envelope.ts';
import { tellICQMessage } from './icq-message.ts';
import { hex } from './wire.ts';

/** Capability 0946-1349, "server relay": ICQ's messages between clients, little-endian inside a rendezvous. */

/** The plug-in that plain messages belong to: none. */
const PLAIN_PLUGIN = '0'.repeat(32);
/** GUIDs behind the text, as text. */
const UTF8_GUID = '{0946134E-4C7F-11D1-8222-444553540000}';
const GUID_LIMIT = 128;

/**
 * Two blocks with their own lengths (version, plug-in, sequence), then type u8, flags u8, status u16,
 * priority u16, text (length u16, ends in zero), colours u32 twice, and GUIDs (length u32) that name
 * the text's encoding.
 */
export function onRelay(conn: Conn, envelope: Envelope, data: Cursor): void {
  const first = data.sub(data.u16le());
  first.skip(2);
  const plugin = hex(first.take(16));
  data.skip(data.u16le());
  const type = data.u8();
  const flags = data.u8();
  data.skip(4);
  const text = data.sub(data.u16le());
  if (!data.ok || !first.ok || plugin !== PLAIN_PLUGIN) return;
  data.skip(8);
  const guids = data.latin1(Math.min(data.u32le(), GUID_LIMIT));
  const raw = guids.includes(UTF8_GUID)
    ? decodeUtf8(text.bytes, text.pos, text.end)
    : decodeGuess(text.bytes, text.pos, text.end);
  // What follows the text is optional, so it being short is no fault of the message.
  tellICQMessage(conn, envelope, { type, flags, raw });
}
