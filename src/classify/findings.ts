import type { LRUCache } from 'lru-cache';
import { boundedCache } from '../core/cache.ts';
import type { EveEvent } from '../event/eve.ts';
import { buildAlert } from './alert.ts';
import type { Finding } from './alert.ts';
import { packetSeconds } from './clock.ts';
import type { ClassifyLimits } from './limits.ts';
import { SIGNATURES } from './signatures.ts';
import { cut } from './watch.ts';

export interface FindingCounts {
  /** Alerts raised; what `--fail-on-alert` asks. */
  alerts: number;
  /** Clients that the policy only wants to hear of (verdict `notice`). */
  notices: number;
  /** Alerts that told a finding again, with its count. */
  updates: number;
  /** Sightings that would only have repeated what was told. */
  repeats: number;
  /** Findings that had to be forgotten: each could be told again. */
  forgotten: number;
}

/** What is remembered of a finding that was told. */
interface Told {
  /** Sightings, the first one included. */
  count: number;
  /** EVE time stamp of the first. */
  readonly firstSeen: string;
  /** Alerts until now, and packet time (seconds) of the last. */
  alerts: number;
  toldAt: number;
  /** The count from which it is told again. */
  next: number;
}

/** A finding is told again at ten times the sightings at which it was told last ... */
const GROWTH = 10;
/** ... and not within so many seconds of packet time of its last alert. */
const UPDATE_SECONDS = 3600;

function growthOf({ pace }: Finding): number {
  return Math.max(2, pace?.growth ?? GROWTH);
}

/** Turns what the watchers find into alerts: one for each finding at once, then updates at a bounded rate. */
export class Findings {
  readonly counts: FindingCounts = { alerts: 0, notices: 0, updates: 0, repeats: 0, forgotten: 0 };
  readonly #emit: (alert: EveEvent) => void;
  readonly #limits: ClassifyLimits;
  readonly #told: LRUCache<string, Told | true>;

  /** `emit` takes each alert, at once. */
  constructor(emit: (alert: EveEvent) => void, limits: ClassifyLimits) {
    this.#emit = emit;
    this.#limits = limits;
    this.#told = boundedCache(limits.told_findings, () => this.counts.forgotten++);
  }

  /** The finding of this id was told, or something that stands for it. */
  isTold(id: string): boolean {
    return this.#told.get(id) !== undefined;
  }

  /** From now on a finding of this id counts as told. */
  markTold(id: string): void {
    if (!this.isTold(id)) this.#told.set(id, true);
  }

  /** Tells a finding, or counts another sighting of it; false where it was told before. */
  tell(finding: Finding): boolean {
    const told = this.#told.get(finding.finding);
    if (told !== undefined) {
      this.#again(finding, told);
      return false;
    }
    const { timestamp } = finding.place;
    const toldAt = packetSeconds(timestamp);
    const count = finding.count ?? 1;
    this.#told.set(finding.finding, {
      count,
      firstSeen: timestamp,
      alerts: 1,
      toldAt,
      next: count * growthOf(finding),
    });
    if (finding.signature === SIGNATURES.clientNoticed) this.counts.notices++;
    else this.counts.alerts++;
    this.#emit(buildAlert(this.#cut(finding)));
    return true;
  }

  /** Another sighting: an update where the finding has grown enough and its last alert is long enough ago. */
  #again(finding: Finding, told: Told | true): void {
    this.counts.repeats++;
    if (told === true) return;
    const { timestamp } = finding.place;
    const now = packetSeconds(timestamp);
    told.count = Math.max(told.count + 1, finding.count ?? 0);
    const pause = finding.pace?.seconds ?? UPDATE_SECONDS;
    if (told.count < told.next || now - told.toldAt < pause) return;
    while (told.next <= told.count) told.next *= growthOf(finding);
    told.toldAt = now;
    told.alerts++;
    this.counts.updates++;
    const { count, firstSeen, alerts } = told;
    this.#emit(buildAlert(this.#cut(finding), { number: alerts, count, firstSeen, lastSeen: timestamp }));
  }

  #cut(finding: Finding): Finding {
    const { alert_evidence, alert_field } = this.#limits;
    return {
      ...finding,
      evidence: finding.evidence.slice(0, alert_evidence).map((fact) => cut(fact, alert_field)),
    };
  }
}
