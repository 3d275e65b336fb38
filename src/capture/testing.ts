/** For tests: captures from memory. */
import { Feed } from './feed.ts';
import type { Frame } from './frame.ts';
import type { ByteInput } from './input.ts';
import type { Trouble } from './problem.ts';
import { READ } from './reader.ts';
import type { FrameSink } from './source.ts';

/** A frame as a value that can be kept and compared. */
export interface Kept {
  number: number;
  /** `seconds.nanos`, all nine digits. */
  time: string;
  bytes: string;
  wireLength: number;
  linkType: number;
  interfaceId: number;
  file: number;
}

export function keep(frame: Frame): Kept {
  const { number, seconds, nanos, bytes, start, end, wireLength, linkType, interfaceId, file } = frame;
  const time = `${seconds}.${String(nanos).padStart(9, '0')}`;
  const hex = Buffer.from(bytes.subarray(start, end)).toString('hex');
  return { number, time, bytes: hex, wireLength, linkType, interfaceId, file };
}

/** A sink that keeps all it is given. */
export function keeper(): FrameSink & { frames: Kept[] } {
  const frames: Kept[] = [];
  return { frames, frame: (frame) => void frames.push(keep(frame)) };
}

/** Bytes from memory, handed on in pieces of the sizes that `sizes` tells by turns. */
export class PiecesInput implements ByteInput {
  position = 0;
  readonly total: number;
  readonly problem = undefined;
  readonly #bytes: Uint8Array;
  readonly #sizes: readonly number[];
  #turn = 0;

  constructor(bytes: Uint8Array, sizes: readonly number[] = [Infinity]) {
    this.#bytes = bytes;
    this.#sizes = sizes;
    this.total = bytes.length;
  }

  read(into: Uint8Array, at: number): number {
    const size = this.#sizes[this.#turn++ % this.#sizes.length] ?? Infinity;
    const n = Math.min(size, into.length - at, this.#bytes.length - this.position);
    into.set(this.#bytes.subarray(this.position, this.position + n), at);
    this.position += n;
    return n;
  }

  close(): void {
    this.position = this.#bytes.length;
  }
}

export interface Told {
  frames: Kept[];
  linkTypes: readonly number[];
  problem: Trouble | undefined;
}

/** Reads a capture in memory: in pieces of these sizes, through a window of this size. */
export async function readBytes(
  bytes: Uint8Array,
  sizes?: readonly number[],
  window = 65_536,
): Promise<Told> {
  const feed = new Feed(new PiecesInput(bytes, sizes), 0, window);
  const frames: Kept[] = [];
  try {
    await feed.start();
    for (let read = feed.next(); ; read = feed.next()) {
      if (read === READ.FRAME) frames.push(keep(feed.frame));
      else if (read === READ.MORE) await feed.fill();
      else return { frames, linkTypes: feed.linkTypes, problem: feed.problem };
    }
  } finally {
    feed.close();
  }
}
