/**
 * Text off the wire to valid Unicode: bytes that are not of the charset become U+FFFD, and no lone
 * surrogate leaves here. Lone surrogates inside UTF-16 are replaced in the same way.
 */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const utf8Strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf16be = new TextDecoder('utf-16be', { ignoreBOM: true });
const utf16le = new TextDecoder('utf-16le', { ignoreBOM: true });

/** Up to this many bytes, a loop is faster than the decoder's call (which costs about 300 ns). */
const SHORT = 48;

/** Bytes as UTF-8, U+FFFD for each ill-formed part. */
export function decodeUtf8(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (end - start <= SHORT) {
    let text = '';
    let i = start;
    for (; i < end; i++) {
      const c = bytes[i]!;
      if (c >= 0x80) break;
      text += String.fromCharCode(c);
    }
    if (i === end) return text;
  }
  return utf8.decode(bytes.subarray(start, end));
}

/** Bytes as UTF-8, or undefined where they are not valid UTF-8. */
export function decodeUtf8Strict(bytes: Uint8Array, start = 0, end = bytes.length): string | undefined {
  try {
    return utf8Strict.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

/** One character a byte (ISO-8859-1); never fails. */
export function decodeLatin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (end - start > SHORT) {
    return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  }
  let text = '';
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

/**
 * The same text as a string of its own. A part of a string keeps the whole of it in memory: what is kept of
 * a long text for longer than a call is copied first.
 */
export function ownText(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** UTF-16 big-endian; a lone surrogate or an odd last byte becomes U+FFFD. */
export function decodeUtf16be(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return utf16be.decode(bytes.subarray(start, end));
}

/** UTF-16 little-endian; a lone surrogate or an odd last byte becomes U+FFFD. */
export function decodeUtf16le(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return utf16le.decode(bytes.subarray(start, end));
}

/** The upper half of Windows-1252, which Node's own decoder maps to C1 controls. */
const WINDOWS_1252 =
  '\u20ac\ufffd\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\ufffd\u017d\ufffd' +
  '\ufffd\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\ufffd\u017e\u0178';

/** Windows code page 1252 (what "Latin-1" of a Windows client means); never fails. */
export function decodeWindows1252(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = '';
  for (let i = start; i < end; i++) {
    const c = bytes[i]!;
    text += c >= 0x80 && c < 0xa0 ? WINDOWS_1252[c - 0x80]! : String.fromCharCode(c);
  }
  return text;
}

/** UTF-8 where the bytes are valid UTF-8, else Windows-1252: the guess for unlabelled text. */
export function decodeGuess(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return decodeUtf8Strict(bytes, start, end) ?? decodeWindows1252(bytes, start, end);
}
