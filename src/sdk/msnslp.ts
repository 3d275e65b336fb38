import { decodeBase64 } from './base64.ts';
import { Cursor } from '../core/cursor.ts';
import { decodeGuess, decodeUtf16le } from '../core/text.ts';
import type { Direction } from '../event/im.ts';
import type { FileWriter } from './plugin.ts';

/**
 * MSNSLP: SIP-like text in which MSN clients agree on peer-to-peer sessions, and the data of such a session. It is here because it
 * travels in two protocols, the switchboard's messages and direct connections, and a plug-in imports no other.
 */

/** What a session is for (`EUF-GUID`). */
export const EUF = {
  /** Display pictures, emoticons, winks: the invitation asks for one. */
  OBJECT: '{A4268EEC-FEC5-49E5-95C3-F126696BDBF6}',
  FILE: '{5D3E02AB-6190-11D3-BBBB-00C04F795683}',
  WEBCAM_SEND: '{4BD96FC0-AB17-4425-A14A-439185962DC8}',
  WEBCAM_REQUEST: '{1C9AA97E-9C05-4583-A3BD-908A196F1E92}',
} as const;

export const SLP_CONTENT_TYPE = {
  SESSION_REQUEST: 'application/x-msnmsgr-sessionreqbody',
  TRANSPORT_RESPONSE: 'application/x-msnmsgr-transrespbody',
} as const;

/** Sessions are kept by it; clients write a GUID in braces, 38 characters. */
const MAX_CALL_ID = 256;
const MAX_FIELDS = 64;
/** The fixed part of a file context up to the end of the name: lengths, size, type, 260 UTF-16 units. */
const NAME_UNITS = 260;
const CONTEXT_LENGTH = 20 + 2 * NAME_UNITS;
/** A context with its preview picture is some 20 KiB; only its begin is decoded. */
const MAX_CONTEXT_TEXT = 1024;

export interface SlpMessage {
  /** `INVITE`, `BYE`, `ACK`; empty for a response. */
  method: string;
  /** Of a response; 0 for a request. */
  status: number;
  /** Addresses of `To` and `From`, as they are. */
  to: string;
  from: string;
  callId: string;
  contentType: string;
  /** Fields of the body, by lower-case name. */
  body: ReadonlyMap<string, string>;
}

/** Parses a message; undefined where it is none. */
export function parseSlp(bytes: Uint8Array, start: number, end: number): SlpMessage | undefined {
  const text = decodeGuess(bytes, start, end);
  const eol = text.indexOf('\n');
  if (eol < 0) return undefined;
  const words = text.slice(0, eol).trim().split(' ');
  const response = words[0] === 'MSNSLP/1.0';
  if (!response && words[words.length - 1] !== 'MSNSLP/1.0') return undefined;
  const status = response ? Number(words[1]) : 0;
  if (response && !(status >= 100 && status <= 999)) return undefined;
  const headers = new Map<string, string>();
  const next = readFields(text, eol + 1, headers);
  const callId = headers.get('call-id');
  if (!callId || callId.length > MAX_CALL_ID) return undefined;
  const body = new Map<string, string>();
  readFields(text, next, body);
  return {
    method: response ? '' : (words[0] ?? ''),
    status,
    to: address(headers.get('to')),
    from: address(headers.get('from')),
    callId,
    contentType: headers.get('content-type')?.toLowerCase() ?? '',
    body,
  };
}

/** Reads `Name: value` lines up to an empty one; returns where the next part begins. */
function readFields(text: string, start: number, fields: Map<string, string>): number {
  let at = start;
  while (at < text.length) {
    let eol = text.indexOf('\n', at);
    if (eol < 0) eol = text.length;
    const colon = text.indexOf(':', at);
    if (eol - at < 2) return eol + 1;
    if (colon > at && colon < eol && fields.size < MAX_FIELDS) {
      fields.set(text.slice(at, colon).trim().toLowerCase(), text.slice(colon + 1, eol).trim());
    }
    at = eol + 1;
  }
  return at;
}

/** The address in `<msnmsgr:user@host;{endpoint}>`. */
function address(value = ''): string {
  const start = value.toLowerCase().indexOf('msnmsgr:');
  if (start < 0) return '';
  const end = value.indexOf('>', start);
  return value.slice(start + 8, end < 0 ? value.length : end);
}

export interface FileContext {
  name: string;
  size: number;
}

/**
 * The `Context` of a file session, base64 of, little-endian: length u32, version u32, size u64,
 * type u32 (1: no preview), name in 260 UTF-16 units, then a preview picture. Undefined where it
 * is too short or names nothing.
 */
export function parseFileContext(base64: string): FileContext | undefined {
  const bytes = decodeBase64(base64.slice(0, MAX_CONTEXT_TEXT));
  const cursor = new Cursor(bytes);
  const length = cursor.u32le();
  cursor.skip(4);
  const size = cursor.u64le();
  cursor.skip(4);
  const name = cursor.take(2 * NAME_UNITS);
  if (!cursor.ok || length < CONTEXT_LENGTH || !Number.isSafeInteger(size)) return undefined;
  let end = 0;
  while (end + 1 < name.length && (name[end] !== 0 || name[end + 1] !== 0)) end += 2;
  return end === 0 ? undefined : { name: decodeUtf16le(name, 0, end), size };
}

/** An MSN object: what somebody shows to others. */
export interface MsnObject {
  name: string;
  size: number;
  /** SHA-1 of its bytes, lower-case hex; absent where the object's is none. */
  sha1?: string;
}

/** What `Type` says, in words; a name where the object has none of its own. */
const OBJECT_TYPES: Readonly<Record<string, string>> = {
  '2': 'emoticon',
  '3': 'display picture',
  '5': 'background',
  '7': 'dynamic picture',
  '8': 'wink',
  '11': 'voice clip',
};

/** The longest object that is read; clients write some 300 characters. */
const MAX_OBJECT_TEXT = 2_048;
const SHA1_BYTES = 20;

/**
 * The `Context` of a session for an object: base64 of `<msnobj Creator Size Type Location Friendly SHA1D ...>`.
 * `Friendly` is base64 of UTF-16. Undefined where it is none.
 */
export function parseObjectContext(base64: string): MsnObject | undefined {
  const bytes = decodeBase64(base64.slice(0, MAX_OBJECT_TEXT));
  const text = decodeGuess(bytes, 0, bytes.length);
  if (!text.startsWith('<msnobj ')) return undefined;
  const field = (name: string): string =>
    new RegExp(`\\s${name}=(?:"([^"]{0,512})"|'([^']{0,512})')`).exec(text)?.slice(1).join('') ?? '';
  const size = Number(field('Size') || Number.NaN);
  const friendly = decodeBase64(field('Friendly'));
  const shown = decodeUtf16le(friendly, 0, friendly.length & ~1).replace(/\0.*$/s, '');
  const name = shown || field('Location') || OBJECT_TYPES[field('Type')] || 'object';
  if (!Number.isSafeInteger(size) || size < 0) return undefined;
  const sha1 = decodeBase64(field('SHA1D'));
  return sha1.length === SHA1_BYTES ? { name, size, sha1: hexOf(sha1) } : { name, size };
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * The data of one peer-to-peer session as it passes. Version 1 says where each part belongs; version 2 only what
 * is behind it, so that its place follows from the size.
 */
export class SessionData {
  readonly #open: (size: number | undefined) => FileWriter;
  readonly #size: number | undefined;
  #writer: FileWriter | undefined;
  #total: number | undefined;
  #next = 0;
  /** The last of it passed: what comes again is not looked at. */
  ended = false;

  /** `size` is what the invitation said; `open` is called with the first part. */
  constructor(size: number | undefined, open: (size: number | undefined) => FileWriter) {
    this.#size = size;
    this.#open = open;
  }

  /** True where the parts show another size than the invitation's. */
  get isOdd(): boolean {
    return this.#total !== undefined && this.#size !== undefined && this.#total !== this.#size;
  }

  /** A part: `offset` −1 where it is not known, `remaining` the bytes of the session behind it. */
  write(offset: number, remaining: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.ended) return;
    const length = end - start;
    if (offset >= 0) this.#total ??= offset + length + remaining;
    const total = this.#total ?? this.#size;
    const counted = total === undefined ? this.#next : Math.max(0, total - remaining - length);
    const at = offset >= 0 ? offset : counted;
    this.#writer ??= this.#open(this.#size ?? total);
    this.#writer.write(at, bytes, start, end);
    this.#next = at + length;
  }

  /** The last part has passed, or (`complete` false) none will come. */
  close(direction: Direction, offset: number, complete: boolean): void {
    if (this.ended) return;
    this.ended = true;
    this.#writer?.close(direction, offset, { complete });
  }
}
