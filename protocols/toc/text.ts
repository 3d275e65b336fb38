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
  if (isUtf16Leak(raw)) return { text: decodeUtf16be(bytesOf(raw)), quirk: 'toc_utf16_text' };
  if (isAscii(raw)) return { text: raw };
  const restored = restoreC1(raw);
  return restored === undefined
    ? { text: decodeGuess(bytesOf(raw)) }
    : { text: restored, quirk: 'toc_c1_entities' };
}

/** Names, topics and other short text: the charset rules without the quirks. */
export function decodeName(raw: string): string {
  return isAscii(raw) ? raw : decodeGuess(bytesOf(raw));
}

/**
 * Quirk: Open OSCAR Server hands the text of OSCAR chat rooms to TOC members as the UTF-16BE that
 * it received (seen 2026, CHAT_IN and CHAT_IN_ENC): the high bytes appear as control characters.
 */
function isUtf16Leak(raw: string): boolean {
  if (raw.length < 2 || raw.length % 2 !== 0) return false;
  let high = 0;
  for (let i = 0; i < raw.length; i += 2) if (raw.charCodeAt(i) < 0x20) high++;
  return high * 4 >= raw.length && /[\0-\x08\x0b\x0c\x0e-\x1f]/.test(raw);
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

function isAscii(raw: string): boolean {
  for (let i = 0; i < raw.length; i++) if (raw.charCodeAt(i) >= 0x80) return false;
  return true;
}

/** The bytes of a Latin-1 string. */
function bytesOf(raw: string): Uint8Array {
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}
