import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runDetector } from '../../src/sdk/testing.ts';
import * as build from './build.ts';
import ymsg from './index.ts';
import { KEY, SERVICE } from './numbers.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const NONE = new Uint8Array(0);
const PING = build.packet(SERVICE.PING);

describe('detector: what is YMSG', () => {
  test('a first packet', () => {
    expect(runDetector(ymsg, build.auth('alice'))).toEqual({
      answer: 'yes',
      confidence: 'medium',
      evidence: ['client: YMSG version 12 AUTH at byte 0'],
      flip: false,
    });
  });

  test('both sides', () => {
    expect(runDetector(ymsg, build.auth('alice'), build.challenge('alice'))).toMatchObject({
      answer: 'yes',
      confidence: 'high',
      evidence: ['client: YMSG version 12 AUTH at byte 0', 'server: YMSG AUTH at byte 0'],
    });
  });

  test('the handshake of two bare headers, little-endian version', () => {
    const hello = build.packet(SERVICE.VERIFY, [], { version: 9, littleEndian: true });
    expect(runDetector(ymsg, hello)).toEqual({ answer: 'more' });
    expect(runDetector(ymsg, hello, build.reply(SERVICE.VERIFY))).toMatchObject({
      answer: 'yes',
      confidence: 'high',
      evidence: ['client: YMSG version 9 VERIFY at byte 0', 'server: YMSG VERIFY at byte 0'],
    });
  });

  test('the server alone', () => {
    expect(runDetector(ymsg, NONE, build.challenge('alice'))).toMatchObject({ answer: 'yes', flip: false });
  });

  test('a keep-alive in the middle of a session', () => {
    const keepAlive = build.packet(SERVICE.KEEPALIVE, [[KEY.PRIMARY_ID, 'alice']]);
    expect(runDetector(ymsg, keepAlive, NONE, { midstream: true })).toMatchObject({
      answer: 'yes',
      flip: false,
    });
  });

  test.each([
    ['only its bytes were seen', build.received('bob', 'alice', 'hi'), NONE],
    ['both were seen', build.received('bob', 'alice', 'hi'), build.sent('alice', 'bob', 'hi')],
    ['only the client was seen, as the server', NONE, build.sent('alice', 'bob', 'hi')],
  ])('the supposed client is the server: %s', (_name, client, server) => {
    expect(runDetector(ymsg, client, server, { midstream: true })).toMatchObject({
      answer: 'yes',
      flip: true,
    });
    expect(runDetector(ymsg, client, server)).toMatchObject({ answer: 'yes', flip: false });
  });

  test('two peers are not turned around', () => {
    const peer = build.packet(SERVICE.P2PFILEXFER, [
      [4, 'alice'],
      [5, 'bob'],
      [13, 1],
      [49, 'PEERTOPEER'],
    ]);
    expect(runDetector(ymsg, peer, peer, { midstream: true })).toMatchObject({ answer: 'yes', flip: false });
  });

  test('a bare header where there is nothing else', () => {
    expect(runDetector(ymsg, PING)).toEqual({ answer: 'more' });
    expect(runDetector(ymsg, PING, NONE, { final: true })).toMatchObject({
      answer: 'yes',
      confidence: 'low',
    });
    expect(runDetector(ymsg, join(PING, PING))).toMatchObject({ answer: 'yes', confidence: 'medium' });
  });

  test('a long packet of which the beginning is there, with the other side', () => {
    const long = build.list('alice', `Friends:${'somebody,'.repeat(500)}`);
    expect(runDetector(ymsg, build.auth('alice').slice(0, 10), long.slice(0, 1000))).toEqual({
      answer: 'more',
    });
    expect(runDetector(ymsg, PING, long.slice(0, 1000))).toMatchObject({ answer: 'yes' });
  });

  test('every prefix of a first packet asks for more', () => {
    const first = build.auth('alice');
    for (let n = 1; n < first.length; n++) {
      expect(runDetector(ymsg, first.slice(0, n))).toEqual({ answer: 'more' });
    }
  });

  test('the protocol before YMSG', () => {
    const header = new Uint8Array(104);
    header.set(bytes('YPNS1.4\0'));
    header[8] = 104;
    header[12] = 1;
    header.set(bytes('alice'), 32);
    header.set(bytes('alice'), 68);
    expect(runDetector(ymsg, header.slice(0, 50))).toEqual({ answer: 'more' });
    expect(runDetector(ymsg, header)).toMatchObject({ answer: 'yes', confidence: 'medium' });
    header[8] = 3;
    expect(runDetector(ymsg, header)).toEqual({ answer: 'no' });
  });
});

describe('detector: what is not YMSG', () => {
  test.each([
    ['HTTP', 'GET /capacity HTTP/1.0\r\n\r\n'],
    ['SMTP', 'EHLO client.example.test\r\n'],
    ['an IMAP greeting', '* OK ready\r\n'],
    ['Redis', '*3\r\n$3\r\nSET\r\n'],
    ['FTP', 'USER anonymous\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['Telnet', '\xff\xfd\x18\xff\xfd\x20'],
    ['OSCAR', '*\x01\x00\x00\x00\x04\x00\x00\x00\x01'],
    ['BitTorrent', '\x13BitTorrent protocol'],
    ['text that begins with Y', 'Yes, this is a text about YMSG\r\n'],
    ['text that begins with YMSG', 'YMSG is the protocol of Yahoo! Messenger\r\n'],
    ['the magic and zeros', `YMSG${'\0'.repeat(40)}`],
    ['an unknown service', `YMSG\0\x0c\0\0\0\x05\x12\x34${'\0'.repeat(8)}1\xc0\x80\xc0\x80`],
    ['a body that is no pairs', `YMSG\0\x0c\0\0\0\x05\0\x57${'\0'.repeat(8)}hello`],
    ['a body longer than its length', `YMSG\0\x0c\0\0\0\x02\0\x57${'\0'.repeat(8)}1\xc0\x80a\xc0\x80`],
    ['a version that is none', `YMSG\x12\x34\0\0\0\0\0\x12${'\0'.repeat(8)}`],
  ])('%s', (_name, text) => {
    expect(runDetector(ymsg, bytes(text), NONE, { final: true }).answer).toBe('no');
    expect(runDetector(ymsg, bytes(text), NONE, { final: true, midstream: true }).answer).toBe('no');
    expect(runDetector(ymsg, NONE, bytes(text), { final: true }).answer).toBe('no');
  });

  test('YMSG against a server that speaks something else', () => {
    expect(runDetector(ymsg, build.auth('alice'), bytes('HTTP/1.0 400 Bad Request\r\n')).answer).toBe('no');
    expect(runDetector(ymsg, PING, bytes('YES?'), { final: true }).answer).toBe('no');
  });

  test('random bytes, also behind the magic', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (tail, magic) => {
        const stream = magic ? join(bytes('YMSG'), tail) : tail;
        expect(runDetector(ymsg, stream, NONE, { final: true }).answer).toBe('no');
      }),
      { seed: 7, numRuns: 2000 },
    );
  });
});
