import { decodeUtf8, decodeUtf8Strict } from '../../core/text.ts';
import type { XmlTrouble } from './limits.ts';
import { internName } from './names.ts';

/** The bytes that an element was read from, and whom to tell of what is wrong in them. */
export interface XmlSource {
  bytes: Uint8Array;
  trouble(code: XmlTrouble): void;
}

const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** The longest reference that is looked for between `&` and `;`: `#x10FFFF` and some zeros. */
const LONGEST_REFERENCE = 16;
const AMPERSAND = 0x26;
const RETURN = 0x0d;

/** What a run of character data needs besides UTF-8. */
const NEEDS = { NOTHING: 0, HIGH: 1, SPECIAL: 2 } as const;

/**
 * Character data (no markup inside) as text: references resolved, line ends as XML 1.0, 2.11 has
 * them, what is not a character of XML or not UTF-8 as U+FFFD. Always valid Unicode.
 */
export function readChars(source: XmlSource, start: number, end: number): string {
  const { bytes } = source;
  const needs = survey(bytes, start, end);
  if (needs === NEEDS.NOTHING) return decodeUtf8(bytes, start, end);
  const text = decode(source, start, end, needs);
  return needs & NEEDS.SPECIAL ? resolve(source, text) : text;
}

/** As `readChars`, for an attribute: white space characters become spaces (XML 1.0, 3.3.3). */
export function readAttribute(source: XmlSource, start: number, end: number): string {
  const { bytes } = source;
  if (isPlain(bytes, start, end)) return internName(bytes, start, end);
  const needs = survey(bytes, start, end);
  const text = decode(source, start, end, needs).replace(/\r\n|[\t\n\r]/g, ' ');
  return needs & NEEDS.SPECIAL ? resolve(source, text) : text;
}

/** A CDATA section's content: no references. */
export function readCdata(source: XmlSource, start: number, end: number): string {
  const needs = survey(source.bytes, start, end);
  const text = decode(source, start, end, needs).replace(/\r\n?/g, '\n');
  return needs & NEEDS.SPECIAL ? text.replace(CONTROLS, '\ufffd') : text;
}

/** Characters that XML 1.0 forbids. */
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

function survey(bytes: Uint8Array, start: number, end: number): number {
  let needs = 0;
  for (let i = start; i < end; i++) {
    const c = bytes[i] ?? 0;
    if (c >= 0x80) needs |= NEEDS.HIGH;
    else if (c === AMPERSAND || c === RETURN || (c < 0x20 && c !== 0x0a && c !== 0x09))
      needs |= NEEDS.SPECIAL;
  }
  return needs;
}

/** ASCII without references and control characters: the usual attribute, and mostly one seen before. */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const c = bytes[i] ?? 0;
    if (c < 0x20 || c >= 0x80 || c === AMPERSAND) return false;
  }
  return true;
}

function decode(source: XmlSource, start: number, end: number, needs: number): string {
  if (!(needs & NEEDS.HIGH)) return decodeUtf8(source.bytes, start, end);
  const strict = decodeUtf8Strict(source.bytes, start, end);
  if (strict !== undefined) return strict;
  source.trouble('encoding');
  return decodeUtf8(source.bytes, start, end);
}

/** References and line ends of a text that has some, in one pass. */
function resolve(source: XmlSource, raw: string): string {
  const text = raw.includes('\r') ? raw.replace(/\r\n?/g, '\n') : raw;
  let out = '';
  let from = 0;
  for (let amp = text.indexOf('&'); amp >= 0; amp = text.indexOf('&', from)) {
    out += clean(source, text.slice(from, amp));
    const semicolon = text.slice(amp, amp + LONGEST_REFERENCE).indexOf(';');
    const character = semicolon > 1 ? reference(source, text.slice(amp + 1, amp + semicolon)) : undefined;
    if (character === undefined) source.trouble('entity');
    out += character ?? '&';
    from = character === undefined ? amp + 1 : amp + semicolon + 1;
  }
  return out + clean(source, text.slice(from));
}

function clean(source: XmlSource, text: string): string {
  const cleaned = text.replace(CONTROLS, '\ufffd');
  if (cleaned !== text) source.trouble('character');
  return cleaned;
}

/** What stands for `&name;`, or undefined where XML does not say. */
function reference(source: XmlSource, name: string): string | undefined {
  if (!name.startsWith('#')) return PREDEFINED.get(name);
  const hex = name.startsWith('#x');
  const digits = name.slice(hex ? 2 : 1);
  if (!(hex ? /^[0-9a-fA-F]+$/ : /^[0-9]+$/).test(digits)) return undefined;
  const code = Number.parseInt(digits, hex ? 16 : 10);
  if (isXmlChar(code)) return String.fromCodePoint(code);
  source.trouble('character');
  return '\ufffd';
}

/** XML 1.0, production 2. */
function isXmlChar(code: number): boolean {
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}
