/**
 * Makes the captures of captures/proxy whose names begin with `carried-`: the connections of other captures, sent
 * again through proxies and HTTP tunnels. `tsx scripts/carried.ts`; the same bytes on every run.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { pcapOf } from '../test/support/packets.ts';
import type { Packet } from '../test/support/packets.ts';
import {
  flapSize,
  httpConnect,
  socks5,
  streamsOf,
  throughOscarHttp,
  throughProxy,
  throughYmsgHttp,
  wholeMessages,
} from '../test/support/proxied.ts';
import type { TcpStream } from '../test/support/proxied.ts';

const AIM = 'oscar/aim-basic';
const YAHOO = 'yahoo/basic-ymsg12';
const SOURCES = [
  ['aim', AIM],
  ['msn', 'msn/basic-msnp9'],
  ['yahoo', YAHOO],
  ['xmpp', 'xmpp/plain-chat'],
] as const;
/** An address that two people share. */
const SHARED = '10.79.0.50';

function streams(name: string): TcpStream[] {
  return streamsOf(readFileSync(`captures/${name}.pcap`));
}

function write(name: string, packets: readonly Packet[]): void {
  writeFileSync(`captures/proxy/carried-${name}.pcap`, pcapOf(packets));
}

for (const [service, name] of SOURCES) {
  write(`${service}-connect`, throughProxy(streams(name), [httpConnect]));
  write(`${service}-socks5`, throughProxy(streams(name), [socks5], { client: SHARED }));
}
write('aim-socks5-in-connect', throughProxy(streams(AIM), [httpConnect, socks5]));
write(
  'aim-http-tunnel',
  throughOscarHttp(
    streams(AIM).map((s) => wholeMessages(s, flapSize)),
    { client: SHARED },
  ),
);
write('yahoo-http-tunnel', throughYmsgHttp(streams(YAHOO), { proxy: { ip: '10.79.0.9', port: 3128 } }));
