import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Frame } from './frame.ts';
import { TimeUnit } from './time-unit.ts';

const LAST_SECOND = 253_402_300_799n;

/** The same by arbitrary precision. */
function exact(resolution: number, offset: bigint, stamp: bigint): { seconds: number; nanos: number } {
  const exponent = BigInt(resolution & 0x7f);
  const perSecond = (resolution & 0x80) === 0 ? 10n ** exponent : 2n ** exponent;
  const seconds = stamp / perSecond + offset;
  const nanos = ((stamp % perSecond) * 1_000_000_000n) / perSecond;
  const clamped = seconds < 0n ? 0n : seconds > LAST_SECOND ? LAST_SECOND : seconds;
  return { seconds: Number(clamped), nanos: Number(nanos) };
}

function read(unit: TimeUnit, stamp: bigint): { seconds: number; nanos: number } {
  const frame = new Frame();
  unit.stamp(frame, Number(stamp >> 32n), Number(stamp & 0xffff_ffffn));
  return { seconds: frame.seconds, nanos: frame.nanos };
}

const u64 = fc.oneof(
  fc.bigInt(0n, 2n ** 64n - 1n),
  // What captures hold: this century, in micro- and nanoseconds.
  fc.bigInt(9n * 10n ** 14n, 3n * 10n ** 15n),
  fc.bigInt(9n * 10n ** 17n, 3n * 10n ** 18n),
);

describe('a stamp becomes seconds and nanoseconds exactly', () => {
  const decimal = Array.from({ length: 22 }, (_, i) => i).concat(40, 127);
  // 2^-64 s is the finest binary unit in which a 64-bit stamp loses nothing.
  const binary = Array.from({ length: 65 }, (_, i) => 0x80 | i);

  test.each([...decimal, ...binary])('if_tsresol %i', (resolution) => {
    fc.assert(
      fc.property(fc.array(u64, { minLength: 1, maxLength: 6 }), fc.integer(), (stamps, offset) => {
        const unit = new TimeUnit(resolution, offset);
        for (const stamp of stamps) {
          expect(read(unit, stamp)).toEqual(exact(resolution, BigInt(offset), stamp));
        }
      }),
      { seed: 20050308, numRuns: 60 },
    );
  });

  test('binary units finer than 2^-64 s are right to the nanosecond', () => {
    fc.assert(
      fc.property(u64, fc.integer({ min: 65, max: 127 }), (stamp, bits) => {
        const { seconds, nanos } = read(new TimeUnit(0x80 | bits, 0), stamp);
        const wanted = exact(0x80 | bits, 0n, stamp);
        expect(seconds).toBe(0);
        expect(wanted.nanos - nanos).toBeGreaterThanOrEqual(0);
        expect(wanted.nanos - nanos).toBeLessThanOrEqual(1);
      }),
      { seed: 1 },
    );
  });

  test.each([
    ['the last nanosecond of a second', 9, 1_700_000_000_999_999_999n, 1_700_000_000, 999_999_999],
    ['the first of the next', 9, 1_700_000_001_000_000_000n, 1_700_000_001, 0],
    ['beyond 2^53 in nanoseconds', 9, 9_007_199_254_740_993n, 9_007_199, 254_740_993],
    ['the last of 32 bits in microseconds', 6, 4_294_967_295_999_999n, 4_294_967_295, 999_999_000],
    ['all bits set', 9, 2n ** 64n - 1n, 18_446_744_073, 709_551_615],
  ])('%s', (_, resolution, stamp, seconds, nanos) => {
    expect(read(new TimeUnit(resolution, 0), stamp)).toEqual({ seconds, nanos });
  });
});
