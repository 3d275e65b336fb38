import { EventEmitter, once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { EXIT, OperatorError } from '../core/errors.ts';
import type { ReadResult } from '../capture/source.ts';
import { protocols } from '../../protocols/index.ts';
import { Merger } from './merger.ts';
import type { EngineSettings } from './pipeline.ts';
import type { Captures } from './read.ts';
import type { Batch } from './recorder.ts';
import type { FromShare, ShareOrder, ToShare } from './share.ts';
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
  readonly #inboxes: Exclude<FromShare, { kind: 'fed' }>[][];
  readonly #chunks: number[];
  readonly #news = new EventEmitter();
  /** News so far: what comes while something else is awaited is not missed. */
  #count = 0;
  readonly #feeding: boolean;
  #failure: Error | undefined;
  #closed = false;

  constructor(options: WorkersOptions) {
    this.#options = options;
    const { workers, settings, worlds } = options;
    this.#inboxes = Array.from({ length: workers }, () => []);
    this.#chunks = new Array<number>(workers).fill(0);
    this.#threads = this.#inboxes.map((inbox, index) => {
      const workerData: ShareOrder = { share: { index, of: workers }, settings, worlds };
      // dist/ is flat: see scripts/build.mjs.
      const thread = new Worker(new URL('./share.js', import.meta.url), { workerData });
      thread.on('message', (message: FromShare) => {
        if (message.kind === 'fed') this.#chunks[index] = (this.#chunks[index] ?? 0) - 1;
        else inbox.push(message);
        this.#tellNews();
      });
      thread.on('error', (error) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
        this.#tellNews();
      });
      thread.on('exit', (code) => {
        if (code !== 0 && !this.#closed) this.#failure ??= new Error(`a worker thread ended with ${code}`);
        this.#tellNews();
      });
      return thread;
    });
    options.signal?.addEventListener('abort', () => this.#tellNews());
    this.#feeding = worlds.some(({ paths }) => paths.includes('-'));
    if (this.#feeding) void this.#feed();
  }

  /** Takes the next world, to its end or until nobody wants it. Rejects with what ended a thread. */
  async tell(world: World, captures: Captures): Promise<WorldRead> {
    const merger = new Merger(world, this.#threads.length, protocols, (worker) => {
      this.#post(worker, { kind: 'taken' });
    });
    const ends = new Map<number, Ended>();
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
      this.#failure ??= new OperatorError(`standard input cannot be read: ${why}`, EXIT.IO);
      this.#tellNews();
    }
    this.#toAll(new Uint8Array(0));
  }

  #toAll(bytes: Uint8Array): void {
    this.#threads.forEach((_, worker) => {
      this.#chunks[worker] = (this.#chunks[worker] ?? 0) + 1;
      this.#post(worker, { kind: 'bytes', bytes });
    });
  }
}
