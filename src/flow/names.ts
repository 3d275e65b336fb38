import type { AskedName } from '../core/asked-name.ts';
import { decodeLatin1 } from '../core/text.ts';
import { FLOW_KEY, flowKeyOf } from '../decode/flow-key.ts';
import type { PacketView } from '../decode/view.ts';
import { readAnswer } from './dns.ts';
import type { AnswerTaker } from './dns.ts';
import type { Flow } from './flow.ts';
import { META_IPV6, recordKey, W } from './table.ts';

export const DNS_PORT = 53;

/** Words of an entry: who asked (0 for anybody), the address, when, where the name is, and what kind they are. */
const E = { ASKER: 0, ADDRESS: 4, FLOW_KEY: 8, NAME: 9, KIND: 10 } as const;
const WORDS = 11;
/** Words that must be equal: the asker, the address, and what else tells networks apart (`--flow-key`). */
const KEY_WORDS = 9;
/** Bits of an entry's kind; 0 where it is empty. */
const KIND = { USED: 1, ADDRESS6: 2, ASKER6: 4, ANYBODY: 8 } as const;
/** Entries among which an address has its place. */
const WAYS = 4;
/** Bytes for names an entry. */
const NAME_ROOM = 32;
/** What was asked longer ago says nothing. */
const OLDEST = 86_400;

/**
 * The names that were asked for of late, by who asked, by the address in the answer, and by the flow key of the answer's packet. Bounded: entries are of
 * one typed array in which an address has four places, the oldest goes; the names themselves lie in a ring. It is filled from every
 * frame alike, without a seed, so that every worker knows the same names at the same frame.
 */
export class NameCache implements AnswerTaker {
  readonly #sets: number;
  // Made with the first answer: many captures have none.
  #entries = NO_WORDS;
  /** A hash of each entry's key: nearly all look-ups find nothing, and then touch these only. */
  #hashes = NO_WORDS;
  /** When each entry was written, in seconds and one more; 0 for an empty one. Apart from it, for each new name asks four. */
  #times = NO_TIMES;
  #ring = NO_BYTES;
  /** Bytes that were ever written to the ring; the last `#ring.length` of them are there. */
  #written = 0;
  /** Where the name of the message being read is in the ring; −1 before it is. */
  #name = -1;
  #seconds = 0;
  #view: PacketView | undefined;
  readonly #key = new Int32Array(KEY_WORDS);

  readonly #keyMode: number;

  /** `keyMode` is of `FLOW_KEY`: where addresses overlap, names are those of one VLAN or tunnel. */
  constructor(entries: number, keyMode: number = FLOW_KEY.NONE) {
    this.#keyMode = keyMode;
    this.#sets = 1 << Math.max(0, Math.floor(Math.log2(Math.max(1, entries / WAYS))));
  }

  /** Learns from a packet that comes from the port of DNS: the payload of UDP, or a whole message in one segment of TCP. */
  learn(view: PacketView, tcp: boolean, seconds: number): void {
    this.#view = view;
    this.#seconds = seconds;
    this.#name = -1;
    const { bytes, payloadStart, payloadEnd } = view;
    if (!tcp) readAnswer(bytes, payloadStart, payloadEnd, this);
    else if (
      ((bytes[payloadStart] ?? 0) << 8) + (bytes[payloadStart + 1] ?? 0) ===
      payloadEnd - payloadStart - 2
    )
      readAnswer(bytes, payloadStart + 2, payloadEnd, this);
  }

  address(bytes: Uint8Array, nameStart: number, nameEnd: number, at: number, length: 4 | 16): void {
    const view = this.#view;
    if (!view) return;
    if (this.#name < 0) this.#keep(bytes, nameStart, nameEnd);
    const six = view.ipVersion === 6;
    this.#setKey(E.ADDRESS, bytes, at, length);
    this.#key[E.FLOW_KEY] = flowKeyOf(view, this.#keyMode);
    const kind = KIND.USED | (length === 16 ? KIND.ADDRESS6 : 0);
    this.#key.fill(0, 0, 4);
    this.#put(kind | KIND.ANYBODY);
    this.#setKey(E.ASKER, view.bytes, view.destinationAt, six ? 16 : 4);
    this.#put(kind | (six ? KIND.ASKER6 : 0));
  }

  /**
   * The name by which a record's server was looked up before its first packet; undefined where none is known.
   * Only a hit makes a text.
   */
  find(records: Int32Array, at: number, flipped: boolean): AskedName | undefined {
    if (this.#entries.length === 0) return undefined;
    const six = ((records[at + W.META] ?? 0) & META_IPV6) !== 0;
    this.#setRecord(E.ADDRESS, records, at, !flipped);
    this.#key[E.FLOW_KEY] = this.#keyMode === FLOW_KEY.NONE ? 0 : recordKey(records, at);
    this.#setRecord(E.ASKER, records, at, flipped);
    const started = (records[at + W.START_SECONDS] ?? 0) >>> 0;
    const address = KIND.USED | (six ? KIND.ADDRESS6 : 0);
    const own = this.#told(address | (six ? KIND.ASKER6 : 0), started, true);
    if (own) return own;
    this.#key.fill(0, 0, 4);
    return this.#told(address | KIND.ANYBODY, started, false);
  }

  /** The same for a flow; of a stream inside a carrier nothing is known, for the proxy was looked up. */
  of(flow: Flow): AskedName | undefined {
    return flow.carriage ? undefined : this.find(flow.records, flow.at, flow.flipped);
  }

  /** The newest name under which somebody has looked up a flow's client before its first packet. */
  ofClient({ records, at, flipped }: Flow): string | undefined {
    if (this.#entries.length === 0) return undefined;
    const six = ((records[at + W.META] ?? 0) & META_IPV6) !== 0;
    this.#setRecord(E.ADDRESS, records, at, flipped);
    this.#key.fill(0, 0, 4);
    const kind = KIND.USED | (six ? KIND.ADDRESS6 : 0) | KIND.ANYBODY;
    return this.#told(kind, (records[at + W.START_SECONDS] ?? 0) >>> 0, false)?.name;
  }

  #told(kind: number, started: number, byClient: boolean): AskedName | undefined {
    const e = this.#entries;
    const at = this.#at(kind, this.#hash(kind));
    if (at < 0) return undefined;
    const before = started - ((this.#times[at / WORDS] ?? 1) - 1);
    if (before < 0 || before > OLDEST) return undefined;
    const name = this.#nameAt(e[at + E.NAME] ?? 0);
    return name === undefined ? undefined : { name, before, byClient };
  }

  /** Writes the name to the ring, behind its length. */
  #keep(bytes: Uint8Array, start: number, end: number): void {
    if (this.#entries.length === 0) {
      this.#entries = new Int32Array(this.#sets * WAYS * WORDS);
      this.#hashes = new Int32Array(this.#sets * WAYS);
      this.#times = new Uint32Array(this.#sets * WAYS);
      this.#ring = new Uint8Array(Math.max(4_096, this.#sets * WAYS * NAME_ROOM));
    }
    this.#name = this.#written;
    this.#push(end - start);
    for (let i = start; i < end; i++) this.#push(bytes[i] ?? 0);
  }

  #push(byte: number): void {
    // The ring's length is a power of two.
    this.#ring[this.#written & (this.#ring.length - 1)] = byte;
    this.#written = (this.#written + 1) & POSITIONS;
  }

  /** The text of a name of letters, digits, `-` and `_`; undefined where it is another or was overwritten. */
  #nameAt(place: number): string | undefined {
    const ring = this.#ring;
    const mask = ring.length - 1;
    if (((this.#written - place) & POSITIONS) > ring.length) return undefined;
    const length = ring[place & mask] ?? 0;
    const labels: string[] = [];
    for (let i = 1; i <= length;) {
      const size = ring[(place + i) & mask] ?? 0;
      const label = Uint8Array.from({ length: size }, (_, k) => ring[(place + i + 1 + k) & mask] ?? 0);
      labels.push(decodeLatin1(label, 0, size));
      i += 1 + size;
    }
    const name = labels.join('.').toLowerCase();
    return /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(name) && labels.every((label) => !label.includes('.'))
      ? name
      : undefined;
  }

  #put(kind: number): void {
    const e = this.#entries;
    const hash = this.#hash(kind);
    let at = this.#at(kind, hash);
    if (at < 0) {
      const times = this.#times;
      const set = this.#set(hash);
      let oldest = set;
      for (let way = set + 1; way < set + WAYS; way++) if (times[way]! < times[oldest]!) oldest = way;
      at = oldest * WORDS;
      for (let i = 0; i < KEY_WORDS; i++) e[at + i] = this.#key[i]!;
      e[at + E.KIND] = kind;
      this.#hashes[oldest] = hash;
    }
    this.#times[at / WORDS] = this.#seconds + 1;
    e[at + E.NAME] = this.#name;
  }

  /** The entry of the key, or −1. */
  #at(kind: number, hash: number): number {
    const e = this.#entries;
    const first = this.#set(hash);
    for (let way = first; way < first + WAYS; way++) {
      if (this.#hashes[way] !== hash) continue;
      const at = way * WORDS;
      if (e[at + E.KIND] !== kind) continue;
      let i = 0;
      while (i < KEY_WORDS && e[at + i] === this.#key[i]) i++;
      if (i === KEY_WORDS) return at;
    }
    return -1;
  }

  #hash(kind: number): number {
    let hash = kind;
    for (let i = 0; i < KEY_WORDS; i++) hash = Math.imul(hash ^ this.#key[i]!, 0x9e3779b1) ^ (hash >>> 15);
    return hash ^ (hash >>> 13);
  }

  /** The first of the entries among which a key of this hash has its place. */
  #set(hash: number): number {
    return (hash & (this.#sets - 1)) * WAYS;
  }

  /** Half of the key from bytes of a packet. */
  #setKey(to: number, bytes: Uint8Array, at: number, length: number): void {
    for (let i = 0; i < 4; i++) {
      const p = at + i * 4;
      this.#key[to + i] =
        i * 4 < length ? (bytes[p]! << 24) | (bytes[p + 1]! << 16) | (bytes[p + 2]! << 8) | bytes[p + 3]! : 0;
    }
  }

  /** Half of the key from an end of a record: its source, or its destination. */
  #setRecord(to: number, records: Int32Array, at: number, destination: boolean): void {
    const six = (records[at + W.META]! & META_IPV6) !== 0;
    const rest = destination ? W.DESTINATION_REST : W.SOURCE_REST;
    this.#key[to] = records[at + (destination ? W.DESTINATION : W.SOURCE)]!;
    for (let i = 0; i < 3; i++) this.#key[to + 1 + i] = six ? records[at + rest + i]! : 0;
  }
}

/** Positions in the ring are told apart up to here. */
const POSITIONS = 0x3fff_ffff;
const NO_WORDS = new Int32Array(0);
const NO_TIMES = new Uint32Array(0);
const NO_BYTES = new Uint8Array(0);
