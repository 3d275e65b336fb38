/**
 * How clients of versions 4 and 5 scramble what they send. The key is made from the datagram's own
 * length and check code, so whoever has the datagram can read it. The servers' side is clear.
 */

/** Version 4: the key is added to bytes of a help text of the original client (its first 256 characters). */
const TABLE_V4 = Uint8Array.from(
  '\n[1] You can modify the sounds ICQ makes. Just select "Sounds" from the "preferences/misc" in ICQ or from ' +
    'the "Sounds" in the control panel. Credit: Eran\n[2] Can\'t remember what was said?  Double-click on a ' +
    'user to get a dialog of all messages sent incomin',
  (c) => c.charCodeAt(0),
);

/** Version 5: the key is added to bytes of this table. */
const TABLE_V5 = Uint8Array.from(
  (
    '5960376B6562464853614C5960575B3D5E346D36503F6F6753614C5940476339505F5F3F6F47436948333164355A4A42' +
    '5640675341076C49583B4D4668436948333144656246485341076C69483351545D4E6C49384B554A6246483351346D36' +
    '505F5F5F3F6F4763594067333164355A6A526E3C51346D36505F5F3F4F374B355A4A6266583B4D66585B5D4E6C49583B' +
    '4D66583B4D464853614C594067333164556A323E4445526E3C3164556A524E6C694853614C39306F47635960575B3D3E' +
    '64353A3A5A6A524E6C694853616C49583B4D46686339505F5F3F6F67534125413C51543D5E545D4E4C39505F5F5F3F6F' +
    '474369483351545D6E3C3164355A0000'
  ).match(/../g) ?? [],
  (pair) => Number.parseInt(pair, 16),
);

const FACTOR_V4 = 0x66756b65;
const FACTOR_V5 = 0x68656c6c;
export const CHECK_V4 = 16;
export const CHECK_V5 = 20;
/** The first scrambled byte of version 5: what precedes it is version, zero and account. */
const CLEAR_V5 = 10;

function u32le(bytes: Uint8Array, at: number): number {
  const [a, b, c, d] = [bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0];
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}

/** The check code of version 5 travels with its bits in other places. */
function unshuffle(code: number): number {
  return (
    (((code & 0x0001f000) >>> 12) |
      ((code & 0x07c007c0) >>> 1) |
      ((code & 0x003e0001) << 10) |
      ((code & 0xf8000000) >>> 16) |
      ((code & 0x0000083e) << 15)) >>>
    0
  );
}

/** The check code of a datagram of version 5 as it was computed. */
export function checkCodeV5(bytes: Uint8Array, start: number): number {
  return unshuffle(u32le(bytes, start + CHECK_V5));
}

export function checkCodeV4(bytes: Uint8Array, start: number): number {
  return u32le(bytes, start + CHECK_V4);
}

/** The two bytes at the even offset `at` from the key's word at `word`; `shift` is 0 for its lower half, 16 for the upper. */
function clear16(bytes: Uint8Array, at: number, key: number, shift: number): number {
  return ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)) ^ ((key >>> shift) & 0xffff);
}

/** The command of a client's datagram of version 5, without unscrambling the rest. */
export function commandV5(bytes: Uint8Array, start: number, end: number): number {
  const key = Math.imul(end - start, FACTOR_V5) + checkCodeV5(bytes, start);
  return clear16(bytes, start + 14, key + (TABLE_V5[14] ?? 0), 0);
}

/** The command of a client's datagram of version 4; −1 where the zero before it is none. */
export function commandV4(bytes: Uint8Array, start: number, end: number): number {
  const key = Math.imul(end - start, FACTOR_V4) + checkCodeV4(bytes, start) + (TABLE_V4[4] ?? 0);
  return clear16(bytes, start + 4, key, 0) === 0 ? clear16(bytes, start + 6, key, 16) : -1;
}

/** The datagram `bytes[start..end)` of version 5 in clear, a copy. */
export function unscrambleV5(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const clear = bytes.slice(start, end);
  const key = Math.imul(clear.length, FACTOR_V5) + checkCodeV5(bytes, start);
  for (let i = CLEAR_V5; i < clear.length; i += 4) {
    xorWord(clear, i, key + (TABLE_V5[i & 0xff] ?? 0));
  }
  // The check code stands across two words and was put there afterwards.
  clear.set(bytes.subarray(start + CHECK_V5, start + CHECK_V5 + 4), CHECK_V5);
  return clear;
}

/** The datagram `bytes[start..end)` of version 4 in clear, a copy. Only its first quarter is scrambled. */
export function unscrambleV4(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const clear = bytes.slice(start, end);
  const key = Math.imul(clear.length, FACTOR_V4) + checkCodeV4(bytes, start);
  const scrambled = (clear.length + 3) >> 2;
  for (let i = 0; i < scrambled; i += 4) {
    if (i !== CHECK_V4) xorWord(clear, i, key + (TABLE_V4[i & 0xff] ?? 0));
  }
  clear[0] = 4;
  clear[1] = 0;
  return clear;
}

function xorWord(bytes: Uint8Array, at: number, word: number): void {
  for (let i = 0; i < 4 && at + i < bytes.length; i++) {
    bytes[at + i] = (bytes[at + i] ?? 0) ^ ((word >>> (8 * i)) & 0xff);
  }
}

/**
 * True where a check code fits a datagram in clear: it is made of four header bytes, of a byte of
 * the table with its index, and of a byte of the datagram with its offset (modulo 256, so that
 * byte is asked for only where there is no doubt).
 */
export function checkFits(version: 4 | 5, clear: Uint8Array, code: number): boolean {
  const table = version === 5 ? TABLE_V5 : TABLE_V4;
  const head = ((clear[8] ?? 0) << 24) | ((clear[4] ?? 0) << 16) | ((clear[2] ?? 0) << 8) | (clear[6] ?? 0);
  const parts = (code ^ head ^ 0x00ff00ff) >>> 0;
  if ((parts & 0xff) !== table[(parts >>> 8) & 0xff]) return false;
  const offset = parts >>> 24;
  const own = version === 5 ? CHECK_V5 : CHECK_V4;
  const doubtful = clear.length > 256 || (offset >= own && offset < own + 4);
  return doubtful || ((parts >>> 16) & 0xff) === clear[offset];
}

/** The same for the table's byte alone, from what version 5 leaves in clear: for detection. */
export function tableFitsV5(bytes: Uint8Array, start: number): boolean {
  const byte6 = bytes[start + 6] ?? 0;
  const byte2 = bytes[start + 2] ?? 0;
  const parts = checkCodeV5(bytes, start) ^ ((byte2 << 8) | byte6) ^ 0x00ff00ff;
  return (parts & 0xff) === TABLE_V5[(parts >>> 8) & 0xff];
}

/** Scrambles a client's datagram in clear of version 5 or 4, in place: for tests and generators. */
export function scramble(version: 4 | 5, datagram: Uint8Array, offset: number, index: number): void {
  const table = version === 5 ? TABLE_V5 : TABLE_V4;
  const byte = (i: number): number => datagram[i] ?? 0;
  const head = (byte(8) << 24) | (byte(4) << 16) | (byte(2) << 8) | byte(6);
  const parts = (offset << 24) | (byte(offset) << 16) | (index << 8) | (table[index] ?? 0);
  const code = (head ^ parts ^ 0x00ff00ff) >>> 0;
  const key = Math.imul(datagram.length, version === 5 ? FACTOR_V5 : FACTOR_V4) + code;
  const first = version === 5 ? CLEAR_V5 : 0;
  const stop = version === 5 ? datagram.length : (datagram.length + 3) >> 2;
  for (let i = first; i < stop; i += 4) xorWord(datagram, i, key + (table[i & 0xff] ?? 0));
  datagram[0] = version;
  datagram[1] = 0;
  const sent = version === 5 ? shuffle(code) : code;
  const at = version === 5 ? CHECK_V5 : CHECK_V4;
  for (let i = 0; i < 4; i++) datagram[at + i] = (sent >>> (8 * i)) & 0xff;
}

function shuffle(code: number): number {
  return (
    (((code & 0x0000001f) << 12) |
      ((code & 0x03e003e0) << 1) |
      ((code & 0xf8000400) >>> 10) |
      ((code & 0x0000f800) << 16) |
      ((code & 0x041f0000) >>> 15)) >>>
    0
  );
}
