import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { protocols } from '../../protocols/index.ts';
import { PROBE, Probe } from '../sdk/index.ts';
import type { Detector } from '../sdk/index.ts';

const glancing = protocols.filter(({ detector }) => detector.glance !== undefined);

/** How streams begin, of those that a detector takes and of those that only look so. */
const OPENINGS = [
  'GET /index.html HTTP/1.1\r\nHost: www.example.test\r\nSec-Fetch-Mode: cors\r\n\r\n',
  'GET /ws HTTP/1.1\r\nHost: chat.example.test\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n',
  'POST /form HTTP/1.1\r\nHost: www.example.test\r\nContent-Length: 3\r\n\r\na=b',
  'POST /http-bind HTTP/1.1\r\nHost: x\r\n\r\n<body xmlns="http://jabber.org/protocol/httpbind" rid="1"/>',
  'POST /gateway/gateway.dll?Action=open&Server=NS HTTP/1.1\r\nHost: gateway.example.test\r\n\r\n',
  'VER 1 MSNP8 CVR0\r\nCVR 2 0x0409 winnt 5.1 i386 MSNMSGR 6.0 MSMSGS a@example.test\r\n',
  'USR 1 a@example.test 123.456\r\n',
  '220 mail.example.test ESMTP\r\n250 OK\r\n',
  '* OK IMAP4rev1 ready\r\n',
  '*3\r\n$3\r\nSET\r\n$1\r\na\r\n',
  '*\x01\x00\x01\x00\x04\x00\x00\x00\x01*\x02\x00\x02\x00\x0a\x00\x01\x00\x02\x00\x00\x00\x00\x00\x01',
  '*\x02\x00\x01\x00\x0atoc_init_d',
  'FLAPON\r\n\r\n*\x01\x00\x01\x00\x04\x00\x00\x00\x01',
  'SSH-2.0-x\r\n',
  '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03',
  '<?xml version="1.0"?><stream:stream xmlns="jabber:client">',
  'connect to me',
  'POST /notify HTTP/1.1\r\nHost: http.pager.yahoo.com\r\n\r\nYMSG\x00\x0c\x00\x00',
  '\x00\x1d\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07example\x04test\x00\x00\x01\x00\x01',
  '\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07example\x04test\x00\x00\x01\x00\x01',
  `\xc3\x00\x00\x00\x02\x08${'\x77'.repeat(90)}`,
  `\xe3\x00\x00\x00\x01\x08${'\x77'.repeat(90)}`,
  `\xc3\x00\x00\x00\x01\x08${'\x77'.repeat(90)}`,
  '\x00\x01\x00\x00\x21\x12\xa4\x42' + '\x77'.repeat(12),
  'GET /monitor?sid=0123456789abcdef0123456789abcdef HTTP/1.1\r\n\r\n',
].map((text) => Uint8Array.from(text, (c) => c.charCodeAt(0)));

/** An opening, perhaps with bytes changed, and where its first segment ends. */
const beginnings = fc
  .tuple(
    fc.constantFrom(...OPENINGS),
    fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
    fc.integer({ min: 1, max: 200 }),
  )
  .map(([opening, changes, cut]) => {
    const bytes = opening.slice();
    for (const [at, value] of changes) if (at > 0 && at < bytes.length) bytes[at] = value;
    return { bytes, cut: Math.min(cut, bytes.length) };
  });

function answers(detector: Detector, bytes: Uint8Array): Set<number> {
  const all = new Set<number>();
  for (const side of ['client', 'server']) {
    for (const midstream of [false, true]) {
      for (const final of [false, true]) {
        const probe = new Probe();
        Object.assign(probe, { [`${side}Bytes`]: bytes, [`${side}End`]: bytes.length, midstream, final });
        // What a detector never hears of it is not asked about.
        const first = detector.firstBytes[side === 'client' ? 0 : 1];
        if (midstream || first === null || first.includes(bytes[0] ?? 0)) all.add(detector.probe(probe));
      }
    }
  }
  return all;
}

test.each(glancing.map(({ name, transport, detector }) => [name, transport, detector] as const))(
  '%s over %s: what a glance rules out, no look at more of it takes',
  (_name, transport, detector) => {
    let ruledOut = 0;
    fc.assert(
      fc.property(beginnings, ({ bytes, cut }) => {
        const [client, server] = detector.firstBytes;
        const heard = [client, server].some((list) => list === null || list.includes(bytes[0] ?? 0));
        if (!heard || detector.glance?.(bytes, 0, cut) !== false) return;
        ruledOut++;
        // A datagram is whole: nothing follows it.
        const all = transport === 'udp' ? bytes.subarray(0, cut) : bytes;
        expect(answers(detector, all)).not.toContain(PROBE.YES);
        // Behind other bytes it says the same.
        expect(detector.glance(Uint8Array.from([...bytes.subarray(0, 5), ...bytes]), 5, 5 + cut)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
    expect(ruledOut).toBeGreaterThan(20);
  },
);

test('the usual openings of others are ruled out for all that share their first byte', () => {
  for (const at of [0, 2, 7, 8, 9, 13]) {
    const bytes = OPENINGS[at] ?? new Uint8Array(0);
    const left = protocols.filter(
      ({ transport, detector }) =>
        transport === 'tcp' &&
        detector.firstBytes.some((list) => list === null || list.includes(bytes[0] ?? 0)) &&
        detector.glance?.(bytes, 0, bytes.length) !== false,
    );
    expect(left.map(({ name }) => name)).toEqual([]);
  }
});
