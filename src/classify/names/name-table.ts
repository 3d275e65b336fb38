import type { NameEntry } from './registry.ts';

const NONE: readonly NameEntry[] = [];

/**
 * Rows of a registry by network and name. Open addressing over the list of rows, eight bytes a row at most: maps of a
 * million strings take a second to fill, and ten times the memory.
 */
export class NameTable {
  /** Networks that rows name, in the order of their first rows. */
  readonly networks: readonly string[];
  readonly #entries: readonly NameEntry[];
  /** Index of a row + 1; 0 where there is none. */
  readonly #slots: Int32Array;
  readonly #mask: number;
  /** Rows for one name beyond its first, by the index of that. */
  readonly #more = new Map<number, NameEntry[]>();
  readonly #seeds = new Map<string, number>();

  /** Patterns (with `*`) among the rows are left out. */
  constructor(entries: readonly NameEntry[]) {
    this.#entries = entries;
    let size = 1024;
    while (size < entries.length * 2) size *= 2;
    this.#slots = new Int32Array(size);
    this.#mask = size - 1;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i];
      if (entry && !entry.name.includes('*')) this.#add(entry, i);
    }
    this.networks = [...this.#seeds.keys()];
  }

  /** The rows of this very name, in their order; none where there is none. */
  rows(network: string, name: string): readonly NameEntry[] {
    const seed = this.#seeds.get(network);
    if (seed === undefined) return NONE;
    const first = (this.#slots[this.#slotOf(seed, network, name)] ?? 0) - 1;
    const entry = this.#entries[first];
    return entry === undefined ? NONE : (this.#more.get(first) ?? [entry]);
  }

  #add(entry: NameEntry, index: number): void {
    const { network, name } = entry;
    let seed = this.#seeds.get(network);
    if (seed === undefined) this.#seeds.set(network, (seed = this.#seeds.size + 1));
    const slot = this.#slotOf(seed, network, name);
    const first = (this.#slots[slot] ?? 0) - 1;
    const known = this.#entries[first];
    if (known === undefined) {
      this.#slots[slot] = index + 1;
      return;
    }
    const rows = this.#more.get(first);
    if (rows) rows.push(entry);
    else this.#more.set(first, [known, entry]);
  }

  /** Where the first row of this name is, or would be: at most half of the slots are taken. */
  #slotOf(seed: number, network: string, name: string): number {
    let slot = hashOf(seed, name) & this.#mask;
    for (;;) {
      const entry = this.#entries[(this.#slots[slot] ?? 0) - 1];
      if (entry === undefined || (entry.name === name && entry.network === network)) return slot;
      slot = (slot + 1) & this.#mask;
    }
  }
}

/** FNV-1a over the code units, its bits mixed. */
function hashOf(seed: number, text: string): number {
  let h = 0x811c9dc5 ^ Math.imul(seed, 0x9e3779b1);
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h ^= h >>> 15;
  h = Math.imul(h, 0x85ebca6b);
  return h ^ (h >>> 13);
}
