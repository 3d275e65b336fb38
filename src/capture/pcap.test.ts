import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { joinBytes } from '../core/bytes.ts';
import { readBytes } from './testing.ts';
import { LIMITS } from './wire.ts';
import { fields, pcapHeader, pcapRecord, writePcap } from './write.ts';
import type { Packet } from './write.ts';

const packet = (n: number, length: number): Packet => ({
  seconds: 1_110_290_591 + n,
  nanos: 4_512_000 + n * 1000 + n,
  bytes: Uint8Array.from({ length }, (_, i) => (n * 31 + i) & 0xff),
});
const packets = [packet(1, 60), packet(2, 0), packet(3, 1), packet(4, 97)];
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A header of any magic and version. */
function header(magic: number, bigEndian: boolean, major = 2, minor = 4, network = 1): Uint8Array {
  const field = fields({ bigEndian });
  return joinBytes(field.u32(magic), field.u16(major, minor), field.u32(0, 0, 65_535, network));
}

describe('variants', () => {
  test.each([
    { bigEndian: false, nanos: false },
    { bigEndian: true, nanos: false },
    { bigEndian: false, nanos: true },
    { bigEndian: true, nanos: true },
  ])('%j', async (options) => {
    const told = await readBytes(writePcap(packets, { ...options, linkType: 101 }));
    expect(told.problem).toBeUndefined();
    expect(told.linkTypes).toEqual([101]);
    expect(told.frames).toEqual(
      packets.map(({ seconds, nanos = 0, bytes }, i) => ({
        number: i + 1,
        time: `${seconds}.${String(options.nanos ? nanos : nanos - (nanos % 1000)).padStart(9, '0')}`,
        bytes: hexOf(bytes),
        wireLength: bytes.length,
        linkType: 101,
        interfaceId: 0,
        file: 0,
      })),
    );
  });

  test.each([false, true])(
    'Kuznetzov (big-endian: %s) has eight more bytes in a record',
    async (bigEndian) => {
      const field = fields({ bigEndian });
      const record = (n: number): Uint8Array =>
        joinBytes(field.u32(n, 7, 3, 5), field.u32(2), field.u16(0x800), 4, 0, Uint8Array.of(n, n, n));
      const told = await readBytes(joinBytes(header(0xa1b2cd34, bigEndian), record(1), record(2)));
      expect(told.problem).toBeUndefined();
      expect(told.frames.map((f) => [f.time, f.bytes, f.wireLength])).toEqual([
        ['1.000007000', '010101', 5],
        ['2.000007000', '020202', 5],
      ]);
    },
  );

  test('the FCS length above the link type is not part of it', async () => {
    const told = await readBytes(header(0xa1b2c3d4, false, 2, 4, 0x5400_0001));
    expect(told.linkTypes).toEqual([1]);
  });

  test.each([
    ['2.4: more captured than there was', 2, 4, 4, 2, 4, 4],
    ['2.4: cut by the snap length', 2, 4, 4, 9, 4, 9],
    ['2.3: swapped', 2, 3, 9, 4, 4, 9],
    ['2.3: not swapped', 2, 3, 4, 9, 4, 9],
    ['2.2: swapped', 2, 2, 9, 4, 4, 9],
    ['DG/UX: swapped', 543, 0, 9, 4, 4, 9],
  ])('lengths, version %s', async (_, major, minor, first, second, captured, wire) => {
    const field = fields({});
    const record = joinBytes(field.u32(5, 0, first, second), new Uint8Array(captured));
    const told = await readBytes(joinBytes(header(0xa1b2c3d4, false, major, minor), record, record));
    expect(told.problem).toBeUndefined();
    expect(told.frames.map((f) => [f.bytes.length / 2, f.wireLength])).toEqual([
      [captured, wire],
      [captured, wire],
    ]);
  });

  test('any snap length is taken, a lie too', async () => {
    for (const snapLength of [0, 40, 0xffff_ffff]) {
      const told = await readBytes(writePcap(packets, { snapLength }));
      expect(told.frames).toHaveLength(packets.length);
    }
  });

  test.each([
    [0xffff_ffff, 0, '4294967295.000000000'],
    [0xffff_fffe, 999_999, '4294967294.999999000'],
    [0x8000_0000, 1, '2147483648.000001000'],
    // Not a fraction any more: what it says is added up.
    [1, 2_500_000, '3.500000000'],
    [1, 0xffff_ffff, '4295.967295000'],
  ])('time %i and %i µs', async (seconds, micros, time) => {
    const record = fields({}).u32(seconds, micros, 0, 0);
    const told = await readBytes(joinBytes(pcapHeader(), record));
    expect(told.frames.map((f) => f.time)).toEqual([time]);
  });
});

describe('what does not end well', () => {
  const whole = writePcap(packets);
  const starts = [24];
  for (const { bytes } of packets) starts.push(starts.at(-1)! + 16 + bytes.length);

  test('every truncation: all frames before the cut, and where the unfinished one begins', async () => {
    const { frames } = await readBytes(whole);
    for (let length = 1; length < whole.length; length++) {
      const told = await readBytes(whole.subarray(0, length));
      const fit = starts.filter((start) => start <= length).length - 1;
      expect(told.frames).toEqual(frames.slice(0, Math.max(0, fit)));
      if (starts.includes(length)) {
        expect(told.problem).toBeUndefined();
        continue;
      }
      const what = fit < 0 ? 'the file header' : `packet ${fit + 1}`;
      const offset = fit < 0 ? 0 : starts[fit]!;
      const message =
        length < 4 ? 'cut short in the file header at byte 0' : `cut short in ${what} at byte ${offset}`;
      expect(told.problem).toEqual({ kind: 'cut', offset, message });
    }
  });

  test('an absurd length ends it, with all before it', async () => {
    const record = fields({}).u32(9, 0, LIMITS.CAPTURED + 1, LIMITS.CAPTURED + 1);
    const told = await readBytes(joinBytes(whole, record, new Uint8Array(LIMITS.CAPTURED + 1)));
    expect(told.frames).toHaveLength(packets.length);
    expect(told.problem).toEqual({
      kind: 'damaged',
      offset: whole.length,
      message: `packet 5 claims 262145 captured bytes at byte ${whole.length}`,
    });
  });

  test('the largest packet passes a window that is far smaller', async () => {
    const large = { seconds: 1, bytes: new Uint8Array(LIMITS.CAPTURED).fill(7) };
    const told = await readBytes(writePcap([...packets, large, ...packets]), [1000], 64);
    expect(told.problem).toBeUndefined();
    expect(told.frames.map((f) => f.bytes.length / 2)).toEqual([60, 0, 1, 97, LIMITS.CAPTURED, 60, 0, 1, 97]);
  });

  test.each([1, 3, 542])('major version %i is foreign', async (major) => {
    const told = await readBytes(header(0xa1b2c3d4, false, major, 4));
    expect(told.problem).toMatchObject({
      kind: 'foreign',
      message: `pcap version ${major}.4 is not known at byte 0`,
    });
  });
});

test('the same frames however the bytes arrive', async () => {
  const bytes = writePcap(packets, { bigEndian: true });
  const wanted = await readBytes(bytes);
  for (let first = 1; first < bytes.length; first++) {
    expect(await readBytes(bytes, [first, Infinity])).toEqual(wanted);
  }
  for (const sizes of [[1], [2, 3], [7], [16], [24, 16]]) {
    for (const window of [4, 24, 61, 65_536]) expect(await readBytes(bytes, sizes, window)).toEqual(wanted);
  }
});

test('random bytes after a header never throw, and frames stay within the input', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34),
      fc.boolean(),
      fc.integer({ min: 1, max: 40 }),
      async (noise, magic, bigEndian, size) => {
        const bytes = joinBytes(header(magic, bigEndian), noise);
        const told = await readBytes(bytes, [size], 32);
        const held = told.frames.reduce((n, f) => n + 16 + f.bytes.length / 2, 0);
        expect(held).toBeLessThanOrEqual(noise.length);
        for (const f of told.frames) expect(f.wireLength).toBeGreaterThanOrEqual(f.bytes.length / 2);
        expect(await readBytes(bytes)).toEqual(told);
      },
    ),
    { seed: 4_512, numRuns: 500 },
  );
});

test('a record of its own', async () => {
  const record = pcapRecord(
    { seconds: 2, nanos: 5, bytes: Uint8Array.of(1, 2), wireLength: 90 },
    { nanos: true },
  );
  const told = await readBytes(joinBytes(pcapHeader({ nanos: true }), record));
  expect(told.frames).toMatchObject([{ time: '2.000000005', bytes: '0102', wireLength: 90 }]);
});
