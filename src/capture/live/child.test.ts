/** A child engine is asked for what it holds back only when that cannot harm it (docs/adr/0005-live-engines.md). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ChildTap } from './child.ts';
import type { TapCounters, TapEnd } from './engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'imspan-child-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What every fake engine begins with: a capture's header, and a packet of so many bytes. */
const COMMON = `
const header = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');
function packet(length) {
  const record = Buffer.alloc(16 + length);
  record.writeUInt32LE(1700000000, 0);
  record.writeUInt32LE(length, 8);
  record.writeUInt32LE(length, 12);
  return record;
}
const say = (text) => process.stderr.write(text + '\\n');
process.on('SIGTERM', () => process.exit(0));
`;

let made = 0;

/** Runs a fake engine, a program of Node.js; the lengths of the frames that came, how it ended, and what it counted. */
async function run(program: string): Promise<{ frames: number[]; end: TapEnd; counters: TapCounters }> {
  const file = join(folder, `fake-${made++}.cjs`);
  writeFileSync(file, COMMON + program);
  const tap = new ChildTap('fake0', {
    command: process.execPath,
    args: [file],
    up: /listening on /,
    count: (line, counters) => {
      const asked = /asked (\d+) times/.exec(line);
      if (asked) counters.packets = Number(asked[1]);
    },
    flushSignal: 'SIGUSR2',
  });
  const frames: number[] = [];
  const sink = { frame: ({ start, end }: { start: number; end: number }) => void frames.push(end - start) };
  const end = await tap.capture(sink, () => undefined);
  return { frames, end, counters: tap.counters };
}

describe('a fake engine', () => {
  test('that holds a packet back is asked for it while it is idle', async () => {
    const { frames, counters } = await run(`
      process.on('SIGUSR2', () => {
        process.stdout.write(packet(60), () => { say('asked 1 times'); process.exit(0); });
      });
      process.stdout.write(header);
      say('listening on fake0');
      setInterval(() => undefined, 1000);
    `);
    expect([frames, counters.packets]).toEqual([[60], 1]);
  });

  test('that writes all the time is not asked: the signal would come in the middle of a write', async () => {
    const { frames, counters } = await run(`
      let asked = 0;
      process.on('SIGUSR2', () => asked++);
      process.stdout.write(header);
      say('listening on fake0');
      const record = packet(60);
      let at = 0;
      const writing = setInterval(() => {
        process.stdout.write(record.subarray(at, at + 1));
        if (++at < record.length) return;
        clearInterval(writing);
        say('asked ' + asked + ' times');
        process.exitCode = 0;
        process.stdout.end();
      }, 10);
    `);
    expect([frames, counters.packets]).toEqual([[60], 0]);
  });

  test('that does not listen yet is not asked: the signal would end it', async () => {
    // No handler: what the signal does by itself is to end the program.
    const { frames, end } = await run(`
      setTimeout(() => {
        process.on('SIGUSR2', () => undefined);
        say('listening on fake0');
        process.stdout.write(packet(61), () => process.exit(0));
      }, 700);
      process.stdout.write(header);
    `);
    expect(frames).toEqual([61]);
    expect(end.message).not.toContain('SIGUSR2');
  });
});
