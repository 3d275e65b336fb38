/** Carries Ethernet frames in tunnels and in fragments, for tests. */
import { fromHex, joinBytes } from '../../src/core/bytes.ts';
import { addressBytes } from './packets.ts';

const MACS = fromHex('02 00 00 00 0a 01 02 00 00 00 0a 02');

/** Puts a frame into another; undefined where it cannot be carried so. */
export type Carrier = (frame: Uint8Array) => Uint8Array | undefined;

const u16 = (n: number): Uint8Array => Uint8Array.of((n >> 8) & 255, n & 255);
const ethernet = (type: number, body: Uint8Array): Uint8Array => joinBytes(MACS, u16(type), body);

/** The IP packet of an untagged frame. */
export function ipOf(frame: Uint8Array): Uint8Array | undefined {
  const type = ((frame[12] ?? 0) << 8) | (frame[13] ?? 0);
  return type === 0x0800 || type === 0x86dd ? frame.subarray(14) : undefined;
}

function isV6(ip: Uint8Array): boolean {
  return (ip[0] ?? 0) >> 4 === 6;
}

/** An IPv4 packet between two routers, without checksum. */
export function ipv4Of(
  protocol: number,
  body: Uint8Array,
  from = '203.0.113.1',
  to = '203.0.113.2',
): Uint8Array {
  const head = fromHex('45000000 00000000 40000000');
  head.set(u16(20 + body.length), 2);
  head[9] = protocol;
  return joinBytes(head, addressBytes(from), addressBytes(to), body);
}

export function ipv6Of(next: number, body: Uint8Array): Uint8Array {
  return joinBytes(
    fromHex('60000000'),
    u16(body.length),
    next,
    64,
    addressBytes('2001:db8::a'),
    addressBytes('2001:db8::b'),
    body,
  );
}

/** A UDP datagram without checksum. */
export function udpOf(from: number, to: number, body: Uint8Array): Uint8Array {
  return joinBytes(u16(from), u16(to), u16(8 + body.length), u16(0), body);
}

const inIp =
  (make: (ip: Uint8Array) => Uint8Array): Carrier =>
  (frame) => {
    const ip = ipOf(frame);
    return ip && make(ip);
  };
const over4 = (protocol: number, body: Uint8Array): Uint8Array => ethernet(0x0800, ipv4Of(protocol, body));
const overUdp = (port: number, body: Uint8Array): Uint8Array => over4(17, udpOf(50_000, port, body));
const gre = (head: string, body: Uint8Array): Uint8Array => over4(47, joinBytes(fromHex(head), body));
const typeOf = (ip: Uint8Array): string => (isV6(ip) ? '86dd' : '0800');
const pppOf = (ip: Uint8Array): Uint8Array => joinBytes(fromHex(isV6(ip) ? '0057' : '0021'), ip);
const pppoe = (ppp: Uint8Array): Uint8Array =>
  ethernet(0x8864, joinBytes(fromHex('1100 0007'), u16(ppp.length), ppp));
const gtp = (head: string, extra: string, ip: Uint8Array): Uint8Array => {
  const options = fromHex(extra);
  return overUdp(
    2152,
    joinBytes(fromHex(head), u16(options.length + ip.length), fromHex('00001234'), options, ip),
  );
};

/** Every encapsulation that is read, by name. */
export const CARRIERS: Readonly<Record<string, Carrier>> = {
  VLAN: (f) => joinBytes(f.subarray(0, 12), fromHex('8100 0064'), f.subarray(12)),
  'MPLS, one label': inIp((ip) => ethernet(0x8847, joinBytes(fromHex('00010140'), ip))),
  'MPLS, three labels': inIp((ip) => ethernet(0x8848, joinBytes(fromHex('00010040 00011040 00012140'), ip))),
  'MPLS pseudowire with control word': (f) => ethernet(0x8847, joinBytes(fromHex('00010140 00000000'), f)),
  'MPLS pseudowire without control word': (f) =>
    ethernet(0x8847, joinBytes(fromHex('00010140'), fromHex('000102030405'), f.subarray(6))),
  PPPoE: inIp((ip) => pppoe(pppOf(ip))),
  'PPPoE, compressed protocol': inIp((ip) => pppoe(joinBytes(isV6(ip) ? 0x57 : 0x21, ip))),
  GRE: inIp((ip) => gre(`0000 ${typeOf(ip)}`, ip)),
  'GRE, checksum, key and sequence': inIp((ip) => gre(`b000 ${typeOf(ip)} 00000000 00000007 00000001`, ip)),
  'GRE, routing': inIp((ip) => gre(`4000 ${typeOf(ip)} 00000000 08000004 c0000201 00000000`, ip)),
  'GRE, PPTP': inIp((ip) =>
    gre('3081 880b', joinBytes(u16(pppOf(ip).length + 2), fromHex('0007 00000001 00000000 ff03'), pppOf(ip))),
  ),
  'GRE, transparent bridging (NVGRE)': (f) => gre('2000 6558 00123400', f),
  'GRE, MPLS': inIp((ip) => gre('0000 8847 00010140', ip)),
  'ERSPAN I': (f) => gre('0000 88be', f),
  'ERSPAN II': (f) => gre('1000 88be 00000001 10000001 00000000', f),
  'ERSPAN III': (f) => gre('1000 22eb 00000001 20000001 00000000 00000000', f),
  'ERSPAN III with platform header': (f) =>
    gre('1000 22eb 00000001 20000001 00000000 00000001 0000000000000000', f),
  'ERSPAN III, IP': inIp((ip) => gre('1000 22eb 00000001 20000001 00000000 00000800', ip)),
  VXLAN: (f) => overUdp(4789, joinBytes(fromHex('08000000 00000700'), f)),
  'VXLAN, old port': (f) => overUdp(8472, joinBytes(fromHex('08000000 00000700'), f)),
  GENEVE: (f) => overUdp(6081, joinBytes(fromHex('0000 6558 00000700'), f)),
  'GENEVE with options': inIp((ip) =>
    overUdp(6081, joinBytes(fromHex(`0240 ${typeOf(ip)} 00000700 0101010100000000`), ip)),
  ),
  'GTP-U': inIp((ip) => gtp('30ff', '', ip)),
  'GTP-U with sequence number': inIp((ip) => gtp('32ff', '00010000', ip)),
  'GTP-U with extension headers': inIp((ip) => gtp('34ff', '00000085 01100085 01100000', ip)),
  'IP in IP': inIp((ip) => over4(isV6(ip) ? 41 : 4, ip)),
  'IP in IPv6': inIp((ip) => ethernet(0x86dd, ipv6Of(isV6(ip) ? 41 : 4, ip))),
  'IP in IPv6 behind destination options': inIp((ip) =>
    ethernet(0x86dd, ipv6Of(60, joinBytes(isV6(ip) ? 41 : 4, fromHex('00 0104 00000000'), ip))),
  ),
  EtherIP: (f) => over4(97, joinBytes(fromHex('3000'), f)),
  'MPLS in IP': inIp((ip) => over4(137, joinBytes(fromHex('00010140'), ip))),
  Teredo: inIp((ip) => (isV6(ip) ? overUdp(3544, ip) : over4(4, ip))),
  'Teredo with authentication and origin': inIp((ip) =>
    isV6(ip)
      ? overUdp(3544, joinBytes(fromHex('0001 0000 0102030405060708 00 0000 f12a b9c82815'), ip))
      : over4(4, ip),
  ),
  'VXLAN in GRE in MPLS': (f) =>
    ethernet(
      0x8847,
      joinBytes(
        fromHex('00010140'),
        ipv4Of(
          47,
          joinBytes(
            fromHex('0000 0800'),
            ipv4Of(17, udpOf(5, 4789, joinBytes(fromHex('08000000 00000700'), f))),
          ),
        ),
      ),
    ),
};

/** Link type PPP, for frames of which only the IP packet stays. */
export const asPpp = inIp((ip) => joinBytes(fromHex('ff03'), pppOf(ip)));

/**
 * The frame's IP packet in fragments of at most `size` payload bytes (a multiple of 8), in order; the
 * frame alone where it is small enough or is not IP. `id` tells the packets apart.
 */
export function fragmentsOf(frame: Uint8Array, size: number, id: number): Uint8Array[] {
  const ip = ipOf(frame);
  if (!ip) return [frame];
  return isV6(ip) ? fragments6(frame, ip, size, id) : fragments4(frame, ip, size, id);
}

function fragments4(frame: Uint8Array, ip: Uint8Array, size: number, id: number): Uint8Array[] {
  const headerLength = ((ip[0] ?? 0) & 15) * 4;
  const total = ((ip[2] ?? 0) << 8) | (ip[3] ?? 0);
  const body = ip.subarray(headerLength, total);
  if (body.length <= size || total === 0) return [frame];
  const out: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += size) {
    const piece = body.subarray(at, at + size);
    const head = Uint8Array.from(ip.subarray(0, headerLength));
    head.set(u16(headerLength + piece.length), 2);
    head.set(u16(id), 4);
    head.set(u16((at >> 3) | (at + size < body.length ? 0x2000 : 0)), 6);
    out.push(joinBytes(frame.subarray(0, 14), head, piece));
  }
  return out;
}

function fragments6(frame: Uint8Array, ip: Uint8Array, size: number, id: number): Uint8Array[] {
  const body = ip.subarray(40, 40 + (((ip[4] ?? 0) << 8) | (ip[5] ?? 0)));
  if (body.length <= size) return [frame];
  const out: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += size) {
    const piece = body.subarray(at, at + size);
    const head = Uint8Array.from(ip.subarray(0, 40));
    head.set(u16(8 + piece.length), 4);
    head[6] = 44;
    const more = at + size < body.length ? 1 : 0;
    out.push(joinBytes(frame.subarray(0, 14), head, ip[6] ?? 0, 0, u16(at | more), u16(0), u16(id), piece));
  }
  return out;
}
