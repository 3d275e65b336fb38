import type { Stamp } from '../flow/consumer.ts';

/** Bytes of one direction held, and the spans in which they came, for the detectors and for the dissector to come. */
export interface HeldSpan {
  /** Of the wire: 0 from the originator. */
  direction: 0 | 1;
  from: number;
  to: number;
  file: number;
  frame: number;
  seconds: number;
  nanos: number;
}

/** A flow while its protocol is open. */
export class Candidate {
  /** Detectors that are left, a bit each. */
  mask: number;
  /** The bytes begin inside a conversation. */
  midstream: boolean;
  readonly spans: HeldSpan[] = [];
  readonly #buffers: [Uint8Array, Uint8Array] = [EMPTY, EMPTY];
  readonly lengths: [number, number] = [0, 0];
  /** Bytes of both directions when the detectors were asked last. */
  #shown = 0;

  constructor(mask: number, midstream: boolean) {
    this.mask = mask;
    this.midstream = midstream;
  }

  /** The bytes of a direction so far: `[0..lengths[direction])`. */
  bytes(direction: 0 | 1): Uint8Array {
    return this.#buffers[direction];
  }

  /** Bytes of memory that what is held costs. */
  get held(): number {
    return this.#length + this.spans.length * SPAN_COST;
  }

  get #length(): number {
    return this.lengths[0] + this.lengths[1];
  }

  /**
   * Whether the detectors are asked again. The first segments are shown one by one; of a stream in tiny segments
   * only each eighth more, so that looking at it costs time by its bytes and not by their square.
   */
  isDue(): boolean {
    const length = this.#length;
    if (this.spans.length > EAGER_SPANS && length < this.#shown + (this.#shown >> 3)) return false;
    this.#shown = length;
    return true;
  }

  append(direction: 0 | 1, bytes: Uint8Array, start: number, end: number): HeldSpan {
    const from = this.lengths[direction];
    const to = from + end - start;
    let buffer = this.#buffers[direction];
    if (buffer.length < to) {
      const grown = new Uint8Array(Math.max(256, to, buffer.length * 2));
      grown.set(buffer.subarray(0, from));
      buffer = grown;
      this.#buffers[direction] = buffer;
    }
    buffer.set(bytes.subarray(start, end), from);
    this.lengths[direction] = to;
    const span: HeldSpan = { direction, from, to, file: 0, frame: 0, seconds: 0, nanos: 0 };
    this.spans.push(span);
    return span;
  }
}

/** Bytes that a span's object costs. */
export const SPAN_COST = 72;
/** Segments after each of which the detectors are asked. */
const EAGER_SPANS = 512;
const EMPTY = new Uint8Array(0);

/** Tells of what follows as of the frame that a span came in. */
export function setStamp(stamp: Stamp, to: Pick<HeldSpan, 'file' | 'frame' | 'seconds' | 'nanos'>): void {
  stamp.file = to.file;
  stamp.frame = to.frame;
  stamp.seconds = to.seconds;
  stamp.nanos = to.nanos;
}
