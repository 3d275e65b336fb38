import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction } from '../../src/sdk/index.ts';
import { everySplit, runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step, Told } from '../../src/sdk/testing.ts';
import { END_BLOCK, block, lines } from './build.ts';
import msnftp from './index.ts';

const BOB = 'bob@example.test';
const COOKIE = '193083812';
const DATA = Uint8Array.from({ length: 1000 }, (_, i) => i & 0xff);
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const up = (...parts: Uint8Array[]): Step => ({ direction: TO_SERVER, bytes: join(...parts) });
const down = (...parts: Uint8Array[]): Step => ({ direction: TO_CLIENT, bytes: join(...parts) });
const END: Step[] = [
  { direction: TO_SERVER, end: true },
  { direction: TO_CLIENT, end: true },
];
const OPENING: Step[] = [
  up(lines('VER MSNFTP')),
  down(lines('VER MSNFTP')),
  up(lines(`USR Bob@Example.test ${COOKIE}`)),
  down(lines('FIL 3000')),
  up(lines('TFR')),
];
const TRANSFER: Step[] = [
  ...OPENING,
  down(block(DATA), block(DATA)),
  down(block(DATA), END_BLOCK),
  up(lines('BYE 16777989')),
];
const run = (steps: Step[]): Told => runDissector(msnftp, steps);
const states = (told: Told): unknown[] => told.facts.map(({ file }) => file?.state);

describe('a transfer', () => {
  test('start and complete, once each, without the cookie', () => {
    const told = run([...TRANSFER, ...END]);
    const known = {
      kind: 'file',
      service: 'msn',
      account: BOB,
      to: [BOB],
      sent: false,
    };
    const file = { id: `msnftp|${'0'.repeat(32)}`, name: '(unnamed)', size: 3000, method: 'msnftp' };
    expect(told.facts).toEqual([
      { ...known, file: { ...file, state: 'start' } },
      { ...known, file: { ...file, state: 'complete' } },
    ]);
    expect(told.anomalies).toEqual([]);
    expect(told.presented).toEqual([{ realm: 'msnftp', token: COOKIE }]);
    expect(JSON.stringify(told.facts)).not.toContain(COOKIE);
  });

  test('the sender may be the one who connects', () => {
    const turned = TRANSFER.map((step) => ({ ...step, direction: (1 - step.direction) as Direction }));
    const told = run([...turned, ...END]);
    expect(told.facts.map(({ account, to, sent, file }) => [account, to, sent, file?.state])).toEqual([
      [undefined, [BOB], true, 'start'],
      [undefined, [BOB], true, 'complete'],
    ]);
    expect(told.presented).toEqual([]);
  });

  test.each([
    ['BYE 16777987', 'complete'],
    ['BYE 2164261683', 'cancel'],
    ['BYE 2164261682', 'failed'],
    ['BYE constructor', 'failed'],
    ['CCL', 'cancel'],
  ])('%s', (word, state) => {
    expect(states(run([...OPENING, down(block(DATA)), up(lines(word)), ...END]))).toEqual(['start', state]);
  });

  test('the sender gives up before the first block', () => {
    expect(states(run([...OPENING, down(lines('CCL')), ...END]))).toEqual(['start', 'cancel']);
  });

  test('without BYE the count decides', () => {
    expect(states(run([...TRANSFER.slice(0, -1), ...END]))).toEqual(['start', 'complete']);
    expect(states(run([...OPENING, down(block(DATA)), ...END]))).toEqual(['start', 'failed']);
  });

  test('the sender alone is enough', () => {
    const told = run([...TRANSFER.filter(({ direction }) => direction === TO_CLIENT), ...END]);
    expect(states(told)).toEqual(['start', 'complete']);
    expect(told.facts[0]).not.toHaveProperty('to');
  });

  test('a dialogue that never came to data tells nothing', () => {
    expect(run([...OPENING.slice(0, 4), ...END]).facts).toEqual([]);
  });
});

describe('hostile', () => {
  test('however the bytes are cut, the same is told', () => {
    const steps = [...OPENING, down(block(DATA.slice(0, 40)), block(DATA.slice(0, 50)), END_BLOCK), ...END];
    const whole = run(steps);
    everySplit(msnftp, steps, (told, where) => {
      if (JSON.stringify(told) !== JSON.stringify(whole)) throw new Error(`differs: ${where}`);
    });
  });

  test.each([
    ['a line that is none', [up(lines('VER MSNFTP', 'HELLO'))], 'msnftp_bad_line'],
    ['a line without end', [up(new Uint8Array(600).fill(65))], 'msnftp_bad_line'],
    ['a block of no kind', [...OPENING, down(Uint8Array.of(9, 9, 9))], 'msnftp_bad_block'],
    ['a large block', [...OPENING, down(Uint8Array.of(0, 0, 9))], 'msnftp_large_block'],
    [
      'more data than was said',
      [...OPENING, ...[1, 2, 3, 4].map(() => down(block(DATA)))],
      'msnftp_too_much_data',
    ],
  ])('%s is an anomaly', (_, steps, code) => {
    expect(run([...steps, ...END]).anomalies).toEqual([code]);
  });

  test('a gap inside a block costs nothing; one beyond it ends the count, not the dialogue', () => {
    const inside = run([
      ...OPENING,
      down(block(DATA).slice(0, 500)),
      { direction: TO_CLIENT, gap: 400 },
      down(block(DATA).slice(900), block(DATA), block(DATA), END_BLOCK),
      ...END,
    ]);
    expect(states(inside)).toEqual(['start', 'complete']);
    const beyond = run([
      ...OPENING,
      down(block(DATA).slice(0, 500)),
      { direction: TO_CLIENT, gap: 1400 },
      down(block(DATA)),
      up(lines('BYE 16777989')),
      ...END,
    ]);
    expect(states(beyond)).toEqual(['start', 'complete']);
    expect(beyond.anomalies).toEqual([]);
  });

  test('any byte may be any other, and anything may come', () => {
    TRANSFER.forEach((step, i) => {
      if (!('bytes' in step)) return;
      for (let at = 0; at < Math.min(step.bytes.length, 60); at++) {
        for (const value of [0, 0x0a, 0x43, 0xff]) {
          const bytes = step.bytes.slice();
          bytes[at] = value;
          const told = run([...TRANSFER.slice(0, i), { ...step, bytes }, ...TRANSFER.slice(i + 1), ...END]);
          if (JSON.stringify(told.facts).includes('""')) throw new Error(`empty: step ${i} byte ${at}`);
        }
      }
    });
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .constantFrom('VER MSNFTP', 'USR a@b 1', 'USR', 'FIL 5', 'FIL x', 'TFR', 'BYE', 'CCL', '')
        .map((word) => lines(word)),
    );
    const steps = fc.array(fc.tuple(fc.constantFrom<Direction>(0, 1), part), { maxLength: 20 });
    fc.assert(
      fc.property(steps, (parts) => {
        const told = run([...parts.map(([direction, bytes]) => ({ direction, bytes })), ...END]);
        expect(told.facts.length).toBeLessThanOrEqual(2);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('detection', () => {
  const version = lines('VER MSNFTP');

  test('both sides, or one and its next line', () => {
    expect(runDetector(msnftp, version, version)).toMatchObject({ answer: 'yes', confidence: 'high' });
    expect(runDetector(msnftp, lines('VER MSNFTP', `USR ${BOB} 1`))).toMatchObject({
      answer: 'yes',
      confidence: 'medium',
    });
    expect(runDetector(msnftp, new Uint8Array(0), lines('VER MSNFTP', 'FIL 5'))).toMatchObject({
      answer: 'yes',
    });
    expect(runDetector(msnftp, version).answer).toBe('more');
    expect(runDetector(msnftp, version, new Uint8Array(0), { final: true }).answer).toBe('no');
    for (let n = 1; n < version.length; n++)
      expect(runDetector(msnftp, version.slice(0, n)).answer).toBe('more');
  });

  test.each([
    ['MSNP', lines('VER 1 MSNP9 CVR0')],
    ['another word', lines('VER MSNFTPX')],
    ['HTTP', lines('GET / HTTP/1.1')],
    ['IRC', lines('VERSION')],
  ])('not %s', (_, bytes) => {
    expect(runDetector(msnftp, bytes, new Uint8Array(0), { final: true }).answer).toBe('no');
    expect(runDetector(msnftp, version, bytes, { final: true }).answer).toBe('no');
  });
});
