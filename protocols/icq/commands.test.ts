import { describe, expect, test } from '@jest/globals';
import type { ImFacts } from '../../src/sdk/index.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import {
  answer,
  ask,
  fields,
  login,
  ME,
  messageBody,
  over,
  PASSWORD,
  PEER,
  server,
  signOnBody,
  text,
  up,
  welcome,
} from './build.ts';
import type { Field, Version } from './build.ts';
import icq from './index.ts';
import { CMD, MESSAGE, SRV } from './wire.ts';

const none: Uint8Array = new Uint8Array(0);

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

function factsAfter(version: Version, steps: Step[]): ImFacts[] {
  return runDissector(icq, [...login(version), ...welcome(version), ...steps]).facts.slice(2);
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

  describe('fields that claim more than an entry holds', () => {
    const long = text('x'.repeat(300));
    const told = (command: number, ...parts: Field[]): readonly string[] =>
      runDissector(icq, [...login(5), ...welcome(5), ...answer(5, command, fields(...parts))]).anomalies;
    const names = [text('nick'), text('f'), text('l'), text('e@example.test')];

    test.each<[string, string[], number, Field[]]>([
      [
        'an e-mail address',
        ['icq_long_field'],
        SRV.USER_FOUND,
        [[PEER, 4], text('n'), text(''), text(''), long],
      ],
      ['a first name', ['icq_long_field'], SRV.META_USER, [[0x019a, 2], [10, 1], [PEER, 4], text('n'), long]],
      ['a nick, as short entries have it', ['icq_long_field'], SRV.META_USER, [[0x0104, 2], [10, 1], long]],
      // What the Witty worm sends: the second text is the worm, and the datagram ends in it.
      [
        'a text that is cut',
        ['icq_long_field'],
        SRV.META_USER,
        [[1, 2], [0, 1], text(''), [542, 2], 'insert'],
      ],
      ['an entry', [], SRV.META_USER, [[0x019a, 2], [10, 1], [PEER, 4], ...names]],
      ['an address of 128 bytes', [], SRV.USER_FOUND, [[PEER, 4], ...names.slice(1), text('e'.repeat(128))]],
      ['notes about oneself', [], SRV.META_USER, [[0x00e6, 2], [10, 1], long]],
      [
        'an answer without fields',
        [],
        SRV.META_USER,
        [
          [0x0064, 2],
          [10, 1],
        ],
      ],
    ])('%s', (_name, anomalies, command, parts) => {
      expect(told(command, ...parts)).toEqual(anomalies);
    });

    test('within a bundle', () => {
      const body = fields([1, 2], [0, 1], text(''), [542, 2], 'x'.repeat(500));
      const inner = server({ version: 5, command: SRV.META_USER, uin: 0, sequence: 0, body });
      expect(told(SRV.MULTI, [1, 1], [inner.length, 2], inner)).toEqual(['icq_long_field']);
    });
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
