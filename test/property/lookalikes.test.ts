/** What only looks like IM stays quiet; what was looked up speaks for what was found. */
import { describe, expect, test } from '@jest/globals';
import { bytes, handshake, record, serverHello, clientHello } from '../../protocols/tls/build.ts';
import { sent, packet, auth } from '../../protocols/ymsg/build.ts';
import { runPackets } from '../support/engine.ts';
import { Conversation, udpFrame } from '../support/packets.ts';
import type { Endpoint, Packet } from '../support/packets.ts';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const SERVER: Endpoint = { ip: '198.51.100.20', port: 80 };
const CLIENT_IP = '192.0.2.1';

type Say = readonly [direction: 0 | 1, part: Uint8Array | string];

function kinds(says: readonly Say[], port: number, mss = 1_460): (string | undefined)[] {
  const conversation = new Conversation({ server: { ...SERVER, port } }).open();
  for (const [direction, part] of says)
    conversation.send(direction, typeof part === 'string' ? latin1(part) : part, mss);
  return runPackets(conversation.close().packets).events.map((e) => `${e.event_type} ${e.app_proto ?? ''}`);
}

const IM: Record<string, string> = {
  YMSG: Buffer.from(bytes(auth('alice'), sent('alice', 'bob', 'hello'))).toString('latin1'),
  OSCAR:
    '\x2a\x01\x00\x01\x00\x04\x00\x00\x00\x01\x2a\x02\x00\x02\x00\x0a\x00\x01\x00\x17\x00\x00\x00\x00\x00\x00',
  MSNP: 'VER 1 MSNP9 MSNP8 CVR0\r\nCVR 2 0x0409 win 4.10 i386 MSNMSGR 5.0.0544 MSMSGS a@example.com\r\nUSR 3 TWN I a@example.com\r\n',
  XMPP: "<?xml version='1.0'?><stream:stream to='im.example' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'><auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>",
  BOSH: "<body rid='1' to='im.example' xmlns='http://jabber.org/protocol/httpbind'/>",
  TOC: 'FLAPON\r\n\r\n\x2a\x01\x00\x01\x00\x0d\x00\x00\x00\x01\x00\x01\x00\x05alice',
};

describe.each(Object.keys(IM))('%s inside something else', (name) => {
  const im = IM[name] ?? '';
  const page = (body: string): string =>
    `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const ask = 'GET /im.html HTTP/1.1\r\nHost: www.example.com\r\n\r\n';
  const mail = `Received: from x\r\nSubject: a capture\r\n\r\n${im}\r\n.\r\n`;

  test.each<[string, number, readonly Say[]]>([
    [
      'a web page',
      80,
      [
        [0, ask],
        [1, page(`<pre>${im}</pre>`)],
      ],
    ],
    [
      'a download that is nothing else',
      80,
      [
        [0, ask],
        [1, page(im)],
      ],
    ],
    [
      'a form',
      80,
      [
        [
          0,
          `POST /paste HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: ${im.length + 5}\r\n\r\ntext=${im}`,
        ],
        [1, page('ok')],
      ],
    ],
    [
      'a mail',
      25,
      [
        [1, '220 mail.example ESMTP\r\n'],
        [0, 'EHLO x\r\n'],
        [1, '250 ok\r\n'],
        [0, 'DATA\r\n'],
        [1, '354 go\r\n'],
        [0, mail],
        [1, '250 ok\r\n'],
      ],
    ],
    ['a log file', 514, [[0, `<13>Nov 24 10:00:00 host im: ${im}\n`]]],
    [
      'a web page behind a proxy’s tunnel to 5190',
      3128,
      [
        [0, 'CONNECT login.oscar.aol.com:5190 HTTP/1.1\r\n\r\n'],
        [1, 'HTTP/1.1 200 Connection established\r\n\r\n'],
        [0, ask],
        [1, page(`<pre>${im}</pre>`)],
      ],
    ],
  ])('%s', (_, port, says) => {
    for (const mss of [1_460, 53]) expect(kinds(says, port, mss)).toEqual([]);
  });
});

test('a tunnel to 5190 that carries TLS of the web', () => {
  const tls = record(clientHello({ sni: 'www.example.com', alpns: ['h2'] }));
  expect(
    kinds(
      [
        [0, 'CONNECT login.oscar.aol.com:5190 HTTP/1.1\r\n\r\n'],
        [1, 'HTTP/1.1 200 OK\r\n\r\n'],
        [0, tls],
        [1, record(bytes(serverHello(), handshake(14)))],
      ],
      3128,
    ),
  ).toEqual([]);
});

describe('answers of DNS', () => {
  const RESOLVER: Endpoint = { ip: '203.0.113.53', port: 53 };
  const answer = (name: string): Uint8Array =>
    bytes(
      [0, 1, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0],
      ...name.split('.').map((label) => bytes([label.length], label)),
      [0, 0, 1, 0, 1, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 198, 51, 100, 20],
    );
  /** An answer some seconds before the packets. */
  const after = (seconds: number, name: string, asker: string, packets: readonly Packet[]): Packet[] => [
    {
      seconds: (packets[0]?.seconds ?? 0) - seconds,
      nanos: 0,
      bytes: udpFrame(RESOLVER, { ip: asker, port: 40_053 }, answer(name)),
    },
    ...packets,
  ];
  const talk = (says: readonly Say[], port: number): Packet[] => {
    const conversation = new Conversation({
      client: { ip: CLIENT_IP, port: 40_000 },
      server: { ...SERVER, port },
    }).open();
    for (const [direction, part] of says)
      conversation.send(direction, typeof part === 'string' ? latin1(part) : part);
    return conversation.close().packets;
  };
  const evidence = (packets: readonly Packet[]): unknown =>
    runPackets(packets)
      .events.find((e) => e.event_type === 'flow')
      ?.im?.verdict?.evidence.at(-1);

  const CHAT: Say[] = [
    [0, auth('alice')],
    [
      1,
      packet(0x57, [
        [1, 'alice'],
        [94, 'x'],
      ]),
    ],
  ];

  test('name what is recognised', () => {
    const chat = talk(CHAT, 5050);
    expect(evidence(after(3, 'scs.msg.yahoo.com', CLIENT_IP, chat))).toBe(
      'dns: scs.msg.yahoo.com asked 3 s before',
    );
    expect(evidence(after(3, 'scs.msg.yahoo.com', '192.0.2.77', chat))).toBe(
      'dns: scs.msg.yahoo.com asked by another 3 s before',
    );
    expect(evidence(chat)).not.toMatch(/^dns/);
    expect(evidence(after(90_000, 'scs.msg.yahoo.com', CLIENT_IP, chat))).not.toMatch(/^dns/);
  });

  test('make nothing of what is not recognised', () => {
    const web = talk(
      [
        [0, 'GET / HTTP/1.1\r\nHost: 198.51.100.20\r\n\r\n'],
        [1, 'HTTP/1.1 204 No\r\n\r\n'],
      ],
      80,
    );
    expect(runPackets(after(3, 'scs.msg.yahoo.com', CLIENT_IP, web)).events).toEqual([]);
  });

  test('name TLS without a server name, with low confidence', () => {
    const tls = talk(
      [
        [0, record(clientHello({}))],
        [1, record(serverHello(0x0304))],
      ],
      443,
    );
    const [event] = runPackets(after(2, 'slogin.oscar.aol.com', CLIENT_IP, tls)).events;
    expect(event).toMatchObject({
      app_proto: 'tls',
      im: { kind: 'service', service: 'aim', confidence: 'low' },
    });
    expect(runPackets(tls).events).toEqual([]);
    expect(runPackets(after(2, 'www.example.com', CLIENT_IP, tls)).events).toEqual([]);
  });
});
