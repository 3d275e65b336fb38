import type * as Yaml from 'yaml';
import { OperatorError } from '../core/errors.ts';
import { readPlainYaml } from './plain-yaml.ts';
import type { YamlMap, YamlNode, YamlScalar } from './plain-yaml.ts';
import { nearest } from './suggest.ts';

export type { YamlNode } from './plain-yaml.ts';

interface Remark {
  at: number;
  text: string;
}

/** A key of a mapping with its value. */
export interface Entry {
  key: string;
  keyNode: YamlNode;
  value: YamlNode;
}

/** Complaints of one file that are printed; the rest is counted. */
const MAX_COMPLAINTS = 20;

/**
 * Reads a YAML file that a person wrote. What is wrong is gathered with its place rather than thrown, so
 * that one look shows all of it; readers answer undefined for what they complained about.
 */
export class YamlReader {
  /** The root of the document; undefined where it is empty or not even YAML. */
  readonly root: YamlNode | undefined;
  readonly #lineStarts: number[] = [0];
  readonly #complaints: Remark[] = [];
  readonly #warnings: Remark[] = [];

  private constructor(text: string, yaml: typeof Yaml | undefined) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lineStarts.push(at + 1);
    this.root = yaml === undefined ? readPlainYaml(text) : this.#readAll(text, yaml);
  }

  /** What the plain reader does not take is read by the library, which is loaded only then. */
  static async open(text: string): Promise<YamlReader> {
    const own = text.startsWith('\ufeff') ? text.slice(1) : text;
    const reader = new YamlReader(own, undefined);
    return reader.root === undefined ? new YamlReader(own, await import('yaml')) : reader;
  }

  /** Nothing to complain about so far. */
  get sound(): boolean {
    return this.#complaints.length === 0;
  }

  complain(node: YamlNode | undefined, text: string): undefined {
    this.#complaints.push({ at: node?.at ?? 0, text });
    return undefined;
  }

  /** What is no mistake but most likely not what was meant; see `warnings`. */
  warn(node: YamlNode | undefined, text: string): void {
    this.#warnings.push({ at: node?.at ?? 0, text });
  }

  /** Line of a node, from 1. */
  lineOf(node: YamlNode): number {
    return this.#placeOf(node.at)[0];
  }

  /** What was warned of, in the order of the file, each with its place. */
  warnings(file: string): string[] {
    return this.#render(this.#warnings, file);
  }

  /** Throws an OperatorError with all complaints (or the first `most`), in the order of the file, if there are any. */
  finish(file: string, most = MAX_COMPLAINTS): void {
    if (this.sound) return;
    const all = this.#render(this.#complaints, file);
    const shown = all.slice(0, most);
    if (all.length > shown.length) shown.push(`${file}: and ${all.length - shown.length} more`);
    throw new OperatorError(shown.join('\n'));
  }

  /**
   * The entries of a mapping, or undefined where it is none; a key that is not in `known` is complained about
   * and left out.
   */
  entries(
    node: YamlNode | undefined,
    what: string,
    known: readonly string[],
  ): Map<string, Entry> | undefined {
    const map = this.#map(node, what);
    if (map === undefined) return undefined;
    const entries = new Map<string, Entry>();
    for (const { key: keyNode, value } of map.pairs) {
      const key = keyNode.text ?? '';
      if (known.includes(key)) entries.set(key, { key, keyNode, value });
      else
        this.complain(
          keyNode,
          `unknown key "${key}" in ${what}${nearest(key, known)}; known: ${known.join(', ')}`,
        );
    }
    return entries;
  }

  /** The entries of a mapping whose keys are names that the writer chose; undefined where it is none. */
  named(node: YamlNode | undefined, what: string): Entry[] | undefined {
    const map = this.#map(node, what);
    return map?.pairs.map(({ key: keyNode, value }) => ({ key: keyNode.text ?? '', keyNode, value }));
  }

  /** Each item of a sequence, or a single value as a list of one; an empty list is complained about. */
  list<T>(entry: Entry, one: (node: YamlNode) => T | undefined): T[] {
    const { key, keyNode, value } = entry;
    if (value.kind === 'lost') return [];
    const items = value.kind === 'seq' ? value.items : [value];
    if (items.length === 0) {
      this.complain(keyNode, `"${key}" is empty and would never match; leave it out or list something`);
    }
    const read: T[] = [];
    for (const item of items) {
      const result = one(item);
      if (result !== undefined) read.push(result);
    }
    return read;
  }

  /** Text of a scalar as it is written, so that 2.10 stays 2.10. */
  text(node: YamlNode | undefined, what: string): string | undefined {
    if (node?.kind === 'lost') return undefined;
    if (node?.kind === 'scalar' && node.text !== undefined) return node.text;
    return this.complain(node, `${what} is to be a text`);
  }

  choice<T extends string>(node: YamlNode | undefined, what: string, choices: readonly T[]): T | undefined {
    const text = this.text(node, what);
    if (text === undefined) return undefined;
    const chosen = choices.find((c) => c === text);
    if (chosen !== undefined) return chosen;
    return this.complain(
      node,
      `${what} "${text}" is not known${nearest(text, choices)}; known: ${choices.join(', ')}`,
    );
  }

  isMapping(node: YamlNode): boolean {
    return node.kind === 'map';
  }

  #map(node: YamlNode | undefined, what: string): YamlMap | undefined {
    if (node?.kind === 'map') return node;
    if (node?.kind !== 'lost') this.complain(node, `${what} is to be a mapping (key: value)`);
    return undefined;
  }

  #render(remarks: readonly Remark[], file: string): string[] {
    return remarks
      .toSorted((a, b) => a.at - b.at)
      .map(({ at, text }) => `${file}:${this.#placeOf(at).join(':')}: ${text}`);
  }

  #placeOf(at: number): [line: number, column: number] {
    let low = 0;
    let high = this.#lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= at) low = middle;
      else high = middle;
    }
    return [low + 1, at - (this.#lineStarts[low] ?? 0) + 1];
  }

  #readAll(text: string, yaml: typeof Yaml): YamlNode | undefined {
    const document = yaml.parseDocument(text, { prettyErrors: false });
    for (const problem of [...document.errors, ...document.warnings]) {
      this.#complaints.push({ at: problem.pos[0], text: YAML_WORDS[problem.code] ?? problem.message });
    }
    if (!this.sound || document.contents === null) return undefined;
    return new Converter(yaml, document, (at, words) => this.#complaints.push({ at, text: words })).node(
      document.contents,
    );
  }
}

/** Makes of the library's nodes our own, with what aliases stand for in their places. */
class Converter {
  readonly #yaml: typeof Yaml;
  readonly #document: Yaml.Document;
  readonly #complain: (at: number, text: string) => void;
  /** Undefined while it is being made: an alias that is met then stands for what it is in. */
  readonly #made = new Map<unknown, YamlNode | undefined>();

  constructor(yaml: typeof Yaml, document: Yaml.Document, complain: (at: number, text: string) => void) {
    this.#yaml = yaml;
    this.#document = document;
    this.#complain = complain;
  }

  node(node: unknown, place = 0): YamlNode {
    const at = (node as Yaml.Node | null)?.range?.[0] ?? place;
    if (this.#yaml.isAlias(node)) return this.#alias(node, at);
    if (this.#made.has(node)) return this.#made.get(node) ?? { kind: 'lost', at };
    this.#made.set(node, undefined);
    const made = this.#make(node, at);
    this.#made.set(node, made);
    return made;
  }

  #make(node: unknown, at: number): YamlNode {
    if (this.#yaml.isMap(node)) {
      const pairs = node.items.map(({ key, value }) => {
        const named = this.#scalar(key, at);
        // `{ key }` has no value: an empty one stands in the key's place.
        return {
          key: named,
          value: value === null || value === undefined ? emptyAt(named.at) : this.node(value, named.at),
        };
      });
      return { kind: 'map', at, pairs };
    }
    if (this.#yaml.isSeq(node))
      return { kind: 'seq', at, items: node.items.map((item) => this.node(item, at)) };
    return this.#scalar(node, at);
  }

  #scalar(node: unknown, place: number): YamlScalar {
    const at = (node as Yaml.Node | null)?.range?.[0] ?? place;
    if (!this.#yaml.isScalar(node) || node.value === null || node.value === '') return emptyAt(at);
    return {
      kind: 'scalar',
      at,
      text: typeof node.value === 'string' ? node.value : (node.source ?? String(node.value)),
    };
  }

  #alias(node: Yaml.Alias, at: number): YamlNode {
    const target = node.resolve(this.#document);
    if (target !== undefined) {
      const made = this.node(target, at);
      if (made.kind !== 'lost') return { ...made, at };
      this.#complain(at, `*${node.source} stands inside of what it refers to`);
      return made;
    }
    this.#complain(
      at,
      `*${node.source} refers to nothing; a text that begins with * is to be in quotes: "*${node.source}"`,
    );
    return { kind: 'lost', at };
  }
}

function emptyAt(at: number): YamlScalar {
  return { kind: 'scalar', at, text: undefined };
}

/** Our words for the library's codes, where a person is helped by them. */
const YAML_WORDS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key is here twice; join the two',
  MULTIPLE_DOCS: 'a second document begins here; keep one document a file',
  TAB_AS_INDENT: 'indented with a tab; indent with spaces',
};
