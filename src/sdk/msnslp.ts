import { Cursor } from '../core/cursor.ts';
import { decodeGuess, decodeUtf16le } from '../core/text.ts';

/**
 * MSNSLP: SIP-like text in which MSN clients agree on peer-to-peer sessions. Pure parsing. It is here because it
 * travels in two protocols, the switchboard's messages and direct connections, and a plug-in imports no other.
 */

/** What a session is for (`EUF-GUID`). */
export const EUF = {
  FILE: '{5D3E02AB-6190-11D3-BBBB-00C04F795683}',
  WEBCAM_SEND: '{4BD96FC0-AB17-4425-A14A-439185962DC8}',
  WEBCAM_REQUEST: '{1C9AA97E-9C05-4583-A3BD-908A196F1E92}',
} as const;

export const SLP_CONTENT_TYPE = {
  SESSION_REQUEST: 'application/x-msnmsgr-sessionreqbody',
  TRANSPORT_RESPONSE: 'application/x-msnmsgr-transrespbody',
} as const;

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
  if (!callId) return undefined;
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

/** Base64, tolerant: what is no digit is passed over, `=` ends it. */
export function decodeBase64(text: string): Uint8Array {
  const out = new Uint8Array(Math.floor((text.length * 3) / 4));
  let length = 0;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = base64Digit(text.charCodeAt(i));
    if (digit === END) break;
    if (digit < 0) continue;
    bits = ((bits << 6) | digit) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out[length++] = (bits >> held) & 0xff;
  }
  return out.subarray(0, length);
}

const END = 64;

function base64Digit(c: number): number {
  if (c >= 0x41 && c <= 0x5a) return c - 0x41;
  if (c >= 0x61 && c <= 0x7a) return c - 0x47;
  if (c >= 0x30 && c <= 0x39) return c + 4;
  if (c === 0x2b) return 62;
  if (c === 0x2f) return 63;
  return c === 0x3d ? END : -1;
}
