import { describe, expect, test } from '@jest/globals';
import { CARRIERS, fragmentsOf, ipv4Of, udpOf } from '../../test/support/carry.ts';
import { tcpFrame } from '../../test/support/packets.ts';
import { fromHex, joinBytes } from '../core/bytes.ts';
import { OVERLAPS } from '../core/overlap.ts';
import type { Overlap } from '../core/overlap.ts';
import { makeLimits } from '../core/limits.ts';
import type { Limits } from '../core/limits.ts';
import { Decoder } from './decoder.ts';
import { FLOW_KEY } from './flow-key.ts';
import { LINK } from './link.ts';
import { DECODE } from './result.ts';

const TEXT = 'The quick brown fox jumps over the lazy dog, and then once more.';
const SAID = { seq: 1, ack: 1, flags: 24, payload: Buffer.from(TEXT) };
const V4 = tcpFrame({ ip: '192.0.2.1', port: 4000 }, { ip: '192.0.2.2', port: 5190 }, SAID);
const V6 = tcpFrame({ ip: '2001:db8::1', port: 4000 }, { ip: '2001:db8::2', port: 5190 }, SAID);

function decoder(limits: Partial<Limits> = {}, key: number = FLOW_KEY.NONE): Decoder {
  return new Decoder(makeLimits(limits), key);
}

function feed(d: Decoder, frames: readonly Uint8Array[], now = 100): number[] {
  return frames.map((f) => d.frame(f, 0, f.length, f.length, LINK.ETHERNET, now));
}

function text(d: Decoder): string {
  const { bytes, payloadStart, payloadEnd } = d.view;
  return Buffer.from(bytes.subarray(payloadStart, payloadEnd)).toString('latin1');
}

/** A fragment of an IPv4 packet: `at` in bytes. */
function piece(at: number, body: Uint8Array, more: boolean, id = 7, protocol = 17): Uint8Array {
  const ip = ipv4Of(protocol, body);
  ip[5] = id & 255;
  ip[4] = id >> 8;
  ip[6] = (at >> 11) | (more ? 0x20 : 0);
  ip[7] = (at >> 3) & 255;
  return joinBytes(fromHex('020000000001020000000002 0800'), ip);
}

describe.each([
  ['IPv4', V4],
  ['IPv6', V6],
])('%s', (_name, frame) => {
  const pieces = fragmentsOf(frame, 24, 9);
  test('in order, backwards, and each twice', () => {
    for (const order of [pieces, [...pieces].reverse(), pieces.flatMap((p, i) => (i > 0 ? [p] : [p, p]))]) {
      const d = decoder();
      const results = feed(d, order);
      expect(results.pop()).toBe(DECODE.TCP);
      expect(new Set(results)).toEqual(new Set([DECODE.FRAGMENT]));
      expect([text(d), d.view.destinationPort]).toEqual([TEXT, 5190]);
      expect(d.fragments.counters).toMatchObject({ reassembled: 1, overlaps: 0, limit: 0 });
      expect([d.fragments.count, d.fragments.held]).toEqual([0, 0]);
    }
  });

  test('a first fragment too small for the TCP header is counted, and read', () => {
    const d = decoder();
    expect(feed(d, fragmentsOf(frame, 8, 9)).pop()).toBe(DECODE.TCP);
    expect(text(d)).toBe(TEXT);
    expect(d.fragments.counters.tiny).toBe(1);
  });

  test('a tap that tells every frame twice leaves nothing behind', () => {
    const d = decoder();
    feed(
      d,
      pieces.flatMap((p) => [p, p]),
    );
    expect(d.fragments.counters).toMatchObject({ reassembled: 1, repeated: 1, overlaps: 0 });
    expect(d.fragments.count).toBe(0);
    feed(d, pieces, 200);
    expect(d.fragments.counters).toMatchObject({ reassembled: 2, repeated: 1, timeouts: 0 });
  });

  test('other identification, protocol or addresses: another packet', () => {
    const d = decoder();
    feed(d, [pieces[0] ?? V4, ...fragmentsOf(frame, 24, 10).slice(1)]);
    expect([d.fragments.count, d.fragments.counters.reassembled]).toEqual([2, 0]);
  });

  test('what comes too late is not put together, by packet time', () => {
    const d = decoder({ fragment_timeout: 30 });
    feed(d, pieces.slice(0, 2), 100);
    feed(d, pieces.slice(2), 131);
    expect(d.fragments.counters).toMatchObject({ reassembled: 0, timeouts: 1 });
    d.fragments.finish();
    expect(d.fragments.counters.timeouts).toBe(2);
    expect([d.fragments.count, d.fragments.held]).toEqual([0, 0]);
  });
});

describe('overlaps: what came first stays', () => {
  const head = udpOf(1, 2, Buffer.from('aaaaaaaaaaaaaaaabbbbbbbb'));
  test.each<[string, Uint8Array[], string]>([
    [
      'a later fragment rewrites what came',
      [
        piece(0, head.subarray(0, 24), true),
        piece(8, Buffer.from('XXXXXXXX'), true),
        piece(24, Buffer.from('bbbbbbbb'), false),
      ],
      'aaaaaaaaaaaaaaaabbbbbbbb',
    ],
    [
      'a later fragment overlaps the end of one and goes on',
      [piece(0, head.subarray(0, 24), true), piece(16, Buffer.from('XXXXXXXXbbbbbbbb'), false)],
      'aaaaaaaaaaaaaaaabbbbbbbb',
    ],
    [
      'another end',
      [
        piece(24, Buffer.from('bbbbbbbb'), false),
        piece(32, Buffer.from('XXXXXXXX'), false),
        piece(0, head.subarray(0, 24), true),
      ],
      'aaaaaaaaaaaaaaaabbbbbbbb',
    ],
  ])('%s', (_name, frames, expected) => {
    const d = decoder();
    expect(feed(d, frames).pop()).toBe(DECODE.UDP);
    expect(text(d)).toBe(expected);
    expect(d.fragments.counters.overlaps).toBe(1);
  });
});

describe('overlaps, by policy', () => {
  // Behind a header of 8 bytes: one fragment of blocks 2 and 3 (A), and one that comes later (B).
  const OLD = [16, 'AAAAAAAAAAAAAAAA'] as const;
  test.each<[string, number, string, Record<Overlap, string>]>([
    [
      'before it and into it',
      8,
      'B'.repeat(16),
      { first: 'BAA.', last: 'BBA.', linux: 'BBA.', windows: 'BAA.' },
    ],
    [
      'over it on both sides',
      8,
      'B'.repeat(32),
      { first: 'BAAB', last: 'BBBB', linux: 'BBBB', windows: 'BBBB' },
    ],
    ['with it, as long', 16, 'B'.repeat(16), { first: '.AA.', last: '.BB.', linux: '.BB.', windows: '.AA.' }],
    [
      'with it and beyond it',
      16,
      'B'.repeat(24),
      { first: '.AAB', last: '.BBB', linux: '.BBB', windows: '.AAB' },
    ],
    ['inside it', 24, 'B'.repeat(8), { first: '.AA.', last: '.AB.', linux: '.AA.', windows: '.AA.' }],
    [
      'into its end and beyond',
      24,
      'B'.repeat(16),
      { first: '.AAB', last: '.ABB', linux: '.AAB', windows: '.AAB' },
    ],
  ])('a later fragment that begins %s', (_name, at, bytes, expected) => {
    for (const policy of OVERLAPS) {
      const d = new Decoder(makeLimits(), FLOW_KEY.NONE, policy);
      const head = udpOf(1, 2, Buffer.alloc(40, '.')).subarray(0, 8);
      const frames = [
        piece(OLD[0], Buffer.from(OLD[1]), true),
        piece(at, Buffer.from(bytes), true),
        // What is nobody's yet is filled up; it comes last and is the same wherever it overlaps.
        piece(0, head, true),
        piece(40, Buffer.from('........'), false),
      ];
      for (const block of [8, 16, 24, 32]) {
        const there = (from: number, length: number): boolean => block >= from && block < from + length;
        if (!there(OLD[0], 16) && !there(at, bytes.length))
          frames.push(piece(block, Buffer.alloc(8, '.'), true));
      }
      expect(feed(d, frames).pop()).toBe(DECODE.UDP);
      const blocks = [...text(d)]
        .filter((_char, i) => i % 8 === 0)
        .join('')
        .slice(0, 4);
      expect([policy, blocks]).toEqual([policy, expected[policy]]);
      expect(d.fragments.counters.overlaps).toBe(1);
      expect([d.fragments.count, d.fragments.held]).toEqual([0, 0]);
    }
  });

  test('what the policy remembers counts as memory', () => {
    const held = (policy: Overlap): number => {
      const d = new Decoder(makeLimits(), FLOW_KEY.NONE, policy);
      feed(d, [piece(8_000, Buffer.alloc(8), true)]);
      return d.fragments.held;
    };
    expect([held('first'), held('last'), held('linux'), held('windows')]).toEqual([
      8_192, 8_192, 12_288, 12_288,
    ]);
  });
});

describe('refused', () => {
  test.each([
    ['beyond the largest packet', piece(65_528, Buffer.alloc(100), false)],
    ['beyond it by its header', piece(65_512, Buffer.alloc(8), false)],
    ['no multiple of 8', piece(0, Buffer.alloc(9), true)],
    ['empty', piece(8, Buffer.alloc(0), false)],
  ])('%s', (_name, frame) => {
    const d = decoder();
    expect(feed(d, [frame])).toEqual([DECODE.FRAGMENT_LENGTH]);
    expect(d.fragments.count).toBe(0);
  });

  test('cut by the snap length', () => {
    const d = decoder();
    const frame = piece(0, Buffer.alloc(800), true);
    expect(d.frame(frame, 0, 200, frame.length, LINK.ETHERNET, 1)).toBe(DECODE.FRAGMENT_CUT);
    expect(d.fragments.count).toBe(0);
  });
});

test('the largest packet that there can be', () => {
  const body = Buffer.alloc(65_515, 0x61);
  body.set([0, 1, 0, 2, 0xff, 0xeb, 0, 0]);
  const frames: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += 1_480) {
    frames.push(piece(at, body.subarray(at, at + 1_480), at + 1_480 < body.length));
  }
  const d = decoder();
  expect(feed(d, frames.reverse()).pop()).toBe(DECODE.UDP);
  expect(d.view.payloadLength).toBe(65_507);
});

test('tunnels around and inside fragments, and the flow key', () => {
  const vxlan = CARRIERS['VXLAN']?.(V4) ?? V4;
  const d = decoder();
  expect(feed(d, fragmentsOf(vxlan, 40, 3)).pop()).toBe(DECODE.TCP);
  expect([text(d), d.view.tunnels]).toEqual([TEXT, 1]);
  const tagged = (id: number, frame: Uint8Array): Uint8Array =>
    joinBytes(frame.subarray(0, 12), fromHex('8100 00'), id, frame.subarray(12));
  const [a = V4, ...rest] = fragmentsOf(V4, 48, 3);
  const mixed = [tagged(1, a), ...rest.map((f) => tagged(2, f))];
  expect(feed(decoder(), mixed).pop()).toBe(DECODE.TCP);
  expect(feed(decoder({}, FLOW_KEY.VLAN), mixed).pop()).toBe(DECODE.FRAGMENT);
});

describe('a flood of 100,000 fragments of different packets stays bounded', () => {
  test.each([
    ['first fragments', 0],
    ['fragments far into their packets', 60_000],
  ])('%s', (_name, at) => {
    const limits = { fragment_packets: 1_000, fragment_buffer_total: 4_194_304 };
    const d = decoder(limits);
    const frame = piece(at, Buffer.alloc(16), true);
    for (let i = 0; i < 100_000; i++) {
      frame[18] = i >> 8;
      frame[19] = i;
      frame[29] = i >> 16;
      d.frame(frame, 0, frame.length, frame.length, LINK.ETHERNET, 100);
      if (d.fragments.count > 1_000 || d.fragments.held > 4_194_304) throw new Error('beyond the limits');
    }
    expect(d.fragments.counters.limit).toBeGreaterThan(98_000);
    expect(feed(d, fragmentsOf(V4, 24, 1)).pop()).toBe(DECODE.TCP);
  });
});
