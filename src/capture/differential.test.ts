/** Our frames against those of two independent readers: the pcap-parser package, and tshark. */
import { describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import pcapParser from 'pcap-parser';
import { expandInputs } from './expand.ts';
import { openCapture } from './source.ts';
import { keeper } from './testing.ts';
import type { Kept } from './testing.ts';

const FOLDER = join(process.cwd(), '../shared/captures');
const present = existsSync(FOLDER);
const captures = present ? expandInputs([FOLDER]).paths : [];
const micros = captures.filter((path) => ['a1b2c3d4', 'd4c3b2a1'].includes(magicOf(path)));
const others = captures.filter((path) => !micros.includes(path));
/** tshark takes a second or more to start. */
const sampled = [...others.filter((_, i) => i % 5 === 0), ...micros.filter((_, i) => i % 100 === 0)];
const MINUTES = 180_000;

function magicOf(path: string): string {
  const magic = Buffer.alloc(4);
  const descriptor = openSync(path, 'r');
  readSync(descriptor, magic, 0, 4, 0);
  closeSync(descriptor);
  return magic.toString('hex');
}

async function ours(path: string): Promise<Kept[]> {
  const sink = keeper();
  const result = await openCapture(path).read(sink);
  expect(result.problem).toBeUndefined();
  expect(result.frames).toBe(sink.frames.length);
  return sink.frames;
}

interface ParsedPacket {
  header: { timestampSeconds: number; timestampMicroseconds: number; originalLength: number };
  data: Buffer;
}

function theirs(path: string): Promise<string[]> {
  const lines: string[] = [];
  return new Promise((resolve, reject) => {
    const parser = pcapParser.parse(path);
    parser.on('packet', ({ header, data }: ParsedPacket) => {
      const micros = String(header.timestampMicroseconds).padStart(6, '0');
      lines.push(`${header.timestampSeconds}.${micros} ${header.originalLength} ${data.toString('hex')}`);
    });
    parser.on('end', () => resolve(lines));
    parser.on('error', reject);
  });
}

function tshark(path: string): string[] {
  const fields = ['frame.number', 'frame.time_epoch', 'frame.cap_len', 'frame.len', 'frame.interface_id'];
  const args = ['-n', '-r', path, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])];
  const only = ['--disable-protocol', 'eth', '--disable-protocol', 'ip'];
  const output = execFileSync('tshark', [...args, ...only], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return output.split('\n').filter((line) => line !== '');
}

const absent = present ? '' : ' (skipped: ../shared/captures is not here)';
const noTshark = spawnSync('tshark', ['-v']).error === undefined ? '' : ' (skipped: tshark is not installed)';

(present ? describe : describe.skip)(`captures${absent}`, () => {
  test('there are some of either format', () => {
    expect(micros.length).toBeGreaterThan(100);
    expect(others.length).toBeGreaterThan(10);
  });

  test(
    'pcap-parser reads the same packets from every microsecond pcap',
    async () => {
      for (const path of micros) {
        const frames = await ours(path);
        const lines = frames.map((f) => `${f.time.slice(0, -3)} ${f.wireLength} ${f.bytes}`);
        expect([path, lines]).toEqual([path, await theirs(path)]);
      }
    },
    MINUTES,
  );

  (noTshark === '' ? test : test.skip)(
    `tshark numbers and times them alike${noTshark}`,
    async () => {
      for (const path of sampled) {
        const frames = await ours(path);
        const lines = frames.map((f) =>
          [
            f.number,
            f.time,
            f.bytes.length / 2,
            f.wireLength,
            others.includes(path) ? f.interfaceId : '',
          ].join('\t'),
        );
        expect([path, lines]).toEqual([path, tshark(path)]);
      }
    },
    MINUTES,
  );
});
