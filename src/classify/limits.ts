import type { LimitInfo } from '../core/limits.ts';

/** Every limit of this stage. All caches forget the least recently used entry first. */
export const CLASSIFY_LIMITS = {
  watched_flows: {
    default: 65_536,
    unit: 'flows',
    cost: 700,
    meaning:
      'IM connections of which it is remembered who uses them with what; a forgotten one is judged anew.',
  },
  told_findings: {
    default: 131_072,
    unit: 'findings',
    cost: 250,
    meaning: 'Findings that were told; one that was forgotten is told again when it is seen again.',
  },
  session_clients: {
    default: 16_384,
    unit: 'sessions',
    cost: 600,
    meaning: 'Signed-on accounts whose client software is remembered for their other connections.',
  },
  account_patience: {
    default: 60,
    unit: 'seconds',
    cost: 0,
    meaning: 'A client is told without its account when none has shown within this packet time.',
  },
  client_patience: {
    default: 5,
    unit: 'seconds',
    cost: 0,
    meaning: 'Once the account is known, the alert waits so long for the name of the client software.',
  },
  alert_field: {
    default: 256,
    unit: 'characters',
    cost: 2,
    meaning: 'Longest account name or software name in an alert; what is longer is cut.',
  },
  alert_evidence: {
    default: 8,
    unit: 'facts',
    cost: 0,
    meaning: 'Facts of evidence in one alert.',
  },
  content_text: {
    default: 16_384,
    unit: 'characters',
    cost: 0,
    meaning: 'Characters of one text that are looked at for links, numbers and keys.',
  },
  beacons: {
    default: 16_384,
    unit: 'senders',
    cost: 200,
    meaning: 'Senders of blocks of code whose intervals are remembered.',
  },
} as const satisfies Record<string, LimitInfo>;

export type ClassifyLimitName = keyof typeof CLASSIFY_LIMITS;
export type ClassifyLimits = Record<ClassifyLimitName, number>;

/** The defaults, with what was set instead. */
export function makeClassifyLimits(set: Partial<ClassifyLimits> = {}): ClassifyLimits {
  const limits = {} as ClassifyLimits;
  for (const name of Object.keys(CLASSIFY_LIMITS) as ClassifyLimitName[]) {
    limits[name] = set[name] ?? CLASSIFY_LIMITS[name].default;
  }
  return limits;
}
