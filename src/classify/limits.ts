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
  behaviour_accounts: {
    default: 8_192,
    unit: 'accounts',
    cost: 600,
    meaning: 'Accounts of which it is remembered when they signed on and what they sent lately.',
  },
  behaviour_contacts: {
    default: 65_536,
    unit: 'pairs of people',
    cost: 900,
    meaning:
      'Contacts on lists, people who typed or wrote to each other, and who was sent a worm, each so many.',
  },
  behaviour_sends: {
    default: 16_384,
    unit: 'messages',
    cost: 1_800,
    meaning: 'Messages and file offers compared with those that come after, of all accounts together.',
  },
  behaviour_windows: {
    default: 2_048,
    unit: 'accounts or pairs',
    cost: 40_000,
    meaning:
      'Accounts, pairs and rooms of which searches, adds, files, links and lines are counted, for each.',
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
