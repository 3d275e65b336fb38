import type { Cursor } from '../../src/sdk/index.ts';

/** Binary headers of peer-to-peer messages, versions 1 and 2. Bytes only. */

/** One part of a message or of a session's data. */
export interface Piece {
  /** 0: text (MSNSLP). */
  sessionId: number;
  /** What tells one message of a sender from another. */
  message: string;
  /** In a session: bytes of a file or an object, and not of what precedes it. */
  isData: boolean;
  /** It is the first part. */
  first: boolean;
  /** Bytes of the message before it; −1 where the header does not tell (version 2). */
  offset: number;
  /** Bytes of the message after it. */
  remaining: number;
  start: number;
  end: number;
  /** The header named more data than there is (see `lastPart`). */
  overstated: boolean;
  /** The header is that of the part before (see `readVersion1`). */
  late: boolean;
}

const V1_HEADER = 48;
/** Bytes after the data: what application it is for. */
const FOOTER = 4;
const V1_ACKNOWLEDGEMENT = 0x02;
/** Set in 0x20 (an object) and 0x1000030 (a file). */
const V1_DATA = 0x20;
const V1_FILE = 0x1000000;
const V2_FIRST = 0x01;
/** Set in 4 (an object) and 6 (a file). */
const V2_DATA = 0x04;
const V2_REMAINING = 1;
/** Bytes of either header without its TLVs. */
const SHORTEST_V2 = 8;

/**
 * Version 1, 48 bytes, little-endian: session u32, id u32, offset u64, total u64, length u32,
 * flags u32, acknowledged id u32, its unique id u32, its size u64; then the data. Undefined where
 * the numbers contradict each other or what is there.
 *
 * libpurple 2.7 to 2.10 with MSNP16 and later writes the header of a part before it sets its length: the first says 0,
 * and each other one is that of the part before it. Of an object it then begins again with the first part, and from
 * there on the headers are right. `lateOf` answers `beginningOf` the first part of a message that began so.
 */
export function readVersion1(
  cursor: Cursor,
  lateOf?: (message: string) => number | undefined,
): Piece | undefined {
  const from = cursor.pos;
  const sessionId = cursor.u32le();
  const message = String(cursor.u32le());
  const offset = cursor.u64le();
  const total = cursor.u64le();
  const length = cursor.u32le();
  const flags = cursor.u32le();
  cursor.skip(V1_HEADER - 32);
  if (!cursor.ok) return undefined;
  const start = from + V1_HEADER;
  const isData = (flags & V1_DATA) !== 0;
  const there = Math.min(cursor.left - FOOTER, total - offset - length);
  if (sessionId !== 0 && isData && there > 0) {
    const first = offset === 0 && length === 0 ? NONE : lateOf?.(message);
    const begunAgain =
      (flags & V1_FILE) === 0 &&
      offset === 0 &&
      first === beginningOf(cursor.bytes, start, cursor.end - FOOTER);
    if (first !== undefined && !begunAgain) {
      const at = offset + length;
      return {
        ...{ sessionId, message, isData, first: at === 0, offset: at, remaining: total - at - there },
        ...{ start, end: start + there, overstated: false, late: true },
      };
    }
  }
  const overstated = length > cursor.left;
  const size = overstated ? lastPart(sessionId, offset, total, cursor.left - FOOTER) : length;
  if (size < 0 || offset + size > total) return undefined;
  const end = flags === V1_ACKNOWLEDGEMENT ? start : start + size;
  return {
    sessionId,
    message,
    isData,
    first: offset === 0,
    offset,
    remaining: total - offset - size,
    start,
    end,
    overstated,
    late: false,
  };
}

/** Not the beginning of any part. */
const NONE = -1;
/** Bytes by which a part is known again. */
const BEGINNING = 64;

/** A number for the first bytes of a part's data, from 0. */
export function beginningOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < Math.min(end, start + BEGINNING); i++) {
    hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  }
  return hash >>> 0;
}

/**
 * libpurple 2.7 to 2.10 leaves the length of a full part (1,202) in the header of the last, shorter
 * part of data. Answers what there really is, −1 where it is not the end of the data.
 */
function lastPart(sessionId: number, offset: number, total: number, there: number): number {
  return sessionId !== 0 && there > 0 && offset + there === total ? there : -1;
}

/**
 * Version 2 (MSNP16 and later), big-endian: header length u8, operation u8, payload length u16,
 * sequence u32, TLVs; then, where the payload is not empty, data header length u8, flags u8 (1: first
 * part), package u16, session u32, TLVs (1: bytes that remain, u64), data.
 */
export function readVersion2(cursor: Cursor): Piece | undefined {
  const from = cursor.pos;
  const headerLength = cursor.u8();
  cursor.skip(1);
  const length = cursor.u16();
  cursor.skip(headerLength - 4);
  if (!cursor.ok || headerLength < 8 || length > cursor.left) return undefined;
  const at = from + headerLength;
  const piece: Piece = {
    sessionId: 0,
    message: '',
    isData: false,
    first: true,
    offset: 0,
    remaining: 0,
    start: at,
    end: at,
    overstated: false,
    late: false,
  };
  if (length === 0) return piece;
  const dataHeader = cursor.u8();
  if (dataHeader < 8 || dataHeader > length) return undefined;
  const kind = cursor.u8();
  piece.isData = (kind & V2_DATA) !== 0;
  piece.first = (kind & V2_FIRST) !== 0;
  piece.message = String(cursor.u16());
  piece.sessionId = cursor.u32();
  piece.remaining = readRemaining(cursor, at + dataHeader);
  if (!piece.first) piece.offset = -1;
  piece.start = at + dataHeader;
  piece.end = at + length;
  return cursor.ok ? piece : undefined;
}

/** True for a message of version 2 that has no room for the header that it begins, or for the one that it announces. */
export function isShortVersion2(cursor: Cursor): boolean {
  const left = cursor.left - FOOTER;
  if (left < SHORTEST_V2) return true;
  const header = cursor.peek(0);
  const length = (cursor.peek(2) << 8) | cursor.peek(3);
  return header >= SHORTEST_V2 && length > 0 && left < header + SHORTEST_V2;
}

/** The value of TLV 1 among those up to `end`, or 0. */
function readRemaining(cursor: Cursor, end: number): number {
  let remaining = 0;
  while (cursor.ok && end - cursor.pos >= 2) {
    const type = cursor.u8();
    const length = cursor.u8();
    if (type === V2_REMAINING && length === 8) remaining = cursor.u64();
    else cursor.skip(length);
  }
  return remaining;
}
