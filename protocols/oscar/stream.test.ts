import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { everySplit, runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import {
  bosStart,
  bytes,
  chatLine,
  clientTLVs,
  COOKIE,
  END,
  fileData,
  fragments,
  icbmHead,
  icqBlock,
  item,
  lnts,
  name,
  rendezvous,
  roasted,
  roomInfo,
  Sender,
  tlv,
  u16,
  u16le,
  u32,
  u32le,
  userInfo,
  utf16be,
} from './build.ts';
import { CAPABILITY } from './capabilities.ts';
import oscar from './index.ts';
import { SNAC } from './numbers.ts';

const PASSWORD = 'v3ry-secret';
const ASCII_COOKIE = 'a cookie that nobody may see';

/** A session as one would be: each kind of message at least once. */
function conversation(): (Step & { bytes: Uint8Array })[] {
  const c = new Sender(0);
  const s = new Sender(1);
  return [
    ...(bosStart(c, s, 'Copper Kettle', ASCII_COOKIE) as (Step & { bytes: Uint8Array })[]),
    s.snac(SNAC.OSERVICE_MOTD, bytes(u16(4), tlv(0x0b, 'Welcome'))),
    s.snac(
      SNAC.FEEDBAG_LIST,
      bytes([0], u16(2), item('Choir', 7, 0, 1), item('redbarn', 7, 2, 0, tlv(0x131, 'Red')), u32(0)),
    ),
    c.snac(SNAC.LOCATE_SET_INFO, bytes(tlv(3, 'text/aolrtf'), tlv(4, 'out'), tlv(5, new Uint8Array(16)))),
    s.snac(SNAC.BUDDY_ARRIVED, bytes(userInfo('redbarn', tlv(1, u16(0x10))), userInfo('b', tlv(6, u32(1))))),
    c.snac(
      SNAC.ICBM_SEND,
      bytes(icbmHead(COOKIE, 1, 'redbarn'), fragments({ charset: 2, text: utf16be('Grüße') }), tlv(3)),
    ),
    s.snac(SNAC.ICBM_HOST_ACK, icbmHead(COOKIE, 1, 'redbarn')),
    s.snac(
      SNAC.ICBM_RECEIVE,
      bytes(icbmHead(COOKIE, 1, 'redbarn'), userInfo('redbarn').slice(8), fragments({ text: '<b>hey</b>' })),
    ),
    s.snac(SNAC.ICBM_TYPING, bytes(icbmHead('0'.repeat(16), 1, 'redbarn'), u16(2))),
    c.snac(
      SNAC.ICBM_SEND,
      bytes(
        icbmHead(COOKIE, 2, 'redbarn'),
        rendezvous(0, COOKIE, CAPABILITY.SEND_FILE, fileData(9, 'a.txt')),
      ),
    ),
    s.snac(SNAC.OSERVICE_SERVICE_RESPONSE, bytes(tlv(0x0d, u16(0x0e)), tlv(6, ASCII_COOKIE))),
    s.frame(5),
    c.snac(SNAC.ICQ_REQUEST, icqBlock(123, 0x07d0, 5, u16le(0x04b2), u32le(456))),
    s.snac(SNAC.ICQ_REPLY, icqBlock(123, 0x07da, 5, u16le(0x00e6), [0x0a], lnts('about'))),
    c.snac(SNAC.ADMIN_CHANGE, bytes(tlv(2, PASSWORD), tlv(0x12, PASSWORD))),
    s.snac(SNAC.ADMIN_CHANGE_REPLY, bytes(u16(3), u16(0))),
    c.signOff(),
  ];
}

/** Single frames whose bytes are changed one by one. */
function frames(): (Step & { bytes: Uint8Array })[] {
  const c = new Sender(0);
  const s = new Sender(1);
  return [
    c.signOn(
      tlv(1, 'Cedar Fox'),
      tlv(2, roasted(PASSWORD)),
      clientTLVs('Purple/2.12.1', 0x109, [5, 1, 0, 3036], 0x611),
    ),
    s.signOff(tlv(1, 'Cedar Fox'), tlv(5, 'h:1'), tlv(6, ASCII_COOKIE)),
    c.snac(SNAC.BUCP_LOGIN, bytes(tlv(1, 'Cedar Fox'), tlv(0x25, new Uint8Array(16).fill(0x77)))),
    s.snac(SNAC.CHAT_ROOM_INFO, roomInfo(4, '4-0-Club', tlv(0xd3, 'Club'))),
    s.snac(SNAC.CHAT_RECEIVE, chatLine(COOKIE, 'us-ascii', 'hi', tlv(3, userInfo('x')))),
    s.snac(SNAC.CHAT_JOINED, bytes(userInfo('a'), userInfo('b'))),
    c.snac(SNAC.BUDDY_ADD, bytes(name('a'), name('bc'))),
    s.snac(SNAC.ICBM_MISSED, bytes(u16(1), userInfo('x'), u16(1), u16(1))),
    s.snac(SNAC.ODIR_REPLY, bytes(u16(5), u16(0), u16(1), u16(1), tlv(9, 'x'))),
    c.snac(SNAC.ICBM_SEND, bytes(icbmHead(COOKIE, 4, '123'), tlv(5, u32le(1), [1, 0], u16le(3), 'hi', [0]))),
    ...rarer(c, s),
    ...conversation(),
  ];
}

/** What only some clients send. */
function rarer(c: Sender, s: Sender): (Step & { bytes: Uint8Array })[] {
  const relayed = bytes(
    u16le(18),
    u16le(9),
    new Uint8Array(16),
    u16le(2),
    [1, 0, 0x1a, 0, 0, 0, 1, 0],
    u16le(1),
    [0],
    u16le(25),
    new Uint8Array(16),
    u16le(0),
    u32le(3),
    'URL',
    u32le(13),
    u32le(9),
    'a',
    [0xfe],
    'http://',
  );
  const listed = bytes(u16(1), 'G', u16(1), u16(1), 'b');
  const direct = tlv(
    0x0c,
    [10, 0, 0, 1],
    u32(9),
    [4],
    u16(9),
    new Uint8Array(12),
    new Uint8Array(14).fill(0xff),
  );
  return [
    c.snac(SNAC.OSERVICE_CLIENT_VERSIONS, bytes(u16(1), u16(3), u16(4), u16(1))),
    c.snac(SNAC.OSERVICE_SET_STATUS, bytes(tlv(6, u32(1)), direct, tlv(0x1d, u16(2), [4, 3], u16(1), 'x'))),
    s.snac(
      SNAC.FEEDBAG_LIST,
      bytes(
        [0],
        u16(4),
        item('c', 1, 1, 2),
        item('', 0, 1, 4, tlv(0xca, [4])),
        item('1', 0, 1, 0x14, tlv(0xd5, [0, 1, 7])),
        item('d', 1, 2, 0, tlv(0x137, 'd@example.test')),
        u32(0),
      ),
    ),
    c.snac(SNAC.FEEDBAG_REMOVE_ME, name('d')),
    c.snac(SNAC.PERMIT_ADD, name('d')),
    s.snac(
      SNAC.ICBM_RECEIVE,
      bytes(
        icbmHead(COOKIE, 2, '123'),
        userInfo('123').slice(4),
        rendezvous(0, COOKIE, CAPABILITY.ICQ_RELAY, tlv(0x2711, relayed)),
      ),
    ),
    s.snac(SNAC.ICBM_CLIENT_EVENT, bytes(icbmHead(COOKIE, 2, '123'), u16(3), relayed)),
    c.snac(
      SNAC.ICBM_SEND,
      bytes(icbmHead(COOKIE, 2, '123'), rendezvous(0, COOKIE, CAPABILITY.CONTACT_LIST, tlv(0x2711, listed))),
    ),
    c.snac(SNAC.ICQ_REQUEST, icqBlock(123, 0x07d0, 5, u16le(0x0c3a), u16le(0x154), u16le(4), lnts('x'))),
    s.snac(SNAC.ICQ_REPLY, icqBlock(123, 0x07da, 5, u16le(0xf0), [0x0a, 1], u16le(1), lnts('Art'))),
    c.snac(SNAC.BUCP_SECURID, tlv(1, PASSWORD)),
    s.snac(SNAC.BUCP_REGISTERED, tlv(1, u32(0), u32(5))),
    s.frame(3, u16(2)),
  ];
}

const secrets = new RegExp(`${PASSWORD}|${ASCII_COOKIE}|${'w'.repeat(6)}`);

describe('streams', () => {
  test('cut anywhere, the same is told, with the same offsets', () => {
    const steps = [...conversation(), ...END];
    const whole = JSON.stringify(runDissector(oscar, steps));
    expect(whole).not.toMatch(/"anomalies":\["/);
    everySplit(oscar, steps, (told, where) => {
      expect(`${where} ${JSON.stringify(told)}`).toBe(`${where} ${whole}`);
    });
  });

  test('no part of a frame is an event', () => {
    for (const frame of frames()) {
      for (let length = 0; length < frame.bytes.length; length++) {
        const told = runDissector(oscar, [
          { direction: frame.direction, bytes: frame.bytes.slice(0, length) },
        ]);
        expect(told.facts).toEqual([]);
      }
    }
  });

  test('any byte changed: nothing is thrown, no secret shown, no empty field', () => {
    for (const frame of frames()) {
      for (let i = 0; i < frame.bytes.length; i++) {
        for (const change of [0x01, 0x80, 0xff]) {
          const damaged = frame.bytes.slice();
          damaged[i] = (damaged[i] ?? 0) ^ change;
          const told = runDissector(oscar, [{ direction: frame.direction, bytes: damaged }, ...END], {
            midstream: i % 2 === 0,
          });
          const text = JSON.stringify(told.facts);
          expect(text).not.toMatch(/""|null|:\[\]/);
          expect(text).not.toMatch(secrets);
        }
      }
    }
  });

  test('secrets of a whole session are not told', () => {
    const told = runDissector(oscar, [...conversation(), ...END]);
    expect(JSON.stringify(told.facts)).not.toMatch(secrets);
    expect(told.issued[0]?.token).toBe(ASCII_COOKIE);
  });

  test.each([1, 3, 17, 500])('after a gap of %i bytes the next frames are read', (length) => {
    const c = new Sender(0);
    const text = (t: string): Step & { bytes: Uint8Array } =>
      c.snac(SNAC.ICBM_SEND, bytes(icbmHead(COOKIE, 1, 'you'), fragments({ text: t })));
    const torn = text('torn * in * the * middle').bytes;
    const told = runDissector(oscar, [
      c.signOn(tlv(6, 'x')),
      text('before'),
      { direction: 0, bytes: torn.slice(0, 20) },
      { direction: 0, gap: length },
      { direction: 0, bytes: torn.slice(30) },
      text('after'),
      c.frame(5),
      text('later'),
    ]);
    expect(told.facts.map((f) => f.text)).toEqual(['before', 'after', 'later']);
    expect(told.anomalies).toEqual([]);
  });

  test('in the middle of a conversation reading starts at the first frame', () => {
    const c = new Sender(0);
    const one = c.snac(SNAC.ICBM_SEND, bytes(icbmHead(COOKIE, 1, 'you'), fragments({ text: 'one' }))).bytes;
    for (let cut = 1; cut < one.length; cut++) {
      const told = runDissector(oscar, [{ direction: 0, bytes: bytes(one.slice(cut), one) }], {
        midstream: true,
      });
      expect(told.facts.map((f) => f.text)).toEqual(['one']);
      expect(told.anomalies).toEqual([]);
    }
  });

  test('a length that lies costs one anomaly and what it covers', () => {
    const c = new Sender(0);
    const text = (t: string): Uint8Array =>
      c.snac(SNAC.ICBM_SEND, bytes(icbmHead(COOKIE, 1, 'you'), fragments({ text: t }))).bytes;
    const long = text('lost');
    long[5] = (long[5] ?? 0) + 9;
    const told = runDissector(oscar, [
      c.signOn(tlv(6, 'x')),
      { direction: 0, bytes: bytes(long, text('covered'), text('read')) },
    ]);
    expect(told.facts.map((f) => f.text)).toEqual(['read']);
    expect(told.anomalies).toContain('oscar_flap_desync');
  });

  test('too much that is no frame ends the reading', () => {
    const c = new Sender(0);
    const junk = new Uint8Array(0x8000).fill(0x55);
    const steps: Step[] = [
      c.signOn(),
      ...Array.from({ length: 9 }, () => ({ direction: 0 as const, bytes: junk })),
    ];
    expect(runDissector(oscar, steps).ended).toBe('bad');
  });

  test("SNACs of the other side's are not believed, except where nobody saw which side is which", () => {
    const forged = new Sender(0).snac(SNAC.BUCP_LOGIN_REPLY, bytes(tlv(1, 'victim'), tlv(6, 'x')));
    const told = runDissector(oscar, [forged]);
    expect([told.facts, told.anomalies]).toEqual([[], ['oscar_snac_direction']]);
    expect(runDissector(oscar, [forged], { midstream: true }).facts).toHaveLength(1);
  });

  test('a short SNAC and another version', () => {
    expect(runDissector(oscar, [new Sender(0).frame(2, [0, 1])]).anomalies).toEqual(['oscar_snac_truncated']);
    expect(runDissector(oscar, [new Sender(0).frame(1, u32(2))]).anomalies).toEqual(['oscar_flap_version']);
  });
});

describe('properties', () => {
  const options = { seed: 20041124, numRuns: 200 };

  test('random bytes never throw and tell nothing of note', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (noise, midstream) => {
        const told = runDissector(
          oscar,
          [{ direction: 0, bytes: noise }, { direction: 1, bytes: noise }, ...END],
          { midstream },
        );
        expect(told.facts).toEqual([]);
      }),
      options,
    );
  });

  test('random bodies of every SNAC never throw, nor leave empty fields', () => {
    const codes = Object.values(SNAC);
    fc.assert(
      fc.property(
        fc.constantFrom(...codes),
        fc.uint8Array({ maxLength: 120 }),
        fc.nat(255),
        (code, body, prefix) => {
          const s = new Sender(1);
          const c = new Sender(0);
          for (const payload of [
            body,
            bytes(tlv(prefix, body)),
            bytes(icbmHead(COOKIE, prefix % 5, 'x'), tlv(prefix % 6, body)),
          ]) {
            const told = runDissector(oscar, [c.snac(code, payload), s.snac(code, payload), ...END], {
              midstream: true,
            });
            expect(JSON.stringify(told.facts)).not.toMatch(/""|null|:\[\]/);
            expect(
              told.facts.every(
                (f) => f.kind !== 'message' || f.text !== undefined || f.encrypted !== undefined,
              ),
            ).toBe(true);
          }
        },
      ),
      options,
    );
  });
});

test('time grows linearly with hostile SNACs', () => {
  const s = new Sender(1);
  const filled = (unit: Uint8Array): Uint8Array =>
    Uint8Array.from({ length: 60_000 - (60_000 % unit.length) }, (_, i) => unit[i % unit.length] ?? 0);
  const hostile: Step[] = [
    s.snac(SNAC.BUDDY_ARRIVED, filled(userInfo('a'))),
    s.snac(SNAC.FEEDBAG_ADD, filled(item('a', 1, 1, 0))),
    s.snac(
      SNAC.ICBM_RECEIVE,
      bytes(icbmHead(COOKIE, 1, 'x'), u16(0), u16(0), tlv(2, filled(bytes([1, 1], u16(5), u32(0), 'a')))),
    ),
    s.snac(
      SNAC.ICBM_RECEIVE,
      bytes(icbmHead(COOKIE, 1, 'x'), u16(0), u16(0), fragments({ text: filled(bytes('<p>&lt;')) })),
    ),
    s.snac(
      SNAC.ICBM_RECEIVE,
      bytes(
        icbmHead(COOKIE, 4, 'x'),
        u16(0),
        u16(0),
        tlv(5, u32le(1), [1, 0], u16le(0xea00), filled(bytes([0xfe]))),
      ),
    ),
    s.snac(
      SNAC.ICBM_RECEIVE,
      bytes(
        icbmHead(COOKIE, 4, '1'),
        u16(0),
        u16(0),
        tlv(5, u32le(1), [1, 0], u16le(0xe000), '{\\rtf', filled(bytes('{\\b'))),
      ),
    ),
    s.snac(SNAC.CHAT_JOINED, filled(userInfo('a'))),
    s.snac(SNAC.LOCATE_USER_INFO, bytes(name('x'), u16(0), u16(0xffff), filled(tlv(0x1d)))),
  ];
  const started = performance.now();
  for (const step of hostile) runDissector(oscar, [step], { midstream: true });
  expect(performance.now() - started).toBeLessThan(3000);
});
