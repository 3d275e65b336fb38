import { HASH_SEED, hashByte, hashName } from './names.ts';

/** What `XmlScanner.scan` found. */
export const FOUND = {
  /** The bytes end inside a piece. */
  NOTHING: 0,
  /** The start tag of the root: the stream is open. */
  OPEN: 1,
  /** The end tag of the root. */
  CLOSE: 2,
  /** A whole element directly below the root. */
  ELEMENT: 3,
  /** A declaration, comment, processing instruction or document type between elements. */
  MISC: 4,
  /** Not well-formed at the index that `scan` returned. */
  BROKEN: 5,
} as const;
export type Found = (typeof FOUND)[keyof typeof FOUND];

/** Markup that restricted XML forbids, seen inside the piece. */
export const SEEN = { COMMENT: 1, PI: 2, DTD: 4 } as const;

/** Nesting is verified this deep; deeper tags are only counted. */
const VERIFIED_DEPTH = 128;

/**
 * Finds where the top-level pieces of a stream end: a state machine over bytes that keeps its
 * state between calls, so each byte is looked at once however the stream is cut. It verifies the
 * nesting of tags (by hashes of their names) but builds nothing.
 */
export class XmlScanner {
  found: Found = FOUND.NOTHING;
  /** `SEEN` bits. */
  seen = 0;
  depth = 0;
  /** Index of the `<` of the tag being read, counted from the start of the piece. */
  token = 0;
  /** Bytes of the longest name that is taken. */
  readonly longestName: number;
  readonly rootHash: number;
  state: number = STATE.TEXT;
  quote = 0;
  run = 0;
  hash = HASH_SEED;
  local = HASH_SEED;
  nameLength = 0;
  brackets = 0;
  start = 0;
  readonly hashes = new Int32Array(VERIFIED_DEPTH);

  /** `root`: the local name of the element that encloses all. */
  constructor(root: string, longestName: number) {
    this.rootHash = hashName(root);
    this.longestName = longestName;
  }

  /** Begins a new piece. */
  begin(): void {
    this.found = FOUND.NOTHING;
    this.state = STATE.TEXT;
    this.seen = 0;
    this.depth = 0;
    this.token = 0;
  }

  /**
   * Reads on from `from`; the piece began at `start` (a `<`) of the same bytes. Returns the index
   * behind the piece, or `end` with nothing found.
   */
  scan(bytes: Uint8Array, start: number, from: number, end: number): number {
    this.start = start;
    let i = from;
    while (i < end && this.found === FOUND.NOTHING) i = STEPS[this.state]?.(this, bytes, i, end) ?? end;
    return i;
  }

  /** The end of a start tag. */
  opened(): void {
    if (this.depth === 0 && this.local === this.rootHash) {
      this.found = FOUND.OPEN;
      return;
    }
    if (this.depth < VERIFIED_DEPTH) this.hashes[this.depth] = this.hash;
    this.depth++;
    this.state = STATE.TEXT;
  }

  /** The end of an empty-element tag. */
  openedAndClosed(): void {
    if (this.depth === 0) this.found = FOUND.ELEMENT;
    else this.state = STATE.TEXT;
  }

  /** The name of an end tag is whole: true where it closes what is open. */
  closes(): boolean {
    if (this.depth === 0) return this.local === this.rootHash;
    return this.depth > VERIFIED_DEPTH || this.hashes[this.depth - 1] === this.hash;
  }

  /** The end of an end tag. */
  closed(): void {
    if (this.depth === 0) {
      this.found = FOUND.CLOSE;
      return;
    }
    this.depth--;
    if (this.depth === 0) this.found = FOUND.ELEMENT;
    else this.state = STATE.TEXT;
  }

  /** The end of what is no element. */
  passed(): void {
    if (this.depth === 0) this.found = FOUND.MISC;
    else this.state = STATE.TEXT;
  }

  beginName(state: number): void {
    this.state = state;
    this.hash = HASH_SEED;
    this.local = HASH_SEED;
    this.nameLength = 0;
  }
}

const STATE = {
  TEXT: 0,
  AFTER_LT: 1,
  OPEN_NAME: 2,
  IN_TAG: 3,
  QUOTED: 4,
  SLASH: 5,
  CLOSE_NAME: 6,
  CLOSE_TAIL: 7,
  BANG: 8,
  COMMENT_START: 9,
  COMMENT: 10,
  CDATA_START: 11,
  CDATA: 12,
  PI: 13,
  DTD: 14,
} as const;

type Step = (s: XmlScanner, bytes: Uint8Array, i: number, end: number) => number;

const LT = 0x3c;
const GT = 0x3e;
const SLASH = 0x2f;
const BANG = 0x21;
const QUESTION = 0x3f;
const DASH = 0x2d;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const DOUBLE = 0x22;
const SINGLE = 0x27;
const CDATA_NAME = hashable('CDATA[');

/** Bytes that end a name, and those that cannot be in one. */
const NAME_END = table(' \t\r\n/>');
const NOT_NAME = table('<"\'=&!?[]');
export const XML_SPACE = table(' \t\r\n');

const STEPS: readonly Step[] = [
  text,
  afterLt,
  openName,
  inTag,
  quoted,
  slash,
  closeName,
  closeTail,
  bang,
  commentStart,
  comment,
  cdataStart,
  cdata,
  instruction,
  documentType,
];

function text(s: XmlScanner, bytes: Uint8Array, i: number, end: number): number {
  while (i < end && bytes[i] !== LT) i++;
  if (i === end) return end;
  s.token = i - s.start;
  s.state = STATE.AFTER_LT;
  return i + 1;
}

function afterLt(s: XmlScanner, bytes: Uint8Array, i: number): number {
  const c = bytes[i] ?? 0;
  if (c === SLASH) {
    s.beginName(STATE.CLOSE_NAME);
    return i + 1;
  }
  if (c === BANG) {
    s.state = STATE.BANG;
    return i + 1;
  }
  if (c === QUESTION) {
    s.state = STATE.PI;
    s.run = 0;
    s.seen |= SEEN.PI;
    return i + 1;
  }
  if (NAME_END[c] || NOT_NAME[c]) return broken(s, i);
  s.beginName(STATE.OPEN_NAME);
  return i;
}

/** Hashes a name's bytes up to its end; returns the index of the byte that is not of it. */
function name(s: XmlScanner, bytes: Uint8Array, i: number, end: number): number {
  let { hash, local } = s;
  const from = i;
  for (; i < end; i++) {
    const c = bytes[i] ?? 0;
    if (NAME_END[c] || NOT_NAME[c]) break;
    hash = hashByte(hash, c);
    local = c === COLON ? HASH_SEED : hashByte(local, c);
  }
  s.hash = hash;
  s.local = local;
  s.nameLength += i - from;
  return i;
}

function openName(s: XmlScanner, bytes: Uint8Array, i: number, end: number): number {
  i = name(s, bytes, i, end);
  if (s.nameLength > s.longestName) return broken(s, i);
  if (i === end) return end;
  if (NOT_NAME[bytes[i] ?? 0]) return broken(s, i);
  s.state = STATE.IN_TAG;
  return i;
}

function inTag(s: XmlScanner, bytes: Uint8Array, i: number, end: number): number {
  for (; i < end; i++) {
    const c = bytes[i] ?? 0;
    if (c > GT) continue;
    if (c === GT) {
      s.opened();
      return i + 1;
    }
    if (c === SLASH) {
      s.state = STATE.SLASH;
      return i + 1;
    }
    if (c === DOUBLE || c === SINGLE) {
      s.state = STATE.QUOTED;
      s.quote = c;
      return i + 1;
    }
    if (c === LT) return broken(s, i);
  }
  return end;
}

function quoted(s: XmlScanner, bytes: Uint8Array, i: number, end: number): number {
  const { quote } = s;
  for (; i < end; i++) {
    const c = bytes[i] ?? 0;
    if (c === quote) {
      s.state = STATE.IN_TAG;
      return i + 1;
    }
    if (c === LT) return broken(s, i);
  }
  return end;
}

function slash(s: XmlScanner, bytes: Uint8Array, i: number): number {
  if (bytes[i] !== GT) return broken(s, i);
  s.openedAndClosed();
  return i + 1;
}

function closeName(s: XmlScanner, bytes: Uint8Array, i: number, end: number): number {
  i = name(s, bytes, i, end);
  if (s.nameLength > s.longestName) return broken(s, i);
  if (i === end) return end;
  if (!s.closes()) return broken(s, i);
  s.state = STATE.CLOSE_TAIL;
  return i;
}

function closeTail(s: XmlScanner, bytes: Uint8Array, i: number): number {
  const c = bytes[i] ?? 0;
  if (XML_SPACE[c]) return i + 1;
  if (c !== GT) return broken(s, i);
  s.closed();
  return i + 1;
}

function bang(s: XmlScanner, bytes: Uint8Array, i: number): number {
  const c = bytes[i] ?? 0;
  s.run = 0;
  if (c === DASH) {
    s.state = STATE.COMMENT_START;
    s.seen |= SEEN.COMMENT;
  } else if (c === OPEN_BRACKET && s.depth > 0) {
    s.state = STATE.CDATA_START;
  } else if (c === 0x44) {
    s.state = STATE.DTD;
    s.quote = 0;
    s.brackets = 0;
    s.seen |= SEEN.DTD;
  } else {
    return broken(s, i);
  }
  return i + 1;
}

function commentStart(s: XmlScanner, bytes: Uint8Array, i: number): number {
  if (bytes[i] !== DASH) return broken(s, i);
  s.state = STATE.COMMENT;
  return i + 1;
}

function comment(s: XmlScanner, bytes: Uint8Array, i: number, end: number): number {
  return untilDoubled(s, bytes, i, end, DASH);
}

function cdataStart(s: XmlScanner, bytes: Uint8Array, i: number): number {
  if (bytes[i] !== CDATA_NAME[s.run]) return broken(s, i);
  s.run++;
  if (s.run === CDATA_NAME.length) {
    s.state = STATE.CDATA;
    s.run = 0;
  }
  return i + 1;
}

function cdata(s: XmlScanner, bytes: Uint8Array, i: number, end: number): number {
  return untilDoubled(s, bytes, i, end, CLOSE_BRACKET);
}

/** Passes what ends with the mark twice and `>`. */
function untilDoubled(s: XmlScanner, bytes: Uint8Array, i: number, end: number, mark: number): number {
  for (; i < end; i++) {
    const c = bytes[i] ?? 0;
    if (c === GT && s.run >= 2) {
      s.passed();
      return i + 1;
    }
    s.run = c === mark ? s.run + 1 : 0;
  }
  return end;
}

function instruction(s: XmlScanner, bytes: Uint8Array, i: number, end: number): number {
  for (; i < end; i++) {
    const c = bytes[i] ?? 0;
    if (c === GT && s.run === 1) {
      s.passed();
      return i + 1;
    }
    s.run = c === QUESTION ? 1 : 0;
  }
  return end;
}

/** A document type: passed over, its internal subset (in brackets) too. */
function documentType(s: XmlScanner, bytes: Uint8Array, i: number, end: number): number {
  for (; i < end; i++) {
    const c = bytes[i] ?? 0;
    if (s.quote !== 0) {
      if (c === s.quote) s.quote = 0;
    } else if (c === DOUBLE || c === SINGLE) {
      s.quote = c;
    } else if (c === OPEN_BRACKET) {
      s.brackets++;
    } else if (c === CLOSE_BRACKET) {
      s.brackets--;
    } else if (c === GT && s.brackets <= 0) {
      s.passed();
      return i + 1;
    }
  }
  return end;
}

function broken(s: XmlScanner, i: number): number {
  s.found = FOUND.BROKEN;
  return i;
}

function table(characters: string): Uint8Array {
  const out = new Uint8Array(256);
  for (const c of characters) out[c.charCodeAt(0)] = 1;
  return out;
}

function hashable(ascii: string): Uint8Array {
  return Uint8Array.from(ascii, (c) => c.charCodeAt(0));
}
