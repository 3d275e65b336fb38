import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fromHex, joinBytes } from '../core/bytes.ts';
import { decodeFrame, LINK } from './link.ts';
import { DECODE } from './result.ts';
import { PacketView, TCP_ACK, TCP_PSH } from './view.ts';

const MACS = fromHex('02 00 00 00 00 01 02 00 00 00 00 02');
const ETH4 = joinBytes(MACS, fromHex('08 00'));
const ETH6 = joinBytes(MACS, fromHex('86 dd'));
/** Port 49152 to 5190, seq 1000, ack 2000, PSH+ACK, then "hi". */
const TCP = joinBytes(fromHex('c000 1446 000003e8 000007d0 5018 ffff 0000 0000'), 'hi');
const UDP = joinBytes(fromHex('c000 0fa0 000a 0000'), 'hi');

function ipv4(
  protocol: number,
  payload: Uint8Array,
  options: { total?: number; options?: Uint8Array; fragment?: number } = {},
): Uint8Array {
  const extra = options.options ?? new Uint8Array(0);
  const length = options.total ?? 20 + extra.length + payload.length;
  const head = new Uint8Array(20);
  head[0] = 0x40 | (5 + extra.length / 4);
  head[2] = length >> 8;
  head[3] = length;
  head[6] = (options.fragment ?? 0) >> 8;
  head[7] = options.fragment ?? 0;
  head[8] = 64;
  head[9] = protocol;
  head.set([192, 0, 2, 1], 12);
  head.set([198, 51, 100, 2], 16);
  return joinBytes(head, extra, payload);
}

function ipv6(next: number, payload: Uint8Array, length = payload.length): Uint8Array {
  const head = new Uint8Array(40);
  head[0] = 0x60;
  head[4] = length >> 8;
  head[5] = length;
  head[6] = next;
  head[7] = 64;
  head.set(fromHex('20010db8 00000000 00000000 00000001'), 8);
  head.set(fromHex('20010db8 00000000 00000000 00000002'), 24);
  return joinBytes(head, payload);
}

function decode(
  bytes: Uint8Array,
  linkType: number = LINK.ETHERNET,
  wire = bytes.length,
): { result: number; view: PacketView; text: string } {
  const view = new PacketView();
  const result = decodeFrame(view, bytes, 0, bytes.length, wire, linkType);
  const text = new TextDecoder().decode(bytes.subarray(view.payloadStart, view.payloadEnd));
  return { result, view, text };
}

describe('what is decoded', () => {
  const rows: [string, Uint8Array, number][] = [
    ['Ethernet, IPv4', joinBytes(ETH4, ipv4(6, TCP)), LINK.ETHERNET],
    ['IPv4 options', joinBytes(ETH4, ipv4(6, TCP, { options: fromHex('94040000') })), LINK.ETHERNET],
    [
      'Ethernet padding after the packet',
      joinBytes(ETH4, ipv4(6, TCP), fromHex('000000000000')),
      LINK.ETHERNET,
    ],
    ['IPv4 total length 0 (offload)', joinBytes(ETH4, ipv4(6, TCP, { total: 0 })), LINK.ETHERNET],
    ['802.1Q', joinBytes(MACS, fromHex('8100 0064 0800'), ipv4(6, TCP)), LINK.ETHERNET],
    ['QinQ', joinBytes(MACS, fromHex('88a8 000a 8100 0014 0800'), ipv4(6, TCP)), LINK.ETHERNET],
    ['IPv6', joinBytes(ETH6, ipv6(6, TCP)), LINK.ETHERNET],
    [
      'IPv6 hop-by-hop and destination options',
      joinBytes(ETH6, ipv6(0, joinBytes(fromHex('3c00 0104 00000000 0600 0104 00000000'), TCP))),
      LINK.ETHERNET,
    ],
    [
      'IPv6 authentication header',
      joinBytes(
        ETH6,
        ipv6(51, joinBytes(fromHex('0604 0000 00000001 00000001 000000000000000000000000'), TCP)),
      ),
      LINK.ETHERNET,
    ],
    [
      'IPv6 atomic fragment',
      joinBytes(ETH6, ipv6(44, joinBytes(fromHex('0600 0000 00000001'), TCP))),
      LINK.ETHERNET,
    ],
    ['raw IPv4', ipv4(6, TCP), LINK.RAW],
    ['raw IPv6', ipv6(6, TCP), LINK.IPV6],
    ['BSD loopback, little-endian', joinBytes(fromHex('02000000'), ipv4(6, TCP)), LINK.NULL],
    ['OpenBSD loopback', joinBytes(fromHex('00000018'), ipv6(6, TCP)), LINK.LOOP],
    [
      'Linux cooked',
      joinBytes(fromHex('0000 0001 0006 020000000001 0000 0800'), ipv4(6, TCP)),
      LINK.LINUX_SLL,
    ],
    [
      'Linux cooked v2',
      joinBytes(fromHex('86dd 0000 00000002 0001 00 06 0200000000010000'), ipv6(6, TCP)),
      LINK.LINUX_SLL2,
    ],
  ];
  test.each(rows)('%s', (_name, bytes, link) => {
    const { result, view, text } = decode(bytes, link);
    expect(result).toBe(DECODE.TCP);
    expect(text).toBe('hi');
    expect([view.sourcePort, view.destinationPort, view.seq, view.ack]).toEqual([49152, 5190, 1000, 2000]);
    expect(view.tcpFlags).toBe(TCP_ACK | TCP_PSH);
    expect(view.payloadLength).toBe(2);
  });

  test('UDP, cut to its own length', () => {
    const { result, text, view } = decode(joinBytes(ETH4, ipv4(17, joinBytes(UDP, 'trailer'))));
    expect([result, text, view.payloadLength]).toEqual([DECODE.UDP, 'hi', 2]);
  });

  test('VLAN ids, outer first', () => {
    const { view } = decode(joinBytes(MACS, fromHex('88a8 000a 8100 0014 0800'), ipv4(6, TCP)));
    expect([view.vlanCount, view.vlans & 0xfff, view.vlans >> 12]).toEqual([2, 10, 20]);
  });

  test('a snap length that leaves only headers keeps the true payload length', () => {
    const whole = joinBytes(ETH4, ipv4(6, TCP));
    const { result, view } = decode(whole.subarray(0, 54), LINK.ETHERNET, whole.length);
    expect([result, view.payloadEnd - view.payloadStart, view.payloadLength]).toEqual([DECODE.TCP, 0, 2]);
  });

  test('a snap length that cuts the TCP header is told apart from damage', () => {
    const whole = joinBytes(ETH4, ipv4(6, TCP));
    expect(decode(whole.subarray(0, 44), LINK.ETHERNET, whole.length).result).toBe(DECODE.NO_PORTS);
    expect(decode(joinBytes(ETH4, ipv4(6, TCP.subarray(0, 10)))).result).toBe(DECODE.TCP_CUT);
  });
});

describe('what is refused, each with its reason', () => {
  const bad4 = (change: (b: Uint8Array) => void): Uint8Array => {
    const bytes = joinBytes(ETH4, ipv4(6, TCP));
    change(bytes);
    return bytes;
  };
  const rows: [string, Uint8Array, number][] = [
    ['empty frame', new Uint8Array(0), DECODE.EMPTY_FRAME],
    ['13 bytes of Ethernet', MACS.subarray(0, 12), DECODE.LINK_CUT],
    ['ARP', joinBytes(MACS, fromHex('0806 0001')), DECODE.NOT_IP],
    [
      'four VLAN tags',
      joinBytes(MACS, fromHex('8100 0001 8100 0002 8100 0003 8100 0004 0800'), ipv4(6, TCP)),
      DECODE.VLAN_DEPTH,
    ],
    ['a VLAN tag cut short', joinBytes(MACS, fromHex('8100 00')), DECODE.LINK_CUT],
    ['IPv4 cut', joinBytes(ETH4, fromHex('4500')), DECODE.IPV4_CUT],
    ['version 5', bad4((b) => void (b[14] = 0x55)), DECODE.IPV4_VERSION],
    ['header length 16', bad4((b) => void (b[14] = 0x44)), DECODE.IPV4_HEADER_LENGTH],
    ['total length 10', bad4((b) => void (b[17] = 10)), DECODE.IPV4_TOTAL_LENGTH],
    ['a later fragment', joinBytes(ETH4, ipv4(6, TCP, { fragment: 0x0010 })), DECODE.FRAGMENT],
    ['a first fragment', joinBytes(ETH4, ipv4(6, TCP, { fragment: 0x2000 })), DECODE.FRAGMENT],
    ['ICMP', joinBytes(ETH4, ipv4(1, fromHex('0800'))), DECODE.OTHER_TRANSPORT],
    ['TCP header length 8', bad4((b) => void (b[46] = 0x20)), DECODE.TCP_HEADER_LENGTH],
    ['TCP header beyond the packet', bad4((b) => void (b[46] = 0xf0)), DECODE.TCP_HEADER_LENGTH],
    ['UDP length 7', joinBytes(ETH4, ipv4(17, fromHex('c000 0fa0 0007 0000'))), DECODE.UDP_LENGTH],
    ['UDP cut', joinBytes(ETH4, ipv4(17, fromHex('c000 0fa0'))), DECODE.UDP_CUT],
    ['IPv6 cut', joinBytes(ETH6, fromHex('6000')), DECODE.IPV6_CUT],
    ['IPv6 with version 4', joinBytes(ETH6, ipv4(6, TCP), new Uint8Array(20)), DECODE.IPV6_VERSION],
    [
      'nine extension headers',
      joinBytes(
        ETH6,
        ipv6(0, joinBytes(...Array.from({ length: 9 }, () => fromHex('0000 0104 00000000')), TCP)),
      ),
      DECODE.IPV6_EXTENSIONS,
    ],
    [
      'an extension header beyond the packet',
      joinBytes(ETH6, ipv6(0, fromHex('0600'))),
      DECODE.IPV6_EXTENSIONS,
    ],
  ];
  test.each(rows)('%s', (_name, bytes, result) => {
    expect(decode(bytes).result).toBe(result);
  });

  test('a link type that is not read', () => {
    expect(decode(ipv4(6, TCP), 147).result).toBe(DECODE.UNKNOWN_LINK);
  });
});

test('every cut of every frame and any bytes: never throws, never points outside the frame', () => {
  const check = (bytes: Uint8Array, link: number, wire: number): void => {
    const { result, view } = decode(bytes, link, wire);
    if (result > DECODE.UDP) return;
    expect(view.payloadStart).toBeLessThanOrEqual(view.payloadEnd);
    expect(view.payloadEnd).toBeLessThanOrEqual(bytes.length);
    expect(view.payloadLength).toBeGreaterThanOrEqual(view.payloadEnd - view.payloadStart);
  };
  const frames = [
    joinBytes(ETH4, ipv4(6, TCP)),
    joinBytes(ETH6, ipv6(0, joinBytes(fromHex('0600 0104 00000000'), TCP))),
  ];
  for (const frame of frames) {
    for (let n = 0; n <= frame.length; n++) {
      check(frame.subarray(0, n), LINK.ETHERNET, n);
      check(frame.subarray(0, n), LINK.ETHERNET, frame.length);
    }
    fc.assert(
      fc.property(fc.nat(frame.length - 1), fc.nat(255), (at, value) => {
        const bytes = frame.slice();
        bytes[at] = value;
        check(bytes, LINK.ETHERNET, bytes.length);
      }),
      { seed: 1, numRuns: 500 },
    );
  }
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 120 }),
      fc.constantFrom(...Object.values(LINK)),
      fc.nat(2000),
      (bytes, link, more) => {
        check(bytes, link, bytes.length + more);
      },
    ),
    { seed: 2, numRuns: 2000 },
  );
});
