import { Classifier } from '../classify/classifier.ts';
import type { Rulebook } from '../classify/rulebook.ts';
import type { Limits } from '../core/limits.ts';
import { clientLinkOf } from '../dissect/told.ts';
import type { EveEvent } from '../event/eve.ts';
import type { Place } from '../event/factory.ts';
import { Stamp } from '../flow/consumer.ts';
import { SessionStage } from '../session/session.ts';
import { statsEvent, withJudged } from './stats.ts';
import type { CaptureCounters, EngineCounters } from './stats.ts';

export interface WorldOptions {
  readonly rulebook: Rulebook;
  readonly limits: Limits;
  /** Names of the captures by `file` index, as events tell them; live, of the interfaces. */
  readonly files: readonly string[];
  readonly live?: boolean;
  /** Sensor name. */
  readonly host?: string | undefined;
  readonly write: (event: EveEvent) => void;
}

/**
 * What is made of the facts of one capture (or of one tap's): sessions, alerts, events. Takes them in one order,
 * however many pipelines read the frames.
 */
export class World {
  readonly session: SessionStage;
  readonly classifier: Classifier;
  /** Of when the next facts are: the frame that they are told of, and the packet clock. */
  stamp = new Stamp();
  clock: { seconds: number; nanos: number } = { seconds: -1, nanos: 0 };
  readonly #options: WorldOptions;
  /** In the table as of the last second. */
  flows = 0;
  #flowsPeak = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    const { limits, rulebook } = options;
    this.classifier = new Classifier({
      rulebook,
      emit: (alert) => {
        options.write(alert);
      },
      now: () => this.clock.seconds,
    });
    this.session = new SessionStage({
      limits,
      place: () => this.#place(),
      now: () => this.clock.seconds,
      emit: (event) => {
        this.#judge(event);
      },
      who: this.classifier,
      onHost: (fact) => {
        this.classifier.learnHost(fact);
      },
      onVerdict: (flow) => {
        const link = clientLinkOf(flow);
        if (link) this.classifier.client(flow.header.src_ip, link);
        this.classifier.verdict(flow.header, flow.verdict, flow.protocol.services[0] ?? flow.protocol.name);
      },
    });
  }

  /** The packet clock moved to another second, at which so many flows are in the table. */
  second(seconds: number, flows: number): void {
    this.flows = flows;
    if (flows > this.#flowsPeak) this.#flowsPeak = flows;
    this.classifier.tick(seconds);
  }

  /** Packet time went on to this second though no packet came (live). */
  tick(seconds: number): void {
    this.session.tick(seconds);
    this.classifier.tick(seconds);
  }

  /** The input is over: open conversations and findings are told. */
  end(): void {
    this.session.finish();
    this.classifier.finish();
  }

  /** Another rulebook holds from the next event on; nothing that is known is forgotten. */
  reload(rulebook: Rulebook): void {
    this.classifier.reload(rulebook);
  }

  get alerts(): number {
    return this.classifier.counts.alerts;
  }

  /** The engine's counters with those of the stages here. */
  counters(engine: EngineCounters): EngineCounters {
    return withJudged(engine, this.session, this.classifier.counts, this.#flowsPeak);
  }

  /** Writes the `stats` event of these counters. */
  tellStats(counters: EngineCounters, capture?: CaptureCounters): void {
    const { files, live, host, write } = this.#options;
    const file = !live && files.length === 1 ? files[0] : undefined;
    const { seconds, nanos } = this.clock;
    write(statsEvent(counters, this.session.kinds, this.alerts, { seconds, nanos, file, host, capture }));
  }

  /** A flow's event says whether it was alerted on, so it is judged before it is written. */
  #judge(event: EveEvent): void {
    if (event.flow) {
      if (this.classifier.on(event)) event.flow.alerted = true;
      this.#options.write(event);
    } else {
      this.#options.write(event);
      this.classifier.on(event);
    }
  }

  #place(): Place {
    const { seconds, nanos, frame, file } = this.stamp;
    const { files, live, host } = this.#options;
    const name = files.length === 1 ? files[0] : files[file];
    if (live) return { seconds, nanos, frame: 0, iface: name, host };
    // A frame number says nothing without its file.
    const known = name !== undefined || files.length === 0;
    return { seconds, nanos, frame: known ? frame : 0, file: name, host };
  }
}
