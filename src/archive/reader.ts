import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import type { EveEvent, ImObject } from '../event/eve.ts';
import type { Archive } from './archive.ts';
import { plainFields } from './chained-log.ts';
import { codeOf } from './files.ts';
import { archiveLimit } from './limits.ts';
import { stateOf } from './manifest.ts';
import type { SegmentEntry } from './manifest.ts';
import { mayHold } from './names.ts';
import type { PeopleKeys, SealedText } from './people.ts';
import { openSegments } from './recover.ts';

/** What of an archive is worth reading. */
export interface Wanted {
  /** Segments without one of these names are passed over; all are read where empty. */
  readonly names?: readonly string[];
  /** Times as events have them (`2026-11-24T...`), either by its beginning. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Where lines come from, and what could not be read of it. */
export interface Source {
  readonly name: string;
  readonly path: string;
  /** Its last line may be half written. */
  readonly open: boolean;
}

/** What an event-log reader counted. */
export class ReadCounts {
  segments = 0;
  /** Passed over by time or names. */
  skipped = 0;
  lines = 0;
  /** Places of files or lines that could not be read; the first of many. */
  readonly problems: string[] = [];
  damaged = 0;

  tell(problem: string): void {
    this.damaged++;
    if (this.problems.length < 10) this.problems.push(problem);
  }
}

/** The segments of an archive that may hold what is wanted, in order; the one being written is the last. */
export function sourcesOf(archive: Archive, wanted: Wanted, counts: ReadCounts): Source[] {
  const { paths } = archive;
  const { segments, purged } = stateOf(archive.manifest.entries());
  const sources: Source[] = [];
  for (const entry of segments.values()) {
    const path = paths.segment(entry.seq, 'jsonl.gz');
    if (!mayMatch(entry, wanted) || !listed(paths.segment(entry.seq, 'names'), entry, wanted))
      counts.skipped++;
    else if (existsSync(path)) sources.push({ name: `segment ${entry.seq}`, path, open: false });
    else counts.tell(`segment ${entry.seq} is missing`);
  }
  for (const seq of openSegments(archive)) {
    if (segments.has(seq) || purged.has(seq)) continue;
    sources.push({ name: `segment ${seq} (open)`, path: paths.segment(seq, 'part'), open: true });
  }
  return sources;
}

function mayMatch({ first, last }: SegmentEntry, { from, to }: Wanted): boolean {
  if (from !== undefined && last !== undefined && last < from) return false;
  return !(to !== undefined && first !== undefined && first.slice(0, to.length) > to);
}

function listed(path: string, entry: SegmentEntry, { names = [] }: Wanted): boolean {
  if (names.length === 0 || entry.names === undefined) return true;
  let marks: Buffer;
  try {
    marks = readFileSync(path);
  } catch {
    return true;
  }
  return names.some((name) => mayHold(marks, name));
}

/**
 * Hands on each line of a source. `take` says false to end. A torn line at the end of an open segment is none, and no
 * problem; damage is told and what could be read before it is handed on.
 */
export async function eachLine(
  source: Source,
  counts: ReadCounts,
  take: (line: string, number: number) => boolean,
): Promise<boolean> {
  counts.segments++;
  const file = createReadStream(source.path, { highWaterMark: 262_144 });
  const zipped = source.path.endsWith('.gz');
  const stream = zipped ? file.pipe(createGunzip({ chunkSize: 1_048_576 })) : file;
  if (zipped) file.on('error', (error) => stream.destroy(error));
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let number = 0;
  let tooLong = false;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const text = decoder.write(chunk);
      let at = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
        const line = at === 0 ? rest + text.slice(0, end) : text.slice(at, end);
        at = end + 1;
        number++;
        counts.lines++;
        rest = '';
        if (tooLong || line.length > archiveLimit('archive_line'))
          counts.tell(`${source.name}, line ${number}: too long`);
        else if (!take(line, number)) return false;
        tooLong = false;
      }
      rest += text.slice(at);
      if (rest.length > archiveLimit('archive_line')) {
        tooLong = true;
        rest = '';
      }
    }
    if (rest !== '' && !source.open) counts.tell(`${source.name}: its last line is torn`);
  } catch (error) {
    counts.tell(`${source.name}: cannot be read after line ${number} (${codeOf(error)})`);
  } finally {
    file.destroy();
  }
  return true;
}

/** An event of a line, if it is one; its parts are checked by who uses them. */
export function eventOf(line: string): EveEvent | undefined {
  const fields = plainFields(line);
  if (typeof fields?.timestamp !== 'string' || typeof fields.event_type !== 'string') return undefined;
  if (fields.im !== undefined && (typeof fields.im !== 'object' || fields.im === null)) return undefined;
  return fields as unknown as EveEvent;
}

/** What became of the sealed texts that were asked for. */
export interface Unsealed {
  opened: number;
  erased: number;
  /** Keys or bytes are others than those it was sealed with. */
  wrong: number;
}

/** The event with its texts, where they are sealed and the keys are there. Counts what is not. */
export function unseal(event: EveEvent, people: PeopleKeys | undefined, counts: Unsealed): EveEvent {
  const sealed = (event.im as { sealed?: unknown } | undefined)?.sealed;
  if (event.im === undefined || !isSealed(sealed)) return event;
  const opened = people === undefined ? 'erased' : people.open(sealed, event.im.id);
  if (typeof opened === 'string') {
    counts[opened]++;
    return event;
  }
  const written = plainFields(opened.text) ?? {};
  counts.opened++;
  const im = { ...event.im, ...texts(written) } as ImObject & { sealed?: unknown };
  delete im.sealed;
  if (typeof written.status === 'string' && im.status !== undefined)
    im.status = { ...im.status, text: written.status };
  if (typeof written.profile === 'object' && written.profile !== null)
    im.profile = written.profile as Record<string, unknown>;
  return { ...event, im };
}

function texts(written: Record<string, unknown>): Partial<ImObject> {
  const kept: Partial<ImObject> = {};
  for (const field of ['text', 'html', 'query'] as const) {
    const value = written[field];
    if (typeof value === 'string') kept[field] = value;
  }
  return kept;
}

function isSealed(value: unknown): value is SealedText {
  if (typeof value !== 'object' || value === null) return false;
  const { keys, data } = value as Partial<SealedText>;
  return Array.isArray(keys) && keys.every((key) => typeof key === 'string') && typeof data === 'string';
}
