import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EXIT, OperatorError } from '../core/errors.ts';
import type { EveEvent } from '../event/eve.ts';
import { Archive } from './archive.ts';
import { consider } from './consider.ts';
import { Duck, sqlText } from './duckdb.ts';
import { makeFolder, remove } from './files.ts';
import { stateOf } from './manifest.ts';
import type { CompactEntry, SegmentEntry } from './manifest.ts';
import { PeopleKeys } from './people.ts';
import { Matcher, listNames } from './query.ts';
import type { Query } from './query.ts';
import { ReadCounts, eventOf } from './reader.ts';
import type { SearchOptions, SearchResult } from './search.ts';
import { sha256 } from './seal.ts';

/** Segments of one Parquet file a day and sensor: 256 MiB of text, which are sorted in memory. */
const BATCH = 8;
/** Rows that share a number by which names find them. */
const CHUNK = 4_096;

export interface Compacted {
  readonly segments: number;
  readonly events: number;
  readonly files: number;
}

/**
 * Makes Parquet files of sealed segments that have none yet: `lake/events/day=.../sensor=.../N.parquet` with a row an
 * event (its line as it is, and columns of what is searched for), and `lake/names/...` which says in what chunks of it a
 * name is. Texts stay sealed in them. The files are a copy: the archive is the archive.
 */
export async function compact(archive: Archive, tell: (line: string) => void): Promise<Compacted> {
  const state = stateOf(archive.manifest.entries());
  const done = new Set(
    state.compacted.filter((entry) => isWhole(archive, entry)).flatMap(({ segments }) => segments),
  );
  for (const entry of state.compacted) if (!isWhole(archive, entry)) clear(archive, entry);
  const waiting = [...state.segments.values()].filter(({ seq }) => !done.has(seq));
  const total = { segments: 0, events: 0, files: 0 };
  if (waiting.length === 0) return total;
  const duck = await Duck.open();
  try {
    for (let at = 0; at < waiting.length; at += BATCH) {
      const made = await compactBatch(archive, duck, waiting.slice(at, at + BATCH));
      total.segments += made.segments.length;
      total.events += made.events;
      total.files += made.files.length;
      tell(`${total.segments} of ${waiting.length} segments, ${total.events} events`);
    }
  } finally {
    duck.close();
  }
  return total;
}

function isWhole(archive: Archive, { files }: CompactEntry): boolean {
  return files.every(({ path }) => existsSync(join(archive.paths.lake, path)));
}

/** Takes away what is left of a batch of which something was purged: its other segments get new files. */
function clear(archive: Archive, { files }: CompactEntry): void {
  for (const { path } of files) remove(join(archive.paths.lake, path));
}

async function compactBatch(
  archive: Archive,
  duck: Duck,
  batch: readonly SegmentEntry[],
): Promise<CompactEntry> {
  const { paths, settings } = archive;
  const name = String(batch[0]?.seq ?? 0).padStart(8, '0');
  const work = join(paths.lake, `.making-${process.pid}`);
  makeFolder(paths.lake);
  rmSync(work, { recursive: true, force: true });
  makeFolder(work);
  try {
    const sources = batch.map(({ seq }) => sqlText(resolve(paths.segment(seq, 'jsonl.gz'))));
    await duck.run(
      `CREATE OR REPLACE TEMP TABLE batch AS ${extract(sources.join(', '), settings.sensor ?? 'unknown')}`,
    );
    const [[rows] = []] = await duck.rows('SELECT count(*)::INTEGER FROM batch');
    const events = batch.reduce((sum, { lines }) => sum + lines, 0);
    if (rows !== events)
      throw new OperatorError(
        `segments from ${name} hold ${String(rows)} events, not ${events}: imspan archive verify says more`,
        EXIT.IO,
      );
    const options = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 16384, PARTITION_BY (day, sensor), FILENAME_PATTERN ${sqlText(`${name}_{i}`)}`;
    const chunk = `(rowid // ${CHUNK})::INTEGER AS chunk`;
    await duck.run(
      `COPY (SELECT *, ${chunk} FROM batch) TO ${sqlText(resolve(work, 'events'))} (${options})`,
    );
    await duck.run(
      `COPY (SELECT DISTINCT unnest(names) AS name, day, sensor, ${chunk} FROM batch ORDER BY name)
       TO ${sqlText(resolve(work, 'names'))} (${options})`,
    );
    await duck.run('DROP TABLE batch');
    const files = moveIn(work, paths.lake);
    const entry: CompactEntry = { type: 'compact', segments: batch.map(({ seq }) => seq), files, events };
    archive.record(entry);
    return entry;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What of an event becomes columns; what has another form in a line is none. */
const SHAPE = {
  ...{ timestamp: 'VARCHAR', event_type: 'VARCHAR', host: 'VARCHAR', alert: { signature_id: 'BIGINT' } },
  im: {
    ...{ service: 'VARCHAR', kind: 'VARCHAR', account: 'VARCHAR', from: 'VARCHAR', person: 'VARCHAR' },
    ...{ room: { id: 'VARCHAR' }, contact: { id: 'VARCHAR' }, conversation: 'VARCHAR', id: 'VARCHAR' },
    ...{ to: ['VARCHAR'], members: ['VARCHAR'] },
  },
  fileinfo: { md5: 'VARCHAR', sha1: 'VARCHAR', sha256: 'VARCHAR' },
};

/** Rows of events, those of one account together, so that few chunks have what a person did. */
function extract(sources: string, sensor: string): string {
  return `
    SELECT e.timestamp AS time, e.event_type AS type, e.im.service AS network, e.im.kind AS kind, e.im.account AS account,
      list_distinct(list_transform(list_filter(list_concat(
        [e.im.account, e.im."from", e.im.person, e.im.room.id, e.im.contact.id], e.im."to", e.im.members
      ), lambda n: n IS NOT NULL), lambda n: lower(n))) AS names,
      e.im.conversation AS conversation, e.im.id AS id, e.alert.signature_id AS signature,
      list_filter([e.fileinfo.md5, e.fileinfo.sha1, e.fileinfo.sha256], lambda h: h IS NOT NULL) AS hashes,
      CASE WHEN regexp_full_match(left(e.timestamp, 10), '[0-9]{4}-[0-9]{2}-[0-9]{2}') THEN left(e.timestamp, 10)
        ELSE 'unknown' END AS day,
      coalesce(e.host, ${sqlText(sensor)}) AS sensor, event
    FROM (SELECT json_transform(json, ${sqlText(JSON.stringify(SHAPE))}) AS e, json::VARCHAR AS event
      FROM read_ndjson_objects([${sources}], maximum_object_size = 16777216))
    ORDER BY day, sensor, account, time`;
}

/** Moves the files that were made to their places; each with its hash and the day it is of. */
function moveIn(work: string, lake: string): CompactEntry['files'] {
  const files: CompactEntry['files'][number][] = [];
  for (const path of parquetBelow(work, '')) {
    const place = join(lake, path);
    mkdirSync(join(place, '..'), { recursive: true, mode: 0o700 });
    const bytes = readFileSync(join(work, path));
    renameSync(join(work, path), place);
    files.push({ path, sha256: sha256(bytes), day: /day=([^/]+)/.exec(path)?.[1] ?? '' });
  }
  return files;
}

function parquetBelow(folder: string, path: string): string[] {
  return readdirSync(join(folder, path), { withFileTypes: true }).flatMap((entry) => {
    const inside = path === '' ? entry.name : `${path}/${entry.name}`;
    if (entry.isDirectory()) return parquetBelow(folder, inside);
    return entry.name.endsWith('.parquet') ? [inside] : [];
  });
}

/** Whether a place is a lake: a folder that `compact` made, or several of them joined into one. */
export function isLake(place: string): boolean {
  return (
    existsSync(join(place, 'events')) &&
    statSync(join(place, 'events')).isDirectory() &&
    !Archive.isThere(place)
  );
}

/**
 * Searches a lake. Sealed texts are opened with the keys of the archive that it lies in (or of `keys`), which writes
 * the search down.
 */
export async function searchLake(
  place: string,
  query: Query,
  options: SearchOptions,
  take: (event: EveEvent) => void,
): Promise<SearchResult> {
  const above = resolve(place, '..');
  const archive = Archive.isThere(above) ? Archive.open(above, options.keys) : undefined;
  archive?.logAccess('search', { query, lake: true });
  const people = archive && new PeopleKeys(archive.keys);
  const matcher = new Matcher(query);
  const result: SearchResult = {
    ...{ counts: new ReadCounts(), unsealed: { opened: 0, erased: 0, wrong: 0 } },
    ...{ found: 0, cut: false },
  };
  const duck = await Duck.open();
  try {
    const sql = await selectOf(duck, place, query);
    if (sql === undefined) return result;
    await duck.each(sql, ([line]) => {
      result.counts.lines++;
      const event = typeof line === 'string' ? eventOf(line) : undefined;
      return event === undefined || consider(event, { matcher, people, result, options, take });
    });
  } finally {
    duck.close();
  }
  return result;
}

/** More chunks than this are read by their names alone. */
const MAX_CHUNKS = 2_000;

/** What is asked of the lake: as much as columns can say; the rest is looked at event by event. */
async function selectOf(duck: Duck, place: string, query: Query): Promise<string | undefined> {
  const files = sqlText(resolve(place, 'events/**/*.parquet'));
  const where = conditionsOf(query);
  const names = [...listNames(query)];
  if (names.length > 0) {
    const list = names.map((name) => sqlText(name.toLowerCase())).join(', ');
    const chunks = await duck.rows(
      `SELECT DISTINCT filename, chunk FROM read_parquet(${sqlText(resolve(place, 'names/**/*.parquet'))}, filename = true, hive_partitioning = true, hive_types_autocast = false)
       WHERE name IN (${list})${dayCondition(query)} ORDER BY ALL LIMIT ${MAX_CHUNKS + 1}`,
    );
    if (chunks.length === 0) return undefined;
    where.push(`list_has_any(names, [${list}])`);
    if (chunks.length <= MAX_CHUNKS) return fewChunks(place, chunks as [string, number][], where);
  }
  return `SELECT event FROM read_parquet(${files}, hive_partitioning = true, hive_types_autocast = false)
    WHERE ${[...where, 'true'].join(' AND ')}${dayCondition(query)} ORDER BY time`;
}

/** Reads the chunks that a name is in, of the files that they are in, and nothing else. */
function fewChunks(place: string, chunks: readonly [string, number][], where: readonly string[]): string {
  const byFile = new Map<string, number[]>();
  for (const [names, chunk] of chunks) {
    const file = names.replace(resolve(place, 'names'), resolve(place, 'events'));
    byFile.set(file, [...(byFile.get(file) ?? []), chunk]);
  }
  const parts = [...byFile].map(
    ([file, numbers]) =>
      `SELECT event, time FROM read_parquet(${sqlText(file)}) WHERE chunk IN (${numbers.join(', ')}) AND ${where.join(' AND ')}`,
  );
  return `SELECT event FROM (${parts.join(' UNION ALL ')}) ORDER BY time`;
}

function conditionsOf(query: Query): string[] {
  const { network, conversation, id, signature, hash, alerts, from, to, kinds } = query;
  const where: string[] = [];
  if (network !== undefined) where.push(`network = ${sqlText(network)}`);
  if (conversation !== undefined) where.push(`conversation = ${sqlText(conversation)}`);
  if (id !== undefined) where.push(`id = ${sqlText(id)}`);
  if (signature !== undefined) where.push(`signature = ${signature}`);
  if (hash !== undefined)
    where.push(`(list_contains(hashes, ${sqlText(hash)}) OR contains(event, ${sqlText(hash)}))`);
  if (alerts === true) where.push(`type = 'alert'`);
  if (from !== undefined) where.push(`time >= ${sqlText(from)}`);
  if (to !== undefined) where.push(`left(time, ${to.length}) <= ${sqlText(to)}`);
  if (kinds !== undefined) where.push(`coalesce(kind, type) IN (${kinds.map(sqlText).join(', ')})`);
  return where;
}

/** Days that are no part of what is asked for are not opened. */
function dayCondition({ from, to }: Query): string {
  const day = (text: string): string => sqlText(text.slice(0, 10));
  const after = from === undefined ? '' : ` AND left(day, ${Math.min(10, from.length)}) >= ${day(from)}`;
  return to === undefined ? after : `${after} AND left(day, ${Math.min(10, to.length)}) <= ${day(to)}`;
}
