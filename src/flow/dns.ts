/** Reads answers of DNS (RFC 1035, 4) in place, without an allocation. Whatever is no usual answer is passed over. */
import { LONGEST_DNS_NAME, pastDnsName } from '../core/dns-name.ts';

const HEADER = 12;
const TYPE = { A: 1, AAAA: 28, HTTPS: 65, ANY: 255 } as const;
/** Keys of an HTTPS record whose values are addresses (RFC 9460, 7.3). */
const HINT = { IPV4: 4, IPV6: 6 } as const;
/** Keys of one record that are looked at. */
const MAX_KEYS = 16;
const CLASS_IN = 1;
/** Records of one answer that are looked at. */
const MAX_RECORDS = 64;

/** Takes what an answer tells. The name is `bytes[nameStart..nameEnd)`, labels behind their lengths, without the root's. */
export interface AnswerTaker {
  /** An address, 4 or 16 bytes from `at` on; called once for each. */
  address(bytes: Uint8Array, nameStart: number, nameEnd: number, at: number, length: 4 | 16): void;
}

/** Reads the message in `bytes[start..end)`; tells the addresses of the name that was asked for, whatever it is an alias of. */
export function readAnswer(bytes: Uint8Array, start: number, end: number, taker: AnswerTaker): void {
  if (end - start < HEADER + 5 || !isAnswer(bytes, start)) return;
  const nameStart = start + HEADER;
  const nameEnd = endOfLabels(bytes, nameStart, end);
  if (nameEnd <= nameStart || nameEnd + 5 > end) return;
  const type = u16(bytes, nameEnd + 1);
  if (type !== TYPE.A && type !== TYPE.AAAA && type !== TYPE.HTTPS && type !== TYPE.ANY) return;
  let at = nameEnd + 5;
  for (let left = Math.min(u16(bytes, start + 6), MAX_RECORDS); left > 0; left--) {
    at = pastDnsName(bytes, at, end);
    if (at < 0 || at + 10 > end) return;
    const data = at + 10;
    const length = u16(bytes, at + 8);
    if (data + length > end) return;
    const size = addressSize(bytes, at);
    if (size !== 0 && size === length) taker.address(bytes, nameStart, nameEnd, data, size);
    else if (isHttps(bytes, at)) readHints(bytes, nameStart, nameEnd, data, data + length, taker);
    at = data + length;
  }
}

function isHttps(bytes: Uint8Array, at: number): boolean {
  return u16(bytes, at) === TYPE.HTTPS && u16(bytes, at + 2) === CLASS_IN;
}

/** The addresses that an HTTPS record gives for its own name: priority, target, then keys with their values. */
function readHints(
  bytes: Uint8Array,
  nameStart: number,
  nameEnd: number,
  start: number,
  end: number,
  taker: AnswerTaker,
): void {
  let at = pastDnsName(bytes, start + 2, end);
  for (let left = MAX_KEYS; left > 0 && at >= 0 && at + 4 <= end; left--) {
    const key = u16(bytes, at);
    const value = at + 4;
    at = value + u16(bytes, at + 2);
    const size = key === HINT.IPV4 ? 4 : key === HINT.IPV6 ? 16 : 0;
    if (size === 0 || at > end) continue;
    for (let one = value; one + size <= at; one += size) taker.address(bytes, nameStart, nameEnd, one, size);
  }
}

/** Bytes of the address that a record holds, from its type on; 0 where it holds none. */
function addressSize(bytes: Uint8Array, at: number): 0 | 4 | 16 {
  if (u16(bytes, at + 2) !== CLASS_IN) return 0;
  const type = u16(bytes, at);
  return type === TYPE.A ? 4 : type === TYPE.AAAA ? 16 : 0;
}

/** A response to a standard query, without an error, of one question and at least one answer. */
export function isAnswer(bytes: Uint8Array, start: number): boolean {
  const flags = u16(bytes, start + 2);
  return (flags & 0xf80f) === 0x8000 && u16(bytes, start + 4) === 1 && u16(bytes, start + 6) > 0;
}

/** The index of the root label that ends the name; −1 where there is none, or the name is compressed. */
export function endOfLabels(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && at - start < LONGEST_DNS_NAME) {
    const length = bytes[at] ?? 0;
    if (length === 0) return at;
    if (length > 63) return -1;
    at += 1 + length;
  }
  return -1;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
