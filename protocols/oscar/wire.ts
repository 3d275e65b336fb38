import type { Cursor } from '../../src/sdk/index.ts';
import { isKnown } from './families.ts';
import { CHANNEL, FLAP_VERSION } from './numbers.ts';

/** The framing of OSCAR: FLAP frames and the SNACs inside them. Bytes only, no meaning. */

/** First byte of each FLAP frame: `*`. */
export const FLAP_START = 0x2a;
/** Start, channel, sequence (u16), length (u16). */
export const FLAP_HEADER = 6;
/** Family, subtype, flags (u16 each), request id (u32). */
export const SNAC_HEADER = 10;

/** True where these can begin a SNAC: a known family, a subtype in its range, no unknown flag. */
export function isSNAC(family: number, subtype: number, flags: number): boolean {
  return isKnown(family, subtype) && (flags & 0x7ffe) === 0;
}

/** True where these can begin a FLAP frame. */
export function isFLAP(start: number, channel: number): boolean {
  return start === FLAP_START && channel >= CHANNEL.SIGNON && channel <= CHANNEL.KEEP_ALIVE;
}

/** A channel without SNACs holds little: more than this is no frame of them (only believed while searching). */
const CONTROL_LENGTH = 0x200;

/**
 * Moves the cursor to the next bytes that can only be a frame (resynchronisation).
 * Returns 0 when it stands on one, else how many bytes from the cursor it takes to tell.
 */
export function findFrame(cursor: Cursor): number {
  while (cursor.left > 0) {
    if (cursor.peek() === FLAP_START) {
      const need = judgeFrame(cursor);
      if (need >= 0) return need;
    }
    cursor.skip(1);
  }
  return FLAP_HEADER;
}

/** 0: a frame for sure; more: bytes needed to tell; negative: none. */
function judgeFrame(cursor: Cursor): number {
  const channel = cursor.peek(1);
  if (channel >= 0 && !isFLAP(FLAP_START, channel)) return -1;
  if (cursor.left < FLAP_HEADER) return FLAP_HEADER;
  const length = peek16(cursor, 4);
  if (channel === CHANNEL.DATA) {
    if (length < SNAC_HEADER) return -1;
    if (cursor.left < FLAP_HEADER + 6) return FLAP_HEADER + 6;
    return isSNAC(peek16(cursor, 6), peek16(cursor, 8), peek16(cursor, 10)) ? 0 : -1;
  }
  if (channel === CHANNEL.SIGNON) {
    if (length < 4) return -1;
    if (cursor.left < FLAP_HEADER + 4) return FLAP_HEADER + 4;
    return peek16(cursor, 6) === 0 && peek16(cursor, 8) === FLAP_VERSION ? 0 : -1;
  }
  return judgeControl(cursor, length);
}

/** Channels 3 to 5 have no fields to check: the next frame must follow, with the next sequence number. */
function judgeControl(cursor: Cursor, length: number): number {
  if (length > CONTROL_LENGTH) return -1;
  const next = FLAP_HEADER + length;
  if (cursor.left < next + 4) return next + 4;
  const follows = isFLAP(cursor.peek(next), cursor.peek(next + 1));
  return follows && peek16(cursor, next + 2) === ((peek16(cursor, 2) + 1) & 0xffff) ? 0 : -1;
}

/** The u16 `at` places ahead; the caller knows that it is there. */
export function peek16(cursor: Cursor, at: number): number {
  return (cursor.peek(at) << 8) | cursor.peek(at + 1);
}

/** XORs with a roast table; the same call roasts and unroasts. */
export function roast(bytes: Uint8Array, table: readonly number[]): Uint8Array {
  return bytes.map((byte, i) => byte ^ (table[i % table.length] ?? 0));
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal, two digits a byte. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte] ?? '';
  return text;
}
