import type { Finding } from '../alert.ts';
import type { NetworkSet } from '../cidr.ts';
import { matchGlob } from '../glob.ts';
import type { Severity } from '../policy.ts';

/** What an operator does not want to be told for a while. All that is given must hold. */
export interface Suppression {
  /** Globs of accounts, in lower case; every account where not given. */
  readonly accounts?: readonly string[];
  /** Networks of client addresses; every address where not given. */
  readonly subnets?: NetworkSet;
  /** Packet time (seconds) from which it no longer holds. */
  readonly until?: number;
}

/** When a finding that grows is told again: at `factor` times the sightings, and not within `seconds` of the last alert. */
export interface Pace {
  readonly factor: number;
  readonly seconds: number;
}

export const DEFAULT_PACE: Pace = { factor: 10, seconds: 3600 };

/** How the alerts of a signature are to be told. */
export interface AlertRule {
  readonly off: boolean;
  readonly severity?: Severity;
  /** A finding is told once it was seen so often within so many seconds. */
  readonly threshold?: { readonly count: number; readonly seconds: number };
  readonly suppress: readonly Suppression[];
  readonly pace: Pace;
}

/** The `alerts` section of a policy. */
export class AlertRules {
  /** Alerts a minute of packet time before the rest is held back; the limit `alert_storm` where not given. */
  readonly storm: number | undefined;
  readonly #bySignature: ReadonlyMap<number, AlertRule>;

  constructor(bySignature: ReadonlyMap<number, AlertRule> = new Map(), storm?: number) {
    this.#bySignature = bySignature;
    this.storm = storm;
  }

  for(signatureId: number): AlertRule | undefined {
    return this.#bySignature.get(signatureId);
  }
}

/** The rule keeps this finding from being told at that packet time (seconds). */
export function isWithheld(rule: AlertRule, finding: Finding, now: number): boolean {
  return rule.off || rule.suppress.some((one) => holds(one, finding, now));
}

function holds({ accounts, subnets, until }: Suppression, { im, header }: Finding, now: number): boolean {
  if (until !== undefined && now >= until) return false;
  if (subnets !== undefined && (header === undefined || !subnets.has(header.src_ip))) return false;
  if (accounts === undefined) return true;
  const account = im.account?.toLowerCase();
  return account !== undefined && accounts.some((pattern) => matchGlob(pattern, account));
}
