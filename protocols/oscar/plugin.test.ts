import { describe, expect, test } from '@jest/globals';
import { runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import {
  bosStart,
  bytes,
  COOKIE,
  END,
  fragments,
  icbmHead,
  icqBlock,
  lnts,
  rendezvous,
  Sender,
  tlv,
  u16,
  u16le,
  u32le,
  userInfo,
} from './build.ts';
import type { Part } from './build.ts';
import { CAPABILITY } from './capabilities.ts';
import { codePageOf, decodeCodePage } from './codepage.ts';
import oscar from './index.ts';
import { SNAC } from './numbers.ts';
import { rtfToText } from './rtf.ts';

const PEER = '654321';

function onBos(make: (c: Sender, s: Sender) => Step[], ...signOn: Uint8Array[]): object[] {
  const c = new Sender(0);
  const s = new Sender(1);
  const steps = bosStart(c, s, '123456');
  if (signOn.length > 0) steps[1] = new Sender(0).signOn(tlv(6, 'cookie bytes'), ...signOn);
  return runDissector(oscar, [...steps, ...make(c, s), ...END]).facts.filter(
    (f) => !['login', 'logout', 'client'].includes(f.kind),
  );
}

const relayed = (type: number, text: Part, ...rest: Part[]): Uint8Array => {
  const body = bytes(text, [0]);
  const first = bytes(u16le(9), new Uint8Array(16), u16le(0), u32le(3), [0], u16le(0xffff));
  const second = bytes(u16le(0xffff), new Uint8Array(12));
  return bytes(
    u16le(first.length),
    first,
    u16le(second.length),
    second,
    [type, 0],
    u16(0),
    u16le(1),
    u16le(body.length),
    body,
    ...rest,
  );
};

const plugin = (name: string, data: Part): Uint8Array => {
  const text = bytes(data);
  const header = bytes(new Uint8Array(16), u16le(0), u32le(name.length), name, new Uint8Array(15));
  return bytes(u16le(header.length), header, u32le(text.length + 4), u32le(text.length), text);
};

const received = (s: Sender, data: Uint8Array): Step =>
  s.snac(
    SNAC.ICBM_RECEIVE,
    bytes(
      icbmHead(COOKIE, 2, PEER),
      userInfo(PEER).slice(7),
      rendezvous(0, COOKIE, CAPABILITY.ICQ_RELAY, tlv(0x2711, data)),
    ),
  );

const answered = (s: Sender, data: Uint8Array): Step =>
  s.snac(SNAC.ICBM_CLIENT_EVENT, bytes(icbmHead(COOKIE, 2, PEER), u16(3), data));

describe("plug-ins in ICQ's relay and on channel 4", () => {
  const sms =
    '<sms_message><source>ICQ</source><sender>+15550123</sender><text>on my way &amp; late</text></sms_message>';

  test.each([
    [
      'contacts',
      plugin('Send / Request Contacts', bytes('1', [0xfe], '777', [0xfe], 'Lucky', [0xfe])),
      { kind: 'contact', contact: { op: 'list', id: '777', name: 'Lucky' } },
    ],
    [
      'a page',
      plugin('Send Web Page Address (URL)', bytes('look', [0xfe], 'http://example.test/')),
      { kind: 'message', text: 'look\nhttp://example.test/' },
    ],
    ['a chat', plugin('ICQ Chat', 'come in'), { kind: 'call', call: { media: 'chat', state: 'invite' } }],
    ['a file', plugin('File Transfer', 'a.txt'), { kind: 'call', call: { media: 'file', state: 'invite' } }],
    [
      'a short message',
      plugin('ICQSMS', sms),
      { kind: 'message', from: '+15550123', text: 'on my way & late' },
    ],
  ])('%s', (_name, data, expected) => {
    const facts = onBos((_c, s) => [received(s, relayed(0x1a, '', data))]);
    expect(facts).toMatchObject([expected]);
    const old = bytes(u32le(654321), [0x1a, 0], u16le(1), [0], data);
    const channel4 = bytes(icbmHead(COOKIE, 4, PEER), userInfo(PEER).slice(7), tlv(5, old));
    expect(onBos((_c, s) => [s.snac(SNAC.ICBM_RECEIVE, channel4)])).toMatchObject([expected]);
  });

  test('an extended status, in the answer', () => {
    const inner = '<ret><srv><id>x</id><val><title>Tea</title><desc>with &amp; cake</desc></val></srv></ret>';
    const xml = `<NR><RES>${inner.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</RES></NR>`;
    const data = plugin('Script Plug-in: Remote Notification Arrive', xml);
    expect(onBos((_c, s) => [answered(s, relayed(0x1a, '', data))])).toMatchObject([
      { kind: 'profile', from: PEER, profile: { extended_status: 'Tea: with & cake' } },
    ]);
  });

  test.each([
    ['whole', '<title>Tea</title><desc>cake</desc>', []],
    ['a title only', '<title>Tea</title>', []],
    ['an open title', '<title>Tea<desc>cake</desc>', ['oscar_xstatus_unclosed']],
    ['an open text', '<title>Tea</title><desc>cake', ['oscar_xstatus_unclosed']],
    ['an end before its beginning', '<title>Tea</title></desc><desc>cake', ['oscar_xstatus_unclosed']],
  ])('an extended status, %s', (_name, val, anomalies) => {
    const xml = `<NR><RES>${`<val>${val}</val>`.replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</RES></NR>`;
    const data = plugin('Script Plug-in: Remote Notification Arrive', xml);
    const c = new Sender(0);
    const s = new Sender(1);
    const told = runDissector(oscar, [
      ...bosStart(c, s, '100200'),
      answered(s, relayed(0x1a, '', data)),
      ...END,
    ]);
    expect(told.anomalies).toEqual(anomalies);
  });

  test('every prefix of a plug-in says nothing', () => {
    const whole = relayed(0x1a, '', plugin('ICQSMS', sms));
    for (let length = 0; length < whole.length; length++) {
      expect(onBos((_c, s) => [received(s, whole.slice(0, length))])).toEqual([]);
    }
  });
});

describe('answers of clients', () => {
  test('received, absent, an away text that was asked for', () => {
    const facts = onBos((_c, s) => [
      answered(s, relayed(1, '')),
      answered(s, relayed(1, 'gone to lunch')),
      answered(s, relayed(0xe8, 'back at five')),
    ]);
    expect(facts).toMatchObject([
      { kind: 'receipt', state: 'received', from: PEER, message_id: COOKIE },
      { kind: 'message', auto: true, text: 'gone to lunch', from: PEER },
      { kind: 'profile', from: PEER, profile: { away: 'back at five' } },
    ]);
  });
});

describe('local code pages', () => {
  const cyrillic = [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2];
  const send = (c: Sender, text: Part, charset = 0): Step =>
    c.snac(SNAC.ICBM_SEND, bytes(icbmHead(COOKIE, 1, PEER), fragments({ text, charset })));

  test.each([
    ['Cyrillic, by its letters', cyrillic, 'Привет', undefined],
    ['German among ASCII', [0x67, 0x72, 0xfc, 0x6e], 'grün', undefined],
    ['two letters say nothing', [0xfc, 0xe4], 'üä', undefined],
    ['Hebrew, by the language signed on with', [0xf9, 0xec, 0xe5, 0xed], 'שלום', 'he'],
    ['Greek', [0xc3, 0xe5, 0xe9, 0xdc], 'Γειά', 'el'],
    ['Polish', [0x9c, 0xb9], 'śą', 'pl'],
    ['Turkish', [0xfe, 0xf0], 'şğ', 'tr'],
    ['Japanese', [0x82, 0xa0, 0x82, 0xa2], 'あい', 'ja'],
  ])('%s', (_name, text, expected, language) => {
    const tlvs = language === undefined ? [] : [tlv(3, 'ICQ'), tlv(0x0f, language)];
    expect(onBos((c) => [send(c, text)], ...tlvs)).toMatchObject([{ text: expected }]);
  });

  test('UTF-8 is told by its form, whatever the language', () => {
    expect(onBos((c) => [send(c, 'Grüße')], tlv(3, 'ICQ'), tlv(0x0f, 'ru'))).toMatchObject([
      { text: 'Grüße' },
    ]);
  });

  test('Chinese is of two kinds', () => {
    expect([codePageOf('zh', 'TW'), codePageOf('zh', 'cn'), codePageOf('en', 'us')]).toEqual([
      950,
      936,
      undefined,
    ]);
    expect(decodeCodePage(Uint8Array.of(0xc4, 0xe3), 0, 2, 936)).toBe('你');
  });

  test('RTF names its page', () => {
    expect(rtfToText("{\\rtf1\\ansi\\ansicpg1251 \\'cf\\'f0\\'e8\\'e2\\'e5\\'f2!\\par}")).toBe('Привет!');
    expect(rtfToText("{\\rtf1\\ansi\\ansicpg932 \\'82\\'a0 x}")).toBe('あ x');
    expect(rtfToText("{\\rtf1\\ansi\\ansicpg4711 \\'fc}")).toBe('ü');
  });
});

describe('what else travels by rendezvous', () => {
  test('a contact list', () => {
    const groups = bytes(u16(4), 'Work', u16(2), u16(3), 'ann', u16(3), 'Bob', u16(0), u16(0));
    const body = bytes(
      icbmHead(COOKIE, 2, PEER),
      rendezvous(0, COOKIE, CAPABILITY.CONTACT_LIST, tlv(0x2711, groups)),
    );
    expect(onBos((c) => [c.snac(SNAC.ICBM_SEND, body)])).toMatchObject([
      { contact: { op: 'list', id: 'ann', groups: ['Work'] } },
      { contact: { op: 'list', id: 'bob', groups: ['Work'] } },
    ]);
  });

  test("Trillian's SecureIM cannot be read", () => {
    const body = bytes(
      icbmHead(COOKIE, 2, PEER),
      rendezvous(0, COOKIE, CAPABILITY.TRILLIAN_SECUREIM, tlv(0x03e7, 'key or cipher')),
    );
    const facts = onBos((c) => [c.snac(SNAC.ICBM_SEND, body)]);
    expect(facts).toMatchObject([{ kind: 'message', encrypted: 'secureim', to: [PEER] }]);
    expect(JSON.stringify(facts)).not.toContain('cipher');
  });
});

describe('family 15', () => {
  const meta = (c: Sender, subtype: number, ...data: Part[]): Step =>
    c.snac(SNAC.ICQ_REQUEST, icqBlock(123456, 0x07d0, 9, u16le(subtype), ...data));

  test('the own entry, as strings and as TLVs', () => {
    const entry = (type: number, text: string) => {
      const value = lnts(text);
      return bytes(u16le(type), u16le(value.length), value);
    };
    const facts = onBos((c) => [
      meta(c, 0x0406, lnts('likes lakes')),
      meta(c, 0x0c3a, entry(0x0154, 'Otter'), entry(0x015e, 'otter@example.test'), entry(0x7777, 'x')),
    ]);
    expect(facts).toMatchObject([
      { kind: 'profile', from: '123456', profile: { about: 'likes lakes' } },
      { kind: 'profile', from: '123456', profile: { nick: 'Otter', email: 'otter@example.test' } },
    ]);
  });

  test('interests and more addresses', () => {
    const reply = (s: Sender, subtype: number, ...data: Part[]): Step =>
      s.snac(SNAC.ICQ_REPLY, icqBlock(123456, 0x07da, 9, u16le(subtype), [0x0a], ...data));
    const facts = onBos((c, s) => [
      meta(c, 0x04b2, u32le(654321)),
      reply(s, 0xeb, [1], [0], lnts('second@example.test')),
      reply(s, 0xf0, [2], u16le(100), lnts('Art'), u16le(101), lnts('Cars')),
    ]);
    expect(facts.slice(1)).toMatchObject([
      { from: PEER, profile: { emails: ['second@example.test'] } },
      { from: PEER, profile: { interests: ['Art', 'Cars'] } },
    ]);
  });
});
