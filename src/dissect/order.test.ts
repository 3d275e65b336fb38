import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makeLimits } from '../core/limits.ts';
import { Order } from './order.ts';
import type { Turn, TurnReader } from './order.ts';

/** A connection that notes what is read of it. */
class Line implements TurnReader {
  held = 0;
  most = 0;
  room = 1e9;
  readonly #told: string[];
  readonly #name: string;

  constructor(told: string[], name: string) {
    this.#told = told;
    this.#name = name;
  }
  read(bytes: Uint8Array, start: number, end: number): void {
    this.#told.push(this.#name + Buffer.from(bytes.subarray(start, end)).toString());
  }
  gap(length: number): void {
    this.#told.push(`${this.#name}!${length}`);
  }
  hold(bytes: number): boolean {
    this.held += bytes;
    this.most = Math.max(this.most, this.held);
    return this.held <= this.room;
  }
  release(bytes: number): void {
    this.held -= bytes;
  }
}

function setUp(): {
  order: Order;
  told: string[];
  a: Line;
  b: Line;
  send: (n: number, line: Line, now?: number) => Turn;
} {
  const order = new Order(makeLimits());
  const told: string[] = [];
  const send = (n: number, line: Line, now = 0): Turn => {
    const turn = order.begin(n, line, now);
    order.data(turn, Buffer.from(`${n}`), 0, `${n}`.length, now);
    order.end(turn, now);
    return turn;
  };
  return { order, told, send, a: new Line(told, 'a'), b: new Line(told, 'b') };
}
const put = (order: Order, turn: Turn, text: string, now = 0): void => {
  order.data(turn, Buffer.from(text), 0, text.length, now);
};

describe('messages of two connections', () => {
  test('in order pass as they come, piece by piece', () => {
    const { order, told, a, b, send } = setUp();
    const first = order.begin(5, a, 0);
    put(order, first, 'x');
    put(order, first, 'y');
    expect(told).toEqual(['ax', 'ay']);
    order.end(first, 0);
    send(6, b);
    send(7, a);
    expect(told).toEqual(['ax', 'ay', 'b6', 'a7']);
    expect(a.most + b.most).toBe(0);
  });

  test('one that comes early waits, and gives its memory back', () => {
    const { told, a, b, send } = setUp();
    send(1, a);
    send(3, b);
    send(4, b);
    expect(told).toEqual(['a1']);
    expect(b.held).toBeGreaterThan(0);
    send(2, a);
    expect(told).toEqual(['a1', 'a2', 'b3', 'b4']);
    expect(b.held).toBe(0);
  });

  test('one in the middle of another waits for its end, and goes on in place', () => {
    const { order, told, a, b } = setUp();
    const first = order.begin(1, a, 0);
    put(order, first, 'x');
    const second = order.begin(2, b, 0);
    put(order, second, '1');
    put(order, second, '2');
    expect(told).toEqual(['ax']);
    expect([order.busyWith(b), order.busyWith(a)]).toEqual([true, false]);
    put(order, first, 'y');
    order.end(first, 0);
    put(order, second, '3');
    order.end(second, 0);
    expect(told).toEqual(['ax', 'ay', 'b12', 'b3']);
    expect(order.busyWith(a)).toBe(false);
  });

  test('what is sent again is read once', () => {
    const { told, a, b, send } = setUp();
    send(1, a);
    send(1, b);
    send(3, a);
    send(3, b);
    send(2, b);
    send(2, a);
    expect(told).toEqual(['a1', 'b2', 'a3']);
  });

  test('what broke off and is sent again is read', () => {
    const { order, told, a, b, send } = setUp();
    const broken = order.begin(1, a, 0);
    put(order, broken, 'x');
    order.leave(a, 1);
    send(1, b, 1);
    expect(told).toEqual(['ax', 'a!0', 'b1']);
  });
});

describe('a number that never comes', () => {
  test('is waited for some seconds', () => {
    const { told, a, send } = setUp();
    send(1, a);
    send(3, a, 10);
    send(4, a, 12);
    expect(told).toEqual(['a1']);
    send(5, a, 13);
    expect(told).toEqual(['a1', 'a3', 'a4', 'a5']);
  });

  test('and read where it comes late', () => {
    const { told, a, send } = setUp();
    for (const [n, now] of [
      [1, 0],
      [3, 0],
      [4, 9],
      [2, 9],
      [5, 9],
    ] as const)
      send(n, a, now);
    expect(told).toEqual(['a1', 'a3', 'a4', 'a2', 'a5']);
  });

  test('is not waited for by more than some', () => {
    const { told, a, send } = setUp();
    send(1, a);
    for (let n = 3; n < 60; n++) send(n, a);
    expect(told.length).toBeGreaterThan(57 - 17);
    expect(told.slice(0, 3)).toEqual(['a1', 'a3', 'a4']);
  });

  test('nor by more bytes than some, nor where there is no room', () => {
    const { order, told, a, b, send } = setUp();
    send(1, a);
    const large = order.begin(3, a, 0);
    for (let i = 0; i < 40; i++) put(order, large, 'x'.repeat(4_000));
    expect(a.most).toBeLessThan(300_000);
    expect(told.length).toBeGreaterThan(1);
    b.room = 0;
    const other = order.begin(9, b, 0);
    put(order, other, 'y');
    order.end(large, 0);
    expect(b.held).toBe(0);
  });

  test('a great one hides nothing of what follows', () => {
    const { told, a, send } = setUp();
    send(1, a);
    send(2 ** 53 - 1, a, 0);
    for (let n = 2; n < 9; n++) send(n, a, n * 4);
    expect(told.filter((t) => t !== `a${2 ** 53 - 1}`)).toEqual([
      'a1',
      'a2',
      'a3',
      'a4',
      'a5',
      'a6',
      'a7',
      'a8',
    ]);
  });

  test('is not waited for once one behind it was answered', () => {
    const { order, told, a, b, send } = setUp();
    send(1, a);
    send(3, b);
    send(6, b);
    order.answered(1, 0);
    expect(told).toEqual(['a1']);
    order.answered(2, 0);
    expect(told).toEqual(['a1', 'b3']);
    order.answered(4, 0);
    send(5, a);
    expect(told).toEqual(['a1', 'b3', 'a5', 'b6']);
    expect(a.held + b.held).toBe(0);
  });

  test('is not waited for at the end of the connection', () => {
    const { order, told, a, b, send } = setUp();
    send(1, a);
    send(4, a);
    send(3, b);
    order.leave(a, 0);
    expect(told).toEqual(['a1', 'b3', 'a4']);
    expect(a.held + b.held).toBe(0);
  });
});

test('who is silent in the middle of a message is given up for the others', () => {
  const { order, told, a, b, send } = setUp();
  const silent = order.begin(1, a, 0);
  put(order, silent, 'x');
  send(2, b, 1);
  expect(told).toEqual(['ax']);
  send(3, b, 4);
  put(order, silent, 'y', 4);
  expect(told).toEqual(['ax', 'a!0', 'b2', 'b3']);
});

test('any order, any pieces: each message once and whole, nothing held at the end', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray(
        Array.from({ length: 14 }, (_, i) => i + 100),
        { minLength: 1 },
      ),
      fc.array(fc.tuple(fc.nat(13), fc.boolean(), fc.nat(4)), { maxLength: 40 }),
      (numbers, repeats) => {
        const { order, told, a, b, send } = setUp();
        let now = 0;
        for (const n of numbers) send(n, n % 2 ? a : b, now);
        for (const [at, first, wait] of repeats)
          send(numbers[at % numbers.length] ?? 0, first ? a : b, (now += wait));
        order.leave(a, now);
        order.leave(b, now);
        expect(told.map((t) => Number(t.slice(1))).sort()).toEqual([...numbers].sort());
        expect(a.held + b.held).toBe(0);
      },
    ),
    { seed: 11, numRuns: 300 },
  );
});
