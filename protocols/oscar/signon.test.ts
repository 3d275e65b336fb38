import { describe, expect, test } from '@jest/globals';
import { runDissector } from '../../src/sdk/testing.ts';
import type { Step, Told } from '../../src/sdk/testing.ts';
import { bosStart, bytes, clientTLVs, END, roasted, Sender, tlv, u16, u32, userInfo } from './build.ts';
import oscar from './index.ts';
import { ROAST, SNAC } from './numbers.ts';

const PASSWORD = 'seaweed7';
const HASH = Uint8Array.from({ length: 16 }, (_, i) => 200 + i);
const WINAIM = clientTLVs('AOL Instant Messenger, version 5.1.3036/WIN32', 0x0109, [5, 1, 0, 3036], 210);

const kinds = (told: Told, ...wanted: string[]): object[] =>
  told.facts.filter((f) => wanted.includes(f.kind));
const run = (...steps: Step[]): Told => runDissector(oscar, [...steps, ...END]);

function roastedSignOn(c: Sender, account: string, table?: readonly number[]): Step {
  return c.signOn(tlv(1, account), tlv(2, roasted(PASSWORD, table)), WINAIM);
}

function md5(c: Sender, s: Sender, account: string, ...answer: Uint8Array[]): Step[] {
  return [
    s.signOn(),
    c.signOn(),
    c.snac(SNAC.BUCP_KEY_REQUEST, bytes(tlv(1, account), tlv(0x4b), tlv(0x5a))),
    s.snac(0x00170007, bytes(u16(3), 'key')),
    c.snac(SNAC.BUCP_LOGIN, bytes(tlv(1, account), tlv(0x25, HASH), tlv(0x4c), WINAIM)),
    s.snac(SNAC.BUCP_LOGIN_REPLY, bytes(tlv(1, account), ...answer)),
    s.signOff(),
  ];
}

const accepted = [tlv(5, '192.0.2.9:5190'), tlv(6, 'the cookie'), tlv(0x11, 'kettle@example.test')];

describe('roasted', () => {
  test('accepted on channel 4', () => {
    const told = run(
      new Sender(1).signOn(),
      roastedSignOn(new Sender(0), 'Copper Kettle'),
      new Sender(1).signOff(tlv(1, 'Copper Kettle'), ...accepted),
    );
    expect(kinds(told, 'login')).toEqual([
      {
        kind: 'login',
        service: 'aim',
        account: 'copperkettle',
        auth: { mechanism: 'roasted', result: 'success', exposed: 'password' },
        client: expect.objectContaining({ name: 'AIM', version: '5.1.3036', os: 'Windows' }),
      },
    ]);
    expect(told.issued).toEqual([{ realm: 'oscar-cookie', token: 'the cookie', account: 'copperkettle' }]);
    expect(kinds(told, 'profile')).toMatchObject([
      { from: 'copperkettle', profile: { email: 'kettle@example.test' } },
    ]);
    expect(kinds(told, 'logout')).toEqual([]);
    expect(JSON.stringify(told.facts)).not.toMatch(/seaweed|cookie/);
  });

  test.each([
    [0x05, 'incorrect password (code 5)'],
    [0x08, 'deleted account (code 8)'],
    [0x7f, 'refused (code 127)'],
  ])('refused with code %i', (code, reason) => {
    const told = run(
      roastedSignOn(new Sender(0), '100200302'),
      new Sender(1).signOff(tlv(1, '100200302'), tlv(8, u16(code))),
    );
    expect(kinds(told, 'login')).toMatchObject([
      {
        service: 'icq',
        account: '100200302',
        auth: { mechanism: 'roasted', result: 'failure', reason, exposed: 'password' },
      },
    ]);
    expect(told.issued).toEqual([]);
  });

  test('with the table of AIM for Java', () => {
    const told = run(roastedSignOn(new Sender(0), 'javabean', ROAST.JAVA));
    expect(kinds(told, 'login')).toMatchObject([
      { auth: { mechanism: 'roasted-java', result: 'unknown', exposed: 'password' } },
    ]);
  });

  test('only the answer is in the capture', () => {
    const told = run(new Sender(1).signOn(), new Sender(1).signOff(tlv(1, 'amberglow'), ...accepted));
    expect(kinds(told, 'login')).toEqual([
      {
        kind: 'login',
        service: 'aim',
        account: 'amberglow',
        auth: { mechanism: 'roasted', result: 'success' },
      },
    ]);
  });
});

describe('BUCP', () => {
  test('accepted: one login, the hash exposed and not shown', () => {
    const told = run(...md5(new Sender(0), new Sender(1), 'northwind88', ...accepted));
    expect(kinds(told, 'login')).toMatchObject([
      { account: 'northwind88', auth: { mechanism: 'md5', result: 'success', exposed: 'hash' } },
    ]);
    expect(kinds(told, 'client')).toMatchObject([
      { client: { name: 'AIM', raw: 'AOL Instant Messenger, version 5.1.3036/WIN32' } },
    ]);
    expect(told.issued).toHaveLength(1);
    expect(JSON.stringify(told.facts)).not.toContain('the cookie');
  });

  test('refused', () => {
    const told = run(...md5(new Sender(0), new Sender(1), 'larkspur4', tlv(8, u16(5))));
    expect(kinds(told, 'login')).toMatchObject([
      {
        auth: { mechanism: 'md5', result: 'failure', reason: 'incorrect password (code 5)', exposed: 'hash' },
      },
    ]);
  });

  test('an unknown name is refused before a hash was sent', () => {
    const c = new Sender(0);
    const s = new Sender(1);
    const told = run(
      c.signOn(),
      c.snac(SNAC.BUCP_KEY_REQUEST, tlv(1, 'nosuchperson77')),
      s.snac(SNAC.BUCP_LOGIN_REPLY, tlv(8, u16(1))),
    );
    expect(kinds(told, 'login')).toEqual([
      {
        kind: 'login',
        service: 'aim',
        account: 'nosuchperson77',
        auth: { mechanism: 'md5', result: 'failure', reason: 'invalid screen name or password (code 1)' },
      },
    ]);
  });

  test('without an answer the outcome is unknown', () => {
    const told = run(...md5(new Sender(0), new Sender(1), 'larkspur4').slice(0, 5));
    expect(kinds(told, 'login')).toMatchObject([{ auth: { result: 'unknown', exposed: 'hash' } }]);
  });

  test('two attempts on one connection are two logins', () => {
    const c = new Sender(0);
    const s = new Sender(1);
    const first = md5(c, s, 'larkspur4', tlv(8, u16(5))).slice(0, 6);
    const second = md5(c, s, 'larkspur4', ...accepted).slice(2);
    const results = kinds(run(...first, ...second), 'login');
    expect(results).toMatchObject([{ auth: { result: 'failure' } }, { auth: { result: 'success' } }]);
  });

  test('an answer that comes twice is told once', () => {
    const s = new Sender(1);
    const told = run(
      ...md5(new Sender(0), s, 'larkspur4', ...accepted),
      s.snac(SNAC.BUCP_LOGIN_REPLY, bytes(tlv(1, 'larkspur4'), ...accepted)),
    );
    expect(kinds(told, 'login')).toHaveLength(1);
  });
});

describe('BOS', () => {
  test('a cookie alone: a login where the own name is told', () => {
    const c = new Sender(0);
    const s = new Sender(1);
    const told = run(
      s.signOn(),
      c.signOn(tlv(6, 'secret cookie'), tlv(3, 'Adium/1.5.10')),
      s.snac(SNAC.OSERVICE_HOST_ONLINE, bytes(u16(1), u16(4))),
      s.snac(SNAC.OSERVICE_USER_INFO, userInfo('157901844')),
      s.snac(SNAC.OSERVICE_USER_INFO, userInfo('157901844')),
      c.signOff(),
    );
    expect(told.presented).toEqual([{ realm: 'oscar-cookie', token: 'secret cookie' }]);
    expect(told.facts).toEqual([
      expect.objectContaining({
        kind: 'client',
        service: 'icq',
        client: expect.objectContaining({ name: 'Adium' }),
      }),
      expect.objectContaining({
        kind: 'login',
        auth: { mechanism: 'cookie', result: 'success', exposed: 'token' },
      }),
      { kind: 'logout', service: 'icq', account: '157901844', reason: 'signed off' },
    ]);
    expect(JSON.stringify(told.facts)).not.toContain('secret');
  });

  test('a service shows its cookie and is no login, nor is its end a logout', () => {
    const c = new Sender(0);
    const s = new Sender(1);
    const told = run(
      s.signOn(),
      c.signOn(tlv(6, 'c')),
      s.snac(SNAC.OSERVICE_HOST_ONLINE, bytes(u16(1), u16(0x10))),
      s.snac(SNAC.OSERVICE_USER_INFO, userInfo('someone')),
      c.signOff(),
    );
    expect(told.facts).toEqual([]);
    expect(told.presented).toHaveLength(1);
  });

  test('cookies for other connections are issued', () => {
    const c = new Sender(0);
    const s = new Sender(1);
    const told = run(
      ...bosStart(c, s, 'FogHorn'),
      s.snac(
        SNAC.OSERVICE_SERVICE_RESPONSE,
        bytes(tlv(0x0d, u16(0x0e)), tlv(5, '192.0.2.9:5190'), tlv(6, 'room cookie')),
      ),
      s.snac(SNAC.OSERVICE_MIGRATE, bytes(u16(1), u16(4), tlv(5, '192.0.2.9'), tlv(6, 'next cookie'))),
    );
    expect(told.issued.map((i) => [i.token, i.account])).toEqual([
      ['room cookie', 'foghorn'],
      ['next cookie', 'foghorn'],
    ]);
  });

  const ends: readonly (readonly [string, (c: Sender, s: Sender) => Step[]])[] = [
    ['signed off', (c) => [c.signOff()]],
    ['signed on elsewhere', (c, s) => [s.signOff(tlv(9, [1]), tlv(0x0b, 'http://x.test')), c.signOff()]],
    ['signed on elsewhere', (_c, s) => [s.signOff(tlv(9, u16(1)))]],
    ['disconnected by the server (code 2)', (_c, s) => [s.signOff(tlv(9, u16(2)))]],
    ['disconnected by the server', (_c, s) => [{ direction: 1, bytes: s.signOff().bytes.slice(0, 4) }]],
    ['connection closed', () => []],
  ];
  test.each(ends)('the end: %s', (reason, last) => {
    const c = new Sender(0);
    const s = new Sender(1);
    const told = run(...bosStart(c, s, 'windmill40'), ...last(c, s));
    expect(kinds(told, 'logout')).toEqual([
      { kind: 'logout', service: 'aim', account: 'windmill40', reason },
    ]);
  });
});

describe('clients', () => {
  const cases: readonly (readonly [Uint8Array, object])[] = [
    [
      clientTLVs('ICQ Inc. - Product of ICQ (TM).2001b.5.18.1.3659.85', 0x010a, [5, 18, 1, 3659], 85),
      { name: 'ICQ', version: '2001b.5.18.1.3659.85' },
    ],
    [
      clientTLVs('AOL Instant Messenger (SM)', 0x1d09, [1, 1, 1, 112], 139),
      { name: 'AIM for Linux', version: '1.1.1.112', os: 'Linux' },
    ],
    [
      clientTLVs('AOL Instant Messenger (TM) version 1.1.19 for Java built 03/24/98, Linus', 1, [1, 1], 0),
      { name: 'AIM for Java', version: '1.1.19', os: 'Linux' },
    ],
    [clientTLVs('Purple/2.12.1', 0x0109, [5, 1, 0, 3036], 0x611), { name: 'libpurple', version: '2.12.1' }],
    [
      clientTLVs('AOL Instant Messenger, version 5.9.6089/WIN32', 0x0109, [5, 9, 0, 6089], 0x611),
      { name: 'libpurple', masquerade: 'AIM 5.9.6089' },
    ],
    [
      bytes(tlv(0x16, u16(0x010a)), tlv(0x17, u16(6))),
      { name: 'ICQ', version: '6.0.0.0', raw: 'client id 266' },
    ],
    [
      tlv(3, 'Some client'),
      { name: 'Some client', raw: 'Some client', evidence: ['TLV 0x03 client string'] },
    ],
  ];
  test.each(cases)('%#', (tlvs, client) => {
    const told = run(new Sender(0).signOn(tlv(1, 'x'), tlv(2, roasted('y')), tlvs));
    expect(kinds(told, 'client')).toMatchObject([{ client }]);
  });

  test('Miranda names itself in a capability', () => {
    const c = new Sender(0);
    const told = run(
      ...bosStart(c, new Sender(1), '12345'),
      c.snac(SNAC.LOCATE_SET_INFO, tlv(5, u32(0), u32(0), u32(0), u32(0), 'MirandaM', u32(1), u32(2))),
    );
    expect(kinds(told, 'client')).toMatchObject([{ client: { name: 'Miranda' } }]);
  });
});

test('a registration and a change of password show that the password passed, not which', () => {
  const c = new Sender(0);
  const s = new Sender(1);
  const told = run(
    ...bosStart(c, s, 'evensong'),
    c.snac(SNAC.BUCP_REGISTER, bytes(tlv(1, 'hunter22'))),
    c.snac(SNAC.ADMIN_CHANGE, bytes(tlv(2, 'newsecret'), tlv(0x12, 'oldsecret'))),
    s.snac(SNAC.ADMIN_CHANGE_REPLY, bytes(u16(3), u16(1), tlv(8, u16(0x0b)))),
    c.snac(SNAC.ADMIN_CHANGE, tlv(2, 'newsecret')),
    s.snac(SNAC.ADMIN_CHANGE_REPLY, bytes(u16(3), u16(0))),
    c.snac(SNAC.ADMIN_CHANGE, tlv(0x11, 'e@example.test')),
    c.snac(SNAC.ADMIN_CHANGE, tlv(1, 'Even Song')),
  );
  expect(kinds(told, 'account')).toMatchObject([
    { op: 'register', auth: { exposed: 'password' } },
    { op: 'change-password', reason: 'refused (code 11)', auth: { result: 'failure', exposed: 'password' } },
    { op: 'change-password', auth: { result: 'success', exposed: 'password' } },
    { op: 'change-email', profile: { email: 'e@example.test' } },
    { op: 'format-name', profile: { name: 'Even Song' } },
  ]);
  expect(JSON.stringify(told.facts)).not.toMatch(/secret|hunter/);
});
