import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { CLASSIFY_LIMITS } from '../classify/limits.ts';
import { LIMITS } from './limits.ts';
import type { LimitInfo } from './limits.ts';
import { worstCaseOf } from './worst-case.ts';

const GIB = 2 ** 30;

test('a limit within another counts once, one for each of something so many times', () => {
  const limit = (set: Partial<LimitInfo>): LimitInfo => ({
    default: 10,
    unit: 'things',
    cost: 3,
    meaning: '',
    ...set,
  });
  const table = { all: limit({}), one: limit({ within: 'all' }), inner: limit({ each: 'all', default: 2 }) };
  expect(worstCaseOf(table, { more: limit({ cost: 1 }) })).toEqual({ total: 30 + 60 + 10, carriers: 60 });
});

test('`within` and `each` name limits', () => {
  for (const limit of Object.values<LimitInfo>(LIMITS)) {
    if (limit.within !== undefined) expect(Object.keys(LIMITS)).toContain(limit.within);
    if (limit.each !== undefined) expect(Object.keys(LIMITS)).toContain(limit.each);
  }
});

test('the documentation states the worst case, and it is bounded', () => {
  const { total, carriers } = worstCaseOf(LIMITS, CLASSIFY_LIMITS);
  const stated = readFileSync('docs/LIMITS.md', 'utf8');
  expect(stated).toContain(`cost ${total.toLocaleString('en-US')} bytes at the defaults`);
  expect(stated).toContain(`: ${(total - carriers).toLocaleString('en-US')}, and`);
  expect(total - carriers).toBeLessThan(2 * GIB);
  expect(total).toBeLessThan(6 * GIB);
});
