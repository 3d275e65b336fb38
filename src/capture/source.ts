import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { Feed } from './feed.ts';
import type { Frame } from './frame.ts';
import { openInput, StreamInput } from './input.ts';
import type { ByteInput } from './input.ts';
import type { InputProblem } from './problem.ts';
import { READ } from './reader.ts';
import { LIMITS } from './wire.ts';

/** Who takes the frames. */
export interface FrameSink {
  /** Called once a frame, at once and in order. The frame is reused after the call. */
  frame(frame: Frame): void;
  /** Called between chunks: reading goes on when the promise, if there is one, is fulfilled. */
  pause?(): Promise<void> | undefined;
  /** Called between chunks: bytes of the input taken so far, and its size where it has one. */
  progress?(bytes: number, total: number | undefined): void;
}

export interface ReadResult {
  readonly path: string;
  readonly frames: number;
  /** Bytes of the input that were read, as they are stored. */
  readonly bytes: number;
  /** LINKTYPE_ values that the capture declares. */
  readonly linkTypes: readonly number[];
  /** Absent: all was read. What came before the problem was handed on. */
  readonly problem?: InputProblem;
}

/** One capture to be read once. */
export interface CaptureSource {
  readonly path: string;
  /** Hands on all frames. Rejects only where the sink throws: what is wrong with the input is in the result. */
  read(sink: FrameSink): Promise<ReadResult>;
  /** Ends a `read` that is under way: it answers with what was read until then. */
  close(): void;
}

/** A capture file, plain or in gzip, by its path; `-` is standard input. Opened when it is read. */
export function openCapture(path: string): CaptureSource {
  return new InputSource(path, () => openInput(path));
}

/** A capture that arrives through a stream, as a child process writes it. */
export function openStream(name: string, stream: Readable): CaptureSource {
  return new InputSource(name, () => new StreamInput(stream));
}

/** A capture whose bytes come from wherever `open` says. */
export function openBytes(name: string, open: () => ByteInput): CaptureSource {
  return new InputSource(name, open);
}

class InputSource implements CaptureSource {
  readonly path: string;
  readonly #open: () => ByteInput;
  #feed: Feed | undefined = undefined;
  #closed = false;

  constructor(path: string, open: () => ByteInput) {
    this.path = path;
    this.#open = open;
  }

  async read(sink: FrameSink): Promise<ReadResult> {
    const feed = new Feed(this.#open(), 0, LIMITS.WINDOW);
    const pace = new Pace(sink);
    this.#feed = feed;
    try {
      await feed.start();
      while (drain(feed, sink) && !this.#closed) {
        const wait = pace.between(feed.position, feed.total);
        if (wait !== undefined) await wait;
        const filling = feed.fill();
        if (filling !== undefined) await filling;
      }
      return resultOf(this.path, feed, this.#closed);
    } finally {
      feed.close();
    }
  }

  close(): void {
    this.#closed = true;
    this.#feed?.close();
  }
}

/** Hands on the frames of the window; false where there will be no others. */
function drain(feed: Feed, sink: FrameSink): boolean {
  let read = feed.next();
  while (read === READ.FRAME) {
    sink.frame(feed.frame);
    read = feed.next();
  }
  return read === READ.MORE;
}

/** What became of a feed. One that was closed ends where it was told to: that is no problem. */
export function resultOf(path: string, feed: Feed, closed: boolean): ReadResult {
  const { frames, position: bytes, linkTypes, problem } = feed;
  const result = { path, frames, bytes, linkTypes };
  return problem === undefined || closed ? result : { ...result, problem: { path, ...problem } };
}

/** Longest time in which nothing but frames is attended to. */
const SLICE_MS = 25;

/** What happens between chunks: the sink may make us wait, and timers and signals get their turn. */
export class Pace {
  readonly #sink: FrameSink;
  #since = performance.now();

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  between(bytes: number, total: number | undefined): Promise<void> | undefined {
    this.#sink.progress?.(bytes, total);
    const wait = this.#sink.pause?.();
    if (wait !== undefined) return wait;
    const now = performance.now();
    if (now - this.#since < SLICE_MS) return undefined;
    this.#since = now;
    return setImmediate();
  }
}
