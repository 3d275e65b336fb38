import { readAttribute } from './chars.ts';
import type { XmlSource } from './chars.ts';
import { MOST_ATTRIBUTES, XmlElement, findByte, skipSpace } from './element.ts';
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

/**
 * Builds the tree of one element whose nesting the scanner has verified. It keeps nothing of a
 * stream but the tree that it built last, so one parser serves all streams.
 */
export class XmlParser {
  #source: XmlSource = NO_SOURCE;
  #limits: XmlLimits | undefined;
  /** Behind the last tag that was read. */
  #at = 0;
  /** Of the tag that was read last: whether it is empty, and the scope inside it. */
  #empty = false;
  #scope: XmlScope | undefined;
  /** Elements in the tree, and open elements that were left out of it. */
  #count = 0;
  #left = 0;
  /** Open elements, their scopes, and their children so far. */
  readonly #open: XmlElement[] = [];
  readonly #scopes: (XmlScope | undefined)[] = [];
  readonly #lists: (XmlElement[] | undefined)[] = [];

  /** The element in `[start, end)`, or undefined where one of its tags is not well-formed. */
  parse(
    source: XmlSource,
    limits: XmlLimits,
    start: number,
    end: number,
    scope: XmlScope | undefined,
  ): XmlElement | undefined {
    const root = this.parseOpen(source, limits, start, end, scope);
    if (!root || this.#empty) return root;
    this.#count = 0;
    this.#left = 0;
    this.#open.length = 0;
    this.#push(root);
    return this.#content(end) ? root : undefined;
  }

  /** A start tag alone: an element without content; `scope` then holds what it declares. */
  parseOpen(
    source: XmlSource,
    limits: XmlLimits,
    start: number,
    end: number,
    scope: XmlScope | undefined,
  ): XmlElement | undefined {
    this.#source = source;
    this.#limits = limits;
    return this.#tag(start, end, scope);
  }

  /** The namespaces inside the tag that `parseOpen` read. */
  get scope(): XmlScope | undefined {
    return this.#scope;
  }

  #push(element: XmlElement): void {
    const depth = this.#open.length;
    this.#open.push(element);
    this.#scopes[depth] = this.#scope;
    this.#lists[depth] = undefined;
  }

  /** All that is inside the open element, up to its end tag. */
  #content(end: number): boolean {
    const { bytes } = this.#source;
    for (;;) {
      const lt = bytes[this.#at] === LT ? this.#at : bytes.indexOf(LT, this.#at);
      if (lt < 0 || lt >= end) return false;
      const c = bytes[lt + 1];
      if (c === SLASH) {
        this.#at = findByte(bytes, GT, lt + 2, end) + 1;
        if (this.#left > 0) this.#left--;
        else if (this.#close(lt)) return true;
      } else if (c === BANG || c === QUESTION) {
        this.#at = passSection(bytes, lt, end);
      } else if (!this.#child(lt, end)) {
        return false;
      }
    }
  }

  /** An end tag at `lt`; true where it is that of the root. */
  #close(lt: number): boolean {
    const element = this.#open.pop();
    if (element) {
      element.contentEnd = lt;
      element.end = this.#at;
    }
    return this.#open.length === 0;
  }

  /** A start tag inside the innermost open element. */
  #child(lt: number, end: number): boolean {
    const top = this.#open.length - 1;
    const element = this.#tag(lt, end, this.#scopes[top]);
    if (!element) return false;
    if (this.#left > 0 || !this.#fits(top)) {
      if (!this.#empty) this.#left++;
      return true;
    }
    const list = this.#lists[top];
    if (list) list.push(element);
    else this.#adopt(top, element);
    if (!this.#empty) this.#push(element);
    return true;
  }

  #adopt(top: number, child: XmlElement): void {
    const children = [child];
    this.#lists[top] = children;
    const parent = this.#open[top];
    if (parent) parent.children = children;
  }

  #fits(depth: number): boolean {
    this.#count++;
    const limits = this.#limits;
    if (limits && depth >= limits.depth) this.#source.trouble('depth');
    else if (limits && this.#count > limits.elements) this.#source.trouble('elements');
    else return true;
    return false;
  }

  /** A start tag at `start`; leaves `#at` behind it. */
  #tag(start: number, end: number, outer: XmlScope | undefined): XmlElement | undefined {
    const { bytes } = this.#source;
    let i = start + 1;
    let colon = -1;
    for (; i < end; i++) {
      const c = bytes[i] ?? 0;
      if (c === COLON) colon = i;
      else if (c === GT || c === SLASH || XML_SPACE[c] === 1) break;
    }
    const nameEnd = i;
    this.#scope = outer;
    i = this.#attributes(i, end);
    if (i < 0) return undefined;
    this.#empty = bytes[i] === SLASH;
    this.#at = this.#empty ? i + 2 : i + 1;
    const local = internName(bytes, colon < 0 ? start + 1 : colon + 1, nameEnd);
    const ns = resolve(this.#scope, colon < 0 ? '' : internName(bytes, start + 1, colon));
    return new XmlElement(this.#source, local, ns, start, nameEnd, this.#at);
  }

  /** Verifies the attributes from `at` on; returns the index of the tag's `>` or `/`, or −1. */
  #attributes(at: number, end: number): number {
    const { bytes } = this.#source;
    let i = at;
    for (let count = 0; ; count++) {
      i = skipSpace(bytes, i, end);
      if (i >= end) return -1;
      const c = bytes[i];
      if (c === GT || c === SLASH) {
        if (count > MOST_ATTRIBUTES) this.#source.trouble('attributes');
        return i;
      }
      i = this.#attribute(i, end);
      if (i < 0) return -1;
    }
  }

  /** `name = "value"`; returns the index behind it, or −1. */
  #attribute(at: number, end: number): number {
    const { bytes } = this.#source;
    let nameEnd = at;
    while (nameEnd < end && !endsAttributeName(bytes[nameEnd] ?? 0)) nameEnd++;
    const equals = skipSpace(bytes, nameEnd, end);
    if (bytes[equals] !== EQUALS || nameEnd === at) return -1;
    const quoteAt = skipSpace(bytes, equals + 1, end);
    const quote = bytes[quoteAt] ?? 0;
    if (quote !== 0x22 && quote !== 0x27) return -1;
    const valueEnd = findByte(bytes, quote, quoteAt + 1, end);
    if (valueEnd === end) return -1;
    if (bytes[at] === 0x78) this.#declare(internName(bytes, at, nameEnd), quoteAt + 1, valueEnd);
    return valueEnd + 1;
  }

  /** An attribute whose name begins with `x`: it may declare a namespace. */
  #declare(name: string, from: number, to: number): void {
    if (name !== 'xmlns' && !name.startsWith('xmlns:')) return;
    const { bytes } = this.#source;
    const plain = findByte(bytes, 0x26, from, to) === to;
    const ns = plain ? internName(bytes, from, to) : readAttribute(this.#source, from, to);
    this.#scope = { prefix: name.slice(6), ns, outer: this.#scope };
  }
}

const NO_SOURCE: XmlSource = { bytes: new Uint8Array(0), trouble: () => undefined };

function endsAttributeName(c: number): boolean {
  return c === EQUALS || c === GT || XML_SPACE[c] === 1;
}

/** The namespace that a prefix stands for; without a prefix the default one, empty where there is none. */
function resolve(scope: XmlScope | undefined, prefix: string): string {
  for (let s = scope; s; s = s.outer) if (s.prefix === prefix) return s.ns;
  return prefix === '' ? '' : UNDECLARED;
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
