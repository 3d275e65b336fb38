import { matchGlob } from '../glob.ts';
import type { Severity } from '../policy.ts';
import type { Entry, YamlReader } from '../yaml-reader.ts';

interface Tunable {
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

function from(min: number, standard: number, max: number): Tunable {
  return { default: standard, min, max };
}

/** Longest window, packet seconds. */
const DAY = 86_400;
const SEVERITY = (standard: Severity): Tunable => from(1, standard, 3);

/** Every class of behaviour with what can be set of it: smallest, default and largest value. */
export const BEHAVIOUR = {
  /** One text, link or file to many contacts. */
  spread: {
    contacts: from(2, 5, 64),
    seconds: from(1, 30, 3_600),
    score: from(1, 5, 20),
    after_sign_on: from(1, 120, DAY),
    after_receipt: from(2, 3, 64),
    severity: SEVERITY(1),
  },
  /** Links between people who do not know each other. */
  spim: {
    contacts: from(2, 3, 64),
    senders: from(2, 3, 64),
    seconds: from(1, 3_600, DAY),
    severity: SEVERITY(2),
  },
  /** Searches in the directory, contacts added in bulk. */
  directory: {
    searches: from(2, 20, 1_000),
    adds: from(2, 30, 1_000),
    seconds: from(1, 300, DAY),
    severity: SEVERITY(2),
  },
  /** Files that one account sends. */
  volume: {
    files: from(1, 50, 1_000),
    megabytes: from(1, 500, 10_000_000),
    seconds: from(1, 3_600, DAY),
    severity: SEVERITY(2),
  },
  /** Messages of one sender to one room. */
  flood: { messages: from(3, 20, 1_000), seconds: from(1, 10, 3_600), severity: SEVERITY(3) },
  /** Commands that are answered at once, beats of a clock, coded blobs. */
  bot: {
    commands: from(2, 3, 1_000),
    beats: from(4, 8, 64),
    blobs: from(2, 3, 1_000),
    seconds: from(1, 3_600, DAY),
    severity: SEVERITY(1),
  },
} as const satisfies Record<string, Record<string, Tunable>>;

export type BehaviourClass = keyof typeof BEHAVIOUR;
type Tuned<C extends BehaviourClass> = Readonly<Record<keyof (typeof BEHAVIOUR)[C], number>>;

/** What the policy says of behaviour; a class that is switched off is undefined. */
export type BehaviourSettings = { readonly [C in BehaviourClass]: Tuned<C> | undefined } & {
  /** Accounts of which nothing is told, `*` for any characters: announcers, gateways, own robots. */
  readonly exempt: readonly string[];
  /** Hosts of links that are the house's own, and all below them. */
  readonly ownHosts: readonly string[];
};

const CLASSES = Object.keys(BEHAVIOUR) as BehaviourClass[];
const MOST_NAMES = 1_000;

/** What holds where the policy says nothing. */
export function defaultBehaviour(): BehaviourSettings {
  const settings = Object.fromEntries(CLASSES.map((name) => [name, defaultsOf(name)]));
  return { ...(settings as unknown as BehaviourSettings), exempt: [], ownHosts: [] };
}

function defaultsOf(name: BehaviourClass): Record<string, number> {
  return Object.fromEntries(Object.entries(BEHAVIOUR[name]).map(([key, { default: value }]) => [key, value]));
}

/** Reads the section `behaviour` of a policy file; what is wrong is complained about with its place. */
export function readBehaviour(reader: YamlReader, section: Entry | undefined): BehaviourSettings {
  const settings: Record<string, unknown> = { ...defaultBehaviour() };
  const known = [...CLASSES, 'exempt', 'own_hosts'];
  const entries = section && reader.entries(section.value, '"behaviour"', known);
  for (const name of CLASSES) {
    const entry = entries?.get(name);
    if (entry !== undefined) settings[name] = readClass(reader, name, entry);
  }
  const exempt = entries?.get('exempt');
  const own = entries?.get('own_hosts');
  if (exempt !== undefined) settings['exempt'] = readNames(reader, exempt, 'an account');
  if (own !== undefined) settings['ownHosts'] = readNames(reader, own, 'a host');
  return settings as unknown as BehaviourSettings;
}

function readClass(
  reader: YamlReader,
  name: BehaviourClass,
  entry: Entry,
): Record<string, number> | undefined {
  const numbers: Readonly<Record<string, Tunable>> = BEHAVIOUR[name];
  if (!reader.isMapping(entry.value)) {
    const text = reader.text(entry.value, `"${name}"`);
    if (text === 'off') return undefined;
    if (text !== 'on') reader.complain(entry.value, `"${name}" is to be on, off or a mapping of numbers`);
    return defaultsOf(name);
  }
  const set = defaultsOf(name);
  for (const [key, one] of reader.entries(entry.value, `"${name}"`, Object.keys(numbers)) ?? []) {
    const bounds = numbers[key];
    const text = reader.text(one.value, `"${key}"`);
    if (bounds === undefined || text === undefined) continue;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
    if (value >= bounds.min && value <= bounds.max) set[key] = value;
    else reader.complain(one.value, `"${key}" is to be a whole number from ${bounds.min} to ${bounds.max}`);
  }
  return set;
}

function readNames(reader: YamlReader, entry: Entry, what: string): string[] {
  const names = reader.list(entry, (node) => reader.text(node, what)?.toLowerCase());
  if (names.length > MOST_NAMES)
    reader.complain(entry.keyNode, `"${entry.key}" has more than ${MOST_NAMES} names`);
  return names;
}

/** Some class is on. */
export function isWatched(settings: BehaviourSettings): boolean {
  return CLASSES.some((name) => settings[name] !== undefined);
}

/** The account is one of which nothing is to be told. */
export function isExempt({ exempt }: BehaviourSettings, account: string): boolean {
  return exempt.length > 0 && exempt.some((pattern) => matchGlob(pattern, account.toLowerCase()));
}

/** The host is one of the house's own, or below one. */
export function isOwnHost({ ownHosts }: BehaviourSettings, host: string): boolean {
  return ownHosts.some((own) => host === own || host.endsWith(`.${own}`));
}
