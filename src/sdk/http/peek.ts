import { decodeLatin1 } from '../../core/text.ts';
import { headEnd } from './head.ts';
import { inflateBody } from './inflate.ts';

/** Bytes that a beginning may become: the first message of a session is not larger. */
const MOST = 65_536;
/** How gzip (RFC 1952) and zlib (RFC 1950, a window of 32 KiB) begin. */
const GZIP = 0x1f;
const ZLIB = 0x78;
const ENCODING = /\ncontent-encoding:[ \t]*(gzip|x-gzip|deflate)[ \t]*\r?\n/i;
const TYPE = /\ncontent-type:[^\n]{0,256}xml/i;
const CHUNKED = /\ntransfer-encoding:[ \t]*chunked[ \t]*\r?\n/i;
const CHUNK_SIZE = /^([0-9A-Fa-f]{1,8})[^\n]{0,64}\n/;

/** The body begins as something compressed: seen in place, at the price of a comparison. */
export function looksPacked(bytes: Uint8Array, body: number, end: number): boolean {
  return body < end && (bytes[body] === GZIP || bytes[body] === ZLIB || isHex(bytes[body] ?? 0));
}

/**
 * For detectors: what is there of the compressed XML body of a request that begins at `start`, inflated; of one in
 * chunks, what is in the first. Undefined where it is not compressed, not said to be XML, damaged, or a bomb. It
 * allocates: ask `looksPacked` first.
 */
export function peekPacked(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
  const body = headEnd(bytes, start, end);
  if (body < 0 || !looksPacked(bytes, body, end)) return undefined;
  const head = decodeLatin1(bytes, start, body);
  const encoding = ENCODING.exec(head)?.[1];
  if (encoding === undefined || !TYPE.test(head)) return undefined;
  let [from, to] = [body, end];
  if (CHUNKED.test(head)) {
    const [line = '', size = '0'] =
      CHUNK_SIZE.exec(decodeLatin1(bytes, body, Math.min(end, body + 80))) ?? [];
    from = body + line.length;
    to = Math.min(end, from + Number.parseInt(size, 16));
  }
  return to > from ? inflateBody(encoding.toLowerCase(), bytes.subarray(from, to), MOST, true) : undefined;
}

function isHex(byte: number): boolean {
  const letter = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x66);
}
