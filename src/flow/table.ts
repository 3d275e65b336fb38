import { FLOW_KEY, flowKeyOf } from '../decode/flow-key.ts';
import type { PacketView } from '../decode/view.ts';

/**
 * The flow table: one record of 128 bytes a connection in one typed array (two cache lines), found
 * by an open hash with chains. Records are reserved up front for the whole limit; the operating
 * system gives memory only for those that were ever used. No object a flow, no string key, no allocation a packet.
 *
 * A record's "source" is the connection's originator. Flows belong to one of 64 shards by their
 * unordered address pair; each shard has its own least-recently-used lists and its own cap, so what
 * is evicted does not depend on how shards are spread over workers.
 */
export const SHARDS = 64;

/**
 * Words of a record. The first 16 are one cache line: all that a packet of a connection touches which
 * is known not to be IM.
 */
export const W = {
  HASH: 0,
  NEXT: 1,
  /** An IPv4 address, or the first word of an IPv6 one; the other three are at `SOURCE_REST`. */
  SOURCE: 2,
  DESTINATION: 3,
  /** Source port in the high half. */
  PORTS: 4,
  /** TCP, IPV6, the shard and the list: see `META`. */
  META: 5,
  /** Believed packet time (seconds) of the last packet: the order of the lists. */
  USED: 6,
  /** TCP flags seen, by direction in the low two bytes, and `FLAG` bits above. */
  FLAGS: 7,
  /** Detectors that are still candidates, a bit each. */
  CANDIDATES: 8,
  /** 1 + slot of the flow's object; 0 while it has none. */
  OBJECT: 9,
  OLDER: 10,
  NEWER: 11,
  /** Next sequence number expected, by direction. */
  NEXT_SEQ: 12,
  FIRST_SEQ: 14,
  /** Two VLAN ids of 12 bits, their number in bits 24 and 25. */
  VLANS: 15,
  SOURCE_REST: 16,
  DESTINATION_REST: 19,
  /** The last frame's own stamp and number. */
  LAST_SECONDS: 22,
  LAST_NANOS: 23,
  LAST_FRAME: 24,
  START_SECONDS: 25,
  START_NANOS: 26,
  PACKETS: 27,
  /** Low 32 bits, by direction; the high 16 bits of both are in `BYTES_HIGH`. */
  BYTES: 29,
  BYTES_HIGH: 31,
} as const;

export const STRIDE = 32;

/**
 * Words before the first record. Large blocks of memory begin 16 bytes into a page (glibc): this puts the
 * records on cache lines. Where a system differs it costs speed only. The first word says where the
 * column of flow keys begins, behind the records; 0 where there is none.
 */
const LEAD = 12;

export const COPY_AT = LEAD;

export const META_TCP = 1;
export const META_IPV6 = 2;
const META_SHARD = 8;
const META_LIST = 16;

/** Lists, each with its own time-out. Eviction looks at them in this order of preference; see `oldest`. */
export const LIST = {
  OPENING: 0,
  OTHER: 1,
  IM: 2,
  HALF_CLOSED: 3,
  CLOSED: 4,
  UDP: 5,
  IM_HALF_CLOSED: 6,
  IM_CLOSED: 7,
} as const;
export const LISTS = 8;

/** Bits of `W.FLAGS` above the two bytes of TCP flags seen. */
export const FLAG_KNOWN = 1 << 16;
export const FLAG_MIDSTREAM = 1 << 18;
/** Payload seen from the originator; one bit further for the other side. */
export const FLAG_PAYLOAD = 1 << 19;
/** A SYN or its answer was seen. */
export const FLAG_SYN = 1 << 21;
/** The SYN of the originator had a right checksum; one bit further: its answer. */
export const FLAG_RIGHT = 1 << 22;
/** From this bit on: segments of a mid-stream flow that were tried as a message start. */
export const FLAG_TRIES_SHIFT = 24;
/** From this bit on, in a connection that is not mid-stream: the hop limit of its first SYN, 0 where none was seen. */
export const FLAG_TTL_SHIFT = 24;

export class FlowTable {
  readonly records: Int32Array;
  readonly capacity: number;
  readonly shardCapacity: number;
  readonly keyMode: number;
  /** The flow key of the packet last hashed. */
  #key = 0;
  /** Flows in the table now, in all and at most so far. */
  count = 0;
  peak = 0;
  /** Direction of the packet last looked up: 0 from the originator. */
  direction: 0 | 1 = 0;
  readonly #buckets: Int32Array;
  readonly #mask: number;
  readonly #seed: number;
  /** First and last record of each list of each shard, and flows a shard. */
  readonly #oldest = new Int32Array(SHARDS * LISTS);
  readonly #newest = new Int32Array(SHARDS * LISTS);
  readonly #shardCounts = new Int32Array(SHARDS);
  readonly #listCounts = new Int32Array(SHARDS * LISTS);
  #free = 0;
  #unused = 0;

  /**
   * `seed` keeps a stranger from aiming at one hash chain; it never shows in the output. `keyMode` is of
   * `FLOW_KEY`: what else than addresses and ports tells flows apart.
   */
  constructor(maxFlows: number, seed: number, keyMode: number = FLOW_KEY.NONE) {
    this.shardCapacity = Math.max(1, Math.floor(maxFlows / SHARDS));
    this.capacity = this.shardCapacity * SHARDS;
    const words = LEAD + this.capacity * STRIDE;
    this.keyMode = keyMode;
    this.records = new Int32Array(keyMode === FLOW_KEY.NONE ? words : words + this.capacity);
    if (keyMode !== FLOW_KEY.NONE) this.records[0] = words;
    let buckets = 1024;
    while (buckets < this.capacity && buckets < 1 << 21) buckets *= 2;
    this.#buckets = new Int32Array(buckets);
    this.#mask = buckets - 1;
    this.#seed = seed | 0;
  }

  /** Forgets the peak, for the next run; the table is empty then. */
  resetPeak(): void {
    this.peak = this.count;
  }

  /**
   * The record (its word offset) of the packet's connection, or 0. Sets `direction`. `hash` must be
   * what `hashOf` gave for this packet.
   */
  find(view: PacketView, hash: number, meta: number): number {
    const r = this.records;
    const b = view.bytes;
    const s = view.sourceAt;
    const d = view.destinationAt;
    const forward = (view.sourcePort << 16) | view.destinationPort;
    const backward = (view.destinationPort << 16) | view.sourcePort;
    const source = (b[s]! << 24) | (b[s + 1]! << 16) | (b[s + 2]! << 8) | b[s + 3]!;
    const destination = (b[d]! << 24) | (b[d + 1]! << 16) | (b[d + 2]! << 8) | b[d + 3]!;
    let at = this.#buckets[hash & this.#mask]!;
    while (at !== 0) {
      if (r[at + W.HASH] === hash && (r[at + W.META]! & 3) === meta && this.#sameKey(at)) {
        const ports = r[at + W.PORTS]!;
        if (ports === forward && r[at + W.SOURCE] === source && r[at + W.DESTINATION] === destination) {
          if ((meta & META_IPV6) === 0 || this.#same6(at, b, s, d)) {
            this.direction = 0;
            return at;
          }
        }
        if (ports === backward && r[at + W.SOURCE] === destination && r[at + W.DESTINATION] === source) {
          if ((meta & META_IPV6) === 0 || this.#same6(at, b, d, s)) {
            this.direction = 1;
            return at;
          }
        }
      }
      at = r[at + W.NEXT]!;
    }
    return 0;
  }

  #sameKey(at: number): boolean {
    return this.keyMode === FLOW_KEY.NONE || recordKey(this.records, at) === this.#key;
  }

  #same6(at: number, b: Uint8Array, s: number, d: number): boolean {
    const r = this.records;
    for (let i = 0; i < 3; i++) {
      if (r[at + W.SOURCE_REST + i] !== word(b, s + 4 + i * 4)) return false;
      if (r[at + W.DESTINATION_REST + i] !== word(b, d + 4 + i * 4)) return false;
    }
    return true;
  }

  /** A hash of the unordered endpoints and the flow key. `find` and `insert` go by the key of the last call. */
  hashOf(view: PacketView): number {
    const b = view.bytes;
    const s = view.sourceAt;
    const d = view.destinationAt;
    let low = (b[s]! << 24) | (b[s + 1]! << 16) | (b[s + 2]! << 8) | b[s + 3]!;
    let high = (b[d]! << 24) | (b[d + 1]! << 16) | (b[d + 2]! << 8) | b[d + 3]!;
    if (view.ipVersion === 6) {
      low = this.#fold6(b, s, low);
      high = this.#fold6(b, d, high);
    }
    let p = view.sourcePort;
    let q = view.destinationPort;
    if (low > high || (low === high && p > q)) {
      const t = low;
      low = high;
      high = t;
      p = view.destinationPort;
      q = view.sourcePort;
    }
    let h = Math.imul(low ^ this.#seed, 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 15) ^ high, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13) ^ ((p << 16) | q), 0xc2b2ae35);
    if (this.keyMode !== FLOW_KEY.NONE) {
      this.#key = flowKeyOf(view, this.keyMode);
      h = Math.imul(h ^ (h >>> 15) ^ this.#key, 0x85ebca6b);
    }
    return h ^ (h >>> 16);
  }

  #fold6(b: Uint8Array, at: number, first: number): number {
    let h = Math.imul(first ^ this.#seed, 0x27d4eb2f);
    for (let i = 4; i < 16; i += 4) {
      h = Math.imul(h ^ (h >>> 15) ^ word(b, at + i), 0x9e3779b1);
    }
    return h ^ (h >>> 13);
  }

  /**
   * Takes a record for the packet's connection, the packet's source as originator (`reverse`: its
   * destination). The caller makes room first (`full`). All words are set; counters are zero.
   */
  insert(
    view: PacketView,
    hash: number,
    meta: number,
    shard: number,
    list: number,
    reverse: boolean,
  ): number {
    const r = this.records;
    let at = this.#free;
    if (at !== 0) this.#free = r[at + W.NEXT]!;
    else at = LEAD + this.#unused++ * STRIDE;
    const b = view.bytes;
    const s = reverse ? view.destinationAt : view.sourceAt;
    const d = reverse ? view.sourceAt : view.destinationAt;
    for (let i = 0; i < STRIDE; i++) r[at + i] = 0;
    r[at + W.SOURCE] = word(b, s);
    r[at + W.DESTINATION] = word(b, d);
    if (view.ipVersion === 6) {
      for (let i = 0; i < 3; i++) {
        r[at + W.SOURCE_REST + i] = word(b, s + 4 + i * 4);
        r[at + W.DESTINATION_REST + i] = word(b, d + 4 + i * 4);
      }
    }
    r[at + W.PORTS] = reverse
      ? (view.destinationPort << 16) | view.sourcePort
      : (view.sourcePort << 16) | view.destinationPort;
    r[at + W.VLANS] = view.vlans | (Math.min(view.vlanCount, 2) << 24);
    r[at + W.META] = meta | (shard << META_SHARD) | (list << META_LIST);
    r[at + W.HASH] = hash;
    if (this.keyMode !== FLOW_KEY.NONE) r[keyAt(r, at)] = this.#key;
    const bucket = hash & this.#mask;
    r[at + W.NEXT] = this.#buckets[bucket]!;
    this.#buckets[bucket] = at;
    this.#append(at, shard * LISTS + list);
    this.#shardCounts[shard]!++;
    if (++this.count > this.peak) this.peak = this.count;
    this.direction = reverse ? 1 : 0;
    return at;
  }

  /** True when the shard has no room for another flow. */
  full(shard: number): boolean {
    return this.#shardCounts[shard]! >= this.shardCapacity;
  }

  /** Gives the record back. */
  remove(at: number): void {
    const r = this.records;
    const bucket = r[at + W.HASH]! & this.#mask;
    let p = this.#buckets[bucket]!;
    if (p === at) {
      this.#buckets[bucket] = r[at + W.NEXT]!;
    } else {
      while (r[p + W.NEXT] !== at) p = r[p + W.NEXT]!;
      r[p + W.NEXT] = r[at + W.NEXT]!;
    }
    this.#unlink(at);
    this.#shardCounts[this.shardAt(at)]!--;
    r[at + W.NEXT] = this.#free;
    this.#free = at;
    this.count--;
  }

  /** Marks the flow as used at the believed second; costs something once a second and flow. */
  touch(at: number, second: number): void {
    if (this.records[at + W.USED] === second) return;
    const key = this.shardAt(at) * LISTS + this.listAt(at);
    this.records[at + W.USED] = second;
    if (this.#newest[key] === at) return;
    this.#unlink(at);
    this.#append(at, key);
  }

  /** Moves the flow to another list, as its newest. */
  moveTo(at: number, list: number): void {
    const shard = this.shardAt(at);
    if (this.listAt(at) === list) return;
    this.#unlink(at);
    const meta = this.records[at + W.META]!;
    this.records[at + W.META] = (meta & ~(0xff << META_LIST)) | (list << META_LIST);
    this.#append(at, shard * LISTS + list);
  }

  listAt(at: number): number {
    return (this.records[at + W.META]! >> META_LIST) & 0xff;
  }

  shardAt(at: number): number {
    return (this.records[at + W.META]! >> META_SHARD) & 0xff;
  }

  /** The least recently used flow of a shard's list, or 0. */
  oldest(shard: number, list: number): number {
    return this.#oldest[shard * LISTS + list]!;
  }

  /** IM flows of a shard, the closing ones too. */
  imCount(shard: number): number {
    const n = this.#listCounts;
    const at = shard * LISTS;
    return n[at + LIST.IM]! + n[at + LIST.IM_HALF_CLOSED]! + n[at + LIST.IM_CLOSED]!;
  }

  #append(at: number, key: number): void {
    const r = this.records;
    this.#listCounts[key]!++;
    const last = this.#newest[key]!;
    r[at + W.OLDER] = last;
    r[at + W.NEWER] = 0;
    if (last !== 0) r[last + W.NEWER] = at;
    else this.#oldest[key] = at;
    this.#newest[key] = at;
  }

  #unlink(at: number): void {
    const r = this.records;
    const key = this.shardAt(at) * LISTS + this.listAt(at);
    this.#listCounts[key]!--;
    const older = r[at + W.OLDER]!;
    const newer = r[at + W.NEWER]!;
    if (older !== 0) r[older + W.NEWER] = newer;
    else this.#oldest[key] = newer;
    if (newer !== 0) r[newer + W.OLDER] = older;
    else this.#newest[key] = older;
  }
}

function word(b: Uint8Array, at: number): number {
  return (b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!;
}

function keyAt(r: Int32Array, at: number): number {
  return r[0]! + (at - LEAD) / STRIDE;
}

/** The flow key of a record (see `flowKeyOf`); 0 where the table keeps none. */
export function recordKey(r: Int32Array, at: number): number {
  return r[0] === 0 ? 0 : r[keyAt(r, at)]!;
}

/** The shard of an unordered address pair: fixed, whatever the table's seed. */
export function shardOf(view: PacketView): number {
  const b = view.bytes;
  const size = view.ipVersion === 6 ? 16 : 4;
  let x = 0;
  let y = 0;
  for (let i = 0; i < size; i += 4) {
    x = Math.imul(x ^ word(b, view.sourceAt + i), 0x9e3779b1);
    x ^= x >>> 15;
    y = Math.imul(y ^ word(b, view.destinationAt + i), 0x9e3779b1);
    y ^= y >>> 15;
  }
  const h = Math.imul((x + y) ^ (x ^ y), 0x85ebca6b);
  return h >>> 26;
}

/** Bytes of all frames of one side of a record's connection: 0 its source, 1 its destination. */
export function bytesOf(r: Int32Array, at: number, side: number): number {
  const high = (r[at + W.BYTES_HIGH] ?? 0) >>> 0;
  return ((r[at + W.BYTES + side] ?? 0) >>> 0) + (side === 0 ? high & 0xffff : high >>> 16) * 0x1_0000_0000;
}
