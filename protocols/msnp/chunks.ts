import { costOfText } from '../../src/sdk/index.ts';
import type { Keep } from '../../src/sdk/index.ts';
import type { Envelope } from './session.ts';
import type { Headers } from './text.ts';

/**
 * Long messages come in parts: the first has `Message-ID` and `Chunks: n`, the others
 * `Message-ID` and `Chunk: i`. They are joined as bytes, for a part may end inside a character.
 */

/** Bounds of one connection. */
const MAX_OPEN = 4;
const MAX_PARTS = 64;
const MAX_BYTES = 65_536;

/** A message in parts, or what there is of it. */
export interface Chunked {
  envelope: Envelope;
  headers: Headers;
  id: string;
  body: Uint8Array;
  /** False where parts are missing: `body` ends before the first of them. */
  whole: boolean;
}

interface Open {
  envelope: Envelope;
  headers: Headers;
  id: string;
  parts: (Uint8Array | undefined)[];
  missing: number;
  /** Of its parts. */
  bytes: number;
  /** What it costs beside them. */
  cost: number;
}

export class ChunkJoiner {
  readonly #keep: Keep;
  #open: Map<string, Open> | undefined;

  constructor(keep: Keep) {
    this.#keep = keep;
  }

  /** Begins a message of `count` parts with its first one; returns one that had to make room. */
  begin(
    envelope: Envelope,
    headers: Headers,
    id: string,
    count: number,
    first: Uint8Array,
  ): Chunked | undefined {
    if (count < 2 || count > MAX_PARTS) return undefined;
    const parts: (Uint8Array | undefined)[] = Array.from({ length: count });
    parts[0] = first.slice();
    const open = (this.#open ??= new Map());
    const oldest = open.size >= MAX_OPEN ? open.keys().next() : undefined;
    const evicted = oldest && !oldest.done ? this.#close(oldest.value) : undefined;
    const key = keyOf(envelope, id);
    this.#close(key);
    const cost = count * PART_COST + costOfHeaders(headers) + costOfText(key) + costOfText(envelope.name);
    if (!this.#keep.hold(cost + first.length)) return evicted;
    open.set(key, { envelope, headers, id, parts, missing: count - 1, bytes: first.length, cost });
    return evicted;
  }

  /** Adds part `index`; returns the message once it is whole. False where the part belongs to none. */
  add(envelope: Envelope, id: string, index: number, part: Uint8Array): Chunked | boolean {
    const key = keyOf(envelope, id);
    const open = this.#open?.get(key);
    if (!open || !Number.isInteger(index) || index < 1 || index >= open.parts.length) return false;
    if (open.parts[index] || open.bytes + part.length > MAX_BYTES) return false;
    if (!this.#keep.hold(part.length)) return false;
    open.parts[index] = part.slice();
    open.bytes += part.length;
    open.missing--;
    return open.missing > 0 ? true : (this.#close(key) ?? true);
  }

  /** Ends all that are open. */
  flush(): Chunked[] {
    const left: Chunked[] = [];
    for (const key of this.#open?.keys() ?? []) {
      const chunked = this.#close(key);
      if (chunked) left.push(chunked);
    }
    return left;
  }

  #close(key: string): Chunked | undefined {
    const open = this.#open?.get(key);
    if (!open) return undefined;
    this.#open?.delete(key);
    this.#keep.release(open.bytes + open.cost);
    const { envelope, headers, id, parts } = open;
    const gap = parts.findIndex((part) => part === undefined);
    const body = join(gap < 0 ? parts : parts.slice(0, gap));
    return { envelope, headers, id, body, whole: gap < 0 };
  }
}

/** Of the object that holds a part, and of an array's place for it. */
const PART_COST = 128;

function costOfHeaders(headers: Headers): number {
  let cost = 0;
  for (const [name, value] of headers) cost += costOfText(name) + costOfText(value);
  return cost;
}

function keyOf(envelope: Envelope, id: string): string {
  return `${envelope.direction} ${envelope.from} ${id}`;
}

function join(parts: readonly (Uint8Array | undefined)[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part?.length ?? 0;
  const body = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    if (!part) continue;
    body.set(part, at);
    at += part.length;
  }
  return body;
}
