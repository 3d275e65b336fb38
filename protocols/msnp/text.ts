import { decodeGuess, decodeLatin1, decodeUtf8, decodeWindows1252 } from '../../src/sdk/index.ts';
import { BlockMemo, remember } from './memo.ts';

/** Text rules of MSNP: percent-encoded arguments, identities, MIME headers and charsets. */

/** The longest identity that is believed; an e-mail address has at most 320 characters. */
const MAX_ID = 320;
const MAX_HEADERS = 64;

/** Undoes `%xx`; what is not an escape stays. The escapes are UTF-8 (Windows-1252 where they are not valid). */
export function percentDecode(text: string): string {
  let at = text.indexOf('%');
  if (at < 0) return text;
  let out = '';
  let done = 0;
  const run: number[] = [];
  while (at >= 0) {
    run.length = 0;
    let next = at;
    for (let value = hexPair(text, next); value >= 0; value = hexPair(text, next)) {
      run.push(value);
      next += 3;
    }
    if (run.length > 0) {
      out += text.slice(done, at) + decodeGuess(Uint8Array.from(run));
      done = next;
    }
    at = text.indexOf('%', Math.max(next, at + 1));
  }
  return out + text.slice(done);
}

/** The byte that `%xx` at `at` stands for, or −1. */
function hexPair(text: string, at: number): number {
  if (text.charCodeAt(at) !== 0x25) return -1;
  const high = hexDigit(text.charCodeAt(at + 1));
  const low = hexDigit(text.charCodeAt(at + 2));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(c: number): number {
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  const lower = c | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Decodes what is mostly ASCII: UTF-8, or Windows-1252 where it is not valid. */
export function decodeLine(bytes: Uint8Array, start: number, end: number): string {
  for (let i = start; i < end; i++) {
    if ((bytes[i] ?? 0) >= 0x80) return decodeGuess(bytes, start, end);
  }
  return decodeLatin1(bytes, start, end);
}

/** The entry of a table under a key from the wire: never one that every object has. */
export function lookUp<V>(table: Readonly<Record<string, V>>, key: string | undefined): V | undefined {
  return key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

interface Identity {
  /** Lower-case e-mail address (or `tel:+...`); empty where the argument names nobody. */
  id: string;
  /** The endpoint of MSNP16 and later, without braces. */
  endpoint: string;
}

/**
 * Reads an identity: `user@host`, from MSNP16 on `user@host;{endpoint}`, from MSNP18 on with a
 * network id before (`1:user@host`), in MSNP21 `1:user@host;epid={endpoint}`.
 */
export const parseIdentity = remember(1024, 512, (argument): Identity => {
  let text = percentDecode(argument).trim().toLowerCase();
  let endpoint = '';
  const semicolon = text.indexOf(';');
  if (semicolon >= 0) {
    endpoint = text
      .slice(semicolon + 1)
      .replace('epid=', '')
      .replace(/[{}]/g, '');
    text = text.slice(0, semicolon);
  }
  if (CONNECTED.test(text)) return { id: text, endpoint };
  const network = /^\d{1,3}:/.exec(text);
  if (network) text = text.slice(network[0].length);
  const at = text.indexOf('@');
  const plausible = (at > 0 && at < text.length - 1) || text.startsWith('tel:');
  return plausible && text.length <= MAX_ID ? { id: text, endpoint } : NOBODY;
});

const NOBODY: Identity = { id: '', endpoint: '' };

/** Somebody on a network that is joined by a gateway (Facebook) has a number instead of an address. */
const CONNECTED = /^13:\d{1,32}$/;

/** The normalised id alone. */
export function parseId(argument: string | undefined): string {
  return argument ? parseIdentity(argument).id : '';
}

/** A display name; empty where it only repeats the id. */
export function parseName(argument: string | undefined, id: string): string {
  if (!argument) return '';
  const name = displayName(argument);
  return name.toLowerCase() === id ? '' : name;
}

const displayName = remember(1024, 512, (argument) => percentDecode(argument).trim());

/** Headers by lower-case name; of repeated ones the first. */
export type Headers = ReadonlyMap<string, string>;

export interface Mime {
  headers: Headers;
  /** Where the body begins (the end where there is none). */
  body: number;
}

/** Headers that messages repeat: some hundred clients' texts and typing notices. */
const blocks = new BlockMemo<Headers>(512, 1024);
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Splits a message of headers, an empty line and a body. Line ends may be CRLF or LF. */
export function parseMime(bytes: Uint8Array, start: number, end: number): Mime {
  let hash = FNV_OFFSET;
  /** Where the line begins that is being looked at. */
  let at = start;
  for (let i = start; i < end; i++) {
    const c = bytes[i] ?? 0;
    hash = Math.imul(hash ^ c, FNV_PRIME);
    if (c !== 0x0a) continue;
    if (i === at || (i === at + 1 && bytes[at] === 0x0d)) {
      const block = at;
      const headers = blocks.get(bytes, start, block, (hash >>> 16) ^ hash, () =>
        parseHeaders(decodeLine(bytes, start, block)),
      );
      return { headers, body: i + 1 };
    }
    at = i + 1;
  }
  return { headers: parseHeaders(decodeLine(bytes, start, end)), body: end };
}

/** `Name: value` lines; others are skipped. */
export function parseHeaders(text: string): Map<string, string> {
  const headers = new Map<string, string>();
  let at = 0;
  while (at < text.length && headers.size < MAX_HEADERS) {
    let eol = text.indexOf('\n', at);
    if (eol < 0) eol = text.length;
    const colon = text.indexOf(':', at);
    if (colon > at && colon < eol) {
      const name = text.slice(at, colon).trim().toLowerCase();
      if (!headers.has(name)) headers.set(name, text.slice(colon + 1, eol).trim());
    }
    at = eol + 1;
  }
  return headers;
}

/** The media type of a `Content-Type` value, lower case, without parameters. */
export function mediaType(value: string | undefined): string {
  return value ? typeOf(value) : '';
}

const typeOf = remember(64, 256, (value) => {
  const semicolon = value.indexOf(';');
  return (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase();
});

const decoderOf = remember(64, 256, (contentType) => {
  const charset = /charset="?([\w-]+)/i.exec(contentType)?.[1]?.toLowerCase();
  return charset === 'utf-8' ? decodeUtf8 : charset === 'iso-8859-1' ? decodeWindows1252 : decodeGuess;
});

/** Decodes a text by the charset that its `Content-Type` names; line ends become LF. */
export function decodeText(bytes: Uint8Array, start: number, end: number, contentType: string): string {
  const text = decoderOf(contentType)(bytes, start, end);
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}
