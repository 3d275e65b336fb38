/** Federation, IMVironments, pictures, addresses, cookies, code pages, stealth, and what is odd. */
import { describe, expect, test } from '@jest/globals';
import { TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { ImFacts } from '../../src/sdk/index.ts';
import { everySplit, runDissector } from '../../src/sdk/testing.ts';
import type { Step, Told } from '../../src/sdk/testing.ts';
import * as build from './build.ts';
import ymsg from './index.ts';
import { KEY, SERVICE, STATUS } from './numbers.ts';
import { addressOf } from './peer.ts';
import { parseEntry } from './profile.ts';

const HELLO: Step = { direction: TO_SERVER, bytes: build.packet(SERVICE.KEEPALIVE, [[0, 'alice']]) };
const up = (service: number, ...pairs: build.Pair[]): Step => ({
  direction: TO_SERVER,
  bytes: build.packet(service, pairs),
});
const down = (service: number, ...pairs: build.Pair[]): Step => ({
  direction: TO_CLIENT,
  bytes: build.reply(service, pairs),
});
/** A session whose account is alice; the fact of the keep-alive is left out. */
function run(...steps: Step[]): Told {
  const told = runDissector(ymsg, [HELLO, ...steps], { midstream: true });
  return { ...told, facts: told.facts.slice(1) };
}
const head = { service: 'yahoo', account: 'alice' };
const mine = { ...head, from: 'alice', to: ['bob'], sent: true };
const bobs = { ...head, from: 'bob', to: ['alice'], sent: false };

describe('other networks', () => {
  const evidence = ['key 241: the other side is of msn'];

  test('of a message, both ways', () => {
    const told = run(
      up(SERVICE.MESSAGE, [1, 'alice'], [5, 'Bob@Example.test'], [241, 2], [14, 'hi']),
      down(SERVICE.MESSAGE, [5, 'alice'], [4, 'bob@example.test'], [14, 'yo'], [241, 2]),
    );
    expect(told.facts).toMatchObject([
      { kind: 'message', to: ['bob@example.test'], evidence },
      { kind: 'message', from: 'bob@example.test', evidence },
    ]);
  });

  test('of each contact of a list and of its presence, not of the next one', () => {
    const told = run(
      down(
        SERVICE.LIST_15,
        [302, '318'],
        [300, '318'],
        [65, 'Friends'],
        [302, '319'],
        [300, '319'],
        [7, 'bob@example.test'],
        [241, 2],
        [301, '319'],
        [300, '319'],
        [7, 'carol'],
        [301, '319'],
        [303, '319'],
      ),
      down(SERVICE.STATUS_15, [7, 'bob@example.test'], [10, 0], [241, 2], [7, 'carol'], [10, 0]),
    );
    expect(told.facts.map((facts) => facts.evidence)).toEqual([evidence, undefined, evidence, undefined]);
  });

  test.each([
    ['0', undefined],
    ['100', ['key 241: the other side is of pingbox']],
    ['77', ['key 241: the other side is of network-77']],
    ['x', undefined],
  ])('key 241 of %p', (value, expected) => {
    const told = run(up(SERVICE.NOTIFY, [1, 'alice'], [5, 'bob'], [241, value], [49, 'TYPING'], [13, 1]));
    expect(told.facts[0]?.evidence).toEqual(expected);
  });

  test('of a contact that is added or asks', () => {
    const told = run(
      up(SERVICE.ADDBUDDY, [7, 'bob@example.test'], [65, 'Friends'], [241, 2]),
      up(SERVICE.AUTH_REQ_15, [1, 'alice'], [5, 'bob@example.test'], [241, 2], [13, 1]),
    );
    expect(told.facts).toMatchObject([
      { contact: { op: 'add' }, evidence },
      { contact: { op: 'accept' }, evidence },
    ]);
  });
});

describe('IMVironments', () => {
  const says = (name: string): Step => up(SERVICE.MESSAGE, [1, 'alice'], [5, 'bob'], [14, 'hi'], [63, name]);
  const board = (name: string, command: number): Step =>
    up(SERVICE.NOTIFY, [49, 'IMVIRONMENT'], [1, 'alice'], [14, ''], [13, command], [5, 'bob'], [63, name]);
  const others = (told: Told): ImFacts[] => told.facts.filter(({ kind }) => kind !== 'message');

  test('are told when they change', () => {
    const told = run(says(';0'), says('garfield;11'), says('garfield;11'), says(';0'));
    expect(others(told)).toEqual([
      { kind: 'attention', ...mine, state: 'imvironment', ref: 'garfield' },
      { kind: 'attention', ...mine, state: 'imvironment-closed' },
    ]);
  });

  test('the drawing board is a call', () => {
    const steps = [0, 4, 2, 2, 5].map((command) => board('doodle;106', command));
    const told = run(...steps, board(';0', 0), board(';0', 0));
    expect(told.facts.map(({ call }) => call)).toEqual(
      ['invite', 'start', 'accept', 'end'].map((state) => ({ media: 'whiteboard', state })),
    );
  });

  test('also in the service that had them before', () => {
    const told = run(
      down(SERVICE.P2PFILEXFER, [49, 'IMVIRONMENT'], [4, 'bob'], [5, 'alice'], [63, 'hearts;3']),
    );
    expect(told.facts).toEqual([{ kind: 'attention', ...bobs, state: 'imvironment', ref: 'hearts' }]);
  });

  test('of thousands of conversations do not pile up', () => {
    const steps = Array.from({ length: 200 }, (_, i) =>
      up(SERVICE.MESSAGE, [1, 'alice'], [5, `u${i}`], [14, 'hi'], [63, 'hearts;3']),
    );
    // The first one was forgotten, and is told again.
    expect(others(run(...steps, ...steps.slice(0, 1)))).toHaveLength(201);
  });
});

describe('pictures and personal data', () => {
  const profiles = (...steps: Step[]): unknown[] =>
    run(...steps).facts.map(({ kind, from, profile }) => ({ kind, from, profile }));
  const of = (from: string, profile: object): object => ({ kind: 'profile', from, profile });

  test('a checksum is told once for each picture', () => {
    const sum = (n: number): Step => down(SERVICE.PICTURE_CHECKSUM, [4, 'bob'], [5, 'alice'], [192, n]);
    expect(profiles(sum(77), sum(77), sum(-1), sum(0), sum(78))).toEqual([
      of('bob', { picture_checksum: 77 }),
      of('bob', { picture_checksum: 78 }),
    ]);
  });

  test('with a presence', () => {
    const told = run(
      down(SERVICE.STATUS_15, [7, 'bob'], [10, 0], [192, 99], [7, 'carol'], [10, 0], [192, 98]),
    );
    expect(told.facts.map(({ from, profile }) => [from, profile])).toEqual([
      ['bob', undefined],
      ['bob', { picture_checksum: 99 }],
      ['carol', undefined],
      ['carol', { picture_checksum: 98 }],
    ]);
  });

  test('where one is to be had, without its ticket', () => {
    const url = 'http://pictures.example.test/bob/p.png?ticket=S3cret';
    const all = profiles(
      up(SERVICE.PICTURE, [1, 'alice'], [5, 'bob'], [13, 1]),
      down(SERVICE.PICTURE, [4, 'bob'], [5, 'alice'], [13, 2], [20, url], [192, 5]),
      down(SERVICE.PICTURE_UPLOAD, [5, 'alice'], [20, url], [27, 'me.png'], [38, 604800]),
    );
    const place = 'http://pictures.example.test/bob/p.png';
    expect(all).toEqual([
      of('bob', { picture_checksum: 5, picture_url: place }),
      of('alice', { picture_url: place, picture_name: 'me.png' }),
    ]);
  });

  test('what somebody shows', () => {
    expect(
      profiles(
        up(SERVICE.PICTURE_UPDATE, [1, 'alice'], [5, 'bob'], [206, 2]),
        down(SERVICE.AVATAR_UPDATE, [4, 'bob'], [5, 'alice'], [206, 1], [197, 'EgkABQ==']),
      ),
    ).toEqual([of('alice', { picture: 'picture' }), of('bob', { picture: 'avatar', avatar: 'EgkABQ==' })]);
  });

  test('an address book entry, as attributes and as elements', () => {
    const attributes =
      '<ct id="2" fn="Bob" ln="O&apos;Neil" e0="bob@example.test" mo="" wphone="555 0100" />';
    expect(profiles(down(SERVICE.CONTACT_DETAILS, [4, 'bob'], [5, 'alice'], [280, attributes]))).toEqual([
      of('bob', {
        first_name: 'Bob',
        last_name: "O'Neil",
        email: 'bob@example.test',
        work_phone: '555 0100',
      }),
    ]);
    expect(parseEntry('<ab><fn>Bob</fn><nn>bobby</nn></ab>')).toEqual({
      first_name: 'Bob',
      nickname: 'bobby',
    });
    expect(parseEntry('<ab>')).toBeUndefined();
    expect(parseEntry('<fn>'.repeat(50_000))).toBeUndefined();
  });
});

describe('beside the server', () => {
  /** Key 12: the number of 192.168.1.7 with its first byte lowest, in base64. */
  const ADDRESS = btoa(String(0x0701a8c0));

  test('the own address is told once', () => {
    const tells = (service: number): Step =>
      down(service, [4, 'bob'], [5, 'alice'], [49, 'PEERTOPEER'], [12, ADDRESS], [61, 0], [13, 0]);
    const told = run(tells(SERVICE.PEERTOPEER), tells(SERVICE.P2PFILEXFER));
    expect(told.facts).toEqual([{ kind: 'profile', ...bobs, profile: { ip: '192.168.1.7' } }]);
  });

  test.each(['', 'AAAA', btoa('0'), btoa('4294967296'), btoa('12x4'), 'not base64!!', 'A'.repeat(400)])(
    'no address: %p',
    (word) => {
      expect(addressOf(word)).toBeUndefined();
    },
  );

  test('a negative number is an address too', () => {
    expect(addressOf(btoa('-1'))).toBe('255.255.255.255');
  });

  test('a webcam: who wants to see, what is answered, and the key that is shown there', () => {
    const answer = (flag: string): Step =>
      down(SERVICE.NOTIFY, [49, 'WEBCAMINVITE'], [4, 'bob'], [5, 'alice'], [14, flag]);
    const told = run(
      answer(' '),
      answer('1'),
      answer('-1'),
      up(SERVICE.WEBCAM, [1, 'alice'], [5, 'bob']),
      down(SERVICE.WEBCAM, [5, 'alice'], [61, 'S3cretKey'], [102, 'webcam.example.test']),
    );
    expect(told.facts.map(({ call }) => call?.state)).toEqual(['invite', 'accept', 'decline', 'request']);
    expect(told.issued).toEqual([{ realm: 'yahoo-webcam', token: 'S3cretKey', account: 'alice' }]);
  });

  test('the other steps of a transfer from peer to peer are told as they are', () => {
    const told = run(
      down(SERVICE.P2PFILEXFER, [5, 'alice'], [4, 'bob'], [13, 2], [27, 'a.txt'], [49, 'FILEXFER']),
      down(SERVICE.P2PFILEXFER, [5, 'alice'], [4, 'bob'], [13, 7], [49, 'PEERTOPEER']),
    );
    expect(told.facts).toEqual([
      { kind: 'notice', ...head, from: 'bob', to: ['alice'], text: 'a.txt', code: 'file-transfer-step 2' },
    ]);
  });

  test('what a request for a file will show is issued', () => {
    const told = run(
      down(
        SERVICE.FILETRANSFER,
        [4, 'bob'],
        [5, 'alice'],
        [20, 'http://files.example.test/x/a.txt?t=1'],
        [27, 'a.txt'],
      ),
      up(SERVICE.FILETRANS_15, [1, 'alice'], [5, 'bob'], [265, 'X'], [222, 1], [266, 1], [27, 'b'], [28, 9]),
      up(
        SERVICE.FILETRANS_INFO_15,
        [1, 'alice'],
        [5, 'bob'],
        [265, 'X'],
        [27, 'b'],
        [249, 3],
        [250, '203.0.113.5'],
        [251, 'tok'],
      ),
      down(SERVICE.FILETRANS_ACC_15, [4, 'bob'], [5, 'alice'], [265, 'X'], [27, 'b'], [249, 3], [251, 'tok']),
      up(SERVICE.FILETRANS_15, [1, 'alice'], [5, 'bob'], [265, 'Y'], [222, 1], [266, 1], [27, 'c'], [28, 9]),
      up(
        SERVICE.FILETRANS_INFO_15,
        [1, 'alice'],
        [5, 'bob'],
        [265, 'Y'],
        [27, 'c'],
        [249, 1],
        [250, '192.0.2.7:80'],
      ),
      down(SERVICE.FILETRANS_ACC_15, [4, 'bob'], [5, 'alice'], [265, 'Y'], [27, 'c'], [249, 1], [271, 1]),
    );
    expect(told.issued).toEqual([
      { realm: 'yahoo-file', token: '/x/a.txt?t=1', account: 'bob' },
      { realm: 'yahoo-relay', token: 'tok', account: 'alice' },
      { realm: 'yahoo-relay', token: 'tok', account: 'alice' },
    ]);
    expect(told.facts.map(({ file }) => [file?.name, file?.state, file?.method, file?.peer_port])).toEqual([
      ['a.txt', 'offer', 'http', undefined],
      ['b', 'offer', 'http', undefined],
      ['b', 'start', 'http', undefined],
      ['c', 'offer', 'http', undefined],
      ['c', 'start', 'p2p-http', 80],
    ]);
    expect(told.announced.slice(1).map(({ realm, token, file }) => [realm, token, file.name])).toEqual([
      ['yahoo-relay', 'tok', 'b'],
      ['yahoo-relay', 'tok', 'b'],
    ]);
    expect(told.announced[1]?.file).toMatchObject({ size: 9, from: 'alice', to: ['bob'], service: 'yahoo' });
    expect(told.announced[2]?.file).toEqual(told.announced[1]?.file);
    // The test's own hash shows what it is of; the engine's does not.
    const shown = told.facts.map((facts) => ({ ...facts, file: { ...facts.file, id: '' } }));
    expect(JSON.stringify(shown)).not.toMatch(/t=1|tok"/);
  });
});

describe('a transfer of version 15', () => {
  const id: build.Pair = [265, 'X'];
  const url = (n: number): string =>
    `http://192.0.2.7:8${n}/Messenger.bob.1700000000000a.txt?AppID=Messenger&UserID=bob&K=k${n}`;

  test('is announced by the path at the peer: the sender’s, or the receiver’s', () => {
    const told = run(
      down(SERVICE.FILETRANS_15, [4, 'bob'], [5, 'alice'], id, [222, 1], [266, 1], [27, 'a.txt'], [28, 7]),
      down(SERVICE.FILETRANS_INFO_15, [4, 'bob'], [5, 'alice'], id, [27, 'a.txt'], [249, 1], [250, url(0)]),
      up(SERVICE.FILETRANS_ACC_15, [1, 'alice'], [5, 'bob'], id, [27, 'a.txt'], [249, 2], [250, url(1)]),
    );
    expect(told.announced.map(({ realm, token }) => [realm, token])).toEqual([
      ['yahoo-file', url(0).slice(19)],
      ['yahoo-file', url(1).slice(19)],
    ]);
    for (const { file } of told.announced)
      expect(file).toMatchObject({ name: 'a.txt', size: 7, from: 'bob', to: ['alice'] });
    expect(told.facts.at(-1)?.file).toMatchObject({ peer_ip: '192.0.2.7', peer_port: 81, state: 'start' });
    expect(JSON.stringify(told.facts)).not.toContain('K=k');
  });

  test('whose offer was not seen says who sends by who writes what', () => {
    const told = run(
      up(SERVICE.FILETRANS_ACC_15, [1, 'alice'], [5, 'bob'], id, [27, 'late'], [249, 3], [251, 'tok']),
    );
    expect(told.announced[0]?.file).toMatchObject({ name: 'late', from: 'bob', to: ['alice'] });
  });

  test('of several files whose packet names none of them announces none', () => {
    const told = run(
      up(
        SERVICE.FILETRANS_15,
        [1, 'alice'],
        [5, 'bob'],
        id,
        [222, 1],
        [27, 'a'],
        [28, 1],
        [27, 'b'],
        [28, 1],
      ),
      up(SERVICE.FILETRANS_INFO_15, [1, 'alice'], [5, 'bob'], id, [249, 3], [251, 'tok']),
    );
    expect(told.announced).toEqual([]);
  });
});

describe('cookies', () => {
  const cookie = (text: string): build.Pair => [KEY.COOKIE, text];

  test('are issued without what is about them, and told as exposed once', () => {
    const list = down(
      SERVICE.LIST,
      [87, ''],
      cookie('Y\tv=1&n=S3cret; expires=never; path=/'),
      cookie('T\tz=S3cretT'),
      cookie('B\tb=x'),
    );
    const told = run(list, list);
    expect(told.facts).toEqual([
      {
        kind: 'notice',
        ...head,
        code: 'cookies-exposed',
        evidence: ['key 59: cookies T and Y in the clear'],
      },
    ]);
    expect(told.issued.slice(0, 2)).toEqual([
      { realm: 'yahoo-cookie', token: 'Y=v=1&n=S3cret', account: 'alice' },
      { realm: 'yahoo-cookie', token: 'T=z=S3cretT', account: 'alice' },
    ]);
  });

  test('of a server that hands out thousands are bounded', () => {
    const pairs = Array.from({ length: 500 }, (_, i) => cookie(`Y\tv=${i}`));
    expect(run(down(SERVICE.LIST, [87, ''], ...pairs)).issued).toHaveLength(8);
  });
});

describe('local text', () => {
  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

  test.each([
    ['cn', bytes(0xc4, 0xe3, 0xba, 0xc3), '你好'],
    ['tw', bytes(0xa7, 0x41, 0xa6, 0x6e), '你好'],
    ['kr', bytes(0xbe, 0xc8, 0xb3, 0xe7), '안녕'],
    ['jp', bytes(0x82, 0xa0), 'あ'],
    ['ru', bytes(0xcf, 0xf0, 0xe8), 'При'],
    ['us', bytes(0xe9, 0x80), 'é€'],
    ['zz', bytes(0xe9), 'é'],
    ['cn', new TextEncoder().encode('你好'), '你好'],
  ])('of the country %p that the account signed on in', (locale, raw, expected) => {
    const told = run(
      up(SERVICE.AUTHRESP, [1, 'alice'], [0, 'alice'], [6, 'x'], [98, locale]),
      down(SERVICE.MESSAGE, [5, 'alice'], [4, 'bob'], [14, raw]),
    );
    expect(told.facts.filter(({ kind }) => kind === 'message').map(({ text }) => text)).toEqual([expected]);
  });
});

test('stealth: to whom one seems offline, or is seen', () => {
  const stealth = (service: number, record: number): Step =>
    up(
      service,
      [1, 'alice'],
      [31, record],
      [13, 2],
      [302, '319'],
      [300, '319'],
      [7, 'bob'],
      [301, '319'],
      [303, '319'],
    );
  const told = run(
    stealth(SERVICE.PRESENCE_PERM, 1),
    stealth(SERVICE.PRESENCE_PERM, 2),
    stealth(SERVICE.PRESENCE_SESSION, 2),
    stealth(SERVICE.PRESENCE_SESSION, 1),
  );
  expect(told.facts.map(({ to, status }) => [to, status?.show])).toEqual([
    [['bob'], 'invisible'],
    [['bob'], 'available'],
    [['bob'], 'available'],
    [['bob'], 'invisible'],
  ]);
});

test('chat rooms: the manner of speaking, leaving all, and looking for somebody', () => {
  const told = run(
    up(SERVICE.CHATJOIN, [1, 'alice'], [104, 'Linux:1']),
    up(SERVICE.COMMENT, [1, 'alice'], [104, 'Linux:1'], [117, 'waves'], [124, 2]),
    up(SERVICE.CHATGOTO, [109, 'bob'], [1, 'alice'], [62, 2]),
    up(SERVICE.CHATLOGOUT, [1, 'alice']),
    up(SERVICE.CHATLOGOUT, [1, 'alice']),
  );
  expect(told.facts).toMatchObject([
    { kind: 'room', op: 'join', room: { id: 'Linux:1' } },
    { kind: 'message', text: 'waves', state: 'emote' },
    { kind: 'search', query: 'room of bob' },
    { kind: 'room', op: 'leave', room: { id: 'Linux:1' }, from: 'alice' },
  ]);
  expect(told.facts).toHaveLength(4);
});

describe('what is odd', () => {
  /** A packet of the server with a body that is no row of pairs. */
  const raw = (body: string): Step => {
    const packet = down(SERVICE.NEWMAIL) as { bytes: Uint8Array };
    const bytes = Buffer.concat([packet.bytes, Buffer.from(body, 'latin1')]);
    bytes.writeUInt16BE(body.length, 8);
    return { direction: TO_CLIENT, bytes };
  };
  const mail = (subject: string): Step =>
    down(SERVICE.NEWMAIL, [43, 'Bob'], [42, 'bob@example.test'], [18, subject]);

  test('an overlong key is the same wherever it is cut', () => {
    const steps = [up(SERVICE.PING), raw('A'.repeat(90)), down(SERVICE.PING)];
    everySplit(ymsg, steps, (told) => expect(told.anomalies).toEqual(['ymsg_long_key']));
  });

  test.each<[string, Step, string[]]>([
    ['a file name of 600 bytes', up(SERVICE.P2PFILEXFER, [27, 'a'.repeat(600)]), ['ymsg_long_value']],
    ['an id of 300 bytes', down(SERVICE.LOGOFF, [7, 'b'.repeat(300)]), ['ymsg_long_value']],
    [
      'an IMVironment of 300 bytes',
      up(SERVICE.MESSAGE, [5, 'b'], [63, 'c'.repeat(300)]),
      ['ymsg_long_value'],
    ],
    ['a key of 64 bytes', raw(`${'7'.repeat(64)}\xc0\x80x\xc0\x80`), ['ymsg_long_key']],
    ['a key of 64 letters', raw(`1\xc0\x80a\xc0\x80${'A'.repeat(64)}`), ['ymsg_long_key']],
    ['a key of 63 letters', raw(`${'A'.repeat(63)}\xc0\x80x\xc0\x80`), ['ymsg_malformed_body']],
    ['mail that ends within an octal character', mail('plans \\12'), ['ymsg_mail_escape']],
    ['mail that ends within an encoded one', mail('=?iso-8859-1?Q?caf=E'), ['ymsg_mail_escape']],
    ['mail with whole characters', mail('a\\123 =?iso-8859-1?Q?caf=E9'), []],
    ['mail that ends in =', mail('1 + 1 ='), []],
    [
      'a webcam server of 256 bytes',
      down(SERVICE.WEBCAM, [5, 'alice'], [61, 'k'], [102, 'a'.repeat(256)]),
      ['ymsg_webcam_long_server'],
    ],
    [
      'a webcam server of 255 bytes',
      down(SERVICE.WEBCAM, [5, 'alice'], [61, 'k'], [102, 'a'.repeat(255)]),
      [],
    ],
    ['a list of 30 kB', down(SERVICE.LIST, [87, `F:${'b,'.repeat(15_000)}`]), []],
    ['a system message from a client', up(SERVICE.SYSMESSAGE, [14, 'hi']), ['ymsg_wrong_direction']],
    ['a challenge from a client', up(SERVICE.AUTH, [1, 'alice'], [94, 'x']), ['ymsg_wrong_direction']],
    ['an answer from a server', down(SERVICE.AUTHRESP, [1, 'a'], [96, 'x']), ['ymsg_wrong_direction']],
    [
      'two files where three are said',
      up(SERVICE.FILETRANS_15, [265, 'X'], [222, 1], [266, 3], [27, 'a'], [28, 1], [27, 'b'], [28, 1]),
      ['ymsg_wrong_count'],
    ],
    [
      'a negative size',
      up(SERVICE.FILETRANS_15, [265, 'X'], [222, 1], [266, 1], [27, 'a'], [28, '-1']),
      ['ymsg_wrong_count'],
    ],
    [
      'an offer that is right',
      up(SERVICE.FILETRANS_15, [265, 'X'], [222, 1], [266, 1], [27, 'a'], [28, 1]),
      [],
    ],
  ])('%s', (_name, step, anomalies) => {
    expect(run(step).anomalies).toEqual(anomalies);
  });

  test('unknown services and keys are kept by number, never their values, and not too many', () => {
    const told = run(
      up(0x1234, [0, 'alice'], [14, 'S3cret'], [14, 'S3cret']),
      up(0x1234, [0, 'alice']),
      up(SERVICE.PING, [4321, 'S3cret'], [4322, 'S3cret']),
      up(SERVICE.PING, [4321, 'S3cret']),
      ...Array.from({ length: 100 }, (_, i) => up(0x2000 + i)),
    );
    const notices = told.facts.filter(({ kind }) => kind === 'notice');
    expect(notices.slice(0, 3)).toEqual([
      { kind: 'notice', ...head, code: 'unknown-service', evidence: ['service 0x1234', 'keys 0, 14'] },
      { kind: 'notice', ...head, code: 'unknown-key', evidence: ['key 4321 in PING'] },
      { kind: 'notice', ...head, code: 'unknown-key', evidence: ['key 4322 in PING'] },
    ]);
    expect(notices).toHaveLength(16);
    expect(JSON.stringify(told.facts)).not.toContain('S3cret');
  });
});

describe('clients', () => {
  const client = (version: number, ...pairs: build.Pair[]): ImFacts['client'] =>
    runDissector(ymsg, [
      {
        direction: TO_SERVER,
        bytes: build.packet(SERVICE.AUTHRESP, [[0, 'alice'], [6, 'x'], ...pairs], { version }),
      },
    ]).facts.find(({ kind }) => kind === 'client')?.client;

  test('one that speaks a version its text does not fit is not what it says', () => {
    expect(client(9, [135, '10.0.0.1270'])).toMatchObject({
      name: 'not identified',
      raw: '10.0.0.1270',
      masquerade: 'Yahoo! Messenger 10.0.0.1270',
    });
    expect(client(16, [135, '9.0.0.2162'], [244, '2097087'])).toMatchObject({ name: 'not identified' });
    for (const [version, text] of [
      [9, '5, 5, 0, 1246'],
      [12, '6,0,0,1643'],
      [16, '9.0.0.2162'],
      [101, '1.0.0'],
    ] as const) {
      expect(client(version, [135, text])).toMatchObject({ name: 'Yahoo! Messenger' });
    }
  });

  test('libpurple as 8.1 is known by its keys', () => {
    const keys = [1, 0, 277, 278, 307, 244, 2, 2, 135];
    const pairs = keys.map((key): build.Pair => [key, key === 135 ? '8.1.0.421' : '1']);
    const bytes = build.packet(SERVICE.AUTHRESP, pairs, { version: 15 });
    const told = runDissector(ymsg, [{ direction: TO_SERVER, bytes }]);
    expect(told.facts[0]?.client).toMatchObject({
      name: 'libpurple',
      raw: '8.1.0.421',
      masquerade: 'Yahoo! Messenger 8.1',
    });
  });

  test('who signs on as another of its ids', () => {
    const told = run(up(SERVICE.AUTHRESP, [0, 'alice'], [1, 'Alicia'], [6, 'x']));
    expect(told.facts).toContainEqual({
      kind: 'profile',
      ...head,
      from: 'alice',
      profile: { identity: 'alicia', active: true },
    });
  });

  test.each([
    ['libpurple, which begins with 57', [build.auth('alice', { version: 16 })], 'libpurple or OpenYMSG'],
    ['others, which ask for the turn', [build.packet(SERVICE.VERIFY), build.auth('alice')], undefined],
  ])('%s', (_name, packets, expected) => {
    const told = runDissector(ymsg, [
      ...packets.map((bytes): Step => ({ direction: TO_SERVER, bytes })),
      { direction: TO_SERVER, end: true },
      { direction: TO_CLIENT, end: true },
    ]);
    expect(told.facts.at(-1)).toMatchObject({ kind: 'login', auth: { result: 'unknown' } });
    expect(told.facts.at(-1)?.client?.name).toBe(expected);
  });

  test.each([
    [52, 'to be settled on the web site (52)'],
    [99, 'signed on elsewhere (99)'],
  ])('refused with %i', (error, reason) => {
    const told = runDissector(ymsg, [
      { direction: TO_SERVER, bytes: build.auth('alice') },
      { direction: TO_SERVER, bytes: build.answer('alice') },
      { direction: TO_CLIENT, bytes: build.refusal('alice', error) },
    ]);
    expect(told.facts.at(-1)).toMatchObject({ auth: { result: 'failure', reason } });
    expect(STATUS.DISCONNECTED).toBe(0xffffffff);
  });
});
