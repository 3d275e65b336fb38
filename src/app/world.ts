import type { Frame } from '../capture/frame.ts';
import { Classifier } from '../classify/classifier.ts';
import type { Policy } from '../classify/policy.ts';
import type { Limits } from '../core/limits.ts';
import type { EveEvent, EventSink } from '../event/eve.ts';
import type { FlowTable } from '../flow/table.ts';
import { protocols } from '../../protocols/index.ts';
import { Pipeline } from './pipeline.ts';
import { countersOf, statsEvent } from './stats.ts';
import type { CaptureCounters, EngineCounters } from './stats.ts';

export interface WorldOptions {
  readonly policy: Policy;
  readonly limits: Limits;
  readonly allFlows: boolean;
  /** Sensor name, for `host`. */
  readonly host?: string | undefined;
  /** An empty flow table of `limits.flows`. */
  readonly table: FlowTable;
  /** Takes every event, alerts among them, at once. */
  readonly write: (event: EveEvent) => void;
}

/** One world and its judge: a capture, the merged captures of one tap, or the interfaces of a live run. */
export class World {
  readonly pipeline: Pipeline;
  readonly #classifier: Classifier;
  readonly #host: string | undefined;
  #second = -1;

  constructor(options: WorldOptions) {
    const { limits, allFlows, host, table, write } = options;
    this.#host = host;
    const classifier = new Classifier({
      policy: options.policy,
      emit: write,
      now: () => this.pipeline.tracker.clock.seconds,
    });
    this.#classifier = classifier;
    this.pipeline = new Pipeline({
      protocols,
      limits,
      allFlows,
      host,
      table,
      emit: (event) => {
        // A flow's event says whether it was alerted on, so it is judged before it is written.
        if (event.flow && classifier.on(event)) event.flow.alerted = true;
        write(event);
        if (!event.flow) classifier.on(event);
      },
      onVerdict: (run) => {
        classifier.verdict(run.header, run.verdict, run.protocol.services[0] ?? run.protocol.name);
      },
    });
  }

  get alerts(): number {
    return this.#classifier.counts.alerts;
  }

  /** One frame. */
  frame(frame: Frame): void {
    this.pipeline.frame(frame);
    const { seconds } = this.pipeline.tracker.clock;
    if (seconds !== this.#second) {
      this.#second = seconds;
      this.#classifier.tick(seconds);
    }
  }

  /** Packet time went on to this second though no packet came (live). */
  tick(seconds: number): void {
    this.pipeline.tick(seconds);
    const now = this.pipeline.tracker.clock.seconds;
    if (now < 0) return;
    this.#second = now;
    this.#classifier.tick(now);
  }

  /** The input is over: all that is open ends. */
  finish(): void {
    this.pipeline.finish();
    this.#classifier.finish();
  }

  counters(): EngineCounters {
    return countersOf(this.pipeline, this.#classifier.counts);
  }

  /** The `stats` event of these counters. */
  stats(
    counters: EngineCounters,
    of: { file?: string | undefined; capture?: CaptureCounters | undefined },
  ): EveEvent {
    const { seconds, nanos } = this.pipeline.tracker.clock;
    return statsEvent(counters, this.pipeline.session.kinds, this.alerts, {
      seconds,
      nanos,
      file: of.file,
      host: this.#host,
      capture: of.capture,
    });
  }
}

/** A wait while a sink has too much unsent; undefined where none has. */
export function backlog(sinks: readonly EventSink[]): Promise<void> | undefined {
  const waits: Promise<void>[] = [];
  for (const sink of sinks) {
    const wait = sink.drained();
    if (wait) waits.push(wait);
  }
  return waits.length > 0 ? Promise.all(waits).then(() => undefined) : undefined;
}
