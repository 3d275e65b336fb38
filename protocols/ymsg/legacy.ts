/**
 * The protocol of Yahoo! Pager before YMSG, recognised and not read: `YPNS1.4` from the client,
 * `YHOO1.0` from the server, then 32-bit numbers in little-endian: the packet's length (with this
 * header), service, connection, a cookie, an unused one and a type; two ids of 36 bytes.
 */
/** Length of its header. */
export const LEGACY_HEADER = 104;
const MAX_LENGTH = 0x10000;
const MAGICS: readonly (readonly number[])[] = [
  [0x59, 0x50, 0x4e, 0x53],
  [0x59, 0x48, 0x4f, 0x4f],
];

/** True when the bytes are the beginning of the magic, or may become it. */
export function isLegacyMagic(bytes: Uint8Array, start: number, end: number): boolean {
  return MAGICS.some((magic) => magic.every((byte, i) => start + i >= end || bytes[start + i] === byte));
}

/** True when a whole header is there: version text, a length that can be one, ids padded with NULs. */
export function isLegacyHeader(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < LEGACY_HEADER || !isLegacyMagic(bytes, start, end)) return false;
  if (!isDigit(bytes[start + 4]) || bytes[start + 5] !== 0x2e || !isDigit(bytes[start + 6])) return false;
  if (bytes[start + 7] !== 0) return false;
  const length = u32le(bytes, start + 8);
  if (length < LEGACY_HEADER || length > MAX_LENGTH || u32le(bytes, start + 12) > 0xff) return false;
  return isPadded(bytes, start + 32) && isPadded(bytes, start + 68);
}

/** 36 bytes of printable text, then only NULs. */
function isPadded(bytes: Uint8Array, at: number): boolean {
  let text = true;
  for (let i = at; i < at + 36; i++) {
    const c = bytes[i] ?? 0;
    if (c === 0) text = false;
    else if (!text || c < 0x20 || c > 0x7e) return false;
  }
  return !text;
}

function isDigit(c: number | undefined): boolean {
  return c !== undefined && c >= 0x30 && c <= 0x39;
}

function u32le(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 3; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}
