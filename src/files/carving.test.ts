import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FileTarget } from '../event/file.ts';
import { Carving } from './carving.ts';
import type { PieceRoom } from './carving.ts';

const TARGET: FileTarget = { id: '0'.repeat(32), name: 'report.pdf', service: 'aim' };
const LIMIT = 1_000;

function roomOf(limit = Infinity): PieceRoom & { held: number } {
  return {
    held: 0,
    hold(bytes) {
      this.held += bytes;
      return this.held <= limit;
    },
    release(bytes) {
      this.held -= bytes;
    },
    enter: () => true,
    leave: () => undefined,
  };
}

function carve(target: Partial<FileTarget> = {}, room = roomOf(), limit = LIMIT): Carving {
  return new Carving({ ...TARGET, ...target }, limit, room, undefined);
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const text = (s: string): Uint8Array => new TextEncoder().encode(s);

function write(file: Carving, offset: number, bytes: Uint8Array): void {
  // The bytes are the caller's: what is kept must be a copy.
  const shared = new Uint8Array(bytes.length + 2);
  shared.set(bytes, 1);
  file.write(offset, shared, 1, 1 + bytes.length);
  shared.fill(0xee);
}

const whole = Uint8Array.from({ length: 300 }, (_, i) => (i * 7) & 0xff);

describe('a file that passes', () => {
  test('every cut in two gives the same hashes, in order and the other way round', () => {
    for (let at = 0; at <= whole.length; at++) {
      for (const turned of [false, true]) {
        const file = carve({ size: whole.length });
        const parts: [number, Uint8Array][] = [
          [0, whole.subarray(0, at)],
          [at, whole.subarray(at)],
        ];
        for (const [offset, bytes] of turned ? parts.reverse() : parts) write(file, offset, bytes);
        const carved = file.close({ complete: true });
        expect([at, turned, carved.sha256, carved.gaps, carved.complete]).toEqual([
          at,
          turned,
          sha256(whole),
          false,
          true,
        ]);
      }
    }
  });

  test('the three hashes are those of the bytes', () => {
    const file = carve();
    write(file, 0, text('abc'));
    // RFC 1321, A.5; FIPS 180-4 examples.
    expect(file.close({ complete: true })).toMatchObject({
      md5: '900150983cd24fb0d6963f7d28e17f72',
      sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d',
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      carved: 3,
      magic: 'ASCII text',
    });
  });

  test('any segmentation, order and repetition that covers the file gives its hashes, and lets go of what was held', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.array(fc.tuple(fc.nat(200), fc.nat(40)), { maxLength: 20 }),
        fc.boolean(),
        (bytes, extra, turned) => {
          const room = roomOf();
          const file = carve({ size: bytes.length }, room, 100_000);
          const cuts = [...new Set(extra.map(([at]) => at % bytes.length))].sort((a, b) => a - b);
          const edges = [0, ...cuts.filter((at) => at > 0), bytes.length];
          const parts = edges.slice(1).map((end, i) => [edges[i]!, end] as const);
          const repeats = extra.map(([at, n]) => {
            const start = at % bytes.length;
            return [start, Math.min(bytes.length, start + n)] as const;
          });
          const all = [...repeats, ...(turned ? parts.reverse() : parts)];
          for (const [start, end] of all) write(file, start, bytes.subarray(start, end));
          const carved = file.close({ complete: true });
          expect(carved).toMatchObject({ sha256: sha256(bytes), gaps: false, carved: bytes.length });
          expect(room.held).toBe(0);
        },
      ),
      { seed: 1990, numRuns: 300 },
    );
  });
});

describe('what is missing', () => {
  test('a hole is told, and the hashes are those of what passed', () => {
    const room = roomOf();
    const file = carve({ size: 300 }, room);
    write(file, 0, whole.subarray(0, 100));
    write(file, 200, whole.subarray(200));
    const seen = Buffer.concat([whole.subarray(0, 100), whole.subarray(200)]);
    const carved = file.close({ complete: true });
    expect(carved).toMatchObject({
      gaps: true,
      complete: false,
      carved: 200,
      end: 300,
      sha256: sha256(seen),
    });
    expect(room.held).toBe(0);
  });

  test('a file that is shorter than was announced', () => {
    const file = carve({ size: 301 });
    write(file, 0, whole);
    expect(file.close({ complete: true })).toMatchObject({ gaps: true, complete: false });
  });

  test('one that was cut has no hole', () => {
    const file = carve({ size: 301 });
    write(file, 0, whole);
    expect(file.close({ complete: false })).toMatchObject({ gaps: false, complete: false, carved: 300 });
  });

  test('without its begin nothing is said of what it is', () => {
    const file = carve();
    write(file, 10, text('%PDF-1.4'));
    expect(file.close({ complete: true }).magic).toBeUndefined();
  });

  test('bytes that wait are bounded, a file and all together', () => {
    const room = roomOf();
    const file = carve({}, room, 500);
    for (let at = 10; at < 100_000; at += 20) {
      write(file, at, whole.subarray(0, 10));
      expect(room.held).toBeLessThanOrEqual(510);
    }
    const full = roomOf(0);
    const other = carve({}, full);
    for (let at = 10; at < 10_000; at += 20) write(other, at, whole.subarray(0, 10));
    expect(full.held).toBeLessThanOrEqual(10);
    expect(file.close({ complete: true }).gaps).toBe(true);
    expect(room.held).toBe(0);
  });

  test.each([-1, 1.5, Number.NaN, Infinity, 2 ** 53])('no place: %d', (offset) => {
    const file = carve();
    write(file, offset, whole);
    expect(file.close({ complete: false }).carved).toBe(0);
  });
});

describe('checksums and names', () => {
  const digest = { algorithm: 'sha1', value: 'a9993e364706816aba3e25717850c26c9cd0d89d' } as const;

  test.each([
    ['abc', true],
    ['abd', false],
  ])('the sender says the SHA-1 of %s', (bytes, verified) => {
    const file = carve({ digest, size: 3 });
    write(file, 0, text(bytes));
    expect(file.close({ complete: true }).verified).toBe(verified);
  });

  test('of a part nothing is said', () => {
    const file = carve({ digest });
    write(file, 0, text('ab'));
    expect(file.close({ complete: false }).verified).toBeUndefined();
  });

  test('the protocol knows better', () => {
    const file = carve({ digest });
    write(file, 0, text('abc'));
    expect(file.close({ complete: true, verified: false }).verified).toBe(false);
  });

  test('a name that does not end is cut between characters', () => {
    const name = carve({ name: `${'n'.repeat(1_023)}\u{1f600}` }).close({ complete: true }).name;
    expect(name).toBe('n'.repeat(1_023));
  });
});
