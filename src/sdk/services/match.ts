import { APPS } from '../../core/apps.ts';
import { SERVICE_ROWS } from './rows.ts';
import type { ServiceRow } from './rows.ts';
import { checkRows } from './check.ts';

const DOT = 0x2e;
const QUESTION_MARK = 0x3f;
const MASK = 0x3fffffff;

/** The rows of one host. */
interface Place {
  readonly host: string;
  /** What any path, or the name alone, says. */
  readonly any: ServiceRow | undefined;
  /** By path, the longest first. */
  readonly paths: readonly ServiceRow[];
}

/**
 * Places by a hash of their host, read from its end: one walk over a name from its end finds all places that
 * are equal to it or above it, without making a text of it.
 */
const PLACES: ReadonlyMap<number, readonly Place[]> = index(checkRows(SERVICE_ROWS));
const SHORTEST = Math.min(...SERVICE_ROWS.map((row) => row.host.length));
const LONGEST = Math.max(...SERVICE_ROWS.map((row) => row.host.length));

/** What a name alone says: the row of the longest host that is the name in `bytes`, or above it. Allocates nothing. */
export function rowOf(bytes: Uint8Array, start: number, end: number): ServiceRow | undefined {
  return longest(bytes, start, end, 0, -1);
}

/**
 * What a request of HTTP says: the row of the longest host that has one for this path, and of that host's the one with
 * the longest path. Path and query are in the same bytes. Allocates nothing.
 */
export function rowOfRequest(
  bytes: Uint8Array,
  hostStart: number,
  hostEnd: number,
  pathStart: number,
  pathEnd: number,
): ServiceRow | undefined {
  return longest(bytes, hostStart, hostEnd, pathStart, pathEnd);
}

/**
 * True for a name of a certificate that tells of a messenger. A certificate names all that its owner serves with it: one
 * name that other software uses, too, says nothing.
 */
export function isListed(bytes: Uint8Array, start: number, end: number): boolean {
  return rowOf(bytes, start, end)?.confidence === 'high';
}

/** The same of a network that is read elsewhere: of it one name in a certificate is enough. */
export function isListedNetwork(bytes: Uint8Array, start: number, end: number): boolean {
  const row = rowOf(bytes, start, end);
  return row?.confidence === 'high' && !APPS.has(row.service);
}

/** True for a name that is no messenger's: makers of messengers of today have one certificate for all that they serve. */
export function isUnlisted(bytes: Uint8Array, start: number, end: number): boolean {
  return rowOf(bytes, start, end) === undefined;
}

/** `rowOf` for a name that was already made a text of. */
export function rowOfText(name: string): ServiceRow | undefined {
  const bytes = Uint8Array.from(name, (c) => c.charCodeAt(0));
  return rowOf(bytes, 0, bytes.length);
}

/** `rowOfRequest` for texts; `target` is path and query. */
export function rowOfRequestText(host: string, target: string): ServiceRow | undefined {
  const bytes = Uint8Array.from(host + target, (c) => c.charCodeAt(0));
  return rowOfRequest(bytes, 0, host.length, host.length, bytes.length);
}

/** How a row speaks for what was seen. */
export function evidenceOf(row: ServiceRow): string {
  return `host list of ${row.date}: ${row.role} of ${row.service} (${row.source})`;
}

/** The walk. `pathEnd` is −1 where there is only a name. */
function longest(
  bytes: Uint8Array,
  start: number,
  end: number,
  pathStart: number,
  pathEnd: number,
): ServiceRow | undefined {
  let best: ServiceRow | undefined;
  let hash = 0;
  // A name may be written with the dot of the root.
  const last = bytes[end - 1] === DOT ? end - 1 : end;
  for (let at = last - 1; at >= start && last - at <= LONGEST; at--) {
    hash = mix(hash, lower(bytes[at] ?? 0));
    if (last - at < SHORTEST || (at > start && bytes[at - 1] !== DOT)) continue;
    const place = find(bytes, at, last, hash);
    if (!place) continue;
    best = (pathEnd < 0 ? place.any : byPath(place, bytes, pathStart, pathEnd)) ?? best;
  }
  return best?.ignore === true ? undefined : best;
}

function find(bytes: Uint8Array, start: number, end: number, hash: number): Place | undefined {
  for (const place of PLACES.get(hash) ?? NONE) {
    if (place.host.length === end - start && begins(bytes, start, end, place.host)) return place;
  }
  return undefined;
}

function byPath(place: Place, bytes: Uint8Array, start: number, end: number): ServiceRow | undefined {
  for (const row of place.paths) {
    if (!begins(bytes, start, end, row.path ?? '')) continue;
    if (row.query === undefined || asks(bytes, start, end, row.query)) return row;
  }
  return place.any?.web === true ? place.any : undefined;
}

/** The bytes begin with a lower-case text, in whatever case. */
function begins(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start < text.length) return false;
  for (let i = 0; i < text.length; i++) if (lower(bytes[start + i] ?? 0) !== text.charCodeAt(i)) return false;
  return true;
}

/** The query holds the text. */
function asks(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  const query = bytes.indexOf(QUESTION_MARK, start);
  if (query < 0) return false;
  for (let at = query + 1; at + text.length <= end; at++) if (begins(bytes, at, end, text)) return true;
  return false;
}

const NONE: readonly Place[] = [];

function mix(hash: number, c: number): number {
  return (Math.imul(hash, 31) + c) & MASK;
}

function lower(c: number): number {
  return c >= 0x41 && c <= 0x5a ? c | 0x20 : c;
}

function index(rows: readonly ServiceRow[]): ReadonlyMap<number, readonly Place[]> {
  const map = new Map<number, Place[]>();
  for (const host of new Set(rows.map((row) => row.host))) {
    const own = rows.filter((row) => row.host === host);
    const paths = own.filter((row) => row.path !== undefined);
    paths.sort((a, b) => (b.path?.length ?? 0) - (a.path?.length ?? 0));
    const place: Place = { host, any: own.find((row) => row.path === undefined), paths };
    let hash = 0;
    for (let i = host.length - 1; i >= 0; i--) hash = mix(hash, host.charCodeAt(i));
    map.set(hash, [...(map.get(hash) ?? []), place]);
  }
  return map;
}

/** Names that a hello shows outside where the true one is encrypted (ECH): of a provider, not of what is asked for. Cloudflare's documentation; looked at in 2026-11. */
const OUTER_NAMES: ReadonlySet<string> = new Set(['cloudflare-ech.com', 'cloudflare-esni.com']);

/** True for the outer name of an encrypted hello. */
export function isOuterName(name: string): boolean {
  return OUTER_NAMES.has(name.toLowerCase().replace(/\.$/, ''));
}
