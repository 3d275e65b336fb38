import { decodeLatin1, decodeUtf8 } from '../../core/text.ts';

/**
 * Names, namespaces and addresses of a stream repeat in every stanza: each is made a string once and
 * then found again by a hash of its bytes. A direct-mapped cache of a fixed size, so a stream of
 * made-up names costs time and no memory.
 */
const SLOTS = 4096;
const LONGEST = 96;
const cache: string[] = new Array<string>(SLOTS).fill('');

export const HASH_SEED = 0x811c9dc5 | 0;

/** One step of FNV-1a. */
export function hashByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

/** The hash of an ASCII name, as the scanner computes it of bytes. */
export function hashName(name: string): number {
  let hash = HASH_SEED;
  for (let i = 0; i < name.length; i++) hash = hashByte(hash, name.charCodeAt(i));
  return hash;
}

/** The bytes as a string: UTF-8, from the cache where they are short and ASCII. */
export function internName(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > LONGEST) return decodeUtf8(bytes, start, end);
  let hash = HASH_SEED;
  let high = 0;
  for (let i = start; i < end; i++) {
    const c = bytes[i] ?? 0;
    high |= c;
    hash = hashByte(hash, c);
  }
  if (high >= 0x80) return decodeUtf8(bytes, start, end);
  const slot = (hash ^ (hash >>> 16)) & (SLOTS - 1);
  const known = cache[slot] ?? '';
  if (sameAscii(known, bytes, start, end)) return known;
  const made = decodeLatin1(bytes, start, end);
  cache[slot] = made;
  return made;
}

function sameAscii(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
