import { describe, expect, test } from '@jest/globals';
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { ImFacts } from '../../src/sdk/index.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import type { RunOptions, Step, Told } from '../../src/sdk/testing.ts';
import * as build from './build.ts';
import msnp from './index.ts';

const { line } = build;
const up = (...bytes: Uint8Array[]): Step => ({ direction: TO_SERVER, bytes: build.bytesOf(...bytes) });
const down = (...bytes: Uint8Array[]): Step => ({ direction: TO_CLIENT, bytes: build.bytesOf(...bytes) });
const END: Step[] = [
  { direction: TO_SERVER, end: true },
  { direction: TO_CLIENT, end: true },
];
const run = (steps: Step[], options: RunOptions = {}): Told => runDissector(msnp, steps, options);
const facts = (kind: ImFacts['kind'], steps: Step[], options: RunOptions = {}): ImFacts[] =>
  run(steps, options).facts.filter((told) => told.kind === kind);

const ALICE = 'alice@example.test';
const BOB = 'bob@example.test';
const CAROL = 'carol@example.test';

const SIGN_ON: Step[] = [
  up(line('VER', 1, 'MSNP9', 'MSNP8', 'CVR0')),
  down(line('VER', 1, 'MSNP9')),
  up(line('CVR', 2, '0x0409', 'winnt', '5.1', 'i386', 'MSNMSGR', '6.2.0208', 'MSMSGS', 'Alice@Example.test')),
  up(line('USR', 3, 'TWN', 'I', 'Alice@Example.test')),
  down(line('USR', 3, 'TWN', 'S', 'lc=1033,id=507')),
  up(line('USR', 4, 'TWN', 'S', 't=secret-ticket')),
  down(line('USR', 4, 'OK', ALICE, 'Alice%20A', 1, 0)),
];
const CALLER: Step[] = [
  up(line('USR', 1, ALICE, 'key1')),
  down(line('USR', 1, 'OK', ALICE, 'Alice')),
  up(line('CAL', 2, BOB)),
  down(line('CAL', 2, 'RINGING', 'sid9')),
  down(line('JOI', BOB, 'Bob%20B')),
];

describe('sign-on', () => {
  test('a TWN sign-on is one login with client, name and what was exposed', () => {
    const [login, ...more] = facts('login', [...SIGN_ON, ...END]);
    expect(more).toEqual([]);
    expect(login).toMatchObject({
      account: ALICE,
      from: ALICE,
      from_name: 'Alice A',
      auth: { mechanism: 'TWN', result: 'success', exposed: 'token' },
      client: { name: 'MSN Messenger', version: '6.2.0208', os: 'Windows XP' },
    });
  });

  test.each([
    ['MD5', 'hash', ['MD5', 'S', 'salt']],
    ['SSO', 'token', ['SSO', 'S', 'MBI_KEY_OLD', 'nonce']],
  ])('%s exposes a %s', (mechanism, exposed, challenge) => {
    const [login] = facts('login', [
      up(line('VER', 1, 'MSNP15', 'CVR0'), line('USR', 2, mechanism, 'I', ALICE)),
      down(line('USR', 2, ...challenge)),
      up(line('USR', 3, mechanism, 'S', 'value', 'response')),
      down(line('USR', 3, 'OK', ALICE, 1, 0)),
    ]);
    expect(login?.auth).toEqual({ mechanism, result: 'success', exposed });
  });

  test('911 is a failure with its reason, and no notice', () => {
    const told = run([...SIGN_ON.slice(0, 6), down(line(911, 4)), up(line('OUT')), ...END]);
    expect(told.facts.map(({ kind }) => kind)).toEqual(['client', 'login']);
    expect(told.facts[1]?.auth).toEqual({
      mechanism: 'TWN',
      result: 'failure',
      reason: '911 authentication failed',
      exposed: 'token',
    });
  });

  test('a client that gives up leaves the result unknown', () => {
    const steps = [...SIGN_ON.slice(0, 5), up(line('OUT')), ...END];
    expect(facts('login', steps).map(({ auth }) => auth)).toEqual([{ mechanism: 'TWN', result: 'unknown' }]);
    expect(facts('logout', steps)).toEqual([]);
  });

  test('so does the end of the connection', () => {
    const [login] = facts('login', [...SIGN_ON.slice(0, 6), ...END]);
    expect(login?.auth).toEqual({ mechanism: 'TWN', result: 'unknown', exposed: 'token' });
  });

  test('a redirection is not an attempt', () => {
    const steps = [...SIGN_ON.slice(0, 4), down(line('XFR', 3, 'NS', '198.51.100.7:1863', 0)), ...END];
    expect(facts('login', steps)).toEqual([]);
  });

  test('what only a signed-on client sends proves success where the server is not seen', () => {
    const steps = SIGN_ON.filter(({ direction }) => direction === TO_SERVER);
    const [login, ...more] = facts('login', [
      ...steps,
      up(line('SYN', 5, 0), line('CHG', 6, 'NLN', 0)),
      ...END,
    ]);
    expect(more).toEqual([]);
    expect(login?.auth?.result).toBe('success');
  });

  test('and the server alone tells it too', () => {
    const steps = SIGN_ON.filter(({ direction }) => direction === TO_CLIENT);
    const [login] = facts('login', steps);
    expect(login).toMatchObject({ account: ALICE, auth: { mechanism: 'TWN', result: 'success' } });
  });

  test('a circle ticket after the sign-on is no second login', () => {
    const steps = [
      ...SIGN_ON,
      up(line('USR', 5, 'SHA', 'A', 'ticket')),
      down(line('USR', 5, 'OK', ALICE, 0, 0)),
    ];
    expect(facts('login', steps)).toHaveLength(1);
  });

  test.each([
    [up(line('OUT')), undefined],
    [down(line('OUT', 'OTH')), 'signed on elsewhere'],
    [down(line('OUT', 'SSD')), 'server shutting down'],
  ])('OUT is one logout', (out, reason) => {
    const [logout, ...more] = facts('logout', [...SIGN_ON, out, up(line('OUT')), ...END]);
    expect(more).toEqual([]);
    expect(logout?.account).toBe(ALICE);
    expect(logout?.reason).toBe(reason);
  });

  test('a connection that just ends is one too', () => {
    expect(facts('logout', [...SIGN_ON, ...END])[0]?.reason).toBe('connection ended');
  });

  test('other errors are notices', () => {
    const [notice] = facts('notice', [...SIGN_ON, down(line(540, 9))]);
    expect(notice).toMatchObject({ code: 540, text: 'challenge failed', account: ALICE });
  });
});

describe('the server not in view', () => {
  const clientOnly = SIGN_ON.filter(({ direction }) => direction === TO_SERVER);
  const says = up(build.withPayload(['UUM', 9, BOB, 32, 1], build.plain('hello')));

  test.each([
    ['a status', up(line('CHG', 5, 'NLN', 0))],
    ['a request for the list', up(line('SYN', 5, 0))],
    ['a message', says],
  ])('%s proves the sign-on, told once before it', (_, step) => {
    const told = run([...clientOnly, step, says, ...END]).facts.filter(({ kind }) => kind !== 'client');
    expect(told[0]).toMatchObject({ kind: 'login', account: ALICE, auth: { result: 'success' } });
    expect(told.filter(({ kind }) => kind === 'login')).toHaveLength(1);
    const message = told.find(({ kind }) => kind === 'message');
    expect(message).toMatchObject({ account: ALICE, from: ALICE, to: [BOB] });
  });

  test('an answer that comes late tells no second login', () => {
    const late = down(line('USR', 4, 'OK', ALICE, 'Alice%20A', 1, 0));
    expect(facts('login', [...clientOnly, says, late, ...END])).toHaveLength(1);
  });

  test('on a switchboard the client names itself', () => {
    const steps = [
      up(line('USR', 1, ALICE, 'key1')),
      up(line('CAL', 2, BOB)),
      up(build.sent(3, build.plain('hi'))),
    ];
    expect(facts('message', steps)).toMatchObject([{ account: ALICE, from: ALICE }]);
  });
});

describe('client identification', () => {
  const cvr = (...words: string[]): ImFacts[] =>
    facts('client', [up(line('VER', 1, 'MSNP15', 'CVR0'), line('CVR', 2, ...words))]);

  test('the genuine client', () => {
    const [told] = cvr('0x0407', 'winnt', '6.0', 'i386', 'MSNMSGR', '8.5.1302', 'msmsgs', ALICE);
    expect(told?.account).toBe(ALICE);
    expect(told?.client).toEqual({
      name: 'Windows Live Messenger',
      version: '8.5.1302',
      os: 'Windows Vista',
      raw: 'CVR 0x0407 winnt 6.0 i386 MSNMSGR 8.5.1302 msmsgs',
      evidence: ['CVR line'],
    });
  });

  test('libpurple behind the name of Windows Live Messenger', () => {
    const [told] = cvr('0x0409', 'winnt', '5.1', 'i386', 'MSNMSGR', '8.5.1302', 'BC01', ALICE);
    expect(told?.client).toMatchObject({ name: 'libpurple', masquerade: 'Windows Live Messenger 8.5.1302' });
    expect(told?.client).not.toHaveProperty('version');
  });

  test('libpurple behind the name of 6.0, by its capabilities', () => {
    const steps = [
      up(line('VER', 1, 'MSNP9', 'CVR0')),
      up(line('CVR', 2, '0x0409', 'winnt', '5.1', 'i386', 'MSNMSGR', '6.0.0602', 'MSMSGS', ALICE)),
      up(line('CHG', 3, 'NLN', 1073741856), line('CHG', 4, 'AWY', 1073741856)),
    ];
    expect(facts('client', steps).map(({ client }) => client?.masquerade)).toEqual([
      undefined,
      'MSN Messenger 6.0.0602',
    ]);
  });

  test('a third-party client by its own word, and another system', () => {
    const [told] = cvr('0x0409', 'linux', 'v20', 'x64', 'msnpjs', '1.0.0', 'MSMSGS', ALICE);
    expect(told?.client).toMatchObject({ name: 'msnpjs', version: '1.0.0', os: 'linux v20' });
  });

  test('what a client writes into its messages is told once, of the own side only', () => {
    const caps = build.typed('text/x-clientcaps', 'Client-Name: Purple/2.10.9\r\nChat-Logging: Y\r\n');
    const steps = [
      ...CALLER,
      down(build.received(BOB, 'Bob', caps)),
      up(build.sent(3, build.plain('hi', { 'User-Agent': 'pidgin/2.10.9' })), build.sent(4, caps)),
    ];
    expect(facts('client', steps).map(({ client }) => client)).toEqual([
      { name: 'Pidgin', version: '2.10.9', raw: 'pidgin/2.10.9', evidence: ['message header User-Agent'] },
    ]);
  });
});

describe('switchboard', () => {
  test('keys join the connections', () => {
    const server = run([
      ...SIGN_ON,
      down(line('XFR', 5, 'SB', '198.51.100.7:1864', 'CKI', 'key1', 'U', 'messenger.msn.com', 1)),
      down(line('RNG', 'sid8', '198.51.100.7:1864', 'CKI', 'key2', BOB, 'Bob')),
    ]);
    expect(server.issued).toEqual([
      { realm: 'msn-switchboard', token: `key1 ${ALICE}`, account: ALICE },
      { realm: 'msn-switchboard', token: `key2 ${ALICE}`, account: ALICE },
    ]);
    // First as a connection of an unknown account would have given it, then as alice's.
    expect(run(CALLER).presented.map(({ token }) => token)).toEqual(['key1', `key1 ${ALICE}`]);
    const called = [up(line('ANS', 1, ALICE, 'key2', 'sid8')), down(line('ANS', 1, 'OK'))];
    expect(run(called).presented.map(({ token }) => token)).toEqual(['key2', `key2 ${ALICE}`]);
  });

  test('a conversation of two', () => {
    const told = run([
      ...CALLER,
      up(build.sent(3, build.plain('Grüße 😀\r\nzweite Zeile'))),
      down(build.received('Bob@Example.test', 'Bob%20B', build.plain('hello'))),
      down(line('BYE', BOB)),
      up(line('OUT')),
    ]);
    expect(told.facts).toEqual([
      {
        kind: 'message',
        service: 'msn',
        account: ALICE,
        from: ALICE,
        from_name: 'Alice',
        to: [BOB],
        sent: true,
        text: 'Grüße 😀\nzweite Zeile',
        format: 'plain',
        style: { font: 'Arial' },
      },
      {
        kind: 'message',
        service: 'msn',
        account: ALICE,
        from: BOB,
        from_name: 'Bob B',
        to: [ALICE],
        sent: false,
        text: 'hello',
        format: 'plain',
        style: { font: 'Arial' },
      },
    ]);
    expect(told.anomalies).toEqual([]);
  });

  test('from the third person on it is a room, and stays one', () => {
    const told = run([
      ...CALLER,
      up(line('CAL', 3, CAROL)),
      down(line('JOI', CAROL, 'Carol', '1:2')),
      up(build.sent(4, build.plain('welcome'))),
      down(build.received(CAROL, 'Carol', build.plain('thanks'))),
      down(line('BYE', CAROL)),
      up(build.sent(5, build.plain('gone'))),
      up(line('OUT')),
    ]);
    const room = { id: 'msn-switchboard|198.51.100.1|sid9' };
    const known = { service: 'msn', account: ALICE, room };
    expect(told.facts).toEqual([
      { ...known, kind: 'room', op: 'invite', from: ALICE, to: [CAROL], sent: true },
      {
        ...known,
        kind: 'room',
        op: 'join',
        from: CAROL,
        from_name: 'Carol',
        members: [ALICE, BOB, CAROL],
        sent: false,
      },
      expect.objectContaining({ ...known, text: 'welcome', to: [BOB, CAROL] }),
      expect.objectContaining({ ...known, text: 'thanks', from: CAROL, to: [ALICE, BOB] }),
      {
        ...known,
        kind: 'room',
        op: 'leave',
        from: CAROL,
        from_name: 'Carol',
        members: [ALICE, BOB],
        sent: false,
      },
      expect.objectContaining({ ...known, text: 'gone', to: [BOB] }),
      { ...known, kind: 'room', op: 'leave', from: ALICE, members: [BOB], sent: true },
    ]);
  });

  test('who answers a call to a room joins it, with the same room id', () => {
    const [join] = facts('room', [
      up(line('ANS', 1, CAROL, 'key3', 'sid9')),
      down(line('IRO', 1, 1, 2, ALICE, 'Alice'), line('IRO', 1, 2, 2, BOB, 'Bob'), line('ANS', 1, 'OK')),
    ]);
    expect(join).toMatchObject({
      op: 'join',
      from: CAROL,
      sent: true,
      room: { id: 'msn-switchboard|198.51.100.1|sid9' },
      members: [CAROL, ALICE, BOB],
    });
  });

  test('endpoints of MSNP16 and later are one person', () => {
    const told = run([
      up(line('ANS', 1, `${BOB};{1be99e6d-1c6e-4bea-8b3e-9c464006a774}`, 'key', 'sid')),
      down(
        line('IRO', 1, 1, 2, `${ALICE};{1be99e6d-1c6e-4bea-8b3e-9c464006a775}`, 'Alice', '1:0'),
        line('IRO', 1, 2, 2, ALICE, 'Alice', '1:0'),
        line('ANS', 1, 'OK'),
        line('JOI', BOB, 'Bob', '1:0'),
        line('BYE', `${ALICE};{1be99e6d-1c6e-4bea-8b3e-9c464006a775}`),
        build.received(ALICE, 'Alice', build.plain('still here')),
      ),
    ]);
    expect(told.facts).toEqual([expect.objectContaining({ kind: 'message', from: ALICE, to: [BOB] })]);
  });

  test('a message that was not delivered', () => {
    const steps = [
      ...CALLER,
      up(build.sent(3, build.plain('hi'), 'A')),
      down(line('NAK', 3), line('NAK', 3)),
    ];
    expect(facts('receipt', steps)).toEqual([expect.objectContaining({ state: 'failed' })]);
  });

  test('217 says that somebody is not there', () => {
    const [notice] = facts('notice', [...CALLER.slice(0, 3), down(line(217, 2))]);
    expect(notice).toMatchObject({ code: 217, text: 'user not online' });
  });
});

describe('messages', () => {
  const say = (payload: Uint8Array): Told => run([...CALLER, down(build.received(BOB, 'Bob', payload))]);

  test.each([
    ['UTF-8', build.plain('日本'), '日本'],
    [
      'Latin-1',
      build.typed('text/plain; charset=iso-8859-1', Uint8Array.of(0x47, 0x72, 0xfc, 0xdf, 0x65)),
      'Grüße',
    ],
    ['a guess', build.typed('text/plain', Uint8Array.of(0x80, 0xe9)), '€é'],
    ['ill-formed UTF-8', build.plain(Uint8Array.of(0x61, 0xff, 0x62)), 'a\ufffdb'],
    ['lone CR', build.plain('a\rb'), 'a\nb'],
  ])('%s', (_, payload, text) => {
    expect(say(payload).facts).toEqual([expect.objectContaining({ kind: 'message', text, format: 'plain' })]);
  });

  test('the sender may choose another name', () => {
    const [message] = say(build.plain('hi', { 'P4-Context': 'Robert' })).facts;
    expect(message).toMatchObject({ from: BOB, from_name: 'Robert' });
  });

  test('encrypted texts are told as such, without their bytes', () => {
    const [message] = say(build.plain('?OTR:AAEDAAAAAQAAAAEAAADA1.')).facts;
    expect(message).toMatchObject({ kind: 'message', encrypted: 'otr' });
    expect(message).not.toHaveProperty('text');
  });

  test('an empty text is none', () => {
    expect(say(build.plain('')).facts).toEqual([]);
  });

  test('typing', () => {
    expect(say(build.typing(BOB)).facts).toEqual([
      expect.objectContaining({ kind: 'typing', from: BOB, to: [ALICE], state: 'typing', sent: false }),
    ]);
    const forged = say(build.typing(CAROL));
    expect(forged.facts[0]).toMatchObject({ from: BOB });
    expect(forged.anomalies).toEqual(['msnp_typing_for_another']);
  });

  test.each([
    ['1', 'nudge'],
    ['2', 'wink'],
    ['3', 'voice clip'],
    ['4', 'action'],
  ])('datacast %s is a %s', (id, state) => {
    const told = say(build.typed('text/x-msnmsgr-datacast', `ID: ${id}\r\n\r\n`));
    expect(told.facts).toEqual([expect.objectContaining({ kind: 'attention', state, from: BOB })]);
  });

  test('ink is a drawing', () => {
    expect(say(build.typed('image/gif', 'base64:R0lGODlh')).facts).toEqual([
      expect.objectContaining({ kind: 'attention', state: 'ink' }),
    ]);
  });

  test('custom emoticons are offers of their objects, not texts', () => {
    const object =
      '<msnobj Creator="bob@example.test" Size="730" Type="2" SHA1D="OsMIid5MT50yulwBahHPy0JM2l8="/>';
    expect(say(build.typed('text/x-mms-emoticon', `(lab)\t${object}\t`)).facts).toEqual([
      expect.objectContaining({
        kind: 'file',
        file: {
          id: 'msnobj|OsMIid5MT50yulwBahHPy0JM2l8=',
          name: '(lab)',
          size: 730,
          method: 'msnslp',
          state: 'offer',
        },
      }),
    ]);
  });

  describe('in parts', () => {
    const id = '{6B04FE54-5F48-4A0B-9C3B-0D1E2F3A4B5C}';
    const first = build.received(
      BOB,
      'Bob',
      build.plain(Uint8Array.of(0x61, 0xc3), { 'Message-ID': id, Chunks: '3' }),
    );
    const part = (n: number, text: build.Text): Uint8Array =>
      build.received(BOB, 'Bob', build.mime({ 'Message-ID': id, Chunk: String(n) }, text));

    test('they are joined as bytes, in any order', () => {
      const told = run([...CALLER, down(first, part(2, 'end'), part(1, Uint8Array.of(0xbc, 0x2d)))]);
      expect(told.facts).toEqual([
        expect.objectContaining({ kind: 'message', text: 'aü-end', message_id: id, from: BOB }),
      ]);
      expect(told.events[0]?.offset).toBe(build.bytesOf(...CALLER.slice(1).map(bytesDown)).length);
    });

    test('what is missing at the end is told as truncated', () => {
      const [message] = facts('message', [...CALLER, down(first, part(2, 'end')), ...END]);
      expect(message).toMatchObject({ text: 'a\ufffd', truncated: true });
    });

    test('a part of nothing is an anomaly', () => {
      const told = run([...CALLER, down(part(1, 'x'), first, part(7, 'x'))]);
      expect(told.facts).toEqual([]);
      expect(told.anomalies).toEqual(['msnp_stray_chunk']);
    });

    test('too many open ones push the oldest out', () => {
      const open = (n: number): Uint8Array =>
        build.received(BOB, 'Bob', build.plain(`text ${n}`, { 'Message-ID': `{${n}}`, Chunks: '2' }));
      const texts = facts('message', [...CALLER, down(...Array.from({ length: 6 }, (_, n) => open(n)))]);
      expect(texts.map(({ text, truncated }) => [text, truncated])).toEqual([
        ['text 0', true],
        ['text 1', true],
      ]);
    });
  });
});

/** The bytes of a step where they go to the client. */
function bytesDown(step: Step): Uint8Array {
  return 'bytes' in step && step.direction === TO_CLIENT ? step.bytes : new Uint8Array(0);
}

describe('the middle of a conversation', () => {
  test('one leg knows whom it writes to, and learns its own name from a typing notice', () => {
    const steps = [
      up(build.sent(5, build.plain('first'), 'A')),
      down(build.received(BOB, 'Bob', build.plain('second'))),
      up(build.sent(6, build.typing(ALICE), 'U'), build.sent(7, build.plain('third'), 'A')),
    ];
    const texts = facts('message', steps, { midstream: true });
    expect(texts.map(({ text, from, to }) => [text, from, to])).toEqual([
      ['first', undefined, undefined],
      ['second', BOB, undefined],
      ['third', ALICE, [BOB]],
    ]);
  });

  test('a sign-off of an unknown account', () => {
    const steps = [
      up(line('CHG', 9, 'BSY', 1073741856)),
      down(line('CHG', 9, 'BSY', 1073741856)),
      up(line('OUT')),
    ];
    const told = run(steps, { midstream: true }).facts;
    expect(told.map(({ kind }) => kind)).toEqual(['presence', 'client', 'logout']);
    expect(told[1]?.client?.name).toBe('libpurple');
  });
});
