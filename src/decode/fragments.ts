import type { Limits } from '../core/limits.ts';
import { DEFAULT_OVERLAP } from '../core/overlap.ts';
import type { Overlap } from '../core/overlap.ts';
import { Datagram, MAX_PACKET } from './datagram.ts';
import { flowKeyOf } from './flow-key.ts';
import { DECODE } from './result.ts';
import type { PacketView } from './view.ts';

const BUCKETS = 4096;

/** Packets remembered after they were made whole (at most 128 KiB each), and for how many seconds. */
const RECENT = 32;
const RECENT_SECONDS = 1;

/** What the fragments counted; decided by the input alone. */
export class FragmentCounters {
  /** Packets put together. */
  reassembled = 0;
  /** Fragments that repeated one of a packet that was whole already. */
  repeated = 0;
  overlaps = 0;
  tiny = 0;
  timeouts = 0;
  /** Packets given up because a limit was reached. */
  limit = 0;
}

/**
 * Puts IPv4 (RFC 791) and IPv6 (RFC 8200 section 4.5) packets together from their fragments. Where
 * fragments overlap, the policy of overlaps says whose bytes stay. Memory is bounded in packets, bytes and packet time; at a
 * bound the oldest unfinished packet goes.
 */
export class Fragments {
  readonly counters = new FragmentCounters();
  /** The packet that `add` last made whole: its bytes and its length. */
  whole: Uint8Array = new Uint8Array(0);
  wholeLength = 0;
  /** The packet that the last fragment was added to; undefined where it was refused or given up. */
  joined: Datagram | undefined = undefined;
  /** Unfinished packets now, and the bytes of memory that they hold. */
  count = 0;
  held = 0;
  readonly #buckets: (Datagram | undefined)[] = new Array<Datagram | undefined>(BUCKETS).fill(undefined);
  #oldest: Datagram | undefined = undefined;
  #newest: Datagram | undefined = undefined;
  /** Packets made whole a moment ago, by their hash: a span port that tells a frame twice tells the last fragment again. */
  readonly #recent: (Datagram | undefined)[] = new Array<Datagram | undefined>(RECENT).fill(undefined);
  readonly #limits: Limits;
  readonly #keyMode: number;
  readonly #seed: number;
  readonly #policy: Overlap;

  /** `keyMode` is of `FLOW_KEY`; `seed` keeps a stranger from aiming at one hash chain. */
  constructor(limits: Limits, keyMode: number, seed: number, policy: Overlap = DEFAULT_OVERLAP) {
    this.#limits = limits;
    this.#keyMode = keyMode;
    this.#seed = seed | 0;
    this.#policy = policy;
  }

  /**
   * Takes the fragment of the view (after `DECODE.FRAGMENT`) at the packet time `now` in seconds. Returns
   * `DECODE.TCP` where its packet is whole now (see `whole`), else `DECODE.FRAGMENT` or why it was refused.
   */
  add(view: PacketView, now: number): number {
    this.joined = undefined;
    this.expire(now);
    const length = view.innerWireEnd - view.innerAt;
    const end = view.fragmentOffset + length;
    const room = view.ipVersion === 6 ? MAX_PACKET : MAX_PACKET - 20;
    const odd = view.fragmentMore !== 0 && (length & 7) !== 0;
    if (length <= 0 || end > room || odd) return DECODE.FRAGMENT_LENGTH;
    if (view.innerEnd < view.innerWireEnd) return DECODE.FRAGMENT_CUT;
    if (isTiny(view, length)) this.counters.tiny++;
    const key = flowKeyOf(view, this.#keyMode);
    const hash = this.#hash(view, key);
    let datagram = this.#find(view, hash, key);
    if (datagram && !datagram.tells(end, view.fragmentMore)) {
      this.counters.overlaps++;
      return DECODE.FRAGMENT;
    }
    if (!datagram && this.#isRepeated(view, hash, key, now, length)) return DECODE.FRAGMENT;
    datagram ??= this.#open(view, hash, key, now);
    if (!this.#reserve(datagram, end)) return DECODE.FRAGMENT;
    if (datagram.put(view, length)) this.counters.overlaps++;
    this.joined = datagram;
    if (!datagram.isWhole()) return DECODE.FRAGMENT;
    this.#remove(datagram);
    this.wholeLength = datagram.close();
    this.whole = datagram.bytes;
    this.#recent[hash & (RECENT - 1)] = datagram;
    this.counters.reassembled++;
    return DECODE.TCP;
  }

  /** Gives up what is too old at `now`. */
  expire(now: number): void {
    const before = now - this.#limits.fragment_timeout;
    while (this.#oldest && this.#oldest.since < before) {
      this.#remove(this.#oldest);
      this.counters.timeouts++;
    }
  }

  /** The input is over: what is unfinished stays so. */
  finish(): void {
    this.expire(Infinity);
  }

  /**
   * A copy of a fragment whose packet is whole already. Alone it would wait in vain, and mix with the next
   * packet of that identification.
   */
  #isRepeated(view: PacketView, hash: number, key: number, now: number, length: number): boolean {
    const last = this.#recent[hash & (RECENT - 1)];
    if (last?.hash !== hash || now - last.since > RECENT_SECONDS || !last.isOf(view, key)) return false;
    if (!last.repeats(view, length)) return false;
    this.counters.repeated++;
    return true;
  }

  #find(view: PacketView, hash: number, key: number): Datagram | undefined {
    let datagram = this.#buckets[hash & (BUCKETS - 1)];
    while (datagram && !(datagram.hash === hash && datagram.isOf(view, key))) datagram = datagram.chain;
    return datagram;
  }

  #open(view: PacketView, hash: number, key: number, now: number): Datagram {
    if (this.count >= this.#limits.fragment_packets) this.#giveUpOldest();
    const datagram = new Datagram(view, hash, key, now, this.#policy);
    const bucket = hash & (BUCKETS - 1);
    datagram.chain = this.#buckets[bucket];
    this.#buckets[bucket] = datagram;
    datagram.older = this.#newest;
    if (this.#newest) this.#newest.newer = datagram;
    else this.#oldest = datagram;
    this.#newest = datagram;
    this.count++;
    this.held += datagram.memory;
    return datagram;
  }

  /** Room for bytes up to `end`; others, older first, go for it. False where there is none: it is given up itself. */
  #reserve(datagram: Datagram, end: number): boolean {
    this.held += datagram.grow(end);
    while (this.held > this.#limits.fragment_buffer_total) {
      const oldest = this.#oldest;
      if (!oldest) return false;
      this.#giveUpOldest();
      if (oldest === datagram) return false;
    }
    return true;
  }

  #giveUpOldest(): void {
    if (!this.#oldest) return;
    this.#remove(this.#oldest);
    this.counters.limit++;
  }

  #remove(datagram: Datagram): void {
    const bucket = datagram.hash & (BUCKETS - 1);
    let before = this.#buckets[bucket];
    if (before === datagram) {
      this.#buckets[bucket] = datagram.chain;
    } else {
      while (before && before.chain !== datagram) before = before.chain;
      if (before) before.chain = datagram.chain;
    }
    if (datagram.older) datagram.older.newer = datagram.newer;
    else this.#oldest = datagram.newer;
    if (datagram.newer) datagram.newer.older = datagram.older;
    else this.#newest = datagram.older;
    datagram.older = datagram.newer = datagram.chain = undefined;
    this.count--;
    this.held -= datagram.memory;
  }

  #hash(view: PacketView, key: number): number {
    const b = view.bytes;
    const size = view.ipVersion === 6 ? 16 : 4;
    let h = this.#seed ^ key;
    for (let i = 0; i < size; i++) {
      h = Math.imul(h ^ (h >>> 15) ^ ((b[view.sourceAt + i]! << 8) | b[view.destinationAt + i]!), 0x9e3779b1);
    }
    h = Math.imul(h ^ (h >>> 13) ^ view.fragmentId, 0x85ebca6b);
    return Math.imul(h ^ (h >>> 16) ^ view.innerType, 0xc2b2ae35);
  }
}

/** A first fragment that does not hold the whole header of TCP or UDP (RFC 1858 section 3). */
function isTiny(view: PacketView, length: number): boolean {
  if (view.fragmentOffset !== 0) return false;
  return (view.innerType === 6 && length < 20) || (view.innerType === 17 && length < 8);
}
