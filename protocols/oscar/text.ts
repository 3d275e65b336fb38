import { decodeLatin1, decodeUtf16be, decodeUtf8Strict } from '../../src/sdk/index.ts';
import { decodeLocal } from './codepage.ts';
import type { CodePage } from './codepage.ts';

/**
 * Text by OSCAR's charset labels, which lie: the label is tried first, then what
 * the bytes are.
 */

/** Charset numbers of an ICBM text fragment. */
export const CHARSET = {
  ASCII: 0,
  UTF16: 2,
  LATIN1: 3,
  UNKNOWN: 0xffff,
} as const;

export interface Decoded {
  text: string;
  /** The bytes were of another charset than the label said. */
  mislabelled: boolean;
}

/** Charset names of chat rooms, profiles and file names, to the numbers of ICBM. */
export function charsetByName(name: string): number {
  const lower = name.toLowerCase();
  if (lower.includes('unicode-2') || lower.includes('utf-16')) return CHARSET.UTF16;
  if (lower.includes('8859-1')) return CHARSET.LATIN1;
  return lower.includes('us-ascii') ? CHARSET.ASCII : CHARSET.UNKNOWN;
}

/** Decodes one fragment of text. `page` is the code page of the client's language, where that is known. */
export function decodeText(
  bytes: Uint8Array,
  start: number,
  end: number,
  charset: number,
  page?: CodePage,
): Decoded {
  return charset === CHARSET.UTF16
    ? decodeLabelledUtf16(bytes, start, end)
    : decodeBytes(bytes, start, end, charset, page);
}

/** One byte a character by its label; some senders put UTF-8 or UTF-16 under it. */
function decodeBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  charset: number,
  page: CodePage | undefined,
): Decoded {
  let high = false;
  let evenZeros = 0;
  let oddZeros = 0;
  for (let i = start; i < end; i++) {
    const c = bytes[i] ?? 0;
    if (c >= 0x80) high = true;
    else if (c === 0 && (i - start) % 2 === 0) evenZeros++;
    else if (c === 0) oddZeros++;
  }
  if (evenZeros > 0 && oddZeros === 0 && (end - start) % 2 === 0) {
    return { text: decodeUtf16be(bytes, start, end), mislabelled: charset !== CHARSET.UNKNOWN };
  }
  if (!high) return { text: decodeLatin1(bytes, start, end), mislabelled: false };
  const entities = decodeSplitUtf8(bytes, start, end);
  if (entities !== undefined) return { text: entities, mislabelled: charset === CHARSET.ASCII };
  return { text: decodeLocal(bytes, start, end, page), mislabelled: charset === CHARSET.ASCII };
}

/** "&#128;" to "&#159;": six bytes. */
const ENTITY_LENGTH = 6;

/**
 * naim (0.11.8) writes UTF-8 in which each byte from 0x80 to 0x9f became a numeric entity. Returns
 * the text with these bytes put back, or undefined where there are none or the result is no UTF-8.
 */
function decodeSplitUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  const out = new Uint8Array(end - start);
  let length = 0;
  let found = false;
  for (let i = start; i < end; i++) {
    const c = bytes[i] ?? 0;
    const byte = c === 0x26 ? entityByte(bytes, i, end) : -1;
    if (byte >= 0) {
      found = true;
      i += ENTITY_LENGTH - 1;
    }
    out[length++] = byte >= 0 ? byte : c;
  }
  return found ? decodeUtf8Strict(out, 0, length) : undefined;
}

/** The number in "&#nnn;" at `at` where it is 128 to 159, else −1. */
function entityByte(bytes: Uint8Array, at: number, end: number): number {
  if (at + ENTITY_LENGTH > end || bytes[at + 1] !== 0x23 || bytes[at + 5] !== 0x3b) return -1;
  let value = 0;
  for (let i = at + 2; i < at + 5; i++) {
    const digit = (bytes[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value >= 0x80 && value <= 0x9f ? value : -1;
}

/** Shorter text than this is taken for what the label says: too little to judge. */
const JUDGED_LENGTH = 8;

/** UTF-16 by its label. Twisted (13.2) sends UTF-8 under it. */
function decodeLabelledUtf16(bytes: Uint8Array, start: number, end: number): Decoded {
  const utf8 = looksUtf8(bytes, start, end) ? decodeUtf8Strict(bytes, start, end) : undefined;
  if (utf8 !== undefined) return { text: utf8, mislabelled: true };
  return { text: decodeUtf16be(bytes, start, end), mislabelled: (end - start) % 2 !== 0 };
}

/**
 * True where bytes under a UTF-16 label are more likely UTF-8. Real UTF-16 has zero bytes with any
 * space, digit, punctuation or tag; text of ideographs alone has none, but is not made of the
 * letters and spaces of ASCII.
 */
function looksUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length < JUDGED_LENGTH && length % 2 === 0) return false;
  let letters = 0;
  let sequences = 0;
  for (let i = start; i < end; i++) {
    const c = bytes[i] ?? 0;
    if (c < 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return false;
    if (c === 0x20 || (c >= 0x61 && c <= 0x7a)) letters++;
    else if (c >= 0xc2) sequences++;
  }
  return sequences > 0 || letters * 10 >= length * 6;
}
