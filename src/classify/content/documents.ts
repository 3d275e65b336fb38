import type { Loaded } from './lists.ts';
import { winnow } from './winnow.ts';

/** First line of a file of fingerprints. */
export const HEAD = 'imspan fingerprints 1';
/** Fingerprints and documents that a list may have; the rest is skipped. */
export const MAX_PRINTS = 1_000_000;
export const MAX_DOCUMENTS = 65_535;
/** So many different fingerprints of one document in one text are a passage of it, and no phrase that people use. */
const ENOUGH = 3;
/** Hexadecimal digits of one. */
const DIGITS = 13;
const SUM = /^[0-9a-f]{64}$/;

/** What a text has of a document. */
export interface Passage {
  readonly document: string;
  readonly prints: number;
}

/**
 * The documents of `imspan fingerprint`: their fingerprints in order, with the document of each; and the SHA-256 sums of
 * their bytes. Of what they say nothing is in it. A line `= name`, then one of `sha256 sum` and lines of fingerprints.
 */
export class DocumentList implements Loaded {
  rows = 0;
  skipped = 0;
  declare firstSkipped?: number;
  readonly #names: string[] = [];
  readonly #sums = new Map<string, number>();
  readonly #prints: Float64Array;
  readonly #owners: Uint16Array;

  constructor(bytes: Uint8Array) {
    const found: [print: number, owner: number][] = [];
    const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8').split('\n');
    lines.forEach((line, i) => {
      if (line === '' || line === HEAD || line.startsWith('#')) return;
      if (this.#read(line, found)) this.rows++;
      else {
        this.skipped++;
        this.firstSkipped ??= i + 1;
      }
    });
    found.sort(([a], [b]) => a - b);
    this.#prints = Float64Array.from(found, ([print]) => print);
    this.#owners = Uint16Array.from(found, ([, owner]) => owner);
  }

  /** The document that a file is, by the SHA-256 sum of its bytes. */
  named(sha256: string): string | undefined {
    const owner = this.#sums.get(sha256);
    return owner === undefined ? undefined : this.#names[owner];
  }

  /** The document of which most stands in the text; undefined where no passage of one does. */
  passageIn(text: string): Passage | undefined {
    const seen = new Map<number, Set<number>>();
    winnow(text, (print) => {
      for (let at = this.#placeOf(print); this.#prints[at] === print; at++) {
        const owner = this.#owners[at] ?? 0;
        const prints = seen.get(owner);
        if (prints) prints.add(print);
        else seen.set(owner, new Set([print]));
      }
    });
    let best: Passage | undefined;
    for (const [owner, { size }] of seen)
      if (size >= ENOUGH && size > (best?.prints ?? 0))
        best = { document: this.#names[owner] ?? '', prints: size };
    return best;
  }

  #read(line: string, found: [number, number][]): boolean {
    const owner = this.#names.length - 1;
    if (line.startsWith('= ')) {
      if (owner + 1 >= MAX_DOCUMENTS) return false;
      this.#names.push(line.slice(2, 1_026));
      return true;
    }
    if (owner < 0) return false;
    if (line.startsWith('sha256 ')) {
      const sum = line.slice('sha256 '.length).trim();
      if (SUM.test(sum)) this.#sums.set(sum, owner);
      return SUM.test(sum);
    }
    const words = line.trim().split(' ');
    if (found.length + words.length > MAX_PRINTS) return false;
    if (!words.every((word) => word.length === DIGITS && /^[0-9a-f]+$/.test(word))) return false;
    for (const word of words) found.push([Number.parseInt(word, 16), owner]);
    return true;
  }

  /** The first place whose fingerprint is not smaller. */
  #placeOf(print: number): number {
    let [low, high] = [0, this.#prints.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#prints[middle] ?? 0) < print) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A document whose fingerprints are taken. */
export interface TakenDocument {
  readonly name: string;
  readonly sha256: string;
  /** Empty for one that is not text: then only its bytes are known again. */
  readonly prints: ReadonlySet<number>;
}

/** Fingerprints in so many documents are those of letterheads and notices, and of no use. */
const COMMON = 4;
const A_LINE = 16;

/** The text of a list; what more than `COMMON` documents have in common is left out. */
export function writeDocuments(documents: readonly TakenDocument[]): string {
  const counts = new Map<number, number>();
  for (const { prints } of documents)
    for (const print of prints) counts.set(print, (counts.get(print) ?? 0) + 1);
  const lines = [HEAD];
  for (const { name, sha256, prints } of documents) {
    lines.push(`= ${name}`, `sha256 ${sha256}`);
    const own = [...prints]
      .filter((print) => (counts.get(print) ?? 0) <= COMMON)
      .map((print) => print.toString(16).padStart(DIGITS, '0'));
    for (let at = 0; at < own.length; at += A_LINE) lines.push(own.slice(at, at + A_LINE).join(' '));
  }
  return `${lines.join('\n')}\n`;
}
