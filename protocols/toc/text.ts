import { decodeGuess, decodeUtf16be, decodeUtf8Strict } from '../../src/sdk/index.ts';

/** A piece of a line as text, and the anomaly code of the quirk that its bytes show. */
export interface Decoded {
  text: string;
  quirk?: 'toc_utf16_text' | 'toc_c1_entities';
}

/**
 * Text of a message from a Latin-1 line. The encoding letter of the `_ENC` commands is not asked:
 * servers label UTF-8 with `L` (Latin-1) and UTF-16 with `A` (ASCII), so the bytes decide.
 */
export function decodeText(raw: string): Decoded {
  const kinds = kindsOf(raw);
  if ((kinds & CONTROL) !== 0 && isUtf16Leak(raw)) {
    return { text: decodeUtf16be(bytesOf(raw)), quirk: 'toc_utf16_text' };
  }
  if ((kinds & BEYOND_ASCII) === 0) return { text: raw };
  const restored = restoreC1(raw);
  return restored === undefined
    ? { text: decodeGuess(bytesOf(raw)) }
    : { text: restored, quirk: 'toc_c1_entities' };
}

/** Names, topics and other short text: the charset rules without the quirks. */
export function decodeName(raw: string): string {
  return (kindsOf(raw) & BEYOND_ASCII) === 0 ? raw : decodeGuess(bytesOf(raw));
}

/**
 * Quirk: Open OSCAR Server hands the text of OSCAR chat rooms to TOC members as the UTF-16BE that
 * it received (seen 2026, CHAT_IN and CHAT_IN_ENC): the high bytes appear as control characters.
 */
function isUtf16Leak(raw: string): boolean {
  if (raw.length % 2 !== 0) return false;
  let high = 0;
  for (let i = 0; i < raw.length; i += 2) if (raw.charCodeAt(i) < 0x20) high++;
  return high * 4 >= raw.length;
}

/**
 * Quirk: naim 0.11 writes the bytes 0x80 to 0x9F of its UTF-8 as numeric entities. Undone where
 * the result is UTF-8.
 */
function restoreC1(raw: string): string | undefined {
  if (!raw.includes('&#1')) return undefined;
  const bytes = raw.replace(/&#(1(?:2[89]|[345]\d));/g, (_, code: string) =>
    String.fromCharCode(Number(code)),
  );
  return bytes.length === raw.length ? undefined : decodeUtf8Strict(bytesOf(bytes));
}

const CONTROL = 1;
const BEYOND_ASCII = 2;

/** Whether a line has control characters other than white space, and whether bytes beyond ASCII. */
function kindsOf(raw: string): number {
  let kinds = 0;
  for (let i = 0; i < raw.length; i++) {
    const c = raw.charCodeAt(i);
    if (c >= 0x80) kinds |= BEYOND_ASCII;
    else if (c < 0x20 && c !== 0x09 && c !== 0x0a && c !== 0x0d) kinds |= CONTROL;
  }
  return kinds;
}

/** The bytes of a Latin-1 string. */
function bytesOf(raw: string): Uint8Array {
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}
