import type { HostRow } from './hosts.ts';
import { HOSTS } from './hosts.ts';

const DOT = 0x2e;
const MASK = 0x3fffffff;

/**
 * Rows by a hash of their host, read from its end: one walk over a name from its end finds all rows that
 * are equal to it or above it, without making a text of it.
 */
const ROWS: ReadonlyMap<number, readonly HostRow[]> = index(HOSTS);
const SHORTEST = Math.min(...HOSTS.map((row) => row.host.length));
const LONGEST = Math.max(...HOSTS.map((row) => row.host.length));

/** The longest row whose host is the name in `bytes`, or above it; undefined where there is none. Allocates nothing. */
export function rowOf(bytes: Uint8Array, start: number, end: number): HostRow | undefined {
  let best: HostRow | undefined;
  let hash = 0;
  // A name may be written with the dot of the root.
  const last = bytes[end - 1] === DOT ? end - 1 : end;
  for (let at = last - 1; at >= start && last - at <= LONGEST; at--) {
    hash = mix(hash, lower(bytes[at] ?? 0));
    if (last - at < SHORTEST || (at > start && bytes[at - 1] !== DOT)) continue;
    const row = find(bytes, at, last, hash);
    if (row) best = row;
  }
  return best;
}

/**
 * True for a name of a certificate that tells of a messenger. A certificate names all that its owner serves with it: one
 * name that other software uses, too, says nothing.
 */
export function isListed(bytes: Uint8Array, start: number, end: number): boolean {
  return rowOf(bytes, start, end)?.confidence === 'high';
}

/** The row of a name that was already made a text of. */
export function rowOfText(name: string): HostRow | undefined {
  const bytes = Uint8Array.from(name, (c) => c.charCodeAt(0));
  return rowOf(bytes, 0, bytes.length);
}

function find(bytes: Uint8Array, start: number, end: number, hash: number): HostRow | undefined {
  for (const row of ROWS.get(hash) ?? NONE) {
    if (row.host.length !== end - start) continue;
    let i = 0;
    while (i < row.host.length && lower(bytes[start + i] ?? 0) === row.host.charCodeAt(i)) i++;
    if (i === row.host.length) return row;
  }
  return undefined;
}

const NONE: readonly HostRow[] = [];

function mix(hash: number, c: number): number {
  return (Math.imul(hash, 31) + c) & MASK;
}

function lower(c: number): number {
  return c >= 0x41 && c <= 0x5a ? c | 0x20 : c;
}

function index(rows: readonly HostRow[]): ReadonlyMap<number, readonly HostRow[]> {
  const map = new Map<number, HostRow[]>();
  for (const row of rows) {
    let hash = 0;
    for (let i = row.host.length - 1; i >= 0; i--) hash = mix(hash, row.host.charCodeAt(i));
    map.set(hash, [...(map.get(hash) ?? []), row]);
  }
  return map;
}
