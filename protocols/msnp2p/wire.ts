import { MAX_SLP } from '../../src/sdk/index.ts';
import type { Cursor } from '../../src/sdk/index.ts';

/** Frames of a direct connection: length u32 little-endian, then a peer-to-peer packet without a footer. Bytes only. */

/** The first frame: four bytes, `foo` and a zero. */
export const OPENING = Uint8Array.of(4, 0, 0, 0, 0x66, 0x6f, 0x6f, 0);
/** Lengths of the handshake frames of versions 1 (a whole header) and 2 (a nonce). */
export const HANDSHAKE_V1 = 48;
export const HANDSHAKE_V2 = 16;
export const LENGTH_FIELD = 4;
export const V1_HEADER = 48;
/** The longest frame that is believed: the longest text in one. */
export const MAX_FRAME = MAX_SLP + V1_HEADER;

const V1_ACKNOWLEDGEMENT = 0x02;
/** Set in 0x20 (an object) and 0x1000030 (a file). */
const V1_DATA = 0x20;
const V2_FIRST = 0x01;
/** Set in 4 (an object) and 6 (a file). */
const V2_DATA = 0x04;
const V2_REMAINING = 1;
/** Bytes of either header of version 2 without its TLVs. */
const SHORTEST_V2 = 8;

/** The header of a packet. */
export interface Packet {
  /** 0: text (MSNSLP). */
  sessionId: number;
  /** What tells one message of a sender from another. */
  message: string;
  /** In a session: bytes of a file or an object, and not of what precedes it. */
  isData: boolean;
  first: boolean;
  /** Bytes of the message before this packet's; −1 where the header does not tell (version 2). */
  offset: number;
  /** Bytes of the message after this packet's. */
  remaining: number;
  /** Bytes of data that follow the header. */
  length: number;
  /** The header named more data than there is (see `lastPart`). */
  overstated: boolean;
}

/**
 * Version 1, 48 bytes, little-endian: session u32, id u32, offset u64, total u64, length u32,
 * flags u32, acknowledged id u32, its unique id u32, its size u64. Leaves the cursor at the data.
 * Undefined where the numbers contradict each other or `size`, the bytes of the frame.
 */
export function readVersion1(cursor: Cursor, size: number): Packet | undefined {
  const sessionId = cursor.u32le();
  const message = String(cursor.u32le());
  const offset = cursor.u64le();
  const total = cursor.u64le();
  const length = cursor.u32le();
  const flags = cursor.u32le();
  cursor.skip(V1_HEADER - 32);
  const there = size - V1_HEADER;
  const overstated = length > there;
  const held = overstated ? lastPart(sessionId, offset, total, there) : length;
  if (!cursor.ok || held < 0 || offset + held > total) return undefined;
  return {
    sessionId,
    message,
    isData: (flags & V1_DATA) !== 0,
    first: offset === 0,
    offset,
    remaining: total - offset - held,
    length: flags === V1_ACKNOWLEDGEMENT ? 0 : held,
    overstated,
  };
}

/**
 * libpurple 2.7 to 2.10 leaves the length of a full part (1,202) in the header of the last, shorter
 * part of data. Answers what there really is, −1 where it is not the end of the data.
 */
function lastPart(sessionId: number, offset: number, total: number, there: number): number {
  return sessionId !== 0 && there > 0 && offset + there === total ? there : -1;
}

/**
 * Version 2, big-endian: header length u8, operation u8, payload length u16, sequence u32, TLVs; then,
 * where the payload is not empty, data header length u8, flags u8 (1: first part), package u16, session
 * u32, TLVs (1: bytes that remain, u64). Leaves the cursor at the data.
 */
export function readVersion2(cursor: Cursor, size: number): Packet | undefined {
  const headerLength = cursor.u8();
  cursor.skip(1);
  const length = cursor.u16();
  cursor.skip(headerLength - 4);
  if (!cursor.ok || headerLength < 8 || headerLength + length > size) return undefined;
  const packet: Packet = {
    sessionId: 0,
    message: '',
    isData: false,
    first: true,
    offset: 0,
    remaining: 0,
    length: 0,
    overstated: false,
  };
  if (length === 0) return packet;
  const start = cursor.pos;
  const dataHeader = cursor.u8();
  if (dataHeader < 8 || dataHeader > length) return undefined;
  const kind = cursor.u8();
  packet.isData = (kind & V2_DATA) !== 0;
  packet.first = (kind & V2_FIRST) !== 0;
  packet.message = String(cursor.u16());
  packet.sessionId = cursor.u32();
  if (!packet.first) packet.offset = -1;
  while (cursor.ok && start + dataHeader - cursor.pos >= 2) {
    const type = cursor.u8();
    const valueLength = cursor.u8();
    if (type === V2_REMAINING && valueLength === 8) packet.remaining = cursor.u64();
    else cursor.skip(valueLength);
  }
  packet.length = length - dataHeader;
  cursor.skip(start + dataHeader - cursor.pos);
  return cursor.ok ? packet : undefined;
}

/** True for a frame of version 2 that has no room for the header that it begins, or for the one that it announces. */
export function isShortVersion2(cursor: Cursor, size: number): boolean {
  if (size < SHORTEST_V2) return true;
  const header = cursor.peek(0);
  const length = (cursor.peek(2) << 8) | cursor.peek(3);
  return header >= SHORTEST_V2 && length > 0 && size < header + SHORTEST_V2;
}
