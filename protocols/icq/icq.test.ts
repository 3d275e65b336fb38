import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ImFacts } from '../../src/sdk/index.ts';
import { runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step, Told } from '../../src/sdk/testing.ts';
import {
  client,
  CMD,
  fields,
  HEADERS,
  MESSAGE,
  messageBody,
  server,
  signOnBody,
  SRV,
  text,
} from './build.ts';
import {
  checkCodeV4,
  checkCodeV5,
  checkFits,
  commandV4,
  commandV5,
  unscrambleV4,
  unscrambleV5,
} from './crypt.ts';
import icq from './index.ts';

const PASSWORD = 'uhoh-98-secret';
const ME = 91001;
const PEER = 91002;
const VERSIONS = [2, 3, 4, 5] as const;
type Version = (typeof VERSIONS)[number];
const none: Uint8Array = new Uint8Array(0);

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

const up = (...parts: Uint8Array[]): Step[] => parts.map((bytes) => ({ direction: 0, bytes }));
const down = (...parts: Uint8Array[]): Step[] => parts.map((bytes) => ({ direction: 1, bytes }));
const over: Step[] = [
  { direction: 0, end: true },
  { direction: 1, end: true },
];

let counter = 100;
const ask = (version: Version, command: number, body = none, uin = ME): Step[] =>
  up(client({ version, command, uin, sequence: counter++, body }));
/** Servers answer version 4 in the form of version 3. */
const answer = (version: Version, command: number, body = none): Step[] =>
  down(server({ version: version === 4 ? 3 : version, command, uin: ME, sequence: counter++, body }));

const login = (version: Version): Step[] => ask(version, CMD.LOGIN, signOnBody(version, PASSWORD));
const welcome = (version: Version): Step[] =>
  answer(version, SRV.LOGIN_REPLY, version === 2 ? fields([ME, 4], [0, 4]) : fields([0, 4]));

function factsAfter(version: Version, steps: Step[]): ImFacts[] {
  return runDissector(icq, [...login(version), ...welcome(version), ...steps]).facts.slice(2);
}

describe.each(VERSIONS)('version %d', (version) => {
  const mechanism = version >= 4 ? 'scrambled' : 'clear';

  test('sign-on: the generation of the client and one login, the password exposed and not shown', () => {
    const told = runDissector(icq, [
      ...login(version),
      ...answer(version, SRV.ACK),
      ...welcome(version),
      ...over,
    ]);
    expect(told.facts).toEqual([
      {
        kind: 'client',
        service: 'icq',
        account: '91001',
        client: {
          name: 'ICQ',
          raw: `ICQ protocol version ${version}`,
          evidence: [`client: protocol version ${version} in the datagram's header`],
        },
      },
      {
        kind: 'login',
        service: 'icq',
        account: '91001',
        auth: { mechanism, result: 'success', exposed: 'password' },
      },
      { kind: 'logout', service: 'icq', account: '91001', reason: 'flow ended' },
    ]);
    expect(told.anomalies).toEqual([]);
  });

  test('a bad password, and then a good one in the same exchange', () => {
    const told = runDissector(icq, [
      ...up(
        client({ version, command: CMD.LOGIN, uin: ME, sequence: 1, body: signOnBody(version, 'wrong') }),
      ),
      ...answer(version, SRV.BAD_PASSWORD),
      ...up(
        client({ version, command: CMD.LOGIN, uin: ME, sequence: 1, body: signOnBody(version, PASSWORD) }),
      ),
      ...welcome(version),
    ]);
    expect(told.facts.slice(1).map((f) => f.auth)).toEqual([
      { mechanism, result: 'failure', reason: 'bad password', exposed: 'password' },
      { mechanism, result: 'success', exposed: 'password' },
    ]);
  });

  test('messages both ways, and those that waited', () => {
    const facts = factsAfter(version, [
      ...ask(version, CMD.SEND_MESSAGE, messageBody(PEER, 'uh-oh')),
      ...answer(version, SRV.MESSAGE, messageBody(PEER, 'ein altes Paket')),
      ...answer(
        version,
        SRV.OFFLINE_MESSAGE,
        fields([PEER, 4], [1999, 2], [12, 1], [31, 1], [23, 1], [59, 1], [MESSAGE.TEXT, 2], text('later')),
      ),
    ]);
    expect(facts).toEqual([
      {
        kind: 'message',
        service: 'icq',
        account: '91001',
        from: '91001',
        to: ['91002'],
        sent: true,
        text: 'uh-oh',
        format: 'plain',
      },
      {
        kind: 'message',
        service: 'icq',
        account: '91001',
        from: '91002',
        to: ['91001'],
        sent: false,
        text: 'ein altes Paket',
        format: 'plain',
      },
      {
        kind: 'message',
        service: 'icq',
        account: '91001',
        from: '91002',
        to: ['91001'],
        sent: false,
        text: 'later',
        format: 'plain',
        offline: true,
        original_time: '1999-12-31T23:59:00.000000+0000',
      },
    ]);
  });

  test('what is sent again is told once', () => {
    const message = client({ version, command: CMD.SEND_MESSAGE, uin: ME, body: messageBody(PEER, 'once') });
    expect(factsAfter(version, up(message, message, message))).toHaveLength(1);
  });

  test('contacts, presence, signing off', () => {
    const facts = factsAfter(version, [
      ...ask(version, CMD.CONTACT_LIST, fields([2, 1], [PEER, 4], [91003, 4])),
      ...ask(version, CMD.ADD_USER, fields([91004, 4])),
      ...ask(version, CMD.STATUS_CHANGE, fields([1, 4])),
      ...answer(version, SRV.USER_ONLINE, fields([PEER, 4], [0, 4], [0, 4], [0, 4], [4, 1], [0, 4], [0, 4])),
      ...answer(version, SRV.STATUS_UPDATE, fields([PEER, 4], [0x20013, 4])),
      ...answer(version, SRV.STATUS_UPDATE, fields([PEER, 4], [0x20013, 4])),
      ...answer(version, SRV.USER_OFFLINE, fields([PEER, 4])),
      ...ask(version, CMD.TEXT_CODE, fields(text('B_USER_DISCONNECTED'), [5, 2])),
      ...over,
    ]);
    expect(facts).toMatchObject([
      { kind: 'contact', contact: { op: 'list', id: '91002' } },
      { kind: 'contact', contact: { op: 'list', id: '91003' } },
      { kind: 'contact', contact: { op: 'add', id: '91004' } },
      { kind: 'presence', from: '91001', status: { show: 'away' }, sent: true },
      { kind: 'presence', from: '91002', status: { show: 'online' } },
      { kind: 'presence', from: '91002', status: { show: 'dnd' } },
      { kind: 'presence', from: '91002', status: { show: 'offline' } },
      { kind: 'logout', reason: 'signed off' },
    ]);
    expect(facts).toHaveLength(8);
  });

  test('only the client in view', () => {
    const told = runDissector(icq, [...login(version), ...ask(version, CMD.KEEP_ALIVE), ...over]);
    expect(told.facts.slice(1).map((f) => [f.kind, f.auth?.result ?? f.reason])).toEqual([
      ['login', 'unknown'],
      ['logout', 'flow ended'],
    ]);
  });

  test('picked up in the middle', () => {
    const told = runDissector(icq, [
      ...answer(version, SRV.MESSAGE, messageBody(PEER, 'hello')),
      ...ask(version, CMD.KEEP_ALIVE),
    ]);
    expect(told.facts[0]).toMatchObject({ kind: 'message', from: '91002', text: 'hello' });
    expect(told.facts[0]?.to).toEqual(version === 2 ? undefined : ['91001']);
  });

  test('detected from a sign-on, a message, or weak datagrams of both sides', () => {
    const bytes = (steps: Step[]): Uint8Array => (steps[0] && 'bytes' in steps[0] ? steps[0].bytes : none);
    expect(runDetector(icq, bytes(login(version)))).toMatchObject({ answer: 'yes', confidence: 'medium' });
    const sent = bytes(ask(version, CMD.SEND_MESSAGE, messageBody(PEER, 'x')));
    expect(runDetector(icq, sent)).toMatchObject({ answer: 'yes', flip: false });
    expect(runDetector(icq, none, sent)).toMatchObject({ answer: 'yes', flip: true });
    const got = bytes(answer(version, SRV.MESSAGE, messageBody(PEER, 'x')));
    expect(runDetector(icq, none, got)).toMatchObject({ answer: 'yes', flip: false });
    expect(runDetector(icq, got)).toMatchObject({ answer: 'yes', flip: true });
    const ping = client({ version, command: CMD.KEEP_ALIVE, uin: ME, sequence: 7, check: [8, 77] });
    const ack = server({ version: version === 4 ? 3 : version, command: SRV.ACK, uin: ME, sequence: 7 });
    expect(runDetector(icq, ping, ack)).toMatchObject({ answer: 'yes', confidence: 'high', flip: false });
    expect(runDetector(icq, ack, ping)).toMatchObject({ answer: 'yes', confidence: 'high', flip: true });
    if (version < 4) expect(runDetector(icq, ping, none, { final: true }).answer).toBe('no');
  });

  test('cut or changed datagrams never throw, show no password, leave no empty value', () => {
    const steps = [
      ...login(version),
      ...welcome(version),
      ...ask(version, CMD.SEND_MESSAGE, messageBody(PEER, 'x\xfehttp://y', MESSAGE.URL)),
      ...ask(version, CMD.CONTACT_LIST, fields([2, 1], [PEER, 4], [91003, 4])),
      ...ask(version, CMD.META_USER, fields([0x0514, 2], text('nick'), text(''), text(''))),
      ...answer(version, SRV.USER_FOUND, fields([PEER, 4], text('n'), text('f'), text('l'), text('e@x'))),
      ...answer(
        version,
        SRV.MESSAGE,
        messageBody(PEER, 'n\xfef\xfel\xfee\xfe0\xfewhy', MESSAGE.AUTH_REQUEST),
      ),
    ];
    steps.forEach((step, index) => {
      if (!('bytes' in step)) return;
      for (let i = 0; i < step.bytes.length; i++) {
        const rest = steps.slice(index + 1);
        const before = steps.slice(0, index);
        check(runDissector(icq, [...before, { ...step, bytes: step.bytes.slice(0, i) }, ...rest, ...over]));
        for (const value of [0, 1, 0x7f, 0xff]) {
          const bytes = step.bytes.slice();
          bytes[i] = value;
          check(runDissector(icq, [...before, { ...step, bytes }, ...rest, ...over]));
        }
      }
    });
  });
});

function check(told: Told): void {
  const json = JSON.stringify(told.facts);
  expect(json).not.toContain(PASSWORD);
  expect(json).not.toMatch(/:(?:""|null)/);
  for (const facts of told.facts)
    if (facts.kind === 'message') expect(facts.text ?? facts.encrypted).toBeTruthy();
}

describe('sign-on', () => {
  test.each([
    [SRV.TRY_AGAIN, 'server busy'],
    [SRV.LOGIN_ERROR, 'sign-on refused'],
    [SRV.INVALID_UIN, 'no such account'],
  ])('command %i refuses it', (command, reason) => {
    const told = runDissector(icq, [...login(5), ...answer(5, command), ...answer(5, command)]);
    expect(told.facts.slice(1)).toMatchObject([
      { kind: 'login', auth: { result: 'failure', reason } },
      { kind: 'notice', code: command, text: reason },
    ]);
  });

  test('the question whether the password is right is part of the attempt', () => {
    const body = fields([ME, 4], text(PASSWORD), [0x50005, 4]);
    const told = runDissector(icq, [
      ...ask(4, CMD.FIRST_LOGIN, none, 0),
      ...ask(4, CMD.PRE_LOGIN, body, 0),
      ...answer(4, SRV.PRE_LOGIN_REPLY),
      ...login(4),
      ...welcome(4),
    ]);
    expect(told.facts.map((f) => f.kind)).toEqual(['client', 'login']);
    expect(told.facts[1]).toMatchObject({
      account: '91001',
      auth: { result: 'success', exposed: 'password' },
    });
    expect(told.anomalies).toEqual([]);
  });

  test('an empty password exposes nothing; sign-on data without one are malformed', () => {
    const empty = runDissector(icq, [...ask(2, CMD.LOGIN, signOnBody(2, '')), ...welcome(2)]);
    expect(empty.facts[1]?.auth).toEqual({ mechanism: 'clear', result: 'success' });
    const bad = runDissector(icq, [...ask(2, CMD.LOGIN, fields([1, 4], [900, 2], 'x')), ...over]);
    expect(bad.facts[1]?.auth).toEqual({ mechanism: 'clear', result: 'unknown' });
    expect(bad.anomalies).toEqual(['icq_malformed']);
  });

  test('thrown out by the server', () => {
    expect(factsAfter(2, [...answer(2, SRV.GO_AWAY), ...answer(2, SRV.NOT_CONNECTED)])).toMatchObject([
      { kind: 'logout', reason: 'disconnected by the server' },
    ]);
    expect(factsAfter(2, answer(2, SRV.NOT_CONNECTED))).toMatchObject([
      { kind: 'notice', text: 'not connected' },
    ]);
  });

  test('registration and changes of the password expose it', () => {
    const facts = [
      ...runDissector(icq, [
        ...up(fields([2, 2], [CMD.REGISTER, 2], [1, 2], [2, 2], text(PASSWORD), [0x72, 2])),
        ...answer(2, SRV.NEW_UIN, fields([ME, 4])),
      ]).facts.slice(1),
      ...factsAfter(2, ask(2, CMD.CHANGE_PASSWORD, fields([1, 2], text(PASSWORD)))),
      ...factsAfter(5, ask(5, CMD.META_USER, fields([0x042e, 2], text(PASSWORD)))),
    ];
    expect(facts).toMatchObject([
      { kind: 'account', op: 'register', auth: { exposed: 'password' } },
      { kind: 'account', op: 'registered', account: '91001' },
      { kind: 'account', op: 'change-password', auth: { exposed: 'password' } },
      { kind: 'account', op: 'change-password', auth: { exposed: 'password' } },
    ]);
    expect(JSON.stringify(facts)).not.toContain(PASSWORD);
  });
});

describe('messages', () => {
  const parts = (...pieces: (string | Uint8Array)[]): Uint8Array =>
    fields(...pieces.flatMap((piece, i) => (i === 0 ? [piece] : [Uint8Array.of(0xfe), piece])));
  const receive = (type: number, bytes: Uint8Array): ImFacts[] =>
    factsAfter(2, answer(2, SRV.MESSAGE, messageBody(PEER, bytes, type)));

  test.each<[string, Uint8Array, string]>([
    ['Western letters among ASCII', fromHex('5544503f204772f6df656e7761686e21'), 'UDP? Größenwahn!'],
    ['Cyrillic code page', fromHex('cff0e8e2e5f220e8e720e4e5e2ffedeef1f2fbf5'), 'Привет из девяностых'],
    ['UTF-8', new TextEncoder().encode('Grüße'), 'Grüße'],
    ['a NUL inside', fromHex('6100620063'), 'abc'],
  ])('text: %s', (_, bytes, expected) => {
    expect(receive(MESSAGE.TEXT, bytes)).toMatchObject([{ text: expected, format: 'plain' }]);
  });

  test('a mass message is a message, OTR is not text, an empty text is none', () => {
    expect(receive(0x8001, fields('to all'))).toMatchObject([{ text: 'to all' }]);
    expect(receive(MESSAGE.TEXT, fields('?OTR:AAMD'))).toMatchObject([{ encrypted: 'otr' }]);
    expect(receive(MESSAGE.TEXT, none)).toEqual([]);
  });

  test('URL, pager, contact requests and answers, added', () => {
    expect(receive(MESSAGE.URL, parts('the old page', 'http://old.example.test/'))).toMatchObject([
      { kind: 'message', text: 'the old page http://old.example.test/' },
    ]);
    const pager = parts('Petra', '', '', 'Petra@Example.test', '3', 'call me');
    expect(receive(MESSAGE.WEB_PAGER, pager)).toMatchObject([
      { kind: 'message', from: 'petra@example.test', from_name: 'Petra', text: 'call me' },
    ]);
    const request = parts('nick', 'first', 'last', 'e@example.test', '0', 'please');
    expect(receive(MESSAGE.AUTH_REQUEST, request)).toMatchObject([
      {
        kind: 'contact',
        from: '91002',
        contact: { op: 'request', id: '91002', name: 'nick' },
        reason: 'please',
      },
    ]);
    expect(receive(MESSAGE.AUTH_DENIED, fields('no'))).toMatchObject([
      { kind: 'contact', contact: { op: 'deny', id: '91002' }, reason: 'no' },
    ]);
    expect(receive(MESSAGE.AUTH_GRANTED, none)).toMatchObject([
      { kind: 'contact', contact: { op: 'accept', id: '91002' } },
    ]);
    expect(receive(MESSAGE.ADDED, parts('nick', 'first', 'last', 'e'))).toMatchObject([
      { kind: 'notice', from: '91002', from_name: 'nick', code: 'added' },
    ]);
  });

  test('a length beyond the datagram is malformed', () => {
    const body = fields([PEER, 4], [MESSAGE.TEXT, 2], [500, 2], 'short');
    const told = runDissector(icq, [...login(2), ...welcome(2), ...answer(2, SRV.MESSAGE, body)]);
    expect(told.facts).toHaveLength(2);
    expect(told.anomalies).toEqual(['icq_malformed']);
  });
});

describe('directory', () => {
  test('searches and entries', () => {
    const facts = factsAfter(5, [
      ...ask(5, CMD.SEARCH_UIN, fields([PEER, 4])),
      ...ask(5, CMD.META_USER, fields([0x0514, 2], text('nick'), text('Petra'), text(''))),
      ...ask(5, CMD.META_USER, fields([0x0528, 2], text('p@example.test'))),
      ...ask(5, CMD.META_USER, fields([0x04ba, 2], [PEER, 4])),
      ...ask(
        5,
        CMD.META_USER,
        fields([0x03e8, 2], text('me'), text('My'), text('Self'), text('m@example.test')),
      ),
      ...answer(
        5,
        SRV.USER_FOUND,
        fields([PEER, 4], text('nick'), text('Petra'), text(''), text('p@example.test')),
      ),
      ...answer(
        5,
        SRV.META_USER,
        fields([0x019a, 2], [10, 1], [PEER, 4], text('nick'), text(''), text(''), text('')),
      ),
    ]);
    expect(facts).toMatchObject([
      { kind: 'search', query: '91002' },
      { kind: 'search', query: 'nick Petra' },
      { kind: 'search', query: 'p@example.test' },
      { kind: 'search', query: '91002' },
      { kind: 'profile', from: '91001', profile: { nick: 'me', email: 'm@example.test' } },
      {
        kind: 'profile',
        from: '91002',
        profile: { nick: 'nick', first_name: 'Petra', email: 'p@example.test' },
      },
      { kind: 'profile', from: '91002', profile: { nick: 'nick' } },
    ]);
    expect(factsAfter(2, ask(2, CMD.SEARCH_UIN, fields([9, 2], [PEER, 4])))).toMatchObject([
      { query: '91002' },
    ]);
    expect(
      factsAfter(2, ask(2, CMD.SEARCH_USER, fields([9, 2], text('n'), text('f'), text('l'), text('e')))),
    ).toMatchObject([{ query: 'n f l e' }]);
  });

  test('a bundle of datagrams is opened', () => {
    const inner = (sequence: number, value: string): Uint8Array => {
      const bytes = server({
        version: 5,
        command: SRV.MESSAGE,
        uin: ME,
        sequence,
        body: messageBody(PEER, value),
      });
      return fields([bytes.length, 2], bytes);
    };
    const facts = factsAfter(5, answer(5, SRV.MULTI, fields([2, 1], inner(900, 'one'), inner(901, 'two'))));
    expect(facts.map((f) => f.text)).toEqual(['one', 'two']);
    const nested = server({ version: 5, command: SRV.MULTI, uin: ME, sequence: 7 });
    const told = runDissector(icq, answer(5, SRV.MULTI, fields([1, 1], [nested.length, 2], nested)));
    expect(told.anomalies).toEqual(['icq_malformed']);
  });
});

describe('scrambling', () => {
  test.each([4, 5] as const)(
    'version %d: unscrambled, the check code fits, wherever it takes its bytes',
    (version) => {
      fc.assert(
        fc.property(
          fc.uint8Array({ maxLength: 300 }),
          fc.nat(0xffff),
          fc.nat(0xffffffff),
          fc.nat(19),
          fc.nat(255),
          (body, command, uin, offset, index) => {
            const place = version === 5 && offset >= 10 ? 24 + body.length - 1 : offset;
            const check: [number, number] = [version === 4 && offset >= 16 ? 2 : place & 0xff, index];
            if (version === 5 && place > 255) return;
            const plain = client({ version, command, uin, body, check });
            const clear =
              version === 5 ? unscrambleV5(plain, 0, plain.length) : unscrambleV4(plain, 0, plain.length);
            const code = version === 5 ? checkCodeV5(plain, 0) : checkCodeV4(plain, 0);
            expect([...clear.slice(HEADERS.client[version])]).toEqual([...body]);
            expect(checkFits(version, clear, code)).toBe(true);
            const peeked =
              version === 5 ? commandV5(plain, 0, plain.length) : commandV4(plain, 0, plain.length);
            expect(peeked).toBe(command);
          },
        ),
        { seed: 23, numRuns: 400 },
      );
    },
  );

  test('a check code that does not fit is counted, the datagram read', () => {
    const message = client({ version: 5, command: CMD.SEND_MESSAGE, uin: ME, body: messageBody(PEER, 'x') });
    message[6] = (message[6] ?? 0) ^ 1;
    const told = runDissector(icq, up(message));
    expect(told.anomalies).toEqual(['icq_check_code']);
    expect(told.facts.at(-1)?.text).toBe('x');
  });
});

describe('what is not ICQ', () => {
  test.each([
    ['short', Uint8Array.of(2, 0), 'icq_no_header'],
    ['another version', fields([6, 2], [CMD.KEEP_ALIVE, 2], [1, 2], [ME, 4]), 'icq_no_header'],
    ['an unknown command', client({ version: 2, command: 0x7777, uin: ME }), 'icq_unknown_command'],
  ])('%s costs one anomaly', (_, bytes, code) => {
    const told = runDissector(icq, [
      ...up(bytes),
      ...ask(2, CMD.SEND_MESSAGE, messageBody(PEER, 'still read')),
    ]);
    expect(told.anomalies).toEqual([code]);
    expect(told.facts.at(-1)?.text).toBe('still read');
  });

  test.each([
    ['WireGuard response', fields([2, 4], new Uint8Array(88).fill(7))],
    ['WireGuard data', fields([4, 4], new Uint8Array(44).fill(9))],
    ['DCE/RPC over UDP', fields([4, 2], new Uint8Array(78).fill(1))],
    ['a keep-alive alone', client({ version: 2, command: CMD.KEEP_ALIVE, uin: ME })],
    ['an account out of range', client({ version: 2, command: CMD.LOGIN, uin: 7, body: signOnBody(2, 'x') })],
    [
      'a sign-on without its NUL',
      client({ version: 2, command: CMD.LOGIN, uin: ME, body: fields([1, 4], [3, 2], 'abc') }),
    ],
    ['OICQ', fromHex('020f4b00250001000000000000')],
  ])('%s is not detected', (_, bytes) => {
    expect(runDetector(icq, bytes, none, { final: true }).answer).toBe('no');
    expect(runDetector(icq, none, bytes, { final: true }).answer).toBe('no');
  });

  test('weak datagrams that do not belong together', () => {
    const ping = client({ version: 2, command: CMD.KEEP_ALIVE, uin: ME, sequence: 7 });
    expect(runDetector(icq, ping, server({ version: 2, command: SRV.ACK, uin: 0, sequence: 8 })).answer).toBe(
      'no',
    );
    const ping3 = client({ version: 3, command: CMD.KEEP_ALIVE, uin: ME });
    expect(runDetector(icq, ping3, server({ version: 3, command: SRV.ACK, uin: PEER })).answer).toBe('no');
  });

  test('random datagrams are not detected and never throw', () => {
    fc.assert(
      fc.property(fc.constantFrom(2, 3, 4, 5), fc.uint8Array({ maxLength: 90 }), (version, bytes) => {
        const datagram = fields([version, 2], bytes);
        expect(runDetector(icq, datagram, none, { final: true }).answer).toBe('no');
        check(runDissector(icq, [...login(2), ...up(datagram), ...down(datagram), ...over]));
      }),
      { seed: 5, numRuns: 2000 },
    );
  });
});
