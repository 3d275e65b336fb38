/** Builders of OFT, ODC and proxy frames, and of conversations, for tests and capture generators. */
import type { Step } from '../../src/sdk/testing.ts';
import { ARS_TYPE, ARS_VERSION, ODC_HEADER, OFT_HEADER, OFT_TYPE, OftChecksum } from './wire.ts';

const encoder = new TextEncoder();
const ID_STRING = 'Cool FileXfer';
const SEND_FILE = '094613434c7f11d18222444553540000';

export interface OftFields {
  type: number;
  name: string | Uint8Array;
  size: number;
  checksum?: number;
  cookie?: string;
  received?: number;
  receivedChecksum?: number;
  encoding?: number;
  version?: 2 | 3;
}

/** An OFT header; longer than 256 bytes where the name needs it. */
export function oftHeader(fields: OftFields): Uint8Array {
  const name = typeof fields.name === 'string' ? encoder.encode(fields.name) : fields.name;
  const length = Math.max(OFT_HEADER, 192 + name.length + 1);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  bytes.set(encoder.encode(`OFT${fields.version ?? 2}`));
  view.setUint16(4, length);
  view.setUint16(6, fields.type);
  bytes.set(encoder.encode(fields.cookie ?? '').slice(0, 8), 8);
  [1, 1, 1, 1].forEach((count, i) => view.setUint16(20 + 2 * i, count));
  view.setUint32(28, fields.size);
  view.setUint32(32, fields.size);
  view.setUint32(40, (fields.checksum ?? 0xffff) * 0x10000);
  view.setUint32(44, 0xffff0000);
  view.setUint32(56, 0xffff0000);
  view.setUint32(60, fields.received ?? 0);
  view.setUint32(64, (fields.receivedChecksum ?? 0xffff) * 0x10000);
  bytes.set(encoder.encode(ID_STRING), 68);
  view.setUint16(188, fields.encoding ?? 0);
  bytes.set(name, 192);
  return bytes;
}

/** The OFT checksum of a whole file. */
export function checksumOf(bytes: Uint8Array): number {
  const checksum = new OftChecksum();
  checksum.add(bytes, 0, bytes.length);
  return checksum.value;
}

export interface OdcFields {
  name: string;
  payload?: Uint8Array;
  flags?: number;
  encoding?: number;
  /** The place where libpurple up to 2.4 writes the encoding. */
  earlierEncoding?: number;
}

/** An ODC header and its payload. */
export function odcFrame(fields: OdcFields): Uint8Array {
  const payload = fields.payload ?? new Uint8Array(0);
  const bytes = new Uint8Array(ODC_HEADER + payload.length);
  const view = new DataView(bytes.buffer);
  bytes.set(encoder.encode('ODC2'));
  view.setUint16(4, ODC_HEADER);
  view.setUint16(6, 1);
  view.setUint16(8, 6);
  bytes.set(encoder.encode('61561621'), 12);
  view.setUint32(28, payload.length);
  view.setUint16(32, fields.encoding ?? 0);
  view.setUint16(34, fields.earlierEncoding ?? 0);
  view.setUint16(38, fields.flags ?? 0);
  bytes.set(encoder.encode(fields.name).slice(0, 31), 44);
  bytes.set(payload, ODC_HEADER);
  return bytes;
}

/** Text as UTF-16BE. */
export function utf16be(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i));
  return bytes;
}

/** Byte arrays one after the other. */
export function concat(...parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A payload with a picture: the text, then the picture's bytes between their tags. */
export function withImage(html: string, image: Uint8Array): Uint8Array {
  const before = encoder.encode(`${html}<BINARY><DATA ID="1" SIZE="${image.length}">`);
  return concat(before, image, encoder.encode('</DATA></BINARY>'));
}

/** A frame of the rendezvous proxy protocol. */
export function arsFrame(type: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 10 + payload.length);
  view.setUint16(2, ARS_VERSION);
  view.setUint16(4, type);
  view.setUint16(10, type === ARS_TYPE.CREATE || type === ARS_TYPE.JOIN ? 0 : 0x220);
  bytes.set(payload, 12);
  return bytes;
}

function capability(): number[] {
  return [
    0,
    1,
    0,
    16,
    ...Array.from({ length: 16 }, (_, i) => Number.parseInt(SEND_FILE.slice(2 * i, 2 * i + 2), 16)),
  ];
}

export function arsCreate(name: string, cookie = '61561621'): Uint8Array {
  const bytes = encoder.encode(name);
  return arsFrame(
    ARS_TYPE.CREATE,
    Uint8Array.of(bytes.length, ...bytes, ...encoder.encode(cookie), ...capability()),
  );
}

export function arsCreated(): Uint8Array {
  return arsFrame(ARS_TYPE.CREATED, Uint8Array.of(0x4c, 0x99, 10, 79, 0, 4));
}

export function arsJoin(name: string, cookie = '61561621'): Uint8Array {
  const bytes = encoder.encode(name);
  const payload = [bytes.length, ...bytes, 0x4c, 0x99, ...encoder.encode(cookie), ...capability()];
  return arsFrame(ARS_TYPE.JOIN, Uint8Array.from(payload));
}

export function arsReady(): Uint8Array {
  return arsFrame(ARS_TYPE.READY, new Uint8Array(0));
}

export function arsError(code: number): Uint8Array {
  return arsFrame(ARS_TYPE.ERROR, Uint8Array.of(code >> 8, code & 0xff));
}

/** Bytes of the side that opened the connection, a step each. */
export function up(...parts: Uint8Array[]): Step[] {
  return parts.map((bytes) => ({ direction: 0, bytes }));
}

/** Bytes of the side that listened, a step each. */
export function down(...parts: Uint8Array[]): Step[] {
  return parts.map((bytes) => ({ direction: 1, bytes }));
}

/** The end of both directions. */
export const over: readonly Step[] = [
  { direction: 0, end: true },
  { direction: 1, end: true },
];

/** One byte a character. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

/** The rendezvous cookie of `headers`. */
export const COOKIE = '61561621';

/** A file in whose bytes stands what looks like a header. */
export function fileOf(size: number): Uint8Array {
  const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 37 + (i >> 8)) & 0xff);
  bytes.set(oftHeader({ type: OFT_TYPE.PROMPT, name: 'trap', size: 5 }).slice(0, Math.max(0, size - 4)), 4);
  return bytes;
}

/** The three headers of a transfer; the prompt without a cookie, as libpurple sends it. */
export function headers(file: Uint8Array, name: string): Record<'prompt' | 'ack' | 'done', Uint8Array> {
  const common = { name, size: file.length, checksum: checksumOf(file) };
  return {
    prompt: oftHeader({ ...common, type: OFT_TYPE.PROMPT }),
    ack: oftHeader({ ...common, type: OFT_TYPE.ACK, cookie: COOKIE }),
    done: oftHeader({
      ...common,
      type: OFT_TYPE.DONE,
      cookie: COOKIE,
      received: file.length,
      receivedChecksum: common.checksum,
    }),
  };
}

/** The listener sends a file, as is seen most. */
export function transfer(file: Uint8Array, name: string): Step[] {
  const { prompt, ack, done } = headers(file, name);
  return [...down(prompt), ...up(ack), ...down(file), ...up(done)];
}
