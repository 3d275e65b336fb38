import { leastRing, FrameRing, LOOK, RECORD } from '../capture/live/frame-ring.ts';
import type { Frame } from '../capture/frame.ts';
import { PacketClock } from '../core/clock.ts';
import { directionsSeen } from '../flow/directions.ts';
import type { Directions } from '../flow/directions.ts';
import { LocalWorld } from './local.ts';
import { engineSettings, makeFlowTable, openQuarantine } from './pipeline.ts';
import type { EngineSettings } from './pipeline.ts';
import type { ShareLook } from './recorder.ts';
import { countersOf, joinShares } from './stats.ts';
import type { EngineCounters } from './stats.ts';
import { Workers } from './workers.ts';
import { World } from './world.ts';
import type { WorldOptions } from './world.ts';

export interface LiveWorldOptions extends WorldOptions, EngineSettings {
  readonly workers: number;
  /** How the engine stands at the moment at which `look` was called. */
  readonly looked: (look: Look) => void;
  /** A worker has ended that was not told to: nothing else will be told. */
  readonly failed: () => void;
  /** A promise while a sink has too much unsent. */
  readonly pause: () => Promise<void> | undefined;
  /** Aborted once nobody reads the output. */
  readonly gone: AbortSignal;
  /** The worker's program; another one in tests. */
  readonly program?: URL | undefined;
}

export interface Look {
  readonly counters: EngineCounters;
  readonly directions: Directions | undefined;
  /** A `stats` event was wanted. */
  readonly stats: boolean;
}

/** What frames of a live run are handed to: one pipeline in this thread, or many in others. */
export interface LiveWorld {
  readonly world: World;
  /** Seconds of the packet clock at the last frame or tick. */
  readonly seconds: number;
  /** Bytes of packets that wait for workers. */
  readonly backlog: number;
  /** Takes a frame; false: there was no room for it, it is lost. */
  frame(frame: Frame): boolean;
  /** A wait until there is room. */
  pause(): Promise<void> | undefined;
  /** Packet time went on to this second though no packet came. */
  tick(seconds: number): void;
  /** Has `looked` called with how things stand behind what was handed over until now. */
  look(wanted: { directions: boolean; stats: boolean }): void;
  /** No other frame comes: all that is open is told. Undefined where nobody reads the output any more. */
  finish(): Promise<EngineCounters | undefined>;
  /** Hands what waits in memory of candidates' frames to the ring on disk. */
  flush(): void;
  close(): Promise<void>;
}

export function openLiveWorld(options: LiveWorldOptions): LiveWorld {
  return options.workers === 1 ? new LocalLive(options) : new SharedLive(options);
}

/** Everything in this thread. */
class LocalLive implements LiveWorld {
  readonly #options: LiveWorldOptions;
  readonly #local: LocalWorld;

  constructor(options: LiveWorldOptions) {
    this.#options = options;
    this.#local = new LocalWorld({
      ...options,
      table: makeFlowTable(options.limits, options.flowKey),
      quarantine: openQuarantine(engineSettings(options)),
    });
  }

  get world(): World {
    return this.#local.world;
  }

  get seconds(): number {
    return this.#local.pipeline.tracker.clock.seconds;
  }

  readonly backlog = 0;

  frame(frame: Frame): boolean {
    this.#local.pipeline.frame(frame);
    return true;
  }

  pause(): Promise<void> | undefined {
    return this.#options.pause();
  }

  tick(seconds: number): void {
    this.#local.tick(seconds);
  }

  look({ directions, stats }: { directions: boolean; stats: boolean }): void {
    const { pipeline } = this.#local;
    this.#options.looked({
      counters: countersOf(pipeline),
      directions: directions ? directionsSeen(pipeline.tracker.table) : undefined,
      stats,
    });
  }

  finish(): Promise<EngineCounters | undefined> {
    if (this.#options.gone.aborted) return Promise.resolve(undefined);
    this.#local.finish();
    return Promise.resolve(countersOf(this.#local.pipeline));
  }

  flush(): void {
    this.#local.ring?.flush();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Flows and dissection in worker threads, which take the frames out of a ring; sessions, alerts and events here. */
class SharedLive implements LiveWorld {
  readonly world: World;
  readonly #options: LiveWorldOptions;
  readonly #ring: FrameRing;
  readonly #workers: Workers;
  /** The workers' packet clock, ahead of them. */
  readonly #clock = new PacketClock();
  readonly #told: Promise<EngineCounters | undefined>;

  constructor(options: LiveWorldOptions) {
    this.#options = options;
    const { workers, limits, files, gone, pause, program } = options;
    // What is wrong with the folder is said here, not by each thread.
    openQuarantine(engineSettings(options));
    this.world = new World(options);
    const size = Math.max(limits.live_queue, leastRing(files.length));
    this.#ring = new FrameRing(size, files.length, workers, (span) =>
      this.#workers.postAll({ kind: 'span', ...span }),
    );
    const captures = { paths: files };
    this.#workers = new Workers({
      ...{ workers, pause, program, signal: gone },
      settings: engineSettings(options),
      worlds: [captures],
      ring: this.#ring.memory,
      fed: (worker, upTo) => this.#ring.taken(worker, upTo),
      looked: (wanted, looks) => this.#looked(wanted, looks),
    });
    this.#told = this.#workers.tell(this.world, captures).then(({ counters }) => counters);
    // It is awaited at the end; until then nobody may wait for a worker that is gone.
    this.#told.catch(() => {
      this.#ring.close();
      options.failed();
    });
    gone.addEventListener('abort', () => this.#ring.close());
  }

  get seconds(): number {
    return this.#clock.seconds;
  }

  get backlog(): number {
    return this.#ring.size - this.#ring.free;
  }

  frame(frame: Frame): boolean {
    if (!this.#ring.frame(frame)) return false;
    this.#clock.observe(frame.seconds, frame.nanos);
    return true;
  }

  pause(): Promise<void> | undefined {
    return this.#ring.pause();
  }

  tick(seconds: number): void {
    if (this.#ring.tell(RECORD.TICK, seconds)) this.#clock.advance(seconds);
  }

  look({ directions, stats }: { directions: boolean; stats: boolean }): void {
    // Where there is no room there is another look in a second.
    this.#ring.tell(RECORD.LOOK, (directions ? LOOK.DIRECTIONS : 0) | (stats ? LOOK.STATS : 0));
  }

  async finish(): Promise<EngineCounters | undefined> {
    await this.#ring.pause();
    this.#ring.tell(RECORD.END, 0);
    const counters = await this.#told;
    if (counters) this.world.end();
    return counters;
  }

  flush(): void {
    // Workers do that before they tell of a frame.
  }

  close(): Promise<void> {
    return this.#workers.close();
  }

  #looked(wanted: number, looks: readonly ShareLook[]): void {
    const counters = joinShares(looks.map((look) => look.counters));
    if (!counters) return;
    const seen = looks.flatMap(({ directions }) => directions ?? []);
    const directions = {
      both: seen.reduce((n, { both }) => n + both, 0),
      one: seen.reduce((n, { one }) => n + one, 0),
    };
    this.#options.looked({
      counters,
      directions: (wanted & LOOK.DIRECTIONS) === 0 ? undefined : directions,
      stats: (wanted & LOOK.STATS) !== 0,
    });
  }
}
