import { describe, expect, test } from '@jest/globals';
import { runDissector } from '../../src/sdk/testing.ts';
import type { Step, Told } from '../../src/sdk/testing.ts';
import {
  bosStart,
  bytes,
  COOKIE,
  END,
  fragments,
  icbmHead,
  name,
  Sender,
  tlv,
  u16,
  u32,
  userInfo,
  utf16be,
} from './build.ts';
import type { Part } from './build.ts';
import oscar from './index.ts';
import { SNAC } from './numbers.ts';

/** Runs steps on a BOS connection of this account; tells only what they say. */
function onBos(account: string, make: (c: Sender, s: Sender) => Step[]): Told & { own: object[] } {
  const c = new Sender(0);
  const s = new Sender(1);
  const start = bosStart(c, s, account);
  const told = runDissector(oscar, [...start, ...make(c, s), ...END]);
  const skipped = runDissector(oscar, start).facts.length;
  return { ...told, own: told.facts.slice(skipped, -1) };
}

const send = (peer: string, ...tlvs: Part[]): Uint8Array => bytes(icbmHead(COOKIE, 1, peer), ...tlvs);
const receive = (peer: string, infoTLVs: Uint8Array[], ...tlvs: Part[]): Uint8Array =>
  bytes(icbmHead(COOKIE, 1, peer), userInfo(peer, ...infoTLVs).slice(1 + peer.length), ...tlvs);

describe('messages', () => {
  test('sent: from the own name, HTML kept', () => {
    const { own } = onBos('Copper Kettle', (c) => [
      c.snac(
        SNAC.ICBM_SEND,
        send(
          'North Wind88',
          fragments({ text: '<HTML><BODY>a <b>bold</b> &amp; <i>3 &lt; 4</i><br>line</BODY></HTML>' }),
          tlv(3),
        ),
      ),
    ]);
    expect(own).toEqual([
      {
        kind: 'message',
        service: 'aim',
        account: 'copperkettle',
        from: 'copperkettle',
        from_name: 'Copper Kettle',
        to: ['northwind88'],
        sent: true,
        message_id: COOKIE,
        text: 'a bold & 3 < 4\nline',
        format: 'html',
        html: '<HTML><BODY>a <b>bold</b> &amp; <i>3 &lt; 4</i><br>line</BODY></HTML>',
      },
    ]);
  });

  test('received: the sender as displayed, and its nick where the server tells it', () => {
    const { own } = onBos('461758769', (_c, s) => [
      s.snac(
        SNAC.ICBM_RECEIVE,
        receive('157901844', [tlv(1, u16(0x50)), tlv(0x18, 'D.mon')], fragments({ text: 'hey' })),
      ),
    ]);
    expect(own).toEqual([
      {
        kind: 'message',
        service: 'icq',
        account: '461758769',
        from: '157901844',
        from_name: 'D.mon',
        to: ['461758769'],
        sent: false,
        message_id: COOKIE,
        text: 'hey',
        format: 'plain',
      },
    ]);
  });

  test('automatic and stored', () => {
    const time = 1_000_000_000;
    const { own } = onBos('me', (c, s) => [
      c.snac(SNAC.ICBM_SEND, send('you', fragments({ text: 'away' }), tlv(4))),
      s.snac(
        SNAC.ICBM_RECEIVE,
        receive('you', [], fragments({ text: 'stored' }), tlv(3), tlv(6), tlv(0x16, u32(time))),
      ),
      s.snac(
        SNAC.ICBM_RECEIVE,
        receive('you', [], fragments({ text: 'live' }), tlv(0x16, u32(1_100_000_000 - 5))),
      ),
      s.snac(
        SNAC.ICBM_RECEIVE,
        receive('you', [], fragments({ text: 'old' }), tlv(0x16, u32(1_100_000_000 - 500))),
      ),
    ]);
    expect(own).toMatchObject([
      { text: 'away', auto: true, sent: true },
      { text: 'stored', offline: true, original_time: '2001-09-09T01:46:40.000000+0000' },
      { text: 'live' },
      { text: 'old', offline: true },
    ]);
    expect(own[2]).not.toHaveProperty('offline');
    expect(own[1]).not.toHaveProperty('auto');
  });

  test('a cookie of zeros is no id', () => {
    const { own } = onBos('me', (c) => [
      c.snac(SNAC.ICBM_SEND, bytes(icbmHead('0'.repeat(16), 1, 'you'), fragments({ text: 'x' }))),
    ]);
    expect(own[0]).not.toHaveProperty('message_id');
  });

  test('nothing to read, nobody to write to: no message', () => {
    const { own, anomalies } = onBos('me', (c) => [
      c.snac(SNAC.ICBM_SEND, send('you', fragments({ text: '' }))),
      c.snac(SNAC.ICBM_SEND, send('you', fragments({ text: '<HTML></HTML>' }))),
      c.snac(SNAC.ICBM_SEND, send('you', tlv(3))),
    ]);
    expect(own).toEqual([]);
    expect(anomalies).toEqual([]);
    const nobody = onBos('me', (c) => [c.snac(SNAC.ICBM_SEND, send('', fragments({ text: 'x' })))]);
    expect([nobody.own, nobody.anomalies]).toEqual([[], ['oscar_snac_truncated']]);
  });

  test('a fragment that is longer than its TLV', () => {
    const { own, anomalies } = onBos('me', (c) => [
      c.snac(SNAC.ICBM_SEND, send('you', tlv(2, [5, 1], u16(0), [1, 1], u16(99), u16(0), u16(0), 'x'))),
    ]);
    expect([own, anomalies]).toEqual([[], ['oscar_snac_truncated']]);
  });

  test('the extended flag puts a block before the body', () => {
    const { own } = onBos('me', (c) => [
      c.snac(SNAC.ICBM_SEND, bytes(u16(6), tlv(1, u16(3)), send('you', fragments({ text: 'behind' }))), {
        flags: 0x8000,
      }),
    ]);
    expect(own).toMatchObject([{ text: 'behind' }]);
  });

  test.each([
    ['?OTR:AAEDAAA=', 'otr'],
    ['<HTML>?OTRv2?</HTML>', 'otr'],
    ['*** Encrypted with SecureIM', 'secureim'],
    [
      'MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\nMIIB',
      'smime',
    ],
  ])('ciphertext %j is not shown', (text, encrypted) => {
    const { own } = onBos('me', (c) => [c.snac(SNAC.ICBM_SEND, send('you', fragments({ text })))]);
    expect(own).toMatchObject([{ kind: 'message', encrypted }]);
    expect(own[0]).not.toHaveProperty('text');
    expect(own[0]).not.toHaveProperty('html');
  });

  test("OTR's offer in white space is not part of the text", () => {
    const offer = ' \t  \t\t\t\t \t \t \t  ';
    const { own } = onBos('me', (c) => [
      c.snac(SNAC.ICBM_SEND, send('you', fragments({ text: `hello${offer}  \t\t  \t  there` }))),
      c.snac(SNAC.ICBM_SEND, send('you', fragments({ text: `hi${offer} ` }))),
    ]);
    expect(own).toMatchObject([{ text: 'hello there' }, { text: 'hi ' }]);
  });
});

describe('plain and HTML', () => {
  const style = (from: string, to: string, text: string): object[] =>
    onBos(from, (c) => [c.snac(SNAC.ICBM_SEND, send(to, fragments({ text })))]).own;

  test("AIM's text is HTML", () => {
    expect(style('me', 'you', 'a &lt; b &amp;&amp; c')).toMatchObject([
      { text: 'a < b && c', format: 'html' },
    ]);
    expect(style('me', 'you', '1 < 2 and I <3 it <grin>')).toMatchObject([
      { text: '1 < 2 and I <3 it <grin>', format: 'plain' },
    ]);
    expect(style('me', '123456', '&auml;')).toMatchObject([{ text: 'ä' }]);
  });

  test("ICQ's is plain unless it has tags", () => {
    expect(style('123456', '654321', 'R&amp;B &lt;')).toMatchObject([
      { text: 'R&amp;B &lt;', format: 'plain' },
    ]);
    expect(style('123456', '654321', '<b>R&amp;B</b>')).toMatchObject([{ text: 'R&B', format: 'html' }]);
  });
});

describe('charsets', () => {
  const cases: readonly (readonly [string, number, Part, string, boolean])[] = [
    ['ASCII', 0, 'plain', 'plain', false],
    ['UTF-16', 2, utf16be('Grüße 🎈'), 'Grüße 🎈', false],
    ['ideographs in UTF-16', 2, utf16be('两张票第六排'), '两张票第六排', false],
    ['ISO-8859-1', 3, [0x47, 0x72, 0xfc, 0xdf, 0x65], 'Grüße', false],
    ['Windows-1252 as ISO-8859-1', 3, [0x80, 0x31], '€1', false],
    ['UTF-8 labelled ASCII (libpurple 2.2)', 0, 'Emoji 🎈', 'Emoji 🎈', true],
    ['Latin-1 labelled ASCII', 0, [0x61, 0xe4], 'aä', true],
    ['UTF-16 labelled ASCII', 0, utf16be('hidden'), 'hidden', true],
    ['UTF-8 labelled UTF-16 (Twisted)', 2, 'größer geht immer', 'größer geht immer', true],
    ['ASCII labelled UTF-16', 2, 'plain as plain can be', 'plain as plain can be', true],
    ['UTF-16 of an odd length', 2, bytes(utf16be('ab'), [0x41]), 'ab\ufffd', true],
    ['unlabelled', 0xffff, 'für', 'für', false],
    ["naim's entities", 0, bytes([0xc3], '&#159;', ' ok'), 'ß ok', true],
    ['a final zero', 0, 'text\0', 'text', false],
  ];
  test.each(cases)('%s', (_name, charset, text, expected, lied) => {
    const { own, anomalies } = onBos('me', (c) => [
      c.snac(SNAC.ICBM_SEND, send('you', fragments({ charset, text }))),
    ]);
    expect(own).toMatchObject([{ text: expected }]);
    expect(anomalies).toEqual(lied ? ['oscar_charset_mislabelled'] : []);
  });

  test('fragments are joined, each by its own label', () => {
    const two = fragments({ text: 'one ' }, { charset: 2, text: utf16be('zwö') });
    const { own } = onBos('me', (c) => [c.snac(SNAC.ICBM_SEND, send('you', two))]);
    expect(own).toMatchObject([{ text: 'one zwö' }]);
  });
});

describe('what belongs to messages', () => {
  test('typing, both ways', () => {
    const { own } = onBos('me', (c, s) => [
      c.snac(SNAC.ICBM_TYPING, bytes(icbmHead('0'.repeat(16), 1, 'You'), u16(2))),
      s.snac(SNAC.ICBM_TYPING, bytes(icbmHead('0'.repeat(16), 1, 'You'), u16(1))),
      s.snac(SNAC.ICBM_TYPING, bytes(icbmHead('0'.repeat(16), 1, 'You'), u16(0))),
      s.snac(SNAC.ICBM_TYPING, bytes(icbmHead('0'.repeat(16), 1, 'You'), u16(99))),
    ]);
    expect(own).toMatchObject([
      { kind: 'typing', state: 'typing', from: 'me', to: ['you'], sent: true },
      { kind: 'typing', state: 'paused', from: 'you', from_name: 'You', to: ['me'], sent: false },
      { kind: 'typing', state: 'stopped' },
    ]);
  });

  test('acks, errors and missed messages', () => {
    const { own } = onBos('me', (c, s) => [
      c.snac(SNAC.ICBM_SEND, send('you', fragments({ text: 'x' })), { requestId: 7 }),
      s.snac(SNAC.ICBM_HOST_ACK, icbmHead(COOKIE, 1, 'you'), { requestId: 7 }),
      s.snac(SNAC.ICBM_HOST_ACK, icbmHead(COOKIE, 2, 'you')),
      s.snac(0x00040001, u16(4), { requestId: 7 }),
      s.snac(0x00150001, u16(2)),
      s.snac(SNAC.ICBM_CLIENT_EVENT, bytes(icbmHead(COOKIE, 1, 'you'), u16(3))),
      s.snac(SNAC.ICBM_MISSED, bytes(u16(1), userInfo('Spammer'), u16(3), u16(1))),
    ]);
    expect(own.slice(1)).toMatchObject([
      { kind: 'receipt', state: 'accepted', to: ['you'], from: 'me', message_id: COOKIE },
      { kind: 'notice', text: 'message refused: not signed on', code: 4, to: ['you'] },
      { kind: 'notice', text: 'request of ICQ (15) refused: too fast for the server', code: 2 },
      { kind: 'receipt', state: 'received', from: 'you', message_id: COOKIE },
      { kind: 'notice', text: '3 messages were not delivered: too large', from: 'spammer', code: 1 },
    ]);
  });

  test('warnings', () => {
    const { own } = onBos('me', (c, s) => [
      c.snac(SNAC.ICBM_EVIL_REQUEST, bytes(u16(0), name('Loud Magpie'))),
      c.snac(SNAC.ICBM_EVIL_REQUEST, bytes(u16(1), name('Loud Magpie'))),
      s.snac(SNAC.ICBM_EVIL_REPLY, bytes(u16(100), u16(130))),
      s.snac(SNAC.OSERVICE_EVIL_NOTIFICATION, bytes(u16(100), userInfo('Calm Water'))),
      s.snac(SNAC.OSERVICE_EVIL_NOTIFICATION, u16(130)),
    ]);
    expect(own).toMatchObject([
      { kind: 'notice', code: 'warning', text: 'warning sent', from: 'me', to: ['loudmagpie'] },
      { text: 'warning sent anonymously' },
      { text: 'warning accepted: +10.0%, now 13.0%' },
      { text: 'warned: level now 10.0%', from: 'calmwater', from_name: 'Calm Water', to: ['me'] },
      { text: 'warned: level now 13.0%', to: ['me'] },
    ]);
    expect(own[4]).not.toHaveProperty('from');
  });
});
