import { describe, expect, test } from '@jest/globals';
import { runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import {
  bosStart,
  bytes,
  COOKIE,
  END,
  icbmHead,
  icqBlock,
  lnts,
  Sender,
  tlv,
  u16le,
  u32le,
  userInfo,
} from './build.ts';
import type { Part } from './build.ts';
import oscar from './index.ts';
import { SNAC } from './numbers.ts';
import { rtfToText } from './rtf.ts';

const ME = 123456;

function onBos(make: (c: Sender, s: Sender) => Step[]): object[] {
  const c = new Sender(0);
  const s = new Sender(1);
  return runDissector(oscar, [...bosStart(c, s, String(ME)), ...make(c, s), ...END]).facts.slice(1, -1);
}

describe('messages of channel 4', () => {
  const typed = (type: number, text: Part, flags = 0): Uint8Array => {
    const body = bytes(text, [0]);
    return tlv(5, u32le(654321), [type, flags], u16le(body.length), body);
  };
  const received = (s: Sender, type: number, text: Part, flags?: number): Step =>
    s.snac(
      SNAC.ICBM_RECEIVE,
      bytes(icbmHead(COOKIE, 4, '654321'), userInfo('654321').slice(7), typed(type, text, flags)),
    );
  const fields = (...parts: Part[]): Uint8Array =>
    bytes(...parts.flatMap((p, i) => (i === 0 ? [p] : [[0xfe], p])));

  const cases: readonly (readonly [string, number, Part, object])[] = [
    [
      'plain',
      1,
      'hallo',
      { kind: 'message', text: 'hallo', format: 'plain', from: '654321', to: [String(ME)] },
    ],
    ['plain in Latin-1', 1, [0x67, 0x72, 0xfc, 0x6e], { text: 'grün' }],
    [
      'URL',
      4,
      fields('look', 'http://example.test/'),
      { kind: 'message', text: 'look\nhttp://example.test/' },
    ],
    [
      'request for authorisation',
      6,
      fields('Nick', 'First', 'Last', 'e@example.test', '1', 'let me'),
      { kind: 'contact', contact: { op: 'request', id: '654321', name: 'Nick' }, text: 'let me' },
    ],
    ['refusal', 7, 'no', { kind: 'contact', contact: { op: 'deny', id: '654321' }, text: 'no' }],
    ['grant', 8, '', { kind: 'contact', contact: { op: 'accept', id: '654321' } }],
    ['added', 0x0c, fields('Nick', 'First'), { kind: 'notice', code: 'added', from_name: 'Nick' }],
    [
      'web pager',
      0x0d,
      fields('Web Guest', '', '', 'g@example.test', '', 'from the web'),
      { kind: 'message', text: 'from the web', from_name: 'Web Guest' },
    ],
    [
      'RTF',
      1,
      '{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}\\b bold\\b0\\par next}',
      { text: 'bold\nnext', format: 'rtf' },
    ],
    ['plain, several', 0x81, 'x', { text: 'x' }],
  ];
  test.each(cases)('%s', (_name, type, text, expected) => {
    expect(onBos((_c, s) => [received(s, type, text)])).toMatchObject([expected]);
  });

  test('contacts are told one by one', () => {
    const facts = onBos((_c, s) => [received(s, 0x13, fields('2', '111', 'One', '222', 'Two', ''))]);
    expect(facts).toMatchObject([
      { kind: 'contact', contact: { op: 'list', id: '111', name: 'One' }, from: '654321' },
      { kind: 'contact', contact: { op: 'list', id: '222', name: 'Two' } },
    ]);
  });

  test('sent, automatic, unknown', () => {
    const facts = onBos((c, s) => [
      c.snac(SNAC.ICBM_SEND, bytes(icbmHead(COOKIE, 4, '654321'), typed(1, 'out'))),
      received(s, 1, 'gone', 3),
      received(s, 0xe8, 'away?'),
      received(s, 0x1a, 'plug-in'),
    ]);
    expect(facts).toMatchObject([
      { text: 'out', sent: true, to: ['654321'] },
      { text: 'gone', auto: true, sent: false },
    ]);
    expect(facts).toHaveLength(2);
  });
});

describe('family 15', () => {
  const request = (c: Sender, type: number, sequence: number, ...data: Part[]): Step =>
    c.snac(SNAC.ICQ_REQUEST, icqBlock(ME, type, sequence, ...data));
  const meta = (c: Sender, subtype: number, sequence: number, ...data: Part[]): Step =>
    request(c, 0x07d0, sequence, u16le(subtype), ...data);
  const reply = (s: Sender, type: number, sequence: number, ...data: Part[]): Step =>
    s.snac(SNAC.ICQ_REPLY, icqBlock(ME, type, sequence, ...data));
  const answer = (s: Sender, subtype: number, sequence: number, ...data: Part[]): Step =>
    reply(s, 0x07da, sequence, u16le(subtype), [0x0a], ...data);

  test('stored messages', () => {
    const facts = onBos((c, s) => [
      request(c, 0x3c, 1),
      reply(s, 0x41, 1, u32le(654321), u16le(2004), [11, 9, 14, 5], [1, 0], u16le(6), 'later', [0]),
      reply(s, 0x41, 1, u32le(654321), u16le(2004), [11, 9, 14, 5], [1, 0], u16le(60), 'short', [0]),
      reply(s, 0x42, 1, [0]),
    ]);
    expect(facts).toMatchObject([
      {
        kind: 'message',
        text: 'later',
        from: '654321',
        offline: true,
        original_time: '2004-11-09T14:05:00.000000+0000',
      },
    ]);
    expect(facts).toHaveLength(1);
    expect(facts[0]).not.toHaveProperty('message_id');
  });

  test('personal data: whose it is, the question says', () => {
    const work = bytes(
      lnts('Ulm'),
      lnts(''),
      lnts(''),
      lnts(''),
      lnts(''),
      lnts(''),
      u16le(49),
      lnts('Beispiel'),
      lnts('Versand'),
      lnts(''),
      u16le(0),
      lnts('http://w.test'),
    );
    const facts = onBos((c, s) => [
      meta(c, 0x04b2, 8, u32le(600602)),
      answer(
        s,
        0x00c8,
        8,
        lnts('Hanne'),
        lnts('Johanna'),
        lnts(''),
        lnts('h@example.test'),
        ...Array.from({ length: 7 }, () => lnts('')),
      ),
      answer(s, 0x00dc, 8, u16le(42), [1], lnts(''), u16le(1984), [5, 17]),
      answer(s, 0x00d2, 8, work),
      answer(s, 0x00e6, 8, lnts('rides')),
      answer(s, 0x00e6, 8, lnts('')),
      answer(s, 0x0104, 99, lnts('Nobody'), lnts(''), lnts(''), lnts('')),
      reply(s, 0x07da, 8, u16le(0x00e6), [0x14], lnts('failed')),
    ]);
    expect(facts).toMatchObject([
      { kind: 'search', query: '600602' },
      {
        kind: 'profile',
        from: '600602',
        profile: { nick: 'Hanne', first_name: 'Johanna', email: 'h@example.test' },
      },
      { profile: { age: 42, gender: 'female', birthday: '1984-05-17' } },
      {
        profile: {
          work_city: 'Ulm',
          company: 'Beispiel',
          department: 'Versand',
          work_homepage: 'http://w.test',
        },
      },
      { profile: { about: 'rides' } },
      { profile: { nick: 'Nobody' } },
    ]);
    expect(facts).toHaveLength(6);
    expect(facts[5]).not.toHaveProperty('from');
  });

  test('searches', () => {
    const tlvLe = (type: number, value: Part): Uint8Array =>
      bytes(u16le(type), u16le(bytes(value).length), value);
    const facts = onBos((c, s) => [
      meta(c, 0x0515, 1, lnts('Hanna'), lnts('Quist'), lnts('')),
      meta(c, 0x051f, 2, u32le(654321)),
      meta(c, 0x0529, 3, lnts('hq@example.test')),
      meta(c, 0x0569, 4, tlvLe(0x0136, u32le(777))),
      meta(c, 0x0573, 5, tlvLe(0x015e, lnts('x@example.test'))),
      meta(c, 0x0515, 6, lnts(''), lnts(''), lnts('')),
      answer(s, 0x01ae, 1, u16le(40), u32le(888), lnts('Nick'), lnts(''), lnts(''), lnts('')),
    ]);
    expect(facts).toMatchObject([
      { kind: 'search', query: 'Hanna Quist' },
      { query: '654321' },
      { query: 'hq@example.test' },
      { query: '777' },
      { query: 'x@example.test' },
      { kind: 'profile', from: '888', profile: { nick: 'Nick' } },
    ]);
    expect(facts).toHaveLength(6);
  });

  test('SMS', () => {
    const sms = (xml: string): Uint8Array => bytes(new Uint8Array(6), xml, [0]);
    const facts = onBos((c) => [
      meta(
        c,
        0x1482,
        1,
        sms(
          '<icq_sms_message><destination>+491701234567</destination><text>bin gleich da &amp; so</text></icq_sms_message>',
        ),
      ),
      meta(c, 0x1482, 2, sms('<icq_sms_message><destination>+49170</destination><text>never closed')),
    ]);
    expect(facts).toMatchObject([
      { kind: 'message', to: ['+491701234567'], text: 'bin gleich da & so', sent: true, from: String(ME) },
    ]);
    expect(facts).toHaveLength(1);
  });

  test('a new password passes in clear', () => {
    const facts = onBos((c) => [
      meta(c, 0x042e, 1, lnts('hunter22')),
      meta(c, 0x04c4, 2, u32le(ME), lnts('hunter22')),
    ]);
    expect(facts).toMatchObject([
      { kind: 'account', op: 'change-password', auth: { exposed: 'password' } },
      { kind: 'account', op: 'delete', auth: { exposed: 'password' } },
    ]);
    expect(JSON.stringify(facts)).not.toContain('hunter');
  });

  test('in the middle of a session it tells whose session it is', () => {
    const c = new Sender(0);
    const told = runDissector(oscar, [request(c, 0x3c, 1), c.signOff()], { midstream: true });
    expect(told.facts).toEqual([]);
    const more = runDissector(
      oscar,
      [request(c, 0x3c, 1), c.snac(SNAC.OSERVICE_SET_STATUS, tlv(6, [0, 0, 0, 1]))],
      { midstream: true },
    );
    expect(more.facts).toMatchObject([{ kind: 'presence', service: 'icq', account: String(ME) }]);
  });
});

test.each([
  ['{\\rtf1 plain}', 'plain'],
  ["{\\rtf1 gr\\'fcn \\{x\\} a\\~b}", 'grün {x} a b'],
  ['{\\rtf1 \\u1087?\\u1088?}', 'пр'],
  ['{\\rtf1 \\u-10179?\\u-8704?}', '😀'],
  ['{\\rtf1 \\u-10179?x}', '\ufffdx'],
  ['{\\rtf1{\\*\\generator Riched20;}{\\colortbl;\\red0;}text\\line more}', 'text\nmore'],
  ['{\\rtf1 broken \\', 'broken'],
  ['{\\rtf1 }}}}after', 'after'],
])('RTF %j reads %j', (rtf, text) => {
  expect(rtfToText(rtf)).toBe(text);
});
