import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Node } from 'yaml';
import { EXIT, OperatorError } from '../core/errors.ts';
import { readBehaviour } from './behaviour/settings.ts';
import { parseNetwork } from './cidr.ts';
import type { Network } from './cidr.ts';
import { DEFAULT_REASON, Policy, inDomains, inSubnets, onPorts, onServers, withClients } from './policy.ts';
import type { ClientPattern, Condition, Decision, PolicyVerdict, Rule, Severity } from './policy.ts';
import { NETWORKS } from './signatures.ts';
import { parseVersionTest } from './version.ts';
import { YamlReader } from './yaml-reader.ts';
import type { Entry } from './yaml-reader.ts';

export interface PolicyOptions {
  /** Names of networks that a policy may use; those of the signatures where not given. */
  networks?: readonly string[];
}

/** Reads the policy file at `path`. Throws an OperatorError with every complaint and its place. */
export async function loadPolicy(path: string, options: PolicyOptions = {}): Promise<Policy> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OperatorError(`cannot read the policy ${path}: ${code ?? String(error)}`, EXIT.IO);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new OperatorError(`${path}:1:1: is not UTF-8 text; save the policy as UTF-8`);
  }
  return parsePolicy(text, path, options);
}

/** The same from its text; `file` is what complaints and alerts call it (alerts by its last part). */
export async function parsePolicy(text: string, file: string, options: PolicyOptions = {}): Promise<Policy> {
  const reader = await YamlReader.open(text);
  const networks = options.networks ?? Object.keys(NETWORKS);
  const policy = new PolicyReader(reader, basename(file), networks).read();
  reader.finish(file);
  return policy;
}

const VERDICTS = ['allow', 'notice', 'alert'] as const satisfies readonly PolicyVerdict[];
const SEVERITIES: Readonly<Record<string, Severity>> = { '1': 1, '2': 2, '3': 3, high: 1, medium: 2, low: 3 };
const DECISION_KEYS = ['verdict', 'severity', 'reason'] as const;
const ROOT_KEYS = ['version', 'default', 'rules', 'behaviour'] as const;
const CLIENT_KEYS = ['name', 'version'] as const;
const ANY_WIDTH = /^(?:\d{1,5})(?:\s*-\s*\d{1,5})?$/;
const HOST = /^(?:\*|(?:\*\.)?[\p{L}\p{N}_*-]+(?:\.[\p{L}\p{N}_*-]+)*\.?)$/u;

class PolicyReader {
  readonly #reader: YamlReader;
  readonly #file: string;
  readonly #networks: readonly string[];
  /** What each condition's key reads. */
  readonly #conditions: Readonly<Record<string, (entry: Entry) => Condition>> = {
    servers: (entry) => this.#servers(entry),
    domains: (entry) => inDomains(this.#reader.list(entry, (node) => this.#host(node, 'a domain'))),
    clients: (entry) => withClients(this.#reader.list(entry, (node) => this.#client(node))),
    subnets: (entry) => inSubnets(this.#reader.list(entry, (node) => this.#network(node))),
    ports: (entry) => onPorts(this.#reader.list(entry, (node) => this.#ports(node))),
  };

  constructor(reader: YamlReader, file: string, networks: readonly string[]) {
    this.#reader = reader;
    this.#file = file;
    this.#networks = networks;
  }

  read(): Policy {
    const { root } = this.#reader;
    if (root === undefined) {
      if (this.#reader.sound)
        this.#reader.complain(undefined, 'the policy is empty; it begins with "version: 1"');
      return new Policy([]);
    }
    const entries = this.#reader.entries(root, 'the policy', ROOT_KEYS);
    if (entries === undefined) return new Policy([]);
    this.#version(root, entries.get('version'));
    const fallback = this.#fallback(entries.get('default'));
    const rules = entries.get('rules');
    const read = rules === undefined ? [] : this.#rules(rules);
    const policy = fallback === undefined ? new Policy(read) : new Policy(read, fallback);
    policy.behaviour = readBehaviour(this.#reader, entries.get('behaviour'));
    return policy;
  }

  #version(root: Node, entry: Entry | undefined): void {
    if (entry === undefined) {
      this.#reader.complain(root, '"version: 1" is missing');
      return;
    }
    const version = this.#reader.text(entry.value, 'version');
    if (version !== undefined && version !== '1') {
      this.#reader.complain(
        entry.value,
        `version ${version} is not known here; this program reads version 1`,
      );
    }
  }

  #fallback(entry: Entry | undefined): Decision | undefined {
    if (entry === undefined) return undefined;
    const entries = this.#reader.entries(entry.value, '"default"', DECISION_KEYS);
    if (entries === undefined) return undefined;
    const place = `${this.#file}:${this.#reader.lineOf(entry.keyNode)} default`;
    return this.#decision(entry.keyNode, entries, place, DEFAULT_REASON);
  }

  #rules(entry: Entry): Rule[] {
    let catchAll: { line: number; told: boolean } | undefined;
    let number = 0;
    return this.#reader.list(entry, (node) => {
      const rule = this.#rule(node, ++number);
      // A condition that was misspelt is none here: such a rule does not match all on purpose.
      if (catchAll !== undefined && !catchAll.told && this.#reader.sound) {
        catchAll.told = true;
        this.#reader.complain(
          node,
          `no client ever gets to this rule: the one on line ${catchAll.line} has no condition and matches all`,
        );
      }
      const open = rule !== undefined && rule.networks === undefined && rule.conditions.length === 0;
      if (open) catchAll ??= { line: this.#reader.lineOf(node), told: false };
      return rule;
    });
  }

  #rule(node: Node, number: number): Rule | undefined {
    const known = ['name', 'networks', ...Object.keys(this.#conditions), ...DECISION_KEYS];
    const entries = this.#reader.entries(node, 'a rule', known);
    if (entries === undefined) return undefined;
    const name = this.#optional(entries.get('name'));
    const title = name === undefined ? `rule ${number}` : `rule "${name}"`;
    const place = `${this.#file}:${this.#reader.lineOf(node)} ${title}`;
    const networks = entries.get('networks');
    const conditions = Object.entries(this.#conditions).flatMap(([key, read]) => {
      const entry = entries.get(key);
      return entry === undefined ? [] : [read(entry)];
    });
    const rule: Rule = { ...this.#decision(node, entries, place, undefined), conditions };
    if (networks !== undefined) rule.networks = this.#networkNames(networks);
    return rule;
  }

  #decision(node: Node, entries: Map<string, Entry>, place: string, reason: string | undefined): Decision {
    const stated = entries.get('verdict');
    if (stated === undefined) this.#reader.complain(node, `"verdict" is missing: ${VERDICTS.join(', ')}`);
    const verdict = stated && this.#reader.choice(stated.value, '"verdict"', VERDICTS);
    const why = this.#optional(entries.get('reason')) ?? (verdict === 'alert' ? reason : undefined);
    return {
      verdict: verdict ?? 'alert',
      severity: this.#severity(entries.get('severity'), verdict),
      ...(entries.has('severity') ? { stated: true } : {}),
      line: why === undefined ? place : `${place}: ${why}`,
    };
  }

  #severity(entry: Entry | undefined, verdict: PolicyVerdict | undefined): Severity {
    if (entry === undefined) return verdict === 'notice' ? 3 : 1;
    if (verdict !== undefined && verdict !== 'alert') {
      this.#reader.complain(entry.keyNode, `"severity" belongs to the verdict alert, not to ${verdict}`);
    }
    const choices = Object.keys(SEVERITIES);
    const chosen = this.#reader.choice(entry.value, '"severity"', choices);
    return SEVERITIES[chosen ?? ''] ?? 1;
  }

  #networkNames(entry: Entry): ReadonlySet<string> {
    return new Set(this.#reader.list(entry, (node) => this.#reader.choice(node, 'network', this.#networks)));
  }

  #servers(entry: Entry): Condition {
    const networks: Network[] = [];
    const hosts = this.#reader.list(entry, (node) => {
      const text = this.#reader.text(node, 'a server');
      if (text === undefined) return undefined;
      const network = parseNetwork(text);
      if (typeof network !== 'string') {
        networks.push(network);
        return undefined;
      }
      if (/[/:]/.test(text) || /^[\d.]+$/.test(text)) return this.#reader.complain(node, network);
      return this.#host(node, 'a server');
    });
    return onServers(networks, hosts);
  }

  #network(node: Node): Network | undefined {
    const text = this.#reader.text(node, 'a subnet');
    if (text === undefined) return undefined;
    const network = parseNetwork(text);
    return typeof network === 'string' ? this.#reader.complain(node, network) : network;
  }

  #host(node: Node, what: string): string | undefined {
    const text = this.#reader.text(node, what);
    if (text === undefined || HOST.test(text)) return text;
    return this.#reader.complain(node, `"${text}" is no name such as example.com or "*.example.com"`);
  }

  #ports(node: Node): [number, number] | undefined {
    const text = this.#reader.text(node, 'a port');
    if (text === undefined) return undefined;
    const [low = 0, high = low] = text.split('-').map(Number);
    if (ANY_WIDTH.test(text) && low >= 1 && high <= 65_535 && low <= high) return [low, high];
    return this.#reader.complain(node, `"${text}" is no port (1 to 65535) or range such as 5190-5193`);
  }

  #client(node: Node): ClientPattern | undefined {
    if (!this.#reader.isMapping(node)) {
      const name = this.#reader.text(node, 'a client');
      return name === undefined ? undefined : { name };
    }
    const entries = this.#reader.entries(node, 'a client', CLIENT_KEYS);
    if (entries === undefined) return undefined;
    const name = entries.get('name');
    if (name === undefined) return this.#reader.complain(node, 'a client is to have a "name"');
    const pattern = this.#optional(name);
    const version = this.#versionTest(entries.get('version'));
    if (pattern === undefined || version === 'broken') return undefined;
    return version === undefined ? { name: pattern } : { name: pattern, version };
  }

  #versionTest(entry: Entry | undefined): ClientPattern['version'] | 'broken' {
    if (entry === undefined) return undefined;
    const text = this.#optional(entry);
    if (text === undefined) return 'broken';
    const test = parseVersionTest(text);
    if (typeof test !== 'string') return test;
    this.#reader.complain(entry.value, test);
    return 'broken';
  }

  #optional(entry: Entry | undefined): string | undefined {
    return entry && this.#reader.text(entry.value, `"${entry.key}"`);
  }
}
