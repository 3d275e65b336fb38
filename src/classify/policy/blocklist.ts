import { isIP } from 'node:net';
import type { EveEvent } from '../../event/eve.ts';
import { NetworkSet, parseNetwork } from '../cidr.ts';
import type { Network } from '../cidr.ts';
import type { Policy } from '../policy.ts';
import { BoundedMap } from '../../core/cache.ts';
import { plainName } from './conditions.ts';
import { Worlds } from './worlds.ts';

export const BLOCKLIST_FORMATS = ['plain', 'nftables', 'rpz', 'json'] as const;
export type BlocklistFormat = (typeof BLOCKLIST_FORMATS)[number];

/** A host of a messenger that is known without having been seen. */
export interface KnownHost {
  readonly service: string;
  readonly host: string;
  readonly role: string;
}

/** One address or name, and why it is listed. */
export interface Blocked {
  readonly kind: 'ipv4' | 'ipv6' | 'name';
  readonly value: string;
  readonly why: string;
}

/** Entries of one list. */
const MAX_BLOCKED = 100_000;
/** Connections whose server's name is remembered until they are over; of more, those of the first are forgotten. */
const MAX_NAMED = 65_536;
/** Letters, digits and hyphens, at least one dot, no number at the end: what else comes off the wire is no name. */
const NAME = /^(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/** Addresses that are no server of others: no list of ours ever has them. */
const NEVER = [
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'],
  ...['::', '::1', 'fe80::/10', 'ff00::/8'],
];

/** Gathers what a firewall could keep clients from: servers that the policy calls unauthorized. */
export class Blocklist {
  readonly #policy: Policy;
  readonly #spared: NetworkSet;
  readonly #found = new Map<string, Blocked>();
  /** By capture and flow. */
  readonly #names = new BoundedMap<string, string>(MAX_NAMED);
  readonly #worlds: Worlds;
  /** Entries that there was no room for, or that are no address or name. */
  leftOut = 0;

  constructor(policy: Policy) {
    this.#policy = policy;
    const never = NEVER.map(parseNetwork).filter(
      (network): network is Network => typeof network !== 'string',
    );
    this.#spared = new NetworkSet([...policy.home, ...never]);
    this.#worlds = new Worlds(policy, (alert) => {
      this.#take(alert);
    });
  }

  /** An event of a log, in order. */
  on(event: EveEvent): void {
    if (event.event_type !== 'im' && event.event_type !== 'flow') return;
    const { tls } = event;
    if (tls?.sni !== undefined) this.#names.set(flowOf(event), tls.sni);
    this.#worlds.on(event);
    if (event.event_type === 'flow') this.#names.delete(flowOf(event));
  }

  /** Hosts that are known from elsewhere, as far as the policy would call their clients unauthorized. */
  known(hosts: readonly KnownHost[]): void {
    for (const { service, host, role } of hosts) {
      const subject = { service, clientIp: '', serverIp: '', serverPort: 0, serverNames: [host] };
      if (this.#policy.decide(subject).verdict === 'alert') this.#name(host, `${service}: ${role}`);
    }
  }

  /** The log is over. Addresses before names, each in order. */
  end(): Blocked[] {
    this.#worlds.end();
    const order = { ipv4: 0, ipv6: 1, name: 2 };
    return [...this.#found.values()].sort(
      (a, b) => order[a.kind] - order[b.kind] || (a.value < b.value ? -1 : 1),
    );
  }

  #take(event: EveEvent): void {
    const { alert, dest_ip, im, timestamp } = event;
    if (alert === undefined || alert.signature_id > 9_000_019) return;
    const why = `${im?.service ?? 'im'}: client seen ${timestamp.slice(0, 10)}`;
    const family = isIP(dest_ip ?? '');
    if (dest_ip === undefined || family === 0) this.leftOut++;
    else if (!this.#spared.has(dest_ip)) this.#add(family === 4 ? 'ipv4' : 'ipv6', dest_ip, why);
    const name = this.#names.get(flowOf(event));
    if (name !== undefined && dest_ip !== undefined && !this.#spared.has(dest_ip)) this.#name(name, why);
  }

  #name(name: string, why: string): void {
    const plain = plainName(name);
    if (NAME.test(plain)) this.#add('name', plain, why);
    else this.leftOut++;
  }

  #add(kind: Blocked['kind'], value: string, why: string): void {
    if (this.#found.has(value)) return;
    if (this.#found.size >= MAX_BLOCKED) this.leftOut++;
    else this.#found.set(value, { kind, value, why });
  }
}

function flowOf({ pcap_filename = '', flow_id }: EveEvent): string {
  return `${pcap_filename}\0${flow_id ?? ''}`;
}

/** The list as text, with a line end after the last line. */
export function renderBlocklist(list: readonly Blocked[], format: BlocklistFormat): string {
  switch (format) {
    case 'plain':
      return lines(['# Servers of messengers that the policy does not allow.', ...groupedPlain(list)]);
    case 'nftables':
      return lines(['# nft -f FILE; a rule then drops: ip daddr @im4, ip6 daddr @im6', ...nftables(list)]);
    case 'rpz':
      return lines([
        '; Response policy zone: names are answered as not existing. Add your own SOA and NS.',
        ...list.filter(({ kind }) => kind === 'name').flatMap(rpz),
      ]);
    case 'json':
      return `${JSON.stringify(list)}\n`;
  }
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}

/** A comment where the reason changes: some firewalls take nothing behind an entry. */
function groupedPlain(list: readonly Blocked[]): string[] {
  let why = '';
  return list.flatMap((entry) => {
    const comment = entry.why === why ? [] : [`# ${plainReason(entry.why)}`];
    why = entry.why;
    return [...comment, entry.value];
  });
}

function nftables(list: readonly Blocked[]): string[] {
  const set = (name: string, kind: 'ipv4' | 'ipv6'): string[] => {
    const own = list.filter((entry) => entry.kind === kind);
    if (own.length === 0) return [`  set ${name} { type ${kind}_addr; }`];
    return [
      `  set ${name} {`,
      `    type ${kind}_addr`,
      '    elements = {',
      ...own.map(({ value, why }) => `      ${value}, # ${plainReason(why)}`),
      '    }',
      '  }',
    ];
  };
  const names = list.filter(({ kind }) => kind === 'name').map(({ value }) => `# name: ${value}`);
  return ['table inet imspan {', ...set('im4', 'ipv4'), ...set('im6', 'ipv6'), '}', ...names];
}

function rpz({ value, why }: Blocked): string[] {
  return [`${value} CNAME . ; ${plainReason(why)}`, `*.${value} CNAME .`];
}

/** A reason without anything that could end a comment. */
function plainReason(why: string): string {
  return why.replace(/[^\x20-\x7e]/g, '?').slice(0, 120);
}
