import { expect, test } from '@jest/globals';
import { PROBE } from '../sdk/index.ts';
import type { Detector, Protocol } from '../sdk/index.ts';
import { makePrefilter } from './prefilter.ts';

function protocol(
  firstBytes: Detector['firstBytes'],
  more: Partial<Detector> & { udp?: boolean } = {},
): Protocol {
  const { udp, ...detector } = more;
  return {
    name: 'x',
    title: 'X',
    services: ['x'],
    transport: udp ? 'udp' : 'tcp',
    ports: [],
    detector: { firstBytes, probe: () => PROBE.NO, ...detector },
    anomalies: {},
    maxMessage: 1,
    createDissector: () => {
      throw new Error('not asked for');
    },
  };
}

test('each detector has its bit where its first bytes say so, by transport and direction', () => {
  const { tcp, udp } = makePrefilter([
    protocol([[1], [2]]),
    protocol([null, [1]]),
    protocol([[1], []], { udp: true }),
  ]);
  expect([tcp[1], tcp[2], tcp[256 | 1], tcp[256 | 2]]).toEqual([0b11, 0b10, 0b10, 0b01]);
  expect([udp[1], udp[2], udp[256 | 1]]).toEqual([0b100, 0, 0]);
});

test('a glance takes away the bit of the detector that says no, and no other', () => {
  const even = (bytes: Uint8Array, start: number): boolean => bytes[start]! % 2 === 0;
  const prefilter = makePrefilter([
    protocol([null, null]),
    protocol([null, null], { glance: even }),
    protocol([null, null], { glance: () => false, udp: true }),
  ]);
  const segment = Uint8Array.of(9, 3, 4);
  expect(prefilter.glancing).toBe(0b110);
  expect(prefilter.glance?.(0b111, segment, 1, 2)).toBe(0b001);
  expect(prefilter.glance?.(0b111, segment, 2, 3)).toBe(0b011);
  expect(prefilter.glance?.(0b001, segment, 1, 2)).toBe(0b001);
});

test('more protocols than there are bits are refused', () => {
  const many = Array.from({ length: 32 }, () => protocol([[1], [1]]));
  expect(() => makePrefilter(many)).toThrow('more than 31 protocols');
});
