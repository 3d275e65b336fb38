import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { EXIT, OperatorError } from '../core/errors.ts';
import type { Archive } from './archive.ts';
import { below } from './archive.ts';
import { codeOf, ioError, remove } from './files.ts';
import { stateOf } from './manifest.ts';
import type { ArchiveState, HoldEntry, SegmentEntry } from './manifest.ts';
import { mayHold, plainName } from './names.ts';
import { PeopleKeys, subjectOf } from './people.ts';
import { Pseudonyms, forgetPseudonyms } from './pseudonyms.ts';

/** An account as people name it: `network:account`. Throws an OperatorError where it is none. */
export function parseAccount(text: string): { network: string; account: string } {
  const at = text.indexOf(':');
  if (at < 1 || at === text.length - 1)
    throw new OperatorError(`${text}: write an account as NETWORK:NAME, such as xmpp:alice@example.org`);
  return { network: text.slice(0, at), account: text.slice(at + 1) };
}

export interface HoldOptions {
  readonly reason: string;
  /** Accounts (`network:name`) that it is about; all where there are none. */
  readonly names: readonly string[];
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Keeps what it is about from being purged and erased, until it is released. Its number. */
export function hold(archive: Archive, { reason, names, from, to }: HoldOptions): string {
  for (const name of names) parseAccount(name);
  const id = randomBytes(4).toString('hex');
  archive.record({
    ...{ type: 'hold', hold: id, reason },
    ...(names.length > 0 && { names }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  });
  return id;
}

export function release(archive: Archive, id: string, reason: string): void {
  if (!stateOf(archive.manifest.entries()).holds.has(id))
    throw new OperatorError(`${id}: no hold of that number is in force; imspan archive info lists them`);
  archive.record({ type: 'release', hold: id, reason });
}

/** What a purge did, or would do. */
export interface Purged {
  readonly before: string;
  readonly segments: number[];
  readonly events: number;
  /** Segments that are old enough and stay, with the hold that keeps each. */
  readonly held: { readonly seq: number; readonly hold: string }[];
  /** Parquet files that went, too. */
  readonly files: string[];
}

/**
 * Removes the segments all of whose events are before a time (`2026-11-24` or longer, UTC), but those under a hold; a
 * signed tombstone stays for them. The tombstone is written first: a crash between leaves files that the next purge removes.
 */
export function purge(archive: Archive, before: string, reason: string, dryRun: boolean): Purged {
  const state = stateOf(archive.manifest.entries());
  const going: SegmentEntry[] = [];
  const held: Purged['held'] = [];
  for (const entry of state.segments.values()) {
    if (entry.last === undefined || entry.last >= before) continue;
    const keeper = [...state.holds.values()].find((each) => keeps(archive, each, entry));
    if (keeper === undefined) going.push(entry);
    else held.push({ seq: entry.seq, hold: keeper.hold });
  }
  const segments = going.map(({ seq }) => seq);
  const events = going.reduce((sum, { lines }) => sum + lines, 0);
  const files = lakeFilesOf(state, new Set(segments));
  if (!dryRun && segments.length > 0) archive.record({ type: 'purge', segments, before, reason, events });
  if (!dryRun) clearAway(archive, [...state.purged, ...segments], files);
  return { before, segments, events, held, files };
}

/** Parquet files in which rows of these segments are: the rest of their rows are in the segments still. */
function lakeFilesOf(state: ArchiveState, going: ReadonlySet<number>): string[] {
  return state.compacted
    .filter(({ segments }) => segments.some((seq) => going.has(seq)))
    .flatMap(({ files }) => files.map(({ path }) => path));
}

function clearAway(archive: Archive, segments: readonly number[], files: readonly string[]): void {
  const { paths } = archive;
  for (const seq of segments)
    for (const part of ['jsonl.gz', 'chain', 'names'] as const) remove(paths.segment(seq, part));
  for (const file of files) remove(below(paths.lake, file));
}

/** Whether a hold is about a segment. */
function keeps(archive: Archive, { names, from, to }: HoldEntry, entry: SegmentEntry): boolean {
  if (from !== undefined && entry.last !== undefined && entry.last < from) return false;
  if (to !== undefined && entry.first !== undefined && entry.first.slice(0, to.length) > to) return false;
  if (names === undefined || entry.names === undefined) return true;
  let marks: Buffer;
  try {
    marks = readFileSync(archive.paths.segment(entry.seq, 'names'));
  } catch {
    // Who is in it cannot be told: it stays.
    return true;
  }
  return names.some((name) => mayHold(marks, parseAccount(name).account));
}

/** The time before which segments may go, by the retention of the archive. Throws where it has none. */
export function retentionEnd(archive: Archive, today: Date): string {
  const { retention_days: days } = archive.settings;
  if (days === undefined)
    throw new OperatorError('the archive has no retention period: say --before', EXIT.USAGE);
  return new Date(today.getTime() - days * 86_400_000).toISOString().slice(0, 10);
}

/** What an erasure did. */
export interface Erased {
  /** Accounts that had a key. */
  readonly keys: number;
  readonly pseudonyms: number;
}

/**
 * Destroys the keys of accounts: what they and others wrote to them cannot be read any more, in no copy of the archive.
 * Names behind their pseudonyms go, too. Throws an OperatorError where a hold is about one of them.
 */
export function erase(archive: Archive, accounts: readonly string[], reason: string): Erased {
  const people = accounts.map(parseAccount);
  const { holds } = stateOf(archive.manifest.entries());
  for (const { hold: id, names, reason: why } of holds.values()) {
    const about =
      names === undefined || names.some((name) => accounts.some((one) => plainName(one) === plainName(name)));
    if (about) throw new OperatorError(`hold ${id} forbids it (${why}); release it first`, EXIT.IO);
  }
  const subjects = people.map(({ network, account }) => subjectOf(network, account));
  const keys = new PeopleKeys(archive.keys).destroy(subjects);
  const pseudonyms = forgetNames(archive, people);
  archive.record({ type: 'erase', keys, pseudonyms, reason });
  return { keys: keys.length, pseudonyms };
}

/** Pseudonyms of the key in force only: those of earlier keys cannot be made any more. */
function forgetNames(archive: Archive, people: readonly { network: string; account: string }[]): number {
  if (!existsSync(archive.paths.pseudonyms)) return 0;
  const pseudonyms = new Pseudonyms(archive.keys.pseudonymKey());
  const going = new Set(people.map(({ network, account }) => pseudonyms.name(network, account)));
  return forgetPseudonyms(archive.paths.pseudonyms, going);
}

/** Another key for the pseudonyms from now on; the one before is forgotten. The number of the new one. */
export function rotatePseudonyms(archive: Archive): number {
  const epoch = archive.keys.pseudonymKey().epoch + 1;
  try {
    archive.keys.renewPseudonymKey(epoch);
  } catch (error) {
    throw ioError('renew', archive.keys.pseudonym, codeOf(error));
  }
  archive.record({ type: 'rotate', epoch });
  return epoch;
}
