/**
 * Makes the captures that no server was needed for: `tsx scripts/made.ts`. IRC with a file over DCC, and the metadata by which
 * messengers of today are recognised: names in TLS, QUIC and DNS, STUN, first bytes. Nobody's traffic is in them.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ctcp, line } from '../protocols/irc/build.ts';
import { answer, framed, httpsData, query, TYPE } from '../protocols/dns/build.ts';
import { message } from '../protocols/stun/build.ts';
import { clientHello, extension, record } from '../protocols/tls/build.ts';
import { joinBytes } from '../src/core/bytes.ts';
import { cryptoFrame, initialPacket, V2 } from '../src/sdk/quic/build.ts';
import { writePcap } from '../src/capture/write.ts';
import { Conversation, udpFrame } from '../test/support/packets.ts';
import type { Endpoint, Packet } from '../test/support/packets.ts';
import { ROOT } from '../test/golden/replay.ts';

const START = 1_700_000_000;
const ALICE = '10.77.30.101';
const BOB = '10.77.30.102';
const SERVER = '10.77.30.10';

function write(name: string, ...flows: (readonly Packet[])[]): void {
  const packets = flows.flat().sort((a, b) => a.seconds - b.seconds || a.nanos - b.nanos);
  const path = join(ROOT, 'captures', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, writePcap(packets));
}

const bytes = (...parts: (string | readonly number[])[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((p) => (typeof p === 'string' ? Array.from(p, (c) => c.charCodeAt(0)) : [...p])),
  );
const fill = (n: number, byte: number): number[] => new Array<number>(n).fill(byte);
/** Bytes that look like nothing: a fixed sequence. */
const noise = (n: number, seed = 7): number[] => {
  let x = seed;
  return Array.from({ length: n }, () => (x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0) >>> 24);
};

/** Datagrams between two ends, a hundredth of a second apart. */
function datagrams(
  client: Endpoint,
  server: Endpoint,
  seconds: number,
  ...of: readonly [0 | 1, Uint8Array][]
): Packet[] {
  return of.map(([direction, payload], i) => ({
    seconds: seconds + Math.floor(i / 100),
    nanos: (i % 100) * 10_000_000,
    bytes: direction === 0 ? udpFrame(client, server, payload) : udpFrame(server, client, payload),
  }));
}

function irc(): void {
  const port = 6667;
  const alice = new Conversation({
    client: { ip: ALICE, port: 40_001 },
    server: { ip: SERVER, port },
    seconds: START,
  });
  const say = (c: Conversation, direction: 0 | 1, ...texts: string[]): void => {
    for (const text of texts) c.send(direction, line(text));
  };
  alice.open();
  say(alice, 0, 'CAP LS 302', 'PASS not-a-secret-1', 'NICK Alice', 'USER alice 0 * :Alice Example');
  say(
    alice,
    1,
    ':irc.corp.test NOTICE * :*** Looking up your hostname...',
    ':irc.corp.test CAP * LS :multi-prefix sasl',
  );
  say(alice, 0, 'CAP END');
  say(alice, 1, ':irc.corp.test 001 Alice :Welcome to the test network Alice!alice@10.77.30.101');
  say(
    alice,
    1,
    ':irc.corp.test 005 Alice CHANTYPES=# NICKLEN=30 :are supported by this server',
    ':irc.corp.test 376 Alice :End of MOTD',
  );
  say(alice, 0, 'PRIVMSG NickServ :IDENTIFY not-a-secret-2', 'JOIN #lunch not-a-secret-3');
  say(alice, 1, ':Alice!alice@10.77.30.101 JOIN #lunch', ':irc.corp.test 332 Alice #lunch :where to go');
  say(
    alice,
    1,
    ':irc.corp.test 353 Alice = #lunch :@Bob Alice',
    ':irc.corp.test 366 Alice #lunch :End of /NAMES list.',
  );
  say(alice, 0, 'PRIVMSG #lunch :\u0002hello\u0002 all', `PRIVMSG #lunch :${ctcp('ACTION is hungry')}`);
  say(
    alice,
    1,
    ':Bob!bob@10.77.30.102 PRIVMSG #lunch :\u000304pizza?\u0003',
    `:Bob!bob@10.77.30.102 PRIVMSG Alice :${ctcp('VERSION')}`,
  );
  say(alice, 0, `NOTICE Bob :${ctcp('VERSION HexChat 2.16.1 [x64] / Linux')}`, 'WHOIS Bob');
  say(alice, 1, ':irc.corp.test 311 Alice Bob bob 10.77.30.102 * :Bob Example');
  const offer = ctcp(`DCC SEND menu.zip ${(10 << 24) + (77 << 16) + (30 << 8) + 102} 5000 3000`);
  say(alice, 1, `:Bob!bob@10.77.30.102 PRIVMSG Alice :${offer}`);
  const file = new Conversation({
    client: { ip: ALICE, port: 40_002 },
    server: { ip: BOB, port: 5_000 },
    seconds: START + 2,
  }).open();
  const menu = bytes('PK', [3, 4], noise(2_996));
  for (let at = 0; at < menu.length; at += 1_000) {
    file.send(1, menu.subarray(at, at + 1_000));
    const count = Math.min(menu.length, at + 1_000);
    file.send(0, Uint8Array.of(0, 0, count >> 8, count & 255));
  }
  file.close();
  alice.setTime(START + 4, 0);
  say(alice, 0, 'AWAY :eating', 'PART #lunch :bye', 'QUIT :gone');
  say(alice, 1, ':Alice!alice@10.77.30.101 PART #lunch :bye', 'ERROR :Closing Link: Alice (gone)');
  alice.close();
  write('irc/session.pcap', alice.packets, file.packets);
}

function apps(): void {
  const resolver = { ip: '10.77.30.53', port: 53 };
  const web = (n: number): Endpoint => ({ ip: `198.51.100.${n}`, port: 443 });
  const ask = (port: number, host: string, type: number, data: number[], at: number): Packet[] =>
    datagrams({ ip: ALICE, port }, resolver, at, [0, query(host, type)], [1, answer(host, type, data)]);
  const hello = (port: number, n: number, at: number, parts: Parameters<typeof clientHello>[0]): Packet[] =>
    new Conversation({ client: { ip: ALICE, port }, server: web(n), seconds: at })
      .open()
      .send(0, record(clientHello(parts))).packets;
  const ech = extension(0xfe0d, [0, 0, 1]);
  const whatsapp = clientHello({ sni: 'mmg.whatsapp.net', alpns: ['h3'] });
  const call: [0 | 1, Uint8Array][] = Array.from({ length: 120 }, (_, i): [0 | 1, Uint8Array] => [
    i % 2 === 0 ? 0 : 1,
    bytes([0x80, 111, 0, i], noise(60, i + 1)),
  ]);
  write(
    'apps/names.pcap',
    ask(50_001, 'chat.signal.org', TYPE.A, [198, 51, 100, 1], START),
    hello(50_002, 1, START + 1, { sni: 'chat.signal.org' }),
    ask(
      50_003,
      'gateway.discord.gg',
      TYPE.HTTPS,
      httpsData([1, [2, 0x68, 0x33]], [4, [198, 51, 100, 2]], [5, noise(8)]),
      START + 2,
    ),
    hello(50_004, 2, START + 3, { sni: 'cloudflare-ech.com', alpns: ['h2'], after: [ech] }),
    hello(50_005, 3, START + 4, { sni: 'www.example.net', alpns: ['h2'], after: [ech] }),
    datagrams(
      { ip: ALICE, port: 50_006 },
      web(4),
      START + 5,
      [0, initialPacket({ number: 0, frames: [cryptoFrame(60, whatsapp.subarray(60))] })],
      [0, initialPacket({ number: 1, frames: [cryptoFrame(0, whatsapp.subarray(0, 60))] })],
    ),
    datagrams({ ip: ALICE, port: 50_007 }, web(5), START + 6, [
      0,
      initialPacket({
        version: V2,
        frames: [cryptoFrame(0, clientHello({ sni: 'i.instagram.com', alpns: ['h3'] }))],
      }),
    ]),
    datagrams({ ip: ALICE, port: 50_008 }, web(6), START + 7, [
      0,
      initialPacket({ frames: [cryptoFrame(0, clientHello({ sni: 'www.example.net', alpns: ['h3'] }))] }),
    ]),
    new Conversation({ client: { ip: ALICE, port: 50_009 }, server: resolver, seconds: START + 8 })
      .open()
      .send(0, framed(query('ds.kakao.com')))
      .close().packets,
  );
  write(
    'apps/calls.pcap',
    datagrams(
      { ip: ALICE, port: 51_001 },
      { ip: '198.51.100.20', port: 3_478 },
      START,
      [0, message(0x0801, [0x4000, noise(20)])],
      ...call,
    ),
    datagrams({ ip: BOB, port: 51_002 }, { ip: '198.51.100.21', port: 3_478 }, START + 1, [
      0,
      message(1, [0x8070, [0, 0, 0, 3]], [0x8022, 'Teams']),
    ]),
    datagrams({ ip: BOB, port: 51_003 }, { ip: '198.51.100.22', port: 3_478 }, START + 2, [
      0,
      message(1, [0x8022, 'nothing known']),
    ]),
    datagrams(
      { ip: BOB, port: 51_004 },
      { ip: '198.51.100.23', port: 443 },
      START + 3,
      [0, message(3)],
      [1, message(0x0113, [0x14, 'turn.signal.org'])],
    ),
  );
  const stream = (
    port: number,
    at: number,
    client: Uint8Array,
    server?: Uint8Array,
    greets = false,
  ): Packet[] => {
    const c = new Conversation({
      client: { ip: BOB, port },
      server: { ip: '198.51.100.30', port: 5_222 },
      seconds: at,
    }).open();
    if (greets && server) c.send(1, server).send(0, client);
    else {
      c.send(0, client);
      if (server) c.send(1, server).send(0, bytes(noise(191)));
    }
    return c.close().packets;
  };
  const le = (n: number): number[] => [n & 255, (n >> 8) & 255, (n >> 16) & 255, (n >>> 24) & 255];
  write(
    'apps/first-bytes.pcap',
    stream(52_001, START, bytes('WA', [6, 3, 0, 0, 0x24, 0x12], noise(35))),
    stream(52_002, START + 1, bytes([0xef, 10], fill(8, 0), noise(32))),
    stream(52_003, START + 2, bytes([0x16, 0xf1, 4, 0, 40], noise(40))),
    stream(52_004, START + 3, bytes(noise(48)), bytes(noise(80))),
    stream(
      52_005,
      START + 4,
      bytes(le(0x31), le(40), le(123_456), noise(36)),
      bytes(le(1), le(4), noise(4)),
      true,
    ),
    stream(52_006, START + 5, bytes(le(0xdeadbeef), le(0x10007), le(1), le(0x1001), fill(28, 0))),
    stream(52_007, START + 6, bytes('MSRP a786hjs2 SEND\r\nTo-Path: msrp://x\r\n-------a786hjs2$\r\n')),
    datagrams({ ip: BOB, port: 52_008 }, { ip: '198.51.100.31', port: 50_004 }, START + 7, [
      0,
      bytes([0, 1, 0, 70], noise(4), fill(66, 0)),
    ]),
    datagrams({ ip: BOB, port: 52_009 }, { ip: '198.51.100.32', port: 8_000 }, START + 8, [
      0,
      bytes([2, 0x3b, 0x0b, 0, 2, 0, 1, 0, 1, 0xe2, 0x40], noise(20), [3]),
    ]),
    datagrams({ ip: BOB, port: 52_010 }, { ip: '198.51.100.33', port: 521 }, START + 9, [
      0,
      bytes(noise(16), fill(12, 0xff), le(-2), noise(8)),
    ]),
    // What only looks like it.
    stream(52_011, START + 10, joinBytes(bytes('WAVE'), bytes(noise(60)))),
  );
}

irc();
apps();
