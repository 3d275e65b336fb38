/** A capture told directly and the same connections through proxies and tunnels: the same people, sessions and messages. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { runPackets } from '../support/engine.ts';
import type { Packet } from '../support/packets.ts';
import {
  httpConnect,
  socks5,
  streamsOf,
  throughOscarHttp,
  throughProxy,
  throughYmsgHttp,
  toldOf,
} from '../support/proxied.ts';
import type { TcpStream } from '../support/proxied.ts';

const read = (name: string): TcpStream[] => streamsOf(readFileSync(`captures/${name}.pcap`));
const told = (packets: readonly Packet[]): unknown[] => toldOf(runPackets(packets).events);
const direct = (streams: readonly TcpStream[]): unknown[] =>
  told(throughProxy(streams, [], { proxy: { ip: '10.79.0.1', port: 5190 } }));

const CAPTURES = ['oscar/aim-basic', 'oscar/icq-basic', 'msn/basic-msnp9', 'yahoo/basic-ymsg12', 'xmpp/plain-chat'];

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
    ['CONNECT, small segments', [httpConnect], { mss: 7 }],
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
  expect(told(throughYmsgHttp(streams))).toEqual(direct(streams));
});
