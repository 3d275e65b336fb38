import { TLS_LIMITS } from './limits.ts';
import { EXTENSION, HANDSHAKE, MESSAGE_HEAD, RECORD, RECORD_HEAD } from './wire.ts';

/** What the first bytes of a direction are. */
export const SIGHT = {
  /** Nothing there yet. */
  NOTHING: 0,
  /** No handshake begins here. */
  NO: 1,
  /** The beginning of a hello: what is there of it was looked at. */
  PART: 2,
  /** A whole ClientHello. */
  CLIENT: 3,
  /** A ServerHello begins the direction. */
  SERVER: 4,
  /** A whole ClientHello in the form of SSL 2.0: it has no names. */
  V2: 5,
} as const;

/** Longest hello of SSL 2.0 that is believed; real ones have some 50 to 130 bytes. */
const V2_LONGEST = 1_024;

/**
 * Finds server name and application protocols of a ClientHello where they stand, for detectors: it copies
 * nothing unless the hello lies in several records, and then into memory of its own that is used again.
 */
export class HelloSight {
  /** Where the places below are; the bytes are not kept. */
  bytes: Uint8Array = NOTHING;
  /** The server name; empty (`sniEnd` 0) where none was seen. */
  sniStart = 0;
  sniEnd = 0;
  /** The list of application protocols, each behind its length; empty where none was seen. */
  alpnStart = 0;
  alpnEnd = 0;
  /** The client offers to encrypt its hello, or seems to: browsers fill the extension with noise where they do not. */
  ech = false;
  #joined = NOTHING;

  look(bytes: Uint8Array, start: number, end: number): number {
    this.sniStart = this.sniEnd = this.alpnStart = this.alpnEnd = 0;
    this.bytes = bytes;
    this.ech = false;
    if (start >= end) return SIGHT.NOTHING;
    const first = bytes[start] ?? 0;
    if (first >= 0x80) return lookAtV2(bytes, start, end);
    if (first !== RECORD.HANDSHAKE) return SIGHT.NO;
    if (end - start < RECORD_HEAD + 1) return isHeadPrefix(bytes, start, end) ? SIGHT.PART : SIGHT.NO;
    if (!isHeadPrefix(bytes, start, end)) return SIGHT.NO;
    const type = bytes[start + RECORD_HEAD];
    if (type === HANDSHAKE.SERVER_HELLO) return SIGHT.SERVER;
    if (type !== HANDSHAKE.CLIENT_HELLO) return SIGHT.NO;
    return this.#client(bytes, start, end);
  }

  /** The same of a ClientHello message that has no record around it (QUIC), of which there is what ends at `end`. */
  lookAtMessage(bytes: Uint8Array, start: number, end: number): number {
    this.sniStart = this.sniEnd = this.alpnStart = this.alpnEnd = 0;
    this.bytes = bytes;
    this.ech = false;
    if (end - start < MESSAGE_HEAD) return SIGHT.PART;
    if (bytes[start] !== HANDSHAKE.CLIENT_HELLO) return SIGHT.NO;
    const length = MESSAGE_HEAD + u24(bytes, start + 1);
    if (length > TLS_LIMITS.message) return SIGHT.NO;
    return this.#body(bytes, start, Math.min(end, start + length), start + length);
  }

  #client(bytes: Uint8Array, start: number, end: number): number {
    const head = start + RECORD_HEAD;
    const record = u16(bytes, start + 3);
    if (end - head < MESSAGE_HEAD) return SIGHT.PART;
    let length = MESSAGE_HEAD + u24(bytes, head + 1);
    if (record < MESSAGE_HEAD) {
      // Even the message's header is cut in two: nobody does so by accident.
      const joined = this.#join(bytes, start, end, MESSAGE_HEAD);
      if (joined < MESSAGE_HEAD) return joined < 0 ? SIGHT.NO : SIGHT.PART;
      length = MESSAGE_HEAD + u24(this.#joined, 1);
    }
    if (length > TLS_LIMITS.message) return SIGHT.NO;
    if (length <= record) return this.#body(bytes, head, Math.min(end, head + length), head + length);
    const joined = this.#join(bytes, start, end, length);
    return joined < 0 ? SIGHT.NO : this.#body(this.#joined, 0, joined, length);
  }

  /** Joins a message that lies in several records; how much of it is there, −1 where another record comes between. */
  #join(bytes: Uint8Array, start: number, end: number, length: number): number {
    if (this.#joined.length === 0) this.#joined = new Uint8Array(TLS_LIMITS.message);
    let have = 0;
    for (let at = start; have < length && end - at >= RECORD_HEAD;) {
      const record = u16(bytes, at + 3);
      if (bytes[at] !== RECORD.HANDSHAKE || record === 0) return -1;
      const from = at + RECORD_HEAD;
      const n = Math.min(record, length - have, end - from);
      for (let i = 0; i < n; i++) this.#joined[have + i] = bytes[from + i] ?? 0;
      have += n;
      at = from + record;
    }
    return have;
  }

  /** The message at `start`, of which there is what ends at `end`, of what should end at `whole`. */
  #body(bytes: Uint8Array, start: number, end: number, whole: number): number {
    this.bytes = bytes;
    const part = end < whole ? SIGHT.PART : SIGHT.NO;
    if (end > start + MESSAGE_HEAD && bytes[start + MESSAGE_HEAD] !== 3) return SIGHT.NO;
    const at = pastCompressions(bytes, start + MESSAGE_HEAD, end);
    if (at < 0) return part;
    if (at === whole && end === whole) return SIGHT.CLIENT;
    if (at + 2 > end) return part;
    const past = at + 2 + u16(bytes, at);
    if (past > whole) return SIGHT.NO;
    this.#extensions(bytes, at + 2, Math.min(end, past));
    return end < whole ? SIGHT.PART : SIGHT.CLIENT;
  }

  /** The extensions that are there whole, up to the first that is not. */
  #extensions(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at + 4 <= end;) {
      const next = at + 4 + u16(bytes, at + 2);
      if (next > end) return;
      this.#extension(bytes, u16(bytes, at), at + 4, next);
      at = next;
    }
  }

  #extension(bytes: Uint8Array, type: number, start: number, end: number): void {
    if (type === EXTENSION.SERVER_NAME && end - start > 5 && bytes[start + 2] === 0) {
      const name = start + 5;
      const length = u16(bytes, start + 3);
      if (this.sniEnd > 0 || name + length > end || !isPrintable(bytes, name, name + length)) return;
      this.sniStart = name;
      this.sniEnd = name + length;
    } else if (type === EXTENSION.ENCRYPTED_CLIENT_HELLO) {
      this.ech = true;
    } else if (type === EXTENSION.ALPN && end - start > 2) {
      this.alpnStart = start + 2;
      this.alpnEnd = Math.min(end, start + 2 + u16(bytes, start));
    }
  }

  /** True where the protocol is among those that are offered. */
  offers(protocol: Uint8Array): boolean {
    const { bytes, alpnEnd } = this;
    for (let at = this.alpnStart; at < alpnEnd;) {
      const length = bytes[at] ?? 0;
      if (length === protocol.length && at + 1 + length <= alpnEnd && same(bytes, at + 1, protocol))
        return true;
      at += 1 + length;
    }
    return false;
  }
}

const NOTHING = new Uint8Array(0);

function same(bytes: Uint8Array, at: number, pattern: Uint8Array): boolean {
  for (let i = 0; i < pattern.length; i++) if (bytes[at + i] !== pattern[i]) return false;
  return true;
}

/** What `printable` makes a text of: the reader of whole hellos tells the same names. */
function isPrintable(bytes: Uint8Array, start: number, end: number): boolean {
  if (end <= start || end - start > TLS_LIMITS.name) return false;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte <= 0x20 || byte >= 0x7f) return false;
  }
  return true;
}

/** A record of SSL 3.0 or TLS, of a length that a record can have. */
function isHeadPrefix(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > 1 && bytes[start + 1] !== 3) return false;
  if (end - start > 2 && (bytes[start + 2] ?? 0) > 4) return false;
  if (end - start < RECORD_HEAD) return true;
  const length = u16(bytes, start + 3);
  return length > 0 && length <= TLS_LIMITS.record;
}

/** Length, type 1, version, lengths of ciphers, session id and challenge that add up (RFC 5246, E.2). */
function lookAtV2(bytes: Uint8Array, start: number, end: number): number {
  const have = end - start;
  if (have < 3) return SIGHT.PART;
  const length = u16(bytes, start) & 0x7fff;
  if (bytes[start + 2] !== HANDSHAKE.CLIENT_HELLO || length > V2_LONGEST) return SIGHT.NO;
  if (have < 11) return SIGHT.PART;
  const version = u16(bytes, start + 3);
  if (version !== 2 && version >> 8 !== 3) return SIGHT.NO;
  const ciphers = u16(bytes, start + 5);
  const challenge = u16(bytes, start + 9);
  if (ciphers === 0 || ciphers % 3 !== 0 || challenge < 16 || challenge > 32) return SIGHT.NO;
  if (length !== 9 + ciphers + u16(bytes, start + 7) + challenge) return SIGHT.NO;
  return have < 2 + length ? SIGHT.PART : SIGHT.V2;
}

/** Index behind version, random, and what has its length before it: session id, ciphers, compressions; −1 past the end. */
function pastCompressions(bytes: Uint8Array, start: number, end: number): number {
  let at = start + 34;
  if (at >= end) return -1;
  at += 1 + (bytes[at] ?? 0);
  if (at + 2 > end) return -1;
  at += 2 + u16(bytes, at);
  if (at + 1 > end) return -1;
  return at + 1 + (bytes[at] ?? 0);
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function u24(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | u16(bytes, at + 1);
}
