import { readFile } from 'node:fs/promises';
import { EXIT, OperatorError } from '../../core/errors.ts';

/** What an operator's list says of something. */
export type ListVerdict = 'block' | 'allow';

export interface Loaded {
  /** Rows that were taken, and that were skipped because they are none. */
  rows: number;
  skipped: number;
  /** Line of the first that was skipped. */
  firstSkipped?: number;
}

/** 128 bits of a hash decide: no two files meet by chance. */
const WORDS = 4;
const EMPTY = 0;
const DIGITS_A_WORD = 8;
/** 2^32 divided by the golden ratio: spreads the words that are folded together. */
const ODD = 0x9e3779b1;
/** Values of hexadecimal digits by their byte. */
const NO_DIGIT = 255;
const DIGITS = Uint8Array.from({ length: 256 }, (_, c) => {
  const value = /[0-9a-f]/i.test(String.fromCharCode(c)) ? Number.parseInt(String.fromCharCode(c), 16) : NaN;
  return Number.isNaN(value) ? NO_DIGIT : value;
});
/** What may stand behind a sum: space, tab, comma, semicolon. */
const SEPARATORS: ReadonlySet<number> = new Set([0x20, 0x09, 0x2c, 0x3b]);
const PLAIN_DOMAIN = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+$/;
const MAX_DOMAIN = 253;

/** Rows that a list may have; the rest is skipped. */
const MAX_ROWS = 8_388_608;

/** MD5, SHA-1 and SHA-256 sums in one open table: 20 bytes a row and no object. */
export class HashList implements Loaded {
  rows = 0;
  skipped = 0;
  declare firstSkipped?: number;
  readonly #mask: number;
  readonly #keys: Uint32Array;
  /** 0 empty, 1 block, 2 allow. */
  readonly #verdicts: Uint8Array;
  readonly #key = new Uint32Array(WORDS);

  /** A row a line: a sum in hexadecimal digits, what stands behind it is a remark; `!` before it allows; `#` begins a remark. */
  constructor(bytes: Uint8Array) {
    let lines = 1;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
    let slots = 16;
    while (slots < 2 * Math.min(lines, MAX_ROWS)) slots *= 2;
    this.#mask = slots - 1;
    this.#keys = new Uint32Array(slots * WORDS);
    this.#verdicts = new Uint8Array(slots);
    eachLine(bytes, (start, end, line) => {
      if (!this.#add(bytes, start, end)) skip(this, line);
    });
  }

  /** What the list says of a file by one of its sums (hexadecimal digits). */
  verdictOf(sum: string): ListVerdict | undefined {
    const bytes = Buffer.from(sum, 'latin1');
    if (!this.#read(bytes, 0, bytes.length)) return undefined;
    const verdict = this.#verdicts[this.#slot()];
    return verdict === EMPTY ? undefined : verdict === 1 ? 'block' : 'allow';
  }

  #add(bytes: Uint8Array, from: number, end: number): boolean {
    const allow = bytes[from] === 0x21;
    const start = allow ? from + 1 : from;
    let stop = start;
    while (stop < end && (DIGITS[bytes[stop] ?? 0] ?? NO_DIGIT) !== NO_DIGIT) stop++;
    if (this.rows >= MAX_ROWS || (stop < end && !SEPARATORS.has(bytes[stop] ?? 0))) return false;
    if (!this.#read(bytes, start, stop - start)) return false;
    const slot = this.#slot();
    this.#keys.set(this.#key, slot * WORDS);
    // Allowed is what is allowed anywhere in the list.
    if (allow || this.#verdicts[slot] !== 2) this.#verdicts[slot] = allow ? 2 : 1;
    this.rows++;
    return true;
  }

  /** Sets the key to the sum, folded; the length is part of it, so that sums of two kinds never meet. False where it is none. */
  #read(bytes: Uint8Array, start: number, length: number): boolean {
    if (length !== 32 && length !== 40 && length !== 64) return false;
    const key = this.#key.fill(0);
    for (let at = 0; at < length; at += DIGITS_A_WORD) {
      let value = 0;
      for (let i = at; i < at + DIGITS_A_WORD; i++) {
        const digit = DIGITS[bytes[start + i] ?? 0] ?? NO_DIGIT;
        if (digit === NO_DIGIT) return false;
        value = (value << 4) | digit;
      }
      const word = (at / DIGITS_A_WORD) % WORDS;
      key[word] = Math.imul(key[word] ?? 0, ODD) ^ value;
    }
    key[WORDS - 1] = (key[WORDS - 1] ?? 0) ^ length;
    return true;
  }

  /** The slot of the key, or the free one where it belongs. */
  #slot(): number {
    const key = this.#key;
    const keys = this.#keys;
    for (let slot = (key[0] ?? 0) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      if (this.#verdicts[slot] === EMPTY) return slot;
      const at = slot * WORDS;
      if (
        keys[at] === key[0] &&
        keys[at + 1] === key[1] &&
        keys[at + 2] === key[2] &&
        keys[at + 3] === key[3]
      )
        return slot;
    }
  }
}

/** Domains; each stands for all names below it. */
export class DomainList implements Loaded {
  rows = 0;
  skipped = 0;
  declare firstSkipped?: number;
  readonly #block = new Set<string>();
  readonly #allow = new Set<string>();

  /** A row a line: a domain, or as in a hosts file an address and a name; `!` before it allows; `#` begins a remark. */
  constructor(bytes: Uint8Array) {
    // Rows are pieces of one string: none is copied.
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    eachLine(bytes, (start, end, line) => {
      if (this.rows >= MAX_ROWS || end - start > 1_024 || !this.#add(text.slice(start, end)))
        skip(this, line);
    });
  }

  /** The longest domain of the list that the host is or lies below decides. */
  verdictOf(host: string): ListVerdict | undefined {
    let name = host;
    while (name !== '') {
      if (this.#allow.has(name)) return 'allow';
      if (this.#block.has(name)) return 'block';
      const dot = name.indexOf('.');
      name = dot < 0 ? '' : name.slice(dot + 1);
    }
    return undefined;
  }

  #add(row: string): boolean {
    if (row.length <= MAX_DOMAIN && PLAIN_DOMAIN.test(row)) {
      this.#block.add(row);
      this.rows++;
      return true;
    }
    const allow = row.startsWith('!');
    const words = (allow ? row.slice(1) : row).trim().split(/[\s,;]+/, 2);
    const named = words.length > 1 && /^(?:0\.0\.0\.0|127\.0\.0\.1|::1?)$/.test(words[0] ?? '');
    const name = (words[named ? 1 : 0] ?? '').toLowerCase().replace(/^\*\./, '').replace(/\.$/, '');
    if (name.length > MAX_DOMAIN || !PLAIN_DOMAIN.test(name)) return false;
    (allow ? this.#allow : this.#block).add(name);
    this.rows++;
    return true;
  }
}

function skip(list: Loaded, line: number): void {
  list.skipped++;
  list.firstSkipped ??= line;
}

/** Lines that hold something, without the spaces around; their numbers count from 1. */
function eachLine(bytes: Uint8Array, take: (start: number, end: number, line: number) => void): void {
  let line = 0;
  for (let from = 0; from < bytes.length;) {
    const next = bytes.indexOf(10, from);
    const stop = next < 0 ? bytes.length : next;
    line++;
    let start = from;
    let end = stop;
    while (start < end && isSpace(bytes[start] ?? 0)) start++;
    while (end > start && isSpace(bytes[end - 1] ?? 0)) end--;
    if (end > start && bytes[start] !== 0x23) take(start, end, line);
    from = stop + 1;
  }
}

function isSpace(c: number): boolean {
  return c === 0x20 || c === 0x09 || c === 0x0d;
}

/** Reads a list; a row that is none is counted, a file that cannot be read is the operator's error. */
export async function loadList<T>(path: string, list: new (bytes: Uint8Array) => T): Promise<T> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OperatorError(`cannot read the list ${path}: ${code ?? String(error)}`, EXIT.IO);
  }
  return new list(bytes);
}
