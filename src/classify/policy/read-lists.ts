import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseNetwork } from '../cidr.ts';
import type { Network } from '../cidr.ts';
import { readCsv, textOfCell } from '../csv.ts';
import type { Entry, YamlNode, YamlReader } from '../yaml-reader.ts';
import { AccountList, Group, MAX_LOOSE_PATTERNS } from './accounts.ts';
import type { AccountPattern, Departments } from './accounts.ts';

/** Largest list that is read from beside a policy, bytes. */
const MAX_LIST_BYTES = 256 * 1024 * 1024;
/** Bad rows of one list that are told one by one. */
const MAX_BAD_ROWS = 5;
const ITEM_KEYS = ['network', 'account', 'csv', 'column', 'department'] as const;
/** Names that `subnets` and `servers` understand besides those that the file gives. */
const RESERVED = ['home', 'outside'];

const PRIVATE = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16', '127.0.0.0/8'],
  ...['fc00::/7', 'fe80::/10', '::1'],
];

/** The private networks: home where a policy names none. */
export function privateNetworks(): Network[] {
  return PRIVATE.map(parseNetwork).filter((network): network is Network => typeof network !== 'string');
}

/** Who and where, by the names that a policy gives them. */
export class Names {
  home: readonly Network[] = privateNetworks();
  readonly networks = new Map<string, readonly Network[]>();
  readonly groups = new Map<string, Group>();
  /** Names that some rule or wall asked for. */
  readonly used = new Set<string>();
}

/** Reads the lists that a policy has beside its rules. */
export class ListReader {
  readonly names = new Names();
  readonly #reader: YamlReader;
  readonly #file: string;
  readonly #knownNetworks: readonly string[];
  readonly #directory: Departments | undefined;

  /** `file` is the policy's path: the paths of lists are as seen from it. */
  constructor(
    reader: YamlReader,
    file: string,
    knownNetworks: readonly string[],
    directory: Departments | undefined,
  ) {
    this.#reader = reader;
    this.#file = file;
    this.#knownNetworks = knownNetworks;
    this.#directory = directory;
  }

  /** `home_networks`: a list, or lists by name. */
  home(entry: Entry | undefined): void {
    if (entry === undefined) return;
    const { names } = this;
    if (!this.#reader.isMapping(entry.value)) {
      names.home = this.#reader.list(entry, (node) => this.network(node));
      return;
    }
    const all: Network[] = [];
    for (const named of this.#reader.named(entry.value, '"home_networks"') ?? []) {
      this.#checkName(named, RESERVED);
      const networks = this.#reader.list(named, (node) => this.network(node));
      names.networks.set(named.key, networks);
      all.push(...networks);
    }
    names.home = all;
  }

  groups(entry: Entry | undefined): void {
    for (const named of entry ? (this.#reader.named(entry.value, '"groups"') ?? []) : []) {
      this.#checkName(named, []);
      const departments: string[] = [];
      const list = this.accounts(named, departments);
      if (departments.length > 0 && this.#directory === undefined) {
        this.#reader.warn(named.keyNode, 'no registry of names is given: departments have no members');
      }
      this.names.groups.set(named.key, new Group(named.key, list, departments, this.#directory));
    }
  }

  network(node: YamlNode): Network | undefined {
    const text = this.#reader.text(node, 'a subnet');
    if (text === undefined) return undefined;
    const network = parseNetwork(text);
    return typeof network === 'string' ? this.#reader.complain(node, network) : network;
  }

  /** Groups of these names. */
  groupList(entry: Entry): Group[] {
    return this.#reader.list(entry, (node) => {
      const name = this.#reader.choice(node, 'group', [...this.names.groups.keys()]);
      if (name !== undefined) this.names.used.add(`group ${name}`);
      return name === undefined ? undefined : this.names.groups.get(name);
    });
  }

  /** Accounts by name, pattern, network, or from a list in a file; `departments` takes those where they may stand. */
  accounts(entry: Entry, departments?: string[]): AccountList {
    const patterns: AccountPattern[] = [];
    this.#reader.list(entry, (node) => {
      for (const pattern of this.#item(node, departments)) patterns.push(pattern);
      return true;
    });
    const list = new AccountList(patterns);
    if (list.loose > MAX_LOOSE_PATTERNS) {
      this.#reader.complain(
        entry.keyNode,
        `${list.loose} patterns are too many (${MAX_LOOSE_PATTERNS}): write names, or all of a domain as "*@example.com"`,
      );
    }
    return list;
  }

  #item(node: YamlNode, departments: string[] | undefined): Iterable<AccountPattern> {
    if (!this.#reader.isMapping(node)) {
      const account = this.#reader.text(node, 'an account');
      return account === undefined ? [] : [{ account }];
    }
    const known = ITEM_KEYS.filter((key) => key !== 'department' || departments !== undefined);
    const entries = this.#reader.entries(node, 'an account', known);
    if (entries === undefined) return [];
    const textOf = (key: string): string | undefined => {
      const entry = entries.get(key);
      return entry && this.#reader.text(entry.value, `"${key}"`);
    };
    const csv = entries.get('csv');
    if (csv !== undefined) return this.#fromCsv(csv, textOf('column'));
    const department = textOf('department');
    if (department !== undefined) {
      departments?.push(department);
      return [];
    }
    const account = textOf('account');
    if (account === undefined) {
      if (!entries.has('account')) this.#reader.complain(node, 'an account is to have "account" or "csv"');
      return [];
    }
    const stated = entries.get('network');
    if (stated === undefined) return [{ account }];
    const network = this.#reader.choice(stated.value, 'network', this.#knownNetworks);
    return network === undefined ? [] : [{ network, account }];
  }

  #fromCsv(entry: Entry, column = 'account'): AccountPattern[] {
    const name = this.#reader.text(entry.value, '"csv"');
    if (name === undefined) return [];
    const path = resolve(dirname(this.#file), name);
    let text: string;
    try {
      if (statSync(path).size > MAX_LIST_BYTES) throw new Error(`is larger than ${MAX_LIST_BYTES} bytes`);
      text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      this.#reader.complain(entry.value, `cannot read the list ${name}: ${code ?? message}`);
      return [];
    }
    return this.#rows(entry, name, text, column);
  }

  #rows(entry: Entry, name: string, text: string, column: string): AccountPattern[] {
    const rows = readCsv(text);
    const header = rows.next().value?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
    const account = header.indexOf(column.toLowerCase());
    const network = header.indexOf('network');
    if (account < 0) {
      this.#reader.complain(
        entry.value,
        `${name}:1: no column "${column}"; its columns: ${header.join(', ')}`,
      );
      return [];
    }
    const patterns: AccountPattern[] = [];
    let bad = 0;
    for (const { line, cells, problem } of rows) {
      const pattern = problem ?? this.#patternOf(cells[account] ?? '', cells[network] ?? '');
      if (typeof pattern !== 'string') patterns.push(pattern);
      else if (++bad <= MAX_BAD_ROWS)
        this.#reader.warn(entry.value, `${name}:${line}: row left out: ${pattern}`);
    }
    if (bad > MAX_BAD_ROWS) this.#reader.warn(entry.value, `${name}: ${bad} rows left out in all`);
    return patterns;
  }

  /** What a row stands for, or in words what is wrong with it. */
  #patternOf(accountCell: string, networkCell: string): AccountPattern | string {
    const account = textOfCell(accountCell);
    const network = networkCell.trim().toLowerCase();
    if (account === '') return 'no account';
    if (network === '' || network === '*') return { account };
    return this.#knownNetworks.includes(network) ? { network, account } : `network "${network}" is not known`;
  }

  #checkName({ key, keyNode }: Entry, reserved: readonly string[]): void {
    if (!/^[\p{L}_][\p{L}\p{N}_ -]*$/u.test(key) || reserved.includes(key)) {
      this.#reader.complain(
        keyNode,
        `"${key}" can be no name here; begin with a letter${reserved.includes(key) ? ', and home and outside are taken' : ''}`,
      );
    }
  }
}
