import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { joinBytes } from '../core/bytes.ts';
import { openCapture, openStream } from './source.ts';
import type { ReadResult } from './source.ts';
import { keeper } from './testing.ts';
import { LIMITS } from './wire.ts';
import { pcapHeader, writePcap } from './write.ts';
import type { Packet } from './write.ts';

const packets: Packet[] = Array.from({ length: 3000 }, (_, n) => ({
  seconds: 1_000_000_000 + n,
  bytes: new Uint8Array(200 + (n % 100)).fill(n),
}));
const bytes = writePcap(packets, { linkType: 113 });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'imspan-source-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('a file', () => {
  test('its frames, in order, and what became of it', async () => {
    const path = file('whole.pcap', bytes);
    const sink = keeper();
    const result = await openCapture(path).read(sink);
    expect(result).toEqual({ path, frames: packets.length, bytes: bytes.length, linkTypes: [113] });
    expect(sink.frames.map((f) => f.number)).toEqual(packets.map((_, i) => i + 1));
    expect(sink.frames.map((f) => f.bytes)).toEqual(packets.map((p) => Buffer.from(p.bytes).toString('hex')));
  });

  test('a frame is a view of one buffer that is reused, not a copy', async () => {
    const buffers = new Set<ArrayBufferLike>();
    const frames = new Set<unknown>();
    await openCapture(file('views.pcap', bytes)).read({
      frame(frame) {
        buffers.add(frame.bytes.buffer);
        frames.add(frame);
      },
    });
    expect([buffers.size, frames.size]).toEqual([1, 1]);
    expect(bytes.length).toBeGreaterThan(2 * LIMITS.WINDOW);
  });

  test('in gzip, by its content', async () => {
    const packed = gzipSync(bytes);
    const sink = keeper();
    const result = await openCapture(file('misnamed.txt', packed)).read(sink);
    expect(result).toMatchObject({ frames: packets.length, bytes: packed.length, linkTypes: [113] });
    expect(result.problem).toBeUndefined();
  });

  test.each([
    ['absent', undefined, { kind: 'missing', message: 'no such file or folder' }],
    ['nothing', '', { kind: 'empty', message: 'is empty' }],
    ['a byte', '\xd4', { kind: 'foreign' }],
    [
      'text',
      'hello, this is a note',
      { kind: 'foreign', message: 'not a capture (pcap or pcapng, plain or in gzip)' },
    ],
    [
      'zstd',
      Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 4, 0),
      { kind: 'foreign', message: expect.stringContaining('zstd -d') },
    ],
    ['snoop', 'snoop\0\0\0\0\0\0\x02', { kind: 'foreign', message: expect.stringContaining('editcap') }],
    ['half a magic', Uint8Array.of(0xd4, 0xc3), { kind: 'cut', offset: 0 }],
    ['a header alone, cut', bytes.subarray(0, 23), { kind: 'cut', offset: 0 }],
    [
      'the last packet cut',
      bytes.subarray(0, -1),
      { kind: 'cut', offset: bytes.length - 16 - packets.at(-1)!.bytes.length },
    ],
  ])('%s', async (name, content, problem) => {
    const path = content === undefined ? join(folder, 'absent.pcap') : file(`${name}.pcap`, content);
    const result = await openCapture(path).read(keeper());
    expect(result.problem).toEqual(expect.objectContaining({ path, ...problem }));
    expect(result.problem?.message).not.toMatch(/[.\n]$/);
  });

  test('a header alone is a capture without packets', async () => {
    const result = await openCapture(file('none.pcap', pcapHeader())).read(keeper());
    expect(result).toMatchObject({ frames: 0, linkTypes: [1] });
    expect(result).not.toHaveProperty('problem');
  });

  test('a folder is none', async () => {
    expect((await openCapture(folder).read(keeper())).problem).toMatchObject({
      kind: 'unreadable',
      message: 'is a folder',
    });
  });

  test('replaced by another file of the same name, it is read to its own end', async () => {
    const path = file('rotated.pcap', bytes);
    const sink = keeper();
    const other = file('other.pcap', pcapHeader());
    const result = await openCapture(path).read({ ...sink, pause: once(() => renameSync(other, path)) });
    expect(result).toMatchObject({ frames: packets.length });
    expect(result.problem).toBeUndefined();
  });
});

function once(step: () => void): () => undefined {
  let done = false;
  return () => {
    if (!done) step();
    done = true;
    return undefined;
  };
}

describe('the sink', () => {
  test('is waited for between chunks, and told how far it is', async () => {
    let waiting = false;
    let pauses = 0;
    const told: [number, number | undefined][] = [];
    const result = await openCapture(file('paused.pcap', bytes)).read({
      frame() {
        if (waiting) throw new Error('a frame came while the sink was busy');
      },
      async pause() {
        waiting = true;
        pauses++;
        await new Promise((resolve) => setTimeout(resolve, 5));
        waiting = false;
      },
      progress: (done, total) => void told.push([done, total]),
    });
    expect(result.frames).toBe(packets.length);
    expect(pauses).toBeGreaterThanOrEqual(Math.floor(bytes.length / LIMITS.WINDOW));
    expect(told.at(-1)).toEqual([bytes.length, bytes.length]);
    expect(told.map(([done]) => done)).toEqual(told.map(([done]) => done).sort((a, b) => a - b));
  });

  test('that throws ends the reading, and the file is closed', async () => {
    const source = openCapture(file('thrown.pcap', bytes));
    const reading = source.read({
      frame() {
        throw new RangeError('of the sink');
      },
    });
    await expect(reading).rejects.toThrow('of the sink');
    source.close();
  });

  test('timers get their turn in a long file', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const slow = { frame: (): void => void (performance.now() + Math.sqrt(2)) };
    const long = file('long.pcap', joinBytes(bytes, ...Array.from({ length: 12 }, () => bytes.subarray(24))));
    let until = 0;
    await openCapture(long).read({
      ...slow,
      pause() {
        until = performance.now() + 12;
        while (performance.now() < until);
        return undefined;
      },
    });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(2);
  });

  test('that has enough closes the source', async () => {
    const source = openCapture(file('enough.pcap', bytes));
    let frames = 0;
    const result = await source.read({
      frame: () => void frames++,
      pause: once(() => source.close()),
    });
    expect(result.frames).toBe(frames);
    expect(frames).toBeLessThan(packets.length);
    expect(result.problem).toBeUndefined();
  });
});

describe('a stream', () => {
  test('whose chunks end anywhere', async () => {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += 997) chunks.push(bytes.slice(at, at + 997), new Uint8Array(0));
    const sink = keeper();
    const result = await openStream('tap', Readable.from(chunks)).read(sink);
    expect(result).toEqual({ path: 'tap', frames: packets.length, bytes: bytes.length, linkTypes: [113] });
  });

  test('is handed on as it arrives', async () => {
    const pipe = new PassThrough();
    const sink = keeper();
    const reading = openStream('live', pipe).read(sink);
    const arrived = async (count: number): Promise<void> => {
      while (sink.frames.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    pipe.write(bytes.subarray(0, 24 + 16 + 200 + 10));
    await arrived(1);
    pipe.write(bytes.subarray(24 + 16 + 200 + 10, 24 + 16 + 200 + 16 + 201));
    await arrived(2);
    pipe.end();
    expect(await reading).toMatchObject({ frames: 2 });
  });

  test('that fails', async () => {
    const failing = Readable.from(
      (async function* () {
        yield bytes.subarray(0, 10_000);
        await Promise.resolve();
        throw Object.assign(new Error('read EIO'), { code: 'EIO' });
      })(),
    );
    const result = await openStream('tap', failing).read(keeper());
    expect(result.problem).toEqual({
      path: 'tap',
      kind: 'unreadable',
      message: 'cannot be read (EIO) at byte 10000',
      offset: 10_000,
    });
    expect(result.frames).toBeGreaterThan(20);
  });

  test('that is closed while it is waited for', async () => {
    const pipe = new PassThrough();
    const source = openStream('live', pipe);
    const reading = source.read(keeper());
    pipe.write(bytes.subarray(0, 5000));
    setTimeout(() => source.close(), 20);
    const result = await reading;
    expect(result.frames).toBeGreaterThan(5);
    expect(result.problem).toBeUndefined();
  });
});

/** Standard input belongs to a process: these run the sources in one of their own. */
describe('standard input', () => {
  const script = `
    import { openCapture } from './src/capture/source.ts';
    console.log(JSON.stringify(await openCapture(process.argv[1]).read({ frame() {} })));`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', script];
  const read = (path: string, options: object): ReadResult =>
    JSON.parse(
      execFileSync(process.execPath, [...args, path], { encoding: 'utf8', ...options }),
    ) as ReadResult;
  const wanted = { frames: packets.length, linkTypes: [113] };
  /** A process has to start, where others are at work too. */
  const SLOW = 60_000;

  test(
    'a pipe, plain and in gzip',
    () => {
      expect(read('-', { input: bytes })).toEqual({ path: '-', bytes: bytes.length, ...wanted });
      expect(read('-', { input: gzipSync(bytes) })).toMatchObject(wanted);
    },
    SLOW,
  );

  test(
    'a file',
    () => {
      const descriptor = openSync(file('stdin.pcap', bytes), 'r');
      expect(read('-', { stdio: [descriptor, 'pipe', 'inherit'] })).toEqual({
        path: '-',
        bytes: bytes.length,
        ...wanted,
      });
      closeSync(descriptor);
    },
    SLOW,
  );

  test(
    'nothing',
    () => {
      expect(read('-', { stdio: ['ignore', 'pipe', 'inherit'] })).toMatchObject({
        problem: { kind: 'empty' },
      });
    },
    SLOW,
  );

  const fifo = process.platform === 'win32' ? test.skip : test;
  fifo(
    'a named pipe (not on Windows, which has none)',
    async () => {
      const path = join(folder, 'fifo');
      expect(spawnSync('sh', ['-c', `mkfifo "${path}"`]).status).toBe(0);
      const child = spawn(process.execPath, [...args, path], { stdio: ['ignore', 'pipe', 'inherit'] });
      const output = new Promise<string>((resolve) => {
        let text = '';
        child.stdout.on('data', (chunk) => (text += String(chunk)));
        child.on('close', () => resolve(text));
      });
      spawnSync('sh', ['-c', `cat "${file('to-fifo.pcap', bytes)}" > "${path}"`], { timeout: SLOW });
      expect(JSON.parse(await output)).toEqual({ path, bytes: bytes.length, ...wanted });
    },
    SLOW,
  );
});
