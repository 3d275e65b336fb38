import { EventEmitter, once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { EXIT, OperatorError } from '../core/errors.ts';
import type { ReadResult } from '../capture/source.ts';
import { protocols } from '../../protocols/index.ts';
import { Merger } from './merger.ts';
import type { EngineSettings } from './pipeline.ts';
import type { Captures } from './read.ts';
import type { Batch, ShareLook } from './recorder.ts';
import type { FromShare, ShareOrder, Told, ToShare } from './share.ts';
import { joinShares } from './stats.ts';
import type { EngineCounters } from './stats.ts';
import type { World } from './world.ts';

export interface WorkersOptions {
  readonly workers: number;
  readonly settings: EngineSettings;
  readonly worlds: readonly Captures[];
  /** A promise while a sink has too much unsent. */
  readonly pause: () => Promise<void> | undefined;
  readonly progress?: ((file: string, bytes: number, total: number | undefined) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Live: frames come through this memory; see `FrameRing`. */
  readonly ring?: SharedArrayBuffer | undefined;
  /** A worker has taken a span of it. */
  readonly fed?: ((worker: number, upTo: number) => void) | undefined;
  /** All workers have told how they stand at one moment. */
  readonly looked?: ((wanted: number, looks: readonly ShareLook[]) => void) | undefined;
  /** The worker's program; another one in tests. */
  readonly program?: URL | undefined;
  /** MiB of heap that a worker may have; Node.js's own default otherwise. */
  readonly heap?: number | undefined;
}

/** What was read of one world. */
export interface WorldRead {
  readonly counters: EngineCounters | undefined;
  readonly results: readonly ReadResult[];
}

interface Ended {
  readonly counters: EngineCounters;
  readonly results: readonly ReadResult[];
  readonly seconds: number;
  readonly nanos: number;
}

/** Rows handed on before sinks, timers and signals get their turn. */
const SLICE = 2_000;
/** Chunks of standard input that a worker may have before it. */
const CHUNKS_AHEAD = 16;

/**
 * Worker threads that read the same input, each for its share of the flows, and the order in which what they tell
 * becomes events. Worlds are read one after the other, the next one while the last is still being told.
 */
export class Workers {
  readonly #options: WorkersOptions;
  readonly #threads: Worker[];
  /** By worker: messages of worlds that are not being told yet. */
  readonly #inboxes: Told[][];
  /** By worker: worlds that it has told to their end. */
  readonly #ended: number[];
  readonly #chunks: number[];
  readonly #news = new EventEmitter();
  /** News so far: what comes while something else is awaited is not missed. */
  #count = 0;
  readonly #feeding: boolean;
  /** Worlds that are told or were. */
  #begun = 0;
  #stopped = false;
  #failure: Error | undefined;
  #closed = false;

  constructor(options: WorkersOptions) {
    this.#options = options;
    const { workers, settings, worlds } = options;
    this.#inboxes = Array.from({ length: workers }, () => []);
    this.#chunks = new Array<number>(workers).fill(0);
    this.#ended = new Array<number>(workers).fill(0);
    this.#threads = this.#inboxes.map((_, index) => {
      const workerData: ShareOrder = {
        share: { index, of: workers },
        ...{ settings, worlds, ring: options.ring },
      };
      // dist/ is flat: see scripts/build.mjs.
      const { program = new URL('./share.js', import.meta.url), heap } = options;
      const resourceLimits = heap === undefined ? {} : { maxOldGenerationSizeMb: heap };
      const thread = new Worker(program, { workerData, resourceLimits });
      thread.on('message', (message: FromShare) => this.#heard(index, message));
      thread.on('error', (error) => this.#fail(deathOf(index, workers, error)));
      thread.on('exit', (code) => {
        // What it sent has come before: one that has told all may go.
        if ((this.#ended[index] ?? 0) < (this.#stopped ? this.#begun : worlds.length))
          this.#fail(
            new Error(`worker ${index + 1} of ${workers} ended with ${code} before its work was done`),
          );
      });
      return thread;
    });
    options.signal?.addEventListener('abort', () => this.#tellNews());
    this.#feeding = worlds.some(({ paths }) => paths.includes('-'));
    if (this.#feeding) void this.#feed();
  }

  /** Takes the next world, to its end or until nobody wants it. Rejects with what ended a thread. */
  async tell(world: World, captures: Captures): Promise<WorldRead> {
    const taken = (worker: number): void => this.#post(worker, { kind: 'taken' });
    const merger = new Merger(world, this.#threads.length, protocols, taken, this.#options.looked);
    const ends = new Map<number, Ended>();
    this.#begun++;
    const stop = (): boolean => this.#options.signal?.aborted ?? false;
    for (;;) {
      if (this.#failure) throw this.#failure;
      const seen = this.#count;
      this.#collect(merger, ends, captures);
      let more = true;
      while (more && !stop()) {
        more = merger.pump(SLICE);
        const wait = this.#options.pause();
        if (wait) await wait;
      }
      if (stop()) return { counters: undefined, results: [] };
      if (ends.size === this.#threads.length) return this.#joined(world, ends);
      if (this.#count === seen) await once(this.#news, 'news');
    }
  }

  /** Ends the reading: the world that is being told ends where each worker is, and there is no other. */
  stop(): void {
    this.#stopped = true;
    this.postAll({ kind: 'stop' });
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#feeding) process.stdin.destroy();
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  /** Moves what has come of this world to the merger. */
  #collect(merger: Merger, ends: Map<number, Ended>, captures: Captures): void {
    this.#inboxes.forEach((inbox, worker) => {
      while (!ends.has(worker)) {
        const message = inbox.shift();
        if (!message) break;
        if (message.kind === 'end') ends.set(worker, message);
        else if (worker === 0) this.#options.progress?.(captures.paths[0] ?? '', message.read, message.total);
        merger.add(worker, message.batch satisfies Batch);
      }
    });
  }

  #joined(world: World, ends: ReadonlyMap<number, Ended>): WorldRead {
    const shares = [...ends.entries()].sort(([a], [b]) => a - b).map(([, end]) => end);
    const [first] = shares;
    world.clock.seconds = first?.seconds ?? -1;
    world.clock.nanos = first?.nanos ?? 0;
    return { counters: joinShares(shares.map((end) => end.counters)), results: first?.results ?? [] };
  }

  #tellNews(): void {
    this.#count++;
    this.#news.emit('news');
  }

  #heard(worker: number, message: FromShare): void {
    if (message.kind === 'fed') {
      this.#chunks[worker] = (this.#chunks[worker] ?? 0) - 1;
      this.#options.fed?.(worker, message.upTo);
      // Who hands on frames is told by `fed`; only standard input waits for news of it.
      if (!this.#feeding) return;
    } else {
      if (message.kind === 'end') this.#ended[worker] = (this.#ended[worker] ?? 0) + 1;
      this.#inboxes[worker]?.push(message);
    }
    this.#tellNews();
  }

  #fail(error: Error): void {
    if (this.#closed) return;
    this.#failure ??= error;
    this.#tellNews();
  }

  /** To every worker. */
  postAll(message: ToShare): void {
    for (const thread of this.#threads) thread.postMessage(message);
  }

  #post(worker: number, message: ToShare): void {
    this.#threads[worker]?.postMessage(message);
  }

  /** Hands standard input to every worker, no faster than the slowest of them reads. */
  async #feed(): Promise<void> {
    try {
      for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
        const bytes = new Uint8Array(new SharedArrayBuffer(chunk.length));
        bytes.set(chunk);
        this.#toAll(bytes);
        while (!this.#closed && Math.max(...this.#chunks) >= CHUNKS_AHEAD) await once(this.#news, 'news');
      }
    } catch (error) {
      // Closing ends the reading of it, too.
      if (this.#closed) return;
      const why = error instanceof Error ? error.message : String(error);
      this.#fail(new OperatorError(`standard input cannot be read: ${why}`, EXIT.IO));
    }
    this.#toAll(new Uint8Array(0));
  }

  #toAll(bytes: Uint8Array): void {
    this.#chunks.forEach((n, worker) => (this.#chunks[worker] = n + 1));
    this.postAll({ kind: 'bytes', bytes });
  }
}

/** What ended a thread, in a line. The cause has the thread's own stack, which is what a report needs. */
function deathOf(index: number, workers: number, error: unknown): Error {
  const who = `worker ${index + 1} of ${workers}`;
  // It was made anew in this thread: it need not be of any class.
  const { code, message = String(error) } = (error ?? {}) as { code?: unknown; message?: string };
  if (code === 'ERR_WORKER_OUT_OF_MEMORY')
    return new OperatorError(
      `${who} ran out of memory: take lower limits (docs/LIMITS.md), or give each thread more with NODE_OPTIONS=--max-old-space-size=MIB`,
      EXIT.BUG,
    );
  return new Error(`${who} ended of: ${message}`, { cause: error });
}
