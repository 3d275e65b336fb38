import type { Cursor } from '../../src/sdk/index.ts';
import { decodeGuess, decodeLatin1, decodeUtf16be } from '../../src/sdk/index.ts';

/**
 * What OSCAR peers say to each other: OFT (files), ODC (direct IM), and the frames of the rendezvous
 * proxy (ARS) that may come before either. All integers are big-endian.
 */

/** `OFT` and `ODC` in the first three bytes; the fourth is a version digit. */
export const OFT_MAGIC = 0x4f4654;
export const ODC_MAGIC = 0x4f4443;
const VERSION_2 = 0x32;
const VERSION_3 = 0x33;
/** Magic u32, header length u16, type u16: what says that a header begins. */
export const HEAD = 8;

/** An OFT header has at least 64 bytes for the name; longer names make it longer. */
export const OFT_HEADER = 256;
export const OFT_HEADER_MAX = 4096;
const OFT_NAME = 192;

/** Types of OFT headers; those from 0x1108 belong to "get file", where a listing is fetched first. */
export const OFT_TYPE = {
  PROMPT: 0x0101,
  RESUME_ACCEPT: 0x0106,
  ACK: 0x0202,
  DONE: 0x0204,
  RESUME: 0x0205,
  RESUME_ACK: 0x0207,
  LISTING_PROMPT: 0x1108,
  LISTING_ACK: 0x1209,
  LISTING_RECEIVE: 0x120a,
  LISTING_DONE: 0x120b,
  FILE_REQUEST: 0x120c,
} as const;
const OFT_TYPES: ReadonlySet<number> = new Set(Object.values(OFT_TYPE));

/** The header of direct IM; its payload follows. */
export const ODC_HEADER = 76;
export const ODC_HEADER_MAX = 1024;
/** A payload beyond this is not believed: pictures of direct IM have kilobytes. */
export const ODC_PAYLOAD_MAX = 16 * 1024 * 1024;
const ODC_TYPE = 0x0001;
const ODC_NAME = 44;
const ODC_NAME_LENGTH = 32;

/** Bits of an ODC header's flags. A payload without 0x02 is a message; 0x60 opens the conversation. */
export const ODC_FLAG = { AUTO: 0x0001, TYPING: 0x0002, TYPED: 0x0004, TYPES: 0x0008 } as const;

/** Version of ARS frames, after their length. */
export const ARS_VERSION = 0x044a;
export const ARS_TYPE = { ERROR: 1, CREATE: 2, CREATED: 3, JOIN: 4, READY: 5 } as const;
/** Length u16 (of what follows), version u16, type u16, u32, flags u16. */
export const ARS_HEADER = 12;
const ARS_MAX = 512;
const ARS_COOKIE = 8;

export const ARS_ERROR_TEXT: ReadonlyMap<number, string> = new Map([
  [0x000d, 'bad request'],
  [0x0010, 'initial request timed out'],
  [0x001a, 'accept period timed out'],
]);

/** What can begin at a place of the stream. */
export const KIND = { NONE: 0, OFT: 1, ODC: 2, ARS: 3 } as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** The kind of frame whose first `HEAD` bytes stand at `at`: its magic, length and type fit together. */
export function kindAt(bytes: Uint8Array, at: number): Kind {
  const first = bytes[at];
  if (first === 0) {
    const fits = u16(bytes, at + 2) === ARS_VERSION && isArsLength(u16(bytes, at), u16(bytes, at + 4));
    return fits ? KIND.ARS : KIND.NONE;
  }
  const version = bytes[at + 3];
  if (first !== 0x4f || (version !== VERSION_2 && version !== VERSION_3)) return KIND.NONE;
  const magic = (first << 16) | u16(bytes, at + 1);
  const length = u16(bytes, at + 4);
  const type = u16(bytes, at + 6);
  if (magic === OFT_MAGIC) {
    return length >= OFT_HEADER && length <= OFT_HEADER_MAX && OFT_TYPES.has(type) ? KIND.OFT : KIND.NONE;
  }
  const fits = magic === ODC_MAGIC && length >= ODC_HEADER && length <= ODC_HEADER_MAX && type === ODC_TYPE;
  return fits ? KIND.ODC : KIND.NONE;
}

/** True where the one to `HEAD` bytes from `start` can begin a frame of any kind. */
export function isFramePrefix(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length >= HEAD) return kindAt(bytes, start) !== KIND.NONE;
  if (bytes[start] === 0) {
    return (length < 3 || bytes[start + 2] === ARS_VERSION >> 8) && (length < 4 || bytes[start + 3] === 0x4a);
  }
  if (bytes[start] !== 0x4f) return false;
  const [second, third] = [bytes[start + 1], bytes[start + 2]];
  return (
    length < 2 ||
    (second === 0x46 && (length < 3 || third === 0x54)) ||
    (second === 0x44 && (length < 3 || third === 0x43))
  );
}

/** The fixed parts of each type of ARS frame say how short it can be. */
function isArsLength(length: number, type: number): boolean {
  if (length > ARS_MAX) return false;
  if (type === ARS_TYPE.READY) return length >= ARS_HEADER - 2;
  if (type === ARS_TYPE.ERROR) return length >= ARS_HEADER;
  if (type === ARS_TYPE.CREATED) return length >= ARS_HEADER - 2 + 6;
  if (type === ARS_TYPE.CREATE) return length >= ARS_HEADER - 2 + 2 + ARS_COOKIE;
  return type === ARS_TYPE.JOIN && length >= ARS_HEADER - 2 + 4 + ARS_COOKIE;
}

export interface OftHeader {
  type: number;
  /** 16 hex digits; zeros in a prompt of libpurple, whose peer fills it in. */
  cookie: string;
  size: number;
  /** The upper half of the field: OFT checksums have 16 bits. */
  checksum: number;
  received: number;
  receivedChecksum: number;
  name: string;
}

/**
 * magic 4, length u16, type u16, cookie 8, encryption u16, compression u16, total files u16, files
 * left u16, parts u16, parts left u16, total size u32, size u32, modification time u32, checksum
 * u32, resource fork (received checksum u32, size u32), creation time u32, fork checksum u32,
 * received u32, received checksum u32, id 32, flags u8, list offsets 2, dummy 69, Mac information
 * 16, name encoding u16, name language u16, name. The cursor holds the header and nothing else.
 */
export function readOftHeader(cursor: Cursor): OftHeader {
  const start = cursor.pos;
  cursor.skip(6);
  const type = cursor.u16();
  const cookie = hex(cursor.take(8));
  cursor.skip(16);
  const size = cursor.u32();
  cursor.skip(4);
  const checksum = cursor.u32() >>> 16;
  cursor.skip(16);
  const received = cursor.u32();
  const receivedChecksum = cursor.u32() >>> 16;
  cursor.skip(start + OFT_NAME - 4 - cursor.pos);
  const encoding = cursor.u16();
  cursor.skip(2);
  const name = readName(cursor, encoding);
  return { type, cookie, size, checksum, received, receivedChecksum, name };
}

const ENCODING = { UTF16: 2, LATIN1: 3 } as const;

/** A NUL-padded name; 0x01 separates directories. Encoding 0 is what the sender's system used: often UTF-8. */
function readName(cursor: Cursor, encoding: number): string {
  const { bytes, pos, end } = cursor;
  let name: string;
  if (encoding === ENCODING.UTF16) {
    name = decodeUtf16be(bytes, pos, pos + ((end - pos) & ~1));
    const nul = name.indexOf('\0');
    if (nul >= 0) name = name.slice(0, nul);
  } else {
    const nul = cursor.find(0);
    const stop = nul < 0 ? end : nul;
    name = encoding === ENCODING.LATIN1 ? decodeLatin1(bytes, pos, stop) : decodeGuess(bytes, pos, stop);
  }
  cursor.skip(cursor.left);
  return cleanName(name.replaceAll('\x01', '/'));
}

export interface OdcHeader {
  /** Bytes of payload that follow the header. */
  length: number;
  encoding: number;
  flags: number;
  /** The sender's screen name. */
  name: string;
}

/**
 * magic 4, length u16, type u16, subtype u16, u16, cookie 8, 8, payload length u32, encoding u16,
 * encoding u16, 2, flags u16, 4, screen name 32. libpurple up to 2.4 writes the encoding in the
 * second of the two places, later builds in the first.
 */
export function readOdcHeader(cursor: Cursor): OdcHeader {
  const start = cursor.pos;
  cursor.skip(28);
  const length = cursor.u32();
  const encoding = cursor.u16();
  const earlier = cursor.u16();
  cursor.skip(2);
  const flags = cursor.u16();
  cursor.skip(start + ODC_NAME - cursor.pos);
  const field = cursor.sub(ODC_NAME_LENGTH);
  const nul = field.find(0);
  const name = decodeGuess(field.bytes, field.pos, nul < 0 ? field.end : nul);
  return { length, encoding: encoding === 0 ? earlier : encoding, flags, name: cleanName(name) };
}

/** The text part of a direct IM: by its label, unless it begins with the NUL of UTF-16. */
export function decodeText(bytes: Uint8Array, start: number, end: number, encoding: number): string {
  if (encoding === ENCODING.UTF16 || (start < end && bytes[start] === 0)) {
    return decodeUtf16be(bytes, start, end);
  }
  return encoding === ENCODING.LATIN1 ? decodeLatin1(bytes, start, end) : decodeGuess(bytes, start, end);
}

export interface ArsFrame {
  type: number;
  /** Who opens the proxy connection (create, join). */
  name: string;
  /** Of an error frame. */
  code: number;
}

/**
 * length u16, version u16, type u16, u32, flags u16; then an error: code u16; create: name (length
 * u8), cookie 8, TLVs; join: name, pin u16, cookie 8, TLVs; created: pin u16, address 4.
 */
export function readArsFrame(cursor: Cursor): ArsFrame {
  cursor.skip(4);
  const type = cursor.u16();
  cursor.skip(6);
  let name = '';
  let code = 0;
  if (type === ARS_TYPE.CREATE || type === ARS_TYPE.JOIN) {
    name = cleanName(cursor.utf8(cursor.u8()));
    cursor.skip(type === ARS_TYPE.JOIN ? 2 + ARS_COOKIE : ARS_COOKIE);
  } else if (type === ARS_TYPE.ERROR) {
    code = cursor.u16();
  }
  return { type, name, code };
}

/** Without control characters and outer white space. */
function cleanName(text: string): string {
  return text.replace(/\p{Cc}+/gu, '').trim();
}

/** AIM screen names ignore case and spaces. */
export function normalizeName(name: string): string {
  return name.replaceAll(' ', '').toLowerCase();
}

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/**
 * The OFT checksum over passing bytes: the file as big-endian 16-bit words, each subtracted from
 * 0xFFFF with end-around borrow (libpurple, `oft.c`). Kept as sums of the even and odd bytes, because
 * such a subtraction is one modulo 65535; sums stay exact in a double up to 4 GiB and far beyond.
 */
export class OftChecksum {
  #sum = 0;
  #odd = false;
  readonly #start: number;

  /** `start` and `odd` continue a checksum whose first part was computed elsewhere. */
  constructor(start = 0xffff, odd = false) {
    this.#start = start;
    this.#odd = odd;
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    let high = 0;
    let low = 0;
    let at = start;
    if (this.#odd && at < end) low += bytes[at++] ?? 0;
    for (; at + 1 < end; at += 2) {
      high += bytes[at] ?? 0;
      low += bytes[at + 1] ?? 0;
    }
    if (at < end) high += bytes[at] ?? 0;
    if (((end - start) & 1) === 1) this.#odd = !this.#odd;
    this.#sum += high * 256 + low;
  }

  /** The 16 bits as headers carry them in the upper half of the field. */
  get value(): number {
    if (this.#sum === 0) return this.#start;
    const rest = (this.#start - this.#sum) % 0xffff;
    return rest < 0 ? rest + 0xffff : rest;
  }
}
