import { parseNetwork } from '../cidr.ts';
import type { Network } from '../cidr.ts';
import { parseVersionTest } from '../version.ts';
import type { Entry, YamlNode, YamlReader } from '../yaml-reader.ts';
import * as conditions from './conditions.ts';
import type { ClientPattern, Condition } from './conditions.ts';
import { FEATURES } from './features.ts';
import { DAYS, DAY_MINUTES, isZone } from './hours.ts';
import type { Day, Span } from './hours.ts';
import type { ListReader } from './read-lists.ts';

const CLIENT_KEYS = ['name', 'version'] as const;
const HOURS_KEYS = ['days', 'from', 'to', 'time_zone'] as const;
const ANY_WIDTH = /^(?:\d{1,5})(?:\s*-\s*\d{1,5})?$/;
const HOST = /^(?:\*|(?:\*\.)?[\p{L}\p{N}_*-]+(?:\.[\p{L}\p{N}_*-]+)*\.?)$/u;
const CARRIERS = [
  ...['none', 'http-connect', 'http-tunnel', 'http-gateway', 'bosh', 'websocket', 'socks4', 'socks5'],
] as const;
const PROTOCOLS = [
  ...['oscar', 'toc', 'oft', 'icq', 'msnp', 'msnftp', 'msnp2p', 'ymsg', 'xmpp', 'irc'],
  ...['tls', 'quic', 'http', 'stun', 'dns'],
] as const;
const ENCRYPTION = ['none', 'tls', 'otr', 'omemo', 'openpgp', 'secureim'] as const;
/** Conditions that version 1 knows. */
const OLD_KEYS: ReadonlySet<string> = new Set(['servers', 'domains', 'clients', 'subnets', 'ports']);

/** Reads the conditions of a rule. */
export class ConditionReader {
  readonly #reader: YamlReader;
  readonly #lists: ListReader;
  readonly #version: number;
  /** Of hours that name none. */
  timeZone = 'UTC';
  /** Keys of the conditions that this version of the policy has. */
  readonly keys: readonly string[];
  readonly #readers: Readonly<Record<string, (entry: Entry) => Condition>>;

  constructor(reader: YamlReader, lists: ListReader, version: number) {
    this.#reader = reader;
    this.#lists = lists;
    this.#version = version;
    this.#readers = {
      servers: (entry) => this.#servers(entry),
      domains: (entry) => conditions.inDomains(reader.list(entry, (node) => this.host(node, 'a domain'))),
      clients: (entry) => conditions.withClients(reader.list(entry, (node) => this.#client(node))),
      subnets: (entry) => this.#subnets(entry),
      ports: (entry) => conditions.onPorts(reader.list(entry, (node) => this.#ports(node))),
      accounts: (entry) => conditions.ofAccounts(lists.accounts(entry)),
      groups: (entry) => conditions.inGroups(lists.groupList(entry)),
      hours: (entry) => conditions.atHours(reader.list(entry, (node) => this.#hours(node))),
      features: (entry) => conditions.forFeatures(this.#choices(entry, 'feature', FEATURES)),
      protocols: (entry) => conditions.overProtocols(this.#choices(entry, 'protocol', PROTOCOLS)),
      carriers: (entry) => conditions.inCarriers(this.#choices(entry, 'carrier', CARRIERS)),
      encryption: (entry) => conditions.withEncryption(this.#choices(entry, 'encryption', ENCRYPTION)),
    };
    this.keys = Object.keys(this.#readers).filter((key) => version > 1 || OLD_KEYS.has(key));
  }

  read(entries: ReadonlyMap<string, Entry>): Condition[] {
    const read: Condition[] = [];
    for (const key of this.keys) {
      const entry = entries.get(key);
      const one = this.#readers[key];
      if (entry === undefined || one === undefined) continue;
      read.push({ ...one(entry), asked: askedText(entry.value) });
    }
    return read;
  }

  host(node: YamlNode, what: string): string | undefined {
    const text = this.#reader.text(node, what);
    if (text === undefined || HOST.test(text)) return text;
    return this.#reader.complain(node, `"${text}" is no name such as example.com or "*.example.com"`);
  }

  zone(entry: Entry | undefined): string | undefined {
    if (entry === undefined) return undefined;
    const zone = this.#reader.text(entry.value, '"time_zone"');
    if (zone === undefined || isZone(zone)) return zone;
    return this.#reader.complain(
      entry.value,
      `time zone "${zone}" is not known; write Europe/Berlin, UTC, ...`,
    );
  }

  #choices<T extends string>(entry: Entry, what: string, known: readonly T[]): T[] {
    return this.#reader.list(entry, (node) => this.#reader.choice(node, what, known));
  }

  /** The networks that a name of the policy stands for; undefined where it is no such name. */
  #named(text: string): readonly Network[] | undefined {
    if (this.#version < 2) return undefined;
    const { names } = this.#lists;
    if (text === 'home') {
      names.used.add('home');
      return names.home;
    }
    const networks = names.networks.get(text);
    if (networks !== undefined) names.used.add(`network ${text}`);
    return networks;
  }

  #subnets(entry: Entry): Condition {
    const networks: Network[] = [];
    let outside = false;
    const items = this.#reader.list(entry, (node) => {
      const text = this.#reader.text(node, 'a subnet');
      if (text === undefined) return undefined;
      if (this.#version > 1 && text === 'outside') {
        outside = true;
        this.#lists.names.used.add('home');
        return text;
      }
      const network = this.#named(text) ?? parseNetwork(text);
      if (typeof network !== 'string') {
        networks.push(...(Array.isArray(network) ? (network as Network[]) : [network as Network]));
        return text;
      }
      const names = [...this.#lists.names.networks.keys()];
      const known = names.length === 0 ? '' : `, nor one of home_networks: ${names.join(', ')}`;
      return this.#reader.complain(node, `${network}${known}`);
    });
    if (!outside) return conditions.inSubnets(networks);
    if (items.length > 1) this.#reader.complain(entry.keyNode, '"outside" stands alone: it is all but home');
    return conditions.outsideOf(this.#lists.names.home);
  }

  #servers(entry: Entry): Condition {
    const networks: Network[] = [];
    const hosts = this.#reader.list(entry, (node) => {
      const text = this.#reader.text(node, 'a server');
      if (text === undefined) return undefined;
      const named = this.#named(text);
      if (named !== undefined) {
        networks.push(...named);
        return undefined;
      }
      const network = parseNetwork(text);
      if (typeof network !== 'string') {
        networks.push(network);
        return undefined;
      }
      if (/[/:]/.test(text) || /^[\d.]+$/.test(text)) return this.#reader.complain(node, network);
      return this.host(node, 'a server');
    });
    return conditions.onServers(networks, hosts);
  }

  #ports(node: YamlNode): [number, number] | undefined {
    const text = this.#reader.text(node, 'a port');
    if (text === undefined) return undefined;
    const [low = 0, high = low] = text.split('-').map(Number);
    if (ANY_WIDTH.test(text) && low >= 1 && high <= 65_535 && low <= high) return [low, high];
    return this.#reader.complain(node, `"${text}" is no port (1 to 65535) or range such as 5190-5193`);
  }

  #client(node: YamlNode): ClientPattern | undefined {
    if (!this.#reader.isMapping(node)) {
      const name = this.#reader.text(node, 'a client');
      return name === undefined ? undefined : { name };
    }
    const entries = this.#reader.entries(node, 'a client', CLIENT_KEYS);
    if (entries === undefined) return undefined;
    const name = entries.get('name');
    if (name === undefined) return this.#reader.complain(node, 'a client is to have a "name"');
    const pattern = this.#reader.text(name.value, '"name"');
    const version = this.#versionTest(entries.get('version'));
    if (pattern === undefined || version === 'broken') return undefined;
    return version === undefined ? { name: pattern } : { name: pattern, version };
  }

  #versionTest(entry: Entry | undefined): ClientPattern['version'] | 'broken' {
    if (entry === undefined) return undefined;
    const text = this.#reader.text(entry.value, '"version"');
    if (text === undefined) return 'broken';
    const test = parseVersionTest(text);
    if (typeof test !== 'string') return test;
    this.#reader.complain(entry.value, test);
    return 'broken';
  }

  #hours(node: YamlNode): Span | undefined {
    const entries = this.#reader.entries(node, 'hours', HOURS_KEYS);
    if (entries === undefined) return undefined;
    const days = entries.get('days');
    const from = this.#minute(entries.get('from'));
    const to = this.#minute(entries.get('to'));
    const named = days === undefined ? DAYS : this.#reader.list(days, (day) => this.#days(day)).flat();
    const zone = this.zone(entries.get('time_zone')) ?? this.timeZone;
    if (from !== undefined && from >= DAY_MINUTES) this.#reader.complain(node, 'hours cannot begin at 24:00');
    if (from !== undefined && from === to) this.#reader.complain(node, '"from" and "to" are the same');
    return { days: new Set(named), from: from ?? 0, to: to ?? DAY_MINUTES, zone };
  }

  #days(node: YamlNode): Day[] {
    const text = this.#reader.text(node, 'a day');
    if (text === undefined) return [];
    const [from, to = from, more] = text.toLowerCase().split(/\s*-\s*/);
    const first = DAYS.findIndex((day) => day === from);
    const last = DAYS.findIndex((day) => day === to);
    if (first < 0 || last < 0 || more !== undefined) {
      return (
        this.#reader.complain(node, `"${text}" is no day (${DAYS.join(', ')}) or range such as mon-fri`) ?? []
      );
    }
    const count = ((last - first + 7) % 7) + 1;
    return Array.from({ length: count }, (_, i) => DAYS[(first + i) % 7] ?? 'mon');
  }

  #minute(entry: Entry | undefined): number | undefined {
    if (entry === undefined) return undefined;
    const text = this.#reader.text(entry.value, `"${entry.key}"`);
    if (text === undefined) return undefined;
    const [, hour, minute] = /^(\d{1,2}):(\d\d)$/.exec(text) ?? [];
    const minutes = Number(hour) * 60 + Number(minute);
    if (hour !== undefined && Number(minute) < 60 && minutes <= DAY_MINUTES) return minutes;
    return this.#reader.complain(entry.value, `"${text}" is no time of day such as 08:30`);
  }
}

/** Items of a condition that are shown. */
const MAX_SHOWN = 5;

function askedText(node: YamlNode): string {
  if (node.kind === 'seq') {
    const shown = node.items.slice(0, MAX_SHOWN).map(askedText);
    const more = node.items.length - shown.length;
    return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  }
  if (node.kind === 'map') {
    return node.pairs.map(({ key, value }) => `${key.text ?? ''} ${askedText(value)}`).join(' ');
  }
  return node.kind === 'scalar' ? (node.text ?? '') : '';
}
