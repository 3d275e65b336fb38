import { readAttribute, readCdata, readChars } from './chars.ts';
import type { XmlSource } from './chars.ts';
import { XML_SPACE } from './scanner.ts';

const NO_ELEMENTS: readonly XmlElement[] = [];
const LT = 0x3c;
const EQUALS = 0x3d;

/** Attributes of one element that are looked at; more are told as a trouble. */
export const MOST_ATTRIBUTES = 64;

/**
 * An element of a stanza. Names and namespaces are read; attributes and text are spans of the
 * stanza's bytes that become strings when asked for. So an element is valid only until its reader
 * is called again.
 */
export class XmlElement {
  /** The local name. */
  readonly name: string;
  /** The namespace; empty where there is none or where its declaration was not seen. */
  readonly ns: string;
  /** Child elements in order. */
  children: readonly XmlElement[];
  /** Spans in the source: the element, and what lies between its tags. */
  readonly start: number;
  readonly contentStart: number;
  contentEnd: number;
  end: number;
  readonly #source: XmlSource;
  /** Where its attributes begin in the tag; the parser has verified their form: name, equals sign, quoted value. */
  readonly #attributes: number;

  /** An element without content, whose tag is `[start, end)` and has its attributes from `attributes` on. */
  constructor(source: XmlSource, name: string, ns: string, start: number, attributes: number, end: number) {
    this.#source = source;
    this.name = name;
    this.ns = ns;
    this.children = NO_ELEMENTS;
    this.start = start;
    this.#attributes = attributes;
    this.contentStart = end;
    this.contentEnd = end;
    this.end = end;
  }

  /** An attribute's value by its name as it is written (`xml:lang` too); undefined where it is absent. */
  attr(name: string): string | undefined {
    const { bytes } = this.#source;
    const past = this.contentStart;
    let i = this.#attributes;
    for (let n = 0; n < MOST_ATTRIBUTES; n++) {
      i = skipSpace(bytes, i, past);
      const equals = findByte(bytes, EQUALS, i, past);
      if (equals === past) return undefined;
      const quoteAt = skipSpace(bytes, equals + 1, past);
      const valueEnd = findByte(bytes, bytes[quoteAt] ?? 0, quoteAt + 1, past);
      if (isName(bytes, i, equals, name)) return readAttribute(this.#source, quoteAt + 1, valueEnd);
      i = valueEnd + 1;
    }
    return undefined;
  }

  /** The values of several attributes, in the order of the names, read in one pass. */
  attrs(names: readonly string[]): (string | undefined)[] {
    const { bytes } = this.#source;
    const past = this.contentStart;
    const values = new Array<string | undefined>(names.length);
    let i = this.#attributes;
    for (let n = 0; n < MOST_ATTRIBUTES; n++) {
      i = skipSpace(bytes, i, past);
      const equals = findByte(bytes, EQUALS, i, past);
      if (equals === past) break;
      const quoteAt = skipSpace(bytes, equals + 1, past);
      const valueEnd = findByte(bytes, bytes[quoteAt] ?? 0, quoteAt + 1, past);
      const which = nameAmong(bytes, i, equals, names);
      if (which >= 0) values[which] ??= readAttribute(this.#source, quoteAt + 1, valueEnd);
      i = valueEnd + 1;
    }
    return values;
  }

  /** The first child of that name, in that namespace or (where none is given) in this element's own. */
  child(name: string, ns: string = this.ns): XmlElement | undefined {
    for (const child of this.children) if (child.name === name && child.ns === ns) return child;
    return undefined;
  }

  /** The first child in that namespace, whatever its name. */
  inNamespace(ns: string): XmlElement | undefined {
    for (const child of this.children) if (child.ns === ns) return child;
    return undefined;
  }

  /** The text of the first child of that name in this element's namespace; undefined where it is absent or empty. */
  childText(name: string): string | undefined {
    return this.child(name)?.text() || undefined;
  }

  /** The character data directly inside this element, joined; that of children is left out. */
  text(): string {
    let out = '';
    let from = this.contentStart;
    for (const child of this.children) {
      out += this.#chars(from, child.start);
      from = child.end;
    }
    return out + this.#chars(from, this.contentEnd);
  }

  /** The content as it is written, markup and all, as valid Unicode. */
  inner(): string {
    return readCdata(this.#source, this.contentStart, this.contentEnd);
  }

  /** Character data of a span that holds no child; CDATA sections, comments and left-out elements may be in it. */
  #chars(start: number, end: number): string {
    if (start >= end) return '';
    const { bytes } = this.#source;
    let lt = bytes.indexOf(LT, start);
    if (lt < 0 || lt >= end) return readChars(this.#source, start, end);
    let out = '';
    let from = start;
    while (lt >= 0 && lt < end) {
      if (lt > from) out += readChars(this.#source, from, lt);
      const section = skipSection(bytes, lt, end);
      if (section.cdata) out += readCdata(this.#source, lt + 9, section.next - 3);
      from = section.next;
      lt = bytes.indexOf(LT, from);
    }
    return from < end ? out + readChars(this.#source, from, end) : out;
  }
}

/** Where the markup at `at` (not a child of the tree) ends, and whether it is a CDATA section. */
function skipSection(bytes: Uint8Array, at: number, end: number): { next: number; cdata: boolean } {
  const bang = bytes[at + 1] === 0x21;
  if (bang && bytes[at + 2] === 0x5b) return { next: after(bytes, at + 9, end, 0x5d), cdata: true };
  if (bang && bytes[at + 2] === 0x2d) return { next: after(bytes, at + 4, end, 0x2d), cdata: false };
  let i = at + 1;
  let quote = 0;
  for (; i < end; i++) {
    const c = bytes[i] ?? 0;
    if (quote !== 0) quote = c === quote ? 0 : quote;
    else if (c === 0x22 || c === 0x27) quote = c;
    else if (c === 0x3e) break;
  }
  return { next: Math.min(i + 1, end), cdata: false };
}

/** The index behind the first `xx>` at or after `at`, where `x` is the given byte. */
function after(bytes: Uint8Array, at: number, end: number, byte: number): number {
  for (let i = at; i + 2 < end; i++) {
    if (bytes[i] === byte && bytes[i + 1] === byte && bytes[i + 2] === 0x3e) return i + 3;
  }
  return end;
}

/** Which of the names stands at `at`, or −1. */
function nameAmong(bytes: Uint8Array, at: number, past: number, names: readonly string[]): number {
  for (let n = 0; n < names.length; n++) if (isName(bytes, at, past, names[n] ?? '')) return n;
  return -1;
}

/** True where the name stands at `at` and nothing but white space follows it up to `past`. */
function isName(bytes: Uint8Array, at: number, past: number, name: string): boolean {
  const { length } = name;
  if (past - at < length) return false;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== name.charCodeAt(i)) return false;
  for (let i = at + length; i < past; i++) if (XML_SPACE[bytes[i] ?? 0] !== 1) return false;
  return true;
}

/** Index of `byte` in `[from, to)`, or `to`. */
export function findByte(bytes: Uint8Array, byte: number, from: number, to: number): number {
  let i = from;
  while (i < to && bytes[i] !== byte) i++;
  return i;
}

/** Index of the first byte in `[from, to)` that is no white space, or `to`. */
export function skipSpace(bytes: Uint8Array, from: number, to: number): number {
  let i = from;
  while (i < to && XML_SPACE[bytes[i] ?? 0] === 1) i++;
  return i;
}
