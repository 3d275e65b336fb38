/** Both sides of a proxy in one capture: told as two flows of one session, counted once. */
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { EveEvent } from '../event/eve.ts';
import { runPackets } from '../../test/support/engine.ts';
import type { Packet } from '../../test/support/packets.ts';
import { httpConnect, socks5, streamsOf, throughProxy } from '../../test/support/proxied.ts';
import type { Prelude, TcpStream } from '../../test/support/proxied.ts';

const PROXY = '10.79.0.9';

/** The connections from a proxy on: from its address, and the same through it, 100 µs apart. */
function bothLegs(streams: readonly TcpStream[], prelude: Prelude, client?: string): Packet[] {
  const near = throughProxy(streams, [prelude], client === undefined ? {} : { client });
  const far = throughProxy(streams, [], { client: PROXY, proxy: { ip: '10.79.0.1', port: 5190 } });
  return [...near, ...far.map(later)].sort((a, b) => timeOf(a) - timeOf(b));
}

function later(packet: Packet): Packet {
  const nanos = packet.nanos + 300_000;
  return { ...packet, seconds: packet.seconds + Math.floor(nanos / 1e9), nanos: nanos % 1e9 };
}

function timeOf({ seconds, nanos }: Packet): number {
  return (seconds % 1e6) * 1e9 + nanos;
}

function told(packets: readonly Packet[], kind: string): EveEvent[] {
  return runPackets(packets).events.filter((e) => e.im?.kind === kind);
}

const read = (name: string): TcpStream[] => streamsOf(readFileSync(`captures/${name}.pcap`));

describe.each([
  ['oscar/aim-basic', httpConnect],
  ['oscar/icq-basic', socks5],
  ['msn/basic-msnp9', socks5],
  ['yahoo/basic-ymsg12', httpConnect],
  ['xmpp/plain-chat', socks5],
] as [string, Prelude][])('%s', (name, prelude) => {
  const streams = read(name);

  test.each([undefined, '10.79.0.50'])(
    'the client at %s: one session an account, each event twice',
    (client) => {
      const { events } = runPackets(bothLegs(streams, prelude, client));
      const sessions = new Map<string, Set<string>>();
      for (const { event_type: type, im } of events) {
        if (type !== 'flow' || im?.account === undefined) continue;
        const of = sessions.get(im.account) ?? new Set();
        sessions.set(im.account, of.add(im.session ?? 'none'));
      }
      expect(sessions.size).toBeGreaterThan(1);
      for (const of of sessions.values()) expect(of.size).toBe(1);
      const messages = events.filter((e) => e.im?.kind === 'message');
      const second = messages.filter((e) => e.im?.second_leg_of !== undefined);
      expect(second).toHaveLength(messages.length / 2);
      for (const { im, src_ip: ip } of second) {
        const first = events.find((e) => e.im?.id === im?.second_leg_of);
        expect(first?.im).toMatchObject({ text: im?.text, sent: im?.sent, session: im?.session });
        expect(first?.src_ip === PROXY).toBe(ip !== PROXY);
      }
    },
  );

  test('a conversation counts each message once', () => {
    const counts = (packets: readonly Packet[]): unknown[] =>
      told(packets, 'conversation').map((e) => e.im?.messages);
    expect(counts(bothLegs(streams, prelude))).toEqual(counts(throughProxy(streams, [prelude])));
  });
});

test('one side alone has no second legs', () => {
  const streams = read('oscar/aim-basic');
  for (const packets of [
    throughProxy(streams, [httpConnect]),
    throughProxy(streams, [], { client: PROXY, proxy: { ip: '10.79.0.1', port: 5190 } }),
  ]) {
    const { events } = runPackets(packets);
    expect(events.some((e) => e.im?.second_leg_of !== undefined)).toBe(false);
  }
});

test('one account signs on twice at once through a proxy: the join is left open and told', () => {
  const alice = read('xmpp/plain-chat').slice(0, 1);
  const near = [
    ...throughProxy(alice, [httpConnect], { client: '10.79.0.11' }),
    ...throughProxy(alice, [httpConnect], { client: '10.79.0.12' }).map(later),
  ];
  const far = throughProxy(alice, [], { client: PROXY, proxy: { ip: '10.79.0.1', port: 5222 } })
    .map(later)
    .map(later);
  const { events } = runPackets([...near, ...far].sort((a, b) => timeOf(a) - timeOf(b)));
  const sessions = events.filter((e) => e.event_type === 'flow').map((e) => e.im?.session);
  expect(sessions).toHaveLength(3);
  expect(new Set(sessions).size).toBe(3);
  expect(events.filter((e) => e.event_type === 'anomaly').map((e) => e.anomaly?.event)).toEqual([
    'proxy_legs_ambiguous',
  ]);
});
