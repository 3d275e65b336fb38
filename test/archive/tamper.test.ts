/** An archive is written, then changed by somebody who has its folder but not its keys: each change is found, with its place. */
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Archive } from '../../src/archive/archive.ts';
import { addMark } from '../../src/archive/marks.ts';
import { verifyArchive } from '../../src/archive/verify.ts';
import { ArchiveWriter } from '../../src/archive/writer.ts';
import { message } from './events.ts';

const scratch = mkdtempSync(join(tmpdir(), 'imspan-tamper-'));
const made = join(scratch, 'made');
const folder = join(scratch, 'arc');
const keys = join(scratch, 'keys');
const SEGMENT = 40_000;

async function write(from: number, to: number): Promise<void> {
  const writer = new ArchiveWriter(made, {
    modes: { fallback: 'metadata', groups: [] },
    tell: () => undefined,
    segmentBytes: SEGMENT,
  });
  for (let i = from; i < to; i++) writer.write(message(i));
  await writer.close();
}

beforeAll(async () => {
  const archive = Archive.init(made, { purpose: 'test', keys });
  await write(0, 300);
  addMark(archive, '0'.repeat(32), 'flag', 'look at this');
  await write(300, 350);
});

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  cpSync(made, folder, { recursive: true });
});

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

const segment = (seq: number, part = 'jsonl.gz'): string =>
  join(folder, 'segments', `${String(seq).padStart(8, '0')}.${part}`);

/** Changes the lines of a segment, packed as they were. */
function edit(seq: number, change: (lines: string[]) => void): void {
  const lines = gunzipSync(readFileSync(segment(seq)))
    .toString()
    .split('\n');
  lines.pop();
  change(lines);
  writeFileSync(segment(seq), gzipSync(lines.map((line) => `${line}\n`).join('')));
}

function editFile(path: string, change: (lines: string[]) => void): void {
  const lines = readFileSync(path, 'utf8').split('\n');
  change(lines);
  writeFileSync(path, lines.join('\n'));
}

async function problems(options: { quick?: boolean } = {}): Promise<string[]> {
  return (await verifyArchive(Archive.open(folder), options)).problems;
}

test('an archive that nobody changed is whole', async () => {
  const report = await verifyArchive(Archive.open(folder));
  expect(report.problems).toEqual([]);
  expect(report.events).toBe(350);
  expect(report.segments).toBeGreaterThan(3);
});

describe('a change is found, with its place', () => {
  test.each<[string, () => void, string | RegExp]>([
    [
      'a changed line',
      () => edit(2, (l) => (l[6] = l[6]!.replace('user', 'uzer'))),
      'segment 2: line 7 changed',
    ],
    ['a missing line', () => edit(2, (l) => l.splice(6, 1)), 'segment 2: line 7 missing'],
    ['reordered lines', () => edit(1, (l) => l.splice(3, 2, l[4]!, l[3]!)), 'segment 1: line 4 reordered'],
    ['cut lines', () => edit(3, (l) => l.splice(-2)), /^segment 3: lines \d+ to \d+ truncated$/],
    ['an added line', () => edit(1, (l) => l.splice(1, 0, l[0]!)), 'segment 1: added before line 2: 1'],
    [
      'a cut file',
      () => writeFileSync(segment(1), readFileSync(segment(1)).subarray(0, 1_000)),
      /^segment 1: cannot be unpacked whole/,
    ],
    ['a missing segment', () => unlinkSync(segment(2)), /^segment 2: is missing \(\d+ events\)$/],
    ['exchanged segments', () => exchange(segment(1), segment(2)), /^segment 1: .*changed/],
    ['a changed list of names', () => flip(segment(2, 'names')), /^segment 2: its list of names/],
    ['changed line checks', () => flip(segment(2, 'chain')), /^segment 2: the checks of its lines/],
    [
      'packed anew',
      () => writeFileSync(segment(1), gzipSync(gunzipSync(readFileSync(segment(1))), { level: 9 })),
      'segment 1: was packed anew: other bytes, the same text',
    ],
    [
      'a segment that is not ours',
      () => cpSync(segment(1), segment(99)),
      'segment 99: the manifest does not know it',
    ],
    [
      'a changed entry',
      () => editFile(join(folder, 'manifest.jsonl'), (l) => (l[1] = l[1]!.replace('"lines":', '"lines":1'))),
      'manifest, line 2: is not signed by this key',
    ],
    [
      'a missing entry',
      () => editFile(join(folder, 'manifest.jsonl'), (l) => l.splice(2, 1)),
      /^manifest, line 3: has number 4, not 3$/,
    ],
    [
      'entries cut off the end',
      () => editFile(join(folder, 'manifest.jsonl'), (l) => l.splice(-2, 1)),
      /^the manifest is cut: it had \d+ entries and has \d+$/,
    ],
    [
      'changed settings',
      () => editFile(join(folder, 'archive.json'), (l) => (l[4] = '  "purpose": "another",')),
      'archive.json was changed after the archive was made',
    ],
    [
      'a line taken out of the log of access',
      () => editFile(join(folder, 'access.jsonl'), (l) => l.splice(1, 1)),
      /^access.jsonl, line 2: has number 3/,
    ],
    [
      'a log of access that was begun anew',
      () => writeFileSync(join(folder, 'access.jsonl'), ''),
      /^access.jsonl: had \d lines? and has 0/,
    ],
    [
      'a changed mark',
      () => editFile(join(folder, 'marks.jsonl'), (l) => (l[0] = l[0]!.replace('look at', 'pass over'))),
      /^marks.jsonl: line 1 is not the one/,
    ],
  ])('%s', async (_name, tamper, expected) => {
    tamper();
    const found = await problems();
    const fits = found.filter((problem) =>
      typeof expected === 'string' ? problem === expected : expected.test(problem),
    );
    expect({ found, fits: fits.length > 0 }).toEqual({ found, fits: true });
  });

  test('quick finds a changed line just so', async () => {
    edit(2, (lines) => (lines[6] = '{}'));
    expect(await problems({ quick: true })).toEqual(['segment 2: line 7 changed']);
  });

  test('line checks that were made to fit do not help', async () => {
    // An entry that is not signed is told; the block that does not fit, too.
    edit(1, (lines) => (lines[0] = 'x'));
    flip(segment(1, 'chain'));
    expect(await problems()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^segment 1: its text is not what was sealed/)]),
    );
  });

  test('the whole archive exchanged for another one with keys of its own', async () => {
    rmSync(folder, { recursive: true });
    Archive.init(folder, { purpose: 'forged', keys: join(scratch, 'forged') });
    const report = await verifyArchive(Archive.open(folder, keys));
    expect(report.problems).toEqual(
      expect.arrayContaining([
        'manifest, line 1: is not signed by this key',
        'the manifest names another key than the one it is checked by: it was exchanged',
      ]),
    );
  });

  test('without the folder of keys it is said what does not show', async () => {
    const report = await verifyArchive(Archive.open(folder, join(scratch, 'nowhere')));
    expect(report.problems).toEqual([]);
    expect(report.notes.join()).toContain('does not show an exchanged manifest');
  });
});

function exchange(a: string, b: string): void {
  renameSync(a, `${a}.x`);
  renameSync(b, a);
  renameSync(`${a}.x`, b);
}

function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
}
