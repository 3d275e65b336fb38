/** BOSH sessions: however their requests are spread over connections, compressed, or passed on by a proxy, they tell the same. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import type { EveEvent } from '../../src/event/eve.ts';
import { runPackets } from '../support/engine.ts';
import type { Conversation, Packet } from '../support/packets.ts';
import { toldOf, Wire } from '../support/proxied.ts';

const NS = "xmlns='http://jabber.org/protocol/httpbind'";
const HOST = 'im.test';

interface Exchange {
  readonly rid: number;
  readonly asked: string;
  readonly answered: string;
}

/** A person's session: signs on, sends texts 0 to `texts` − 1 and is sent as many. */
function sessionOf(name: string, sid: string, texts = 6, rid = 1_000): Exchange[] {
  const plain = Buffer.from(`\0${name}\0secret of ${name}`).toString('base64');
  const steps: [asked: string, answered: string][] = [
    [
      '',
      "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>",
    ],
    [
      `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`,
      "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    ],
    ['', "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>"],
    [
      "<iq id='b' type='set' xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
      `<iq id='b' type='result' xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>${name}@${HOST}/web</jid></bind></iq>`,
    ],
    ["<presence xmlns='jabber:client'/>", ''],
  ];
  for (let i = 0; i < texts; i++) {
    steps.push([
      `<message xmlns='jabber:client' to='friend@${HOST}' type='chat'><body>${name} says ${i}</body></message>`,
      `<message xmlns='jabber:client' from='friend@${HOST}/x' to='${name}@${HOST}/web' type='chat'><body>to ${name} ${i}</body></message>`,
    ]);
  }
  return steps.map(([asked, answered], i) => {
    const extra =
      i === 0
        ? ` to='${HOST}' wait='60' hold='1'`
        : i === 2
          ? " xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'"
          : '';
    const named = i === 0 ? '' : ` sid='${sid}'`;
    const created = i === 0 ? ` sid='${sid}' wait='60'` : '';
    return {
      rid: rid + i,
      asked: `<body rid='${rid + i}'${named}${extra} ${NS}>${asked}</body>`,
      answered: `<body ${NS}${created} xmlns:stream='http://etherx.jabber.org/streams'>${answered}</body>`,
    };
  });
}

interface Way {
  readonly path?: string;
  readonly packed?: boolean;
}

function requestOf({ asked }: Exchange, { path = '/http-bind', packed = false }: Way = {}): Uint8Array {
  const body = packed ? gzipSync(asked) : Buffer.from(asked);
  const fields = `Host: ${HOST}\r\nContent-Type: text/xml; charset=utf-8\r\n${packed ? 'Content-Encoding: gzip\r\n' : ''}`;
  return Buffer.concat([
    Buffer.from(`POST ${path} HTTP/1.1\r\n${fields}Content-Length: ${body.length}\r\n\r\n`),
    body,
  ]);
}

function responseOf({ answered }: Exchange): Uint8Array {
  const body = Buffer.from(answered);
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: ${body.length}\r\n\r\n`),
    body,
  ]);
}

const SERVER = { ip: '10.79.0.4', port: 5280 };
const PROXY = { ip: '10.79.0.9', port: 3128 };
const BEGIN = 1_700_000_000_000_000_000n;

/** One connection, one exchange after the other. */
function inOrder(session: readonly Exchange[], client = '10.79.0.11', way: Way = {}): Packet[] {
  const wire = new Wire().at(BEGIN);
  const line = wire.connect(client, SERVER);
  for (const exchange of session)
    wire.on(line, (c) => c.send(0, requestOf(exchange, way)).send(1, responseOf(exchange)));
  wire.on(line, (c) => c.close());
  return wire.packets;
}

const told = (packets: readonly Packet[]): unknown[] => toldOf(runPackets(packets).events);
const textsOf = (events: readonly EveEvent[], sent: boolean): unknown[] =>
  events.flatMap(({ im }) => (im?.kind === 'message' && im.sent === sent ? [im.text] : []));

const ALICE = sessionOf('alice', 'aaaa-1');
const SAID = Array.from({ length: 6 }, (_, i) => `alice says ${i}`);
const HEARD = Array.from({ length: 6 }, (_, i) => `to alice ${i}`);

test('one connection, in order', () => {
  const { events } = runPackets(inOrder(ALICE));
  expect(textsOf(events, true)).toEqual(SAID);
  expect(textsOf(events, false)).toEqual(HEARD);
  expect(events.filter((e) => e.im?.kind === 'login').map((e) => e.im?.account)).toEqual([`alice@${HOST}`]);
});

test('compressed from the first request on', () => {
  expect(told(inOrder(ALICE, undefined, { packed: true }))).toEqual(told(inOrder(ALICE)));
});

/** The exchanges over two connections: of each pair the later one's request, or response, is on the wire first. */
function crossed(session: readonly Exchange[], direction: 0 | 1): Packet[] {
  const wire = new Wire().at(BEGIN);
  const lines = [wire.connect('10.79.0.11', SERVER), wire.connect('10.79.0.11', SERVER)] as const;
  for (let i = 0; i < session.length; i += 2) {
    const [first, second] = [session[i], session[i + 1]];
    const sends: [Conversation, 0 | 1, Exchange | undefined][] = [
      [lines[1], 0, second],
      [lines[0], 0, first],
      [lines[1], 1, second],
      [lines[0], 1, first],
    ];
    // The session's first request is answered before another can name the session.
    const [a, b, c, d] = sends;
    const order = i === 0 ? [b, d, a, c] : direction === 0 ? [a, b, d, c] : [b, a, c, d];
    for (const [line, way, exchange] of order.filter((s) => s !== undefined))
      if (exchange) wire.on(line, (l) => l.send(way, way === 0 ? requestOf(exchange) : responseOf(exchange)));
  }
  for (const line of lines) wire.on(line, (c) => c.close());
  return wire.packets;
}

describe('two connections', () => {
  test.each([0, 1] as const)(
    'that overtake each other in direction %i: the order of the numbers',
    (direction) => {
      const { events } = runPackets(crossed(ALICE, direction));
      expect(textsOf(events, true)).toEqual(SAID);
      expect(textsOf(events, false)).toEqual(HEARD);
      const account = `alice@${HOST}`;
      expect(new Set(events.filter((e) => e.im?.kind === 'message').map((e) => e.im?.account))).toEqual(
        new Set([account]),
      );
      const sessions = events.filter((e) => e.event_type === 'flow').map((e) => e.im?.session);
      expect([sessions.length, new Set(sessions).size]).toEqual([2, 1]);
    },
  );

  test('requests in any pieces, in turn: the same texts once each, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 4, maxLength: 40 }), (cuts) => {
        const wire = new Wire().at(BEGIN);
        const lines = [wire.connect('10.79.0.11', SERVER), wire.connect('10.79.0.11', SERVER)] as const;
        for (const exchange of ALICE.slice(0, 5)) {
          wire.on(lines[0], (c) => c.send(0, requestOf(exchange)).send(1, responseOf(exchange)));
        }
        // Both connections have a message half sent, most of the time.
        const left = [0, 1].map((n) =>
          Buffer.concat(
            ALICE.slice(5)
              .filter((_, i) => i % 2 === n)
              .map((x) => requestOf(x)),
          ),
        );
        for (let i = 0; left.some((bytes) => bytes.length > 0); i++) {
          const n = i % 2;
          const piece = left[n]?.subarray(0, cuts[i % cuts.length]);
          left[n] = left[n]?.subarray(piece?.length) ?? Buffer.alloc(0);
          if (piece && piece.length > 0) wire.on(lines[n === 0 ? 0 : 1], (c) => c.send(0, piece));
        }
        expect(textsOf(runPackets(wire.packets).events, true)).toEqual(SAID);
      }),
      { seed: 9, numRuns: 25 },
    );
  });

  test('a request sent again on another connection is told once', () => {
    const wire = new Wire().at(BEGIN);
    const line = wire.connect('10.79.0.11', SERVER);
    for (const exchange of ALICE)
      wire.on(line, (c) => c.send(0, requestOf(exchange)).send(1, responseOf(exchange)));
    wire.on(line, (c) => c.close());
    const again = wire.connect('10.79.0.11', SERVER);
    for (const exchange of ALICE.slice(-2))
      wire.on(again, (c) => c.send(0, requestOf(exchange)).send(1, responseOf(exchange)));
    const { events } = runPackets(wire.packets);
    expect(textsOf(events, true)).toEqual(SAID);
    expect(textsOf(events, false)).toEqual(HEARD);
  });

  test('a connection that is not in view hides only what it carried', () => {
    const seen = crossed(ALICE, 0).filter((p) => portOf(p, 20_001));
    expect(textsOf(runPackets(seen).events, true)).toEqual([SAID[0], SAID[2], SAID[4]]);
  });
});

/** True of the packets of one client's port. */
function portOf({ bytes }: Packet, port: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return view.getUint16(34) === port || view.getUint16(36) === port;
}

describe('two accounts behind one address, signed on and chatting at once', () => {
  const people = [ALICE, sessionOf('bob', 'bbbb-2', 6, 1_003)] as const;

  function together(lines: 1 | 2): Packet[] {
    const wire = new Wire().at(BEGIN);
    const all = Array.from({ length: lines }, () => wire.connect('10.79.0.50', SERVER));
    for (let i = 0; i < ALICE.length; i++) {
      people.forEach((session, who) => {
        const exchange = session[i];
        const line = all[(who + i) % lines];
        if (exchange && line)
          wire.on(line, (c) => c.send(0, requestOf(exchange)).send(1, responseOf(exchange)));
      });
    }
    for (const line of all) wire.on(line, (c) => c.close());
    return wire.packets;
  }

  test.each([1, 2] as const)('over %i shared connections: nothing goes to the wrong one', (lines) => {
    const { events } = runPackets(together(lines));
    for (const name of ['alice', 'bob']) {
      const own = events.filter((e) => e.im?.account === `${name}@${HOST}` && e.event_type === 'im');
      expect(textsOf(own, true)).toEqual(SAID.map((text) => text.replace('alice', name)));
      expect(textsOf(own, false)).toEqual(HEARD.map((text) => text.replace('alice', name)));
      expect(new Set(own.map((e) => e.im?.session)).size).toBe(1);
    }
    const all = events.filter((e) => e.im?.kind === 'message').map((e) => e.im?.session);
    expect(new Set(all).size).toBe(2);
  });
});

test('through a proxy with whole addresses, both sides in view: one session, each event twice', () => {
  const wire = new Wire().at(BEGIN);
  const near = wire.connect('10.79.0.11', PROXY);
  for (const exchange of ALICE) {
    wire.on(near, (c) => c.send(0, requestOf(exchange, { path: `http://${HOST}:5280/http-bind` })));
    const far = wire.connect(PROXY.ip, SERVER);
    wire.on(far, (c) => c.send(0, requestOf(exchange)).send(1, responseOf(exchange)).close());
    wire.on(near, (c) => c.send(1, responseOf(exchange)));
  }
  wire.on(near, (c) => c.close());
  const { events } = runPackets(wire.packets);
  const messages = events.filter((e) => e.im?.kind === 'message');
  expect(messages).toHaveLength(24);
  expect(messages.filter((e) => e.im?.second_leg_of !== undefined)).toHaveLength(12);
  const sessions = events.filter((e) => e.event_type === 'flow').map((e) => e.im?.session);
  expect([sessions.length, new Set(sessions).size]).toEqual([ALICE.length + 1, 1]);
});
