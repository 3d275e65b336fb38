/** Frames of shipped captures in tunnels and in fragments: they tell what they tell without. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openCapture } from '../../src/capture/source.ts';
import type { EveEvent } from '../../src/event/eve.ts';
import { ROOT } from '../golden/replay.ts';
import { CARRIERS, fragmentsOf } from '../support/carry.ts';
import type { Carrier } from '../support/carry.ts';
import { runPackets } from '../support/engine.ts';
import type { Packet } from '../support/packets.ts';

const CAPTURES = [
  'captures/oscar/aim-basic.pcap',
  'captures/oscar/icq-udp-v2.pcap',
  'captures/xmpp/plain-chat.pcap',
];

async function packetsOf(path: string): Promise<Packet[]> {
  const packets: Packet[] = [];
  await openCapture(join(ROOT, path)).read({
    frame({ bytes, start, end, seconds, nanos }) {
      packets.push({ seconds, nanos, bytes: bytes.slice(start, end) });
    },
  });
  return packets;
}

/** The events without what the outer frames decide: frame numbers, VLANs, tunnels and the flows' frame and byte counts. */
function told(events: readonly EveEvent[]): unknown[] {
  return events.map((event) => {
    const { pcap_cnt: _frame, vlan: _vlan, tunnel: _tunnel, flow, ...rest } = event;
    return { ...rest, flow: flow && { ...flow, ...NO_COUNTS } };
  });
}
const NO_COUNTS = { pkts_toserver: 0, pkts_toclient: 0, bytes_toserver: 0, bytes_toclient: 0 };

function carried(packets: readonly Packet[], carrier: Carrier): Packet[] {
  return packets.map((p) => ({ ...p, bytes: carrier(p.bytes) ?? p.bytes }));
}

describe.each(CAPTURES)('%s', (path) => {
  let packets: Packet[] = [];
  let plain: unknown[] = [];
  beforeAll(async () => {
    packets = await packetsOf(path);
    plain = told(runPackets(packets).events);
  });

  test('tells something by itself', () => {
    expect(plain.length).toBeGreaterThan(3);
  });

  test.each(Object.keys(CARRIERS))('in %s: the same events', (name) => {
    const carrier = CARRIERS[name] ?? (() => undefined);
    const { events, pipeline } = runPackets(carried(packets, carrier));
    expect(told(events)).toEqual(plain);
    if (name !== 'VLAN') expect(pipeline.tunnelled).toBeGreaterThan(0);
  });

  test('in fragments of any size, in any order, some of them twice: the same events', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 100_000 }), (blocks, seed) => {
        const broken = fragmented(packets, blocks * 8, seed);
        const { events, pipeline } = runPackets(broken);
        expect(told(events)).toEqual(plain);
        expect(pipeline.decoder.fragments.held).toBe(0);
      }),
      { seed: 5, numRuns: 12 },
    );
  });

  test('in fragments of a tunnel, and fragments in a tunnel: the same events', () => {
    const vxlan = CARRIERS['VXLAN'] ?? (() => undefined);
    const outer = fragmented(carried(packets, vxlan), 128, 7);
    const inner = carried(fragmented(packets, 128, 7), vxlan);
    const both = fragmented(carried(fragmented(packets, 256, 7), vxlan), 64, 8);
    for (const some of [outer, inner, both]) expect(told(runPackets(some).events)).toEqual(plain);
  });
});

test("an event names the outer ends, the client's first", async () => {
  const packets = await packetsOf('captures/oscar/aim-basic.pcap');
  const vxlan = CARRIERS['VXLAN'] ?? (() => undefined);
  const { events } = runPackets(carried(packets, vxlan));
  const tunnel = { src_ip: '203.0.113.1', dest_ip: '203.0.113.2', proto: 'UDP', depth: 1 };
  for (const event of events) if (event.flow_id !== undefined) expect(event.tunnel).toEqual(tunnel);
  const mpls = CARRIERS['MPLS, one label'] ?? (() => undefined);
  for (const event of runPackets(carried(packets, mpls)).events) expect(event.tunnel).toBeUndefined();
});

/** Every packet in fragments, shuffled, and every fifth fragment twice before the last. */
function fragmented(packets: readonly Packet[], size: number, seed: number): Packet[] {
  let x = seed;
  const next = (): number => (x = (x * 48_271) % 2_147_483_647);
  return packets.flatMap((packet, id) => {
    const pieces = fragmentsOf(packet.bytes, size, id & 0xffff);
    const keyed = pieces.map((bytes) => ({ bytes, key: next() })).sort((a, b) => a.key - b.key);
    const twice = keyed.flatMap((p, i) => (i < keyed.length - 1 && p.key % 5 === 0 ? [p, p] : [p]));
    return twice.map(({ bytes }) => ({ ...packet, bytes }));
  });
}
