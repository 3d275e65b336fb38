import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MemoryBacklog } from './backlog.ts';
import type { Backlog } from './backlog.ts';
import { SEGMENT_HEAD } from './segment.ts';
import { listSpool } from './spool-list.ts';
import { SpoolBacklog } from './spool.ts';

let folder: string;
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'imspan-spool-'));
  said = [];
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (limit = 1 << 24, memory = 1 << 20): SpoolBacklog =>
  new SpoolBacklog(folder, 'tcp://192.0.2.1:601 5424 text', {
    limit,
    memory,
    say: (line) => said.push(line),
  });

const fill = (backlog: Backlog, from: number, to: number): void => {
  for (let i = from; i < to; i++) expect(backlog.append(Buffer.from(`message ${i}`))).toBe(true);
};

const rest = (backlog: Backlog): string[] => {
  const all: string[] = [];
  for (let batch = backlog.read(50); batch !== undefined; batch = backlog.read(50))
    all.push(...batch.messages.map(String));
  return all;
};

const texts = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `message ${from + i}`);

const segmentFile = (): string => {
  const [place = ''] = readdirSync(folder);
  const name = readdirSync(join(folder, place)).find((each) => each.endsWith('.seg')) ?? '';
  return join(folder, place, name);
};

describe.each([
  ['memory', () => new MemoryBacklog(1 << 20)],
  ['disk', () => open()],
] as const)('a backlog in %s', (_where, make) => {
  test('hands on in order, again from what is not confirmed', () => {
    const backlog = make();
    fill(backlog, 0, 10);
    const first = backlog.read(30)!;
    expect(first.messages.map(String)).toEqual(texts(0, first.end));
    backlog.confirm(first.end);
    expect(rest(backlog)).toEqual(texts(first.end, 10));
    expect(backlog).toMatchObject({ unread: 0, kept: 10 - first.end, confirmed: first.end });
    backlog.rewind();
    expect(backlog.unread).toBe(10 - first.end);
    fill(backlog, 10, 12);
    expect(rest(backlog)).toEqual(texts(first.end, 12));
    backlog.close();
  });

  test('whatever is done, what arrives is every message, none before an earlier one', () => {
    const step = fc.constantFrom('append', 'append', 'append', 'read', 'confirm', 'rewind', 'sync');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const backlog = make();
        let appended = 0;
        let end = 0;
        const got: number[] = [];
        const take = (): void => {
          const batch = backlog.read(40);
          if (batch === undefined) return;
          got.push(...batch.messages.map((each) => Number(String(each).slice(8))));
          end = batch.end;
        };
        for (const each of steps) {
          if (each === 'append') fill(backlog, appended, ++appended);
          else if (each === 'read') take();
          else if (each === 'confirm') backlog.confirm(end);
          else if (each === 'sync') backlog.sync();
          else {
            backlog.rewind();
            end = backlog.confirmed;
          }
          expect(backlog.kept).toBe(appended - backlog.confirmed);
        }
        while (backlog.unread > 0) take();
        const firsts = [...new Set(got)];
        expect(firsts).toEqual(Array.from({ length: appended }, (_, i) => i));
        backlog.confirm(end);
        expect(backlog.kept).toBe(0);
        backlog.close();
      }),
      { numRuns: 40, seed: 12 },
    );
  });
});

test('in memory, what was sent goes before what is new is refused', () => {
  const backlog = new MemoryBacklog(10 * (128 + 9));
  fill(backlog, 0, 10);
  expect(backlog.append(Buffer.from('no room'))).toBe(false);
  expect(backlog.read(1)?.messages.map(String)).toEqual(['message 0']);
  fill(backlog, 5, 6);
  expect(backlog.append(Buffer.from('no room'))).toBe(false);
  expect(backlog).toMatchObject({ confirmed: 1, kept: 10 });
});

describe('a spool', () => {
  test('goes on where an earlier run ended, in order', () => {
    const first = open();
    fill(first, 0, 100);
    const sent = first.read(100)!;
    first.confirm(sent.end);
    first.close();
    const second = open();
    expect(second.kept).toBe(100 - sent.end);
    fill(second, 100, 120);
    expect(rest(second)).toEqual(texts(sent.end, 120));
    second.confirm(Number.MAX_SAFE_INTEGER);
    second.close();
    expect(listSpool(folder)).toMatchObject([{ messages: 0, bytes: 0, damaged: 0 }]);
    expect(readdirSync(join(folder, readdirSync(folder)[0]!)).filter((n) => n.endsWith('.seg'))).toEqual([]);
    expect(said).toEqual([]);
  });

  test('a run that was killed loses nothing that it took; what is torn is passed over', () => {
    fill(open(), 0, 10);
    appendFileSync(segmentFile(), Buffer.from([9, 0, 0, 0, 1, 2]));
    rmSync(join(folder, readdirSync(folder)[0]!, 'lock'));
    expect(listSpool(folder)[0]).toMatchObject({ messages: 10, damaged: 0, first: 'message 0' });
    const second = open();
    expect(rest(second)).toEqual(texts(0, 10));
    expect(said).toEqual([]);
    second.close();
  });

  test('a damaged file is used as far as it goes, told, and kept', () => {
    const first = open();
    fill(first, 0, 10);
    first.close();
    const path = segmentFile();
    const bytes = readFileSync(path);
    bytes[SEGMENT_HEAD.length + 5 * (8 + 9) + 10]! ^= 1;
    writeFileSync(path, bytes);
    expect(listSpool(folder)[0]).toMatchObject({ messages: 5, damaged: 1 });
    const second = open();
    expect(said).toEqual([expect.stringContaining('is damaged')]);
    fill(second, 50, 52);
    expect(rest(second)).toEqual([...texts(0, 5), ...texts(50, 52)]);
    second.confirm(7);
    second.close();
    expect(readdirSync(join(folder, readdirSync(folder)[0]!)).some((name) => name.endsWith('.bad'))).toBe(
      true,
    );
  });

  test.each([
    ['no JSON', '{'],
    ['of another version', '{"version":2,"segment":1,"offset":40}'],
    ['no place of a message', '{"version":1,"segment":1,"offset":41}'],
    ['a place beyond the end', '{"version":1,"segment":1,"offset":99999}'],
    ['of a file that is gone', '{"version":1,"segment":0,"offset":15}'],
  ])('where the cursor is %s, all is sent again', (_what, cursor) => {
    const first = open();
    fill(first, 0, 10);
    first.close();
    writeFileSync(join(folder, readdirSync(folder)[0]!, 'cursor.json'), cursor);
    const second = open();
    expect(rest(second)).toEqual(texts(0, 10));
    second.close();
  });

  test('noise in place of a segment loses that, and no more', () => {
    const first = open();
    fill(first, 0, 3);
    first.close();
    const place = join(folder, readdirSync(folder)[0]!);
    writeFileSync(join(place, '000000000007.seg'), 'what is this');
    writeFileSync(join(place, '000000000008.seg'), '');
    const second = open();
    fill(second, 3, 5);
    expect(rest(second)).toEqual(texts(0, 5));
    expect(said).toHaveLength(1);
    second.close();
  });

  test('its bound holds; what was sent makes room', () => {
    const backlog = open(8_192);
    let taken = 0;
    while (backlog.append(Buffer.alloc(200, 'x'))) taken++;
    expect(taken).toBeGreaterThan(30);
    const place = join(folder, readdirSync(folder)[0]!);
    const size = readdirSync(place)
      .filter((name) => name.endsWith('.seg'))
      .reduce((sum, name) => sum + statSync(join(place, name)).size, 0);
    expect(size).toBeLessThanOrEqual(8_192);
    for (let i = 0; i < taken - 1; i++) backlog.read(1);
    expect(backlog.append(Buffer.alloc(200, 'x'))).toBe(true);
    backlog.close();
  });

  test('is of one process alone', () => {
    const first = open();
    expect(open).toThrow(/is in use by process \d+; end that, or give another --spool/);
    first.close();
    open().close();
    writeFileSync(join(folder, readdirSync(folder)[0]!, 'lock'), '999999999 5');
    open().close();
  });

  test('a folder that cannot be made is told', () => {
    writeFileSync(join(folder, 'file'), '');
    folder = join(folder, 'file');
    expect(open).toThrow('a part of its path is no folder');
    folder = join(folder, '..');
  });

  test('a full disk: messages wait in memory, in order, and the disk takes over again', () => {
    const mounted = join(folder, 'small');
    mkdirSync(mounted);
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'imspan-test', mounted]);
    if (mount.status !== 0) {
      process.stderr.write('skipped: only root can make a small disk\n');
      return;
    }
    const outside = folder;
    folder = mounted;
    try {
      const backlog = open();
      const message = (i: number): Buffer => Buffer.from(`${i} ${'x'.repeat(500)}`);
      for (let i = 0; i < 300; i++) expect(backlog.append(message(i))).toBe(true);
      expect(said).toEqual([expect.stringContaining('the disk is full; free space')]);
      const got: number[] = [];
      let end = 0;
      for (let batch = backlog.read(5_000); batch !== undefined; batch = backlog.read(5_000)) {
        got.push(...batch.messages.map((each) => Number.parseInt(String(each), 10)));
        end = batch.end;
      }
      expect(got).toEqual(Array.from({ length: 300 }, (_, i) => i));
      backlog.confirm(end);
      expect(backlog.kept).toBe(0);
      for (let i = 300; i < 320; i++) expect(backlog.append(message(i))).toBe(true);
      backlog.close();
      expect(listSpool(folder)[0]).toMatchObject({ messages: 20 });
    } finally {
      folder = outside;
      spawnSync('umount', [mounted]);
    }
  });
});
