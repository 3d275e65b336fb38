import { Feed } from './feed.ts';
import { openInput } from './input.ts';
import { READ } from './reader.ts';
import type { Read } from './reader.ts';
import { Pace, resultOf } from './source.ts';
import type { FrameSink, ReadResult } from './source.ts';
import { LIMITS } from './wire.ts';

/** Several captures to be read once, as one. */
export interface MergedSource {
  /** Hands on all frames by time; `frame.file` is the index of its path. One result a path, in their order. */
  read(sink: FrameSink): Promise<ReadResult[]>;
  /** Ends a `read` that is under way. */
  close(): void;
}

/**
 * Captures of one tap, merged by packet time; packets of the same time by file name, then number. The
 * packets of one file keep their order even where its clock steps back.
 *
 * A first pass looks at each file's first packet and closes it again, so that a file is open, and its
 * window in memory, only while its time is due. Standard input and pipes stay open from the beginning.
 */
export function openMerged(paths: readonly string[]): MergedSource {
  return new Merge(paths);
}

/** Window of a first look, and the memory that the windows of one merge share. */
const LOOK = 4096;
const WINDOWS = 67_108_864;
const SMALLEST_WINDOW = 32_768;

/** One of the files: its next packet's time, and its feed while it is open. */
interface Lane {
  readonly path: string;
  readonly file: number;
  /** Rank of the name. */
  readonly rank: number;
  seconds: number;
  nanos: number;
  feed: Feed | undefined;
}

class Merge implements MergedSource {
  readonly #lanes: readonly Lane[];
  readonly #heap = new LaneHeap();
  readonly #results: ReadResult[] = [];
  readonly #window: number;
  #bytes = 0;
  #total: number | undefined = 0;
  #closed = false;

  constructor(paths: readonly string[]) {
    const byName = paths.map((path, file) => ({ path, file }));
    byName.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.file - b.file));
    this.#lanes = byName.map((lane, rank) => ({ ...lane, rank, seconds: 0, nanos: 0, feed: undefined }));
    const share = Math.floor(WINDOWS / Math.max(1, paths.length));
    this.#window = Math.max(SMALLEST_WINDOW, Math.min(LIMITS.WINDOW, share));
  }

  async read(sink: FrameSink): Promise<ReadResult[]> {
    const pace = new Pace(sink);
    try {
      for (const lane of this.#lanes) if (!this.#closed) await this.#look(lane, pace);
      for (let lane = this.#run(sink); lane !== undefined && !this.#closed; lane = this.#run(sink)) {
        const feed = lane.feed ?? (await this.#open(lane, this.#window));
        if (await this.#advance(lane, feed, pace)) this.#heap.settle();
        else this.#finish(this.#heap.pop()!, feed);
      }
      for (const lane of this.#lanes) this.#results[lane.file] ??= unfinished(lane);
    } finally {
      this.close();
    }
    return this.#results;
  }

  close(): void {
    this.#closed = true;
    for (const lane of this.#lanes) lane.feed?.close();
  }

  /** Hands on frames in order until the next one needs bytes that are not there: of which lane? */
  #run(sink: FrameSink): Lane | undefined {
    for (let lane = this.#heap.top(); ; lane = this.#heap.settle()) {
      const feed = lane?.feed;
      if (lane === undefined || feed === undefined) return lane;
      sink.frame(feed.frame);
      if (feed.next() !== READ.FRAME) return lane;
      lane.seconds = feed.frame.seconds;
      lane.nanos = feed.frame.nanos;
    }
  }

  /** Looks at the first packet; the lane waits for its time, closed where it can be opened again. */
  async #look(lane: Lane, pace: Pace): Promise<void> {
    const feed = await this.#open(lane, LOOK);
    const regular = lane.path !== '-' && feed.total !== undefined;
    this.#total =
      this.#total === undefined || feed.total === undefined ? undefined : this.#total + feed.total;
    if (!(await this.#advance(lane, feed, pace))) return this.#finish(lane, feed);
    this.#heap.push(lane);
    if (!regular) return;
    this.#bytes -= feed.position;
    feed.close();
    lane.feed = undefined;
  }

  async #open(lane: Lane, window: number): Promise<Feed> {
    const feed = new Feed(openInput(lane.path), lane.file, window);
    lane.feed = feed;
    await feed.start();
    this.#bytes += feed.position;
    return feed;
  }

  /** Finds the lane's next frame; false where it has none. */
  async #advance(lane: Lane, feed: Feed, pace: Pace): Promise<boolean> {
    let read: Read = feed.next();
    for (; read === READ.MORE && !this.#closed; read = feed.next()) {
      const wait = pace.between(this.#bytes, this.#total);
      if (wait !== undefined) await wait;
      const before = feed.position;
      await feed.fill();
      this.#bytes += feed.position - before;
    }
    lane.seconds = feed.frame.seconds;
    lane.nanos = feed.frame.nanos;
    return read === READ.FRAME;
  }

  #finish(lane: Lane, feed: Feed): void {
    this.#results[lane.file] = resultOf(lane.path, feed, this.#closed);
    feed.close();
    lane.feed = undefined;
  }
}

/** A lane that was closed before its end. */
function unfinished({ path, feed }: Lane): ReadResult {
  return feed === undefined ? { path, frames: 0, bytes: 0, linkTypes: [] } : resultOf(path, feed, true);
}

/** A binary heap: the lane whose packet comes next is on top. */
class LaneHeap {
  readonly #lanes: Lane[] = [];

  top(): Lane | undefined {
    return this.#lanes[0];
  }

  push(lane: Lane): void {
    const lanes = this.#lanes;
    let at = lanes.push(lane) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(lane, lanes[parent]!)) break;
      lanes[at] = lanes[parent]!;
      at = parent;
    }
    lanes[at] = lane;
  }

  /** Takes the top away. */
  pop(): Lane | undefined {
    const top = this.#lanes[0];
    const last = this.#lanes.pop();
    if (last !== undefined && last !== top) {
      this.#lanes[0] = last;
      this.settle();
    }
    return top;
  }

  /** Puts the top, whose time has changed, where it belongs. The new top. */
  settle(): Lane | undefined {
    const lanes = this.#lanes;
    const lane = lanes[0];
    if (lane === undefined) return undefined;
    let at = 0;
    for (let child = 1; child < lanes.length; child = 2 * at + 1) {
      if (child + 1 < lanes.length && before(lanes[child + 1]!, lanes[child]!)) child++;
      if (!before(lanes[child]!, lane)) break;
      lanes[at] = lanes[child]!;
      at = child;
    }
    lanes[at] = lane;
    return lanes[0];
  }
}

function before(a: Lane, b: Lane): boolean {
  if (a.seconds !== b.seconds) return a.seconds < b.seconds;
  return a.nanos !== b.nanos ? a.nanos < b.nanos : a.rank < b.rank;
}
