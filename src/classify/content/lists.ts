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
    if (!this.#read(sum.length, (i) => sum.charCodeAt(i))) return undefined;
    const verdict = this.#verdicts[this.#slot()];
    return verdict === EMPTY ? undefined : verdict === 1 ? 'block' : 'allow';
  }

  #add(bytes: Uint8Array, from: number, end: number): boolean {
    const allow = bytes[from] === 0x21;
    const start = allow ? from + 1 : from;
    let stop = start;
    while (stop < end && digitOf(bytes[stop] ?? 0) >= 0) stop++;
    const behind = stop < end ? (bytes[stop] ?? 0) : 0x20;
    if (this.rows >= MAX_ROWS || !' \t,;'.includes(String.fromCharCode(behind))) return false;
    if (!this.#read(stop - start, (i) => bytes[start + i] ?? 0)) return false;
    const slot = this.#slot();
    this.#keys.set(this.#key, slot * WORDS);
    // Allowed is what is allowed anywhere in the list.
    if (allow || this.#verdicts[slot] !== 2) this.#verdicts[slot] = allow ? 2 : 1;
    this.rows++;
    return true;
  }

  /** Sets the key; the length is part of it, so that an MD5 is no beginning of a SHA-256. */
  #read(length: number, at: (i: number) => number): boolean {
    if (length !== 32 && length !== 40 && length !== 64) return false;
    for (let word = 0; word < WORDS; word++) {
      let value = 0;
      for (let i = word * 8; i < word * 8 + 8; i++) {
        const digit = digitOf(at(i));
        if (digit < 0) return false;
        value = (value << 4) | digit;
      }
      this.#key[word] = value;
    }
    this.#key[WORDS - 1] = (this.#key[WORDS - 1] ?? 0) ^ length;
    return true;
  }

  /** The slot of the key, or the free one where it belongs. */
  #slot(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#key;
    for (let slot = (a ^ Math.imul(b, 0x9e3779b1)) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      if (this.#verdicts[slot] === EMPTY) return slot;
      const at = slot * WORDS;
      const keys = this.#keys;
      if (keys[at] === a && keys[at + 1] === b && keys[at + 2] === c && keys[at + 3] === d) return slot;
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
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    eachLine(bytes, (start, end, line) => {
      if (this.rows >= MAX_ROWS || end - start > 1_024 || !this.#add(buffer.toString('latin1', start, end)))
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
    const allow = row.startsWith('!');
    const words = (allow ? row.slice(1) : row).trim().split(/[\s,;]+/, 2);
    const named = words.length > 1 && /^(?:0\.0\.0\.0|127\.0\.0\.1|::1?)$/.test(words[0] ?? '');
    const name = (words[named ? 1 : 0] ?? '').toLowerCase().replace(/^\*\./, '').replace(/\.$/, '');
    if (!/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+$/.test(name) || name.length > 253) return false;
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

/** Value of a hexadecimal digit; -1 for none. */
function digitOf(c: number): number {
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  const low = c | 0x20;
  return low >= 0x61 && low <= 0x66 ? low - 0x57 : -1;
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
