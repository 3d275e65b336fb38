import { matchGlob } from '../glob.ts';

/** What a registry of names knows of accounts, as far as a policy asks. */
export interface Departments {
  /** The department of the person whose account it is; undefined where that is not known. */
  departmentOf(network: string, account: string): string | undefined;
}

/** One account, or all of the form of a pattern. */
export interface AccountPattern {
  /** Of this network only; of any where not given. */
  readonly network?: string;
  /** `*` stands for any characters. */
  readonly account: string;
}

/** Patterns of one list that are neither one account nor all of a domain: these are tried one by one. */
export const MAX_LOOSE_PATTERNS = 1_000;

/** Accounts by exact name, by domain (`*@example.com`) and by other patterns. */
export class AccountList {
  readonly size: number;
  /** How many are tried one by one. */
  readonly loose: number;
  /** The names where there is nothing but names, for an index; else undefined. */
  readonly exact: readonly string[] | undefined;
  readonly #names = new Set<string>();
  readonly #domains = new Set<string>();
  readonly #patterns: AccountPattern[] = [];

  constructor(patterns: readonly AccountPattern[]) {
    for (const { network, account } of patterns) {
      const name = plainAccount(account);
      const key = network === undefined ? name : `${network}\0${name}`;
      const domain = /^\*@([^*@]+)$/.exec(name)?.[1];
      if (!name.includes('*')) this.#names.add(key);
      else if (domain !== undefined)
        this.#domains.add(network === undefined ? domain : `${network}\0${domain}`);
      else this.#patterns.push(network === undefined ? { account: name } : { network, account: name });
    }
    this.size = patterns.length;
    this.loose = this.#patterns.length;
    const onlyNames = this.loose === 0 && this.#domains.size === 0;
    this.exact = onlyNames && patterns.every((p) => p.network === undefined) ? [...this.#names] : undefined;
  }

  has(network: string, account: string): boolean {
    const name = plainAccount(account);
    if (inSet(this.#names, network, name)) return true;
    const at = name.lastIndexOf('@');
    if (this.#domains.size > 0 && at >= 0 && inSet(this.#domains, network, name.slice(at + 1))) return true;
    return this.#patterns.some(
      (pattern) => (pattern.network ?? network) === network && matchGlob(pattern.account, name),
    );
  }
}

/** A named list of accounts, and the departments whose people belong to it. */
export class Group {
  readonly name: string;
  readonly list: AccountList;
  readonly #departments: ReadonlySet<string>;
  readonly #directory: Departments | undefined;

  constructor(name: string, list: AccountList, departments: readonly string[] = [], directory?: Departments) {
    this.name = name;
    this.list = list;
    this.#departments = new Set(departments.map((department) => department.toLowerCase()));
    this.#directory = directory;
  }

  has(network: string, account: string): boolean {
    if (this.list.has(network, account)) return true;
    if (this.#departments.size === 0) return false;
    const department = this.#directory?.departmentOf(network, account);
    return department !== undefined && this.#departments.has(department.toLowerCase());
  }
}

/** Lower case, without blanks and without the resource of an XMPP address: as events have it. */
export function plainAccount(account: string): string {
  const name = account.toLowerCase().replace(/\s+/g, '');
  const at = name.indexOf('@');
  const slash = at < 0 ? -1 : name.indexOf('/', at);
  return slash < 0 ? name : name.slice(0, slash);
}

function inSet(set: ReadonlySet<string>, network: string, name: string): boolean {
  return set.has(name) || set.has(`${network}\0${name}`);
}
