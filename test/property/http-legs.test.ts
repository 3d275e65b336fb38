/** What travels over HTTP, through a proxy of which both sides are in view, and from several people at one address. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { EveEvent } from '../../src/event/eve.ts';
import { runPackets } from '../support/engine.ts';
import { throughGateway } from '../support/gateway.ts';
import type { Endpoint, Packet } from '../support/packets.ts';
import { streamsOf, throughOscarHttp, throughProxy, throughYmsgHttp, toldOf } from '../support/proxied.ts';
import type { TcpStream } from '../support/proxied.ts';

const PROXY = { ip: '10.79.0.9', port: 3128 };
type Through = (streams: readonly TcpStream[], options: { proxy?: Endpoint; client?: string }) => Packet[];

/** Without what is in TLS: that goes elsewhere. */
const read = (name: string): TcpStream[] =>
  streamsOf(readFileSync(`captures/${name}.pcap`)).filter(({ server }) => server.port !== 443);

function later(packet: Packet): Packet {
  const nanos = packet.nanos + 300_000;
  return { ...packet, seconds: packet.seconds + Math.floor(nanos / 1e9), nanos: nanos % 1e9 };
}

function timeOf({ seconds, nanos }: Packet): number {
  return (seconds % 1e6) * 1e9 + nanos;
}

/** From the clients to the proxy, and from there to the gateway, 300 µs apart. */
function bothLegs(streams: readonly TcpStream[], through: Through, client?: string): Packet[] {
  const near = through(streams, { proxy: PROXY, ...(client === undefined ? {} : { client }) });
  const far = through(streams, { client: PROXY.ip });
  return [...near, ...far.map(later)].sort((a, b) => timeOf(a) - timeOf(b));
}

/** The sessions of each account. */
function sessionsOf(events: readonly EveEvent[]): Map<string, Set<string>> {
  const sessions = new Map<string, Set<string>>();
  for (const { im } of events) {
    if (im?.account === undefined) continue;
    sessions.set(im.account, (sessions.get(im.account) ?? new Set()).add(im.session ?? 'none'));
  }
  return sessions;
}

describe.each<[string, string, Through]>([
  ['the OSCAR tunnel', 'oscar/icq-basic', throughOscarHttp],
  ['YMSG over HTTP', 'yahoo/basic-ymsg12', throughYmsgHttp],
  ['the MSN gateway', 'msn/basic-msnp9', (s, o) => throughGateway(s, { ...o, whole: o.proxy !== undefined })],
])('%s, both sides of a proxy in view', (_, name, through) => {
  const streams = read(name);

  test.each([undefined, '10.79.0.50'])(
    'clients at %s: one session an account, each message twice',
    (client) => {
      const { events } = runPackets(bothLegs(streams, through, client));
      const sessions = sessionsOf(events);
      expect(sessions.size).toBeGreaterThan(1);
      for (const [account, of] of sessions) expect([account, of.size]).toEqual([account, 1]);
      const messages = events.filter((e) => e.im?.kind === 'message');
      const second = messages.filter((e) => e.im?.second_leg_of !== undefined);
      expect(messages.length).toBeGreaterThan(7);
      expect(second).toHaveLength(messages.length / 2);
      for (const { im } of second) {
        const first = events.find((e) => e.im?.id === im?.second_leg_of);
        expect(first?.im).toMatchObject({ text: im?.text, sent: im?.sent, session: im?.session });
      }
    },
  );
});

describe('the MSN gateway', () => {
  const streams = read('msn/basic-msnp9');
  const facts = (packets: readonly Packet[]): unknown[] => toldOf(runPackets(packets).events);
  const direct = facts(throughProxy(streams, [], { proxy: { ip: '10.79.0.1', port: 1863 } }));

  test('polls and requests in turn on two connections: as without it', () => {
    expect(facts(throughGateway(streams))).toEqual(direct);
  });

  test('two accounts behind one address, signed on and chatting at once: no switchboard goes to the wrong one', () => {
    expect(facts(throughGateway(streams, { client: '10.79.0.50' }))).toEqual(direct);
  });

  test.each([0, 1] as const)('direction %i alone: its texts', (direction) => {
    const packets = throughGateway(streams);
    const { events: whole } = runPackets(packets);
    const { events } = runPackets(packets.filter((p) => isOf(p, direction)));
    const textsOf = (all: readonly EveEvent[]): unknown[] =>
      all.flatMap(({ im }) => (im?.kind === 'message' && im.sent === (direction === 0) ? [im.text] : []));
    expect(textsOf(whole).length).toBeGreaterThan(3);
    expect(textsOf(events)).toEqual(textsOf(whole));
  });
});

/** True of a packet to (0) or from (1) port 80. */
function isOf({ bytes }: Packet, direction: 0 | 1): boolean {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint16(direction === 0 ? 36 : 34) === 80;
}
