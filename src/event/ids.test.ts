import { describe, expect, test } from '@jest/globals';
import { communityId, EventIds, flowNumber, hash128 } from './ids.ts';

describe('community id', () => {
  // From the Community ID specification's own baseline (version 1, seed 0).
  test.each([
    ['TCP', [128, 232, 110, 120], [66, 35, 250, 204], 34_855, 80, 6, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
    ['UDP', [192, 168, 1, 52], [8, 8, 8, 8], 54_585, 53, 17, '1:d/FP5EW3wiY1vCndhwleRRKHowQ='],
  ] as const)('%s, either way round', (_name, a, b, p, q, protocol, want) => {
    const [x, y] = [Uint8Array.from(a), Uint8Array.from(b)];
    expect(communityId(x, y, p, q, protocol)).toBe(want);
    expect(communityId(y, x, q, p, protocol)).toBe(want);
  });
});

describe('ids', () => {
  const flow = hash128('a flow');

  test('32 hex digits, the same again', () => {
    expect(flow).toMatch(/^[0-9a-f]{32}$/);
    expect(hash128('a flow')).toBe(flow);
    expect(new EventIds(flow).of('im', 'message', 0, 17, 0)).toMatch(/^[0-9a-f]{32}$/);
    expect(new EventIds(flow).of('im', 'message', 0, 17, 0)).toBe(
      new EventIds(flow).of('im', 'message', 0, 17, 0),
    );
  });

  test('parts are not run together', () => {
    expect(hash128('ab', 'c')).not.toBe(hash128('a', 'bc'));
  });

  test('no two events of many flows share one', () => {
    const seen = new Set<string>();
    let n = 0;
    for (let f = 0; f < 20; f++) {
      const ids = new EventIds(hash128('flow', f));
      for (const kind of ['message', 'login', 'presence', 'typing']) {
        for (let offset = 0; offset < 300; offset++) {
          for (const direction of [0, 1]) {
            for (const ordinal of [0, 1]) {
              seen.add(ids.of('im', kind, direction, offset * 37, ordinal));
              n++;
            }
          }
        }
      }
    }
    expect(seen.size).toBe(n);
  });

  test('offsets beyond 32 bits count', () => {
    expect(new EventIds(flow).of('im', 'message', 0, 2 ** 32 + 5, 0)).not.toBe(
      new EventIds(flow).of('im', 'message', 0, 5, 0),
    );
  });

  test('a flow number is a whole number below 2^53', () => {
    expect(flowNumber('f'.repeat(32))).toBe(2 ** 52 - 1);
  });
});
