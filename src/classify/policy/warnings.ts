import type { ReadRule } from '../policy-file.ts';
import type { YamlMap, YamlNode } from '../plain-yaml.ts';
import type { YamlReader } from '../yaml-reader.ts';
import type { Names } from './read-lists.ts';

/** Comparisons of two rules that one check is worth: seconds, where thousands of rules ask for the same few things. */
const MAX_COMPARISONS = 50_000_000;

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
  const all: { readonly asked: Asked; readonly node: YamlNode }[] = [];
  for (const { rule, node } of rules) {
    // What `minimum_versions` says is narrower than any rule can be.
    if (node.kind === 'map') all.push({ asked: { line: rule.line, of: askedBy(node) }, node });
  }
  const earlier = new Earlier(all.map(({ asked }) => asked));
  for (const { asked, node } of all) {
    if (earlier.comparisons > MAX_COMPARISONS) {
      reader.warn(node, 'from here on it was not looked whether rules are ever reached: too many are alike');
      return;
    }
    const cover = earlier.coverOf(asked);
    if (cover === undefined) earlier.add(asked);
    else reader.warn(node, `is never reached: all that it matches is decided before, by ${cover.line}`);
  }
}

/** What a rule asks for: by condition, any one of these. */
interface Asked {
  readonly line: string;
  readonly of: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Rules by something that they ask for. Which covers another asks for all things of some condition of that, so it is
 * among those that are filed under any one of these: the one that fewest rules ask for is looked up.
 */
class Earlier {
  comparisons = 0;
  /** How many rules ask for each thing. */
  readonly #crowds = new Map<string, number>();
  readonly #filed = new Map<string, Asked[]>();
  /** Rules that ask for nothing. */
  readonly #any: Asked[] = [];

  constructor(all: readonly Asked[]) {
    for (const { of } of all) {
      for (const [key, items] of of) {
        for (const item of items) {
          const thing = thingOf(key, item);
          this.#crowds.set(thing, (this.#crowds.get(thing) ?? 0) + 1);
        }
      }
    }
  }

  add(asked: Asked): void {
    // Under the condition whose fullest thing is the least full.
    let best: readonly string[] = [];
    let least = Infinity;
    for (const [key, items] of asked.of) {
      const things = [...items].map((item) => thingOf(key, item));
      const fullest = Math.max(0, ...things.map((thing) => this.#crowds.get(thing) ?? 0));
      if (fullest < least) {
        least = fullest;
        best = things;
      }
    }
    if (best.length === 0) this.#any.push(asked);
    for (const thing of best) {
      const list = this.#filed.get(thing);
      if (list) list.push(asked);
      else this.#filed.set(thing, [asked]);
    }
  }

  /** An earlier rule that matches whatever this one does. */
  coverOf(asked: Asked): Asked | undefined {
    const lists: (readonly Asked[])[] = [this.#any];
    for (const [key, items] of asked.of) {
      let rarest: string | undefined;
      for (const item of items) {
        const thing = thingOf(key, item);
        if (rarest === undefined || (this.#crowds.get(thing) ?? 0) < (this.#crowds.get(rarest) ?? 0))
          rarest = thing;
      }
      lists.push((rarest !== undefined && this.#filed.get(rarest)) || []);
    }
    for (const list of lists) {
      for (const one of list) {
        this.comparisons++;
        if (covers(one, asked)) return one;
      }
    }
    return undefined;
  }
}

function thingOf(key: string, item: string): string {
  return `${key}\0${item}`;
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
