/** Our frames against those of two independent readers: the pcap-parser package, and tshark. */
import { describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pcapParser from 'pcap-parser';
import { joinBytes } from '../core/bytes.ts';
import { expandInputs } from './expand.ts';
import { openCapture } from './source.ts';
import { keeper } from './testing.ts';
import type { Kept } from './testing.ts';
import { writePcap, writePcapng } from './write.ts';

const FOLDER = join(process.cwd(), '../shared/captures');
const present = existsSync(FOLDER);
const captures = present ? expandInputs([FOLDER]).paths : [];
const micros = captures.filter((path) => ['a1b2c3d4', 'd4c3b2a1'].includes(magicOf(path)));
const others = captures.filter((path) => !micros.includes(path));
/** tshark takes a second or more to start. */
const sampled = [...others.filter((_, i) => i % 8 === 0), ...micros.filter((_, i) => i % 150 === 0)];
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
const withTshark = noTshark === '' ? test : test.skip;

/** As `tshark` tells them. */
function linesOf(frames: Kept[], interfaces: boolean): string[] {
  return frames.map((f) =>
    [f.number, f.time, f.bytes.length / 2, f.wireLength, interfaces ? f.interfaceId : ''].join('\t'),
  );
}

withTshark(
  `tshark reads what we write${noTshark}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'imspan-write-'));
    const packets = [0, 1, 2, 3].map((n) => ({
      seconds: 1_700_000_000 + n,
      nanos: 123_456_789 + n,
      bytes: new Uint8Array(61 + n).fill(n),
      wireLength: 1500,
      interfaceId: n & 1,
    }));
    const interfaces = [{ resolution: 9 }, { linkType: 101, resolution: 9, offset: 3600 }];
    const files: [string, Uint8Array, boolean][] = [
      ['a.pcap', writePcap(packets, { nanos: true, bigEndian: true }), false],
      [
        'b.pcapng',
        joinBytes(
          writePcapng(packets, { interfaces }),
          writePcapng(packets, { interfaces, bigEndian: true }),
        ),
        true,
      ],
    ];
    for (const [name, bytes, pcapng] of files) {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      expect(linesOf(await ours(path), pcapng)).toEqual(tshark(path));
    }
    rmSync(folder, { recursive: true });
  },
  MINUTES,
);

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

  withTshark(
    `tshark numbers and times them alike${noTshark}`,
    async () => {
      for (const path of sampled) {
        expect([path, linesOf(await ours(path), others.includes(path))]).toEqual([path, tshark(path)]);
      }
    },
    MINUTES,
  );
});
