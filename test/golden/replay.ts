/**
 * Golden captures: what each capture of captures/ is told as, line by line. The expected lines lie
 * beside it; `npm run golden -- --update` writes them anew.
 */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Replay } from '../../src/app/replay.ts';
import type { ReplayResult } from '../../src/app/replay.ts';
import { defaultRulebook } from '../../src/classify/rulebook.ts';
import { makeLimits } from '../../src/core/limits.ts';
import { EveSink } from '../../src/sink/eve.ts';
import { gate } from '../../src/sink/filter.ts';

/** The project's own folder. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const FOLDER = 'captures';
const CAPTURE = /\.pcap(?:ng)?$/;
const EXPECTED = '.expected.jsonl';

/** A small flow table: the default would reserve 256 MB of address space a replay. */
const FLOWS = 65_536;

/** Paths of the captures, from the project's root, sorted by code unit. */
export function goldenCaptures(): string[] {
  return filesOf(FOLDER).filter((path) => CAPTURE.test(path));
}

/** Where the expected lines of a capture lie. */
export function expectedPath(capture: string): string {
  return capture.replace(CAPTURE, EXPECTED);
}

/** Expected lines whose capture is gone. */
export function orphans(): string[] {
  const wanted = new Set(goldenCaptures().map(expectedPath));
  return filesOf(FOLDER).filter((path) => path.endsWith(EXPECTED) && !wanted.has(path));
}

export interface Replayed {
  /** JSON lines as `imspan replay --json CAPTURE` writes them, without line ends. */
  lines: string[];
  result: ReplayResult;
}

/** Replays one capture with the default policy, full texts and, unless `allFlows`, flows of IM only. `dedupe`: window of copies in ms. */
export async function replayCapture(capture: string, allFlows = false, dedupe?: number): Promise<Replayed> {
  // `pcap_filename` is the path as it was given: so it is given from the root, wherever this runs.
  if (resolve() !== ROOT) process.chdir(ROOT);
  const chunks: Buffer[] = [];
  const memory = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  const sink = EveSink.toStream(memory, 'memory');
  const replay = new Replay({
    paths: [capture],
    merge: false,
    rulebook: defaultRulebook(),
    limits: makeLimits({ flows: FLOWS }),
    allFlows,
    workers: 1,
    dedupe,
    sinks: [gate(sink, 'full')],
  });
  const result = await replay.run();
  await sink.close();
  const text = Buffer.concat(chunks).toString();
  return { lines: text.split('\n').slice(0, -1), result };
}

/** The first difference of two lists of lines in words, with what stands around it; undefined: none. */
export function difference(expected: readonly string[], actual: readonly string[]): string | undefined {
  const length = Math.max(expected.length, actual.length);
  for (let i = 0; i < length; i++) {
    const was = expected[i];
    const is = actual[i];
    if (was === is) continue;
    const counts =
      expected.length === actual.length ? '' : ` (${expected.length} lines expected, ${actual.length} told)`;
    const at = firstUnequal(was ?? '', is ?? '');
    return [
      `line ${i + 1}, column ${at + 1}${counts}`,
      `  - ${excerpt(was, at)}`,
      `  + ${excerpt(is, at)}`,
    ].join('\n');
  }
  return undefined;
}

function firstUnequal(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  return i;
}

/** Characters before and after the first difference that are shown. */
const BEFORE = 80;
const AFTER = 160;

function excerpt(line: string | undefined, at: number): string {
  if (line === undefined) return '(no line)';
  const from = Math.max(0, at - BEFORE);
  return `${from > 0 ? '…' : ''}${line.slice(from, at + AFTER)}${line.length > at + AFTER ? '…' : ''}`;
}

function filesOf(folder: string): string[] {
  const root = join(ROOT, folder);
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort((a, b) => (a < b ? -1 : 1));
}
