import type { ReadRule } from '../policy-file.ts';
import type { YamlMap, YamlNode } from '../plain-yaml.ts';
import type { YamlReader } from '../yaml-reader.ts';
import type { Names } from './read-lists.ts';

/** Rules that are compared with those before them. */
const MAX_COMPARED = 2_000;

/** Warns of what is in no way wrong but cannot have been meant: `policy check` tells it. */
export function warnOfPolicy(
  reader: YamlReader,
  rules: readonly ReadRule[],
  names: Names,
  today: number | undefined,
): void {
  // Who runs it wants it to start; who checks it, to know.
  if (today === undefined) return;
  for (const { rule, node } of rules) {
    if (rule.expires !== undefined && rule.expires <= today) {
      reader.warn(node, 'has expired and matches nothing any more; renew it with its reason, or take it out');
    }
  }
  warnOfUnreachable(reader, rules);
  for (const name of names.networks.keys()) {
    if (!names.used.has('home') && !names.used.has(`network ${name}`))
      warnOfUnused(reader, 'home network', name);
  }
  for (const [name, group] of names.groups) {
    if (!names.used.has(`group ${name}`)) warnOfUnused(reader, 'group', name);
    else if (group.list.size === 0) reader.warn(undefined, `group "${name}" has no accounts of its own`);
  }
}

function warnOfUnused(reader: YamlReader, what: string, name: string): void {
  reader.warn(undefined, `${what} "${name}" is named by no rule and no wall`);
}

/** A rule is never reached where an earlier one asks for less of the same. */
function warnOfUnreachable(reader: YamlReader, rules: readonly ReadRule[]): void {
  const earlier: Asked[] = [];
  for (const { rule, node } of rules.slice(0, MAX_COMPARED)) {
    // What `minimum_versions` says is narrower than any rule can be.
    if (node.kind !== 'map') continue;
    const asked: Asked = { line: rule.line, of: askedBy(node) };
    const cover = earlier.find((each) => covers(each, asked));
    if (cover === undefined) earlier.push(asked);
    else reader.warn(node, `is never reached: all that it matches is decided before, by ${cover.line}`);
  }
}

/** What a rule asks for: by condition, any one of these. */
interface Asked {
  readonly line: string;
  readonly of: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Keys of a rule that are no conditions. */
const SAID: ReadonlySet<string> = new Set(['name', 'verdict', 'severity', 'reason']);

function askedBy(node: YamlMap): Asked['of'] {
  const asked = new Map<string, ReadonlySet<string>>();
  for (const { key, value } of node.pairs) {
    if (key.text === undefined || SAID.has(key.text)) continue;
    asked.set(key.text, new Set((value.kind === 'seq' ? value.items : [value]).map(textOf)));
  }
  return asked;
}

/** A node without its place, to be compared. */
function textOf(node: YamlNode): string {
  if (node.kind === 'map')
    return node.pairs.map(({ key, value }) => `${key.text ?? ''}:${textOf(value)}`).join();
  return node.kind === 'seq'
    ? node.items.map(textOf).join()
    : node.kind === 'scalar'
      ? (node.text ?? '')
      : '';
}

/** Whatever the later one matches, the earlier one does: it asks for nothing else, and for any of no fewer things. */
function covers(earlier: Asked, later: Asked): boolean {
  for (const [key, items] of earlier.of) {
    const narrower = later.of.get(key);
    if (narrower === undefined || ![...narrower].every((item) => items.has(item))) return false;
  }
  return true;
}
