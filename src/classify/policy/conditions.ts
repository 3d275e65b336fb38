import { NetworkSet } from '../cidr.ts';
import type { Network } from '../cidr.ts';
import { matchGlob } from '../glob.ts';
import type { AccountList, Group } from './accounts.ts';
import { inSpan } from './hours.ts';
import type { Span } from './hours.ts';
import type { Subject } from './subject.ts';

/** Where a rule can be found by what it asks for. */
export interface IndexKeys {
  readonly client?: readonly Network[];
  readonly server?: readonly Network[];
  readonly serverNames?: readonly string[];
  readonly domains?: readonly string[];
  readonly accounts?: readonly string[];
}

/** A condition of a rule. What is not known of a subject fulfils none. */
export interface Condition {
  /** Its key in the policy file. */
  readonly key: string;
  /** What the file asks for, for people. */
  asked?: string;
  holds(subject: Subject): boolean;
  /** What the subject has of that, in words. */
  found(subject: Subject): string;
  /** Every subject that fulfils it has one of these; absent where they cannot be listed. */
  readonly index?: IndexKeys;
}

const UNKNOWN = 'not known';

/** The client's address lies in one of the networks. */
export function inSubnets(networks: readonly Network[]): Condition {
  const set = new NetworkSet(networks);
  return {
    key: 'subnets',
    holds: (subject) => set.has(subject.clientIp),
    found: (subject) => `the client's address is ${subject.clientIp}`,
    index: { client: networks },
  };
}

/** The client's address lies in none of the networks. */
export function outsideOf(networks: readonly Network[]): Condition {
  const set = new NetworkSet(networks);
  return {
    key: 'subnets',
    holds: (subject) => !set.has(subject.clientIp),
    found: (subject) => `the client's address is ${subject.clientIp}`,
  };
}

/** The server's address lies in one of the networks, or one of its names is of one of the patterns. */
export function onServers(networks: readonly Network[], hosts: readonly string[]): Condition {
  const set = new NetworkSet(networks);
  const named = anyPattern(hosts);
  const exact = hosts.every((host) => !host.includes('*'));
  return {
    key: 'servers',
    holds: (subject) => set.has(subject.serverIp) || (subject.serverNames?.some(named) ?? false),
    found: ({ serverIp, serverNames }) =>
      `the server is ${[serverIp, ...(serverNames ?? [])].join(', ')}${serverNames?.length ? '' : ' (seen under no name)'}`,
    ...(exact ? { index: { server: networks, serverNames: hosts.map(plainName) } } : {}),
  };
}

/** The account's own domain, or one that the client asks its server for, is of one of the patterns. */
export function inDomains(patterns: readonly string[]): Condition {
  const named = anyPattern(patterns);
  const exact = patterns.every((pattern) => !pattern.includes('*'));
  return {
    key: 'domains',
    holds: (subject) => domainsOf(subject).some(named),
    found: (subject) => `the domain is ${domainsOf(subject).join(', ') || UNKNOWN}`,
    ...(exact ? { index: { domains: patterns.map(plainName) } } : {}),
  };
}

/** The account's domain and those that the client asked for, as written. */
export function domainsOf(subject: Subject): string[] {
  const own = subject.account === undefined ? undefined : domainOf(subject.account);
  return [...(own === undefined ? [] : [own]), ...(subject.domains ?? [])];
}

export function onPorts(ranges: readonly (readonly [low: number, high: number])[]): Condition {
  return {
    key: 'ports',
    holds: ({ serverPort }) => ranges.some(([low, high]) => serverPort >= low && serverPort <= high),
    found: ({ serverPort }) => `the port is ${serverPort}`,
  };
}

/** A client as a policy names it: a pattern of its name and a test of its version. */
export interface ClientPattern {
  name: string;
  version?: (version: string) => boolean;
}

export function withClients(patterns: readonly ClientPattern[]): Condition {
  const wanted = patterns.map(({ name, version }) => ({ name: name.toLowerCase(), version }));
  return {
    key: 'clients',
    holds: ({ client }) => {
      if (client === undefined) return false;
      const name = client.name.toLowerCase();
      return wanted.some(
        (pattern) =>
          matchGlob(pattern.name, name) &&
          (pattern.version === undefined ||
            (client.version !== undefined && pattern.version(client.version))),
      );
    },
    found: ({ client }) =>
      client === undefined
        ? `the client is ${UNKNOWN}`
        : `the client is ${client.name} ${client.version ?? '(version not known)'}`,
  };
}

export function ofAccounts(list: AccountList): Condition {
  return {
    key: 'accounts',
    holds: ({ service, account }) => account !== undefined && list.has(service, account),
    found: ({ account }) => `the account is ${account ?? UNKNOWN}`,
    ...(list.exact === undefined ? {} : { index: { accounts: list.exact } }),
  };
}

export function inGroups(groups: readonly Group[]): Condition {
  return {
    key: 'groups',
    holds: ({ service, account }) =>
      account !== undefined && groups.some((group) => group.has(service, account)),
    found: ({ account }) =>
      account === undefined ? `the account is ${UNKNOWN}` : `${account} is in none or another group`,
  };
}

export function atHours(spans: readonly Span[]): Condition {
  return {
    key: 'hours',
    holds: ({ seconds }) => seconds !== undefined && spans.some((span) => inSpan(span, seconds)),
    found: ({ seconds }) =>
      `the time is ${seconds === undefined ? UNKNOWN : `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`}`,
  };
}

/** The use is one of these; a client that is only signed on is used for nothing yet. */
export function forFeatures(features: readonly string[]): Condition {
  return listed('features', features, 'the use is', ({ features: used }) => used);
}

export function overProtocols(protocols: readonly string[]): Condition {
  return listed('protocols', protocols, 'the protocol is', ({ protocol }) => protocol && [protocol]);
}

/** `none` is a stream of its own, in no carrier. */
export function inCarriers(carriers: readonly string[]): Condition {
  return listed('carriers', carriers, 'the carrier is', ({ carrier }) => carrier?.split('+') ?? ['none']);
}

export function withEncryption(kinds: readonly string[]): Condition {
  return listed('encryption', kinds, 'the encryption is', ({ encryption }) => encryption ?? ['none']);
}

function listed(
  key: string,
  wanted: readonly string[],
  words: string,
  has: (subject: Subject) => readonly string[] | undefined | '',
): Condition {
  const set = new Set(wanted);
  const of = (subject: Subject): readonly string[] => has(subject) || [];
  return {
    key,
    holds: (subject) => of(subject).some((each) => set.has(each)),
    found: (subject) => `${words} ${of(subject).join(', ') || UNKNOWN}`,
  };
}

/** The domain of `bob@example.com` or `bob@example.com/home`, as written. */
function domainOf(account: string): string | undefined {
  const slash = account.indexOf('/');
  const bare = slash < 0 ? account : account.slice(0, slash);
  const at = bare.lastIndexOf('@');
  return at < 0 ? undefined : bare.slice(at + 1);
}

/** Exact names by hash, patterns with `*` one by one. Case and a final dot do not count. */
export function anyPattern(patterns: readonly string[]): (name: string) => boolean {
  const lower = patterns.map(plainName);
  const exact = new Set(lower.filter((p) => !p.includes('*')));
  const globs = lower.filter((p) => p.includes('*'));
  return (name) => {
    const plain = plainName(name);
    return exact.has(plain) || globs.some((glob) => matchGlob(glob, plain));
  };
}

/** A name of the DNS in the form in which they are compared. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
