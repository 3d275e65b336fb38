import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { START, imEvent } from '../classify/build.ts';
import type { EveEvent } from '../event/eve.ts';
import { EveFile } from './eve-file.ts';
import type { EveFileOptions } from './eve-file.ts';

let folder = '';
let path = '';
const said: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'imspan-eve-'));
  path = join(folder, 'eve.json');
  said.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(set: Partial<EveFileOptions> = {}): EveFile {
  return new EveFile(path, { append: true, keep: 3, say: (line) => said.push(line), ...set });
}

function event(n: number, after = n): EveEvent {
  return imEvent({ kind: 'message', text: `message ${n} ${'x'.repeat(200)}` }, after);
}

/** Numbers of the messages in a file, compressed or not; throws where a line is cut. */
function numbers(name: string): number[] {
  const bytes = readFileSync(join(folder, name));
  const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => Number((JSON.parse(line) as EveEvent).im?.text?.split(' ')[1]));
}

const files = (): string[] => readdirSync(folder).sort();

/** Lets what is being compressed come to its end. */
async function settle(): Promise<void> {
  for (let n = 0; n < 400 && files().some((name) => /\.1$|\.part$/.test(name)); n++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  // The file is gone a moment before the one who removed it is told so.
  await new Promise((resolve) => setTimeout(resolve, 20));
}

test('at its size another file is begun; the old ones are compressed, counted on, and the oldest goes', async () => {
  const file = open({ bytes: 4_000 });
  for (let n = 0; n < 100; n++) {
    file.write(event(n));
    await settle();
  }
  await file.close();
  expect(files()).toEqual(['eve.json', 'eve.json.1.gz', 'eve.json.2.gz', 'eve.json.3.gz']);
  const all = ['eve.json.3.gz', 'eve.json.2.gz', 'eve.json.1.gz', 'eve.json'].flatMap(numbers);
  // No event between the oldest that is kept and the last is missing or told twice.
  expect(all).toEqual(Array.from({ length: all.length }, (_, i) => 100 - all.length + i));
  expect(all.length).toBeGreaterThan(20);
  for (const name of files()) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  expect(said).toEqual([]);
});

test('at each multiple of the period, by packet time, another file is begun; a stamp that lies back begins none', async () => {
  const file = open({ seconds: 3_600 });
  // START is 14:03:11.
  for (const [n, after] of [0, 60, 3_500, 3_300, 3_600, 7_200, 7_300].entries()) {
    file.write(event(n, after));
    await settle();
  }
  await file.close();
  expect(START % 3_600).toBe(191);
  expect([numbers('eve.json.2.gz'), numbers('eve.json.1.gz'), numbers('eve.json')]).toEqual([
    [0, 1],
    [2, 3, 4],
    [5, 6],
  ]);
});

test('while the one before is being compressed the file grows on; nothing is lost', async () => {
  const file = open({ bytes: 500, keep: 1_000 });
  for (let n = 0; n < 300; n++) file.write(event(n));
  await file.close();
  const old = files().filter((name) => name !== 'eve.json');
  expect([...old.flatMap(numbers), ...numbers('eve.json')]).toEqual(Array.from({ length: 300 }, (_, i) => i));
});

test('with nothing to keep the old file goes', async () => {
  const file = open({ bytes: 1_000, keep: 0 });
  for (let n = 0; n < 20; n++) file.write(event(n));
  await file.close();
  expect(files()).toEqual(['eve.json']);
  expect(numbers('eve.json').at(-1)).toBe(19);
});

test('what somebody moved away is written to until it is opened again', async () => {
  const file = open();
  file.write(event(1));
  renameSync(path, join(folder, 'moved'));
  file.write(event(2));
  file.reopen();
  file.write(event(3));
  await file.close();
  expect([numbers('moved'), numbers('eve.json')]).toEqual([[1, 2], [3]]);
});

test('a live run goes on behind what is there, a replay replaces it; a cut line stands alone', async () => {
  writeFileSync(path, `${JSON.stringify(event(1))}\n{"timestamp":"2005-03`);
  const live = open();
  live.write(event(2));
  await live.close();
  const lines = readFileSync(path, 'utf8').split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[1]).toBe('{"timestamp":"2005-03');
  const replay = open({ append: false });
  replay.write(event(3));
  await replay.close();
  expect(numbers('eve.json')).toEqual([3]);
});

test('what a run that was killed left uncompressed, or half compressed, is compressed by the next', async () => {
  writeFileSync(`${path}.1`, `${JSON.stringify(event(1))}\n`);
  writeFileSync(`${path}.1.gz.part`, 'half');
  const file = open({ bytes: 1_000_000 });
  await settle();
  await file.close();
  expect(files()).toEqual(['eve.json', 'eve.json.1.gz']);
  expect(numbers('eve.json.1.gz')).toEqual([1]);
});

test('a file that cannot be opened again is told once, what is lost is counted, and the exit code says so', async () => {
  const file = open();
  file.write(event(1));
  renameSync(path, join(folder, 'moved'));
  mkdirSync(path);
  file.reopen();
  for (let n = 2; n < 5; n++) file.write(event(n));
  rmSync(path, { recursive: true });
  file.reopen();
  file.write(event(5));
  expect(said).toEqual([
    `cannot write ${path}: it is a folder; name a file`,
    `${path}: is written again; 3 events were not written`,
  ]);
  await expect(file.close()).rejects.toMatchObject({
    message: `cannot write ${path}: it is a folder; name a file; 3 events were not written`,
    exitCode: 3,
  });
  expect(numbers('eve.json')).toEqual([5]);
});

test('a full disk is told at once and at the end', async () => {
  if (!existsSync('/dev/full')) return;
  const file = new EveFile('/dev/full', { append: false, keep: 1, say: (line) => said.push(line) });
  for (let n = 0; n < 1_000; n++) file.write(event(n));
  await expect(file.close()).rejects.toThrow('cannot write /dev/full: the disk is full');
  expect(said).toEqual([
    'cannot write /dev/full: the disk is full; free space or choose another place; it is tried again every 10 s',
  ]);
});
