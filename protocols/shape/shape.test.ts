import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runDetector, runDissector } from '../../src/sdk/testing.ts';
import tcp, { udpShapes as udp } from './index.ts';

type Part = string | number | readonly number[];

/** Bytes of texts, numbers of one byte, and lists. */
function bytes(...parts: Part[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? Array.from(part, (c) => c.charCodeAt(0)) : part)),
  );
}
const fill = (n: number, byte = 0x5a): number[] => new Array<number>(n).fill(byte);
const le = (n: number): number[] => [n & 255, (n >> 8) & 255, (n >> 16) & 255, (n >>> 24) & 255];
const NONE = new Uint8Array(0);

const WELCOME = bytes(le(1), le(4), fill(4));
const GG_LOGIN = bytes(le(0x31), le(40), le(123_456), fill(36));
const SAMETIME = bytes([0, 0, 0, 18], [0, 0], [0, 0], [0, 0, 0, 0], [0, 0x1e], [0, 0x1d], fill(6, 0));
const SIP = 'MESSAGE sip:bob@example.net SIP/2.0\r\nVia: x\r\n';

describe('streams', () => {
  test.each<[string, Uint8Array, Uint8Array, string]>([
    ['WhatsApp, routing', bytes('ED', 0, 1, [0, 0, 4], fill(4), 'WA', 6, 3), NONE, 'whatsapp'],
    ['WhatsApp, Noise', bytes('WA', 6, 3, [0, 0, 0x24], 0x12, fill(35)), NONE, 'whatsapp'],
    ['WhatsApp before Noise', bytes('WA', 1, 5, [0, 0, 0x17], 0xf8, fill(22)), NONE, 'whatsapp'],
    ['WhatsApp, its head alone', bytes('WA', 6, 3), NONE, 'whatsapp'],
    ['MTProto, abridged', bytes(0xef, 10, fill(8, 0), fill(32)), NONE, 'telegram'],
    ['MTProto, intermediate', bytes(fill(4, 0xee), le(40), fill(40)), NONE, 'telegram'],
    ['MTProto, padded', bytes(fill(4, 0xdd), le(48), fill(48)), NONE, 'telegram'],
    ['mmtls', bytes([0x16, 0xf1, 0x04, 0, 40], fill(40)), NONE, 'wechat'],
    [
      'mmtls, two records',
      bytes([0x19, 0xf1, 0x03, 0, 8], fill(8), [0x17, 0xf1, 0x03, 0, 9], fill(9)),
      NONE,
      'wechat',
    ],
    ['LOCO', bytes(le(256), le(15), le(2), fill(256)), NONE, 'kakaotalk'],
    ['Threema', bytes(fill(48, 0xc1), fill(191)), bytes(fill(80)), 'threema'],
    ['Steam', NONE, bytes(le(24), 'VT01', fill(24)), 'steam'],
    ['Gadu-Gadu', GG_LOGIN, WELCOME, 'gadu-gadu'],
    ['MRIM', bytes(le(0xdeadbeef), le(0x10007), le(1), le(0x1001), fill(28, 0)), NONE, 'mrim'],
    ['Sametime', SAMETIME, NONE, 'sametime'],
    ['Sametime, a byte before', bytes(0x80, [...SAMETIME]), NONE, 'sametime'],
    [
      'GroupWise',
      bytes('POST /login HTTP/1.0\r\nHost: h:8300\r\n\r\n&tag=NM_A_SZ_USERID&cmd=0&val=x'),
      NONE,
      'groupwise',
    ],
    ['MSRP', bytes('MSRP a786hjs2 SEND\r\nTo-Path: msrp://x\r\n'), NONE, 'simple'],
    ['SIP MESSAGE', bytes(SIP), NONE, 'simple'],
    ['Skype', bytes([0x16, 3, 1, 0, 0]), bytes([0x17, 3, 1, 0, 0]), 'skype'],
  ])('%s', (_, client, server, service) => {
    const first = client.length > 0 ? client : server;
    const opening = service === 'threema' ? client.subarray(0, 48) : service === 'gadu-gadu' ? server : first;
    expect(tcp.detector.glance?.(opening, 0, opening.length)).toBe(true);
    expect(runDetector(tcp, client, server).answer).toBe('yes');
    const steps = [
      ...(service === 'gadu-gadu' || client.length === 0 ? [{ direction: 1 as const, bytes: server }] : []),
      ...(client.length > 0
        ? [{ direction: 0 as const, bytes: service === 'threema' ? opening : client }]
        : []),
    ];
    expect(runDissector(tcp, steps).facts).toMatchObject([
      { kind: 'service', service, evidence: [expect.stringMatching(/^first bytes: .*20\d\d-\d\d\)$/)] },
    ]);
  });

  test.each<[string, Uint8Array, Uint8Array]>([
    ['WAV and other words', bytes('WAVE', fill(40)), NONE],
    ['a version that never was', bytes('WA', 6, 30, [0, 0, 1]), NONE],
    ['ED of an editor', bytes('EDIT file\r\n'), NONE],
    ['a mark of UTF-8', bytes([0xef, 0xbb, 0xbf], '<xml>', fill(50)), NONE],
    ['four bytes alike, a length that lies', bytes(fill(4, 0xee), le(90), fill(50)), NONE],
    ['TLS', bytes([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 3]), NONE],
    ['48 bytes of text', bytes(fill(48, 0x41), fill(20)), bytes(fill(80))],
    ['48 bytes, another answer', bytes(fill(48, 0xc1), fill(20)), bytes(fill(81))],
    ['a welcome without a sign-on', bytes(fill(40)), WELCOME],
    ['a half of DEADBEEF', bytes([0xef, 0xbe], fill(50)), NONE],
    ['NetBIOS', bytes([0, 0, 0, 0x54, 0xff], 'SMB', fill(80)), NONE],
    ['a login of the web', bytes('POST /login HTTP/1.0\r\nHost: h\r\n\r\nuser=a'.padEnd(1_200)), NONE],
    ['SIP of calls', bytes('INVITE sip:bob@example.net SIP/2.0\r\n'), NONE],
    ['a message of others', bytes('MESSAGE sip:nothing\r\n'), NONE],
    ['an empty record of a scanner', bytes([0x16, 3, 1, 0, 0]), bytes([0x15, 3, 1, 0, 2, 2, 40])],
  ])('%s is none', (_, client, server) => {
    expect(runDetector(tcp, client, server).answer).toBe('no');
  });

  test('the number of Gadu-Gadu is the account', () => {
    const { facts } = runDissector(tcp, [
      { direction: 1, bytes: WELCOME },
      { direction: 0, bytes: GG_LOGIN },
    ]);
    expect(facts[0]?.account).toBe('123456');
  });

  test('of a stream whose beginning is missing nothing is said', () => {
    expect(runDetector(tcp, bytes('WA', 6, 3), NONE, { midstream: true }).answer).toBe('no');
  });
});

describe('datagrams', () => {
  const OICQ = bytes([2, 0x3b, 0x0b, 0, 2, 0, 1], [0x56, 0x1f, 0x0c, 0x7b], fill(20), 3);
  test.each<[string, Uint8Array, string]>([
    ['Discord, discovery', bytes([0, 1, 0, 70], fill(4), fill(66, 0)), 'discord'],
    ['Discord, its answer', bytes([0, 2, 0, 70], fill(70)), 'discord'],
    ['Discord, keep-alive', bytes([0x13, 0x37, 0xca, 0xfe], le(14)), 'discord'],
    ['a call of Telegram', bytes(fill(16), fill(12, 0xff), le(-2), fill(8)), 'telegram'],
    ['OICQ', OICQ, 'qq'],
    ['Steam', bytes('VS01', [0, 0, 1, 4], le(1), fill(24)), 'steam'],
    ['SIP MESSAGE', bytes(SIP), 'simple'],
  ])('%s', (_, datagram, service) => {
    expect(udp.detector.glance?.(datagram, 0, datagram.length)).toBe(true);
    expect(runDetector(udp, datagram, NONE).answer).toBe('yes');
    expect(runDissector(udp, [{ direction: 0, bytes: datagram }]).facts).toMatchObject([{ service }]);
  });

  test.each<[string, Uint8Array]>([
    ['RADIUS', bytes([2, 1, 0, 20], fill(16))],
    ['an unknown command of OICQ', OICQ.map((b, i) => (i === 3 ? 0x77 : b))],
    ['OICQ without its tail', OICQ.subarray(0, -1)],
    ['ones without a tag', bytes(fill(40, 0xff))],
    ['discovery with something in it', bytes([0, 1, 0, 70], fill(70))],
    ['CAFE alone', bytes([0x13, 0x37, 0xca, 0xfe], fill(9))],
  ])('%s is none', (_, datagram) => {
    expect(runDetector(udp, datagram, NONE).answer).toBe('no');
  });

  test('the number of QQ is the account', () => {
    expect(runDissector(udp, [{ direction: 0, bytes: OICQ }]).facts[0]?.account).toBe('1444875387');
  });
});

test('chance is recognised as nothing: of random bytes none is', () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 120 }), (random) => {
      for (const { detector } of [tcp, udp])
        if (detector.glance?.(random, 0, random.length) === true && random.length !== 48) taken++;
    }),
    { seed: 15, numRuns: 20_000 },
  );
  expect(taken).toBe(0);
});
