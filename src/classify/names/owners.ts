import type { LRUCache } from 'lru-cache';
import { boundedCache } from '../../core/cache.ts';
import type { Findings } from '../findings.ts';
import type { Hosts } from '../hosts/hosts.ts';
import type { ClassifyLimits } from '../limits.ts';
import { SIGNATURES } from '../signatures.ts';
import type { Found as Row, NameEntry, NameRegistry } from './registry.ts';
import type { Use, UseEvent, UseJudge } from './signed-on.ts';
import { tellOf } from './tell.ts';
import type { Found } from './tell.ts';

/** Names, or people, that are kept to compare. */
const MAX_KEPT = 16;

interface PersonNames {
  /** Names, and whether each is approved. */
  readonly names: Map<string, boolean>;
}

interface NameUsers {
  /** People, and the address at which each was. */
  readonly users: Map<string, string>;
}

/** Judges accounts by the registry of names and by who is signed on at their machines. */
export class OwnerJudge implements UseJudge {
  /** Whose the names are; no row is missed where not given. */
  registry: NameRegistry | undefined;
  readonly #hosts: Hosts;
  readonly #findings: Findings;
  readonly #people: LRUCache<string, PersonNames>;
  readonly #users: LRUCache<string, NameUsers>;

  constructor(registry: NameRegistry | undefined, hosts: Hosts, findings: Findings, limits: ClassifyLimits) {
    this.registry = registry;
    this.#hosts = hosts;
    this.#findings = findings;
    this.#people = boundedCache(limits.known_names);
    this.#users = boundedCache(limits.known_names);
  }

  began(use: Use, event: UseEvent, now: number): boolean {
    const user = this.#hosts.userOf(use.ip, now);
    const row = this.registry?.find(use.service, use.account, now);
    let alerted = false;
    if (this.registry) alerted = this.#judgeRow(this.registry, use, event, row, user, now);
    const person = (row?.expired === false ? row.entry.person : undefined) ?? user;
    if (person !== undefined && this.#manyNames(use, event, person, row)) alerted = true;
    if (user !== undefined && this.#manyUsers(use, event, user)) alerted = true;
    return alerted;
  }

  #judgeRow(
    registry: NameRegistry,
    use: Use,
    event: UseEvent,
    row: Row | undefined,
    user: string | undefined,
    now: number,
  ): boolean {
    const state = stateOf(row, now);
    if (state === undefined) {
      const strange = judgeStranger(registry, this.#findings, event, use.service, use.account, true);
      return this.#unknown(use, event, row, user) || strange;
    }
    if (row === undefined || (state !== 'rejected' && state !== 'left')) return false;
    return this.#tell(event, {
      signature: state === 'left' ? SIGNATURES.nameLeft : SIGNATURES.nameRejected,
      about: [use.service, use.account, use.host],
      evidence: [rowFact(row.entry), ...userFact(user)],
      confidence: 'high',
    });
  }

  #unknown(use: Use, event: UseEvent, row: Row | undefined, user: string | undefined): boolean {
    const why = row
      ? `registry: ${rowFact(row.entry)}, which does not hold at this time`
      : 'registry: no row for this name';
    return this.#tell(event, {
      signature: SIGNATURES.nameUnknown,
      about: [use.service, use.account],
      evidence: [why, ...userFact(user)],
      confidence: 'high',
    });
  }

  #manyNames(use: Use, event: UseEvent, person: string, row: Row | undefined): boolean {
    const key = `${use.service}\0${person.toLowerCase()}`;
    const known = this.#people.get(key);
    const names = known ?? { names: new Map<string, boolean>() };
    if (!known) this.#people.set(key, names);
    if (names.names.size < MAX_KEPT)
      names.names.set(use.account, row?.entry.state === 'approved' && !row.expired);
    if (names.names.size < 2 || [...names.names.values()].every((approved) => approved)) return false;
    return this.#tell(event, {
      signature: SIGNATURES.personManyNames,
      about: [use.service, person.toLowerCase()],
      evidence: [`person: ${person}`, `names: ${[...names.names.keys()].join(', ')}`],
      confidence: row?.entry.person === undefined ? 'medium' : 'high',
    });
  }

  #manyUsers(use: Use, event: UseEvent, user: string): boolean {
    const key = `${use.service}\0${use.account}`;
    const known = this.#users.get(key);
    const users = known ?? { users: new Map<string, string>() };
    if (!known) this.#users.set(key, users);
    if (users.users.size < MAX_KEPT) users.users.set(user.toLowerCase(), use.ip);
    if (users.users.size < 2) return false;
    return this.#tell(event, {
      signature: SIGNATURES.nameShared,
      about: [use.service, use.account],
      evidence: [...users.users].map(([who, ip]) => `lease: ${who} at ${ip}`),
      confidence: 'medium',
    });
  }

  #tell(event: UseEvent, found: Found): boolean {
    return tellOf(this.#findings, event, found);
  }
}

/** What a row says now; undefined where none holds. Somebody who will leave is still here. */
function stateOf(row: Row | undefined, now: number): string | undefined {
  if (!row) return undefined;
  const { entry, expired } = row;
  if (!expired) return entry.state;
  return entry.state === 'left' && entry.from !== undefined && now < entry.from ? 'approved' : undefined;
}

/** Judges a name that is not registered: is it like one of ours? `here`: somebody signs on with it on our side. */
export function judgeStranger(
  registry: NameRegistry,
  findings: Findings,
  event: UseEvent,
  service: string,
  name: string,
  here: boolean,
): boolean {
  const own = registry.corporate(name);
  const other = own === undefined && here ? registry.elsewhere(service, name) : undefined;
  const outside = own ?? other;
  if (outside && !(own && isOn(own, service))) {
    return tellOf(findings, event, {
      signature: SIGNATURES.nameOutside,
      about: [service, name],
      evidence: [
        `registry: ${rowFact(outside)}`,
        ...(here ? [] : [`${name} wrote to ${event.im.account ?? 'a client here'}`]),
      ],
      confidence: own ? 'high' : 'low',
      ...(own ? {} : { severity: 3 as const }),
      account: name,
    });
  }
  const like = registry.lookAlike(name);
  if (!like) return false;
  return tellOf(findings, event, {
    signature: SIGNATURES.nameLookAlike,
    about: [service, name],
    evidence: [
      `looks like ${rowFact(like.entry)}: ${like.how}`,
      ...(here ? [] : [`${name} wrote to ${event.im.account ?? 'a client here'}`]),
    ],
    confidence: like.how.startsWith('one ') || like.how.startsWith('digits') ? 'medium' : 'high',
    account: name,
  });
}

function isOn(entry: NameEntry, service: string): boolean {
  return (
    entry.network === service || entry.network === '*' || (service === 'gtalk' && entry.network === 'xmpp')
  );
}

/** `line 7: aim alice, Alice Smith (approved)`. */
function rowFact({ line, network, name, person, state }: NameEntry): string {
  return `line ${line}: ${network} ${name}${person === undefined ? '' : `, ${person}`} (${state})`;
}

function userFact(user: string | undefined): string[] {
  return user === undefined ? [] : [`lease: ${user} was signed on at the machine`];
}
