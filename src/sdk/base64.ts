const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PADDING = 0x3d;
const SPACE = 0x20;
const VALUES = new Int8Array(128).fill(-1);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

/** Base64 (RFC 4648, 4) to bytes, tolerant: what is no digit is passed over, `=` ends it. */
export function decodeBase64(text: string): Uint8Array {
  return decode(text, false) ?? new Uint8Array(0);
}

/** Base64 (RFC 4648, 4) to bytes; white space is passed over. Undefined where it is not base64. */
export function decodeBase64Strict(text: string): Uint8Array | undefined {
  return decode(text, true);
}

function decode(text: string, strict: boolean): Uint8Array | undefined {
  const out = new Uint8Array(Math.ceil((text.length * 3) / 4));
  let length = 0;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === PADDING) break;
    const value = VALUES[c] ?? -1;
    if (value < 0) {
      if (strict && c > SPACE) return undefined;
      continue;
    }
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out[length++] = (bits >> held) & 0xff;
  }
  return out.subarray(0, length);
}
