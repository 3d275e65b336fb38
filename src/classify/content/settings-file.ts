import { NetworkSet, parseNetwork } from '../cidr.ts';
import type { Network } from '../cidr.ts';
import type { Severity } from '../policy.ts';
import type { Entry, YamlNode, YamlReader } from '../yaml-reader.ts';
import { CLASS_NAMES } from './classes.ts';
import type { ContentClass } from './classes.ts';
import { defaultContent } from './settings.ts';
import type { ContentSettings, Exception, Expression } from './settings.ts';

/** Makes a test of an expression; a complaint in words where it is none. */
type Compile = (source: string) => ((text: string) => boolean) | string;

const KEYS = ['on', 'off', 'severity', 'inside', 'words', 'expressions', 'ignore'] as const;
const EXPRESSION_KEYS = ['name', 'match'] as const;
const EXCEPTION_KEYS = ['classes', 'accounts', 'names', 'subnets'] as const;
const SEVERITIES: Readonly<Record<string, Severity>> = { '1': 1, '2': 2, '3': 3, high: 1, medium: 2, low: 3 };
/** Longest expression, in characters. */
const MAX_EXPRESSION = 1_000;

/**
 * The engine for expressions, loaded only for a policy that may have some. It is RE2's: its time grows with the text, whatever the
 * expression.
 */
export async function expressionCompiler(policy: string): Promise<Compile> {
  if (!policy.includes('expressions')) return () => 'no expressions here';
  const { RE2JS } = await import('re2js');
  return (source) => {
    if (source.length > MAX_EXPRESSION) return `longer than ${MAX_EXPRESSION} characters`;
    try {
      const compiled = RE2JS.compile(source, RE2JS.CASE_INSENSITIVE);
      return (text) => compiled.matcher(text).find();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
}

/** Reads the section; complains to the reader about what it does not understand. */
export function readContent(reader: YamlReader, section: Entry, compile: Compile): ContentSettings {
  const settings = defaultContent();
  const entries = reader.entries(section.value, '"content"', KEYS);
  if (entries === undefined) return settings;
  const list = <T>(key: string, one: (node: YamlNode) => T | undefined): T[] => {
    const entry = entries.get(key);
    return entry === undefined ? [] : reader.list(entry, one);
  };
  const on = new Set(settings.on);
  for (const name of list('on', (node) => reader.choice(node, 'class', CLASS_NAMES))) on.add(name);
  for (const name of list('off', (node) => reader.choice(node, 'class', CLASS_NAMES))) on.delete(name);
  const inside = entries.has('inside')
    ? new NetworkSet(list('inside', (n) => networkOf(reader, n)))
    : undefined;
  const severity = entries.get('severity');
  return {
    on,
    severities: severity === undefined ? new Map() : readSeverities(reader, severity),
    inside,
    words: list('words', (node) => reader.text(node, 'a word')),
    expressions: list('expressions', (node) => readExpression(reader, node, compile)),
    exceptions: list('ignore', (node) => readException(reader, node)),
  };
}

function readSeverities(reader: YamlReader, entry: Entry): Map<ContentClass, Severity> {
  const severities = new Map<ContentClass, Severity>();
  const entries = reader.entries(entry.value, '"severity"', CLASS_NAMES);
  for (const [name, { value }] of entries ?? []) {
    const chosen = reader.choice(value, '"severity"', Object.keys(SEVERITIES));
    severities.set(name as ContentClass, SEVERITIES[chosen ?? ''] ?? 1);
  }
  return severities;
}

function readExpression(reader: YamlReader, node: YamlNode, compile: Compile): Expression | undefined {
  const entries = reader.entries(node, 'an expression', EXPRESSION_KEYS);
  if (entries === undefined) return undefined;
  const match = entries.get('match');
  const name = entries.get('name');
  if (match === undefined || name === undefined)
    return reader.complain(node, 'an expression is to have a "name" and a "match"');
  const title = reader.text(name.value, '"name"');
  const source = reader.text(match.value, '"match"');
  if (title === undefined || source === undefined) return undefined;
  const test = compile(source);
  if (typeof test === 'string') return reader.complain(match.value, `"match" is no expression: ${test}`);
  return { name: title, test };
}

function readException(reader: YamlReader, node: YamlNode): Exception | undefined {
  const entries = reader.entries(node, 'an exception', EXCEPTION_KEYS);
  if (entries === undefined) return undefined;
  const { classes, accounts, names, subnets } = Object.fromEntries(entries) as Record<
    string,
    Entry | undefined
  >;
  if (entries.size === 0)
    return reader.complain(node, `an exception names one of ${EXCEPTION_KEYS.join(', ')}`);
  const patterns = (entry: Entry): string[] =>
    reader.list(entry, (item) => reader.text(item, 'a pattern')?.toLowerCase());
  return {
    ...(classes && { classes: new Set(reader.list(classes, (n) => reader.choice(n, 'class', CLASS_NAMES))) }),
    ...(accounts && { accounts: patterns(accounts) }),
    ...(names && { names: patterns(names) }),
    ...(subnets && { subnets: new NetworkSet(reader.list(subnets, (n) => networkOf(reader, n))) }),
  };
}

function networkOf(reader: YamlReader, node: YamlNode): Network | undefined {
  const text = reader.text(node, 'a subnet');
  if (text === undefined) return undefined;
  const network = parseNetwork(text);
  return typeof network === 'string' ? reader.complain(node, network) : network;
}
