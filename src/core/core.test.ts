import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isIPv6 } from 'node:net';
import { formatIPv4, formatIPv6 } from './address.ts';
import { fromHex, joinBytes } from './bytes.ts';
import { PacketClock } from './clock.ts';
import { Cursor } from './cursor.ts';
import { LIMITS, makeLimits } from './limits.ts';
import * as text from './text.ts';
import { formatTime } from './time.ts';

describe('Cursor', () => {
  test('reads fields in order, both byte orders', () => {
    const c = new Cursor(fromHex('01 0203 04050607 0302 07060504 0000000100000002 0200000001000000 616200'));
    expect([
      c.u8(),
      c.u16(),
      c.u32(),
      c.u16le(),
      c.u32le(),
      c.u64(),
      c.u64le(),
      c.latin1(2),
      c.left,
      c.ok,
    ]).toEqual([1, 0x0203, 0x04050607, 0x0203, 0x04050607, 0x1_0000_0002, 0x1_0000_0002, 'ab', 1, true]);
  });

  test('a read past the end yields zero, and the failure sticks', () => {
    const c = new Cursor(Uint8Array.of(1, 2));
    expect([c.u32(), c.ok, c.u8(), c.latin1(1), c.take(1).length, c.ok]).toEqual([0, false, 0, '', 0, false]);
  });

  test('a sub-cursor is bounded, and one that does not fit is not ok', () => {
    const c = new Cursor(Uint8Array.of(1, 2, 3, 4));
    const inner = c.sub(2);
    expect([inner.u8(), inner.u8(), inner.u8(), inner.ok, c.ok, c.left]).toEqual([1, 2, 0, false, true, 2]);
    expect([c.sub(3).ok, c.ok]).toEqual([false, false]);
  });

  test('tell is the stream offset, also in a sub-cursor', () => {
    const c = new Cursor(new Uint8Array(10), 4, 10, 100);
    expect([c.tell(), c.sub(3).tell(), c.tell()]).toEqual([104, 104, 107]);
  });

  test('peek and find never move and never look past the end', () => {
    const c = new Cursor(joinBytes('ab\ncd\n'), 0, 5);
    expect([c.peek(), c.peek(4), c.peek(5), c.find(10), c.find(0x64), c.pos]).toEqual([97, 100, -1, 2, 4, 0]);
    c.skip(3);
    expect(c.find(10)).toBe(-1);
  });

  test('any reads over any bytes: never throws, never moves past the end', () => {
    const reads = ['u8', 'u16', 'u32', 'u16le', 'u32le', 'u64', 'u64le'] as const;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), fc.array(fc.constantFrom(...reads)), (bytes, calls) => {
        const c = new Cursor(bytes);
        for (const call of calls) c[call]();
        expect(c.pos).toBeLessThanOrEqual(bytes.length);
      }),
      { seed: 1 },
    );
  });
});

describe('text', () => {
  test.each([
    ['ASCII', 'hello', 'hello'],
    ['UTF-8', 'Grüße, Паром', 'Grüße, Паром'],
    ['long UTF-8', `${'x'.repeat(60)}é`, `${'x'.repeat(60)}é`],
  ])('%s', (_name, given, want) => {
    expect(text.decodeUtf8(joinBytes(given))).toBe(want);
    expect(text.decodeGuess(joinBytes(given))).toBe(want);
  });

  test('ill-formed UTF-8 becomes U+FFFD, or is refused', () => {
    expect(text.decodeUtf8(fromHex('61 ff 62'))).toBe('a\ufffdb');
    expect(text.decodeUtf8Strict(fromHex('61 ff 62'))).toBeUndefined();
  });

  test('unlabelled bytes that are not UTF-8 are taken for Windows-1252', () => {
    expect(text.decodeGuess(fromHex('80 6e fc 81'))).toBe('€nü\ufffd');
  });

  test('UTF-16: lone surrogates and odd bytes become U+FFFD', () => {
    expect(text.decodeUtf16be(fromHex('0041 d83d de00 d83d 0042'))).toBe('A\u{1f600}\ufffdB');
    expect(text.decodeUtf16le(fromHex('4100 00de 42'))).toBe('A\ufffd\ufffd');
  });

  test('everything that comes out is well-formed', () => {
    const decoders = [
      text.decodeUtf8,
      text.decodeLatin1,
      text.decodeUtf16be,
      text.decodeUtf16le,
      text.decodeWindows1252,
      text.decodeGuess,
    ];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(...decoders), (bytes, decode) => {
        const out = decode(bytes);
        expect(Buffer.from(out, 'utf8').toString('utf8')).toBe(out);
      }),
      { seed: 2, numRuns: 500 },
    );
  });
});

describe('addresses', () => {
  test('IPv4', () => {
    expect(formatIPv4(Uint8Array.of(9, 192, 0, 2, 255), 1)).toBe('192.0.2.255');
  });

  // RFC 5952 section 4.
  test.each([
    ['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
    ['2001:0db8:0000:0001:0001:0001:0001:0001', '2001:db8:0:1:1:1:1:1'],
    ['0000:0000:0000:0000:0000:0000:0000:0000', '::'],
    ['0000:0000:0000:0000:0000:0000:0000:0001', '::1'],
    ['fe80:0000:0000:0000:0000:0000:0000:0000', 'fe80::'],
    ['2001:0000:0000:0000:0db8:0000:0000:0001', '2001::db8:0:0:1'],
    ['0000:0000:0000:0000:0000:ffff:c000:0201', '::ffff:192.0.2.1'],
  ])('%s is written %s', (whole, short) => {
    expect(formatIPv6(fromHex(whole.replaceAll(':', '')), 0)).toBe(short);
  });

  test('what is written reads back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 0, 1, 0xffff, 0xdb8), { minLength: 8, maxLength: 8 }),
        (groups) => {
          const bytes = Uint8Array.from(groups.flatMap((g) => [g >> 8, g & 255]));
          expect(isIPv6(formatIPv6(bytes, 0))).toBe(true);
        },
      ),
      { seed: 3 },
    );
  });
});

describe('time', () => {
  test.each([
    [0, 0, '1970-01-01T00:00:00.000000+0000'],
    [1_110_290_591, 4_512_999, '2005-03-08T14:03:11.004512+0000'],
    [4_294_967_295, 999_999_999, '2106-02-07T06:28:15.999999+0000'],
  ])('%i s %i ns', (s, ns, want) => {
    expect(formatTime(s, ns)).toBe(want);
  });

  test('agrees with Date at any second', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), (s) => {
        expect(formatTime(s, 0).slice(0, 19)).toBe(new Date(s * 1000).toISOString().slice(0, 19));
      }),
      { seed: 4 },
    );
  });
});

describe('PacketClock', () => {
  const run = (seconds: number[]): PacketClock => {
    const clock = new PacketClock();
    for (const s of seconds) clock.observe(s, 0);
    return clock;
  };

  test('never runs backwards, and counts who tries', () => {
    const clock = run([100, 90, 99, 101]);
    expect([clock.seconds, clock.backwards]).toEqual([101, 1]);
  });

  test('a far jump is believed when four packets in a row agree', () => {
    const far = 1_000_000;
    expect(run([100, far, far, far]).seconds).toBe(100);
    expect(run([100, far, far, far, far + 1])).toMatchObject({
      seconds: far + 1,
      jumps: 1,
      jumpsBelieved: 1,
    });
    expect(run([100, far, 101, far, 102, far]).seconds).toBe(102);
    expect(run([100, far, 9 * far, far, 9 * far, far, 9 * far]).seconds).toBe(100);
  });

  test('a first stamp that the others do not share is given up', () => {
    expect(run([2_000_000_000, 100, 100, 101, 101, 102]).seconds).toBe(102);
    expect(run([100, 100, 100, 100, 100, 5, 5, 5, 5, 5]).seconds).toBe(100);
  });

  test('a day of silence is no jump', () => {
    expect(run([100, 100 + 86_400])).toMatchObject({ seconds: 86_500, jumps: 0 });
  });
});

test('limits: defaults, and what is set instead', () => {
  expect(makeLimits()).toMatchObject({ flows: LIMITS.flows.default });
  expect(makeLimits({ flows: 64 })).toMatchObject({ flows: 64, sessions: LIMITS.sessions.default });
});
