import type * as Yaml from 'yaml';
import type { Document, LineCounter, Node, Pair } from 'yaml';
import { OperatorError } from '../core/errors.ts';
import { nearest } from './suggest.ts';

interface Complaint {
  offset: number;
  text: string;
}

/** A key of a mapping with its value. */
export interface Entry {
  key: string;
  keyNode: Node;
  value: Node;
}

/** Complaints of one file that are printed; the rest is counted. */
const MAX_COMPLAINTS = 20;

/**
 * Reads a YAML file that a person wrote. What is wrong is gathered with its place rather than thrown, so
 * that one look shows all of it; readers answer undefined for what they complained about.
 */
export class YamlReader {
  readonly #yaml: typeof Yaml;
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #complaints: Complaint[] = [];

  private constructor(yaml: typeof Yaml, text: string) {
    this.#yaml = yaml;
    this.#lines = new yaml.LineCounter();
    this.#document = yaml.parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    for (const problem of [...this.#document.errors, ...this.#document.warnings]) {
      this.#complaints.push({ offset: problem.pos[0], text: YAML_WORDS[problem.code] ?? problem.message });
    }
  }

  /** The library is loaded here, so that a run that reads no YAML does not pay for it. */
  static async open(text: string): Promise<YamlReader> {
    return new YamlReader(await import('yaml'), text);
  }

  /** The root of the document; undefined where it is empty or not even YAML. */
  get root(): Node | undefined {
    return this.sound ? (this.#document.contents ?? undefined) : undefined;
  }

  /** Nothing to complain about so far. */
  get sound(): boolean {
    return this.#complaints.length === 0;
  }

  complain(node: Node | undefined, text: string): undefined {
    this.#complaints.push({ offset: node?.range?.[0] ?? 0, text });
    return undefined;
  }

  /** Line of a node, from 1. */
  lineOf(node: Node): number {
    return this.#lines.linePos(node.range?.[0] ?? 0).line;
  }

  /** Throws an OperatorError with all complaints, in the order of the file, if there are any. */
  finish(file: string): void {
    if (this.sound) return;
    const sorted = this.#complaints.toSorted((a, b) => a.offset - b.offset);
    const shown = sorted.slice(0, MAX_COMPLAINTS).map(({ offset, text }) => {
      const { line, col } = this.#lines.linePos(offset);
      return `${file}:${Math.max(1, line)}:${Math.max(1, col)}: ${text}`;
    });
    if (sorted.length > shown.length) shown.push(`${file}: and ${sorted.length - shown.length} more`);
    throw new OperatorError(shown.join('\n'));
  }

  /**
   * The entries of a mapping, or undefined where it is none; a key that is not in `known` is complained about
   * and left out.
   */
  entries(node: Node | undefined, what: string, known: readonly string[]): Map<string, Entry> | undefined {
    const entries = new Map<string, Entry>();
    const target = this.#target(node);
    if (!this.#yaml.isMap(target)) {
      if (target !== LOST) this.complain(node, `${what} is to be a mapping (key: value)`);
      return undefined;
    }
    for (const pair of target.items) {
      const keyNode = pair.key as Node;
      const key = this.#yaml.isScalar(keyNode) ? String(keyNode.source ?? keyNode.value) : '';
      if (known.includes(key)) entries.set(key, { key, keyNode, value: this.#valueOf(pair, keyNode) });
      else
        this.complain(
          keyNode,
          `unknown key "${key}" in ${what}${nearest(key, known)}; known: ${known.join(', ')}`,
        );
    }
    return entries;
  }

  /** Each item of a sequence, or a single value as a list of one; an empty list is complained about. */
  list<T>(entry: Entry, one: (node: Node) => T | undefined): T[] {
    const { key, keyNode } = entry;
    const target = this.#target(entry.value);
    if (target === LOST) return [];
    const items = this.#yaml.isSeq(target) ? (target.items as Node[]) : target === undefined ? [] : [target];
    if (items.length === 0) {
      this.complain(keyNode, `"${key}" is empty and would never match; leave it out or list something`);
    }
    return items.map((item) => one(item)).filter((item) => item !== undefined);
  }

  /** Text of a scalar as it is written, so that 2.10 stays 2.10. */
  text(node: Node | undefined, what: string): string | undefined {
    const target = this.#target(node);
    if (target === LOST) return undefined;
    if (!this.#yaml.isScalar(target) || target.value === null || target.value === '') {
      return this.complain(node, `${what} is to be a text`);
    }
    return typeof target.value === 'string' ? target.value : (target.source ?? String(target.value));
  }

  choice<T extends string>(node: Node | undefined, what: string, choices: readonly T[]): T | undefined {
    const text = this.text(node, what);
    if (text === undefined) return undefined;
    const chosen = choices.find((c) => c === text);
    if (chosen !== undefined) return chosen;
    return this.complain(
      node,
      `${what} "${text}" is not known${nearest(text, choices)}; known: ${choices.join(', ')}`,
    );
  }

  isMapping(node: Node): boolean {
    return this.#yaml.isMap(this.#target(node));
  }

  /** The value of a pair; for `{ key }`, which has none, an empty one in the key's place. */
  #valueOf(pair: Pair, keyNode: Node): Node {
    if (this.#yaml.isNode(pair.value)) return pair.value;
    const empty = new this.#yaml.Scalar(null);
    empty.range = keyNode.range ?? null;
    return empty;
  }

  /** What an alias stands for; LOST, with a complaint, where it stands for nothing. */
  #target(node: Node | undefined): Node | undefined | typeof LOST {
    if (!this.#yaml.isAlias(node)) return node;
    const target = node.resolve(this.#document);
    if (target !== undefined) return target;
    this.complain(
      node,
      `*${node.source} refers to nothing; a text that begins with * is to be in quotes: "*${node.source}"`,
    );
    return LOST;
  }
}

const LOST = Symbol('an alias that refers to nothing');

/** Our words for the library's codes, where a person is helped by them. */
const YAML_WORDS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key is here twice; join the two',
  MULTIPLE_DOCS: 'a second document begins here; keep one document a file',
  TAB_AS_INDENT: 'indented with a tab; indent with spaces',
};
