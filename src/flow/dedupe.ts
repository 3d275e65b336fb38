import { randomInt } from 'node:crypto';
import type { PacketClock } from '../core/clock.ts';
import type { PacketView } from '../decode/view.ts';
import type { Stamp } from './consumer.ts';
import { W } from './table.ts';

/** Packets remembered; a power of two. Only those of connections that may be IM are. */
const SLOTS = 16_384;

/** Packet time in milliseconds within which a copy is one, where the operator says nothing. */
export const DEFAULT_DEDUPE = 10;

/**
 * Packets that a span port delivered twice: the same IP identification, TCP or UDP header and
 * payload, byte by byte, within a window of packet time. Hop limit, link header and VLAN may
 * differ: the second copy may have passed a router. The hash is keyed, so nobody can make a packet that hides another.
 */
export class Dedupe {
  /** Second hash and time (microseconds, low 32 bits) of the last packet of a slot. */
  readonly #slots: Int32Array;
  readonly #window: number;
  readonly #keyA = randomInt(2 ** 31);
  readonly #keyB = randomInt(2 ** 31) | 1;

  /** `window` in milliseconds, below 2^21; 0: nothing is taken for a copy. */
  constructor(window: number) {
    this.#window = window * 1000;
    this.#slots = new Int32Array(window > 0 ? SLOTS * 2 : 0);
  }

  /**
   * True for a copy of a packet without payload in a flow (`at` in `r`) that has no object yet: it bears no flag
   * that its direction has not shown, and follows the packet before it within the window. No hash for these: there are many.
   */
  isEarlyCopy(r: Int32Array, at: number, view: PacketView, direction: number, stamp: Stamp): boolean {
    const flags = view.tcpFlags;
    if ((flags & ~(r[at + W.FLAGS]! >>> (direction << 3))) !== 0 || r[at + W.PACKETS + direction] === 0)
      return false;
    const seconds = stamp.seconds - (r[at + W.LAST_SECONDS]! >>> 0);
    const age = seconds * 1e6 + (stamp.nanos - r[at + W.LAST_NANOS]!) / 1000;
    return age >= 0 && age <= this.#window && this.#window > 0;
  }

  /** True for a copy of a packet of the same flow (`at`) and direction. Remembers it otherwise. */
  isCopy(view: PacketView, at: number, direction: number, clock: PacketClock): boolean {
    if (this.#window === 0) return false;
    const b = view.bytes;
    const id = view.sourceAt - (view.ipVersion === 6 ? 7 : 8);
    const ident = (b[id]! << 16) | (b[id + 1]! << 8) | (view.ipVersion === 6 ? b[id + 2]! : 0);
    let x = Math.imul(at ^ this.#keyA, 0x9e3779b1) ^ ident;
    let y = Math.imul(ident ^ this.#keyB, 0x85ebca6b) ^ (at + direction);
    const end = view.payloadEnd;
    let i = view.transportAt;
    for (; i + 4 <= end; i += 4) {
      const word = (b[i]! << 24) | (b[i + 1]! << 16) | (b[i + 2]! << 8) | b[i + 3]!;
      x = Math.imul(x ^ word ^ (x >>> 15), 0x01000193);
      y = Math.imul((y ^ (y >>> 13)) + word, 0x5bd1e995);
    }
    for (; i < end; i++) {
      x = Math.imul(x ^ b[i]! ^ (x >>> 15), 0x01000193);
      y = Math.imul((y ^ (y >>> 13)) + b[i]!, 0x5bd1e995);
    }
    x ^= x >>> 16;
    y ^= y >>> 15;
    const slot = (x & (SLOTS - 1)) << 1;
    const check = y ^ (x & ~(SLOTS - 1));
    const now = Math.floor(clock.seconds * 1e6 + clock.nanos / 1000) | 0;
    const slots = this.#slots;
    const age = (now - slots[slot + 1]!) | 0;
    if (slots[slot] === check && age >= 0 && age <= this.#window) return true;
    slots[slot] = check;
    slots[slot + 1] = now;
    return false;
  }
}
