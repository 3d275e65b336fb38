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
    cost: 1_700,
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
  wall_pairs: {
    default: 65_536,
    unit: 'pairs',
    cost: 250,
    meaning: 'Pairs of accounts of which it is remembered whether a wall of the policy parts them.',
  },
  wall_rooms: {
    default: 4_096,
    unit: 'rooms',
    cost: 400,
    meaning: 'Rooms of which it is remembered who is in them of those whom a wall of the policy is about.',
  },
  wall_members: {
    default: 256,
    unit: 'members',
    cost: 0,
    meaning: 'Members remembered of one such room; of those beyond, meetings with later ones are not seen.',
  },
  hosts: {
    default: 65_536,
    unit: 'addresses',
    cost: 500,
    meaning:
      'Addresses, and link addresses, of which it is remembered which machine they are; also addresses at which accounts are counted.',
  },
  host_addresses: {
    default: 4,
    unit: 'addresses',
    cost: 0,
    meaning:
      'Addresses (IPv6: networks of 64 bits) of one link address within an hour; one that has more is taken for a router, and not for the machine.',
  },
  address_accounts: {
    default: 3,
    unit: 'accounts',
    cost: 0,
    meaning: 'Accounts of one network that are signed on from one address at once before it is told.',
  },
  known_names: {
    default: 65_536,
    unit: 'names',
    cost: 300,
    meaning: 'Accounts and people that are remembered to compare who uses which.',
  },
  first_seen: {
    default: 65_536,
    unit: 'clients',
    cost: 150,
    meaning:
      'Client software that is remembered as seen on this network, in the state folder (`--state`) too.',
  },
  first_seen_learning: {
    default: 86_400,
    unit: 'seconds',
    cost: 0,
    meaning: 'A client is new only where sightings are known for so long.',
  },
  behaviour_accounts: {
    default: 8_192,
    unit: 'accounts',
    cost: 600,
    meaning: 'Accounts of which it is remembered when they signed on and what they sent lately.',
  },
  behaviour_contacts: {
    default: 32_768,
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
    default: 512,
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
