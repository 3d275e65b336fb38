import { createHash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Archive } from './archive.ts';
import { SegmentChain, compareLines, readSidecar, seedOf } from './chain.ts';
import { ChainedLog, checkLog, hashOf, plainFields } from './chained-log.ts';
import type { CheckedLog, LogHead } from './chained-log.ts';
import { below } from './archive.ts';
import { codeOf, readText } from './files.ts';
import { exportPublic, fingerprint, importPublic } from './keys.ts';
import { stateOf } from './manifest.ts';
import type { ArchiveState, ManifestEntry, SegmentEntry } from './manifest.ts';
import { openSegments, readOpenSegment, segmentFiles } from './recover.ts';
import { sha256 } from './seal.ts';

/** What a check of an archive found. */
export interface VerifyReport {
  /** What is wrong, each with its place. */
  readonly problems: string[];
  /** What is to be known, and nothing wrong. */
  readonly notes: string[];
  readonly key: string;
  segments: number;
  events: number;
  /** Of text. */
  bytes: number;
  entries: number;
}

export interface VerifyOptions {
  /** The key that is to have signed; that in the folder of keys where not given. */
  readonly key?: KeyObject | undefined;
  /** Compare the hashes of the files only: no line is read where they fit. */
  readonly quick?: boolean;
  /** Told after each segment. */
  readonly progress?: (done: number, of: number) => void;
}

/** Checks all of an archive: settings, manifest, logs, each segment and each line. Changes nothing. */
export async function verifyArchive(archive: Archive, options: VerifyOptions = {}): Promise<VerifyReport> {
  const unchecked = archive.manifest.check();
  const first = unchecked.entries[0]?.fields;
  const own = first?.type === 'init' ? importPublic(first.public_key) : undefined;
  const key = options.key ?? archive.keys.publicKey();
  const report: VerifyReport = {
    ...{ problems: [], notes: [], segments: 0, events: 0, bytes: 0, entries: unchecked.entries.length },
    key: key === undefined ? '' : fingerprint(exportPublic(key)),
  };
  const used = key ?? own;
  if (key === undefined)
    report.notes.push(
      'the folder of keys is not there: checked by the key that the archive itself names, which does not show an exchanged manifest (--public)',
    );
  const checked = archive.manifest.check(used);
  for (const { line, problem } of checked.problems)
    report.problems.push(`manifest, line ${line}: ${problem}`);
  checkInit(archive, first, used, report);
  checkHead(archive, checked, report);
  const state = stateOf(checked.entries.map(({ fields }) => fields));
  checkLogs(archive, checked, report);
  checkFiles(archive, state, report);
  let done = 0;
  for (const entry of state.segments.values()) {
    await checkSegment(archive, entry, report, options.quick ?? false);
    options.progress?.(++done, state.segments.size);
  }
  checkOpen(archive, state, report);
  checkLake(archive, state, report);
  return report;
}

function checkInit(
  archive: Archive,
  first: ManifestEntry | undefined,
  key: KeyObject | undefined,
  report: VerifyReport,
): void {
  if (first?.type !== 'init') {
    report.problems.push('manifest, line 1: does not say which archive this is');
    return;
  }
  if (first.archive !== archive.settings.archive)
    report.problems.push('the manifest is that of another archive');
  if (key !== undefined && first.public_key !== exportPublic(key))
    report.problems.push('the manifest names another key than the one it is checked by: it was exchanged');
  if (hashOf(readText(archive.paths.settings) ?? '') !== first.settings)
    report.problems.push('archive.json was changed after the archive was made');
}

/** Where the manifest stood when it was last written is kept with the keys: a shorter one was cut or exchanged. */
function checkHead(archive: Archive, { entries }: CheckedLog<ManifestEntry>, report: VerifyReport): void {
  const head = archive.keys.head();
  if (head === undefined) {
    report.notes.push(
      'where the manifest stood is not known (no head.json with the keys): entries cut off its end do not show',
    );
    return;
  }
  const there = entries[head.n - 1];
  if (there === undefined)
    report.problems.push(`the manifest is cut: it had ${head.n} entries and has ${entries.length}`);
  else if (there.hash !== head.hash)
    report.problems.push(`manifest, line ${head.n}: is not the one that was written last; it was exchanged`);
}

function checkLogs(archive: Archive, manifest: CheckedLog<ManifestEntry>, report: VerifyReport): void {
  const logs = [
    { name: 'access.jsonl', path: archive.paths.access, of: 'access' },
    { name: 'marks.jsonl', path: archive.paths.marks, of: 'marks' },
  ] as const;
  for (const { name, path, of } of logs) {
    const log = checkLog(new ChainedLog(path, name), plainFields);
    for (const { line, problem } of log.problems) report.problems.push(`${name}, line ${line}: ${problem}`);
    for (const { fields } of manifest.entries) {
      if (fields.type !== 'segment') continue;
      const wrong = anchorProblem(fields[of], log);
      if (wrong === undefined) continue;
      report.problems.push(`${name}: ${wrong} (as signed with segment ${fields.seq})`);
      break;
    }
  }
}

function anchorProblem(head: LogHead | undefined, log: CheckedLog<unknown>): string | undefined {
  if (head === undefined || head.n === 0) return undefined;
  const there = log.entries[head.n - 1];
  if (there === undefined) return `had ${head.n} lines and has ${log.entries.length}`;
  return there.hash === head.hash ? undefined : `line ${head.n} is not the one that there was`;
}

/** Files that are not there, and those that nothing speaks of. */
function checkFiles(archive: Archive, state: ArchiveState, report: VerifyReport): void {
  const last = Math.max(0, ...state.segments.keys(), ...state.purged);
  for (let seq = 1; seq <= last; seq++) {
    if (!state.segments.has(seq) && !state.purged.has(seq))
      report.problems.push(`segment ${seq}: the manifest has no entry of it`);
  }
  const open = new Set(openSegments(archive));
  for (const { seq, part } of segmentFiles(archive)) {
    if (part !== 'jsonl.gz' || state.segments.has(seq)) continue;
    // Killed between the two: the open text counts, and the next run seals it again.
    if (open.has(seq) && !state.purged.has(seq)) {
      report.notes.push(`segment ${seq}: its sealing was cut off; its open text is checked instead`);
      continue;
    }
    report.problems.push(
      state.purged.has(seq)
        ? `segment ${seq}: was purged and is there`
        : `segment ${seq}: the manifest does not know it`,
    );
  }
  if (state.purged.size > 0) report.notes.push(`segments purged: ${state.purged.size}`);
}

async function checkSegment(
  archive: Archive,
  entry: SegmentEntry,
  report: VerifyReport,
  quick: boolean,
): Promise<void> {
  const { seq } = entry;
  const { paths } = archive;
  report.segments++;
  report.events += entry.lines;
  report.bytes += entry.bytes;
  checkBeside(archive, entry, report);
  const path = paths.segment(seq, 'jsonl.gz');
  if (!existsSync(path)) {
    report.problems.push(`segment ${seq}: is missing (${entry.lines} events)`);
    return;
  }
  const sidecar = readBytes(paths.segment(seq, 'chain'));
  const sealed = sidecar !== undefined && sha256(sidecar) === entry.chain ? readSidecar(sidecar) : undefined;
  if (sealed === undefined)
    report.problems.push(`segment ${seq}: the checks of its lines were changed or are missing`);
  const chain = new SegmentChain(seedOf(archive.settings.archive, seq));
  if (quick && (await readSegment(path, undefined)).hash === entry.file) return;
  const { hash, problem, torn } = await readSegment(path, chain);
  const { head } = chain.finish();
  if (problem !== undefined) report.problems.push(`segment ${seq}: cannot be unpacked whole (${problem})`);
  if (head === entry.head && !torn && problem === undefined) {
    if (hash !== entry.file)
      report.problems.push(`segment ${seq}: was packed anew: other bytes, the same text`);
    return;
  }
  tellLines(seq, entry, chain, sealed, report);
}

/** What the manifest says of how it came to be, and its list of names. */
function checkBeside(archive: Archive, { seq, recovered, names }: SegmentEntry, report: VerifyReport): void {
  if (recovered !== undefined) {
    if (recovered.checked !== 'whole')
      report.problems.push(`segment ${seq}: was changed before it was sealed: ${recovered.checked}`);
    else report.notes.push(`segment ${seq}: sealed by the next run; its own had no end`);
    if (recovered.lost > 0)
      report.problems.push(`segment ${seq}: ${recovered.lost} events were gone before it was sealed`);
  }
  if (names !== undefined && fileHash(archive.paths.segment(seq, 'names')) !== names)
    report.problems.push(`segment ${seq}: its list of names was changed or is missing`);
}

function tellLines(
  seq: number,
  entry: SegmentEntry,
  chain: SegmentChain,
  sealed: ReturnType<typeof readSidecar>,
  report: VerifyReport,
): void {
  if (sealed === undefined) {
    report.problems.push(
      `segment ${seq}: its text is not what was sealed (${chain.lines} lines, ${entry.lines} then)`,
    );
    return;
  }
  const found = compareLines(sealed.tags, chain.tags());
  for (const { kind, line, count } of found) {
    const lines = count === 1 ? `line ${line}` : `lines ${line} to ${line + count - 1}`;
    report.problems.push(
      kind === 'added'
        ? `segment ${seq}: added before line ${line}: ${count}`
        : `segment ${seq}: ${lines} ${kind}`,
    );
  }
  if (found.length > 0) return;
  const block = sealed.blocks.findIndex((hash, i) => !hash.equals(chain.blocks()[i] ?? Buffer.alloc(0)));
  report.problems.push(
    `segment ${seq}: block ${block + 1} of 64 KiB is not what was sealed, though its line checks fit`,
  );
}

/** Unpacks a segment into a chain (or only hashes its file), in pieces, so that what can be read of a damaged one is. */
async function readSegment(
  path: string,
  chain: SegmentChain | undefined,
): Promise<{ hash: string; problem?: string; torn: boolean }> {
  const hash = createHash('sha256');
  const file = createReadStream(path, { highWaterMark: 262_144 });
  let rest: Buffer = Buffer.alloc(0);
  let problem: string | undefined;
  try {
    if (chain === undefined) for await (const chunk of file) hash.update(chunk as Buffer);
    else
      await pipeline(
        file,
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            hash.update(chunk);
            yield chunk;
          }
        },
        createGunzip({ chunkSize: 1_048_576 }),
        async (chunks: AsyncIterable<Buffer>) => {
          for await (const chunk of chunks) rest = addLines(chain, rest, chunk);
        },
      );
  } catch (error) {
    problem = codeOf(error);
  }
  return {
    hash: problem === undefined ? hash.digest('hex') : '',
    torn: rest.length > 0,
    ...(problem !== undefined && { problem }),
  };
}

/** Gives whole lines to the chain; what is left. */
function addLines(chain: SegmentChain, rest: Buffer, chunk: Buffer): Buffer {
  const end = chunk.lastIndexOf(10) + 1;
  if (end === 0) return Buffer.concat([rest, chunk]);
  if (rest.length === 0) chain.add(chunk, 0, end);
  else {
    const first = chunk.indexOf(10) + 1;
    chain.add(Buffer.concat([rest, chunk.subarray(0, first)]));
    if (first < end) chain.add(chunk, first, end);
  }
  return chunk.subarray(end);
}

/** What is not sealed yet: the segment that is being written, or that a run without an end left behind. */
function checkOpen(archive: Archive, state: ArchiveState, report: VerifyReport): void {
  for (const seq of openSegments(archive)) {
    // Sealed, and not yet cleared away.
    if (state.segments.has(seq) || state.purged.has(seq)) continue;
    const { gathered, lost, checked, unsigned } = readOpenSegment(archive, seq, false);
    report.events += gathered.chain.lines;
    report.bytes += gathered.chain.bytes;
    if (checked !== 'whole') report.problems.push(`segment ${seq}, not sealed yet: ${checked}`);
    if (lost > 0) report.problems.push(`segment ${seq}, not sealed yet: ${lost} events are gone`);
    report.notes.push(
      `segment ${seq} is not sealed yet: ${gathered.chain.lines} events, ${unsigned} of them not signed yet`,
    );
  }
}

function checkLake(archive: Archive, state: ArchiveState, report: VerifyReport): void {
  for (const { files } of state.compacted) {
    for (const { path, sha256: sum } of files) {
      const place = below(archive.paths.lake, path);
      if (existsSync(place) && fileHash(place) !== sum) report.problems.push(`lake/${path}: was changed`);
    }
  }
}

function readBytes(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function fileHash(path: string): string | undefined {
  const bytes = readBytes(path);
  return bytes && sha256(bytes);
}
