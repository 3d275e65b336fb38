import type { PacketView } from '../../decode/view.ts';
import type { HostFact } from '../../core/host-fact.ts';
import { readDhcp, readDhcp6 } from './dhcp.ts';
import { readArp, readNeighbour } from './neighbours.ts';
import { readPointer } from './pointer.ts';

/** Ports below this one are looked at; DHCP has 67, 68, 546 and 547. */
const DHCP = { SERVER: 67, CLIENT: 68, CLIENT6: 546, SERVER6: 547 } as const;

/** Facts that are remembered not to tell them again, and for how many seconds. */
const SLOTS = 8_192;
const REPEAT = 300;
const WORDS = 3;

/** True for a UDP packet that may be of DHCP. */
export function isDhcpPort(port: number): boolean {
  return port === DHCP.SERVER || port === DHCP.CLIENT || port === DHCP.CLIENT6 || port === DHCP.SERVER6;
}

/**
 * Finds out what the wire tells of machines: ARP, neighbour discovery, DHCP, reverse DNS. What was told of late is
 * not told again. Works without a seed, so that every worker would tell the same; its memory is fixed.
 */
export class HostWatch {
  readonly #tell: (fact: HostFact) => void;
  // Made with the first fact: many captures have none.
  #told = new Int32Array(0);

  constructor(tell: (fact: HostFact) => void) {
    this.#tell = tell;
  }

  /** An Ethernet frame without IP. */
  frame(bytes: Uint8Array, start: number, end: number, seconds: number): void {
    this.#take(readArp(bytes, start, end), seconds);
  }

  /** An IP packet that is neither TCP nor UDP; its captured bytes end at `end`. */
  other(view: PacketView, end: number, seconds: number): void {
    if (view.ipVersion === 6) this.#take(readNeighbour(view, end), seconds);
  }

  /** A UDP packet to a port of DHCP. */
  dhcp(view: PacketView, seconds: number): void {
    const { bytes, payloadStart, payloadEnd } = view;
    if (view.ipVersion === 4) this.#take(readDhcp(bytes, payloadStart, payloadEnd), seconds);
    else for (const fact of readDhcp6(bytes, payloadStart, payloadEnd)) this.#take(fact, seconds);
  }

  /** A UDP packet from the port of DNS. */
  dns(view: PacketView, seconds: number): void {
    this.#take(readPointer(view.bytes, view.payloadStart, view.payloadEnd), seconds);
  }

  #take(fact: HostFact | undefined, seconds: number): void {
    if (fact && !this.#isRepeat(fact, seconds)) this.#tell(fact);
  }

  /** A change of owner is another fact: so `A, B, A` is told three times only where more than the repeat time lies between. */
  #isRepeat(fact: HostFact, seconds: number): boolean {
    if (this.#told.length === 0) this.#told = new Int32Array(SLOTS * WORDS);
    const { source, ip = '', mac = '', name = '', released = false } = fact;
    const place = hash(ip === '' ? mac : ip, 17) & (SLOTS - 1);
    const first = hash(`${source} ${mac} ${name} ${released}`, 31);
    const second = hash(`${ip} ${mac} ${name}`, 97);
    const t = this.#told;
    const at = place * WORDS;
    const same = t[at] === first && t[at + 1] === second;
    const age = seconds - (t[at + 2]! >>> 0);
    if (same && age >= 0 && age < REPEAT) return true;
    t[at] = first;
    t[at + 1] = second;
    t[at + 2] = seconds;
    return false;
  }
}

function hash(text: string, seed: number): number {
  let h = seed;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x9e3779b1) ^ (h >>> 15);
  return h ^ (h >>> 13) || 1;
}
