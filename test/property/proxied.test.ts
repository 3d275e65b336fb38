/** A capture told directly and the same connections through proxies and tunnels: the same people, sessions and messages. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { runPackets } from '../support/engine.ts';
import type { Packet } from '../support/packets.ts';
import {
  flapSize,
  httpConnect,
  socks5,
  streamsOf,
  throughOscarHttp,
  throughProxy,
  throughYmsgHttp,
  toldOf,
  wholeMessages,
} from '../support/proxied.ts';
import type { TcpStream } from '../support/proxied.ts';

const read = (name: string): TcpStream[] => streamsOf(readFileSync(`captures/${name}.pcap`));
const told = (packets: readonly Packet[]): unknown[] => toldOf(runPackets(packets).events);
const direct = (streams: readonly TcpStream[]): unknown[] =>
  told(throughProxy(streams, [], { proxy: { ip: '10.79.0.1', port: 5190 } }));

const CAPTURES = [
  'oscar/aim-basic',
  'oscar/icq-basic',
  'msn/basic-msnp9',
  'yahoo/basic-ymsg12',
  'xmpp/plain-chat',
];

describe.each(CAPTURES)('%s', (name) => {
  const streams = read(name);
  const expected = direct(streams);

  test('says something', () => {
    expect(JSON.stringify(expected)).toMatch(/"kind":"message"/);
  });

  test.each([
    ['CONNECT', [httpConnect], {}],
    ['SOCKS5', [socks5], {}],
    ['SOCKS5 in CONNECT', [httpConnect, socks5], {}],
    ['CONNECT, small segments', [httpConnect], { mss: 50 }],
  ])('through %s', (_, preludes, options) => {
    expect(told(throughProxy(streams, preludes, options))).toEqual(expected);
  });
});

test.each(['oscar/aim-basic', 'oscar/icq-basic'])('%s through the OSCAR tunnel over HTTP', (name) => {
  const streams = read(name);
  expect(told(throughOscarHttp(streams))).toEqual(direct(streams));
});

test('YMSG over HTTP', () => {
  const streams = read('yahoo/basic-ymsg12');
  // What the server says waits for the client's next request: in order for each of the people. Who is quiet is not
  // gone: the end of a connection signs nobody off.
  const expected = direct(streams).filter((facts) => kindOf(facts) !== 'logout');
  expect(byAccount(told(throughYmsgHttp(streams)))).toEqual(byAccount(expected));
});

describe('two accounts behind one address, signed on and chatting at once through one proxy', () => {
  const client = '10.79.0.50';
  test.each(CAPTURES)('%s: no leg goes to the wrong one', (name) => {
    const streams = read(name);
    for (const preludes of [[httpConnect], [socks5]]) {
      expect(told(throughProxy(streams, preludes, { client }))).toEqual(direct(streams));
    }
  });

  test.each(['oscar/aim-basic', 'oscar/icq-basic'])('%s: the OSCAR tunnel', (name) => {
    const streams = read(name);
    expect(told(throughOscarHttp(streams, { client }))).toEqual(direct(streams));
  });

  test('YMSG over HTTP', () => {
    const streams = read('yahoo/basic-ymsg12');
    const expected = direct(streams).filter((facts) => kindOf(facts) !== 'logout');
    expect(byAccount(told(throughYmsgHttp(streams, { client })))).toEqual(byAccount(expected));
  });
});

describe('one side of the tunnels alone', () => {
  test.each([0, 1] as const)('OSCAR, direction %i', (direction) => {
    // Nobody names the session in a response: whole frames can be read, parts cannot be put together.
    const streams = read('oscar/aim-basic').map((stream) => wholeMessages(stream, flapSize));
    const packets = throughOscarHttp(streams);
    const { events } = runPackets(packets.filter((p) => isOf(p, direction, 80)));
    const texts = events.filter((e) => e.im?.kind === 'message').map((e) => e.im?.text);
    const { events: whole } = runPackets(packets);
    const expected = whole
      .filter((e) => e.im?.kind === 'message' && e.im.sent === (direction === 0))
      .map((e) => e.im?.text);
    expect(expected.length).toBeGreaterThan(3);
    expect(texts).toEqual(expected);
  });

  test.each([0, 1] as const)('YMSG, direction %i', (direction) => {
    const packets = throughYmsgHttp(read('yahoo/basic-ymsg12'));
    const { events } = runPackets(packets.filter((p) => isOf(p, direction, 80)));
    const texts = events.filter((e) => e.im?.kind === 'message').map((e) => e.im?.text);
    const { events: whole } = runPackets(packets);
    const expected = whole
      .filter((e) => e.im?.kind === 'message' && e.im.sent === (direction === 0))
      .map((e) => e.im?.text);
    expect(expected.length).toBeGreaterThan(3);
    expect(texts).toEqual(expected);
  });
});

function kindOf(facts: unknown): string {
  return (facts as { kind: string }).kind;
}

function byAccount(facts: readonly unknown[]): unknown[] {
  const accountOf = (f: unknown): string => (f as { account?: string }).account ?? '';
  return [...facts].sort((a, b) => (accountOf(a) < accountOf(b) ? -1 : accountOf(a) > accountOf(b) ? 1 : 0));
}

/** True of a packet to (0) or from (1) the server's port. */
function isOf({ bytes }: Packet, direction: 0 | 1, port: number): boolean {
  const at = direction === 0 ? 36 : 34;
  return ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0) === port;
}
