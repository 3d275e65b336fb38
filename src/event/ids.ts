/**
 * Ids are hashes of content, never counters: the same event has the same id in every run, sink,
 * repeat and sensor.
 */
import { createHash } from 'node:crypto';

/** 128 bits of SHA-256 over the parts (each ended by a NUL), as 32 hex digits. */
export function hash128(...parts: (string | number | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part instanceof Uint8Array ? part : String(part)).update('\0');
  return hash.digest('hex').slice(0, 32);
}

/**
 * The id of one event of a flow. `flowId` is a `hash128` (which no sender can aim); what is mixed
 * in is small numbers and our own words, so a fast mixer is enough here: SHA-256 would be a third of an event's cost.
 */
export function eventId(
  flowId: string,
  type: string,
  kind: string,
  direction: number,
  offset: number,
  ordinal: number,
): string {
  let a = Number.parseInt(flowId.slice(0, 8), 16) | 0;
  let b = Number.parseInt(flowId.slice(8, 16), 16) | 0;
  let c = Number.parseInt(flowId.slice(16, 24), 16) | 0;
  let d = Number.parseInt(flowId.slice(24, 32), 16) | 0;
  const words = [
    offset | 0,
    Math.floor(offset / 0x1_0000_0000) | 0,
    ordinal | 0,
    direction,
    wordOf(type),
    wordOf(kind),
  ];
  for (const w of words) {
    a = Math.imul(a ^ w, 0x9e3779b1);
    a ^= a >>> 15;
    b = Math.imul(b ^ a, 0x85ebca6b);
    b ^= b >>> 13;
    c = Math.imul(c ^ b, 0xc2b2ae35);
    c ^= c >>> 16;
    d = Math.imul(d ^ c, 0x27d4eb2f);
    d ^= d >>> 15;
    a = (a + d) | 0;
  }
  return hex(a) + hex(b) + hex(c) + hex(d);
}

const words = new Map<string, number>();

function wordOf(name: string): number {
  let word = words.get(name);
  if (word === undefined) {
    word = createHash('sha256').update(name).digest().readInt32BE(0);
    if (words.size < 4096) words.set(name, word);
  }
  return word;
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

/** An integer below 2^53 from a `hash128`: EVE's `flow_id`. */
export function flowNumber(flowId: string): number {
  return Number.parseInt(flowId.slice(0, 13), 16);
}

/**
 * Community ID v1, seed 0 (github.com/corelight/community-id-spec): SHA-1 over seed, the lower
 * endpoint first, and protocol. Addresses are 4 or 16 bytes each.
 */
export function communityId(
  source: Uint8Array,
  destination: Uint8Array,
  sourcePort: number,
  destinationPort: number,
  protocol: number,
): string {
  const order = Buffer.compare(source, destination);
  const ordered = order < 0 || (order === 0 && sourcePort <= destinationPort);
  const [a, b] = ordered ? [source, destination] : [destination, source];
  const [p, q] = ordered ? [sourcePort, destinationPort] : [destinationPort, sourcePort];
  const bytes = Buffer.alloc(2 + a.length * 2 + 6);
  bytes.set(a, 2);
  bytes.set(b, 2 + a.length);
  bytes[2 + a.length * 2] = protocol;
  bytes.writeUInt16BE(p, 4 + a.length * 2);
  bytes.writeUInt16BE(q, 6 + a.length * 2);
  return `1:${createHash('sha1').update(bytes).digest('base64')}`;
}
