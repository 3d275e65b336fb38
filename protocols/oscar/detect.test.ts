import { describe, expect, test } from '@jest/globals';
import { runDetector } from '../../src/sdk/testing.ts';
import { bytes, COOKIE, fragments, icbmHead, Sender, tlv, u16, userInfo } from './build.ts';
import oscar from './index.ts';
import { SNAC } from './numbers.ts';

const none = new Uint8Array(0);
const client = (): Sender => new Sender(0);
const server = (): Sender => new Sender(1);
const keyRequest = (c: Sender): Uint8Array => c.snac(SNAC.BUCP_KEY_REQUEST, tlv(1, 'someone')).bytes;
const message = (c: Sender): Uint8Array =>
  c.snac(SNAC.ICBM_SEND, bytes(icbmHead(COOKIE, 1, 'peer'), fragments({ text: 'hi' }))).bytes;
const received = (s: Sender): Uint8Array =>
  s.snac(
    SNAC.ICBM_RECEIVE,
    bytes(icbmHead(COOKIE, 1, 'peer'), userInfo('x').slice(2), fragments({ text: 'hi' })),
  ).bytes;

describe('starts', () => {
  test('sign-ons of both sides', () => {
    const answer = runDetector(oscar, client().signOn().bytes, server().signOn().bytes);
    expect(answer).toMatchObject({ answer: 'yes', confidence: 'high' });
  });

  test.each(['client', 'server'])('sign-on and SNAC of the %s alone', (side) => {
    const s = side === 'client' ? client() : server();
    const both = bytes(
      s.signOn().bytes,
      side === 'client' ? keyRequest(s) : s.snac(SNAC.OSERVICE_HOST_ONLINE, u16(4)).bytes,
    );
    const answer = side === 'client' ? runDetector(oscar, both) : runDetector(oscar, none, both);
    expect(answer).toMatchObject({ answer: 'yes', confidence: 'high' });
    expect(answer.evidence?.[0]).toBe(`${side}: FLAP sign-on at byte 0`);
  });

  test('a cookie sign-on whose answer is not in the capture', () => {
    const bos = client().signOn(tlv(6, 'cookie')).bytes;
    expect(runDetector(oscar, bos).answer).toBe('more');
    expect(runDetector(oscar, bos, none, { final: true })).toMatchObject({
      answer: 'yes',
      confidence: 'medium',
    });
    expect(runDetector(oscar, bytes(bos, [0x2a]), none, { final: true }).answer).toBe('yes');
  });

  test('every prefix is a prefix', () => {
    const c = client();
    const whole = bytes(c.signOn().bytes, keyRequest(c));
    for (let i = 1; i < whole.length; i++) {
      expect(['more', 'yes']).toContain(runDetector(oscar, whole.slice(0, i)).answer);
    }
    expect(runDetector(oscar, whole).answer).toBe('yes');
  });

  test('a server hello alone is TOC as well: no verdict', () => {
    const hello = server().signOn().bytes;
    expect(runDetector(oscar, none, hello).answer).toBe('more');
    expect(runDetector(oscar, none, hello, { final: true }).answer).toBe('no');
    expect(runDetector(oscar, bytes('FLAPON\r\n\r\n'), hello).answer).toBe('no');
    const named = client().signOn(tlv(1, 'someone')).bytes;
    expect(runDetector(oscar, named, hello, { midstream: true }).answer).toBe('no');
    const s = server();
    const toc = bytes(s.signOn().bytes, s.frame(2, 'SIGN_ON:TOC1.0').bytes);
    expect(runDetector(oscar, none, toc).answer).toBe('no');
  });
});

describe('in the middle', () => {
  const midstream = { midstream: true };

  test('two SNACs', () => {
    const c = client();
    const two = bytes(message(c), message(c));
    expect(runDetector(oscar, two, none, midstream)).toMatchObject({
      answer: 'yes',
      confidence: 'high',
      flip: false,
    });
    expect(runDetector(oscar, two).answer).toBe('no');
  });

  test('one SNAC that fills its frame, and the frame what was sent', () => {
    const one = message(client());
    expect(runDetector(oscar, one, none, midstream)).toMatchObject({ answer: 'yes', confidence: 'medium' });
    const part = one.slice(0, -1);
    expect(runDetector(oscar, part, none, midstream).answer).toBe('more');
    expect(runDetector(oscar, part, none, { ...midstream, final: true }).answer).toBe('no');
  });

  test('the sides are the wrong way round', () => {
    expect(runDetector(oscar, received(server()), message(client()), midstream)).toMatchObject({
      answer: 'yes',
      flip: true,
    });
    expect(runDetector(oscar, message(client()), received(server()), midstream)).toMatchObject({
      answer: 'yes',
      flip: false,
    });
  });

  test('sign-offs alone, at the usual port or from both', () => {
    const off = client().signOff().bytes;
    const at = (serverPort: number): object => ({ midstream: true, final: true, serverPort });
    expect(runDetector(oscar, off, none, at(5190))).toMatchObject({ answer: 'yes', confidence: 'low' });
    expect(runDetector(oscar, off, none, at(6379)).answer).toBe('no');
    expect(runDetector(oscar, off, server().signOff().bytes, at(443))).toMatchObject({
      answer: 'yes',
      confidence: 'low',
    });
    expect(runDetector(oscar, bytes([0x2a]), none, at(5190)).answer).toBe('no');
  });
});

describe('what only begins with a star', () => {
  const negatives: readonly (readonly [name: string, client: string, server: string])[] = [
    ['IMAP', '', '* OK [CAPABILITY IMAP4rev1] ready\r\n'],
    ['IMAP untagged', '', '* BYE\r\n'],
    ['Redis', '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n', '+OK\r\n'],
    ['Redis reply', '', '*0\r\n'],
    ['FTP', 'USER anonymous\r\n', '220 ready\r\n'],
    ['HTTP', 'GET / HTTP/1.1\r\n\r\n', ''],
    ['text', '**** bold ****', ''],
    ['star and low bytes', '*\u0002\u0000\u0001\u0000\u0010plain text in it', ''],
    ['star, sign-on, other version', '*\u0001\u0000\u0001\u0000\u0004\u0000\u0000\u0000\u0002', ''],
    [
      'SNAC of no family',
      '*\u0002\u0000\u0001\u0000\u000a\u0000\u0030\u0000\u0001\u0000\u0000\u0000\u0000\u0000\u0001',
      '',
    ],
  ];

  test.each(negatives)('%s', (_name, c, s) => {
    for (const midstream of [false, true]) {
      for (const final of [false, true]) {
        const answer = runDetector(oscar, bytes(c), bytes(s), { midstream, final, serverPort: 5190 });
        if (final) expect(answer.answer).toBe('no');
        else expect(answer.answer).not.toBe('yes');
      }
    }
  });

  test('TLS on the port of AIM', () => {
    expect(runDetector(oscar, bytes([0x16, 0x03, 0x01, 0x00, 0x05]), none, { serverPort: 5190 }).answer).toBe(
      'no',
    );
  });
});
