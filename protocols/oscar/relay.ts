import { decodeUtf8 } from '../../src/sdk/index.ts';
import type { Cursor } from '../../src/sdk/index.ts';
import { trimZeros } from './body.ts';
import { decodeLocal } from './codepage.ts';
import type { Conn, Facts } from './conn.ts';
import { factsOf } from './envelope.ts';
import type { Envelope } from './envelope.ts';
import { tellICQMessage } from './icq-message.ts';
import { ICQ_TYPE } from './numbers.ts';
import { readPlugin, tellPlugin } from './plugin.ts';
import { normalise } from './tlv.ts';
import { hex } from './wire.ts';

/** Capability 0946-1349, "server relay": ICQ's messages between clients, little-endian inside a rendezvous. */

/** The plug-in that plain messages belong to: none. */
const PLAIN_PLUGIN = '0'.repeat(32);
/** GUIDs behind the text, as text. */
const UTF8_GUID = '{0946134E-4C7F-11D1-8222-444553540000}';
const GUID_LIMIT = 128;

interface Relayed {
  type: number;
  flags: number;
  text: Cursor;
}

/**
 * Two blocks with their own lengths (version, plug-in, sequence), then type u8, flags u8, status u16,
 * priority u16, text (length u16, ends in zero). Undefined where it is not whole or of another plug-in.
 */
function readRelayed(data: Cursor): Relayed | undefined {
  const first = data.sub(data.u16le());
  first.skip(2);
  const plugin = hex(first.take(16));
  data.skip(data.u16le());
  const type = data.u8();
  const flags = data.u8();
  data.skip(4);
  const text = data.sub(data.u16le());
  return data.ok && first.ok && plugin === PLAIN_PLUGIN ? { type, flags, text } : undefined;
}

/** Behind the text: colours u32 twice, and GUIDs (length u32) that name the text's encoding; or a plug-in. */
export function onRelay(conn: Conn, envelope: Envelope, data: Cursor): void {
  const relayed = readRelayed(data);
  if (!relayed) return;
  const { type, flags, text } = relayed;
  if (type === ICQ_TYPE.PLUGIN) {
    tellPlugin(conn, envelope, flags, readPlugin(data));
    return;
  }
  // What follows the text is optional, so it being short is no fault of the message.
  tellICQMessage(conn, envelope, { type, flags, raw: textOf(conn, text, data) });
}

function textOf(conn: Conn, text: Cursor, data: Cursor): string {
  data.skip(8);
  const guids = data.latin1(Math.min(data.u32le(), GUID_LIMIT));
  return guids.includes(UTF8_GUID)
    ? decodeUtf8(text.bytes, text.pos, text.end)
    : decodeLocal(text.bytes, text.pos, text.end, conn.codePage);
}

/**
 * The answer of a client (04/0B) to a relayed message: it was received, perhaps with the text of an absence; or the
 * away text that was asked for. False where it is none of these.
 */
export function onRelayAnswer(conn: Conn, envelope: Envelope, data: Cursor): boolean {
  const relayed = readRelayed(data);
  if (!relayed) return false;
  const { type, flags, text } = relayed;
  if (type === ICQ_TYPE.PLUGIN) {
    tellPlugin(conn, envelope, flags, readPlugin(data));
    return true;
  }
  const raw = trimZeros(textOf(conn, text, data));
  if (isAwayType(type) && raw !== '') tellAway(conn, envelope, raw);
  else if (raw !== '') tellICQMessage(conn, envelope, { type, flags, raw }, { auto: true });
  else {
    const facts: Facts = { ...factsOf(conn, envelope, 'receipt'), state: 'received' };
    conn.tell(facts, normalise(envelope.name));
  }
  return true;
}

const AWAY_TYPES = 5;

function isAwayType(type: number): boolean {
  return type >= ICQ_TYPE.AWAY_FIRST && type < ICQ_TYPE.AWAY_FIRST + AWAY_TYPES;
}

function tellAway(conn: Conn, envelope: Envelope, away: string): void {
  const facts = factsOf(conn, envelope, 'profile');
  facts.profile = { away };
  conn.tell(facts, normalise(envelope.name));
}
