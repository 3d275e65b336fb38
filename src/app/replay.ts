import type { LiveReport } from '../capture/live/report.ts';
import type { FrameSink, ReadResult } from '../capture/source.ts';
import type { InputProblem } from '../capture/problem.ts';
import type { Rulebook } from '../classify/rulebook.ts';
import type { EveEvent, EventSink } from '../event/eve.ts';
import { backlog } from './backlog.ts';
import { LocalWorld } from './local.ts';
import { engineSettings, makeFlowTable, openQuarantine } from './pipeline.ts';
import type { EngineSettings } from './pipeline.ts';
import { namesOf, readCaptures } from './read.ts';
import type { Captures } from './read.ts';
import { addCounters } from './stats.ts';
import type { EngineCounters } from './stats.ts';
import { Tally } from './tally.ts';
import { Workers } from './workers.ts';
import { World } from './world.ts';
import type { WorldOptions } from './world.ts';

export interface ReplayOptions extends EngineSettings {
  /** Capture files, `-` for standard input; folders are already expanded. */
  readonly paths: readonly string[];
  /** The files are one tap's: read them as one, by packet time. */
  readonly merge: boolean;
  readonly rulebook: Rulebook;
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
  /** Reading was ended by `stop` before all was read. */
  readonly interrupted?: boolean;
  /** Of a live run: what was captured, and what was lost before it reached us. */
  readonly live?: LiveReport;
}

/** Reads captures and hands every event to the sinks. Each file is a world of its own unless merged. */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #tally = new Tally();
  readonly #problems: InputProblem[] = [];
  #counters: EngineCounters | undefined;
  #alerts = 0;
  #files = 0;
  readonly #stop = new AbortController();
  #workers: Workers | undefined = undefined;

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
      interrupted: this.#stop.signal.aborted,
    };
  }

  /** Ends the reading: what was read until then is told to its end, and `run` resolves. */
  stop(): void {
    this.#stop.abort();
    this.#workers?.stop();
  }

  /** Everything in this thread. */
  async #alone(worlds: readonly Captures[]): Promise<void> {
    const { limits, flowKey, signal } = this.#options;
    const table = makeFlowTable(limits, flowKey);
    const settings = engineSettings(this.#options);
    const quarantine = openQuarantine(settings);
    const ends = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal;
    for (const captures of worlds) {
      if (ends.aborted) return;
      const local = new LocalWorld({ ...this.#worldOptions(captures), ...settings, table, quarantine });
      const results = await readCaptures(captures, this.#frameSink(local, captures), ends);
      if (!this.#aborted) local.finish();
      this.#end(local.world, this.#aborted ? undefined : local.counters(), results);
    }
  }

  /** Reading, flows and dissection in worker threads; sessions, alerts and events here. */
  async #shared(worlds: readonly Captures[]): Promise<void> {
    const { workers: count, progress, signal, sinks } = this.#options;
    const settings = engineSettings(this.#options);
    // What is wrong with the folder is said here, not by each thread.
    openQuarantine(settings);
    const pause = (): Promise<void> | undefined => backlog(sinks);
    const workers = new Workers({ workers: count, settings, worlds, pause, progress, signal });
    this.#workers = workers;
    try {
      for (const captures of worlds) {
        if (this.#aborted || this.#stop.signal.aborted) return;
        const world = new World(this.#worldOptions(captures));
        const { counters, results } = await workers.tell(world, captures);
        if (counters) world.end();
        this.#end(world, counters && world.counters(counters), results);
      }
    } finally {
      await workers.close();
    }
  }

  get #aborted(): boolean {
    return this.#options.signal?.aborted ?? false;
  }

  #worldOptions(captures: Captures): WorldOptions {
    const { rulebook, limits, host } = this.#options;
    const write = (event: EveEvent): void => {
      this.#write(event);
    };
    return { rulebook, limits, host, files: namesOf(captures), write };
  }

  /** `counters` are those of a world that was read to its end. */
  #end(world: World, counters: EngineCounters | undefined, results: readonly ReadResult[]): void {
    if (counters && counters.frames > 0) {
      world.tellStats(counters);
      this.#counters = this.#counters ? addCounters(this.#counters, counters) : counters;
    }
    for (const { problem } of results) if (problem) this.#problems.push(problem);
    this.#files += results.length;
    this.#alerts += world.alerts;
  }

  #frameSink({ pipeline }: LocalWorld, captures: Captures): FrameSink {
    const { progress, sinks } = this.#options;
    const name = captures.paths[0] ?? '';
    return {
      frame: (frame) => {
        pipeline.frame(frame);
      },
      pause: () => backlog(sinks),
      ...(progress ? { progress: (bytes, total) => progress(name, bytes, total) } : {}),
    };
  }

  #write(event: EveEvent): void {
    this.#tally.event(event);
    for (const sink of this.#options.sinks) sink.write(event);
  }
}
