import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deflateMessage, everySplit, runDetector, runDissector } from '../../src/sdk/testing.ts';
import type { Step } from '../../src/sdk/testing.ts';
import websocket from './index.ts';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const join = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);

interface FrameOptions {
  first?: number;
  mask?: number[];
  long?: boolean;
}

/** A frame: `first` is FIN, reserved bits and opcode. */
function frame(
  payload: string | Uint8Array,
  { first = 0x81, mask, long = false }: FrameOptions = {},
): Uint8Array {
  const bytes = typeof payload === 'string' ? latin1(payload) : payload;
  const n = bytes.length;
  const length = long ? [127, 0, 0, 0, 0, n >>> 24, n >>> 16, n >>> 8, n] : n > 125 ? [126, n >> 8, n] : [n];
  length[0] = (length[0] ?? 0) | (mask ? 0x80 : 0);
  const masked = mask ? bytes.map((byte, i) => byte ^ (mask[i & 3] ?? 0)) : bytes;
  return Uint8Array.from([first, ...length, ...(mask ?? []), ...masked]);
}
const client = (...parts: Uint8Array[]): Step => ({ direction: 0, bytes: join(...parts) });
const server = (...parts: Uint8Array[]): Step => ({ direction: 1, bytes: join(...parts) });

const MASK = [1, 2, 3, 250];
const ASK = latin1('GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: foo, xmpp\r\n\r\n');
const OK = latin1('HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n');
const DEFLATE = latin1('HTTP/1.1 101 Ok\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n');
const OPEN = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";

describe('detection', () => {
  test.each([
    ['GET / HTTP/1.1\r\nsec-websocket-protocol:xmpp\r\n\r\n', 'yes'],
    ['GET / HTTP/1.1\r\nSec-WebSocket-Protocol: a, xmpp, b\r\n\r\n', 'yes'],
    ['GET / HTTP/1.1\r\nSec-WebSocket-Protocol: xm', 'more'],
    ['GET / HTTP/1.1\r\nSec-WebSocket-Protocol: xmppish\r\n\r\n', 'no'],
    ['GET / HTTP/1.1\r\nSec-WebSocket-Key: xmpp\r\nServer: x\r\n\r\n', 'no'],
    ['GET / HTTP/1.1\r\nHost: xmpp\r\n\r\n', 'no'],
    ['GOT', 'no'],
    ['G', 'more'],
  ])('%j', (text, expected) => {
    expect(runDetector(websocket, latin1(text)).answer).toBe(expected);
  });
});

describe('detection in mid-stream', () => {
  const MIDSTREAM = { midstream: true };
  const NOTHING = new Uint8Array(0);
  const STANZA = "<message to='a'/>";
  test.each<[string, Uint8Array, Uint8Array, boolean | undefined]>([
    ['a client\u2019s frame', frame(STANZA, { mask: MASK }), NOTHING, false],
    ['a server\u2019s frame', NOTHING, frame(`<iq type='set'>${'x'.repeat(200)}</iq>`), false],
    ['a frame that is not whole', frame(STANZA, { mask: MASK }).slice(0, -3), NOTHING, false],
    ['the supposed client is the server', frame("<presence from='a'/>"), NOTHING, true],
    ['another text', frame('{"message": "text of JSON"}', { mask: MASK }), NOTHING, undefined],
    ['another element', frame('<messages to="a"/>', { mask: MASK }), NOTHING, undefined],
    ['a length that is not minimal', frame(STANZA, { mask: MASK, long: true }), NOTHING, undefined],
    ['a binary frame', frame(STANZA, { mask: MASK, first: 0x82 }), NOTHING, undefined],
    ['a frame of two bytes', Uint8Array.from([0x81, 0x85]), NOTHING, undefined],
  ])('%s', (_, fromClient, fromServer, flip) => {
    const expected = flip === undefined ? { answer: 'no' } : { answer: 'yes', confidence: 'high', flip };
    expect(runDetector(websocket, fromClient, fromServer, MIDSTREAM)).toMatchObject(expected);
    // Where the beginning is there, it is no upgrade.
    expect(runDetector(websocket, fromClient, fromServer, { final: true }).answer).toBe('no');
  });

  test('is read from the first frame on, wherever segments end', () => {
    const steps = [client(frame(STANZA, { mask: MASK })), server(frame('<iq/>'))];
    everySplit(
      websocket,
      steps,
      (told, where) => {
        expect([where, told.inner.map((i) => i.texts)]).toEqual([where, [[STANZA, '<iq/>']]]);
        expect(told.inner[0]?.target).toMatchObject({ midstream: true });
      },
      { midstream: true },
    );
  });
});

describe('frames', () => {
  test('masked, split, with a ping between, wherever segments end', () => {
    const steps = [
      client(ASK),
      server(OK, frame(OPEN)),
      client(frame('<me', { first: 0x01, mask: MASK })),
      client(frame('ping', { first: 0x89, mask: MASK }), frame('ssage/>', { first: 0x80, mask: MASK })),
      server(frame('<ok/>', { long: true }), frame('', { first: 0x88 })),
    ];
    everySplit(websocket, steps, (told, where) => {
      expect([where, told.inner.map((i) => i.texts)]).toEqual([where, [['<message/>', `${OPEN}<ok/>`]]]);
      expect(told.inner[0]?.target).toMatchObject({ carrier: 'websocket', protocol: 'xmpp' });
      expect(told.anomalies).toEqual([]);
    });
  });

  test('a large one, in pieces', () => {
    const text = 'x'.repeat(60_000);
    const steps = [client(ASK), server(OK), client(frame(text, { mask: MASK }))];
    expect(runDissector(websocket, steps, { chunk: 1_000 }).inner[0]?.texts[0]).toBe(text);
  });

  test('compressed, each message referring to those before', () => {
    const whole = latin1(OPEN);
    const pack = (before?: Uint8Array): Uint8Array => deflateMessage(whole, before);
    const steps = [
      client(ASK),
      server(DEFLATE, frame(pack(), { first: 0xc1 }), frame(pack(whole), { first: 0xc1 })),
      client(frame(pack(), { first: 0xc1, mask: MASK }), frame('plain', { mask: MASK })),
    ];
    everySplit(websocket, steps, (told) => {
      expect(told.inner[0]?.texts).toEqual([`${OPEN}plain`, OPEN + OPEN]);
    });
    const lost = runDissector(websocket, [
      client(ASK),
      server(DEFLATE),
      { direction: 1, gap: 9 },
      server(frame(pack(), { first: 0xc1 })),
    ]);
    expect(lost.anomalies).toEqual(['websocket_bad_compression']);
  });

  test.each([
    ['an unknown opcode', [0x83, 1, 0]],
    ['reserved bits', [0xb1, 1, 0]],
    ['a split ping', [0x09, 1, 0]],
    ['a long ping', [0x89, 126, 1, 0]],
    ['a length beyond all bounds', [0x81, 127, 255, 255, 255, 255, 255, 255, 255, 255]],
  ])('%s ends it', (_, bytes) => {
    const told = runDissector(websocket, [client(ASK), server(OK, Uint8Array.from(bytes))]);
    expect([told.ended, told.anomalies]).toEqual(['bad', ['websocket_bad_frame']]);
  });

  test('refused: nothing is opened', () => {
    const told = runDissector(websocket, [
      client(ASK),
      server(latin1('HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n')),
    ]);
    expect([told.ended, told.inner]).toEqual(['bad', []]);
  });

  test('a gap in a frame, and one beyond it', () => {
    const told = runDissector(websocket, [
      client(ASK),
      server(OK, frame('abcdef').slice(0, 4)),
      { direction: 1, gap: 2 },
      server(latin1('ef'), frame('next')),
      { direction: 1, gap: 20 },
      server(frame('more')),
    ]);
    expect(told.inner[0]).toMatchObject({ texts: ['', 'abefnextmore'], gaps: [2, 20] });
  });
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 40 })), { maxLength: 6 }),
      (parts) => {
        const steps = parts.map(([d, bytes]): Step => ({ direction: d ? 1 : 0, bytes }));
        runDissector(websocket, [client(ASK), server(DEFLATE), ...steps]);
      },
    ),
    { seed: 5, numRuns: 300 },
  );
});
