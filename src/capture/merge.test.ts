import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openMerged } from './merge.ts';
import { keeper } from './testing.ts';
import { LIMITS } from './wire.ts';
import { pcapHeader, writePcap, writePcapng } from './write.ts';
import type { Packet } from './write.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'imspan-merge-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const at = (seconds: number, nanos = 0, mark = 0): Packet => ({ seconds, nanos, bytes: Uint8Array.of(mark) });
const places = (frames: { file: number; number: number }[]): [number, number][] =>
  frames.map((f) => [f.file, f.number]);

describe('order', () => {
  test('by time, then by name, then by number; whatever the order of the arguments', async () => {
    const a = file('a.pcap', writePcap([at(1), at(3), at(3), at(5)]));
    const b = file('b.pcapng', writePcapng([at(1), at(2), at(3), at(9)]));
    const sink = keeper();
    await openMerged([b, a]).read(sink);
    expect(places(sink.frames)).toEqual([
      [1, 1],
      [0, 1],
      [0, 2],
      [1, 2],
      [1, 3],
      [0, 3],
      [1, 4],
      [0, 4],
    ]);
  });

  test('to the nanosecond, over seconds beyond 32 bits, plain and in gzip', async () => {
    const unit = { interfaces: [{ resolution: 9 }] };
    const a = file('ns-a', writePcapng([at(5_000_000_000, 7), at(5_000_000_000, 9)], unit));
    const b = file('ns-b', gzipSync(writePcapng([at(5_000_000_000, 6), at(5_000_000_000, 8)], unit)));
    const sink = keeper();
    const results = await openMerged([a, b]).read(sink);
    expect(sink.frames.map((f) => f.time.slice(-1))).toEqual(['6', '7', '8', '9']);
    expect(results.map((r) => [r.path, r.frames, r.problem])).toEqual([
      [a, 2, undefined],
      [b, 2, undefined],
    ]);
  });

  test('property: all packets, sorted; those of a file in their order even where its clock steps back', async () => {
    const stamps = fc.array(fc.tuple(fc.nat(6), fc.nat(2)), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(stamps, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (files, sorted) => {
          const time = ([s, us]: [number, number]): number => s * 10 + us;
          if (sorted) for (const list of files) list.sort((x, y) => time(x) - time(y));
          const paths = files.map((list, i) =>
            file(`p${i}`, writePcap(list.map(([s, us]) => at(s, us * 1000)))),
          );
          const sink = keeper();
          const results = await openMerged(paths).read(sink);
          expect(results.map((r) => r.frames)).toEqual(files.map((list) => list.length));
          const all = files.flatMap((list, f) => list.map((stamp, i) => ({ f, n: i + 1, t: time(stamp) })));
          files.forEach((list, f) => {
            expect(sink.frames.filter((k) => k.file === f).map((k) => k.number)).toEqual(
              list.map((_, i) => i + 1),
            );
          });
          if (!sorted) return;
          const wanted = all.sort((x, y) => x.t - y.t || x.f - y.f || x.n - y.n).map(({ f, n }) => [f, n]);
          expect(places(sink.frames)).toEqual(wanted);
        },
      ),
      { seed: 31, numRuns: 80 },
    );
  });

  test('windows move under packets that wait', async () => {
    const big = (n: number, step: number): Packet[] =>
      Array.from({ length: 400 }, (_, i) => ({ seconds: i * 2 + step, bytes: new Uint8Array(1500).fill(n) }));
    const paths = [0, 1].map((step) => file(`w${step}`, writePcap(big(step, step))));
    const sink = keeper();
    await openMerged(paths).read(sink);
    expect(sink.frames).toHaveLength(800);
    sink.frames.forEach((f, i) => {
      expect(f.file).toBe(i % 2);
      expect(f.bytes).toBe((i % 2 === 0 ? '00' : '01').repeat(1500));
    });
  });
});

describe('what is wrong with one file does not touch the others', () => {
  test('missing, empty, foreign, without packets, cut', async () => {
    const good = file('good', writePcap([at(1), at(4)]));
    const cut = file('cut', writePcap([at(2), at(3), at(5)]).subarray(0, -1));
    const none = file('none', pcapHeader());
    const paths = [
      join(folder, 'gone'),
      good,
      file('empty', new Uint8Array(0)),
      file('text', Buffer.from('text')),
      none,
      cut,
    ];
    const sink = keeper();
    const results = await openMerged(paths).read(sink);
    expect(results.map((r) => r.path)).toEqual(paths);
    expect(results.map((r) => r.problem?.kind)).toEqual([
      'missing',
      undefined,
      'empty',
      'foreign',
      undefined,
      'cut',
    ]);
    expect(results.map((r) => r.frames)).toEqual([0, 2, 0, 0, 0, 2]);
    expect(places(sink.frames)).toEqual([
      [1, 1],
      [5, 1],
      [5, 2],
      [1, 2],
    ]);
  });

  test('a file that goes away before its time', async () => {
    const early = file('early', writePcap([at(1), at(2)]));
    const late = file('late', writePcap([at(9)]));
    const sink = keeper();
    let pauses = 0;
    const results = await openMerged([early, late]).read({
      frame(frame) {
        sink.frame(frame);
        rmSync(late, { force: true });
      },
      pause: () => void pauses++ as undefined,
    });
    expect(results.map((r) => r.problem?.kind)).toEqual([undefined, 'missing']);
    expect(places(sink.frames)).toEqual([
      [0, 1],
      [0, 2],
    ]);
  });
});

test('no files, no frames', async () => {
  expect(await openMerged([]).read(keeper())).toEqual([]);
});

/** What is open is counted in /proc. */
const linux = process.platform === 'linux' ? test : test.skip;

linux(
  'more files than may be open: each is opened for its time, and all at once still are not (on Linux)',
  async () => {
    const count = LIMITS.OPEN_FILES + 36;
    const open = (): number =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
        } catch {
          return false;
        }
      }).length;
    const run = async (name: string, first: (i: number) => number, step: number): Promise<number> => {
      const big = { bytes: new Uint8Array(60_000) };
      const paths = Array.from({ length: count }, (_, i) =>
        file(`${name}${i}`, writePcap([0, 1, 2].map((k) => ({ ...big, seconds: first(i) + k * step })))),
      );
      let most = 0;
      let last = 0;
      const results = await openMerged(paths).read({
        frame({ seconds }) {
          expect(seconds).toBeGreaterThanOrEqual(last);
          last = seconds;
          most = Math.max(most, open());
        },
      });
      expect(results.every((r) => r.frames === 3 && r.problem === undefined)).toBe(true);
      return most;
    };
    expect(await run('one-by-one-', (i) => i * 10, 1)).toBe(1);
    expect(await run('together-', (i) => i, 1000)).toBe(LIMITS.OPEN_FILES);
    expect(open()).toBe(0);
  },
);

linux('a named pipe among files', async () => {
  const path = join(folder, 'tap');
  expect(spawnSync('sh', ['-c', `mkfifo "${path}"`]).status).toBe(0);
  const content = file('tap.pcap', writePcap([at(2), at(4)]));
  const writer = spawn('sh', ['-c', `cat "${content}" > "${path}"`]);
  const sink = keeper();
  const results = await openMerged([file('side', writePcap([at(1), at(3), at(5)])), path]).read(sink);
  writer.kill();
  expect(results.map((r) => r.problem)).toEqual([undefined, undefined]);
  expect(places(sink.frames)).toEqual([
    [0, 1],
    [1, 1],
    [0, 2],
    [1, 2],
    [0, 3],
  ]);
});

test('progress adds up, the sink is waited for, and closing ends it', async () => {
  const many = Array.from({ length: 3000 }, (_, i) => ({ seconds: i, bytes: new Uint8Array(1000) }));
  const paths = [0, 1].map((n) => file(`progress${n}`, writePcap(many)));
  const size = 2 * writePcap(many).length;
  const told: [number, number | undefined][] = [];
  let busy = false;
  await openMerged(paths).read({
    frame: () => expect(busy).toBe(false),
    async pause() {
      busy = true;
      await new Promise((resolve) => setTimeout(resolve, 1));
      busy = false;
    },
    progress: (done, total) => void told.push([done, total]),
  });
  expect(told.at(-1)).toEqual([size, size]);

  const merged = openMerged(paths);
  let frames = 0;
  const results = await merged.read({
    frame: () => {
      if (++frames === 10) merged.close();
    },
  });
  expect(frames).toBeLessThan(6000);
  expect(results.map((r) => [r.path, r.problem])).toEqual(paths.map((path) => [path, undefined]));
});
