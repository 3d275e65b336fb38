import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import { message } from './build.ts';
import protocol from './index.ts';

const NONE = new Uint8Array(0);
const binding: Step = { direction: 0, bytes: message(1) };
const media = (direction: 0 | 1): Step => ({
  direction,
  bytes: Uint8Array.of(0x80, 96, ...new Array<number>(30).fill(1)),
});
const many = (n: number, step: Step): Step[] => Array.from({ length: n }, () => step);
const told = (steps: Step[], options = {}) => runDissector(protocol, steps, options).facts;

describe('stun: whose it is', () => {
  test.each<[string, Uint8Array, string, string]>([
    ['an attribute of WhatsApp', message(3, [0x4000, [1, 2, 3]]), 'whatsapp', 'attribute 0x4000'],
    ['a message type of WhatsApp', message(0x0801), 'whatsapp', 'message type 0x0801'],
    ['an attribute of Teams', message(1, [0x8070, [0, 0, 0, 3]]), 'teams', 'attribute 0x8070'],
    ['a realm', message(0x0113, [0x14, 'viber.com']), 'viber', 'realm viber.com'],
    ['a realm in quotes', message(0x0113, [0x14, '"turn.signal.org"']), 'signal', 'realm turn.signal.org'],
  ])('%s', (_, bytes, service, evidence) => {
    const facts = told([binding, { direction: 0, bytes }]);
    expect(facts).toMatchObject([
      {
        kind: 'service',
        service,
        evidence: [expect.stringContaining(evidence), ...(facts[0]?.evidence?.slice(1) ?? [])],
      },
    ]);
  });

  test('what a client calls itself is told beside, control characters and names of people are not', () => {
    const named = message(1, [0x8022, 'Skype 8'], [0x0006, 'alice:bob'], [0x8054, [0]]);
    expect(told([{ direction: 0, bytes: named }])[0]?.evidence?.[1]).toBe('stun: software Skype 8');
    const odd = message(1, [0x8022, 'a\u001b[2J'], [0x8054, [0]]);
    expect(told([{ direction: 0, bytes: odd }])[0]?.evidence).toHaveLength(1);
  });

  test('a flow that shows no messenger is let go', () => {
    expect(told(many(40, binding))).toEqual([]);
    expect(
      told([{ direction: 0, bytes: message(0x0113, [0x14, 'example.net']) }, ...many(40, binding)]),
    ).toEqual([]);
  });

  test('else the name by which the server was looked up counts a little', () => {
    const asked = { name: 'turn.threema.ch', before: 1, byClient: true };
    expect(told(many(40, binding), { asked })).toMatchObject([{ service: 'threema', confidence: 'low' }]);
  });
});

describe('stun: calls', () => {
  const whatsapp: Step = { direction: 0, bytes: message(0x0801) };

  test('media both ways for a second are a call, told once', () => {
    const facts = told([whatsapp, ...many(60, media(0)), ...many(120, media(1)), ...many(60, media(0))]);
    expect(facts).toMatchObject([
      { kind: 'service' },
      { kind: 'call', call: { media: 'voice or video', state: 'start' } },
    ]);
  });

  test.each<[string, Step[]]>([
    ['probes alone', many(200, binding)],
    ['media one way', many(200, media(0))],
    ['a few packets', [...many(20, media(0)), ...many(20, media(1))]],
  ])('%s are none', (_, steps) => {
    expect(told([whatsapp, ...steps]).map(({ kind }) => kind)).toEqual(['service']);
  });
});

describe('stun: detector', () => {
  test.each<[string, Uint8Array, string]>([
    ['a message', message(1), 'yes'],
    ['one whose length lies', message(1).map((b, i) => (i === 3 ? 8 : b)), 'no'],
    ['one without the cookie', message(1).map((b, i) => (i === 4 ? 0 : b)), 'no'],
    ['DNS', Uint8Array.from([0, 1, 1, 0, 0, 1, ...new Array<number>(20).fill(0)]), 'no'],
  ])('%s', (_, bytes, answer) => {
    expect(runDetector(protocol, bytes, NONE).answer).toBe(answer);
  });

  test('any attributes: never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (body) => {
        const bytes = Uint8Array.from([...message(1), ...body]);
        bytes[3] = body.length;
        runDissector(protocol, [{ direction: 0, bytes }]);
      }),
      { seed: 8489, numRuns: 500 },
    );
  });
});
