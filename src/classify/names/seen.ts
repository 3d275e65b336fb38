import type { EveEvent } from '../../event/eve.ts';
import { packetSeconds } from '../clock.ts';
import type { LeaseLog } from '../hosts/leases.ts';
import { NAMES_LIMITS } from './limits.ts';
import { normaliseName } from './registry.ts';
import type { NameEntry, NameRegistry } from './registry.ts';

/** A name that was seen in an event log and has no owner. */
export interface SeenName {
  readonly network: string;
  readonly name: string;
  first: string;
  last: string;
  readonly hosts: Set<string>;
  readonly sessions: Set<string>;
  suggestion: Suggestion | undefined;
}

export interface Suggestion {
  readonly person: string;
  readonly confidence: 'low' | 'medium';
  readonly why: string;
}

/** Machines and sessions that are kept of one name. */
const MAX_KEPT = 64;

/** Gathers from events the accounts that the registry does not know. */
export class SeenNames {
  readonly #names = new Map<string, SeenName>();
  readonly #registry: NameRegistry | undefined;
  readonly #leases: LeaseLog | undefined;
  /** Names that were too many to keep. */
  dropped = 0;

  constructor(registry: NameRegistry | undefined, leases: LeaseLog | undefined) {
    this.#registry = registry;
    this.#leases = leases;
  }

  take(event: EveEvent): void {
    const { event_type, timestamp, im } = event;
    if (event_type !== 'im' && event_type !== 'flow') return;
    if (im?.account === undefined || im.service === undefined) return;
    const name = normaliseName(im.service, im.account).slice(0, NAMES_LIMITS.name);
    const seconds = packetSeconds(timestamp);
    const row = this.#registry?.find(im.service, name, seconds);
    if (name === '' || (row && !row.expired)) return;
    const seen = this.#of(im.service, name, timestamp);
    if (!seen) return;
    this.#note(seen, event, timestamp, seconds);
  }

  #note(seen: SeenName, event: EveEvent, timestamp: string, seconds: number): void {
    if (timestamp < seen.first) seen.first = timestamp;
    if (timestamp > seen.last) seen.last = timestamp;
    const { src_ip, im } = event;
    keep(seen.hosts, hostOf(event));
    keep(seen.sessions, im?.session);
    if (seen.suggestion !== undefined || src_ip === undefined) return;
    const user = this.#leases?.at(src_ip, seconds)?.user;
    if (user !== undefined)
      seen.suggestion = { person: user, confidence: 'medium', why: 'was signed on at the machine' };
  }

  /** All, sorted by network and name, with whom they may belong to. */
  list(): SeenName[] {
    const all = [...this.#names.values()];
    for (const seen of all) seen.suggestion ??= this.#suggest(seen);
    const key = ({ network, name }: SeenName): string => `${network}\0${name}`;
    return all.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  }

  #suggest(seen: SeenName): Suggestion | undefined {
    const other = this.#registry?.elsewhere(seen.network, seen.name);
    if (other?.person !== undefined)
      return { person: other.person, confidence: 'low', why: `has this name on ${other.network}` };
    const like = this.#registry?.lookAlike(seen.name);
    if (like?.entry.person !== undefined)
      return { person: like.entry.person, confidence: 'low', why: `has the similar name ${like.entry.name}` };
    return undefined;
  }

  #of(network: string, name: string, timestamp: string): SeenName | undefined {
    const key = `${network}\0${name}`;
    let seen = this.#names.get(key);
    if (seen) return seen;
    if (this.#names.size >= NAMES_LIMITS.seen) {
      this.dropped++;
      return undefined;
    }
    seen = {
      ...{ network, name, first: timestamp, last: timestamp, suggestion: undefined },
      ...{ hosts: new Set<string>(), sessions: new Set<string>() },
    };
    this.#names.set(key, seen);
    return seen;
  }
}

/** The machine by its newest name, else its link address, else the client's address. */
function hostOf({ im, src_ip }: EveEvent): string | undefined {
  return im?.host?.names?.at(-1) ?? im?.host?.mac ?? src_ip;
}

function keep(kept: Set<string>, value: string | undefined): void {
  if (value !== undefined && kept.size < MAX_KEPT) kept.add(value);
}

/** The row that settles a name once somebody has looked at it. */
export function proposalOf({ network, name, suggestion }: SeenName): NameEntry {
  const none = { department: undefined, from: undefined, to: undefined, line: 0 };
  return { network, name, person: suggestion?.person, state: 'pending', ...none };
}
