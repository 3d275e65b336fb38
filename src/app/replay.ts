import type { FrameSink } from '../capture/source.ts';
import type { InputProblem } from '../capture/problem.ts';
import type { Policy } from '../classify/policy.ts';
import type { EveEvent, EventSink } from '../event/eve.ts';
import type { FlowTable } from '../flow/table.ts';
import { protocols } from '../../protocols/index.ts';
import { engineSettings, makeFlowTable, Pipeline } from './pipeline.ts';
import type { EngineSettings } from './pipeline.ts';
import { namesOf, readCaptures } from './read.ts';
import type { Captures } from './read.ts';
import { addCounters, countersOf } from './stats.ts';
import type { EngineCounters } from './stats.ts';
import { Tally } from './tally.ts';
import { Workers } from './workers.ts';
import type { WorldRead } from './workers.ts';
import { World } from './world.ts';

export interface ReplayOptions extends EngineSettings {
  /** Capture files, `-` for standard input; folders are already expanded. */
  readonly paths: readonly string[];
  /** The files are one tap's: read them as one, by packet time. */
  readonly merge: boolean;
  readonly policy: Policy;
  /** Threads that share the flows; with one, there is no other thread. The events are the same. */
  readonly workers: number;
  /** Sensor name, for `host`. */
  readonly host?: string | undefined;
  readonly sinks: readonly EventSink[];
  /** Aborted once nobody reads the output any more: reading ends, even of an input that is silent. */
  readonly signal?: AbortSignal;
  /** Bytes read of all inputs together, once a chunk. */
  readonly progress?: (file: string, bytes: number, total: number | undefined) => void;
}

export interface ReplayResult {
  readonly tally: Tally;
  readonly counters: EngineCounters | undefined;
  readonly problems: readonly InputProblem[];
  readonly files: number;
  readonly alerts: number;
}

/** Reads captures and hands every event to the sinks. Each file is a world of its own unless merged. */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #tally = new Tally();
  readonly #problems: InputProblem[] = [];
  #table: FlowTable | undefined;
  #counters: EngineCounters | undefined;
  #alerts = 0;
  #files = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  async run(): Promise<ReplayResult> {
    const { paths, merge, workers } = this.#options;
    const worlds = merge && paths.length > 1 ? [{ paths }] : paths.map((path) => ({ paths: [path] }));
    // A merge that takes standard input reads it in this thread.
    const alone = workers === 1 || worlds.some((w) => w.paths.length > 1 && w.paths.includes('-'));
    await (alone ? this.#alone(worlds) : this.#shared(worlds));
    return {
      tally: this.#tally,
      counters: this.#counters,
      problems: this.#problems,
      files: this.#files,
      alerts: this.#alerts,
    };
  }

  /** Everything in this thread. */
  async #alone(worlds: readonly Captures[]): Promise<void> {
    this.#table = makeFlowTable(this.#options.limits, this.#options.flowKey);
    for (const captures of worlds) {
      if (this.#aborted) return;
      const world = this.#world(captures);
      this.#end(world, await this.#read(world, captures));
    }
  }

  /** Reading, flows and dissection in worker threads; sessions, alerts and events here. */
  async #shared(worlds: readonly Captures[]): Promise<void> {
    const { workers: count, progress, signal } = this.#options;
    const settings = engineSettings(this.#options);
    const pause = (): Promise<void> | undefined => this.#pause();
    const workers = new Workers({ workers: count, settings, worlds, pause, progress, signal });
    try {
      for (const captures of worlds) {
        if (this.#aborted) return;
        const world = this.#world(captures);
        this.#end(world, await workers.tell(world, captures));
      }
    } finally {
      await workers.close();
    }
  }

  get #aborted(): boolean {
    return this.#options.signal?.aborted ?? false;
  }

  #world(captures: Captures): World {
    const { policy, limits, host } = this.#options;
    return new World({
      policy,
      limits,
      host,
      files: namesOf(captures),
      write: (event) => {
        this.#write(event);
      },
    });
  }

  async #read(world: World, captures: Captures): Promise<WorldRead> {
    const { signal } = this.#options;
    const pipeline = new Pipeline({
      ...engineSettings(this.#options),
      protocols,
      table: this.#table,
      output: (tracker) => {
        world.stamp = tracker.stamp;
        world.clock = tracker.clock;
        return world.session;
      },
      second: (seconds, flows) => {
        world.second(seconds, flows);
      },
    });
    const results = await readCaptures(captures, this.#frameSink(pipeline, captures), signal);
    if (!this.#aborted) pipeline.finish();
    return { counters: countersOf(pipeline), results };
  }

  #end(world: World, { counters, results }: WorldRead): void {
    if (!this.#aborted && counters) {
      const all = world.finish(counters);
      if (all.frames > 0) this.#counters = this.#counters ? addCounters(this.#counters, all) : all;
    }
    for (const { problem } of results) if (problem) this.#problems.push(problem);
    this.#files += results.length;
    this.#alerts += world.classifier.counts.alerts;
  }

  #frameSink(pipeline: Pipeline, captures: Captures): FrameSink {
    const { progress } = this.#options;
    const name = captures.paths[0] ?? '';
    return {
      frame: (frame) => {
        pipeline.frame(frame);
      },
      pause: () => this.#pause(),
      ...(progress ? { progress: (bytes, total) => progress(name, bytes, total) } : {}),
    };
  }

  /** Waits while a sink has too much unsent. */
  #pause(): Promise<void> | undefined {
    const waits: Promise<void>[] = [];
    for (const sink of this.#options.sinks) {
      const wait = sink.drained();
      if (wait) waits.push(wait);
    }
    return waits.length > 0 ? Promise.all(waits).then(() => undefined) : undefined;
  }

  #write(event: EveEvent): void {
    this.#tally.event(event);
    for (const sink of this.#options.sinks) sink.write(event);
  }
}
