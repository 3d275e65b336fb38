import { decodeGuess } from '../../src/sdk/index.ts';
import type { Cursor } from '../../src/sdk/index.ts';

/**
 * MSNFTP framing: lines of text, and from the sender after `FIL` blocks: type u8 (0 data, 1 end), length
 * u16 little-endian, data. Bytes only.
 */

/** The longest line: an address and a cookie. */
export const MAX_LINE = 512;
/** Clients send blocks of at most so many bytes; a larger length is possible on the wire. */
export const USUAL_BLOCK = 2045;
export const BLOCK_HEADER = 3;
export const BLOCK = { DATA: 0, END: 1 } as const;

/** Codes of `BYE`, and what they mean; others are failures. */
export const BYE: ReadonlyMap<string, 'complete' | 'cancel' | 'failed'> = new Map([
  ['16777987', 'complete'],
  ['16777989', 'complete'],
  ['2147942405', 'failed'],
  ['2164261682', 'failed'],
  ['2164261683', 'cancel'],
  ['2164261694', 'cancel'],
] as const);

/** Reads a line without its end; undefined where it is not whole. One that is too long is left unread: `?`. */
export function readLine(cursor: Cursor): string | undefined {
  const eol = cursor.find(0x0a);
  const length = (eol < 0 ? cursor.end : eol) - cursor.pos;
  if (length > MAX_LINE) return '?';
  if (eol < 0) return undefined;
  const start = cursor.pos;
  const end = eol > start && cursor.bytes[eol - 1] === 0x0d ? eol - 1 : eol;
  cursor.pos = eol + 1;
  return decodeGuess(cursor.bytes, start, end);
}

/** Decimal digits only; −1 where it is none. */
export function parseNumber(text: string | undefined): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : -1;
}
