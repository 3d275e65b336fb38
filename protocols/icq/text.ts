import { decodeUtf8Strict, decodeWindows1252 } from '../../src/sdk/index.ts';
import { SEPARATOR } from './wire.ts';

const windows1251 = new TextDecoder('windows-1251');

/**
 * Text of these clients is in the code page of the sender's Windows, without a label. UTF-8 is told
 * by its form. Of the rest, text whose letters are mostly beyond ASCII is in an alphabet of its
 * own, read as Cyrillic (1251); text with single such letters among ASCII is Western (1252).
 */
export function decodeText(bytes: Uint8Array): string {
  return cleanText(
    decodeUtf8Strict(bytes) ?? (isCyrillic(bytes) ? windows1251.decode(bytes) : decodeWindows1252(bytes)),
  );
}

/** Names and other short fields: without outer white space. */
export function decodeField(bytes: Uint8Array): string {
  return decodeText(bytes).trim();
}

function isCyrillic(bytes: Uint8Array): boolean {
  let high = 0;
  let ascii = 0;
  for (const c of bytes) {
    const letter = c | 0x20;
    if (c >= 0xc0 || c === 0xa8 || c === 0xb8) high++;
    else if (letter >= 0x61 && letter <= 0x7a) ascii++;
  }
  return high > ascii;
}

/** Without NULs, which some clients put before the end that the length says. */
function cleanText(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '') : text;
}

/** The parts of a message that has several. */
export function splitParts(bytes: Uint8Array, most = 8): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let at = 0;
  while (parts.length < most - 1) {
    const next = bytes.indexOf(SEPARATOR, at);
    if (next < 0) break;
    parts.push(bytes.subarray(at, next));
    at = next + 1;
  }
  parts.push(bytes.subarray(at));
  return parts;
}
