import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { ARCHIVE_LIMITS } from '../archive/limits.ts';
import { CLASSIFY_LIMITS } from '../classify/limits.ts';
import { LIMITS } from './limits.ts';
import type { LimitInfo, LimitName } from './limits.ts';
import { worstCaseOf } from './worst-case.ts';

const GIB = 2 ** 30;

test('a limit within another counts once', () => {
  const limit = (set: Partial<LimitInfo>): LimitInfo => ({
    default: 10,
    unit: 'things',
    cost: 3,
    meaning: '',
    ...set,
  });
  const table = { all: limit({}), one: limit({ within: 'all' }) };
  expect(worstCaseOf(table, { more: limit({ cost: 1 }) })).toBe(30 + 10);
});

test('`within` names a limit that is no smaller', () => {
  for (const limit of Object.values<LimitInfo>(LIMITS)) {
    if (limit.within === undefined) continue;
    expect(Object.keys(LIMITS)).toContain(limit.within);
    // What is counted in its place must cost as much.
    expect(LIMITS[limit.within as LimitName].cost).toBeGreaterThanOrEqual(limit.cost);
  }
});

test('the documentation states the worst case, and it is bounded', () => {
  const total = worstCaseOf(LIMITS, CLASSIFY_LIMITS, ARCHIVE_LIMITS);
  const stated = readFileSync('docs/LIMITS.md', 'utf8');
  expect(stated).toContain(`cost ${total.toLocaleString('en-US')} bytes at the defaults`);
  expect(total).toBeLessThan(2 * GIB);
});
