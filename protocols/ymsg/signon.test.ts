import { describe, expect, test } from '@jest/globals';
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Auth, ImFacts } from '../../src/sdk/index.ts';
import { runDissector } from '../../src/sdk/testing.ts';
import type { RunOptions, Step } from '../../src/sdk/testing.ts';
import * as build from './build.ts';
import ymsg from './index.ts';
import { KEY, SERVICE, STATUS } from './numbers.ts';

const up = (bytes: Uint8Array): Step => ({ direction: TO_SERVER, bytes });
const down = (bytes: Uint8Array): Step => ({ direction: TO_CLIENT, bytes });
const END: Step[] = [
  { direction: TO_SERVER, end: true },
  { direction: TO_CLIENT, end: true },
];
const facts = (steps: Step[], options: RunOptions = {}): ImFacts[] =>
  runDissector(ymsg, [...steps, ...END], options).facts;
const of = (all: ImFacts[], kind: ImFacts['kind']): ImFacts[] => all.filter((f) => f.kind === kind);

const AUTH = up(build.auth('alice'));
const CHALLENGE = down(build.challenge('alice'));
const ANSWER = up(build.answer('alice'));
const LIST = down(build.list('alice', ''));
const hash = (result: Auth['result'], more: Partial<Auth> = {}): Auth => ({
  mechanism: 'md5-crypt',
  result,
  exposed: 'hash',
  ...more,
});

describe('sign-on', () => {
  test.each<[string, Step[], Auth]>([
    ['accepted with the list', [AUTH, CHALLENGE, ANSWER, LIST], hash('success')],
    ['accepted with a logon', [AUTH, CHALLENGE, ANSWER, down(build.accepted('alice'))], hash('success')],
    [
      'accepted, as a message comes',
      [AUTH, CHALLENGE, ANSWER, down(build.received('bob', 'alice', 'hi'))],
      hash('success'),
    ],
    [
      'refused: password',
      [AUTH, CHALLENGE, ANSWER, down(build.refusal('alice', 13))],
      hash('failure', { reason: 'bad password (13)' }),
    ],
    [
      'refused: unknown user',
      [AUTH, CHALLENGE, ANSWER, down(build.refusal('alice', 3))],
      hash('failure', { reason: 'unknown user (3)' }),
    ],
    [
      'refused: some number',
      [AUTH, CHALLENGE, ANSWER, down(build.refusal('alice', 4711))],
      hash('failure', { reason: 'refused (4711)' }),
    ],
    [
      'refused before a challenge',
      [AUTH, down(build.refusal('alice', 3))],
      { mechanism: 'challenge-response', result: 'failure', reason: 'unknown user (3)' },
    ],
    [
      'thrown out by the server',
      [AUTH, CHALLENGE, ANSWER, down(build.reply(SERVICE.DISCONNECT))],
      hash('failure', { reason: 'refused' }),
    ],
    [
      'a second sign-on elsewhere came first',
      [AUTH, CHALLENGE, ANSWER, down(build.reply(SERVICE.LOGOFF, [], STATUS.DISCONNECTED))],
      hash('failure', { reason: 'signed on elsewhere' }),
    ],
    ['without an outcome', [AUTH, CHALLENGE, ANSWER], hash('unknown')],
    ['without an answer', [AUTH, CHALLENGE], { mechanism: 'md5-crypt', result: 'unknown' }],
    [
      'given up',
      [AUTH, CHALLENGE, ANSWER, up(build.packet(SERVICE.LOGOFF, [[0, 'alice']]))],
      hash('unknown'),
    ],
    [
      'by a challenge with SHA-1',
      [AUTH, down(build.challenge('alice', 1)), ANSWER, LIST],
      hash('success', { mechanism: 'sha1-crypt' }),
    ],
    [
      'by a method that nobody knows',
      [AUTH, down(build.challenge('alice', 7)), ANSWER, LIST],
      hash('success', { mechanism: 'method-7' }),
    ],
    [
      'by token and cookies',
      [AUTH, down(build.challenge('alice', 2)), up(build.tokenAnswer('alice')), LIST],
      { mechanism: 'token', result: 'success', exposed: 'token' },
    ],
    [
      'of the web messenger',
      [
        up(
          build.packet(
            SERVICE.WEBLOGIN,
            [
              [0, 'alice'],
              [1, 'alice'],
              [6, 'S3cretCookie'],
            ],
            { version: 0x65, status: STATUS.WEBLOGIN },
          ),
        ),
        LIST,
      ],
      { mechanism: 'web', result: 'success', exposed: 'token' },
    ],
    [
      'before version 9',
      [
        up(
          build.packet(SERVICE.LOGON, [
            [0, 'alice'],
            [1, 'alice'],
            [6, 'S3cretCrypt'],
          ]),
        ),
        LIST,
      ],
      { mechanism: 'crypt', result: 'success', exposed: 'hash' },
    ],
    [
      'the client alone, later at work',
      [AUTH, ANSWER, up(build.packet(SERVICE.Y6_STATUS_UPDATE, [[10, 0]]))],
      hash('success', { mechanism: 'challenge-response' }),
    ],
    ['the server alone', [CHALLENGE, LIST], { mechanism: 'md5-crypt', result: 'success' }],
    [
      'the server alone, of which only the last word was seen',
      [down(build.accepted('alice'))],
      { mechanism: 'challenge-response', result: 'success' },
    ],
  ])('%s', (_name, steps, auth) => {
    const all = facts(steps);
    expect(of(all, 'login')).toMatchObject([{ account: 'alice', auth }]);
    expect(of(all, 'login')[0]?.auth).toEqual(auth);
    expect(JSON.stringify(all)).not.toMatch(/S3cret|Q3haLL/);
  });

  test('each attempt is told once', () => {
    const all = facts([
      AUTH,
      CHALLENGE,
      ANSWER,
      down(build.refusal('alice', 13)),
      AUTH,
      CHALLENGE,
      ANSWER,
      LIST,
    ]);
    expect(of(all, 'login').map((f) => f.auth?.result)).toEqual(['failure', 'success']);
  });

  test('an attempt of which the first packet was lost is told once', () => {
    const all = facts([{ direction: TO_SERVER, gap: 28 }, CHALLENGE, ANSWER, LIST]);
    expect(of(all, 'login')).toMatchObject([{ account: 'alice', auth: hash('success') }]);
  });

  test('an attempt that another one replaces stays without outcome', () => {
    const all = facts([
      AUTH,
      CHALLENGE,
      up(build.auth('bob')),
      down(build.challenge('bob')),
      up(build.answer('bob')),
      LIST,
    ]);
    expect(of(all, 'login').map((f) => [f.account, f.auth?.result])).toEqual([
      ['alice', 'unknown'],
      ['bob', 'success'],
    ]);
  });
});

describe('the server not in view', () => {
  const says = up(build.sent('alice', 'bob', 'hello'));
  const room = up(build.packet(SERVICE.CHATJOIN, [[KEY.ACTIVE_ID, 'alice']]));

  test.each<[string, Step]>([
    ['a message', says],
    ['a room', room],
  ])('%s proves the sign-on, told once before it', (_, step) => {
    const told = facts([AUTH, ANSWER, step, says]).filter((f) => f.kind !== 'client');
    expect(told[0]).toMatchObject({
      kind: 'login',
      account: 'alice',
      auth: { mechanism: 'challenge-response', result: 'success', exposed: 'hash' },
    });
    expect(of(told, 'login')).toHaveLength(1);
    expect(of(runDissector(ymsg, [AUTH, ANSWER, step]).facts, 'login')).toHaveLength(1);
    expect(of(told, 'message')[0]).toMatchObject({ account: 'alice', from: 'alice', to: ['bob'] });
  });

  test('an answer that comes late tells no second login', () => {
    expect(of(facts([AUTH, ANSWER, says, LIST]), 'login')).toHaveLength(1);
  });
});

describe('sign-off', () => {
  const ON = [AUTH, CHALLENGE, ANSWER, LIST];
  test.each<[string, Step[], (string | undefined)[]]>([
    ['by the client', [...ON, up(build.packet(SERVICE.LOGOFF, [[0, 'alice']]))], ['signed off']],
    [
      'signed on elsewhere',
      [...ON, down(build.reply(SERVICE.LOGOFF, [], STATUS.DISCONNECTED))],
      ['signed on elsewhere'],
    ],
    ['by the server', [...ON, down(build.reply(SERVICE.DISCONNECT))], ['disconnected by the server']],
    ['by the end of the connection', ON, ['connection closed']],
    ['of a refused sign-on there is none', [AUTH, CHALLENGE, ANSWER, down(build.refusal('alice', 13))], []],
  ])('%s', (_name, steps, reasons) => {
    expect(of(facts(steps), 'logout').map((f) => f.reason)).toEqual(reasons);
  });

  test('of a session that began before the capture', () => {
    const steps = [up(build.packet(SERVICE.LOGOFF, [[0, 'alice']]))];
    expect(facts(steps, { midstream: true })).toEqual([
      { kind: 'logout', service: 'yahoo', account: 'alice', reason: 'signed off' },
    ]);
  });
});

test('a session that began before the capture is told by its first keep-alive, once', () => {
  const keepAlive = up(build.packet(SERVICE.KEEPALIVE, [[0, 'alice']]));
  expect(facts([keepAlive, keepAlive, up(build.packet(SERVICE.PING))], { midstream: true })).toEqual([
    { kind: 'presence', service: 'yahoo', account: 'alice', from: 'alice', status: { show: 'online' } },
  ]);
  expect(of(facts([AUTH, CHALLENGE, ANSWER, LIST, keepAlive]), 'presence')).toEqual([]);
});

describe('client', () => {
  const answer = (pairs: build.Pair[], options: build.PacketOptions = {}): Step =>
    up(build.packet(SERVICE.AUTHRESP, pairs, options));
  test.each<[string, Step, unknown]>([
    [
      'version text',
      up(build.answer('alice', { version: 9, littleEndian: true })),
      {
        name: 'Yahoo! Messenger',
        version: '5.5.0.1246',
        raw: '5, 5, 0, 1246',
        evidence: ['protocol version 9 in little-endian order', 'key 135 version text'],
      },
    ],
    [
      'version text and id',
      answer(
        [
          [1, 'alice'],
          [277, 'y'],
          [244, '4194239'],
          [135, '9.0.0.2162'],
        ],
        { version: 16 },
      ),
      {
        name: 'Yahoo! Messenger',
        version: '9.0.0.2162',
        raw: '9.0.0.2162',
        evidence: ['protocol version 16', 'key 135 version text', 'key 244 client id'],
      },
    ],
    [
      'id without version text, in the order of libpurple',
      up(build.tokenAnswer('alice')),
      {
        name: 'libpurple',
        masquerade: 'Yahoo! Messenger 9.0',
        raw: '244=4194239',
        evidence: [
          'protocol version 16',
          'keys of the answer: 1,0,277,278,307,244,2,2,98',
          'key 244 client id without key 135',
        ],
      },
    ],
    [
      'id without version text, in another order',
      answer(
        [
          [1, 'alice'],
          [244, '4194239'],
        ],
        { version: 16 },
      ),
      {
        name: 'Yahoo! Messenger',
        version: '9.0',
        raw: '244=4194239',
        evidence: ['protocol version 16', 'key 244 client id'],
      },
    ],
    [
      'neither, in the order of early libpurple',
      answer([
        [1, 'alice'],
        [96, 'S3cret'],
        [6, 'S3cret'],
        [0, 'alice'],
      ]),
      {
        name: 'libpurple',
        raw: 'keys 1,96,6,0',
        evidence: ['protocol version 12', 'keys of the answer: 1,96,6,0'],
      },
    ],
  ])('%s', (_name, step, client) => {
    const all = facts([AUTH, CHALLENGE, step, LIST]);
    expect(of(all, 'client')).toEqual([{ kind: 'client', service: 'yahoo', account: 'alice', client }]);
    expect(of(all, 'login')[0]?.client).toEqual(client);
  });

  test('an id that is no number tells nothing', () => {
    const all = facts([
      AUTH,
      answer([
        [1, 'alice'],
        [244, 'S3cret'],
      ]),
    ]);
    expect(of(all, 'client')).toEqual([]);
  });

  test('the operating system', () => {
    const stats = (os: string): Step =>
      up(build.packet(SERVICE.CLIENTHOSTSTATS, [[KEY.OPERATING_SYSTEM, os]]));
    expect(of(facts([stats('V2luZG93cyAyMDAwLCBTZXJ2aWNlIFBhY2sgNA==')]), 'client')).toMatchObject([
      { client: { name: 'Yahoo! Messenger', os: 'Windows 2000, Service Pack 4' } },
    ]);
    for (const bad of ['', '====', 'not base64!', 'QQ', 'ICAg', 'A'.repeat(400)]) {
      expect(of(facts([stats(bad)]), 'client')).toEqual([]);
    }
  });

  test('by a message, where the sign-on was not seen; once', () => {
    const message = up(
      build.packet(SERVICE.MESSAGE, [
        [206, 0],
        [1002, 1],
        [64, 0],
        [63, ';0'],
        [14, 'hi'],
        [97, 1],
        [5, 'bob'],
        [1, 'alice'],
      ]),
    );
    const all = facts([message, message], { midstream: true });
    expect(of(all, 'client')).toMatchObject([{ client: { name: 'libpurple' } }]);
    expect(of(all, 'message')).toHaveLength(2);
  });

  test('when chat rooms are entered', () => {
    const enter = up(
      build.packet(SERVICE.CHATONLINE, [
        [109, 'alice'],
        [1, 'alice'],
        [6, 'v=1&n=S3cret'],
        [135, 'ym6.0.0.1643'],
      ]),
    );
    expect(of(facts([enter, enter], { midstream: true }), 'client')).toMatchObject([
      { client: { version: '6.0.0.1643', raw: 'ym6.0.0.1643' } },
    ]);
  });

  test('when chat rooms are entered with a fixed word for a cookie', () => {
    const enter = up(
      build.packet(SERVICE.CHATONLINE, [
        [109, 'alice'],
        [1, 'alice'],
        [6, 'abcde'],
        [135, 'ym8.1.0.421'],
      ]),
    );
    expect(of(facts([enter], { midstream: true }), 'client')).toMatchObject([
      {
        client: {
          name: 'libpurple or libyahoo2',
          raw: 'ym8.1.0.421',
          masquerade: 'Yahoo! Messenger 8.1.0.421',
        },
      },
    ]);
  });
});

test('other ids of the account', () => {
  const all = facts([
    AUTH,
    CHALLENGE,
    ANSWER,
    down(build.list('alice,alicia,a.smith', '')),
    down(build.list('alice,alicia,a.smith', '')),
    up(build.packet(SERVICE.IDACT, [[3, 'alicia']])),
    up(build.packet(SERVICE.IDDEACT, [[3, 'alicia']])),
  ]);
  expect(of(all, 'profile').map((f) => f.profile)).toEqual([
    { identities: ['alice', 'alicia', 'a.smith'] },
    { identity: 'alicia', active: true },
    { identity: 'alicia', active: false },
  ]);
});
