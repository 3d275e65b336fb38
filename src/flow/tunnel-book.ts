import type { Limits } from '../core/limits.ts';
import type { PacketView } from '../decode/view.ts';
import { COPY_AT, STRIDE } from './table.ts';
import { tunnelEnds } from './tunnel-ends.ts';
import type { TunnelEnds } from './tunnel-ends.ts';

interface Entry {
  readonly key: string;
  readonly ends: TunnelEnds;
  /** Connections that are in it. */
  users: number;
}

/**
 * In which tunnel each connection began, for those that have no object of their own: a number a record, and each tunnel
 * once. Needed only where every connection is told (`--flows all`); of tunnels beyond `tunnels` nothing is kept.
 */
export class TunnelBook {
  readonly #of: Uint16Array;
  readonly #most: number;
  readonly #entries: (Entry | undefined)[] = [undefined];
  readonly #byKey = new Map<string, number>();
  readonly #free: number[] = [];

  constructor(records: Int32Array, limits: Limits) {
    this.#of = new Uint16Array(Math.ceil(records.length / STRIDE));
    this.#most = limits.tunnels;
  }

  /** A connection's first packet, in `direction` of its record. */
  open(at: number, view: PacketView, direction: 0 | 1): void {
    const ends = tunnelEnds(view, direction);
    if (!ends) return;
    const key = `${ends.originator}|${ends.responder}|${ends.proto}|${ends.depth}`;
    const number = this.#byKey.get(key) ?? this.#add(key, ends);
    const entry = this.#entries[number];
    if (!entry) return;
    entry.users++;
    this.#of[slotOf(at)] = number;
  }

  of(at: number): TunnelEnds | undefined {
    return this.#entries[this.#of[slotOf(at)] ?? 0]?.ends;
  }

  /** The connection is over. */
  close(at: number): void {
    const number = this.#of[slotOf(at)] ?? 0;
    const entry = this.#entries[number];
    if (!entry) return;
    this.#of[slotOf(at)] = 0;
    if (--entry.users > 0) return;
    this.#byKey.delete(entry.key);
    this.#entries[number] = undefined;
    this.#free.push(number);
  }

  #add(key: string, ends: TunnelEnds): number {
    if (this.#byKey.size >= this.#most) return 0;
    const number = this.#free.pop() ?? this.#entries.length;
    this.#entries[number] = { key, ends, users: 0 };
    this.#byKey.set(key, number);
    return number;
  }
}

function slotOf(at: number): number {
  return (at - COPY_AT) / STRIDE;
}
