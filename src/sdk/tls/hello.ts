import { Cursor } from '../../core/cursor.ts';
import { decodeLatin1 } from '../../core/text.ts';
import { TLS_LIMITS } from './limits.ts';
import { EXTENSION, HANDSHAKE, isGrease } from './wire.ts';

/** What a ClientHello offers, in its order, GREASE with it. */
export interface ClientHello {
  /** The version field of the hello itself; `versions` says more where it is not empty. */
  version: number;
  ciphers: number[];
  extensions: number[];
  groups: number[];
  formats: number[];
  signatures: number[];
  versions: number[];
  /** The server name as written; undefined where there is none that is printable ASCII of a name's length. */
  sni?: string;
  /** A server name extension was there, whatever it held. */
  named: boolean;
  alpns: string[];
  /** The bytes of the first application protocol; for JA4. */
  alpn?: Uint8Array;
  /** A hello of SSL 2.0, by which old clients also offered SSL 3.0 and TLS (RFC 5246, E.2). */
  v2: boolean;
}

/** What a ServerHello chose. */
export interface ServerHello {
  /** The version field, and the version that counts (RFC 8446, 4.2.1). */
  legacy: number;
  version: number;
  cipher: number;
  extensions: number[];
  alpns: string[];
}

/**
 * A ClientHello's body (RFC 8446, 4.1.2); undefined where it is none. Of a damaged list of extensions, or one whose
 * end is missing, the whole ones are told.
 */
export function readClientHello(bytes: Uint8Array, start: number, end: number): ClientHello | undefined {
  const c = new Cursor(bytes, start, end);
  const hello = emptyHello(c.u16());
  c.skip(32);
  c.skip(c.u8());
  numbers(c, c.u16(), hello.ciphers);
  c.skip(c.u8());
  if (!c.ok || hello.version >> 8 !== 3 || hello.ciphers.length === 0) return undefined;
  // TLS 1.0 and before: hellos without extensions end here.
  if (c.left === 0) return hello;
  extensions(c, (type, inner) => {
    hello.extensions.push(type);
    onClientExtension(hello, type, inner);
  });
  return hello;
}

/** A hello of SSL 2.0 (RFC 5246, E.2), its length field before it; undefined where it is none. */
export function readV2Hello(bytes: Uint8Array, start: number, end: number): ClientHello | undefined {
  const c = new Cursor(bytes, start, end);
  const length = c.u16() & 0x7fff;
  const type = c.u8();
  const hello = emptyHello(c.u16());
  const ciphers = c.u16();
  const session = c.u16();
  const challenge = c.u16();
  if (type !== HANDSHAKE.CLIENT_HELLO || length !== 9 + ciphers + session + challenge) return undefined;
  if (ciphers === 0 || ciphers % 3 !== 0) return undefined;
  for (let i = 0; i < ciphers && c.ok; i += 3) {
    const high = c.u8();
    const cipher = c.u16();
    if (high === 0) hello.ciphers.push(cipher);
  }
  hello.v2 = true;
  return c.ok ? hello : undefined;
}

/** A ServerHello's body (RFC 8446, 4.1.3); undefined where it is none. */
export function readServerHello(bytes: Uint8Array, start: number, end: number): ServerHello | undefined {
  const c = new Cursor(bytes, start, end);
  const legacy = c.u16();
  c.skip(32);
  c.skip(c.u8());
  const cipher = c.u16();
  c.skip(1);
  if (!c.ok || legacy >> 8 !== 3) return undefined;
  const hello: ServerHello = { legacy, version: legacy, cipher, extensions: [], alpns: [] };
  if (c.left === 0) return hello;
  extensions(c, (type, inner) => {
    hello.extensions.push(type);
    if (type === EXTENSION.VERSIONS && inner.left === 2) hello.version = inner.u16();
    if (type === EXTENSION.ALPN) onAlpn(inner, hello.alpns);
  });
  return hello;
}

function emptyHello(version: number): ClientHello {
  return {
    version,
    ciphers: [],
    extensions: [],
    groups: [],
    formats: [],
    signatures: [],
    versions: [],
    named: false,
    alpns: [],
    v2: false,
  };
}

/** Calls `each` for every whole extension. */
function extensions(c: Cursor, each: (type: number, inner: Cursor) => void): void {
  const list = c.u16();
  const end = Math.min(c.end, c.pos + list);
  while (end - c.pos >= 4) {
    const type = c.u16();
    const inner = c.sub(c.u16());
    if (!inner.ok || c.pos > end) return;
    each(type, inner);
  }
}

function onClientExtension(hello: ClientHello, type: number, c: Cursor): void {
  if (type === EXTENSION.SERVER_NAME) {
    hello.named = true;
    const sni = serverName(c);
    if (sni !== undefined) hello.sni = sni;
  } else if (type === EXTENSION.ALPN) {
    const first = onAlpn(c, hello.alpns);
    if (first) hello.alpn = first;
  } else if (type === EXTENSION.GROUPS) numbers(c, c.u16(), hello.groups);
  else if (type === EXTENSION.SIGNATURES) numbers(c, c.u16(), hello.signatures);
  else if (type === EXTENSION.VERSIONS) numbers(c, c.u8(), hello.versions);
  else if (type === EXTENSION.POINT_FORMATS) hello.formats = [...c.take(c.u8())];
}

/** The first name of type host_name (RFC 6066, 3). */
function serverName(c: Cursor): string | undefined {
  c.skip(2);
  if (c.u8() !== 0) return undefined;
  return printable(c.take(c.u16()));
}

/** Application protocols (RFC 7301, 3.1); returns the first one's bytes. */
function onAlpn(c: Cursor, into: string[]): Uint8Array | undefined {
  let first: Uint8Array | undefined;
  c.skip(2);
  while (c.ok && c.left > 0 && into.length < TLS_LIMITS.names) {
    const name = c.take(c.u8());
    if (!c.ok || name.length === 0) break;
    first ??= name.slice();
    const text = printable(name);
    // What is no text (RFC 8701 has such) is of no use to a reader.
    if (text !== undefined) into.push(text);
  }
  return first;
}

/** ASCII without blanks and controls, of a name's length. */
export function printable(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0 || bytes.length > TLS_LIMITS.name) return undefined;
  for (const byte of bytes) if (byte <= 0x20 || byte >= 0x7f) return undefined;
  return decodeLatin1(bytes, 0, bytes.length);
}

/** 16-bit numbers of a list of `length` bytes. */
function numbers(c: Cursor, length: number, into: number[]): void {
  const list = c.sub(length);
  while (list.left >= 2) into.push(list.u16());
}

/** The list without the values that mean nothing. */
export function withoutGrease(values: readonly number[]): number[] {
  return values.filter((value) => !isGrease(value));
}
