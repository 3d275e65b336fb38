import type { LiveReport } from '../capture/live/report.ts';
import type { CaptureSource, FrameSink, ReadResult } from '../capture/source.ts';
import { openCapture } from '../capture/source.ts';
import type { MergedSource } from '../capture/merge.ts';
import { openMerged } from '../capture/merge.ts';
import type { InputProblem } from '../capture/problem.ts';
import type { Policy } from '../classify/policy.ts';
import type { Limits } from '../core/limits.ts';
import type { EveEvent, EventSink } from '../event/eve.ts';
import type { FlowTable } from '../flow/table.ts';
import { makeFlowTable } from './pipeline.ts';
import { addCounters } from './stats.ts';
import type { EngineCounters } from './stats.ts';
import { Tally } from './tally.ts';
import { backlog, World } from './world.ts';

export interface ReplayOptions {
  /** Capture files, `-` for standard input; folders are already expanded. */
  readonly paths: readonly string[];
  /** The files are one tap's: read them as one, by packet time. */
  readonly merge: boolean;
  readonly policy: Policy;
  readonly limits: Limits;
  readonly allFlows: boolean;
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
  /** Of a live run: what was captured, and what was lost before it reached us. */
  readonly live?: LiveReport;
}

/** Reads captures and hands every event to the sinks. Each file is a run of its own unless merged. */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #table: FlowTable;
  readonly #tally = new Tally();
  readonly #problems: InputProblem[] = [];
  #counters: EngineCounters | undefined;
  #alerts = 0;
  #files = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#table = makeFlowTable(options.limits);
  }

  async run(): Promise<ReplayResult> {
    const { paths, merge, signal } = this.#options;
    if (merge && paths.length > 1) {
      await this.#world(paths, openMerged(paths));
    } else {
      for (const path of paths) {
        if (signal?.aborted) break;
        await this.#world([path], openCapture(path));
      }
    }
    return {
      tally: this.#tally,
      counters: this.#counters,
      problems: this.#problems,
      files: this.#files,
      alerts: this.#alerts,
    };
  }

  /** Reads one world: a capture, or the merged captures of one tap. */
  async #world(paths: readonly string[], source: CaptureSource | MergedSource): Promise<void> {
    const { policy, limits, allFlows, host, signal } = this.#options;
    const world = new World({
      policy,
      limits,
      allFlows,
      host,
      table: this.#table,
      write: (event) => this.#write(event),
    });
    world.pipeline.files(paths.map((path) => (path === '-' ? 'stdin' : path)));
    const results = await this.#read(source, this.#frameSink(world, paths));
    if (!signal?.aborted) {
      world.finish();
      if (world.pipeline.frames > 0) this.#tellStats(world, paths);
    }
    this.#table.resetPeak();
    for (const { problem } of results) if (problem) this.#problems.push(problem);
    this.#files += results.length;
    this.#alerts += world.alerts;
  }

  /** Reads a source to its end, or until nobody wants what is read. */
  async #read(source: CaptureSource | MergedSource, sink: FrameSink): Promise<ReadResult[]> {
    const { signal } = this.#options;
    const close = (): void => source.close();
    signal?.addEventListener('abort', close);
    try {
      const results = await source.read(sink);
      return Array.isArray(results) ? results : [results];
    } finally {
      signal?.removeEventListener('abort', close);
    }
  }

  #frameSink(world: World, paths: readonly string[]): FrameSink {
    const { progress, sinks } = this.#options;
    const name = paths[0] ?? '';
    return {
      frame(frame) {
        world.frame(frame);
      },
      pause: () => backlog(sinks),
      ...(progress ? { progress: (bytes, total) => progress(name, bytes, total) } : {}),
    };
  }

  #write(event: EveEvent): void {
    this.#tally.event(event);
    for (const sink of this.#options.sinks) sink.write(event);
  }

  #tellStats(world: World, paths: readonly string[]): void {
    const counters = world.counters();
    const file = paths.length === 1 ? (paths[0] === '-' ? 'stdin' : paths[0]) : undefined;
    this.#write(world.stats(counters, { file }));
    this.#counters = this.#counters ? addCounters(this.#counters, counters) : counters;
  }
}
