import { describe, expect, test } from '@jest/globals';
import { runDissector } from '../../src/sdk/testing.ts';
import type { Step, Told } from '../../src/sdk/testing.ts';
import { bosStart, bytes, END, item, name, Sender, tlv, u16, u32, userInfo } from './build.ts';
import oscar from './index.ts';
import { SNAC } from './numbers.ts';

function told(make: (c: Sender, s: Sender) => Step[], account = 'me'): Told {
  const c = new Sender(0);
  const s = new Sender(1);
  return runDissector(oscar, [...bosStart(c, s, account), ...make(c, s), ...END]);
}

function onBos(make: (c: Sender, s: Sender) => Step[], account = 'me'): object[] {
  return told(make, account).facts.slice(1, -1);
}

describe('presence', () => {
  const arrived = (s: Sender, ...tlvs: Uint8Array[]): Step =>
    s.snac(SNAC.BUDDY_ARRIVED, userInfo('Paper Kite', ...tlvs));

  test('of contacts: each change once', () => {
    const text = bytes(u16(6), 'coffee', u16(0));
    const facts = onBos((_c, s) => [
      arrived(s, tlv(1, u16(0x11))),
      arrived(s, tlv(1, u16(0x11))),
      arrived(s, tlv(1, u16(0x31))),
      arrived(s, tlv(1, u16(0x31)), tlv(0x1d, u16(1), [0, 1, 9], u16(2), [4, text.length], text)),
      s.snac(SNAC.BUDDY_DEPARTED, bytes(name('paperkite'), u16(0), u16(1), tlv(1, u16(0)))),
      s.snac(SNAC.BUDDY_ARRIVED, bytes(userInfo('a'), userInfo('b'))),
    ]);
    expect(facts).toMatchObject([
      {
        kind: 'presence',
        from: 'paperkite',
        from_name: 'Paper Kite',
        to: ['me'],
        status: { show: 'online' },
      },
      { status: { show: 'away' } },
      { status: { show: 'away', text: 'coffee' } },
      { from: 'paperkite', status: { show: 'offline' } },
      { from: 'a', status: { show: 'online' } },
      { from: 'b', status: { show: 'online' } },
    ]);
  });

  test.each([
    [0x10020000, 'online'],
    [0x0001, 'away'],
    [0x0013, 'dnd'],
    [0x0005, 'na'],
    [0x0011, 'occupied'],
    [0x0020, 'chat'],
    [0x0100, 'invisible'],
  ])('ICQ status word %i is %s', (word, show) => {
    expect(onBos((_c, s) => [arrived(s, tlv(6, u32(word)))])).toMatchObject([{ status: { show } }]);
  });

  test('own', () => {
    const facts = onBos((c) => [
      c.snac(SNAC.OSERVICE_SET_STATUS, tlv(6, u32(0x10020000))),
      c.snac(SNAC.LOCATE_SET_INFO, tlv(4)),
      c.snac(
        SNAC.LOCATE_SET_INFO,
        bytes(tlv(3, 'text/aolrtf; charset="us-ascii"'), tlv(4, '<HTML>Out &amp; about</HTML>')),
      ),
      c.snac(SNAC.OSERVICE_IDLE, u32(600)),
      c.snac(SNAC.OSERVICE_IDLE, u32(0)),
    ]);
    expect(facts).toMatchObject([
      { kind: 'presence', from: 'me', sent: true, status: { show: 'online' } },
      { status: { show: 'away', text: 'Out & about' } },
      { status: { show: 'idle' } },
    ]);
    expect(facts).toHaveLength(3);
  });

  test('profiles, own and of others', () => {
    const mime = 'text/aolrtf; charset="us-ascii"';
    const facts = onBos((c, s) => [
      c.snac(SNAC.LOCATE_SET_INFO, bytes(tlv(1, mime), tlv(2, '<b>Me</b>'))),
      s.snac(
        SNAC.LOCATE_USER_INFO,
        bytes(userInfo('Dusk Runner'), tlv(1, mime), tlv(2, 'runs'), tlv(3, mime), tlv(4, 'swims')),
      ),
      s.snac(SNAC.LOCATE_USER_INFO, userInfo('Dusk Runner')),
    ]);
    expect(facts).toMatchObject([
      { kind: 'profile', from: 'me', profile: { text: 'Me' } },
      { kind: 'profile', from: 'duskrunner', profile: { text: 'runs', away: 'swims' } },
    ]);
    expect(facts).toHaveLength(2);
  });
});

describe('contacts', () => {
  test('the stored list, in parts; groups may come behind their buddies', () => {
    const list = (...items: Uint8Array[]): Uint8Array => bytes([0], u16(items.length), ...items, u32(0));
    const facts = onBos((_c, s) => [
      s.snac(
        SNAC.FEEDBAG_LIST,
        list(item('Stone Bridge', 7, 1, 0, tlv(0x131, 'Stony')), item('Choir', 7, 0, 1)),
        { flags: 1 },
      ),
      s.snac(
        SNAC.FEEDBAG_LIST,
        list(item('redbarn', 7, 2, 0), item('pest', 0, 3, 3), item('', 0, 4, 5), item('ghost', 9, 5, 0)),
      ),
    ]);
    expect(facts).toMatchObject([
      { kind: 'contact', contact: { op: 'list', id: 'stonebridge', name: 'Stony', groups: ['Choir'] } },
      { contact: { op: 'list', id: 'redbarn', groups: ['Choir'] } },
      { contact: { op: 'block', id: 'pest' } },
      { contact: { op: 'list', id: 'ghost' } },
    ]);
    expect(facts[3]).not.toHaveProperty('contact.groups');
  });

  test('changes and their refusal', () => {
    const facts = onBos((c, s) => [
      c.snac(SNAC.FEEDBAG_ADD, bytes(item('Choir', 7, 0, 1), item('New One', 7, 1, 0))),
      c.snac(SNAC.FEEDBAG_UPDATE, item('New One', 7, 1, 0, tlv(0x131, 'Newt'))),
      c.snac(SNAC.FEEDBAG_DELETE, item('New One', 7, 1, 0)),
      c.snac(SNAC.FEEDBAG_ADD, item('pest', 0, 3, 3)),
      c.snac(SNAC.FEEDBAG_DELETE, item('pest', 0, 3, 3)),
      s.snac(SNAC.FEEDBAG_STATUS, bytes(u16(0), u16(0x0e))),
    ]);
    expect(facts).toMatchObject([
      { contact: { op: 'add', id: 'newone', groups: ['Choir'] } },
      { contact: { op: 'list', id: 'newone', name: 'Newt' } },
      { contact: { op: 'remove', id: 'newone' } },
      { contact: { op: 'block', id: 'pest' } },
      { contact: { op: 'unblock', id: 'pest' } },
      { kind: 'notice', text: 'contact list change refused: authorisation needed', code: 14 },
    ]);
  });

  test('lists of old clients, block lists', () => {
    const facts = onBos((c) => [
      c.snac(SNAC.BUDDY_ADD, bytes(name('A b'), name('c'))),
      c.snac(SNAC.OSERVICE_CLIENT_ONLINE, u16(1)),
      c.snac(SNAC.BUDDY_ADD, name('d')),
      c.snac(SNAC.BUDDY_REMOVE, name('d')),
      c.snac(SNAC.DENY_ADD, name('e')),
      c.snac(SNAC.DENY_REMOVE, name('e')),
    ]);
    expect(facts.map((f) => (f as { contact: object }).contact)).toEqual([
      { op: 'list', id: 'ab' },
      { op: 'list', id: 'c' },
      { op: 'add', id: 'd' },
      { op: 'remove', id: 'd' },
      { op: 'block', id: 'e' },
      { op: 'unblock', id: 'e' },
    ]);
  });

  test('authorisation', () => {
    const text = (t: string): Uint8Array => bytes(u16(t.length), t, u16(0));
    const facts = onBos(
      (c, s) => [
        c.snac(SNAC.FEEDBAG_REQUEST, bytes(name('222'), text('please'))),
        s.snac(SNAC.FEEDBAG_ANSWERED, bytes(name('222'), [1], text(''))),
        s.snac(SNAC.FEEDBAG_REQUESTED, bytes(name('333'), text('hi'))),
        c.snac(SNAC.FEEDBAG_ANSWER, bytes(name('333'), [0], text('no'))),
        s.snac(SNAC.FEEDBAG_PRE_AUTHORIZED, bytes(name('444'), text(''))),
        s.snac(SNAC.FEEDBAG_YOU_WERE_ADDED, name('555')),
      ],
      '111',
    );
    expect(facts).toMatchObject([
      { contact: { op: 'request', id: '222' }, from: '111', to: ['222'], text: 'please' },
      { contact: { op: 'accept', id: '222' }, from: '222', to: ['111'] },
      { contact: { op: 'request', id: '333' }, from: '333', text: 'hi' },
      { contact: { op: 'deny', id: '333' }, from: '111', text: 'no' },
      { contact: { op: 'accept', id: '444' } },
      { kind: 'notice', code: 'added', from: '555' },
    ]);
  });
});

describe('directory', () => {
  test('searches and what is found', () => {
    const entry = bytes(u16(3), tlv(1, 'Hanna'), tlv(2, 'Quist'), tlv(9, 'Quiet Harbor'));
    const facts = onBos((c, s) => [
      c.snac(
        SNAC.ODIR_SEARCH,
        bytes(tlv(0x1c, 'us-ascii'), tlv(0x0a, u16(0)), tlv(1, 'Hanna'), tlv(2, 'Quist')),
      ),
      s.snac(SNAC.ODIR_REPLY, bytes(u16(5), u16(0), u16(1), entry)),
      c.snac(SNAC.LOOKUP_BY_EMAIL, 'hq@example.test', { requestId: 9 }),
      s.snac(SNAC.LOOKUP_REPLY, bytes(tlv(1, 'quietharbor'), tlv(1, 'Second One')), { requestId: 9 }),
      s.snac(SNAC.LOOKUP_REPLY, tlv(1, 'unasked'), { requestId: 10 }),
      c.snac(SNAC.LOCATE_GET_DIRECTORY, name('Quiet Harbor'), { requestId: 11 }),
      s.snac(SNAC.LOCATE_DIRECTORY, bytes(u16(1), u16(1), tlv(8, 'Portland')), { requestId: 11 }),
      c.snac(SNAC.LOCATE_SET_DIRECTORY, bytes(tlv(1, 'My'), tlv(2, 'Self'))),
      c.snac(SNAC.INVITE_FRIEND, bytes(tlv(0x11, 'friend@example.test'), tlv(0x15, 'come and join'))),
    ]);
    expect(facts).toMatchObject([
      { kind: 'search', query: 'first_name: Hanna, last_name: Quist' },
      { kind: 'profile', from: 'quietharbor', profile: { first_name: 'Hanna', last_name: 'Quist' } },
      { kind: 'search', query: 'hq@example.test' },
      { kind: 'profile', from: 'quietharbor', profile: { email: 'hq@example.test' } },
      { kind: 'profile', from: 'secondone', profile: { email: 'hq@example.test' } },
      { kind: 'search', query: 'quietharbor' },
      { kind: 'profile', from: 'quietharbor', profile: { city: 'Portland' } },
      { kind: 'profile', from: 'me', profile: { first_name: 'My', last_name: 'Self' } },
      { kind: 'contact', contact: { op: 'request', id: 'friend@example.test' }, text: 'come and join' },
    ]);
  });
});

test('icons that are put and fetched are carved, and verified where their name is their MD5', () => {
  const md5 = Array.from({ length: 16 }, (_, i) => i);
  const id = bytes(u16(1), [1, 16], md5);
  const none = bytes(u16(1), [0, 5, 2, 1, 0xd2, 4, 0x72]);
  const { facts, files } = told((c, s) => [
    c.snac(SNAC.BART_UPLOAD, bytes(u16(1), u16(3), 'PNG')),
    s.snac(SNAC.BART_DOWNLOADED, bytes(name('Quiet Harbor'), id, u16(4), 'icon')),
    s.snac(SNAC.BART_DOWNLOADED, bytes(name('Quiet Harbor'), none, u16(4), 'none')),
    s.snac(SNAC.BART_DOWNLOADED_BEST, bytes(name('a'), none, [0], bytes(u16(9), [0, 1, 7]), u16(2), 'hi')),
    s.snac(SNAC.BART_DOWNLOADED_BEST, bytes(name('a'), none, [2], none, u16(0))),
    s.snac(SNAC.BART_DOWNLOADED, bytes(name('a'), id, u16(5), 'icon')),
  ]);
  const hash = '000102030405060708090a0b0c0d0e0f';
  expect(facts.slice(1, -1)).toMatchObject([
    {
      kind: 'file',
      sent: true,
      from: 'me',
      file: { name: 'buddy icon', size: 3, method: 'bart', state: 'complete' },
    },
    { kind: 'file', sent: false, from: 'quietharbor', to: ['me'], file: { name: 'buddy icon', hash } },
    { kind: 'file', sent: false, from: 'a', file: { name: 'item of type 9', size: 2 } },
  ]);
  expect(files).toMatchObject([
    { text: 'PNG', target: { from: 'me' }, how: { complete: true } },
    { text: 'icon', target: { from: 'quietharbor', digest: { algorithm: 'md5', value: hash } } },
    { text: 'hi' },
  ]);
  expect(files[2]?.target.digest).toBeUndefined();
});

test('what servers say', () => {
  const facts = onBos((_c, s) => [
    s.snac(SNAC.OSERVICE_MOTD, bytes(u16(4), tlv(0x0b, 'Welcome'))),
    s.snac(SNAC.OSERVICE_MOTD, u16(4)),
    s.snac(SNAC.OSERVICE_RATE_CHANGE, bytes(u16(3), u32(0))),
    s.snac(SNAC.OSERVICE_RATE_CHANGE, bytes(u16(1), u32(0))),
    s.snac(SNAC.POPUP_DISPLAY, bytes(tlv(1, 'You have mail'), tlv(2, 'http://mail.example.test'))),
  ]);
  expect(facts).toMatchObject([
    { kind: 'notice', text: 'Welcome', code: 'motd' },
    { kind: 'notice', text: 'rate limited: sending too fast', code: 3 },
    { kind: 'notice', text: 'You have mail\nhttp://mail.example.test', code: 'popup' },
  ]);
  expect(facts).toHaveLength(3);
});
