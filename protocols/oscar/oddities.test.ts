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
  item,
  name,
  Sender,
  tlv,
  u16,
  u32,
  userInfo,
} from './build.ts';
import type { Part } from './build.ts';
import oscar from './index.ts';
import { SNAC } from './numbers.ts';

function onBos(make: (c: Sender, s: Sender) => Step[]): { anomalies: string[]; texts: unknown[] } {
  const c = new Sender(0);
  const s = new Sender(1);
  const told = runDissector(oscar, [...bosStart(c, s, 'me'), ...make(c, s), ...END]);
  return {
    anomalies: told.anomalies,
    texts: told.facts.filter((f) => f.kind === 'message').map((f) => f.text),
  };
}

const message = (text: Part, ...tlvs: Part[]): Uint8Array =>
  bytes(icbmHead(COOKIE, 1, 'you'), fragments({ text }), ...tlvs);

describe('shapes that exploit clients', () => {
  const cases: readonly (readonly [string, string, string[]])[] = [
    ['goaway', `aim:goaway?message=${'A!'.repeat(251)}`, ['oscar_goaway_overlong']],
    ['goaway in a link', `<a href="AIM:GoAway?message=${'ab'.repeat(300)}">x</a>`, ['oscar_goaway_overlong']],
    ['a short goaway', `<a href="aim:goaway?message=back soon">${'ab '.repeat(300)}</a>`, []],
    ['AddGame', '<a href="aim:addgame?name=x&go1st=true">play</a>', ['oscar_game_link']],
    ['AddExternalApp', 'aim:AddExternalApp?name=x', ['oscar_game_link']],
    ['another link', 'aim:goim?screenname=me&message=hi', []],
    ['two writes', 'look %n%n', ['oscar_format_string']],
    ['a write behind reads', '%s%x%p%n', ['oscar_format_string']],
    ['percentages', '100% natural, 50% new, 5%nice', []],
    ['a URL', 'http://example.test/?q=%6e%20%25', []],
    ['a run', 'x'.repeat(257), ['oscar_filler_run']],
    ['a shorter run', `${'x'.repeat(256)}y`, []],
  ];
  test.each(cases)('%s', (_name, text, anomalies) => {
    expect(onBos((c) => [c.snac(SNAC.ICBM_SEND, message(text))]).anomalies).toEqual(anomalies);
  });

  test('in a profile and in a name', () => {
    expect(
      onBos((c) => [c.snac(SNAC.LOCATE_SET_INFO, bytes(tlv(1, 'text/aolrtf'), tlv(2, '%n%n')))]).anomalies,
    ).toEqual(['oscar_format_string']);
    expect(onBos((_c, s) => [s.snac(SNAC.BUDDY_ARRIVED, userInfo('%s%s%s%n'))]).anomalies).toEqual([
      'oscar_format_string',
    ]);
    expect(onBos((_c, s) => [s.snac(SNAC.BUDDY_ARRIVED, userInfo('n'.repeat(98)))]).anomalies).toEqual([
      'oscar_name_overlong',
    ]);
    expect(onBos((_c, s) => [s.snac(SNAC.BUDDY_ARRIVED, userInfo('n'.repeat(97)))]).anomalies).toEqual([]);
  });
});

describe('lengths and counts that lie: one anomaly, no event, the next message is read', () => {
  const good = (c: Sender): Step => c.snac(SNAC.ICBM_SEND, message('next'));
  const overrun = bytes(u16(0x77), u16(99), 'short');

  test('a TLV behind a message', () => {
    const told = onBos((c) => [c.snac(SNAC.ICBM_SEND, message('lost', overrun)), good(c)]);
    expect(told).toEqual({ anomalies: ['oscar_tlv_overrun'], texts: ['next'] });
  });

  test('a TLV inside an item of the list', () => {
    const torn = bytes(u16(1), 'a', u16(0), u16(1), u16(0), u16(overrun.length), overrun);
    const told = onBos((c, s) => [s.snac(SNAC.FEEDBAG_LIST, bytes([0], u16(1), torn, u32(0))), good(c)]);
    expect(told).toEqual({ anomalies: ['oscar_tlv_overrun'], texts: ['next'] });
  });

  test('more TLVs than fit', () => {
    const told = onBos((c, s) => [
      s.snac(SNAC.BUDDY_ARRIVED, bytes(name('a'), u16(0), u16(0xffff), tlv(1, u16(0)))),
      good(c),
    ]);
    expect(told).toEqual({ anomalies: ['oscar_count_impossible'], texts: ['next'] });
  });

  test('more items than fit', () => {
    const told = onBos((c, s) => [
      s.snac(SNAC.FEEDBAG_LIST, bytes([0], u16(0x7fff), item('a', 0, 1, 0), u32(0))),
      good(c),
    ]);
    expect(told).toEqual({ anomalies: ['oscar_count_impossible'], texts: ['next'] });
  });

  test('a name that passes the end', () => {
    const told = onBos((c) => [
      c.snac(SNAC.ICBM_SEND, bytes(new Uint8Array(8), u16(1), [200], 'you')),
      good(c),
    ]);
    expect(told).toEqual({ anomalies: ['oscar_snac_truncated'], texts: ['next'] });
  });
});

describe('what no description names', () => {
  test.each([
    ['a TLV of a message', (c: Sender) => c.snac(SNAC.ICBM_SEND, message('hi', tlv(0x7b7b, 'x'))), ['hi']],
    ['a TLV of an item', (c: Sender) => c.snac(SNAC.FEEDBAG_ADD, item('a', 0, 1, 0, tlv(0x7b7b))), []],
  ])('%s', (_name, step, texts) => {
    expect(onBos((c) => [step(c)])).toEqual({ anomalies: ['oscar_tlv_unknown'], texts });
  });

  test('a family, and a subtype', () => {
    for (const code of [0x00700001, 0x00040077]) {
      expect(onBos((c) => [c.snac(code, 'secret channel')]).anomalies).toEqual(['oscar_snac_unknown']);
    }
  });

  test('families that are read nowhere are known all the same', () => {
    for (const code of [0x00100004, 0x00180006, 0x000b0003, 0x00050002, 0x000c0002, 0x00220003, 0x00250002]) {
      expect(onBos((c) => [c.snac(code, [0])]).anomalies).toEqual([]);
    }
  });
});

describe('mail (18/07)', () => {
  const mail = (...tlvs: Uint8Array[]): object[] => {
    const c = new Sender(0);
    const s = new Sender(1);
    const body = bytes(new Uint8Array(8).fill(7), new Uint8Array(16).fill(9), u16(tlvs.length), ...tlvs);
    const told = runDissector(oscar, [...bosStart(c, s, 'Me Too'), s.snac(SNAC.ALERT_NOTIFY, body)]);
    expect(JSON.stringify(told.facts)).not.toContain('S3cret');
    return told.facts.filter((f) => f.code === 'mail');
  };
  const url = tlv(0x07, 'http://mail.example.test/?S3cret');

  test.each([
    ['has come', [url, tlv(0x81, [1]), tlv(0x82, 'aim.example')], 'new mail', 'metoo@aim.example'],
    ['waits', [tlv(0x80, u16(5)), tlv(0x81, [1]), url], '5 messages', undefined],
    [
      'is read',
      [tlv(0x80, u16(5)), tlv(0x81, [0]), tlv(0x0d, 'xxhttp://S3cret')],
      'no unread mail',
      undefined,
    ],
    ['is an alert', [tlv(0x05, 'Maintenance'), tlv(0x81, [1])], 'Maintenance', undefined],
  ])('%s', (_, tlvs, text, email) => {
    expect(mail(...tlvs)).toMatchObject([
      { kind: 'notice', text, ...(email === undefined ? {} : { profile: { email } }) },
    ]);
  });

  test('that is cut, or counts what is not there, tells nothing', () => {
    const c = new Sender(0);
    const s = new Sender(1);
    for (const body of [new Uint8Array(20), bytes(new Uint8Array(24), u16(9), url)]) {
      const told = runDissector(oscar, [...bosStart(c, s, 'me'), s.snac(SNAC.ALERT_NOTIFY, body)]);
      expect(told.facts.filter((f) => f.code === 'mail')).toEqual([]);
      expect(told.anomalies).toHaveLength(1);
    }
  });
});

test('no cut or changed byte of a mail notice throws; one that is not whole tells nothing', () => {
  const whole = bytes(new Uint8Array(24), u16(3), tlv(0x80, u16(5)), tlv(0x81, [1]), tlv(0x07, 'S3cret'));
  for (let at = 0; at < whole.length; at++) {
    const changed = whole.slice();
    changed[at] = (changed[at] ?? 0) ^ 0x55;
    for (const body of [changed, whole.slice(0, at)]) {
      const s = new Sender(1);
      const told = runDissector(oscar, [
        ...bosStart(new Sender(0), s, 'me'),
        s.snac(SNAC.ALERT_NOTIFY, body),
      ]);
      const mail = told.facts.filter((f) => f.code === 'mail');
      if (body.length < whole.length) expect([at, mail]).toEqual([at, []]);
      else expect(mail.length).toBeLessThanOrEqual(1);
    }
  }
});

test('a connection that gives up says so on channel 3', () => {
  const s = new Sender(1);
  expect(runDissector(oscar, [s.signOn(), s.frame(3, u16(4))]).facts).toEqual([
    { kind: 'notice', service: 'aim', text: 'connection error 4', code: 4 },
  ]);
});
