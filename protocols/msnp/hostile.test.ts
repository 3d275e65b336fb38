import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction } from '../../src/sdk/index.ts';
import { everySplit, runDissector } from '../../src/sdk/testing.ts';
import type { Step, Told } from '../../src/sdk/testing.ts';
import * as build from './build.ts';
import msnp from './index.ts';

const { line, withPayload, bytesOf } = build;
const ALICE = 'alice@example.test';
const BOB = 'bob@example.test';
const CALL = '{4006A774-4034-2698-4AEB-B61447858F8A}';
const up = (...bytes: Uint8Array[]): Step => ({ direction: TO_SERVER, bytes: bytesOf(...bytes) });
const down = (...bytes: Uint8Array[]): Step => ({ direction: TO_CLIENT, bytes: bytesOf(...bytes) });
const END: Step[] = [
  { direction: TO_SERVER, end: true },
  { direction: TO_CLIENT, end: true },
];
const SECRETS = ['hash-secret', 'ticket-secret', 'key-secret', 'mspauth-secret', 'cookie-secret'];

const NOTIFICATION: Step[] = [
  up(line('VER', 1, 'MSNP15', 'MSNP14', 'CVR0')),
  down(line('VER', 1, 'MSNP15')),
  up(line('CVR', 2, '0x0409', 'winnt', '5.1', 'i386', 'MSNMSGR', '8.5.1302', 'BC01', ALICE)),
  up(line('USR', 3, 'SSO', 'I', ALICE)),
  down(
    withPayload(['GCF', 0], '<Policies>\n</Policies>'),
    line('USR', 3, 'SSO', 'S', 'MBI_KEY_OLD', 'nonce'),
  ),
  up(line('USR', 4, 'SSO', 'S', 't=ticket-secret', 'hash-secret')),
  down(line('USR', 4, 'OK', ALICE, 1, 0)),
  down(
    withPayload(
      ['MSG', 'Hotmail', 'Hotmail'],
      build.mime({ 'Content-Type': 'text/x-msmsgsprofile', MSPAuth: 'mspauth-secret', country: 'DE' }),
    ),
  ),
  up(withPayload(['ADL', 6], "<ml l='1'><d n='example.test'><c n='bob' l='3' t='1'/></d></ml>")),
  down(line('ADL', 6, 'OK')),
  up(line('CHG', 9, 'NLN', 1), withPayload(['UUX', 10], '<Data><PSM>Überall</PSM></Data>'), line('PNG')),
  down(line('CHG', 9, 'NLN', 1), line('UUX', 10, 0), line('NLN', 'BSY', BOB, 1, 'B%C3%B6b', 1, 0)),
  down(withPayload(['UBX', BOB, 1], '<Data><PSM>x</PSM></Data>'), line('QNG', 48)),
  up(line('XFR', 11, 'SB')),
  down(line('XFR', 11, 'SB', '198.51.100.7:1864', 'CKI', 'key-secret')),
  down(line('OUT', 'OTH')),
];
const SWITCHBOARD: Step[] = [
  up(line('USR', 1, ALICE, 'key-secret')),
  down(line('USR', 1, 'OK', ALICE, 'Alice'), line('JOI', BOB, 'Bob')),
  up(build.sent(3, build.plain('Grüße'), 'A'), build.sent(4, build.typing(ALICE), 'U')),
  down(line('ACK', 3), build.received(BOB, 'B%C3%B6b', build.plain('?OTR:AAMC'))),
  down(
    build.received(BOB, 'Bob', build.plain(Uint8Array.of(0x61, 0xc3), { 'Message-ID': '{1}', Chunks: '2' })),
  ),
  down(build.received(BOB, 'Bob', build.mime({ 'Message-ID': '{1}', Chunk: '1' }, Uint8Array.of(0xbc)))),
  up(build.sent(5, build.p2p(BOB, build.fileInvite(ALICE, BOB, CALL, 'a.exe', 5)), 'D')),
  down(
    build.received(
      BOB,
      'Bob',
      build.typed(
        'text/x-msmsgsinvite',
        'Invitation-Command: ACCEPT\r\nInvitation-Cookie: 1\r\nAuthCookie: cookie-secret\r\n',
      ),
    ),
  ),
  down(line('JOI', 'carol@example.test', 'Carol'), line('BYE', BOB)),
  up(line('OUT')),
];

/** No undefined, null or empty text anywhere, no lone surrogate, no secret. */
function expectClean(told: Told): void {
  const all = JSON.stringify(told.facts);
  for (const secret of SECRETS) if (all.includes(secret)) throw new Error(`secret in ${all}`);
  visit(told.facts);
}

function visit(value: unknown): void {
  if (typeof value === 'string') {
    if (value === '' || /\p{Surrogate}/u.test(value)) throw new Error(`bad text ${JSON.stringify(value)}`);
  } else if (value === undefined || value === null) throw new Error('a part without a value');
  else if (typeof value === 'function') throw new Error('a function');
  else if (typeof value === 'object') Object.values(value).forEach(visit);
}

describe('however the bytes are cut, the same is told', () => {
  test.each([
    ['a notification server', NOTIFICATION, 9],
    ['a switchboard', SWITCHBOARD, 8],
  ])('%s', (_, steps, count) => {
    const conversation = [...steps, ...END];
    const whole = runDissector(msnp, conversation);
    expect(whole.anomalies).toEqual([]);
    expect(whole.facts).toHaveLength(count);
    expectClean(whole);
    everySplit(msnp, conversation, (told, where) => {
      if (JSON.stringify(told) !== JSON.stringify(whole)) throw new Error(`differs: ${where}`);
    });
  });

  test('so it is for damaged ones', () => {
    const noise = bytesOf(
      'junk MSG x',
      Uint8Array.of(0, 13, 10),
      line('MSG', 'a', 'b', 'c'),
      'NLN\r\nOUT OUT OUT\r\n',
    );
    const steps = [SWITCHBOARD[0] as Step, down(noise), ...SWITCHBOARD.slice(1), ...END];
    const whole = runDissector(msnp, steps);
    everySplit(msnp, steps, (told, where) => {
      if (JSON.stringify(told) !== JSON.stringify(whole)) throw new Error(`differs: ${where}`);
    });
  });
});

describe('damage', () => {
  const steps = [...NOTIFICATION.slice(0, 7), ...NOTIFICATION.slice(10, 13)];

  test('no event from a message that is not whole', () => {
    const message = build.received(BOB, 'Bob', build.plain('hello'));
    for (let n = 0; n < message.length; n++) {
      expect(
        runDissector(msnp, [...SWITCHBOARD.slice(0, 2), down(message.slice(0, n)), ...END]).facts,
      ).toEqual([]);
    }
  });

  test.each([
    ['notification server', steps],
    ['switchboard', SWITCHBOARD],
  ])('any byte of a %s may be any other', (_, conversation) => {
    conversation.forEach((step, i) => {
      if (!('bytes' in step)) return;
      for (let at = 0; at < step.bytes.length; at++) {
        for (const value of [0, 0x0a, 0x20, 0x39]) {
          const bytes = step.bytes.slice();
          bytes[at] = value;
          const mutated = [
            ...conversation.slice(0, i),
            { ...step, bytes },
            ...conversation.slice(i + 1),
            ...END,
          ];
          expectClean(runDissector(msnp, mutated));
        }
      }
    });
  });

  test('a length that lies costs one message and one anomaly', () => {
    const good = build.received(BOB, 'Bob', build.plain('good'));
    for (const claimed of [130, 140, 400, 65_000, 70_000, 4_000_000_000]) {
      const bad = bytesOf(line('MSG', BOB, 'Bob', claimed), build.plain('bad'));
      const told = runDissector(msnp, [
        ...SWITCHBOARD.slice(0, 2),
        down(bad, ...Array.from({ length: 600 }, () => good)),
      ]);
      const texts = told.facts.map(({ text }) => text).filter((text) => text === 'good');
      expect(texts.length).toBeGreaterThan(100);
      expect(told.anomalies.length).toBeLessThanOrEqual(1);
    }
  });

  test('a line without end and an unknown command', () => {
    const after = build.received(BOB, 'Bob', build.plain('after'));
    const told = (junk: Uint8Array): Told =>
      runDissector(msnp, [...SWITCHBOARD.slice(0, 2), down(junk), down(after)]);
    expect(told(bytesOf('x'.repeat(20_000))).anomalies).toEqual(['msnp_line_too_long']);
    expect(told(bytesOf(`NLN ${'x'.repeat(9000)}\r\n`)).facts).toHaveLength(1);
    expect(told(bytesOf('XYZ 1 2 3\r\n'))).toMatchObject({
      anomalies: ['msnp_unknown_command'],
      facts: [{ text: 'after' }],
    });
    expect(told(bytesOf('RNG nonsense\r\n'))).toMatchObject({
      anomalies: ['msnp_bad_arguments'],
      facts: [{ text: 'after' }],
    });
    expect(told(bytesOf('MSG a b c\r\n'))).toMatchObject({
      anomalies: ['msnp_bad_arguments'],
      facts: [{ text: 'after' }],
    });
  });

  test('megabytes without a command end the reading', () => {
    const noise = Uint8Array.from({ length: 400_000 }, (_, i) => 33 + (i % 60));
    expect(runDissector(msnp, [...SWITCHBOARD.slice(0, 2), down(noise)]).ended).toBe('bad');
  });
});

describe('gaps', () => {
  const first = build.received(BOB, 'Bob', build.plain('first'));
  const lost = build.received(BOB, 'Bob', build.plain('lost in part, and long enough to be cut in three'));
  const last = build.received(BOB, 'Bob', build.plain('last'));
  const withGap = (from: number, length: number): Told => {
    const stream = bytesOf(first, lost, last);
    return runDissector(msnp, [
      ...SWITCHBOARD.slice(0, 2),
      down(stream.slice(0, from)),
      { direction: TO_CLIENT, gap: length },
      down(stream.slice(from + length)),
    ]);
  };

  test('wherever one message is hit, those around it are told', () => {
    const middle = first.length + Math.floor(lost.length / 2);
    for (let from = first.length; from < first.length + lost.length - 2; from++) {
      for (const to of [from + 1, middle, first.length + lost.length]) {
        if (to <= from) continue;
        const told = withGap(from, to - from);
        expect([from, to, told.facts.map(({ text }) => text)]).toEqual([from, to, ['first', 'last']]);
        expect(told.anomalies).toEqual([]);
      }
    }
  });

  test('a gap over the end of a payload is searched behind', () => {
    const told = withGap(first.length + 60, lost.length - 60 + last.length - 10);
    expect(told.facts.map(({ text }) => text)).toEqual(['first']);
  });

  test('a payload that ends without a line end does not hide what follows', () => {
    const data = Uint8Array.from({ length: 300 }, (_, i) => (i * 7) & 0xff);
    const piece = build.received(BOB, 'Bob', build.p2p(ALICE, data, { session: 5 }));
    const stream = bytesOf(piece, build.received(BOB, 'Bob', build.plain('after')));
    const told = runDissector(msnp, [down(stream.slice(200))], { midstream: true });
    expect(told.facts).toEqual([expect.objectContaining({ text: 'after', from: BOB })]);
  });

  test('what a text says is never taken for a command while the text is whole', () => {
    const told = runDissector(msnp, [
      ...SWITCHBOARD.slice(0, 2),
      down(
        build.received(
          BOB,
          'Bob',
          build.plain('\r\nBYE bob@example.test\r\nMSG eve@example.test Eve 5\r\nMIME!'),
        ),
      ),
    ]);
    expect(told.facts).toHaveLength(1);
    expect(told.facts[0]?.from).toBe(BOB);
  });
});

describe('anything at all', () => {
  const words = fc.constantFrom(
    'MSG',
    'USR',
    'NLN',
    'ADL',
    'UBX',
    'SDG',
    'LST',
    'CHG',
    'ADC',
    'JOI',
    'IRO',
    '911',
    'OK',
    'I',
    'S',
    'FL',
    'A',
    'U',
    BOB,
    ALICE,
    `1:${BOB};{x}`,
    'N=',
    'C=',
    '0',
    '1',
    '12',
    '175',
    '99999999999',
    '%C3%',
    '%00',
    '<ml>',
    'MIME-Version: 1.0',
    '\r\n',
    '\n',
    '',
  );
  const commands = fc
    .array(fc.array(words, { maxLength: 8 }), { maxLength: 30 })
    .map((lines) => bytesOf(lines.map((parts) => `${parts.join(' ')}\r\n`).join('')));
  const steps = fc.array(
    fc.tuple(
      fc.constantFrom<Direction>(TO_SERVER, TO_CLIENT),
      fc.oneof(fc.uint8Array({ maxLength: 300 }), commands),
    ),
    { maxLength: 8 },
  );

  test('never throws, never tells what is not valid, however it is cut', () => {
    fc.assert(
      fc.property(steps, fc.boolean(), fc.integer({ min: 1, max: 50 }), (parts, midstream, chunk) => {
        const conversation: Step[] = [...parts.map(([direction, bytes]) => ({ direction, bytes })), ...END];
        const whole = runDissector(msnp, conversation, { midstream });
        expectClean(whole);
        expect(runDissector(msnp, conversation, { midstream, chunk })).toEqual(whole);
      }),
      { seed: 20050308, numRuns: 300 },
    );
  });

  test('payloads of anything', () => {
    const type = fc.constantFrom(
      'text/plain',
      'text/x-msmsgsinvite',
      'application/x-msnmsgrp2p',
      'text/x-mms-emoticon',
      'text/x-msnmsgr-datacast',
      'text/x-clientcaps',
    );
    fc.assert(
      fc.property(type, fc.uint8Array({ maxLength: 400 }), fc.boolean(), (media, body, v2) => {
        const payload = build.typed(media, body, {
          'P2P-Dest': v2 ? `${BOB};{x}` : BOB,
          'Message-ID': '1',
          Chunks: '2',
        });
        const bare = build.typed(media, body, { 'P2P-Dest': v2 ? `${BOB};{x}` : BOB });
        expectClean(
          runDissector(msnp, [
            ...SWITCHBOARD.slice(0, 2),
            up(build.sent(9, payload), build.sent(10, bare)),
            ...END,
          ]),
        );
      }),
      { seed: 20050309, numRuns: 500 },
    );
  });
});

test('names that every object has are no entries of our tables', () => {
  for (const word of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    const body = `ID: ${word}\r\nClient-Name: ${word}/1\r\nInvitation-Command: CANCEL\r\nInvitation-Cookie: ${word}\r\n`;
    const types = ['x-msnmsgr-datacast', 'x-clientcaps', 'x-msmsgsinvite', word];
    const messages = types.map((type, i) => build.sent(5 + i, build.typed(`text/${type}`, body)));
    const user = build.routed(BOB, ALICE, { 'Message-Type': word }, `<Status>${word}</Status>`);
    const told = runDissector(msnp, [
      up(line('VER', 1, 'MSNP21', 'CVR0'), line('CVR', 2, '0', 'winnt', word, 'i386', word, '1', word)),
      up(line('USR', 3, word, 'I', ALICE), line('USR', 4, word, 'S', 'x'), line('PRP', 5, word, 'x')),
      down(line('LSG', word, word, 0), line('LST', ALICE, word, word, word), withPayload(['SDG', 0], user)),
      down(withPayload(['NFY', 'PUT'], user), withPayload(['MSG', 'Hotmail', 'Hotmail'], build.typed(word))),
      up(...messages),
      down(line('OUT', word)),
      ...END,
    ]);
    expectClean(told);
    expect(told.facts.map(({ kind }) => kind)).toEqual(['client', 'client', 'login']);
    expect(told.facts.map((facts) => facts.client?.name)).toEqual([word, word, word]);
  }
});

describe('time', () => {
  const fast = (bytes: Uint8Array, chunk: number): void => {
    const before = process.cpuUsage();
    const steps = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, i) =>
      down(bytes.slice(i * chunk, (i + 1) * chunk)),
    );
    runDissector(msnp, steps, { midstream: true });
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(1000);
  };

  test.each([
    ['candidates without end', 'MSG '.repeat(60_000)],
    ['candidates of full shape', `${'NLN NLN a@b '.repeat(20)}\n`.repeat(900)],
    ['payloads that do not open', 'MSG a b 9\n'.repeat(24_000)],
    ['percent signs', `${'NLN NLN a@b '}${'%41%'.repeat(2000)} 0 0\n`.repeat(25)],
    ['tags', withPayloadText('UBX a@b', '<PSM'.repeat(15_000))],
    ['entities', withPayloadText('UBX a@b', `<PSM>${'&#x;&'.repeat(12_000)}</PSM>`)],
    ['headers', withPayloadText('MSG a@b b', `MIME: ${'a:\n'.repeat(20_000)}`)],
  ])('%s', (_, text) => {
    fast(bytesOf(text), 1400);
  });
});

function withPayloadText(command: string, payload: string): string {
  return `${command} ${payload.length}\r\n${payload}`;
}

describe('parts of peer-to-peer texts', () => {
  const bob = 'bob@example.test';
  const invite = build.bytesOf(build.fileInvite('alice@example.test', bob, '{C}', 'f.bin', 9));
  const part = (from: number, to: number, total = invite.length): Uint8Array =>
    build.sent(9, build.p2p(bob, invite.slice(from, to), { id: 5, offset: from, total }), 'D');
  const opening = [
    { direction: TO_SERVER, bytes: build.line('USR', 1, 'alice@example.test', 'k') },
    { direction: TO_CLIENT, bytes: build.line('JOI', bob, 'Bob') },
  ] as const;
  const run = (parts: Uint8Array[], full = false) =>
    runDissector(msnp, [...opening, { direction: TO_SERVER, bytes: build.bytesOf(...parts) }], { full });

  test('an invitation a byte at a time is read; without memory it is not, and nothing breaks', () => {
    const parts = Array.from(invite, (_, i) => part(i, i + 1));
    expect(run(parts).facts.map(({ file }) => file?.state)).toEqual(['offer']);
    expect(run(parts, true).facts.map(({ file }) => file?.state)).toEqual(['offer']);
    const padded = build.bytesOf(invite, new Uint8Array(8000));
    const two = [0, 5000].map((from) =>
      build.sent(
        9,
        build.p2p(bob, padded.slice(from, from ? undefined : 5000), { offset: from, total: padded.length }),
        'D',
      ),
    );
    expect(run(two).facts).toHaveLength(1);
    expect(run(two, true).facts).toHaveLength(0);
  });

  test.each([
    ['overlap', [part(0, 500), part(400, invite.length)]],
    ['name another total', [part(0, 500), part(500, 900, invite.length + 77)]],
    ['end before their total', [part(0, 500, 9000), part(500, invite.length)]],
  ])('parts that %s are an anomaly', (_, parts) => {
    const { facts, anomalies } = run(parts);
    expect(facts).toEqual([]);
    expect(anomalies).toEqual(['msnp_slp_parts_differ']);
  });

  test('long texts in parts take no memory that is not there', () => {
    const chunks = Array.from({ length: 40 }, (_, i) =>
      build.sent(
        i,
        build.plain(
          'x'.repeat(1500),
          i === 0 ? { 'Message-ID': 'm', Chunks: '40' } : { 'Message-ID': 'm', Chunk: String(i) },
        ),
      ),
    );
    expect(run(chunks).facts.map(({ text }) => text?.length)).toEqual([60_000]);
    expect(run(chunks, true).facts).toEqual([]);
  });
});
