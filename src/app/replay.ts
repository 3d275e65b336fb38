import type { CaptureSource, FrameSink, ReadResult } from '../capture/source.ts';
import { openCapture } from '../capture/source.ts';
import type { MergedSource } from '../capture/merge.ts';
import { openMerged } from '../capture/merge.ts';
import type { InputProblem } from '../capture/problem.ts';
import { Classifier } from '../classify/classifier.ts';
import type { Policy } from '../classify/policy.ts';
import type { Limits } from '../core/limits.ts';
import type { EveEvent, EventSink } from '../event/eve.ts';
import type { FlowTable } from '../flow/table.ts';
import { protocols } from '../../protocols/index.ts';
import { makeFlowTable, Pipeline } from './pipeline.ts';
import { addCounters, countersOf, statsEvent } from './stats.ts';
import type { EngineCounters } from './stats.ts';
import { Tally } from './tally.ts';

export interface ReplayOptions {
  /** Capture files, `-` for standard input; folders are already expanded. */
  readonly paths: readonly string[];
  /** The files are one tap's: read them as one, by packet time. */
  readonly merge: boolean;
  readonly policy: Policy;
  readonly limits: Limits;
  readonly allFlows: boolean;
  /** What else than addresses and ports tells flows apart: bits of `FLOW_KEY`. */
  readonly flowKey?: number | undefined;
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
    this.#table = makeFlowTable(options.limits, options.flowKey);
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
    const { limits, allFlows, host, signal } = this.#options;
    const classifier = new Classifier({
      policy: this.#options.policy,
      emit: (alert) => this.#write(alert),
      now: () => pipeline.tracker.clock.seconds,
    });
    const pipeline = new Pipeline({
      protocols,
      limits,
      allFlows,
      host,
      table: this.#table,
      emit: (event) => {
        // A flow's event says whether it was alerted on, so it is judged before it is written.
        if (event.flow && classifier.on(event)) event.flow.alerted = true;
        this.#write(event);
        if (!event.flow) classifier.on(event);
      },
      onVerdict: (run) => {
        classifier.verdict(run.header, run.verdict, run.protocol.services[0] ?? run.protocol.name);
      },
    });
    pipeline.files(paths.map((path) => (path === '-' ? 'stdin' : path)));
    const results = await this.#read(source, this.#frameSink(pipeline, classifier, paths));
    if (!signal?.aborted) {
      pipeline.finish();
      classifier.finish();
      if (pipeline.frames > 0) this.#tellStats(pipeline, classifier, paths);
    }
    this.#table.resetPeak();
    for (const { problem } of results) if (problem) this.#problems.push(problem);
    this.#files += results.length;
    this.#alerts += classifier.counts.alerts;
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

  #frameSink(pipeline: Pipeline, classifier: Classifier, paths: readonly string[]): FrameSink {
    const { progress } = this.#options;
    const name = paths[0] ?? '';
    const clock = pipeline.tracker.clock;
    let second = clock.seconds;
    return {
      frame(frame) {
        pipeline.frame(frame);
        if (clock.seconds !== second) {
          second = clock.seconds;
          classifier.tick(second);
        }
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

  #tellStats(pipeline: Pipeline, classifier: Classifier, paths: readonly string[]): void {
    const counters = countersOf(pipeline, classifier.counts);
    const { clock } = pipeline.tracker;
    const stats = statsEvent(counters, pipeline.session.kinds, classifier.counts.alerts, {
      seconds: clock.seconds,
      nanos: clock.nanos,
      file: paths.length === 1 ? (paths[0] === '-' ? 'stdin' : paths[0]) : undefined,
      host: this.#options.host,
    });
    this.#write(stats);
    this.#counters = this.#counters ? addCounters(this.#counters, counters) : counters;
  }
}
