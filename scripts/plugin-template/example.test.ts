import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { everySplit, runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import { client, line, server } from './build.ts';
import protocol from './index.ts';

const CONVERSATION: Step[] = [
  client('HELLO Alice'),
  server('WELCOME Alice'),
  client('MSG bob hello there'),
  server('MSG Bob hi Alice, wie geht’s?'),
  client('BYE'),
];

const EXPECTED = [
  { kind: 'login', service: 'example', account: 'alice', auth: { mechanism: 'none', result: 'success' } },
  { kind: 'message', service: 'example', account: 'alice', sent: true, to: ['bob'], text: 'hello there' },
  {
    kind: 'message',
    service: 'example',
    account: 'alice',
    sent: false,
    from: 'bob',
    text: 'hi Alice, wie geht’s?',
  },
  { kind: 'logout', service: 'example', account: 'alice' },
];

describe('example: dissector', () => {
  test('a conversation, cut at every byte', () => {
    const whole = runDissector(protocol, CONVERSATION).events;
    everySplit(protocol, CONVERSATION, (told) => {
      expect(told.facts).toEqual(EXPECTED);
      expect(told.events).toEqual(whole);
      expect(told.anomalies).toEqual([]);
    });
  });

  test('a refused sign-on', () => {
    const { facts } = runDissector(protocol, [client('HELLO mallory'), server('REFUSED go away')]);
    expect(facts).toMatchObject([{ kind: 'login', account: 'mallory', auth: { result: 'failure' } }]);
  });

  test('a sign-on without an answer is told at the end', () => {
    const { facts } = runDissector(protocol, [client('HELLO alice'), { direction: 1, end: true }]);
    expect(facts).toMatchObject([{ kind: 'login', auth: { result: 'unknown' } }]);
  });

  test('after a gap it goes on with the next whole line', () => {
    const { facts } = runDissector(protocol, [
      { direction: 0, gap: 10 },
      { direction: 0, bytes: line('st of a line') },
      client('MSG bob after the gap'),
    ]);
    expect(facts).toMatchObject([{ kind: 'message', text: 'after the gap' }]);
  });

  test('lines without end and unknown commands are anomalies', () => {
    const told = runDissector(protocol, [
      client('WHAT'),
      { direction: 0, bytes: new Uint8Array(5000).fill(65) },
    ]);
    expect(told.anomalies).toEqual(['example_unknown_command', 'example_line_too_long']);
  });

  test('any bytes: never throws, no event without a whole line', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (chunks) => {
        const steps: Step[] = chunks.map((bytes) => ({ direction: 0, bytes }));
        const { facts } = runDissector(protocol, steps);
        const lines = chunks.flatMap((c) => [...c]).filter((b) => b === 10).length;
        expect(facts.length).toBeLessThanOrEqual(lines);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('example: detector', () => {
  test.each([
    ['both sides', 'HELLO a', 'WELCOME a', 'yes'],
    ['the greeting alone', 'HELLO a', '', 'more'],
    ['a beginning', 'HEL', '', 'more'],
    ['HTTP', 'HEAD / HTTP/1.1', '', 'no'],
    ['an answer that is none', 'HELLO a', 'WRONG', 'no'],
  ])('%s', (_name, c, s, answer) => {
    const bytes = (text: string): Uint8Array => (text === '' ? new Uint8Array(0) : line(text).slice(0, -2));
    expect(runDetector(protocol, bytes(c), bytes(s)).answer).toBe(answer);
  });

  test('one direction only, at the end', () => {
    expect(runDetector(protocol, line('HELLO a'), new Uint8Array(0), { final: true })).toMatchObject({
      answer: 'yes',
      confidence: 'low',
    });
  });
});
