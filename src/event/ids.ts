/**
 * Ids are hashes of content, never counters: the same event has the same id in every run, sink,
 * repeat and sensor.
 */
import { createHash } from 'node:crypto';

/** 128 bits of SHA-256 over the parts (each ended by a NUL), as 32 hex digits. */
export function hash128(...parts: (string | number | Uint8Array)[]): string {
  const hash = createHash('sha256');
  // One call for a run of texts: each costs as much as the hashing of some hundred bytes.
  let text = '';
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      hash.update(text).update(part);
      text = '\0';
    } else text += `${part}\0`;
  }
  return hash.update(text).digest('hex').slice(0, 32);
}

/**
 * Ids of the events of one flow. The flow's own id is a `hash128`, which no sender can aim; what is
 * mixed in is small numbers and our own words, so a fast mixer is enough here: SHA-256 would be a third of an event's cost.
 */
export class EventIds {
  readonly #a: number;
  readonly #b: number;
  readonly #c: number;
  readonly #d: number;

  /** `flowId` is 32 hex digits. */
  constructor(flowId: string) {
    this.#a = Number.parseInt(flowId.slice(0, 8), 16) | 0;
    this.#b = Number.parseInt(flowId.slice(8, 16), 16) | 0;
    this.#c = Number.parseInt(flowId.slice(16, 24), 16) | 0;
    this.#d = Number.parseInt(flowId.slice(24, 32), 16) | 0;
  }

  /** 32 hex digits. `offset` is the stream offset of the message's first byte. */
  of(type: string, kind: string, direction: number, offset: number, ordinal: number): string {
    MIXED[0] = this.#a;
    MIXED[1] = this.#b;
    MIXED[2] = this.#c;
    MIXED[3] = this.#d;
    mix(offset | 0);
    mix(Math.floor(offset / 0x1_0000_0000) | 0);
    mix((ordinal << 1) | direction);
    mix(wordOf(type));
    mix(wordOf(kind));
    return MIXED_BYTES.toString('hex');
  }
}

const MIXED = new Int32Array(4);
const MIXED_BYTES = Buffer.from(MIXED.buffer);

function mix(word: number): void {
  let a = (MIXED[0] ?? 0) ^ word;
  a = Math.imul(a, 0x9e3779b1);
  a ^= a >>> 15;
  const b = Math.imul((MIXED[1] ?? 0) ^ a, 0x85ebca6b);
  const c = Math.imul((MIXED[2] ?? 0) ^ b ^ (b >>> 13), 0xc2b2ae35);
  const d = Math.imul((MIXED[3] ?? 0) ^ c ^ (c >>> 16), 0x27d4eb2f);
  MIXED[0] = (a + d) | 0;
  MIXED[1] = b ^ (b >>> 13);
  MIXED[2] = c ^ (c >>> 16);
  MIXED[3] = d ^ (d >>> 15);
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
