import type { EveEvent } from '../event/eve.ts';
import { hash128 } from '../event/ids.ts';
import { buildAlert } from './alert.ts';
import type { Finding, Growth, Place } from './alert.ts';
import { factsOf, FindingMemory, isQuiet, withFacts } from './alerts/memory.ts';
import type { Told } from './alerts/memory.ts';
import { AlertRules, DEFAULT_PACE, isWithheld } from './alerts/rules.ts';
import type { AlertRule, Pace } from './alerts/rules.ts';
import { StormCap } from './alerts/storm.ts';
import type { HeldBack } from './alerts/storm.ts';
import { packetSeconds } from './clock.ts';
import { describeAlert } from './describe.ts';
import type { ClassifyLimits } from './limits.ts';
import type { Signature } from './signature.ts';
import { ALL_SIGNATURES, SIGNATURES } from './signatures.ts';
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
  /** Alerts that the storm cap held back. */
  held: number;
  /** Sightings that a rule of the policy, or a mark, kept from being told. */
  suppressed: number;
  /** Findings that had to be forgotten: each could be told again. */
  forgotten: number;
}

export interface FindingsOptions {
  /** How the operator wants alerts to be told. */
  rules?: AlertRules;
  /** What was told before; nothing where not given. */
  memory?: FindingMemory | undefined;
}

/** What the policy only wants to hear of. */
const NOTICES: ReadonlySet<number> = new Set([SIGNATURES.clientNoticed.id, SIGNATURES.useNoticed.id]);

/** Turns what the watchers find into alerts: one for each finding at once, then updates at a bounded rate. */
export class Findings {
  readonly counts: FindingCounts = {
    alerts: 0,
    notices: 0,
    updates: 0,
    repeats: 0,
    held: 0,
    suppressed: 0,
    forgotten: 0,
  };
  readonly #emit: (alert: EveEvent) => void;
  readonly #limits: ClassifyLimits;
  #rules: AlertRules;
  readonly #memory: FindingMemory;
  readonly #storm: StormCap;
  /** Where and when an alert was held back last. */
  #heldAt: Place | undefined;
  #now = 0;

  /** `emit` takes each alert, at once. */
  constructor(
    emit: (alert: EveEvent) => void,
    limits: ClassifyLimits,
    { rules = new AlertRules(), memory = new FindingMemory(limits.told_findings) }: FindingsOptions = {},
  ) {
    this.#emit = emit;
    this.#limits = limits;
    this.#rules = rules;
    this.#memory = memory;
    this.#storm = new StormCap(rules.storm ?? limits.alert_storm);
    memory.onForget = () => this.counts.forgotten++;
  }

  /** From now on alerts are told by these rules; what was told stays told. */
  reload(rules: AlertRules = new AlertRules()): void {
    this.#rules = rules;
    this.#storm.most = rules.storm ?? this.#limits.alert_storm;
  }

  /** The finding of this id was told, or something that stands for it. */
  isTold(id: string): boolean {
    const known = this.#memory.told.get(id);
    return known === true || (known !== undefined && known.alerts > 0);
  }

  /** From now on a finding of this id counts as told. */
  markTold(id: string): void {
    if (!this.isTold(id)) this.#memory.told.set(id, true);
  }

  /** Tells a finding, or counts another sighting of it; true where it was told for the first time. */
  tell(finding: Finding): boolean {
    const rule = this.#rules.for(finding.signature.id);
    const now = packetSeconds(finding.place.timestamp);
    if (rule !== undefined && isWithheld(rule, finding, now)) {
      this.counts.suppressed++;
      return false;
    }
    const due = rule?.severity === undefined ? finding : { ...finding, severity: rule.severity };
    const known = this.#memory.told.get(finding.finding);
    if (known === true) {
      this.counts.repeats++;
      return false;
    }
    const told = known ?? this.#begin(finding, now);
    sight(told, finding.place.timestamp);
    if (finding.count !== undefined) told.count = Math.max(told.count, finding.count);
    if (told.alerts > 0) {
      this.counts.repeats++;
      if (told.kept) told.kept.seen = withFacts(told.kept.seen, factsOf(due));
      this.#again(due, told, rule, now);
      return false;
    }
    return this.#first(due, told, rule, now);
  }

  /** Packet time is now so many seconds: tells what was held back in a minute that is over. */
  tick(seconds: number): void {
    this.#now = seconds;
    const held = this.#storm.take(seconds);
    if (held !== undefined) this.#tellStorm(held);
  }

  /** The input is over. */
  finish(): void {
    this.tick(Infinity);
  }

  #begin({ signature, finding, place }: Finding, now: number): Told {
    const { timestamp } = place;
    const told: Told = {
      ...{ signature: signature.id, count: 0, firstSeen: timestamp, lastSeen: timestamp },
      ...{ alerts: 0, toldAt: now, next: 0, due: false },
    };
    this.#memory.told.set(finding, told);
    return told;
  }

  /** A finding that was not told yet; false where it has to wait. */
  #first(finding: Finding, told: Told, rule: AlertRule | undefined, now: number): boolean {
    if (!told.due && !reached(told, rule?.threshold, now)) {
      this.counts.suppressed++;
      return false;
    }
    told.due = true;
    if (this.#isQuiet(finding) || !this.#isAdmitted(finding)) return false;
    if (NOTICES.has(finding.signature.id)) this.counts.notices++;
    else this.counts.alerts++;
    this.#tellNow(finding, told, rule, now);
    return true;
  }

  /** Another sighting: an update where the finding has grown enough and its last alert is long enough ago. */
  #again(finding: Finding, told: Told, rule: AlertRule | undefined, now: number): void {
    if (this.#isQuiet(finding)) return;
    const { seconds } = paceOf(finding, rule);
    // A run that goes on where another ended may read an older capture: it is as far from that as a later one.
    const grown = told.count >= told.next && Math.abs(now - told.toldAt) >= seconds;
    if (!(grown || this.#isReopened(finding, told)) || !this.#isAdmitted(finding)) return;
    this.counts.updates++;
    this.#tellNow(finding, told, rule, now);
  }

  #tellNow(finding: Finding, told: Told, rule: AlertRule | undefined, now: number): void {
    const { factor } = paceOf(finding, rule);
    // What counts something of its own grows from what it was when it was told first.
    told.next = Math.max(told.next, finding.count === undefined ? factor : told.count * factor);
    while (told.next <= told.count) told.next *= factor;
    told.toldAt = now;
    told.alerts++;
    const { count, firstSeen, lastSeen, alerts: number } = told;
    const growth: Growth | undefined = count > 1 ? { number, count, firstSeen, lastSeen } : undefined;
    const alert = buildAlert(this.#cut(finding), growth);
    this.#emit(alert);
    // Behind `emit`, which may have added whose machine it is.
    if (this.#memory.detailed) {
      const what = cut(describeAlert(alert), this.#limits.state_line);
      const facts = factsOf(finding);
      told.kept = {
        ...{ severity: finding.severity, what, facts },
        seen: withFacts(told.kept?.seen ?? [], facts),
      };
    }
  }

  /** A person has said that this is not to be told as it is. */
  #isQuiet(finding: Finding): boolean {
    const mark = this.#memory.marks.get(finding.finding);
    if (mark === undefined || !isQuiet(mark, factsOf(finding))) return false;
    this.counts.suppressed++;
    return true;
  }

  /** It was closed, and is not what it was then. */
  #isReopened(finding: Finding, { kept }: Told): boolean {
    const mark = this.#memory.marks.get(finding.finding);
    if (mark?.facts === undefined || kept === undefined) return false;
    return mark.facts.includes(kept.facts) && !mark.facts.includes(factsOf(finding));
  }

  #isAdmitted({ signature, place }: Finding): boolean {
    if (this.#storm.admits(signature.id, this.#now)) return true;
    this.counts.held++;
    // Which way the bytes went says nothing of a storm.
    this.#heldAt = { ...place };
    delete this.#heldAt.direction;
    return false;
  }

  /** The alert about alerts: it is not held back itself. */
  #tellStorm({ total, bySignature }: HeldBack): void {
    const signature: Signature = SIGNATURES.alertStorm;
    const rule = this.#rules.for(signature.id);
    const place = this.#heldAt ?? { timestamp: '' };
    const finding: Finding = {
      signature,
      severity: rule?.severity ?? signature.severity,
      place,
      trigger: STORM,
      finding: STORM,
      evidence: heldLines(bySignature, this.#limits.alert_evidence),
      confidence: 'high',
      im: {},
    };
    const now = packetSeconds(place.timestamp);
    if (rule !== undefined && isWithheld(rule, finding, now)) {
      this.counts.suppressed++;
      return;
    }
    const known = this.#memory.told.get(STORM);
    const told = known === undefined || known === true ? this.#begin(finding, now) : known;
    sight(told, place.timestamp, total);
    if (told.alerts === 0) this.counts.alerts++;
    else this.counts.updates++;
    this.#tellNow(finding, told, rule, now);
  }

  #cut(finding: Finding): Finding {
    const { alert_evidence, alert_field } = this.#limits;
    return {
      ...finding,
      evidence: finding.evidence.slice(0, alert_evidence).map((fact) => cut(fact, alert_field)),
    };
  }
}

/** All storms are one finding. */
const STORM = hash128('storm', SIGNATURES.alertStorm.id);

function paceOf({ pace }: Finding, rule: AlertRule | undefined): Pace {
  if (rule !== undefined && rule.pace !== DEFAULT_PACE) return rule.pace;
  return pace === undefined ? DEFAULT_PACE : { factor: Math.max(2, pace.growth), seconds: pace.seconds };
}

function sight(told: Told, timestamp: string, times = 1): void {
  told.count += times;
  // EVE stamps of UTC sort as text.
  if (timestamp < told.firstSeen) told.firstSeen = timestamp;
  if (timestamp > told.lastSeen) told.lastSeen = timestamp;
}

/** The sightings within the threshold's window are enough; a window that is over begins anew with this sighting. */
function reached(told: Told, threshold: AlertRule['threshold'], now: number): boolean {
  if (threshold === undefined) return true;
  if (Math.abs(now - told.toldAt) >= threshold.seconds) {
    told.toldAt = now;
    told.count = 1;
    told.firstSeen = told.lastSeen;
  }
  return told.count >= threshold.count;
}

/** What was held back, the most frequent first. */
function heldLines(bySignature: ReadonlyMap<number, number>, most: number): string[] {
  const sorted = [...bySignature].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const lines = sorted.map(([id, n]) => `${n} × ${id} ${NAMES.get(id) ?? ''}`.trimEnd());
  if (lines.length <= most) return lines;
  const rest = sorted.slice(most - 1).reduce((sum, [, n]) => sum + n, 0);
  return [...lines.slice(0, most - 1), `${rest} of ${lines.length - most + 1} more signatures`];
}

const NAMES: ReadonlyMap<number, string> = new Map(ALL_SIGNATURES.map(({ id, name }) => [id, name]));
