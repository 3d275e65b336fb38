/** The same addresses and ports in other VLANs and tunnels: told apart where the operator says so. */
import { describe, expect, test } from '@jest/globals';
import { fromHex, joinBytes } from '../../src/core/bytes.ts';
import { FLOW_KEY } from '../../src/decode/flow-key.ts';
import type { EveEvent } from '../../src/event/eve.ts';
import { ipv4Of, udpOf } from '../support/carry.ts';
import { lineProtocol, runPackets } from '../support/engine.ts';
import { Conversation } from '../support/packets.ts';
import type { ConversationOptions, Packet } from '../support/packets.ts';

const MACS = fromHex('02 00 00 00 0a 01 02 00 00 00 0a 02');
type Wrap = (frame: Uint8Array, n: number) => Uint8Array;
const inVlan: Wrap = (f, n) => joinBytes(f.subarray(0, 12), fromHex('8100 00'), n, f.subarray(12));
const inVxlan: Wrap = (f, n) =>
  joinBytes(MACS, fromHex('0800'), ipv4Of(17, udpOf(9, 4789, joinBytes(fromHex('08000000 0000'), n, 0, f))));

/** A label is that of the way, and each direction has its own (RFC 3031, 2.3). */
const inMpls: Wrap = (f, n) => joinBytes(MACS, fromHex('8847 00'), n, fromHex('0140'), f.subarray(14));
/** Teredo has no number: its two ends tell tunnels apart. */
const inTeredo: Wrap = (f, n) =>
  joinBytes(MACS, fromHex('0800'), ipv4Of(17, udpOf(50_000 + n, 3544, f.subarray(14)), `203.0.113.${n}`));

/** Two connections with the same ends at the same time, frame by frame by turns. */
function twins(wrap: Wrap, ends: Pick<ConversationOptions, 'client' | 'server'> = {}): Packet[] {
  const a = new Conversation({ ...ends, clientSeq: 1_000 });
  const b = new Conversation({ ...ends, clientSeq: 700_000_000, serverSeq: 9_000_000 });
  for (const [c, name] of [
    [a, 'one'],
    [b, 'two'],
  ] as const) {
    c.open();
    for (let i = 0; i < 4; i++) c.send(0, Buffer.from(`ECHO ${name} ${i}\n`));
    c.close();
  }
  return a.packets.flatMap((p, i) => {
    const q = b.packets[i] ?? p;
    return [
      { ...p, bytes: wrap(p.bytes, 1) },
      { ...q, bytes: wrap(q.bytes, 2) },
    ];
  });
}

function run(packets: readonly Packet[], flowKey?: number): EveEvent[] {
  const { events } = runPackets(packets, {
    protocols: [lineProtocol()],
    ...(flowKey === undefined ? {} : { flowKey }),
  });
  return events;
}

const texts = (events: readonly EveEvent[]): string[] =>
  events.flatMap((e) => (e.im?.kind === 'message' ? [e.im.text ?? ''] : [])).sort();
const ids = (events: readonly EveEvent[]): Set<unknown> => new Set(events.map((e) => e.flow_id));
const SIX = {
  client: { ip: '2001:db8::10', port: 49_152 },
  server: { ip: '2001:db8::20', port: 5190 },
};
const ALL = ['one', 'two'].flatMap((name) => [0, 1, 2, 3].map((i) => `${name} ${i}`)).sort();

describe.each([
  ['VLANs', inVlan, FLOW_KEY.VLAN, FLOW_KEY.TUNNEL],
  ['tunnels', inVxlan, FLOW_KEY.TUNNEL, FLOW_KEY.VLAN],
  ['Teredo clients', inTeredo, FLOW_KEY.TUNNEL, FLOW_KEY.VLAN],
] as const)('two %s with the same addresses', (_name, wrap, mine, other) => {
  // Teredo carries IPv6 only.
  const ends = wrap === inTeredo ? SIX : {};

  test('with the key: both are read whole, as two flows', () => {
    for (const key of [mine, FLOW_KEY.VLAN | FLOW_KEY.TUNNEL]) {
      const events = run(twins(wrap, ends), key);
      expect(texts(events)).toEqual(ALL);
      expect(events.filter((e) => e.event_type === 'flow')).toHaveLength(2);
      expect(ids(events).size).toBe(2);
      expect(events.filter((e) => e.event_type === 'anomaly')).toEqual([]);
    }
  });

  test('without it they are taken for one another', () => {
    expect(texts(run(twins(wrap, ends)))).not.toEqual(ALL);
    expect(texts(run(twins(wrap, ends), other))).not.toEqual(ALL);
  });
});

test('a key of nothing changes no id; a key of something does, and is the same in every run', () => {
  const c = new Conversation().open().send(0, Buffer.from('ECHO hi\n')).close();
  const tagged = c.packets.map((p) => ({ ...p, bytes: inVlan(p.bytes, 5) }));
  const plain = run(c.packets);
  expect(run(c.packets, FLOW_KEY.VLAN | FLOW_KEY.TUNNEL)).toEqual(plain);
  expect(ids(run(tagged))).toEqual(ids(plain));
  expect(ids(run(tagged, FLOW_KEY.VLAN))).not.toEqual(ids(plain));
  expect(run(tagged, FLOW_KEY.VLAN)).toEqual(run(tagged, FLOW_KEY.VLAN));
});

test('MPLS labels are no part of the key: a flow whose directions have other labels is one', () => {
  const c = new Conversation().open().send(0, Buffer.from('ECHO hi\n')).close();
  const labelled = c.packets.map((p) => ({ ...p, bytes: inMpls(p.bytes, p.bytes[29] === 10 ? 1 : 2) }));
  expect(new Set(labelled.map(({ bytes }) => bytes[15])).size).toBe(2);
  const events = run(labelled, FLOW_KEY.TUNNEL);
  expect(texts(events)).toEqual(texts(run(c.packets)));
  expect(events.filter((e) => e.event_type === 'flow')).toHaveLength(1);
});
