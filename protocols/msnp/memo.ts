/**
 * What was read before, for what connections repeat with every message: addresses, names, headers. Only of functions
 * whose answer hangs on nothing but their argument; so it does not matter who asked first.
 */

/** A function that remembers its last answers, at most `entries` of them, for arguments of at most `length` characters. */
export function remember<V>(entries: number, length: number, read: (text: string) => V): (text: string) => V {
  const known = new Map<string, V>();
  return (text) => {
    if (text.length > length) return read(text);
    let value = known.get(text);
    if (value !== undefined || known.has(text)) return value as V;
    value = read(text);
    if (known.size >= entries) known.clear();
    known.set(text, value);
    return value;
  };
}

interface Block<V> {
  readonly bytes: Uint8Array;
  readonly value: V;
}

/** Blocks of bytes that were read before, found again by their content: one a slot. */
export class BlockMemo<V> {
  readonly #slots: (Block<V> | undefined)[];
  readonly #longest: number;

  /** `slots` is a power of two; blocks longer than `longest` bytes are not kept. */
  constructor(slots: number, longest: number) {
    this.#slots = Array.from({ length: slots }, () => undefined);
    this.#longest = longest;
  }

  /** What the block `start` to `end` with this hash was read as; `read` where it is not known. */
  get(bytes: Uint8Array, start: number, end: number, hash: number, read: () => V): V {
    const length = end - start;
    if (length > this.#longest) return read();
    const slot = hash & (this.#slots.length - 1);
    const known = this.#slots[slot];
    if (known?.bytes.length === length && isSame(known.bytes, bytes, start)) return known.value;
    const value = read();
    this.#slots[slot] = { bytes: bytes.slice(start, end), value };
    return value;
  }
}

function isSame(block: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < block.length; i++) {
    if (block[i] !== bytes[start + i]) return false;
  }
  return true;
}
