/**
 * Reads the plain part of YAML, in which policies are written: block mappings and sequences, flow ones that end on
 * their line, plain and quoted scalars on one line, comments. Ten times as fast as a library that keeps all that a
 * file can be written back with; for a long policy that is the difference between one second and twelve.
 *
 * It answers undefined for everything else (anchors, tags, block scalars, escapes, tabs, and all that could be a
 * mistake): the library then reads the file, and has the words for what is wrong with it.
 */

export interface YamlPair {
  readonly key: YamlScalar;
  readonly value: YamlNode;
}
export interface YamlMap {
  readonly kind: 'map';
  /** Offset of its first character. */
  readonly at: number;
  readonly pairs: readonly YamlPair[];
}
export interface YamlSeq {
  readonly kind: 'seq';
  readonly at: number;
  readonly items: readonly YamlNode[];
}
export interface YamlScalar {
  readonly kind: 'scalar';
  readonly at: number;
  /** As it is written (2.10 stays 2.10), without quotes; undefined for nothing, null and an empty text. */
  readonly text: string | undefined;
}
/** Stands for what was complained about already. */
export interface YamlLost {
  readonly kind: 'lost';
  readonly at: number;
}
export type YamlNode = YamlMap | YamlSeq | YamlScalar | YamlLost;

/** The text's root, or undefined where it is empty or has more than the plain part. */
export function readPlainYaml(text: string): YamlNode | undefined {
  // A tab, a control, a line separator of another kind.
  if (/[\t\v\f\u0000-\u0008\u000e-\u001f\u007f-\u009f\u2028\u2029\ufeff]|\r(?!\n)/.test(text))
    return undefined;
  if (/^(?:---|\.\.\.|%)/m.test(text)) return undefined;
  try {
    return new PlainReader(text).document();
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

/** Thrown inside only: this file is for the library. */
class NotPlain extends Error {}

const NULLS: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);
/** With one of these no plain scalar begins. */
const INDICATORS = new Set('-?:,[]{}#&*!|>\'"%@`');
const KEY = /(?:[\p{L}\p{N}_*][\p{L}\p{N}_*.@/()+ -]*|'[^'\n]*'|"[^"\\\n]*"):(?=[ \r\n]|$)/uy;
const OPENING = new Set(['[', '{']);
/** What makes a colon the end of a key. */
const END_OF_KEY = new Set(['', ' ', '\r', '\n', ',', '[', ']', '{', '}']);
/** Nesting that a policy never has; the reader calls itself. */
const MAX_DEPTH = 32;

class PlainReader {
  readonly #text: string;
  /** Offset of the first character of the current line that is no blank, and its column. */
  #at = 0;
  #indent = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): YamlNode | undefined {
    this.#nextLine(0);
    if (this.#ended) return undefined;
    const node = this.#block(this.#indent);
    if (!this.#ended) throw new NotPlain();
    return node;
  }

  get #ended(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Goes to the first line from the offset `from` (of a line's beginning) on that says something. */
  #nextLine(from: number): void {
    const text = this.#text;
    let start = from;
    while (start < text.length) {
      let at = start;
      while (text[at] === ' ') at++;
      const c = text[at];
      if (c !== '\n' && c !== '#' && c !== '\r' && c !== undefined) {
        this.#at = at;
        this.#indent = at - start;
        return;
      }
      const end = text.indexOf('\n', at);
      if (end < 0) break;
      start = end + 1;
    }
    this.#at = text.length;
    this.#indent = -1;
  }

  /** The block that begins here, at column `column`: the rest of its lines begin there too. */
  #block(column: number): YamlNode {
    if (++this.#depth > MAX_DEPTH) throw new NotPlain();
    const node = this.#isDash(this.#at) ? this.#seq(column) : this.#map(column);
    this.#depth--;
    return node;
  }

  #isDash(at: number): boolean {
    const next = this.#text[at + 1];
    return this.#text[at] === '-' && (next === ' ' || next === '\n' || next === '\r' || next === undefined);
  }

  #seq(column: number): YamlSeq {
    const at = this.#at;
    const items: YamlNode[] = [];
    while (!this.#ended && this.#indent === column && this.#isDash(this.#at)) {
      let inner = this.#at + 1;
      while (this.#text[inner] === ' ') inner++;
      const own = inner - this.#at + column;
      if (this.#endsAt(inner)) {
        const dash = this.#at;
        this.#nextLine(this.#lineAfter(inner));
        if (this.#indent <= column) items.push({ kind: 'scalar', at: dash + 1, text: undefined });
        else items.push(this.#block(this.#indent));
      } else if (this.#isDash(inner) || this.#keyAt(inner) !== undefined) {
        this.#at = inner;
        this.#indent = own;
        items.push(this.#block(own));
      } else items.push(this.#value(inner, column));
    }
    if (!this.#ended && this.#indent > column) throw new NotPlain();
    return { kind: 'seq', at, items };
  }

  #map(column: number): YamlMap {
    const at = this.#at;
    const pairs: YamlPair[] = [];
    const seen = new Set<string | undefined>();
    while (!this.#ended && this.#indent === column) {
      const end = this.#keyAt(this.#at);
      if (end === undefined) throw new NotPlain();
      const key = this.#key(this.#at, end);
      if (seen.has(key.text)) throw new NotPlain();
      seen.add(key.text);
      let inner = end;
      while (this.#text[inner] === ' ') inner++;
      if (!this.#endsAt(inner)) {
        pairs.push({ key, value: this.#value(inner, column) });
        continue;
      }
      this.#nextLine(this.#lineAfter(inner));
      const nested =
        this.#indent > column || (this.#indent === column && !this.#ended && this.#isDash(this.#at));
      pairs.push({
        key,
        value: nested ? this.#block(this.#indent) : { kind: 'scalar', at: end, text: undefined },
      });
    }
    if (!this.#ended && this.#indent > column) throw new NotPlain();
    return { kind: 'map', at, pairs };
  }

  /** Where a key that begins at `at` ends, after its colon. */
  #keyAt(at: number): number | undefined {
    KEY.lastIndex = at;
    return KEY.test(this.#text) ? KEY.lastIndex : undefined;
  }

  #key(at: number, end: number): YamlScalar {
    const raw = this.#text.slice(at, end - 1);
    if (/^['"]/.test(raw)) return { kind: 'scalar', at, text: raw.slice(1, -1) };
    if (NULLS.has(raw) || / $/.test(raw)) throw new NotPlain();
    return { kind: 'scalar', at, text: raw };
  }

  /** Nothing but a comment stands from `at` to the end of the line. */
  #endsAt(at: number): boolean {
    const c = this.#text[at];
    return c === undefined || c === '\n' || c === '\r' || (c === '#' && this.#text[at - 1] === ' ');
  }

  #lineAfter(at: number): number {
    const end = this.#text.indexOf('\n', at);
    return end < 0 ? this.#text.length : end + 1;
  }

  /** A value that begins at `at` and ends on its line, in a block of column `column`. */
  #value(at: number, column: number): YamlNode {
    const { node, end } = this.#inline(at, false);
    let after = end;
    while (this.#text[after] === ' ') after++;
    if (!this.#endsAt(after)) throw new NotPlain();
    this.#nextLine(this.#lineAfter(after));
    // It would go on with the next line.
    if (this.#indent > column) throw new NotPlain();
    return node;
  }

  #inline(at: number, inFlow: boolean): { node: YamlNode; end: number } {
    const c = this.#text[at];
    if (c === '[') return this.#flowSeq(at);
    if (c === '{') return this.#flowMap(at);
    if (c === "'" || c === '"') return this.#quoted(at, c);
    return this.#plain(at, inFlow);
  }

  #quoted(at: number, quote: string): { node: YamlScalar; end: number } {
    const text = this.#text;
    const close = text.indexOf(quote, at + 1);
    const inside = close < 0 ? '\n' : text.slice(at + 1, close);
    // Escapes, and texts of several lines.
    if (inside.includes('\n') || (quote === '"' ? inside.includes('\\') : text[close + 1] === "'"))
      throw new NotPlain();
    return { node: { kind: 'scalar', at, text: inside === '' ? undefined : inside }, end: close + 1 };
  }

  #plain(at: number, inFlow: boolean): { node: YamlScalar; end: number } {
    const text = this.#text;
    if (INDICATORS.has(text[at] ?? '#')) throw new NotPlain();
    const end = endOfPlain(text, at, inFlow);
    let last = end;
    while (text[last - 1] === ' ') last--;
    const raw = text.slice(at, last);
    return { node: { kind: 'scalar', at, text: NULLS.has(raw) ? undefined : raw }, end };
  }

  #flowSeq(at: number): { node: YamlSeq; end: number } {
    const items: YamlNode[] = [];
    const end = this.#flow(at, ']', (inner) => {
      const { node, end } = this.#inline(inner, true);
      items.push(node);
      return end;
    });
    return { node: { kind: 'seq', at, items }, end };
  }

  #flowMap(at: number): { node: YamlMap; end: number } {
    const pairs: YamlPair[] = [];
    const seen = new Set<string | undefined>();
    const end = this.#flow(at, '}', (inner) => {
      const colon = this.#keyAt(inner);
      if (colon === undefined) throw new NotPlain();
      const key = this.#key(inner, colon);
      if (seen.has(key.text)) throw new NotPlain();
      seen.add(key.text);
      const { node, end } = this.#inline(this.#skip(colon), true);
      pairs.push({ key, value: node });
      return end;
    });
    return { node: { kind: 'map', at, pairs }, end };
  }

  /** The items of a flow collection, each read by `item`, which answers where it ended; answers where all ends. */
  #flow(at: number, close: string, item: (at: number) => number): number {
    if (++this.#depth > MAX_DEPTH) throw new NotPlain();
    let inner = this.#skip(at + 1);
    while (this.#text[inner] !== close) {
      inner = this.#skip(item(inner));
      if (this.#text[inner] === ',') inner = this.#skip(inner + 1);
      else if (this.#text[inner] !== close) throw new NotPlain();
    }
    this.#depth--;
    return inner + 1;
  }

  #skip(at: number): number {
    let next = at;
    while (this.#text[next] === ' ') next++;
    return next;
  }
}

/** Where a plain scalar that begins at `at` ends, the blanks behind it included. */
function endOfPlain(text: string, at: number, inFlow: boolean): number {
  for (let end = at; end < text.length; end++) {
    const c = text[end] ?? '';
    if (c === '\n' || c === '\r' || (c === '#' && text[end - 1] === ' ')) return end;
    if (inFlow && (c === ',' || c === ']' || c === '}')) return end;
    if (inFlow && OPENING.has(c)) throw new NotPlain();
    if (c === ':' && END_OF_KEY.has(text[end + 1] ?? '')) throw new NotPlain();
  }
  return text.length;
}
