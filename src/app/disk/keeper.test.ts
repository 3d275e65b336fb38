import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { diskAlarm } from '../../cli/service/keeping.ts';
import { DiskKeeper, keptFolders } from './keeper.ts';
import type { KeeperOptions } from './keeper.ts';

let base = '';
const NOW = 1_800_000_000_000;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'imspan-disk-'));
  for (const folder of ['ex', 'ev', 'log']) mkdirSync(join(base, folder));
});
afterEach(() => rmSync(base, { recursive: true }));

const hex = (n: number): string => n.toString(16).padStart(64, '0');

function put(name: string, bytes: number, age: number): void {
  const path = join(base, name);
  writeFileSync(path, Buffer.alloc(bytes));
  utimesSync(path, NOW / 1000 - age, NOW / 1000 - age);
}

function keeper(set: Partial<KeeperOptions>): DiskKeeper {
  const folders = keptFolders({
    extract: join(base, 'ex'),
    evidence: join(base, 'ev'),
    eve: join(base, 'log', 'eve.json'),
  });
  return new DiskKeeper({ folders, quotas: {}, minFree: 0, most: 1_000, now: () => NOW, ...set });
}

const left = (folder: string): string[] => readdirSync(join(base, folder)).sort();

test('beyond its quota the oldest files of a folder go, and only as many as must', async () => {
  for (let n = 1; n <= 5; n++) put(`ev/${hex(n)}.pcap`, 100, 1_000 - n);
  put(`ex/${hex(9)}.bin`, 100_000, 9_999);
  const { removed, short, problems } = await keeper({ quotas: { evidence: 250 } }).round();
  expect({ removed, short, problems }).toEqual({
    removed: [{ kind: 'evidence', why: 'quota', files: 3, bytes: 300 }],
    ...{ short: [], problems: [] },
  });
  expect(left('ev')).toEqual([`${hex(4)}.pcap`, `${hex(5)}.pcap`]);
  expect(left('ex')).toHaveLength(1);
});

test('on a full disk files of --extract go first, then evidence, then rotated logs', async () => {
  for (let n = 1; n <= 2; n++) {
    put(`ex/${hex(n)}.bin`, 100, 500 - n);
    put(`ev/${hex(n)}.pcap`, 100, 9_000 - n);
    put(`log/eve.json.${n}.gz`, 100, 90_000 + n);
  }
  put('log/eve.json', 100, 100_000);
  const used = (): number => ['ex', 'ev', 'log'].reduce((sum, folder) => sum + left(folder).length * 100, 0);
  const room = async (minFree: number): Promise<unknown> => {
    const round = await keeper({ minFree, free: () => Promise.resolve(700 - used()) }).round();
    return [round.removed.map(({ kind, files }) => `${kind} ${files}`), round.short.length > 0];
  };
  expect(await room(50)).toEqual([['extract 1'], false]);
  expect(left('ex')).toEqual([`${hex(2)}.bin`]);
  expect(await room(300)).toEqual([['extract 1', 'evidence 1'], false]);
  expect(await room(450)).toEqual([['evidence 1', 'logs 1'], false]);
  // The older log goes first; the one that is written is never touched.
  expect(left('log')).toEqual(['eve.json', 'eve.json.1.gz']);
  expect(await room(900)).toEqual([['logs 1'], true]);
  expect(left('log')).toEqual(['eve.json']);
});

test('what is not ours, young, a link or a folder stays', async () => {
  put('ex/notes.txt', 900, 9_000);
  put(`ex/${hex(1)}.bin.part`, 900, 9_000);
  put(`ex/${hex(2)}.bin`, 900, 30);
  put('outside', 900, 9_000);
  symlinkSync(join(base, 'outside'), join(base, 'ex', `${hex(3)}.bin`));
  mkdirSync(join(base, 'ex', `${hex(4)}.bin`));
  put('log/eveXjson.1', 900, 9_000);
  put('log/eve.json.old', 900, 9_000);
  const round = await keeper({
    quotas: { extract: 1, logs: 1 },
    minFree: 10 ** 6,
    free: () => Promise.resolve(0),
  }).round();
  expect(round.removed).toEqual([]);
  expect(round.short.map(({ free }) => free)).toEqual([0, 0, 0]);
  expect([left('ex').length, left('log').length]).toEqual([5, 2]);
});

test('folders that are not there yet, and more files than are looked at, are no trouble', async () => {
  rmSync(join(base, 'ev'), { recursive: true });
  for (let n = 1; n <= 20; n++) put(`ex/${hex(n)}.bin`, 10, 1_000 - n);
  const round = (): ReturnType<DiskKeeper['round']> =>
    keeper({ quotas: { extract: 50, evidence: 5 }, most: 4, minFree: 1 }).round();
  // All are counted, the oldest are remembered: it takes some rounds.
  for (const files of [4, 4, 4, 3]) {
    const { problems, removed } = await round();
    expect(problems).toEqual([]);
    expect(removed).toEqual([{ kind: 'extract', why: 'quota', files, bytes: files * 10 }]);
  }
  expect(await round()).toEqual({ removed: [], short: [], problems: [] });
  expect(left('ex')).toEqual([16, 17, 18, 19, 20].map((n) => `${hex(n)}.bin`));
});

test('a full disk is an alert, a quota that works is none', () => {
  const quota = { kind: 'evidence', why: 'quota', files: 3, bytes: 300 } as const;
  expect(diskAlarm({ removed: [quota], short: [], problems: [] }, NOW)).toBeUndefined();
  const full = {
    removed: [quota, { kind: 'extract', why: 'disk', files: 2, bytes: 2_048 } as const],
    short: [{ folder: '/var/lib/imspan', free: 12 }],
    problems: [],
  };
  const alarm = diskAlarm(full, NOW);
  expect(alarm?.signature.id).toBe(9_000_164);
  expect(alarm?.evidence).toEqual([
    'extract: 2 files removed (2.0 KiB)',
    '/var/lib/imspan: only 12 bytes free, and nothing is left to remove',
  ]);
  // One finding an hour, whatever the rounds.
  expect(diskAlarm(full, NOW + 60_000)?.about).toBe(alarm?.about);
  expect(diskAlarm(full, NOW + 3_600_000)?.about).not.toBe(alarm?.about);
});
