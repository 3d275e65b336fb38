import { expect, test } from '@jest/globals';
import { soakVerdict } from './verdict.ts';

const over = (bytes: (n: number) => number): ReturnType<typeof soakVerdict> =>
  soakVerdict(Array.from({ length: 60 }, (_, n) => ({ second: n * 5, bytes: bytes(n) })));

test('what warms up and then stays is flat; what grows, or shrinks, by more than 5% is not', () => {
  expect(over((n) => 100e6 + Math.min(n, 10) * 5e6).flat).toBe(true);
  expect(over((n) => 100e6 + n * 5e5).flat).toBe(false);
  expect(over((n) => 100e6 + n * 2e5).flat).toBe(true);
  expect(over((n) => (n < 40 ? 100e6 : 90e6)).flat).toBe(false);
  expect(soakVerdict([{ second: 1, bytes: 1 }]).flat).toBe(false);
});
