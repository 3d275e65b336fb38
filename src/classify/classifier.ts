import type { EveEvent, FlowHeader } from '../event/eve.ts';
import type { Verdict } from '../event/im.ts';
import { Behaviour } from './behaviour/behaviour.ts';
import { packetSeconds } from './clock.ts';
import { Clients } from './clients.ts';
import { Findings } from './findings.ts';
import type { FindingCounts } from './findings.ts';
import { makeClassifyLimits } from './limits.ts';
import type { ClassifyLimits } from './limits.ts';
import type { Rulebook } from './rulebook.ts';
import type { Watcher } from './watcher.ts';

export interface ClassifierOptions {
  rulebook: Rulebook;
  /** Takes each alert, at once. */
  emit: (alert: EveEvent) => void;
  limits?: Partial<ClassifyLimits>;
  /** The packet clock, seconds: what one wrong stamp does not move. The events' own times where not given. */
  now?: () => number;
}

/**
 * Judges what the session stage tells: hands every event, in order, to the watchers, whose findings become
 * alerts. Its only clock is packet time.
 */
export class Classifier {
  readonly #clients: Clients;
  readonly #watchers: readonly Watcher[];
  readonly #findings: Findings;
  readonly #clock: (() => number) | undefined;
  #now = 0;

  constructor({ rulebook, emit, limits: set, now }: ClassifierOptions) {
    const limits = makeClassifyLimits(set);
    this.#findings = new Findings(emit, limits);
    this.#clients = new Clients(rulebook.policy, this.#findings, limits);
    this.#watchers = [this.#clients, new Behaviour(rulebook.policy.behaviour, this.#findings, limits)];
    this.#clock = now;
  }

  get counts(): FindingCounts {
    return this.#findings.counts;
  }

  /** The detector has recognised a flow; `service` is the network it is taken for until an event says better. */
  verdict(header: FlowHeader, verdict: Verdict, service: string): void {
    this.#clients.verdict(header, verdict, service);
  }

  /** The flow's server was seen under this name (TLS server name, HTTP host, DNS). */
  serverName(flowId: number, name: string): void {
    this.#clients.serverName(flowId, name);
  }

  /** Takes an event. True where an alert was raised for its flow (EVE's `flow.alerted`), by this event or before. */
  on(event: EveEvent): boolean {
    this.tick(this.#clock?.() ?? packetSeconds(event.timestamp));
    let alerted = false;
    for (const watcher of this.#watchers) if (watcher.on(event)) alerted = true;
    return alerted;
  }

  /** Packet time is now so many seconds: raises what has waited long enough. */
  tick(seconds: number): void {
    if (seconds === this.#now) return;
    this.#now = seconds;
    for (const watcher of this.#watchers) watcher.tick?.(seconds);
  }

  /** The input is over: raises all that still waits. */
  finish(): void {
    for (const watcher of this.#watchers) watcher.finish?.();
  }
}
