import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FlowCounters } from './counters.ts';
import { HISTORY, HistoryPool } from './history.ts';
import { DOUBT } from './oddity.ts';
import type { Doubt, Oddity } from './oddity.ts';
import { OVERLAPS } from '../core/overlap.ts';
import type { Overlap } from '../core/overlap.ts';
import { BufferBudget } from './pieces.ts';
import { Stream } from './stream.ts';

interface Told {
  text: string;
  gaps: number[];
}

function makeStream(
  limit = 1 << 20,
  budget = new BufferBudget(1 << 24),
  policy: Overlap = 'first',
): {
  stream: Stream<undefined>;
  told: Told;
  counters: FlowCounters;
  budget: BufferBudget;
  odd: Oddity[];
} {
  const odd: Oddity[] = [];
  const told: Told = { text: '', gaps: [] };
  const counters = new FlowCounters();
  const stream = new Stream(
    0,
    undefined,
    {
      data(_owner, _d, bytes, start, end) {
        told.text += Buffer.from(bytes.subarray(start, end)).toString('latin1');
      },
      gap(_owner, _d, length) {
        told.gaps.push(length);
        told.text += '_'.repeat(Math.min(length, 64));
      },
      odd(_owner, _d, code) {
        odd.push(code);
      },
    },
    { budget, histories: new HistoryPool(1 << 20), counters, limit, policy },
  );
  return { stream, told, counters, budget, odd };
}

function put(stream: Stream<undefined>, seq: number, text: string, now = 0, length = text.length): void {
  const bytes = Buffer.from(text, 'latin1');
  stream.segment(seq | 0, bytes, 0, bytes.length, length, now);
}

describe('order', () => {
  test('any permutation, duplication and overlap of segments gives the stream in order, at any sequence number', () => {
    const message =
      'The quick brown fox jumps over the lazy dog, twice, and then a third time for good measure.';
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.tuple(fc.nat(message.length - 1), fc.integer({ min: 1, max: 30 })), { maxLength: 60 }),
        fc.uniqueArray(fc.nat(message.length), { maxLength: 12 }),
        fc.integer({ min: 0, max: 1000 }),
        (isn, extra, cuts, shuffle) => {
          const { stream, told, budget } = makeStream();
          stream.startAt(isn);
          const edges = [0, ...cuts, message.length].sort((a, b) => a - b);
          const pieces = edges.slice(1).map((to, i) => [edges[i] ?? 0, to] as const);
          const segments = [
            ...pieces,
            ...extra.map(([at, n]) => [at, Math.min(message.length, at + n)] as const),
          ];
          // A shuffle by a small generator, so that the property's own shrinking stays simple.
          let x = shuffle + 1;
          const order = segments
            .map((s) => ({ s, key: (x = (x * 48271) % 2147483647) }))
            .sort((a, b) => a.key - b.key)
            .map((o) => o.s);
          for (const [from, to] of order) put(stream, isn + from, message.slice(from, to));
          expect(told).toEqual({ text: message, gaps: [] });
          expect(budget.used).toBe(0);
          expect(stream.offset).toBe(message.length);
        },
      ),
      { seed: 7, numRuns: 600 },
    );
  });

  test('sequence numbers wrap', () => {
    const { stream, told } = makeStream();
    stream.startAt(0xffff_fffe);
    put(stream, 2, 'cd');
    put(stream, 0xffff_fffe, 'abAB');
    expect(told.text).toBe('abABcd');
  });

  test('keep-alives and retransmissions tell nothing', () => {
    const { stream, told, counters } = makeStream();
    stream.startAt(100);
    put(stream, 100, 'abc');
    put(stream, 102, 'c');
    put(stream, 100, 'abc');
    put(stream, 101, 'bcd');
    expect(told.text).toBe('abcd');
    expect(counters.retransmitted).toBe(2);
  });

  test('what came first stays, and a conflict is counted', () => {
    const { stream, told, counters } = makeStream();
    stream.startAt(0);
    put(stream, 2, 'CD');
    put(stream, 1, 'xyz!');
    put(stream, 0, 'a');
    expect(told.text).toBe('axCD!');
    expect(counters.conflicts).toBe(1);
  });
});

describe('overlaps of what waits', () => {
  // The earlier segment is at 4 to 8; the later one as the row says. The hole at 0 is filled last.
  test.each([
    [
      'begins before, ends inside',
      2,
      4,
      { first: 'xxAAAA', last: 'xxxxAA', linux: 'xxxxAA', windows: 'xxAAAA' },
    ],
    [
      'begins before, ends behind',
      2,
      8,
      { first: 'xxAAAAxx', last: 'xxxxxxxx', linux: 'xxxxxxxx', windows: 'xxxxxxxx' },
    ],
    [
      'begins with it, ends inside',
      4,
      2,
      { first: '__AAAA', last: '__xxAA', linux: '__AAAA', windows: '__AAAA' },
    ],
    [
      'begins with it, ends behind',
      4,
      6,
      { first: '__AAAAxx', last: '__xxxxxx', linux: '__xxxxxx', windows: '__AAAAxx' },
    ],
    ['begins and ends inside', 5, 2, { first: '__AAAA', last: '__AxxA', linux: '__AAAA', windows: '__AAAA' }],
    [
      'begins inside, ends behind',
      6,
      4,
      { first: '__AAAAxx', last: '__AAxxxx', linux: '__AAAAxx', windows: '__AAAAxx' },
    ],
  ] as const)('the later one %s', (_, at, length, expected) => {
    for (const policy of OVERLAPS) {
      const { stream, told, odd, counters } = makeStream(1 << 20, new BufferBudget(1 << 24), policy);
      stream.startAt(0);
      put(stream, 4, 'AAAA');
      put(stream, at, 'x'.repeat(length));
      put(stream, 0, at > 2 ? '..__' : '..');
      expect({ policy, text: told.text }).toEqual({ policy, text: `..${expected[policy]}` });
      expect(odd).toEqual(['stream_overlap_conflict']);
      expect(counters.conflicts).toBe(1);
    }
  });

  test('the same bytes are no conflict', () => {
    const { stream, odd } = makeStream();
    stream.startAt(0);
    put(stream, 4, 'efgh');
    put(stream, 2, 'cdef');
    put(stream, 0, 'abcdefghij');
    put(stream, 1, 'bc');
    expect(odd).toEqual([]);
  });

  test('what was handed on is compared as far as it is remembered', () => {
    const { stream, odd } = makeStream();
    stream.startAt(0);
    put(stream, 0, 'a'.repeat(HISTORY));
    put(stream, HISTORY, 'bb');
    put(stream, 0, 'xx');
    expect(odd).toEqual([]);
    put(stream, 2, 'x');
    expect(odd).toEqual(['stream_overlap_conflict']);
  });
});

describe('doubted segments', () => {
  const doubted = (stream: Stream<undefined>, seq: number, text: string, doubt: Doubt): void => {
    const bytes = Buffer.from(text);
    stream.segment(seq, bytes, 0, bytes.length, bytes.length, 0, doubt);
  };

  test.each([DOUBT.CHECKSUM, DOUBT.TTL])('%i: the receiver decides', (doubt) => {
    const { stream, told, odd, budget } = makeStream();
    stream.startAt(0);
    put(stream, 0, 'one ');
    doubted(stream, 4, 'two ', doubt);
    expect(told.text).toBe('one ');
    stream.acknowledge(8, 0);
    expect(told.text).toBe('one two ');
    doubted(stream, 8, 'not ', doubt);
    put(stream, 8, 'three');
    expect(told.text).toBe('one two three');
    expect(odd).toHaveLength(1);
    expect(budget.used).toBe(0);
  });

  test('nobody decides: a wrong checksum goes, a low hop limit stays', () => {
    for (const [doubt, text] of [
      [DOUBT.CHECKSUM, ''],
      [DOUBT.TTL, 'real'],
    ] as const) {
      const { stream, told, budget } = makeStream();
      stream.startAt(0);
      doubted(stream, 0, 'real', doubt);
      stream.age(15_000, 1_000, 15_000);
      stream.flush();
      expect(told).toEqual({ text, gaps: [] });
      expect(budget.used).toBe(0);
    }
  });

  test('a flood of them stays within the buffer', () => {
    const { stream, budget } = makeStream(20_000);
    stream.startAt(0);
    for (let i = 0; i < 500; i++) doubted(stream, i * 10, 'x'.repeat(10), i % 2 ? DOUBT.CHECKSUM : DOUBT.TTL);
    expect(budget.used).toBeLessThanOrEqual(20_000 + 1034);
    stream.flush();
    expect(budget.used).toBe(0);
  });

  test('any mix of segments, doubts and acknowledgements ends with nothing held', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.nat(60),
            fc.string({ minLength: 1, maxLength: 20 }),
            fc.constantFrom(0, 0, 1, 2),
            fc.nat(90),
          ),
          { maxLength: 40 },
        ),
        fc.constantFrom(...OVERLAPS),
        (steps, policy) => {
          const { stream, budget, told } = makeStream(8_000, new BufferBudget(16_000), policy);
          stream.startAt(0);
          steps.forEach(([seq, text, doubt, ack], i) => {
            doubted(stream, seq, text, doubt as Doubt);
            if (ack < 60) stream.acknowledge(ack, i * 400);
            stream.age(i * 400, 1_000, 15_000);
          });
          stream.flush();
          expect(budget.used).toBe(0);
          expect(stream.waiting).toBe(false);
          expect(told.gaps.every((n) => n > 0)).toBe(true);
        },
      ),
      { seed: 5, numRuns: 500 },
    );
  });
});

describe('holes', () => {
  test('an acknowledged hole is told once its time of grace is over', () => {
    const { stream, told } = makeStream();
    stream.startAt(0);
    put(stream, 5, 'world', 0);
    stream.acknowledge(10, 0);
    stream.age(999, 1000, 15_000);
    expect(told.text).toBe('');
    stream.age(1000, 1000, 15_000);
    expect(told).toEqual({ text: '_____world', gaps: [5] });
  });

  test('a hole that fills in time is none', () => {
    const { stream, told } = makeStream();
    stream.startAt(0);
    stream.acknowledge(5, 0);
    put(stream, 0, 'hello', 500);
    stream.age(5000, 1000, 15_000);
    expect(told).toEqual({ text: 'hello', gaps: [] });
  });

  test('bytes acknowledged of which nothing was seen are a gap as far as they were acknowledged', () => {
    const { stream, told } = makeStream();
    stream.startAt(0);
    stream.acknowledge(7, 0);
    stream.age(2000, 1000, 15_000);
    put(stream, 7, 'next', 2000);
    expect(told).toEqual({ text: '_______next', gaps: [7] });
  });

  test('where nobody acknowledges, a hole is given up by time', () => {
    const { stream, told } = makeStream();
    stream.startAt(0);
    put(stream, 3, 'def', 1000);
    stream.age(15_999, 1000, 15_000);
    expect(told.gaps).toEqual([]);
    stream.age(16_000, 1000, 15_000);
    expect(told).toEqual({ text: '___def', gaps: [3] });
  });

  test('the end of the flow hands on what waits, each hole told', () => {
    const { stream, told, budget } = makeStream();
    stream.startAt(0);
    put(stream, 9, 'c');
    put(stream, 3, 'b');
    stream.flush();
    expect(told.gaps).toEqual([3, 5]);
    expect(told.text).toBe('___b_____c');
    expect(budget.used).toBe(0);
  });

  test('bytes beyond the snap length are a gap in place', () => {
    const { stream, told, counters } = makeStream();
    stream.startAt(0);
    put(stream, 0, 'ab', 0, 6);
    put(stream, 6, 'next');
    expect(told).toEqual({ text: 'ab____next', gaps: [4] });
    expect(counters.cutBytes).toBe(4);
  });
});

describe('bounds', () => {
  test('the buffer of a direction is bounded: the hole before it is given up', () => {
    const { stream, told, counters, budget } = makeStream(20_000);
    stream.startAt(0);
    for (let i = 0; i < 100; i++) put(stream, 10 + i * 20, 'x'.repeat(10));
    expect(counters.bufferLimit).toBeGreaterThan(0);
    expect(told.gaps.length).toBeGreaterThan(0);
    expect(budget.used).toBeLessThanOrEqual(20_000 + 1034);
  });

  test('the buffers of all directions together are bounded', () => {
    const budget = new BufferBudget(20_000);
    const all = Array.from({ length: 50 }, () => makeStream(1 << 20, budget));
    for (const { stream } of all) {
      stream.startAt(0);
      put(stream, 50, 'y'.repeat(200));
    }
    expect(budget.used).toBeLessThanOrEqual(20_000 + 1224);
    expect(all.reduce((n, a) => n + a.counters.bufferTotalLimit, 0)).toBeGreaterThan(0);
  });

  test('what is kept of a segment is charged whole', () => {
    const { stream, budget } = makeStream();
    stream.startAt(0);
    const big = 'z'.repeat(60_000);
    for (let i = 0; i < 200; i++) put(stream, 61_000 - i, big);
    expect(budget.used).toBeLessThan(60_200 + 201 * 1024);
  });

  test('one forged packet far ahead makes nothing look old', () => {
    for (const forge of [
      (s: Stream<undefined>) => s.acknowledge(0x3000_0000, 0),
      (s: Stream<undefined>) => put(s, 0x3000_0000, 'forged', 0),
    ]) {
      const { stream, told } = makeStream();
      stream.startAt(0);
      put(stream, 0, 'one ', 0);
      forge(stream);
      stream.age(60_000, 1000, 15_000);
      put(stream, 4, 'two', 60_000);
      expect(told).toEqual({ text: 'one two', gaps: [] });
    }
  });

  test('two that agree are believed; segments that go on behind them bring the stream back', () => {
    const { stream, told } = makeStream();
    stream.startAt(0);
    stream.acknowledge(0x3000_0000, 0);
    stream.acknowledge(0x3000_0010, 0);
    stream.age(2000, 1000, 15_000);
    expect(told.gaps).toEqual([0x3000_0010]);
    for (const [i, text] of ['a', 'b', 'c', 'd'].entries()) put(stream, i, text, 3000);
    expect(told.text.endsWith('cd')).toBe(true);
  });

  test('a segment beyond any window is not kept', () => {
    const { stream, counters, budget } = makeStream();
    stream.startAt(0);
    put(stream, 0x5000_0000, 'far away');
    expect(counters.outOfWindow).toBe(1);
    expect(budget.used).toBe(0);
  });
});
