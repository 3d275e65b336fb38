import { NetworkTable } from './network-table.ts';
import { domainsOf, plainName } from './conditions.ts';
import type { Condition, IndexKeys } from './conditions.ts';
import { plainAccount } from './accounts.ts';
import type { Subject } from './subject.ts';

interface Indexed {
  readonly conditions: readonly Condition[];
}

/** Fewer rules than these are tried one by one. */
const WORTH_AN_INDEX = 16;

/**
 * Finds the first rule that matches without trying them all. Each rule is filed under what one of its conditions
 * lists (networks, addresses, names, domains, accounts): the one whose fullest place holds the fewest rules; a rule of
 * which nothing can be listed is tried always.
 */
export class RuleIndex<R extends Indexed> {
  readonly #rules: readonly R[];
  readonly #always: number[] = [];
  readonly #clients = new NetworkTable();
  readonly #servers = new NetworkTable();
  readonly #names: Readonly<Record<'serverNames' | 'domains' | 'accounts', Map<string, number[]>>> = {
    serverNames: new Map(),
    domains: new Map(),
    accounts: new Map(),
  };

  constructor(rules: readonly R[]) {
    this.#rules = rules;
    if (rules.length < WORTH_AN_INDEX) {
      this.#always = rules.map((_, i) => i);
      return;
    }
    const crowds = new Map<string, number>();
    for (const rule of rules) {
      for (const { index } of rule.conditions) {
        for (const place of index ? placesOf(index) : []) crowds.set(place, (crowds.get(place) ?? 0) + 1);
      }
    }
    rules.forEach((rule, number) => {
      const best = bestOf(rule.conditions, crowds);
      if (best === undefined) this.#always.push(number);
      else this.#file(best, number);
    });
  }

  /** The first rule all of whose conditions hold. */
  first(subject: Subject): R | undefined {
    const lists = this.#listsFor(subject);
    const next = lists.map(() => 0);
    for (;;) {
      let least = Infinity;
      for (let i = 0; i < lists.length; i++) least = Math.min(least, lists[i]?.[next[i] ?? 0] ?? Infinity);
      const rule = this.#rules[least];
      if (rule === undefined) return undefined;
      if (rule.conditions.every((condition) => condition.holds(subject))) return rule;
      for (let i = 0; i < lists.length; i++) {
        const at = next[i] ?? 0;
        if (lists[i]?.[at] === least) next[i] = at + 1;
      }
    }
  }

  #listsFor(subject: Subject): (readonly number[])[] {
    const lists: (readonly number[])[] = this.#always.length > 0 ? [this.#always] : [];
    const take = (list: readonly number[] | undefined): void => {
      if (list !== undefined) lists.push(list);
    };
    this.#clients.each(subject.clientIp, take);
    this.#servers.each(subject.serverIp, take);
    const { serverNames, domains, accounts } = this.#names;
    if (serverNames.size > 0) {
      for (const name of subject.serverNames ?? []) take(serverNames.get(plainName(name)));
    }
    if (domains.size > 0) for (const domain of domainsOf(subject)) take(domains.get(plainName(domain)));
    if (accounts.size > 0 && subject.account !== undefined) take(accounts.get(plainAccount(subject.account)));
    return lists;
  }

  #file(keys: IndexKeys, number: number): void {
    for (const network of keys.client ?? []) this.#clients.add(network, number);
    for (const network of keys.server ?? []) this.#servers.add(network, number);
    for (const field of ['serverNames', 'domains', 'accounts'] as const) {
      const map = this.#names[field];
      for (const name of keys[field] ?? []) {
        const list = map.get(name);
        if (list === undefined) map.set(name, [number]);
        else if (list.at(-1) !== number) list.push(number);
      }
    }
  }
}

function bestOf(
  conditions: readonly Condition[],
  crowds: ReadonlyMap<string, number>,
): IndexKeys | undefined {
  let best: IndexKeys | undefined;
  let least = Infinity;
  for (const { index } of conditions) {
    if (index === undefined) continue;
    let fullest = 0;
    for (const place of placesOf(index)) fullest = Math.max(fullest, crowds.get(place) ?? 0);
    if (fullest < least) {
      best = index;
      least = fullest;
    }
  }
  return best;
}

function* placesOf(keys: IndexKeys): Generator<string> {
  for (const { words, prefix } of keys.client ?? []) yield `c${words.join()}/${prefix}`;
  for (const { words, prefix } of keys.server ?? []) yield `s${words.join()}/${prefix}`;
  for (const name of keys.serverNames ?? []) yield `n${name}`;
  for (const name of keys.domains ?? []) yield `d${name}`;
  for (const name of keys.accounts ?? []) yield `a${name}`;
}
