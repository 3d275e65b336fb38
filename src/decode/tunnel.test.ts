import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { asPpp, CARRIERS, fragmentsOf, ipv4Of, udpOf } from '../../test/support/carry.ts';
import { tcpFrame, udpFrame } from '../../test/support/packets.ts';
import { fromHex, joinBytes } from '../core/bytes.ts';
import { decodeFrame, LINK } from './link.ts';
import { DECODE } from './result.ts';
import { PacketView } from './view.ts';

const V4 = tcpFrame({ ip: '192.0.2.1', port: 49_152 }, { ip: '198.51.100.2', port: 5190 }, said());
const V6 = tcpFrame({ ip: '2001:db8::1', port: 49_152 }, { ip: '2001:db8::2', port: 5190 }, said());
const ETH = fromHex('02000000000102000000 0002 0800');
const MPLS = fromHex('020000000001020000000002 8847');
const PPPOE = fromHex('020000000001020000000002 8864');

function said(): { seq: number; ack: number; flags: number; payload: Uint8Array } {
  return { seq: 1000, ack: 2000, flags: 24, payload: Buffer.from('hi there') };
}

interface Told {
  result: number;
  view: PacketView;
  text: string;
}

function decode(bytes: Uint8Array, link: number = LINK.ETHERNET, wire = bytes.length): Told {
  const view = new PacketView();
  // Bytes around the frame, as they are in a buffer of many: nothing may be read out of them.
  const around = joinBytes(new Uint8Array(64).fill(0x45), bytes, new Uint8Array(64).fill(0x45));
  const result = decodeFrame(view, around, 64, 64 + bytes.length, wire, link);
  const text = Buffer.from(around.subarray(view.payloadStart, view.payloadEnd)).toString('latin1');
  return { result, view, text };
}

describe.each([
  ['IPv4', V4],
  ['IPv6', V6],
])('%s in', (_version, frame) => {
  test.each(Object.keys(CARRIERS))('%s', (name) => {
    const carried = CARRIERS[name]?.(frame) ?? new Uint8Array(0);
    const { result, view, text } = decode(carried);
    expect([result, text, view.payloadLength]).toEqual([DECODE.TCP, 'hi there', 8]);
    expect([view.sourcePort, view.destinationPort, view.seq, view.ack]).toEqual([49_152, 5190, 1000, 2000]);
    expect(view.tunnels > 0).toBe(name !== 'VLAN');
    expect(view.tunnelId !== 0).toBe(name !== 'VLAN');
  });

  test('PPP and PPPoE as link types', () => {
    const ppp = asPpp(frame) ?? new Uint8Array(0);
    expect(decode(ppp, LINK.PPP).text).toBe('hi there');
    expect(decode(ppp.subarray(2), LINK.PPP).text).toBe('hi there');
    expect(decode(ppp, LINK.PPP_SERIAL).text).toBe('hi there');
    expect(decode(joinBytes(fromHex('0f00'), frame.subarray(12)), LINK.PPP_SERIAL).text).toBe('hi there');
    const session = joinBytes(fromHex('1100 0001'), 0, ppp.length, ppp);
    expect(decode(session, LINK.PPP_ETHER).text).toBe('hi there');
  });
});

describe('both directions of a tunnel have one id', () => {
  const back = tcpFrame({ ip: '198.51.100.2', port: 5190 }, { ip: '192.0.2.1', port: 49_152 }, said());
  test('IP in IP, told by its ends', () => {
    const there = joinBytes(ETH, ipv4Of(4, V4.subarray(14)));
    const and = joinBytes(ETH, ipv4Of(4, back.subarray(14), '203.0.113.2', '203.0.113.1'));
    const other = joinBytes(ETH, ipv4Of(4, back.subarray(14), '203.0.113.3', '203.0.113.1'));
    expect(decode(there).view.tunnelId).toBe(decode(and).view.tunnelId);
    expect(decode(there).view.tunnelId).not.toBe(decode(other).view.tunnelId);
  });
  test('VXLAN, by its VNI; MPLS by no label', () => {
    const vxlan = (vni: number): Uint8Array =>
      joinBytes(ETH, ipv4Of(17, udpOf(1, 4789, joinBytes(fromHex('08000000'), 0, 0, vni, 0, V4))));
    expect(decode(vxlan(1)).view.tunnelId).toBe(decode(vxlan(1)).view.tunnelId);
    expect(decode(vxlan(1)).view.tunnelId).not.toBe(decode(vxlan(2)).view.tunnelId);
    const mpls = (label: string): Uint8Array => joinBytes(MPLS, fromHex(label), V4.subarray(14));
    expect(decode(mpls('00010140')).view.tunnelId).toBe(decode(mpls('00020140')).view.tunnelId);
  });
});

describe('what is refused, each with its reason', () => {
  const gre = (head: string, body: Uint8Array = V4.subarray(14)): Uint8Array =>
    joinBytes(ETH, ipv4Of(47, joinBytes(fromHex(head), body)));
  const rows: [string, Uint8Array, number][] = [
    ['GRE of version 2', gre('0002 0800'), DECODE.TUNNEL_HEADER],
    ['GRE that ends in its header', gre('b000 0800', new Uint8Array(3)), DECODE.TUNNEL_CUT],
    ['GRE with routes without end', gre('4000 0800 00000000', new Uint8Array(0)), DECODE.TUNNEL_HEADER],
    ['GRE of another protocol', gre('0000 1234'), DECODE.NOT_IP],
    ['PPTP acknowledgement', gre('2081 880b 0000 0007 00000001', new Uint8Array(0)), DECODE.OTHER_TRANSPORT],
    ['PPTP that is encrypted', gre('3001 880b 0010 0007 00000001 ff03 00fd', V4), DECODE.NOT_IP],
    ['PPTP without key', gre('1001 880b 00000001'), DECODE.TUNNEL_HEADER],
    ['ERSPAN II of version 3', gre('1000 88be 00000001 30000001 00000000', V4), DECODE.TUNNEL_HEADER],
    ['an inner IPv4 that is damaged', gre('0000 0800', fromHex('43'.repeat(20))), DECODE.IPV4_HEADER_LENGTH],
    ['an inner frame cut short', gre('0000 6558', V4.subarray(0, 9)), DECODE.LINK_CUT],
    ['MPLS without bottom', joinBytes(MPLS, new Uint8Array(100)), DECODE.TUNNEL_HEADER],
    ['MPLS cut', joinBytes(MPLS, fromHex('0001')), DECODE.TUNNEL_CUT],
    ['MPLS of nothing', joinBytes(MPLS, fromHex('00010140')), DECODE.TUNNEL_CUT],
    ['MPLS of another thing', joinBytes(MPLS, fromHex('00010140 1000000000')), DECODE.NOT_IP],
    [
      'MPLS pseudowire of no Ethernet',
      joinBytes(MPLS, fromHex('00010140'), new Uint8Array(40)),
      DECODE.NOT_IP,
    ],
    ['PPPoE of version 2', joinBytes(PPPOE, fromHex('2100 0001 0002 0021')), DECODE.TUNNEL_HEADER],
    ['PPPoE cut', joinBytes(PPPOE, fromHex('1100')), DECODE.TUNNEL_CUT],
    ['PPP LCP', joinBytes(PPPOE, fromHex('1100 0001 0008 c021 01010008 0000')), DECODE.NOT_IP],
    ['PPPoE of nothing', joinBytes(PPPOE, fromHex('1100 0001 0002 0021')), DECODE.TUNNEL_CUT],
    [
      'EtherIP of version 4',
      joinBytes(ETH, ipv4Of(97, joinBytes(fromHex('4000'), V4))),
      DECODE.TUNNEL_HEADER,
    ],
  ];
  test.each(rows)('%s', (_name, bytes, result) => {
    expect(decode(bytes).result).toBe(result);
  });

  test('eight tunnels in one another are opened, nine are not', () => {
    const nested = (n: number): Uint8Array => {
      let ip: Uint8Array = V4.subarray(14);
      for (let i = 0; i < n; i++) ip = ipv4Of(4, ip);
      return joinBytes(ETH, ip);
    };
    expect(decode(nested(8)).result).toBe(DECODE.TCP);
    expect(decode(nested(9)).result).toBe(DECODE.TUNNEL_DEPTH);
  });

  test('a snap length that cuts a tunnel is told apart from damage', () => {
    const whole = gre('b000 0800 00000000 00000007 00000001');
    expect(decode(whole.subarray(0, 40), LINK.ETHERNET, whole.length).result).toBe(DECODE.NO_PORTS);
    expect(decode(whole.subarray(0, 70), LINK.ETHERNET, whole.length).result).toBe(DECODE.NO_PORTS);
  });
});

describe('a port is no proof: these stay UDP', () => {
  const rows: [string, number, Uint8Array][] = [
    ['VXLAN without its flag', 4789, joinBytes(fromHex('00000000 00000700'), V4)],
    ['VXLAN of a damaged frame', 4789, joinBytes(fromHex('08000000 00000700'), V4.subarray(0, 30))],
    ['VXLAN of text', 4789, joinBytes(fromHex('08000000 00000700'), 'Some text that is no frame at all')],
    ['GENEVE of version 1', 6081, joinBytes(fromHex('4000 6558 00000700'), V4)],
    ['GENEVE options beyond the packet', 6081, fromHex('3f00 6558 00000700')],
    ['a GTP-U echo', 2152, fromHex('3201 0004 00000000 00010000')],
    ['GTP-U extensions of length 0', 2152, joinBytes(fromHex('34ff 0000 00000000 00000085 00'), V4)],
    ['GTP-U of an IPv4 beyond it', 2152, joinBytes(fromHex('30ff 0020 00000000'), V4.subarray(14, 50))],
    ['Teredo of IPv4', 3544, V4.subarray(14)],
    ['Teredo of a 6', 3544, Buffer.from('`hello, this is a line of text about nothing at all')],
    ['nothing', 4789, new Uint8Array(0)],
  ];
  test.each(rows)('%s', (_name, port, payload) => {
    const frame = udpFrame({ ip: '192.0.2.1', port: 4000 }, { ip: '192.0.2.2', port }, payload);
    const { result, view, text } = decode(frame);
    expect([result, view.sourcePort, view.destinationPort]).toEqual([DECODE.UDP, 4000, port]);
    expect([view.tunnels, view.tunnelId, view.vlanCount]).toEqual([0, 0, 0]);
    expect(text).toBe(Buffer.from(payload).toString('latin1'));
  });
});

test('every cut and any damage of every encapsulation: never throws, never points outside', () => {
  const check = (bytes: Uint8Array, wire: number): void => {
    const { result, view } = decode(bytes, LINK.ETHERNET, wire);
    expect(result).toBeLessThan(64);
    if (result > DECODE.UDP && result !== DECODE.FRAGMENT) return;
    const [start, end] =
      result === DECODE.FRAGMENT ? [view.innerAt, view.innerEnd] : [view.payloadStart, view.payloadEnd];
    if (result !== DECODE.FRAGMENT) expect(start).toBeLessThanOrEqual(end);
    expect(start).toBeGreaterThanOrEqual(64);
    expect(end).toBeLessThanOrEqual(64 + bytes.length);
  };
  for (const [name, carrier] of Object.entries(CARRIERS)) {
    for (const inner of [V4, V6, ...fragmentsOf(V4, 16, 1).slice(1)]) {
      const frame = carrier(inner);
      if (!frame) throw new Error(name);
      for (let n = 0; n <= frame.length; n++) {
        check(frame.subarray(0, n), n);
        check(frame.subarray(0, n), frame.length);
      }
      fc.assert(
        fc.property(fc.nat(frame.length - 1), fc.nat(255), (at, value) => {
          const bytes = frame.slice();
          bytes[at] = value;
          check(bytes, bytes.length);
        }),
        { seed: 1, numRuns: 100 },
      );
    }
  }
});
