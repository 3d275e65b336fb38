import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { EXIT, OperatorError } from '../core/errors.ts';
import { readBehaviour } from './behaviour/settings.ts';
import { expressionCompiler, readContent } from './content/settings-file.ts';
import { readAlertRules } from './alerts/rules-file.ts';
import { DEFAULT_REASON, Policy } from './policy.ts';
import type { Decision, PolicyVerdict, Rule, Severity } from './policy.ts';
import type { Departments } from './policy/accounts.ts';
import { warnOfPolicy } from './policy/warnings.ts';
import { readArchiveModes } from './policy/archive-modes.ts';
import { endOfDay } from './policy/hours.ts';
import { ConditionReader } from './policy/read-conditions.ts';
import { ListReader } from './policy/read-lists.ts';
import { readMinimums } from './policy/read-minimums.ts';
import { readWalls } from './policy/read-walls.ts';
import { APPS } from '../core/apps.ts';
import { NETWORKS } from './signatures.ts';
import { YamlReader } from './yaml-reader.ts';
import type { Entry, YamlNode } from './yaml-reader.ts';

export interface PolicyOptions {
  /** Names of networks that a policy may use; those of the signatures where not given. */
  networks?: readonly string[];
  /** Whose people are in which department. */
  directory?: Departments | undefined;
  /** Complaints of one file that are told; the others are counted. */
  complaints?: number;
  /** Wall clock in seconds: of what expired before it is warned. */
  today?: number;
}

/** A policy, and what is no mistake in it but most likely not meant. */
export interface CheckedPolicy {
  readonly policy: Policy;
  /** Each with file, line and column. */
  readonly warnings: readonly string[];
}

/** Largest policy file, bytes. */
const MAX_POLICY_BYTES = 64 * 1024 * 1024;

/** Reads the policy file at `path`. Throws an OperatorError with every complaint and its place. */
export async function loadPolicy(path: string, options: PolicyOptions = {}): Promise<Policy> {
  return (await checkPolicy(path, options)).policy;
}

/** The same with what is to be warned of. */
export async function checkPolicy(path: string, options: PolicyOptions = {}): Promise<CheckedPolicy> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OperatorError(`cannot read the policy ${path}: ${code ?? String(error)}`, EXIT.IO);
  }
  if (bytes.length > MAX_POLICY_BYTES)
    throw new OperatorError(
      `${path}:1:1: is larger than ${MAX_POLICY_BYTES} bytes; keep long lists in CSV files`,
    );
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new OperatorError(`${path}:1:1: is not UTF-8 text; save the policy as UTF-8`);
  }
  return readPolicy(text, path, options);
}

/** The policy of this text; `file` is what complaints and alerts call it (alerts by its last part). */
export async function parsePolicy(text: string, file: string, options: PolicyOptions = {}): Promise<Policy> {
  return (await readPolicy(text, file, options)).policy;
}

/** The same with what is to be warned of. */
export async function readPolicy(
  text: string,
  file: string,
  options: PolicyOptions = {},
): Promise<CheckedPolicy> {
  const reader = await YamlReader.open(text);
  const compile = await expressionCompiler(text);
  const policy = new PolicyReader(reader, file, options).read((section) =>
    readContent(reader, section, compile),
  );
  reader.finish(file, options.complaints);
  return { policy, warnings: reader.warnings(file) };
}

const VERDICTS = ['allow', 'notice', 'alert'] as const satisfies readonly PolicyVerdict[];
const SEVERITIES: Readonly<Record<string, Severity>> = { '1': 1, '2': 2, '3': 3, high: 1, medium: 2, low: 3 };
const DECISION_KEYS = ['verdict', 'severity', 'reason'] as const;
const VERSIONS = ['1', '2'];
const ROOT_KEYS = ['version', 'default', 'rules', 'alerts', 'content', 'behaviour'] as const;
/** What version 2 added. */
const NEW_ROOT_KEYS = [
  ...['time_zone', 'home_networks', 'inside', 'groups', 'exceptions', 'minimum_versions', 'walls'],
  'archive',
] as const;

/** Rules with the nodes that they were read from. */
export interface ReadRule {
  readonly rule: Rule;
  readonly node: YamlNode;
}

class PolicyReader {
  readonly #reader: YamlReader;
  readonly #file: string;
  readonly #networks: readonly string[];
  readonly #options: PolicyOptions;
  readonly #lists: ListReader;
  #conditions: ConditionReader;
  #ruleKeys: readonly string[] = [];

  constructor(reader: YamlReader, file: string, options: PolicyOptions) {
    this.#reader = reader;
    this.#file = basename(file);
    this.#networks = options.networks ?? [...Object.keys(NETWORKS), ...APPS.keys()];
    this.#options = options;
    this.#lists = new ListReader(reader, file, this.#networks, options.directory);
    this.#conditions = new ConditionReader(reader, this.#lists, 1);
  }

  /** `content` reads the section of that name. */
  read(content: (section: Entry) => Policy['content']): Policy {
    const { root } = this.#reader;
    if (root === undefined) {
      if (this.#reader.sound)
        this.#reader.complain(undefined, 'the policy is empty; it begins with "version: 2"');
      return new Policy([]);
    }
    const version = this.#version(root);
    const known = version > 1 ? [...ROOT_KEYS, ...NEW_ROOT_KEYS] : ROOT_KEYS;
    const entries = this.#reader.entries(root, 'the policy', known);
    if (entries === undefined) return new Policy([]);
    if (!entries.has('version')) this.#reader.complain(root, '"version: 2" is missing');
    const policy = this.#parts(entries, version);
    const section = entries.get('content');
    if (section !== undefined) policy.content = content(section);
    policy.behaviour = readBehaviour(this.#reader, entries.get('behaviour'));
    return policy;
  }

  #parts(entries: Map<string, Entry>, version: number): Policy {
    const reader = this.#reader;
    const lists = this.#lists;
    this.#conditions = new ConditionReader(reader, lists, version);
    const since = version > 1 ? ['expires'] : [];
    this.#ruleKeys = ['name', 'networks', ...this.#conditions.keys, ...since, ...DECISION_KEYS];
    const zone = this.#conditions.zone(entries.get('time_zone'));
    if (zone !== undefined) this.#conditions.timeZone = zone;
    lists.home(entries.get('home_networks'));
    lists.groups(entries.get('groups'));
    const fallback = this.#fallback(entries.get('default'));
    const exceptions = this.#rules(entries.get('exceptions'), 'exception');
    const minimums = readMinimums(reader, this.#file, entries.get('minimum_versions'), SEVERITIES);
    const rules = this.#rules(entries.get('rules'), 'rule');
    const inside = entries.get('inside');
    const walls = readWalls({
      ...{ reader, lists, file: this.#file, networks: this.#networks, severities: SEVERITIES },
      entry: entries.get('walls'),
      inside: inside === undefined ? undefined : this.#inside(inside),
      directory: this.#options.directory,
    });
    const archive = readArchiveModes(reader, lists, entries.get('archive'));
    const all = [...exceptions, ...minimums, ...rules];
    warnOfPolicy(reader, all, lists.names, this.#options.today);
    const { home } = lists.names;
    const told = entries.get('alerts');
    const policy = new Policy(
      all.map(({ rule }) => rule),
      { fallback, home, walls, alerts: told && readAlertRules(reader, told) },
    );
    policy.archive = archive;
    return policy;
  }

  #version(root: YamlNode): number {
    const pair = root.kind === 'map' ? root.pairs.find(({ key }) => key.text === 'version') : undefined;
    if (pair === undefined) return 1;
    const version = this.#reader.text(pair.value, 'version');
    if (version === undefined || VERSIONS.includes(version)) return Number(version ?? 1);
    this.#reader.complain(
      pair.value,
      `version ${version} is not known here; this program reads versions ${VERSIONS.join(' and ')}`,
    );
    // The newest has the most keys: only what is really wrong is complained about.
    return Number(VERSIONS.at(-1));
  }

  #inside(entry: Entry): string[] {
    return this.#reader.list(entry, (node) => this.#conditions.host(node, 'a domain'));
  }

  #fallback(entry: Entry | undefined): Decision | undefined {
    if (entry === undefined) return undefined;
    const entries = this.#reader.entries(entry.value, '"default"', DECISION_KEYS);
    if (entries === undefined) return undefined;
    const place = `${this.#file}:${this.#reader.lineOf(entry.keyNode)} default`;
    return this.#decision(entry.keyNode, entries, place, DEFAULT_REASON);
  }

  #rules(entry: Entry | undefined, what: 'rule' | 'exception'): ReadRule[] {
    if (entry === undefined) return [];
    let catchAll: { line: number; told: boolean } | undefined;
    let number = 0;
    return this.#reader.list(entry, (node) => {
      const rule = this.#rule(node, ++number, what);
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
      return rule && { rule, node };
    });
  }

  #rule(node: YamlNode, number: number, what: 'rule' | 'exception'): Rule | undefined {
    const entries = this.#reader.entries(node, what === 'rule' ? 'a rule' : 'an exception', this.#ruleKeys);
    if (entries === undefined) return undefined;
    const name = this.#optional(entries.get('name'));
    const title = name === undefined ? `${what} ${number}` : `${what} "${name}"`;
    const place = `${this.#file}:${this.#reader.lineOf(node)} ${title}`;
    const rule: Rule = {
      ...this.#decision(node, entries, place, undefined),
      conditions: this.#conditions.read(entries),
    };
    const networks = entries.get('networks');
    if (networks !== undefined) rule.networks = this.#networkNames(networks);
    if (entries.has('features')) rule.ofUse = true;
    this.#expiry(rule, node, entries, what);
    return rule;
  }

  #expiry(rule: Rule, node: YamlNode, entries: Map<string, Entry>, what: 'rule' | 'exception'): void {
    const entry = entries.get('expires');
    if (what === 'exception') {
      for (const key of ['reason', 'expires']) {
        if (!entries.has(key)) this.#reader.complain(node, `an exception is to have "${key}"`);
      }
    }
    if (entry === undefined) return;
    const text = this.#reader.text(entry.value, '"expires"');
    if (text === undefined) return;
    const expires = endOfDay(text, this.#conditions.timeZone);
    if (expires === undefined) {
      this.#reader.complain(entry.value, `"${text}" is no day such as 2026-12-31`);
      return;
    }
    rule.expires = expires;
    rule.conditions = [
      ...rule.conditions,
      {
        key: 'expires',
        holds: ({ seconds }) => seconds !== undefined && seconds < expires,
        found: () => `it has expired (${text} was its last day)`,
      },
    ];
  }

  #decision(
    node: YamlNode,
    entries: Map<string, Entry>,
    place: string,
    reason: string | undefined,
  ): Decision {
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

  #optional(entry: Entry | undefined): string | undefined {
    return entry && this.#reader.text(entry.value, `"${entry.key}"`);
  }
}
