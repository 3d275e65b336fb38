import { describe, expect, jest, test } from '@jest/globals';
import type { EveEvent } from '../../src/event/eve.ts';
import { replayCapture } from '../golden/replay.ts';
import { fields, tsharkVersion } from './tshark.ts';

jest.setTimeout(300_000);

/** What both count of one connection: packets and bytes (whole frames) of each way. */
interface Count {
  ends: string;
  packets: [number, number];
  bytes: [number, number];
}

/** Connections of one capture after tshark: of TCP, or of UDP. */
function counted(capture: string, transport: 'tcp' | 'udp'): Count[] {
  const names = ['ip.src', 'ipv6.src', 'ip.dst', 'ipv6.dst', `${transport}.srcport`, `${transport}.dstport`];
  const flows = new Map<string, Count & { first: string }>();
  const rows = fields(capture, [`${transport}.stream`, 'frame.len', ...names], {
    filter: `${transport} and not icmp`,
  });
  for (const [stream = '', length, ip4 = '', ip6 = '', to4 = '', to6 = '', port = '', toPort = ''] of rows) {
    const from = `${ip4}${ip6}:${port}`;
    const to = `${to4}${to6}:${toPort}`;
    const flow = flows.get(stream) ?? { ends: `${from}-${to}`, first: from, packets: [0, 0], bytes: [0, 0] };
    const way = from === flow.first ? 0 : 1;
    flow.packets[way]++;
    flow.bytes[way] += Number(length);
    flows.set(stream, flow);
  }
  return [...flows.values()].map(({ ends, packets, bytes }) => ({ ends, packets, bytes })).sort(byEnds);
}

/** The same after imspan, from `--flows all`. */
function told(events: readonly EveEvent[], proto: 'TCP' | 'UDP'): Count[] {
  return events
    .filter((event) => event.event_type === 'flow' && event.proto === proto)
    .map((event) => ({
      ends: `${event.src_ip!}:${event.src_port!}-${event.dest_ip!}:${event.dest_port!}`,
      packets: [event.flow!.pkts_toserver, event.flow!.pkts_toclient] satisfies [number, number],
      bytes: [event.flow!.bytes_toserver, event.flow!.bytes_toclient] satisfies [number, number],
    }))
    .sort(byEnds);
}

function byEnds(a: Count, b: Count): number {
  return a.ends < b.ends ? -1 : a.ends > b.ends ? 1 : a.packets[0] - b.packets[0];
}

/** tshark takes the first sender for the client; who it is is not what is compared where the beginning is missing. */
function eitherWay(counts: readonly Count[]): Count[] {
  return counts
    .map((count): Count => {
      const [from = '', to = ''] = count.ends.split('-');
      if (from < to) return count;
      const { packets, bytes } = count;
      return { ends: `${to}-${from}`, packets: [packets[1], packets[0]], bytes: [bytes[1], bytes[0]] };
    })
    .sort(byEnds);
}

const version = tsharkVersion();

(version === undefined ? describe.skip : describe)(
  'connections, beside tshark (skipped where it is not installed)',
  () => {
    test.each([
      'captures/oscar/aim-chat-room.pcap',
      'captures/msn/basic-msnp18.pcap',
      'captures/msn/midsession-msnp9.pcap',
      'captures/yahoo/reorder-ymsg12.pcap',
      'captures/xmpp/loss-reorder.pcap',
    ])('TCP of %s', async (capture) => {
      const { lines } = await replayCapture(capture, true, 0);
      const events = lines.map((line) => JSON.parse(line) as EveEvent);
      const ours = told(events, 'TCP');
      const theirs = counted(capture, 'tcp');
      expect(theirs.length).toBeGreaterThan(1);
      expect(eitherWay(ours)).toEqual(eitherWay(theirs));
      if (!capture.includes('midsession')) expect(ours).toEqual(theirs);
    });

    test('UDP of captures/oscar/icq-udp-v2.pcap', async () => {
      const { lines } = await replayCapture('captures/oscar/icq-udp-v2.pcap', true);
      const events = lines.map((line) => JSON.parse(line) as EveEvent);
      const theirs = counted('captures/oscar/icq-udp-v2.pcap', 'udp');
      expect(theirs).toHaveLength(3);
      expect(told(events, 'UDP')).toEqual(theirs);
    });
  },
);
