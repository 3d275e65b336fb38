import { defaultBehaviour } from './behaviour/settings.ts';
import type { BehaviourSettings } from './behaviour/settings.ts';
import { NetworkSet } from './cidr.ts';
import type { Network } from './cidr.ts';
import { matchGlob } from './glob.ts';

/** What a policy says of a client. */
export type PolicyVerdict = 'allow' | 'notice' | 'alert';
export type Severity = 1 | 2 | 3;

/** What is known of one client on one connection. What is not known is absent and fulfils no condition. */
export interface Subject {
  /** The network: `aim`, `icq`, `msn`, `yahoo`, `xmpp`, ... */
  service: string;
  clientIp: string;
  serverIp: string;
  serverPort: number;
  account?: string;
  /** Domains that the client itself says it signs on to (an XMPP stream's `to`). */
  domains?: readonly string[];
  /** Names under which the server was seen (TLS server name, HTTP host, DNS). */
  serverNames?: readonly string[];
  client?: { name: string; version?: string };
}

export interface Decision {
  verdict: PolicyVerdict;
  severity: Severity;
  /** The operator chose that severity. */
  stated?: true;
  /** The line that decided, for people: `policy.yaml:12 rule "corporate jabber": agreed with the works council`. */
  line: string;
}

/** A condition of a rule: true where the subject fulfils it. */
export type Condition = (subject: Subject) => boolean;

export interface Rule extends Decision {
  /** Networks the rule is about; all where not given. */
  networks?: ReadonlySet<string>;
  /** All must hold. */
  conditions: readonly Condition[];
}

/** Rules in order, and what holds where none does. The first rule that matches decides. */
export class Policy {
  readonly rules: readonly Rule[];
  readonly fallback: Decision;
  /** What is told of what accounts do over time. */
  behaviour: BehaviourSettings = defaultBehaviour();
  readonly #byNetwork = new Map<string, readonly Rule[]>();

  constructor(rules: readonly Rule[], fallback: Decision = DEFAULT_DECISION) {
    this.rules = rules;
    this.fallback = fallback;
  }

  decide(subject: Subject): Decision {
    for (const rule of this.#rulesFor(subject.service)) {
      if (rule.conditions.every((holds) => holds(subject))) return rule;
    }
    return this.fallback;
  }

  #rulesFor(network: string): readonly Rule[] {
    const known = this.#byNetwork.get(network);
    if (known !== undefined) return known;
    const rules = this.rules.filter((rule) => rule.networks?.has(network) ?? true);
    this.#byNetwork.set(network, rules);
    return rules;
  }
}

/** The reason of the policy that holds where the operator gave none. */
export const DEFAULT_REASON = 'consumer networks are not authorised here';

const DEFAULT_DECISION: Decision = { verdict: 'alert', severity: 1, line: `default: ${DEFAULT_REASON}` };

/** The policy that holds where the operator gave none: every client of every network is an alert. */
export function defaultPolicy(): Policy {
  return new Policy([]);
}

/** The client's address lies in one of the networks. */
export function inSubnets(networks: Iterable<Network>): Condition {
  const set = new NetworkSet(networks);
  return (subject) => set.has(subject.clientIp);
}

/** The server's address lies in one of the networks, or one of its names is of one of the patterns. */
export function onServers(networks: Iterable<Network>, hosts: readonly string[]): Condition {
  const set = new NetworkSet(networks);
  const named = anyPattern(hosts);
  return (subject) => set.has(subject.serverIp) || (subject.serverNames?.some(named) ?? false);
}

/** The account's own domain, or one that the client asks its server for, is of one of the patterns. */
export function inDomains(patterns: readonly string[]): Condition {
  const named = anyPattern(patterns);
  return (subject) => {
    const own = subject.account === undefined ? undefined : domainOf(subject.account);
    return (own !== undefined && named(own)) || (subject.domains?.some(named) ?? false);
  };
}

export function onPorts(ranges: readonly (readonly [low: number, high: number])[]): Condition {
  return ({ serverPort }) => ranges.some(([low, high]) => serverPort >= low && serverPort <= high);
}

/** A client as a policy names it: a pattern of its name and a test of its version. */
export interface ClientPattern {
  name: string;
  version?: (version: string) => boolean;
}

export function withClients(patterns: readonly ClientPattern[]): Condition {
  const wanted = patterns.map(({ name, version }) => ({ name: name.toLowerCase(), version }));
  return ({ client }) => {
    if (client === undefined) return false;
    const name = client.name.toLowerCase();
    return wanted.some(
      (pattern) =>
        matchGlob(pattern.name, name) &&
        (pattern.version === undefined || (client.version !== undefined && pattern.version(client.version))),
    );
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
function anyPattern(patterns: readonly string[]): (name: string) => boolean {
  const lower = patterns.map(plainName);
  const exact = new Set(lower.filter((p) => !p.includes('*')));
  const globs = lower.filter((p) => p.includes('*'));
  return (name) => {
    const plain = plainName(name);
    return exact.has(plain) || globs.some((glob) => matchGlob(glob, plain));
  };
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
