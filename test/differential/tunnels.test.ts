/** Every encapsulation of the tests, and fragments, are what tshark takes them for: the same packet inside. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ROOT } from '../golden/replay.ts';
import { CARRIERS, fragmentsOf } from '../support/carry.ts';
import { pcapOf, tcpFrame } from '../support/packets.ts';
import { fields, tsharkVersion } from './tshark.ts';

/** By default tshark looks for no VXLAN on the old port, guesses pseudowires its own way, and reads no ERSPAN of IP. */
const NOT_BY_DEFAULT = [
  'VXLAN, old port',
  'MPLS pseudowire with control word',
  'MPLS pseudowire without control word',
  'ERSPAN III, IP',
];

const SAID = { seq: 1000, ack: 2000, flags: 24, payload: Buffer.from('something that is said to be told') };
const V4 = tcpFrame({ ip: '192.0.2.1', port: 49_152 }, { ip: '198.51.100.2', port: 5190 }, SAID);
const V6 = tcpFrame({ ip: '2001:db8::1', port: 49_152 }, { ip: '2001:db8::2', port: 5190 }, SAID);
const NAMES = Object.keys(CARRIERS).filter((name) => !NOT_BY_DEFAULT.includes(name));

const folder = mkdtempSync(join(tmpdir(), 'imspan-tunnels-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Ports and payload that tshark tells of each frame. */
function seen(frames: readonly Uint8Array[]): string[][] {
  const path = join(folder, 'frames.pcap');
  writeFileSync(path, pcapOf(frames.map((bytes) => ({ seconds: 1, nanos: 0, bytes }))));
  return fields(relative(ROOT, path), ['tcp.srcport', 'tcp.dstport', 'tcp.payload']);
}

const version = tsharkVersion();
const inside = ['49152', '5190', Buffer.from(SAID.payload).toString('hex')];

(version === undefined ? describe.skip : describe)(
  `as ${version ?? 'tshark, which is not installed'}`,
  () => {
    test('tunnels', () => {
      const told = seen(NAMES.flatMap((name) => [V4, V6].map((f) => CARRIERS[name]?.(f) ?? f)));
      NAMES.forEach((name, i) => {
        expect([name, told[2 * i], told[2 * i + 1]]).toEqual([name, inside, inside]);
      });
    });

    test.each([
      ['IPv4', V4],
      ['IPv6', V6],
    ])('fragments of %s, the last one first', (_name, frame) => {
      const told = seen(fragmentsOf(frame, 16, 3).reverse());
      expect(told.pop()).toEqual(inside);
      expect(told.every(([port]) => port === '')).toBe(true);
    });
  },
);
