import type { Severity } from '../policy.ts';
import type { AccountList, Departments, Group } from './accounts.ts';
import { anyPattern } from './conditions.ts';

/** Two sides that may not talk to each other, or one that may not talk to the outside. */
export interface Wall {
  /** The line, for people: `policy.yaml:20 wall "research and trading": ...`. */
  readonly line: string;
  readonly severity: Severity;
  /** Any two of these apart; one only: that one and the outside. */
  readonly groups: readonly Group[];
  /** Whom it does not hold for: who is in one of these may talk to all, and all to him. */
  readonly except: readonly Group[];
  readonly networks?: ReadonlySet<string>;
}

/** Who belongs to the organisation. */
export interface Inside {
  readonly domains: readonly string[];
  readonly groups: readonly Group[];
  readonly accounts?: AccountList;
  readonly directory?: Departments | undefined;
}

/** A wall that was crossed; the first group is that of the first account. */
export interface Crossing {
  readonly wall: Wall;
  readonly first: string;
  /** Undefined for the outside. */
  readonly second: string | undefined;
}

/** The walls of a policy. */
export class Walls {
  readonly list: readonly Wall[];
  readonly #inside: Inside;
  readonly #ownDomain: (name: string) => boolean;

  constructor(list: readonly Wall[], inside: Inside) {
    this.list = list;
    this.#inside = inside;
    this.#ownDomain = anyPattern(inside.domains);
  }

  /** The first wall between the two, or undefined. Whatever their order, the answer is about the same wall. */
  between(network: string, one: string, other: string): Crossing | undefined {
    for (const wall of this.list) {
      if (wall.networks?.has(network) === false) continue;
      const crossing = this.#crossing(wall, network, one, other);
      if (crossing === undefined) continue;
      if (wall.except.some((group) => group.has(network, one) || group.has(network, other))) continue;
      return crossing;
    }
    return undefined;
  }

  /** Some wall is about this account, or it could stand outside of one. */
  concerns(network: string, account: string): boolean {
    return this.list.some(
      ({ groups }) =>
        groups.some((group) => group.has(network, account)) ||
        (groups.length === 1 && !this.isInside(network, account)),
    );
  }

  isInside(network: string, account: string): boolean {
    const { groups, accounts, directory } = this.#inside;
    const at = account.lastIndexOf('@');
    if (at >= 0 && this.#ownDomain(account.slice(at + 1))) return true;
    if (groups.some((group) => group.has(network, account))) return true;
    return (
      accounts?.has(network, account) === true || directory?.departmentOf(network, account) !== undefined
    );
  }

  #crossing(wall: Wall, network: string, one: string, other: string): Crossing | undefined {
    const { groups } = wall;
    const [only] = groups;
    if (groups.length === 1 && only !== undefined) {
      const first = only.has(network, one);
      if (first === only.has(network, other)) return undefined;
      const stranger = first ? other : one;
      return this.isInside(network, stranger) ? undefined : { wall, first: only.name, second: undefined };
    }
    for (const first of groups) {
      if (!first.has(network, one)) continue;
      // Who is on both sides may talk to either.
      const second = groups.find((g) => g !== first && g.has(network, other) && !g.has(network, one));
      if (second !== undefined && !first.has(network, other))
        return { wall, first: first.name, second: second.name };
    }
    return undefined;
  }
}
