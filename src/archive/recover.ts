import { closeSync, fstatSync, ftruncateSync, openSync, readSync, readdirSync } from 'node:fs';
import type { KeyObject } from 'node:crypto';
import type { EveEvent } from '../event/eve.ts';
import type { Archive } from './archive.ts';
import { SegmentChain, seedOf } from './chain.ts';
import { plainFields } from './chained-log.ts';
import { readText, remove, segmentOf } from './files.ts';
import { isSigned } from './keys.ts';
import { archiveLimit } from './limits.ts';
import { NameList } from './names.ts';
import type { Gathered } from './seal.ts';

/** What was signed of an open segment: how many lines and bytes there were, and where their chain stood. */
export interface OpenRecord {
  readonly seq: number;
  readonly lines: number;
  readonly bytes: number;
  readonly head: string;
}

export function openRecordText(record: OpenRecord, sign: (text: string) => string): string {
  const text = JSON.stringify(record);
  return `${JSON.stringify({ record: text, sig: sign(text) })}\n`;
}

/** The signed record of an open segment; a word where there is none that counts. */
export function readOpenRecord(path: string, key: KeyObject | undefined): OpenRecord | 'none' | 'unsigned' {
  const text = readText(path);
  if (text === undefined) return 'none';
  const { record, sig } = plainFields(text) ?? {};
  if (typeof record !== 'string' || typeof sig !== 'string' || key === undefined) return 'unsigned';
  if (!isSigned(record, sig, key)) return 'unsigned';
  return plainFields(record) as unknown as OpenRecord;
}

/** What an open segment's text is, compared with what was signed of it. */
export interface OpenSegment {
  readonly gathered: Gathered;
  /** Bytes of a line that has no end. */
  readonly torn: number;
  /** Events that were signed for and are not there. */
  readonly lost: number;
  /** `whole`; else what is wrong. */
  readonly checked: string;
  /** Events behind what was signed: written within the last second. */
  readonly unsigned: number;
}

/** Reads the text of an open segment. `mend` cuts a torn line off. */
export function readOpenSegment(archive: Archive, seq: number, mend: boolean): OpenSegment {
  const { paths } = archive;
  const record = readOpenRecord(paths.segment(seq, 'open'), archive.keys.publicKey());
  const signed = typeof record === 'string' ? undefined : record;
  const gathered: Gathered = {
    ...{ seq, chain: new SegmentChain(seedOf(archive.settings.archive, seq)), names: new NameList() },
    ...{ first: undefined, last: undefined, keptOut: 0, textsDropped: 0 },
  };
  let headThere: string | undefined;
  const torn = eachLine(paths.segment(seq, 'part'), mend, (line) => {
    if (signed !== undefined && gathered.chain.bytes === signed.bytes) headThere = gathered.chain.head();
    gathered.chain.add(line);
    gather(gathered, line);
  });
  if (signed !== undefined && gathered.chain.bytes === signed.bytes) headThere = gathered.chain.head();
  const { lines, bytes } = gathered.chain;
  return {
    gathered,
    torn,
    lost: Math.max(0, (signed?.lines ?? 0) - lines),
    unsigned: Math.max(0, lines - (signed?.lines ?? 0)),
    checked: verdictOn(record, headThere, bytes),
  };
}

function verdictOn(
  record: ReturnType<typeof readOpenRecord>,
  head: string | undefined,
  bytes: number,
): string {
  if (record === 'none') return 'its signed record is missing';
  if (record === 'unsigned') return 'its record is not signed by this key';
  if (bytes < record.bytes) return 'it is shorter than what was signed';
  return head === record.head ? 'whole' : `its first ${record.lines} lines are not those that were signed`;
}

function gather(gathered: Gathered, line: Buffer): void {
  if (line.length > archiveLimit('archive_line')) return;
  const event = plainFields(line.toString()) as EveEvent | undefined;
  if (typeof event?.timestamp !== 'string') return;
  noteTime(gathered, event.timestamp);
  try {
    gathered.names.add(event);
  } catch {
    // Not a line of ours: whoever changed it is told of by the chain.
    return;
  }
}

export function noteTime(gathered: Gathered, time: string): void {
  if (gathered.first === undefined || time < gathered.first) gathered.first = time;
  if (gathered.last === undefined || time > gathered.last) gathered.last = time;
}

const CHUNK = 1_048_576;

/** Hands on each whole line with its end; the bytes of a torn one at the end. */
function eachLine(path: string, mend: boolean, take: (line: Buffer) => void): number {
  const fd = openSync(path, mend ? 'r+' : 'r');
  try {
    const { size } = fstatSync(fd);
    let rest: Buffer = Buffer.alloc(0);
    for (let at = 0; at < size;) {
      const chunk = Buffer.alloc(Math.min(CHUNK, size - at));
      const got = readSync(fd, chunk, 0, chunk.length, at);
      if (got === 0) break;
      at += got;
      const bytes =
        rest.length === 0 ? chunk.subarray(0, got) : Buffer.concat([rest, chunk.subarray(0, got)]);
      let from = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
        take(bytes.subarray(from, end + 1));
        from = end + 1;
      }
      rest = bytes.subarray(from);
    }
    if (mend && rest.length > 0) ftruncateSync(fd, size - rest.length);
    return rest.length;
  } finally {
    closeSync(fd);
  }
}

/** Numbers of segments whose text lies open. */
export function openSegments(archive: Archive): number[] {
  return segmentFiles(archive)
    .filter(({ part }) => part === 'part')
    .map(({ seq }) => seq)
    .sort((a, b) => a - b);
}

export function segmentFiles(archive: Archive): { seq: number; part: string }[] {
  return readdirSync(archive.paths.segments).flatMap((file) => segmentOf(file) ?? []);
}

/**
 * What runs before left behind: segments that are to be sealed now. What was sealed already and only not cleared away
 * goes. `tell` is told of each in a line.
 */
export function leftBehind(
  archive: Archive,
  sealed: ReadonlySet<number>,
  tell: (line: string) => void,
): Gathered[] {
  const { paths } = archive;
  for (const { seq, part } of segmentFiles(archive)) {
    if (part === 'tmp') remove(paths.segment(seq, 'tmp'));
  }
  const left: Gathered[] = [];
  for (const seq of openSegments(archive)) {
    if (sealed.has(seq)) {
      remove(paths.segment(seq, 'part'));
      remove(paths.segment(seq, 'open'));
      continue;
    }
    const { gathered, torn, lost, checked } = readOpenSegment(archive, seq, true);
    if (gathered.chain.lines === 0 && lost === 0) {
      remove(paths.segment(seq, 'part'));
      remove(paths.segment(seq, 'open'));
      if (torn > 0) tell(`archive: an event that was being written at the end of the run before is missing`);
      continue;
    }
    gathered.recovered = { torn, lost, checked };
    left.push(gathered);
    tell(
      `archive: the run before had no end; of its last segment (${seq}) there are ${gathered.chain.lines} events` +
        `${torn > 0 ? '; the one that was being written is missing' : ''}` +
        `${lost > 0 ? `; ${lost} that were written are gone` : ''}${checked === 'whole' ? '' : `; ${checked}`}`,
    );
  }
  return left;
}
