import { matchGlob } from '../glob.ts';
import { BoundedMap } from '../../core/cache.ts';
import { NAMES_LIMITS } from './limits.ts';
import { LookAlikes } from './look-alikes.ts';
import { NameTable } from './name-table.ts';

/** What the organisation says of a name. */
export const STATES = ['approved', 'pending', 'rejected', 'left'] as const;
export type NameState = (typeof STATES)[number];

/** One row of the registry. */
export interface NameEntry {
  /** `aim`, `msn`, ... or `*` for any. */
  readonly network: string;
  /** Normalised (see `normaliseName`); with `*` in it: names of that form. */
  readonly name: string;
  readonly person: string | undefined;
  readonly department: string | undefined;
  readonly state: NameState;
  /** Packet time in seconds from which, and until which, the row holds. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** Of the file, from 1. */
  readonly line: number;
}

/** What the registry says of an account at some time. */
export interface Found {
  readonly entry: NameEntry;
  /** The row does not hold at that time. */
  readonly expired: boolean;
}

/** Rows of the form of a pattern that are tried one by one; patterns that end in a domain are found at once, and not counted. */
export const MAX_PATTERNS = 1_000;

/** Networks whose accounts meet on the same servers share their names. */
const FAMILY: ReadonlyMap<string, string> = new Map([['gtalk', 'xmpp']]);

/**
 * A name as events have it: lower case; of AIM without blanks, of ICQ without dashes, of an address with a resource
 * (XMPP) without it.
 */
export function normaliseName(network: string, name: string): string {
  const lower = name.trim().normalize('NFC').toLowerCase();
  if (network === 'aim') return lower.replace(/\s+/g, '');
  if (network === 'icq') return lower.replace(/[\s-]+/g, '');
  const slash = lower.indexOf('/');
  return slash > 0 && (network === 'xmpp' || network === 'gtalk') ? lower.slice(0, slash) : lower;
}

/** A registered name that another one looks like, and how. */
export interface LookAlike {
  readonly entry: NameEntry;
  readonly how: string;
}

/** Screen names and whose they are. Built once, then only asked. */
export class NameRegistry {
  readonly entries: readonly NameEntry[];
  readonly #exact: NameTable;
  /** Patterns `*@domain`, by network and domain. */
  readonly #domains = new Map<string, Map<string, NameEntry>>();
  readonly #patterns: NameEntry[] = [];
  #lookAlikes: LookAlikes | undefined;
  /** What was found of names that were asked about: each costs up to a millisecond; null where none is like it. */
  readonly #looked = new BoundedMap<string, LookAlike | null>(NAMES_LIMITS.looked);

  constructor(entries: readonly NameEntry[]) {
    this.entries = entries;
    this.#exact = new NameTable(entries);
    for (const entry of entries) if (entry.name.includes('*')) this.#addForm(entry);
  }

  /** The row of an account at a packet time in seconds; a row for the name itself before one for its form. */
  find(network: string, name: string, seconds: number): Found | undefined {
    const entry =
      this.#chosen(network, name, seconds) ??
      this.#chosen(FAMILY.get(network) ?? network, name, seconds) ??
      this.#chosen('*', name, seconds) ??
      this.#ofForm(network, name);
    return entry && { entry, expired: !holds(entry, seconds) };
  }

  /** The row for the domain of an address, whatever its network: the domain is the organisation's own. */
  corporate(name: string): NameEntry | undefined {
    const domain = domainOf(name);
    if (domain === undefined) return undefined;
    for (const byDomain of this.#domains.values()) {
      const entry = byDomain.get(domain);
      if (entry?.state === 'approved') return entry;
    }
    return undefined;
  }

  /** Rows for this very name on other networks. */
  elsewhere(network: string, name: string): NameEntry | undefined {
    for (const other of this.#exact.networks) {
      if (other === network || other === '*' || FAMILY.get(network) === other) continue;
      const [entry] = this.#exact.rows(other, name);
      if (entry?.state === 'approved' && entry.person !== undefined) return entry;
    }
    return undefined;
  }

  /** The registered name that this one looks like, and how. Undefined for a registered one. */
  lookAlike(name: string): LookAlike | undefined {
    const known = this.#looked.get(name);
    if (known !== undefined) return known === null ? undefined : known;
    this.#lookAlikes ??= new LookAlikes(this.entries);
    const found = this.#lookAlikes.find(name);
    this.#looked.set(name, found ?? null);
    return found;
  }

  #addForm(entry: NameEntry): void {
    const { network, name } = entry;
    const domain = name.startsWith('*@') ? name.slice(2) : undefined;
    if (domain === undefined || domain.includes('*')) {
      if (this.#patterns.length < MAX_PATTERNS) this.#patterns.push(entry);
    } else mapOf(this.#domains, network).set(domain, entry);
  }

  #chosen(network: string, name: string, seconds: number): NameEntry | undefined {
    const rows = this.#exact.rows(network, name);
    // Of rows that hold, the last; of those that do not, the one that held last.
    return rows.length < 2 ? rows[0] : (rows.findLast((entry) => holds(entry, seconds)) ?? rows.at(-1));
  }

  #ofForm(network: string, name: string): NameEntry | undefined {
    const domain = domainOf(name);
    const of = (where: string): NameEntry | undefined =>
      domain === undefined ? undefined : this.#domains.get(where)?.get(domain);
    const entry = of(network) ?? of(FAMILY.get(network) ?? network) ?? of('*');
    if (entry) return entry;
    return this.#patterns.find(
      (p) => (p.network === network || p.network === '*') && matchGlob(p.name, name),
    );
  }
}

function holds({ from, to }: NameEntry, seconds: number): boolean {
  return (from === undefined || seconds >= from) && (to === undefined || seconds <= to);
}

function domainOf(name: string): string | undefined {
  const at = name.lastIndexOf('@');
  return at > 0 && at < name.length - 1 ? name.slice(at + 1) : undefined;
}

function mapOf<V>(maps: Map<string, Map<string, V>>, key: string): Map<string, V> {
  let map = maps.get(key);
  if (!map) maps.set(key, (map = new Map()));
  return map;
}
