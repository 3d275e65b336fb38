import { describe, expect, test } from '@jest/globals';
import { runPackets } from '../../test/support/engine.ts';
import { CARRIERS } from '../../test/support/carry.ts';
import { Conversation } from '../../test/support/packets.ts';
import type { Packet } from '../../test/support/packets.ts';
import type { EveEvent } from '../event/eve.ts';

/** A connection that nobody takes for IM, in VXLAN or as it is. */
function web(port: number, tunnelled: boolean, seconds = 1_700_000_000): Packet[] {
  const line = new Conversation({
    ...{ client: { ip: '10.0.0.1', port }, server: { ip: '10.0.0.2', port: 80 }, seconds },
  });
  line
    .open()
    .send(0, Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'))
    .send(1, Buffer.from('HTTP/1.1 204 No\r\n\r\n'))
    .close();
  const vxlan = CARRIERS['VXLAN'] ?? (() => undefined);
  return tunnelled ? line.packets.map((p) => ({ ...p, bytes: vxlan(p.bytes) ?? p.bytes })) : line.packets;
}
const flowsOf = (events: readonly EveEvent[]): EveEvent[] => events.filter((e) => e.event_type === 'flow');
const TUNNEL = { src_ip: '203.0.113.1', dest_ip: '203.0.113.2', proto: 'UDP', depth: 1 };

describe('flows that are not IM', () => {
  test('are told with the tunnel that they are in, and without where they are in none', () => {
    const { events } = runPackets([...web(1_111, true), ...web(2_222, false)], { allFlows: true });
    expect(flowsOf(events).map((e) => [e.src_port, e.tunnel])).toEqual([
      [1_111, TUNNEL],
      [2_222, undefined],
    ]);
  });

  test('one whose first packet is the server’s: the client’s end of the tunnel is still the first', () => {
    const { events } = runPackets(web(1_111, true).slice(1), { allFlows: true });
    expect(flowsOf(events).map((e) => [e.src_ip, e.tunnel])).toEqual([
      // Here every packet is sent by the same end of the tunnel, the server's too.
      ['10.0.0.1', { ...TUNNEL, src_ip: TUNNEL.dest_ip, dest_ip: TUNNEL.src_ip }],
    ]);
  });

  test('a record that is used again does not keep the tunnel of the one before', () => {
    const packets = [
      ...web(1_111, true),
      ...web(1_111, false, 1_700_000_400),
      ...web(1_111, true, 1_700_000_800),
    ];
    const { events } = runPackets(packets, { allFlows: true, limits: { flows: 64 } });
    expect(flowsOf(events).map((e) => e.tunnel)).toEqual([TUNNEL, undefined, TUNNEL]);
  });

  test('beyond the limit they are told without; a tunnel without connections makes room', () => {
    const none = runPackets(web(1_111, true), { allFlows: true, limits: { tunnels: 0 } });
    expect(flowsOf(none.events).map((e) => e.tunnel)).toEqual([undefined]);
    const packets = [0, 1, 2].flatMap((n) => web(1_111 + n, true, 1_700_000_000 + n * 400));
    const one = runPackets(packets, { allFlows: true, limits: { tunnels: 1 } });
    expect(flowsOf(one.events).map((e) => e.tunnel)).toEqual([TUNNEL, TUNNEL, TUNNEL]);
  });
});
