import type { NameEntry } from './registry.ts';
import { hashOf, LONGEST_LOOK, lookOf, someNeighbour } from './skeleton.ts';

/** A name whose look is shorter is like too many others. */
const SHORTEST = 4;
/** One step may lie between names of so many characters and more. */
const SHORTEST_STEP = 6;

/**
 * Registered names by what they look like. 18 to 36 bytes a name, whatever its length; a look-up tries every look that
 * is one step away, some thousand at most.
 */
export class LookAlikes {
  readonly #entries: readonly NameEntry[];
  /** Open addressing: hash and index of the entry, two words a slot. */
  readonly #slots: Int32Array;
  readonly #mask: number;
  /** A bit for each hash that occurs, by its upper bits: nearly all looks that are asked for end here. */
  readonly #occurs: Uint8Array;
  readonly #shift: number;

  constructor(entries: readonly NameEntry[]) {
    this.#entries = entries;
    let size = 1024;
    while (size < entries.length * 2) size *= 2;
    this.#slots = new Int32Array(size * 2);
    this.#mask = size - 1;
    this.#occurs = new Uint8Array(size);
    // Eight bits for each slot.
    this.#shift = 32 - Math.log2(size * 8);
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i];
      if (entry && isInternal(entry)) this.#add(hashOf(lookOf(entry.name)), i);
    }
  }

  /** The registered name of another spelling that this one looks like. */
  find(name: string): { entry: NameEntry; how: string } | undefined {
    if (name.length > LONGEST_LOOK || /^[\d+]*$/.test(name)) return undefined;
    const look = lookOf(name);
    if (look.length < SHORTEST) return undefined;
    const same = this.#at(look, name);
    if (same) return { entry: same, how: howSame(name, same.name) };
    const bare = withoutDigits(name);
    if (bare !== name && bare.length >= SHORTEST) {
      const numbered = this.#at(lookOf(bare), name);
      if (numbered) return { entry: numbered, how: 'digits added or taken away at an end' };
    }
    if (look.length < SHORTEST_STEP) return undefined;
    let near: NameEntry | undefined;
    someNeighbour(
      look,
      (hash) => this.#mayOccur(hash),
      (codes) => (near = this.#at(codes, name)) !== undefined,
    );
    return near && { entry: near, how: 'one character is another, missing, added or exchanged' };
  }

  #mayOccur(hash: number): boolean {
    const bit = hash >>> this.#shift;
    return ((this.#occurs[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0;
  }

  #add(hash: number, index: number): void {
    const s = this.#slots;
    const bit = hash >>> this.#shift;
    this.#occurs[bit >>> 3] = (this.#occurs[bit >>> 3] ?? 0) | (1 << (bit & 7));
    let slot = hash & this.#mask;
    // A crowd of names of one look needs no more than its first ones.
    for (let n = 0; s[slot * 2] !== 0; n++) {
      if (n > 64) return;
      slot = (slot + 1) & this.#mask;
    }
    s[slot * 2] = hash;
    s[slot * 2 + 1] = index;
  }

  /** The entry of that look that is not `name` itself. */
  #at(codes: readonly number[], name: string): NameEntry | undefined {
    const hash = hashOf(codes);
    const s = this.#slots;
    let slot = hash & this.#mask;
    for (let n = 0; n <= 64 && s[slot * 2] !== 0; n++) {
      if (s[slot * 2] === hash) {
        const entry = this.#entries[s[slot * 2 + 1] ?? 0];
        if (entry && entry.name !== name && isLook(entry.name, codes)) return entry;
      }
      slot = (slot + 1) & this.#mask;
    }
    return undefined;
  }
}

/** A name of ours: that of somebody who is here, and no form of names. Numbers look like too many others. */
function isInternal({ name, state, person }: NameEntry): boolean {
  return state === 'approved' && person !== undefined && !name.includes('*') && !/^\d+$/.test(name);
}

function isLook(name: string, codes: readonly number[]): boolean {
  const look = lookOf(name);
  return look.length === codes.length && look.every((code, i) => code === codes[i]);
}

function withoutDigits(name: string): string {
  const at = name.indexOf('@');
  const local = at < 0 ? name : name.slice(0, at);
  return local.replace(/^\d+|[\d_.-]+$/g, '') + (at < 0 ? '' : name.slice(at));
}

function howSame(name: string, other: string): string {
  if (/[^\u0020-\u007e]/.test(name)) return 'letters of another script or with marks';
  const bare = (text: string): string => text.replace(/[^a-z0-9@]/g, '');
  return bare(name) === bare(other) ? 'other separators' : 'characters that look alike';
}
