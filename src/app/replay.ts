import type { LiveReport } from '../capture/live/report.ts';
import type { FrameSink, ReadResult } from '../capture/source.ts';
import { statSync } from 'node:fs';
import type { InputProblem } from '../capture/problem.ts';
import type { Rulebook } from '../classify/rulebook.ts';
import type { EveEvent, EventSink } from '../event/eve.ts';
import { backlog } from './backlog.ts';
import { Evidence } from './evidence/evidence.ts';
import type { EvidenceReport } from './evidence/evidence.ts';
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
  /** A folder for the flows that were alerted on. */
  readonly evidence?: string | undefined;
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
  /** With `evidence`. */
  readonly evidence?: EvidenceReport | undefined;
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
  readonly #evidence: Evidence | undefined;
  #counters: EngineCounters | undefined;
  #alerts = 0;
  #files = 0;
  readonly #stop = new AbortController();
  #workers: Workers | undefined = undefined;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#evidence = evidenceOf(options);
  }

  async run(): Promise<ReplayResult> {
    const { paths, merge, workers } = this.#options;
    const worlds = merge && paths.length > 1 ? [{ paths }] : paths.map((path) => ({ paths: [path] }));
    // A merge that takes standard input reads it in this thread.
    const alone = workers === 1 || worlds.some((w) => w.paths.length > 1 && w.paths.includes('-'));
    try {
      await (alone ? this.#alone(worlds) : this.#shared(worlds));
    } finally {
      this.#evidence?.close();
    }
    return {
      tally: this.#tally,
      counters: this.#counters,
      problems: this.#problems,
      files: this.#files,
      alerts: this.#alerts,
      evidence: this.#evidence?.report(),
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
    const settings = this.#settings;
    const quarantine = openQuarantine(settings);
    const ends = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal;
    for (const [index, captures] of worlds.entries()) {
      if (ends.aborted) return;
      const local = new LocalWorld({
        ...{ ...this.#worldOptions(captures), ...settings, table, quarantine, index },
      });
      const results = await readCaptures(captures, this.#frameSink(local, captures), ends);
      if (!this.#aborted) local.finish();
      this.#end(local.world, this.#aborted ? undefined : local.counters(), results);
      await this.#keepEvidence(captures, results);
    }
  }

  /** Reading, flows and dissection in worker threads; sessions, alerts and events here. */
  async #shared(worlds: readonly Captures[]): Promise<void> {
    const { workers: count, progress, signal, sinks } = this.#options;
    const settings = this.#settings;
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
        await this.#keepEvidence(captures, results);
      }
    } finally {
      await workers.close();
    }
  }

  /** The world's alerts are known: its flows are looked for once more. What could not be read was told before. */
  async #keepEvidence(captures: Captures, results: readonly ReadResult[]): Promise<void> {
    if (!this.#evidence) return;
    const known = new Set(results.flatMap(({ problem }) => problem?.path ?? []));
    for (const problem of await this.#evidence.end(captures, this.#options.signal)) {
      if (!known.has(problem.path)) this.#problems.push(problem);
    }
  }

  get #settings(): EngineSettings {
    return { ...engineSettings(this.#options), ring: this.#evidence?.ring };
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
    this.#evidence?.event(event);
    for (const sink of this.#options.sinks) sink.write(event);
  }
}

function evidenceOf(options: ReplayOptions): Evidence | undefined {
  const { evidence: folder, paths, workers } = options;
  if (folder === undefined) return undefined;
  return new Evidence({
    ...{ settings: engineSettings(options), folder, workers, ring: !paths.every(canBeReadAgain) },
  });
}

/** A file; a pipe gives its bytes once, and standard input goes on where the first reading ended. */
function canBeReadAgain(path: string): boolean {
  return path !== '-' && (statSync(path, { throwIfNoEntry: false })?.isFile() ?? true);
}
