import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { imEvent } from '../classify/build.ts';
import { EXIT } from '../core/errors.ts';
import { EveSink } from './eve.ts';

/** A stream that holds what it is sent until it is let go. */
class Slow extends Writable {
  text = '';
  writes = 0;
  #held: (() => void)[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes++;
    this.text += chunk.toString();
    this.#held.push(done);
  }

  release(): void {
    for (const done of this.#held.splice(0)) done();
  }
}

class Quick extends Writable {
  text = '';
  writes = 0;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes++;
    this.text += chunk.toString();
    done();
  }
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eve-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('to a stream', () => {
  test('one JSON object a line, gathered into few writes', async () => {
    const stream = new Quick();
    const sink = EveSink.toStream(stream);
    const events = Array.from({ length: 1_000 }, (_, i) => imEvent({ kind: 'message', text: `text ${i}` }));
    for (const event of events) sink.write(event);
    await sink.close();
    const lines = stream.text.split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(events);
    expect(stream.writes).toBeLessThan(10);
    expect(stream.writableEnded).toBe(false);
    expect(sink.lost).toBe(0);
  });

  test('text that could act on a terminal leaves escaped, and is the same JSON', async () => {
    const stream = new Quick();
    const sink = EveSink.toStream(stream);
    const text = 'a\x1b[2J\x9bx\x7f\u202e\u2028\u200b\ufeff\ud800 ü日😀 "\\"';
    const event = imEvent({ kind: 'message', text });
    sink.write(event);
    sink.write(imEvent({ kind: 'message', text: '\x7f' }));
    await sink.close();
    expect(JSON.parse(stream.text.split('\n')[0] ?? '')).toEqual(event);
    expect(stream.text).toContain('a\\u001b[2J\\u009bx\\u007f\\u202e\\u2028\\u200b\\ufeff\\ud800 ü日😀 \\"');
    expect(stream.text.replaceAll('\n', '')).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u);
  });

  test('a single event leaves soon without being asked', async () => {
    const stream = new Quick();
    const sink = EveSink.toStream(stream);
    sink.write(imEvent({ kind: 'login' }));
    expect(stream.text).toBe('');
    await sleep(100);
    expect(stream.text).toContain('"login"');
    sink.write(imEvent({ kind: 'logout' }));
    sink.flush();
    expect(stream.text).toContain('"logout"');
    sink.flush();
    expect(stream.writes).toBe(2);
    await sink.close();
  });

  test('the producer is asked to wait while too much is unsent, and only then', async () => {
    const stream = new Slow();
    const sink = EveSink.toStream(stream);
    const text = 'x'.repeat(100_000);
    sink.write(imEvent({ kind: 'message', text }));
    expect(sink.drained()).toBeUndefined();
    for (let i = 0; i < 12; i++) sink.write(imEvent({ kind: 'message', text }));
    const drained = sink.drained();
    expect(drained).toBeInstanceOf(Promise);
    expect(sink.drained()).toBe(drained);
    let over = false;
    void drained?.then(() => (over = true));
    await sleep(5);
    expect(over).toBe(false);
    while (!over) {
      stream.release();
      await sleep(1);
    }
    expect(sink.drained()).toBeUndefined();
    const closed = sink.close();
    while (stream.writableLength > 0) {
      stream.release();
      await sleep(1);
    }
    await closed;
    expect(stream.text.split('\n')).toHaveLength(14);
  });

  test('a reader that goes away ends it quietly', async () => {
    const stream = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })),
    });
    const sink = EveSink.toStream(stream);
    const text = 'x'.repeat(200_000);
    for (let i = 0; i < 10; i++) sink.write(imEvent({ kind: 'message', text }));
    await sink.drained();
    await sleep(5);
    expect(sink.closedByReader).toBe(true);
    expect(sink.failure).toBeUndefined();
    sink.write(imEvent({ kind: 'login' }));
    expect(sink.lost).toBe(1);
    expect(sink.drained()).toBeUndefined();
    await expect(sink.close()).resolves.toBeUndefined();
  });

  test('a stream that is destroyed has no reader either', async () => {
    const stream = new Slow();
    const sink = EveSink.toStream(stream);
    sink.write(imEvent({ kind: 'login' }));
    sink.flush();
    const closed = sink.close();
    stream.destroy();
    await closed;
    expect(sink.closedByReader).toBe(true);
  });

  test('another failure is told by close, with what to do', async () => {
    const stream = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('full'), { code: 'ENOSPC' })),
    });
    const sink = EveSink.toStream(stream, 'standard output');
    sink.write(imEvent({ kind: 'login' }));
    await expect(sink.close()).rejects.toMatchObject({
      name: 'OperatorError',
      exitCode: EXIT.IO,
      message: 'cannot write standard output: the disk is full; free space or choose another place',
    });
    expect(sink.closedByReader).toBe(false);
    expect(sink.failure?.exitCode).toBe(EXIT.IO);
  });

  test('many sinks in turn on one stream leave no listener behind, and write nothing after their end', async () => {
    const stream = new Quick();
    for (let i = 0; i < 30; i++) {
      const sink = EveSink.toStream(stream);
      sink.write(imEvent({ kind: 'login' }));
      await sink.close();
      sink.write(imEvent({ kind: 'login' }));
      expect(sink.lost).toBe(1);
    }
    expect(stream.listenerCount('error')).toBe(0);
    expect(stream.listenerCount('close')).toBe(0);
    expect(stream.text.split('\n')).toHaveLength(31);
  });
});

describe('to a file', () => {
  test('for its owner only; a new run replaces it, or goes on where asked to', async () => {
    const path = join(folder, 'eve.json');
    for (const append of [false, false, true]) {
      const sink = EveSink.toFile(path, { append });
      sink.write(imEvent({ kind: 'message', text: 'grüße'.repeat(30_000) }));
      sink.write(imEvent({ kind: 'login' }));
      expect(sink.drained()).toBeUndefined();
      await sink.close();
      await sink.close();
    }
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { event_type: string }).event_type)).toEqual([
      'im',
      'im',
      'im',
      'im',
    ]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('what cannot be opened is told with what to do', async () => {
    const file = join(folder, 'plain');
    await writeFile(file, '');
    for (const [path, why] of [
      [folder, 'it is a folder; name a file'],
      [join(folder, 'none', 'eve.json'), 'its folder does not exist; make it first'],
      [join(file, 'eve.json'), 'a part of its path is no folder'],
    ] as const) {
      expect(() => EveSink.toFile(path)).toThrow(`cannot write ${path}: ${why}`);
    }
  });

  const withFull = existsSync('/dev/full') ? test : test.skip;
  withFull('a full disk (/dev/full) is told once, by close, and what came after is counted', async () => {
    const sink = EveSink.toFile('/dev/full');
    sink.write(imEvent({ kind: 'message', text: 'x'.repeat(70_000) }));
    sink.write(imEvent({ kind: 'login' }));
    expect(sink.failure?.message).toContain('the disk is full');
    expect(sink.lost).toBe(1);
    await expect(sink.close()).rejects.toMatchObject({ exitCode: EXIT.IO });
  });

  test('beside JSON.stringify, 300,000 events a second are within its reach', async () => {
    const event = imEvent({ kind: 'message', text: 'see you at noon', from: 'alice', to: ['bob'] });
    const spent: number[] = [];
    for (let round = 0; round < 3; round++) {
      const sink = EveSink.toFile('/dev/null');
      const start = process.cpuUsage();
      for (let i = 0; i < 100_000; i++) sink.write(event);
      await sink.close();
      const whole = process.cpuUsage(start);
      const again = process.cpuUsage();
      for (let i = 0; i < 100_000; i++) JSON.stringify(event);
      const stringify = process.cpuUsage(again);
      spent.push(whole.user + whole.system - stringify.user - stringify.system);
    }
    // 3.3 microseconds of processor time an event; it takes about one.
    expect(Math.min(...spent)).toBeLessThan(330_000);
  });
});

describe('a real pipe', () => {
  const script = `
    const { EveSink } = await import('./src/sink/eve.ts');
    const sink = EveSink.toStream(process.stdout);
    let n = 0;
    while (!sink.closedByReader && n < 1e6) {
      sink.write({ timestamp: 't', event_type: 'im', im: { v: 1, id: String(n++), text: 'x'.repeat(200) } });
      await sink.drained();
      if (n % 100 === 0) await new Promise(setImmediate);
    }
    await sink.close();
    console.error(sink.closedByReader ? 'reader gone' : 'all read');
  `;

  test('whose reader has seen enough ends the process with code 0 and without a word of its own', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    let told = '';
    child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    child.stdout.destroy();
    const [code] = (await once(child, 'close')) as [number];
    expect(first.toString()).toContain('"id":"0"');
    expect(told).toBe('reader gone\n');
    expect(code).toBe(0);
  }, 30_000);
});
