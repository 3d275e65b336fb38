import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { ImFacts } from '../../src/sdk/index.ts';
import { everySplit, runDissector } from '../../src/sdk/testing.ts';
import type { RunOptions, Step, Told } from '../../src/sdk/testing.ts';
import * as build from './build.ts';
import ymsg from './index.ts';
import { KEY, SERVICE, STATUS } from './numbers.ts';

const up = (bytes: Uint8Array): Step => ({ direction: TO_SERVER, bytes });
const down = (bytes: Uint8Array): Step => ({ direction: TO_CLIENT, bytes });
const END: Step[] = [
  { direction: TO_SERVER, end: true },
  { direction: TO_CLIENT, end: true },
];
const SIGN_ON: Step[] = [
  up(build.auth('Alice')),
  down(build.challenge('alice')),
  up(build.answer('alice')),
  down(build.list('alice', 'Friends:bob,carol\nWork:dave\n')),
  down(build.accepted('alice')),
];
const run = (steps: Step[], options: RunOptions = {}): Told => runDissector(ymsg, steps, options);
const kinds = (told: Told): string[] => told.facts.map((facts) => facts.kind);
const of = (told: Told, kind: ImFacts['kind']): ImFacts[] =>
  told.facts.filter((facts) => facts.kind === kind);

/** No undefined, null or empty text anywhere, and no lone surrogate. */
function expectValid(value: unknown): void {
  if (typeof value === 'string') {
    if (value === '' || /\p{Surrogate}/u.test(value)) throw new Error(`bad text: ${JSON.stringify(value)}`);
  } else if (value === undefined || value === null) {
    throw new Error('a part without a value');
  } else if (typeof value === 'object') {
    for (const part of Object.values(value)) expectValid(part);
  }
}

/** A conversation with a bit of everything. */
const CONVERSATION: Step[] = [
  ...SIGN_ON,
  down(
    build.reply(SERVICE.LOGON, [
      [0, 'alice'],
      [7, 'bob'],
      [10, 0],
      [13, 1],
    ]),
  ),
  up(build.sent('alice', 'bob', 'Grüße, \u001b[1mBob\u001b[x1m 😀')),
  down(build.received('bob', 'alice', 'hello')),
  up(build.packet(SERVICE.PING)),
  down(
    build.reply(SERVICE.CONFINVITE, [
      [1, 'alice'],
      [57, 'bob-1'],
      [50, 'bob'],
      [58, 'come'],
      [52, 'carol'],
    ]),
  ),
  up(build.packet(SERVICE.LOGOFF, [[0, 'alice']])),
  ...END,
];

describe('a whole conversation', () => {
  test('tells in order what happened', () => {
    const told = run(CONVERSATION);
    expect(kinds(told)).toEqual([
      'client',
      'login',
      'notice',
      'contact',
      'contact',
      'contact',
      'presence',
      'message',
      'message',
      'room',
      'logout',
    ]);
    expect(told.anomalies).toEqual([]);
    expect(told.facts.every((facts) => facts.account === 'alice' && facts.service === 'yahoo')).toBe(true);
  });

  test('is the same wherever it is cut', () => {
    const { events } = run(CONVERSATION);
    everySplit(ymsg, CONVERSATION, (told, where) => {
      expect({ where, events: told.events, anomalies: told.anomalies }).toEqual({
        where,
        events,
        anomalies: [],
      });
    });
  });

  test('names the first byte of each packet', () => {
    const first = build.auth('alice').length + build.answer('alice').length;
    const { events } = run(CONVERSATION);
    expect(events.find(({ facts }) => facts.kind === 'message')?.offset).toBe(first);
  });

  test('shows no secret', () => {
    const told = run([...CONVERSATION.slice(0, -3), up(build.tokenAnswer('alice')), ...END]);
    expect(JSON.stringify(told.facts)).not.toMatch(/S3cret|Q3haLL/);
    // Tokens are kept as hashes only.
    expect(told.issued.map(({ realm, account }) => `${realm} ${account ?? ''}`)).toEqual([
      'yahoo-cookie alice',
      'yahoo-cookie alice',
      'yahoo-cookie alice',
    ]);
  });
});

describe('damage', () => {
  const MESSAGES: readonly Uint8Array[] = CONVERSATION.flatMap((step) =>
    'bytes' in step ? [step.bytes] : [],
  );

  test('no prefix of a packet tells anything of it', () => {
    for (const direction of [TO_SERVER, TO_CLIENT] as const) {
      for (const bytes of MESSAGES) {
        for (let n = 0; n < bytes.length; n++) {
          expect(run([{ direction, bytes: bytes.slice(0, n) }, ...END], { midstream: true }).facts).toEqual(
            [],
          );
        }
      }
    }
  });

  test('no changed byte throws, gives anything but valid text, or hides what follows', () => {
    const after = build.received('bob', 'alice', 'still there');
    for (const bytes of MESSAGES) {
      for (let at = 0; at < bytes.length; at++) {
        for (const value of [0x00, 0x30, 0xc0, (bytes[at] ?? 0) ^ 1]) {
          const changed = bytes.slice();
          changed[at] = value;
          const told = run([down(changed), ...Array<Step>(6).fill(down(after))]);
          expectValid(told.facts);
          expect(of(told, 'message').at(-1)?.text).toBe('still there');
        }
      }
    }
  });

  test('random bytes never throw, behind a magic or not', () => {
    const header = fc.record({
      service: fc.oneof(fc.constantFrom(...Object.values(SERVICE)), fc.nat(0xffff)),
      status: fc.constantFrom(...Object.values(STATUS), 0, 2, 99),
      version: fc.constantFrom(0, 9, 12, 16, 0xffff),
    });
    const pair = fc.tuple(
      fc.oneof(fc.constantFrom(...Object.values(KEY)), fc.nat(70000)),
      fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array(), fc.constantFrom('0', '1', '2', '318', '320')),
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(header, fc.array(pair, { maxLength: 12 }))
        .map(([h, pairs]) => build.packet(h.service, pairs, h)),
    );
    const step = fc.record({ direction: fc.constantFrom(TO_SERVER, TO_CLIENT), bytes });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), fc.boolean(), (steps, midstream) => {
        const told = run([...steps, ...END], { midstream });
        const cut = run([...steps, ...END], { midstream, chunk: 7 });
        expect(cut.events).toEqual(told.events);
        expectValid(told.facts);
      }),
      { seed: 20050308, numRuns: 250 },
    );
  });

  test.each([
    ['too long', 40, ['ymsg_malformed_body']],
    ['far too long', 60000, ['ymsg_malformed_body']],
    ['too short', -5, ['ymsg_malformed_body']],
    ['short of a pair', -7, ['ymsg_bad_magic']],
    ['nothing', -1000, ['ymsg_bad_magic']],
  ])('a length that is %s costs one anomaly and the next packet is read', (_name, by, anomalies) => {
    const lying = build.reply(SERVICE.MESSAGE, [
      [5, 'alice'],
      [4, 'bob'],
      [14, 'lost'],
      [97, 1],
    ]);
    const view = new DataView(lying.buffer);
    view.setUint16(8, Math.max(0, view.getUint16(8) + by));
    const told = run([down(lying), down(build.received('bob', 'alice', 'next')), ...END], {
      midstream: true,
    });
    expect(told.anomalies).toEqual(anomalies);
    expect(told.facts.map(({ text }) => text)).toContain('next');
  });

  test('after a gap it goes on at the next whole packet', () => {
    const lost = build.received('bob', 'alice', 'a text that says YMSG in its midst');
    const steps: Step[] = [
      ...SIGN_ON,
      down(lost.slice(0, 30)),
      { direction: TO_CLIENT, gap: 10 },
      down(lost.slice(40)),
      down(build.received('bob', 'alice', 'back')),
    ];
    const told = run(steps);
    expect(of(told, 'message').map(({ text }) => text)).toEqual(['back']);
    expect(told.anomalies).toEqual([]);
  });

  test('bytes that never become YMSG end the reading', () => {
    const told = run([up(new Uint8Array(70000).fill(0x59))]);
    expect(told.ended).toBe('bad');
  });

  test('the protocol before YMSG is left unread', () => {
    expect(run([up(new TextEncoder().encode('YPNS1.4\0'))])).toMatchObject({ ended: 'skip', anomalies: [] });
  });

  test('unknown services, keys and versions are counted', () => {
    const told = run([
      up(build.packet(0x1234, [[0, 'alice']])),
      up(build.packet(SERVICE.PING, [[4321, 'x']])),
      up(build.packet(SERVICE.PING, [], { version: 0xabcd })),
    ]);
    expect(told.anomalies).toEqual(['ymsg_unknown_service', 'ymsg_unknown_key', 'ymsg_odd_version']);
  });

  test('thousands of recipients are cut', () => {
    const pairs = Array.from({ length: 1200 }, (_, i): build.Pair => [KEY.TO, `u${i}`]);
    const told = run([up(build.packet(SERVICE.MASSMESSAGE, [[1, 'alice'], ...pairs, [14, 'hi']]))]);
    expect(told.facts[0]?.to).toHaveLength(1000);
    expect(told.anomalies).toEqual(['ymsg_too_many_values']);
  });

  test('file data behind an upload is passed over', () => {
    const upload = build.packet(SERVICE.FILETRANSFER, [
      [0, 'alice'],
      [5, 'bob'],
      [14, ''],
      [27, 'report.bin'],
      [28, 100],
    ]);
    const body = Uint8Array.from([...upload.slice(20), 0x32, 0x39, 0xc0, 0x80, 1, 2, 3, 4]);
    const told = run([
      up(build.raw(SERVICE.FILETRANSFER, body)),
      up(new Uint8Array(96).fill(0x59)),
      up(build.sent('alice', 'bob', 'done')),
    ]);
    expect(told.anomalies).toEqual([]);
    expect(kinds(told)).toEqual(['file', 'message']);
  });
});
