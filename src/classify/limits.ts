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
  alert_storm: {
    default: 1_000,
    unit: 'alerts a minute',
    cost: 0,
    meaning:
      'Alerts within a minute of packet time; the rest is held back and told of in one alert (9000060). `alerts: storm:` of a policy sets another.',
  },
  state_findings: {
    default: 65_536,
    unit: 'findings',
    cost: 1_500,
    meaning: 'Findings, and marks of people, that the state folder (`--state`) keeps: those seen last.',
  },
  state_line: {
    default: 500,
    unit: 'characters',
    cost: 0,
    meaning: 'What is kept in the state folder (`--state`) of the line that told a finding.',
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
