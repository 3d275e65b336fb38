import type { LRUCache } from 'lru-cache';
import { boundedCache } from '../core/cache.ts';
import type { EveEvent } from '../event/eve.ts';
import { buildAlert } from './alert.ts';
import type { Finding } from './alert.ts';
import type { ClassifyLimits } from './limits.ts';
import { SIGNATURES } from './signatures.ts';
import { cut } from './watch.ts';

export interface FindingCounts {
  /** Alerts raised; what `--fail-on-alert` asks. */
  alerts: number;
  /** Clients that the policy only wants to hear of (verdict `notice`). */
  notices: number;
  /** Sightings that would only have repeated what was told. */
  repeats: number;
  /** Findings that had to be forgotten: each could be told again. */
  forgotten: number;
}

/** Turns what the watchers find into alerts: one for each finding, at once. */
export class Findings {
  readonly counts: FindingCounts = { alerts: 0, notices: 0, repeats: 0, forgotten: 0 };
  readonly #emit: (alert: EveEvent) => void;
  readonly #limits: ClassifyLimits;
  readonly #told: LRUCache<string, true>;

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
    this.#told.set(id, true);
  }

  /** Tells a finding; false where it was told before. */
  tell(finding: Finding): boolean {
    if (this.isTold(finding.finding)) {
      this.counts.repeats++;
      return false;
    }
    this.markTold(finding.finding);
    if (finding.signature === SIGNATURES.clientNoticed) this.counts.notices++;
    else this.counts.alerts++;
    const { alert_evidence, alert_field } = this.#limits;
    const evidence = finding.evidence.slice(0, alert_evidence).map((fact) => cut(fact, alert_field));
    this.#emit(buildAlert({ ...finding, evidence }));
    return true;
  }
}
