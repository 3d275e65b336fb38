import { Frame } from '../frame.ts';
import { LIMITS as WIRE } from '../wire.ts';

/**
 * Captured frames on their way from the thread that reads them to all workers, in shared memory: written once,
 * read by each. What does not fit is refused, and nothing grows.
 */

/** A stretch of the ring that is ready to be read. */
export interface Span {
  readonly at: number;
  readonly length: number;
  /** Bytes written since the start: what is told back once it was read. */
  readonly upTo: number;
}

/** What a record is. */
export const RECORD = {
  FRAME: 0,
  /** Packet time went on to this second. */
  TICK: 1,
  /** How do you stand? Its value is what is wanted, of `LOOK`. */
  LOOK: 2,
  /** There will be no others. */
  END: 3,
} as const;

/** Bits of what is wanted of a look, beside the counters. */
export const LOOK = { DIRECTIONS: 1, STATS: 2 } as const;

/** 32-bit words before a frame's bytes. */
const WORD = {
  KIND: 0,
  CAPTURED: 1,
  WIRE_LENGTH: 2,
  SECONDS: 3,
  NANOS: 4,
  LINK_TYPE: 5,
  NUMBER: 6,
  /** In its lower half; in the upper one what of the seconds is beyond 32 bits. */
  FILE: 7,
} as const;
const HEADER = 32;
/** Records begin at whole words. */
const ALIGN = 4;
const TWO_32 = 2 ** 32;
/** Bytes that are gathered before workers are told at once; fewer wait for the end of the turn. */
const SPAN = 262_144;
/** A reader's window of the smallest packets (16 bytes of header in pcap, 32 here), and one packet as long as can be. */
const RESERVE = 3 * WIRE.WINDOW + WIRE.CAPTURED;
/** Room that only records other than frames take. */
const OWN = 64 * HEADER;

/** Bytes that a ring for so many interfaces needs at least: while it is filled, each may have one window under way. */
export function leastRing(interfaces: number): number {
  return 2 * interfaces * RESERVE + OWN;
}

/** The writing end. */
export class FrameRing {
  readonly memory: SharedArrayBuffer;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  /** Bytes, in use or not. */
  readonly size: number;
  readonly #reserve: number;
  readonly #post: (span: Span) => void;
  /** By worker: how far it has read. */
  readonly #read: number[];
  #head = 0;
  #told = 0;
  #soon = false;
  #closed = false;
  readonly #waiting = new Set<() => void>();

  /** `size` in bytes; `post` tells every worker of a span. */
  constructor(size: number, interfaces: number, workers: number, post: (span: Span) => void) {
    this.size = Math.max(size, leastRing(interfaces)) & ~(ALIGN - 1);
    this.#reserve = interfaces * RESERVE + OWN;
    this.memory = new SharedArrayBuffer(this.size);
    this.#bytes = new Uint8Array(this.memory);
    this.#words = new Int32Array(this.memory);
    this.#read = new Array<number>(workers).fill(0);
    this.#post = post;
  }

  /** Bytes that can be written now. */
  get free(): number {
    let least = this.#read[0] ?? 0;
    for (const read of this.#read) if (read < least) least = read;
    return this.size - (this.#head - least);
  }

  /** Writes a frame down; false where there is no room for it. */
  frame(frame: Frame): boolean {
    const captured = frame.end - frame.start;
    const at = this.#room(captured, OWN);
    if (at < 0) return false;
    const w = at >> 2;
    const words = this.#words;
    words[w + WORD.KIND] = RECORD.FRAME;
    words[w + WORD.CAPTURED] = captured;
    words[w + WORD.WIRE_LENGTH] = frame.wireLength;
    words[w + WORD.SECONDS] = frame.seconds;
    words[w + WORD.NANOS] = frame.nanos;
    words[w + WORD.LINK_TYPE] = frame.linkType;
    words[w + WORD.NUMBER] = frame.number;
    words[w + WORD.FILE] = frame.file | (Math.floor(frame.seconds / TWO_32) << 16);
    copy(frame.bytes, frame.start, frame.end, this.#bytes, at + HEADER);
    this.#wrote();
    return true;
  }

  /** Writes another record down; false where there is no room for it. */
  tell(kind: number, value: number): boolean {
    const at = this.#room(0, 0);
    if (at < 0) return false;
    const w = at >> 2;
    this.#words[w + WORD.KIND] = kind;
    this.#words[w + WORD.CAPTURED] = 0;
    this.#words[w + WORD.SECONDS] = value;
    this.#words[w + WORD.FILE] = Math.floor(value / TWO_32) << 16;
    this.#wrote();
    return true;
  }

  /** A worker has read so far. */
  taken(worker: number, upTo: number): void {
    this.#read[worker] = upTo;
    if (this.#waiting.size > 0 && this.free >= this.#reserve) this.#wake();
  }

  /** A wait until what a reader may have in hand fits; undefined where it does. */
  pause(): Promise<void> | undefined {
    if (this.#closed || this.free >= this.#reserve) return undefined;
    this.#flush();
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  /** Nobody reads any more: nothing is taken, and nobody waits. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Where a record of so many bytes goes, taken; −1 where it would leave less than `leave`. */
  #room(bytes: number, leave: number): number {
    const length = recordLength(bytes);
    let at = this.#head % this.size;
    const skipped = at + length > this.size ? this.size - at : 0;
    if (this.#closed || this.free < length + skipped + leave) return -1;
    if (skipped > 0) {
      // A record lies in one piece, and so does a span.
      this.#flush();
      this.#head += skipped;
      this.#told = this.#head;
      at = 0;
    }
    this.#head += length;
    return at;
  }

  #wrote(): void {
    if (this.#head - this.#told >= SPAN) this.#flush();
    else if (!this.#soon) {
      this.#soon = true;
      setImmediate(() => {
        this.#soon = false;
        this.#flush();
      });
    }
  }

  #flush(): void {
    const length = this.#head - this.#told;
    if (length === 0) return;
    this.#post({ at: this.#told % this.size, length, upTo: this.#head });
    this.#told = this.#head;
  }
}

function recordLength(captured: number): number {
  return (HEADER + captured + ALIGN - 1) & ~(ALIGN - 1);
}

/** Short frames are most frames: a loop takes less than a view of them and a call. */
function copy(from: Uint8Array, start: number, end: number, into: Uint8Array, at: number): void {
  if (end - start > 128) {
    into.set(from.subarray(start, end), at);
    return;
  }
  for (let i = start, to = at; i < end; i++, to++) into[to] = from[i]!;
}

/** Who takes what a span holds. */
export interface RecordSink {
  frame(frame: Frame): void;
  tick(seconds: number): void;
  look(wanted: number): void;
}

/** The reading end, one in each worker. */
export class RingReader {
  readonly #ring: Uint8Array;
  /** What is read lies in memory of our own: text is not decoded from shared memory. */
  readonly #bytes = new Uint8Array(2 * (SPAN + WIRE.CAPTURED));
  readonly #words = new Int32Array(this.#bytes.buffer);
  readonly #frame = new Frame();

  constructor(memory: SharedArrayBuffer) {
    this.#ring = new Uint8Array(memory);
    this.#frame.bytes = this.#bytes;
  }

  /** Takes a span out of the ring. */
  take({ at, length }: Span): void {
    this.#bytes.set(this.#ring.subarray(at, at + length));
  }

  /** Hands on what was taken, `length` bytes; false once there will be no other. */
  hand(length: number, sink: RecordSink): boolean {
    const words = this.#words;
    const frame = this.#frame;
    for (let at = 0; at < length;) {
      const w = at >> 2;
      const captured = words[w + WORD.CAPTURED]!;
      const kind = words[w + WORD.KIND]!;
      const file = words[w + WORD.FILE]!;
      const value = (words[w + WORD.SECONDS]! >>> 0) + (file >>> 16) * TWO_32;
      if (kind === RECORD.FRAME) {
        frame.start = at + HEADER;
        frame.end = frame.start + captured;
        frame.wireLength = words[w + WORD.WIRE_LENGTH]! >>> 0;
        frame.seconds = value;
        frame.nanos = words[w + WORD.NANOS]!;
        frame.linkType = words[w + WORD.LINK_TYPE]!;
        frame.number = words[w + WORD.NUMBER]!;
        frame.file = file & 0xffff;
        sink.frame(frame);
      } else if (kind === RECORD.TICK) sink.tick(value);
      else if (kind === RECORD.LOOK) sink.look(value);
      else return false;
      at += recordLength(captured);
    }
    return true;
  }
}
