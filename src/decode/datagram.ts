import { laterFragmentWins } from '../core/overlap.ts';
import type { Overlap } from '../core/overlap.ts';
import type { PacketView } from './view.ts';

/** The largest IP packet: what its 16-bit length can tell. */
export const MAX_PACKET = 65_535;

const FIRST_SIZE = 2_048;

/**
 * One packet that is being put together: a header without options, written anew, and behind it the
 * payload. Which blocks of 8 bytes are there is a bit each.
 */
export class Datagram {
  bytes: Uint8Array = new Uint8Array(FIRST_SIZE);
  readonly hash: number;
  /** Packet time (seconds) of the first fragment. */
  readonly since: number;
  /** The next in the hash chain; the neighbours by age. */
  chain: Datagram | undefined = undefined;
  older: Datagram | undefined = undefined;
  newer: Datagram | undefined = undefined;
  readonly #key: number;
  readonly #id: number;
  readonly #six: boolean;
  readonly #headerLength: number;
  readonly #policy: Overlap;
  #have = new Uint8Array(FIRST_SIZE >> 6);
  /** Where the fragment that a block is of begins and ends, in blocks, two numbers each; empty where nobody asks. */
  #extents: Uint16Array;
  /** Blocks that are there. */
  #blocks = 0;
  /** Length of the payload: 0 until the last fragment told it. */
  #total = 0;
  /** The largest end of any fragment. */
  #reach = 0;

  constructor(view: PacketView, hash: number, key: number, now: number, policy: Overlap) {
    this.hash = hash;
    this.#policy = policy;
    this.#extents = new Uint16Array(policy === 'linux' || policy === 'windows' ? FIRST_SIZE >> 2 : 0);
    this.since = now;
    this.#key = key;
    this.#id = view.fragmentId;
    this.#six = view.ipVersion === 6;
    this.#headerLength = this.#six ? 40 : 20;
    const b = this.bytes;
    const size = this.#six ? 16 : 4;
    const source = this.#six ? 8 : 12;
    b[0] = this.#six ? 0x60 : 0x45;
    b[this.#six ? 7 : 8] = view.hopLimit;
    b[this.#six ? 6 : 9] = view.innerType;
    for (let i = 0; i < size; i++) {
      b[source + i] = view.bytes[view.sourceAt + i]!;
      b[source + size + i] = view.bytes[view.destinationAt + i]!;
    }
  }

  /** Bytes of memory that its payload takes. */
  get memory(): number {
    return this.bytes.length + this.#extents.byteLength;
  }

  /** The view's fragment is one of this packet. */
  isOf(view: PacketView, key: number): boolean {
    if (view.fragmentId !== this.#id || key !== this.#key || (view.ipVersion === 6) !== this.#six)
      return false;
    const b = this.bytes;
    const size = this.#six ? 16 : 4;
    const source = this.#six ? 8 : 12;
    if (b[this.#six ? 6 : 9] !== view.innerType) return false;
    for (let i = 0; i < size; i++) {
      if (b[source + i] !== view.bytes[view.sourceAt + i]) return false;
      if (b[source + size + i] !== view.bytes[view.destinationAt + i]) return false;
    }
    return true;
  }

  /** A fragment that ends at `end` agrees with what the others tell of the packet's length. */
  tells(end: number, more: number): boolean {
    if (this.#total === 0) return more !== 0 || end >= this.#reach;
    return more !== 0 ? end <= this.#total : end === this.#total;
  }

  /** Makes room for a payload up to `end`; the bytes of memory that it took. */
  grow(end: number): number {
    const before = this.bytes.length;
    const needed = this.#headerLength + end;
    if (needed <= before) return 0;
    let size = before;
    while (size < needed) size *= 2;
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes);
    const have = new Uint8Array(size >> 6);
    have.set(this.#have);
    const had = this.memory;
    if (this.#extents.length > 0) {
      const extents = new Uint16Array(size >> 2);
      extents.set(this.#extents);
      this.#extents = extents;
    }
    this.bytes = bytes;
    this.#have = have;
    return this.memory - had;
  }

  /**
   * Takes the `length` payload bytes of the view's fragment where nothing is yet, or where the policy lets them win.
   * True where it overlaps what is there, unless it merely repeats it. Room was made before.
   */
  put(view: PacketView, length: number): boolean {
    const from = view.fragmentOffset;
    const end = from + length;
    if (view.fragmentMore === 0) this.#total = end;
    if (end > this.#reach) this.#reach = end;
    const have = this.#have;
    let known = 0;
    let differs = false;
    for (let block = from; block < end; block += 8) {
      const size = end - block < 8 ? end - block : 8;
      const bit = 1 << ((block >> 3) & 7);
      const at = block >> 6;
      if ((have[at]! & bit) !== 0) {
        known++;
        if (!this.#differs(view, block, size)) continue;
        differs = true;
        if (this.#wins(block >> 3, from, end)) this.#take(view, block, size, from, end);
      } else {
        have[at] = have[at]! | bit;
        this.#blocks++;
        this.#take(view, block, size, from, end);
      }
    }
    return differs || (known > 0 && known < (length + 7) >> 3);
  }

  /** A fragment of these bytes wins the block that is there. */
  #wins(block: number, from: number, end: number): boolean {
    if (this.#extents.length === 0) return this.#policy === 'last';
    const first = this.#extents[2 * block]!;
    const behind = this.#extents[2 * block + 1]!;
    const extent = { start: (from >> 3) - first, end: ((end + 7) >> 3) - first, oldEnd: behind - first };
    return laterFragmentWins(this.#policy, extent);
  }

  #take(view: PacketView, block: number, size: number, from: number, end: number): void {
    this.#copy(view, block, size);
    if (this.#extents.length === 0) return;
    this.#extents[block >> 2] = from >> 3;
    this.#extents[(block >> 2) + 1] = (end + 7) >> 3;
  }

  /** All of the view's fragment is there already, byte by byte. Asked of a whole packet. */
  repeats(view: PacketView, length: number): boolean {
    const from = view.fragmentOffset;
    if (from + length > this.#total || (view.fragmentMore === 0 && from + length !== this.#total))
      return false;
    return !this.#differs(view, from, length);
  }

  #differs(view: PacketView, block: number, size: number): boolean {
    const from = view.innerAt + block - view.fragmentOffset;
    const to = this.#headerLength + block;
    for (let i = 0; i < size; i++) if (this.bytes[to + i] !== view.bytes[from + i]) return true;
    return false;
  }

  #copy(view: PacketView, block: number, size: number): void {
    const from = view.innerAt + block - view.fragmentOffset;
    const to = this.#headerLength + block;
    for (let i = 0; i < size; i++) this.bytes[to + i] = view.bytes[from + i]!;
  }

  /** Every byte is there. */
  isWhole(): boolean {
    return this.#total !== 0 && this.#blocks === (this.#total + 7) >> 3;
  }

  /** Writes the packet's length into its header; the length of all in bytes. */
  close(): number {
    const length = this.#headerLength + this.#total;
    const told = this.#six ? this.#total : length;
    const at = this.#six ? 4 : 2;
    this.bytes[at] = told >> 8;
    this.bytes[at + 1] = told;
    return length;
  }
}
