import { APPS, LONGEST_DNS_NAME, pastDnsName, rowOf } from '../../src/sdk/index.ts';
import type { ServiceRow } from '../../src/sdk/index.ts';

export const DNS_PORT = 53;
/** Bytes of a header (RFC 1035, 4.1.1). */
export const HEADER = 12;
const CLASS_IN = 1;
/** The class without the bit that multicast DNS uses. */
const ANY_CACHE = 0x7fff;
const DOT = 0x2e;
const TYPE_HTTPS = 65;
/** A key of an HTTPS record: the encrypted hello's configuration (RFC 9848). */
const KEY_ECH = 5;

/** The name that is asked for, with dots; used again. */
const name = new Uint8Array(LONGEST_DNS_NAME + 1);

/**
 * The row of the one name that a standard query, or its answer, asks for; undefined where it is none, or of no messenger.
 * Allocates nothing.
 */
export function askedRow(bytes: Uint8Array, start: number, end: number): ServiceRow | undefined {
  const length = readQuestion(bytes, start, end);
  const row = length > 0 ? rowOf(name, 0, length) : undefined;
  // Of networks that are read, what was looked up is evidence of the connection that follows.
  return row && APPS.has(row.service) ? row : undefined;
}

/** The name itself, once `askedRow` has found it. */
export function askedName(bytes: Uint8Array, start: number, end: number): string {
  const length = readQuestion(bytes, start, end);
  return String.fromCharCode(...name.subarray(0, length)).toLowerCase();
}

/** Writes the question's name to `name`; its length, 0 where the message is no usual one. */
function readQuestion(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < HEADER + 6 || !isUsual(bytes, start)) return 0;
  let at = start + HEADER;
  let length = 0;
  for (let label = bytes[at++] ?? 0; label !== 0; label = bytes[at++] ?? 0) {
    if (label > 63 || at + label >= end || length + label + 1 > LONGEST_DNS_NAME) return 0;
    if (length > 0) name[length++] = DOT;
    for (let i = 0; i < label; i++) name[length++] = bytes[at + i] ?? 0;
    at += label;
  }
  return at + 4 <= end && (u16(bytes, at + 2) & ANY_CACHE) === CLASS_IN ? length : 0;
}

/** Opcode 0, the reserved bit 0, one question; of a query no answers and, but for EDNS, nothing else. */
function isUsual(bytes: Uint8Array, start: number): boolean {
  const flags = u16(bytes, start + 2);
  if ((flags & 0x7840) !== 0 || u16(bytes, start + 4) !== 1) return false;
  return (flags & 0x8000) !== 0 || (u16(bytes, start + 6) === 0 && u16(bytes, start + 8) === 0);
}

/** True where an answer has an HTTPS record (RFC 9460) that says how hellos to this name are encrypted. */
export function offersEch(bytes: Uint8Array, start: number, end: number): boolean {
  if (((bytes[start + 2] ?? 0) & 0x80) === 0) return false;
  let at = pastDnsName(bytes, start + HEADER, end);
  if (at < 0) return false;
  at += 4;
  for (let left = Math.min(u16(bytes, start + 6), 32); left > 0; left--) {
    at = pastDnsName(bytes, at, end);
    if (at < 0 || at + 10 > end) return false;
    const data = at + 10;
    const past = data + u16(bytes, at + 8);
    if (past > end) return false;
    if (u16(bytes, at) === TYPE_HTTPS && hasKey(bytes, data, past, KEY_ECH)) return true;
    at = past;
  }
  return false;
}

/** Priority, target name, then keys with values. */
function hasKey(bytes: Uint8Array, start: number, end: number, key: number): boolean {
  let at = pastDnsName(bytes, start + 2, end);
  while (at >= 0 && at + 4 <= end) {
    if (u16(bytes, at) === key) return true;
    at += 4 + u16(bytes, at + 2);
  }
  return false;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
