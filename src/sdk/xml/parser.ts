import type { XmlSource } from './chars.ts';
import { readAttribute } from './chars.ts';
import { XmlElement } from './element.ts';
import type { XmlLimits } from './limits.ts';
import { internName } from './names.ts';
import { XML_SPACE } from './scanner.ts';

/** Namespace declarations that hold at some place: a chain, the innermost first. */
export interface XmlScope {
  readonly prefix: string;
  readonly ns: string;
  readonly outer: XmlScope | undefined;
}

/** The namespace of a prefix that nobody declared: equal to no namespace that is asked for. */
const UNDECLARED = 'undeclared prefix';

const LT = 0x3c;
const GT = 0x3e;
const SLASH = 0x2f;
const EQUALS = 0x3d;
const BANG = 0x21;
const QUESTION = 0x3f;
const COLON = 0x3a;

/** A start tag as it was read. */
interface Tag {
  element: XmlElement;
  scope: XmlScope | undefined;
  empty: boolean;
}

/** Builds the tree of one element whose nesting the scanner has verified. */
export class XmlParser {
  readonly #limits: XmlLimits;
  readonly #source: XmlSource;
  /** Behind the last tag that was read. */
  #at = 0;
  /** Of the tag being read. */
  #names: string[] | undefined;
  #spans: number[] = [];
  #scope: XmlScope | undefined;
  /** Elements in the tree, and open elements that were left out of it. */
  #count = 0;
  #left = 0;

  constructor(source: XmlSource, limits: XmlLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  /** The element in `[start, end)`, or undefined where one of its tags is not well-formed. */
  parse(start: number, end: number, scope: XmlScope | undefined): XmlElement | undefined {
    const root = this.#tag(start, end, scope);
    if (!root) return undefined;
    if (!root.empty && !this.#content(root, end)) return undefined;
    return root.element;
  }

  /** A start tag alone: its element without content, and the scope inside it. */
  parseOpen(start: number, end: number, scope: XmlScope | undefined): Tag | undefined {
    return this.#tag(start, end, scope);
  }

  /** All that is inside `root`, up to its end tag. */
  #content(root: Tag, end: number): boolean {
    const { bytes } = this.#source;
    const open: Tag[] = [root];
    const lists: (XmlElement[] | undefined)[] = [undefined];
    this.#count = 0;
    this.#left = 0;
    for (;;) {
      const lt = bytes.indexOf(LT, this.#at);
      if (lt < 0 || lt >= end) return false;
      const c = bytes[lt + 1];
      if (c === SLASH) {
        this.#at = bytes.indexOf(GT, lt) + 1;
        if (this.#left > 0) this.#left--;
        else {
          lists.pop();
          close(open.pop(), lt, this.#at);
        }
        if (open.length === 0) return true;
      } else if (c === BANG || c === QUESTION) {
        this.#at = passSection(bytes, lt, end);
      } else if (!this.#child(lt, end, open, lists)) {
        return false;
      }
    }
  }

  /** A start tag inside the innermost open element. */
  #child(lt: number, end: number, open: Tag[], lists: (XmlElement[] | undefined)[]): boolean {
    const top = open.length - 1;
    const parent = open[top];
    const tag = this.#tag(lt, end, parent?.scope);
    if (!parent || !tag) return false;
    if (this.#left > 0 || !this.#fits(top)) {
      if (!tag.empty) this.#left++;
      return true;
    }
    lists[top] = adopt(parent.element, tag.element, lists[top]);
    if (!tag.empty) {
      open.push(tag);
      lists.push(undefined);
    }
    return true;
  }

  #fits(depth: number): boolean {
    this.#count++;
    if (depth >= this.#limits.depth) this.#source.trouble('depth');
    else if (this.#count > this.#limits.elements) this.#source.trouble('elements');
    else return true;
    return false;
  }

  /** A start tag at `start`; leaves `#at` behind it. */
  #tag(start: number, end: number, outer: XmlScope | undefined): Tag | undefined {
    const { bytes } = this.#source;
    let i = start + 1;
    let colon = -1;
    for (; i < end; i++) {
      const c = bytes[i] ?? 0;
      if (c === COLON) colon = i;
      else if (c === GT || c === SLASH || XML_SPACE[c]) break;
    }
    const nameEnd = i;
    this.#names = undefined;
    this.#scope = outer;
    i = this.#attributes(i, end);
    if (i < 0) return undefined;
    const empty = bytes[i] === SLASH;
    this.#at = empty ? i + 2 : i + 1;
    const scope = this.#scope;
    const local = internName(bytes, colon < 0 ? start + 1 : colon + 1, nameEnd);
    const ns = resolve(scope, colon < 0 ? '' : internName(bytes, start + 1, colon));
    const element = this.#names
      ? new XmlElement(this.#source, local, ns, start, this.#at, this.#names, this.#spans)
      : new XmlElement(this.#source, local, ns, start, this.#at);
    return { element, scope, empty };
  }

  /** The attributes from `at` on; returns the index of the tag's `>` or `/`, or −1. */
  #attributes(at: number, end: number): number {
    const { bytes } = this.#source;
    let i = at;
    for (;;) {
      while (i < end && XML_SPACE[bytes[i] ?? 0]) i++;
      if (i >= end) return -1;
      const c = bytes[i];
      if (c === GT || c === SLASH) return i;
      i = this.#attribute(i, end);
      if (i < 0) return -1;
    }
  }

  /** `name = "value"`; returns the index behind it, or −1. */
  #attribute(at: number, end: number): number {
    const { bytes } = this.#source;
    let i = at;
    while (i < end && bytes[i] !== EQUALS && bytes[i] !== GT && !XML_SPACE[bytes[i] ?? 0]) i++;
    const nameEnd = i;
    while (i < end && XML_SPACE[bytes[i] ?? 0]) i++;
    if (bytes[i] !== EQUALS || nameEnd === at) return -1;
    i++;
    while (i < end && XML_SPACE[bytes[i] ?? 0]) i++;
    const quote = bytes[i] ?? 0;
    if (quote !== 0x22 && quote !== 0x27) return -1;
    const valueEnd = findByte(bytes, quote, i + 1, end);
    if (valueEnd === end) return -1;
    this.#keep(internName(bytes, at, nameEnd), i + 1, valueEnd);
    return valueEnd + 1;
  }

  /** Notes an attribute, and the namespace that it may declare. */
  #keep(name: string, from: number, to: number): void {
    if (!this.#names) {
      this.#names = [];
      this.#spans = [];
    }
    if (this.#names.length >= this.#limits.attributes) {
      this.#source.trouble('attributes');
      return;
    }
    this.#names.push(name);
    this.#spans.push(from, to);
    if (name !== 'xmlns' && !name.startsWith('xmlns:')) return;
    const { bytes } = this.#source;
    const plain = findByte(bytes, 0x26, from, to) === to;
    const ns = plain ? internName(bytes, from, to) : readAttribute(this.#source, from, to);
    this.#scope = { prefix: name.slice(6), ns, outer: this.#scope };
  }
}

function findByte(bytes: Uint8Array, byte: number, from: number, to: number): number {
  let i = from;
  while (i < to && bytes[i] !== byte) i++;
  return i;
}

/** The namespace that a prefix stands for; without a prefix the default one, empty where there is none. */
export function resolve(scope: XmlScope | undefined, prefix: string): string {
  for (let s = scope; s; s = s.outer) if (s.prefix === prefix) return s.ns;
  return prefix === '' ? '' : UNDECLARED;
}

function adopt(parent: XmlElement, child: XmlElement, list: XmlElement[] | undefined): XmlElement[] {
  const children = list ?? [];
  children.push(child);
  parent.children = children;
  return children;
}

function close(tag: Tag | undefined, contentEnd: number, end: number): void {
  if (!tag) return;
  tag.element.contentEnd = contentEnd;
  tag.element.end = end;
}

/** Behind a CDATA section, comment or processing instruction. */
function passSection(bytes: Uint8Array, at: number, end: number): number {
  const comment = bytes[at + 2] === 0x2d;
  const cdata = bytes[at + 1] === BANG && bytes[at + 2] === 0x5b;
  const mark = bytes[at + 1] === QUESTION ? QUESTION : cdata ? 0x5d : comment ? 0x2d : 0;
  const least = mark === QUESTION ? 1 : 2;
  let run = 0;
  for (let i = at + (cdata ? 9 : comment ? 4 : 2); i < end; i++) {
    const c = bytes[i] ?? 0;
    if (c === GT && (mark === 0 || run >= least)) return i + 1;
    run = c === mark ? run + 1 : 0;
  }
  return end;
}
