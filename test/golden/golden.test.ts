import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { difference, expectedPath, goldenCaptures, orphans, replayCapture, ROOT } from './replay.ts';

const HINT = 'if this is meant: npm run golden -- --update, and look at the difference before it is kept';

describe('golden captures', () => {
  test.each(goldenCaptures())('%s', async (capture) => {
    const beside = join(ROOT, expectedPath(capture));
    if (!existsSync(beside)) throw new Error(`${expectedPath(capture)} is missing; ${HINT}`);
    const expected = readFileSync(beside, 'utf8').split('\n').slice(0, -1);
    const { lines, result } = await replayCapture(capture);
    const found = difference(expected, lines);
    if (found !== undefined) throw new Error(`${capture} is told otherwise than expected\n${found}\n${HINT}`);
    expect(result.problems).toEqual([]);
    expect(result.counters?.failures).toEqual([]);
  });

  test('each of the four networks has captures, and each expectation its capture', () => {
    const folders = new Set(goldenCaptures().map((path) => path.split('/')[1]));
    expect([...folders].sort()).toEqual(expect.arrayContaining(['msn', 'oscar', 'xmpp', 'yahoo']));
    expect(orphans()).toEqual([]);
  });

  test('README.md tells the origin of every capture', () => {
    const text = readFileSync(join(ROOT, 'captures', 'README.md'), 'utf8');
    const untold = goldenCaptures().filter((path) => !text.includes(`\`${path.replace('captures/', '')}\``));
    expect(untold).toEqual([]);
  });
});

describe('difference', () => {
  test('none', () => expect(difference(['a', 'b'], ['a', 'b'])).toBeUndefined());

  test('names the first line and column that differ', () => {
    expect(difference(['same', '{"a":1}'], ['same', '{"a":2}'])).toBe(
      'line 2, column 6\n  - {"a":1}\n  + {"a":2}',
    );
  });

  test('tells a line that is missing or one too many', () => {
    expect(difference(['a', 'b'], ['a'])).toBe(
      'line 2, column 1 (2 lines expected, 1 told)\n  - b\n  + (no line)',
    );
    expect(difference([], ['a'])).toContain('(no line)');
  });

  test('cuts long lines around the place', () => {
    const long = 'x'.repeat(1_000);
    const told = difference([`${long}1${long}`], [`${long}2${long}`]) ?? '';
    expect(told.length).toBeLessThan(600);
    expect(told).toContain('column 1001');
  });
});
