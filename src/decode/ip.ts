import { DECODE, STEP } from './result.ts';
import type { PacketView } from './view.ts';

const TCP = 6;
const UDP = 17;

/** Extension headers looked through before a packet is given up. */
const MAX_EXTENSIONS = 8;

/**
 * IPv4 (RFC 791) at `at`. `end` is the end of the captured bytes, `wireEnd` where the frame ended
 * on the wire, by the same origin. Padding after the packet is cut off by its total length; a total
 * length of zero (segmentation offload) or beyond the frame means "to the end of the frame".
 */
export function decodeIPv4(view: PacketView, at: number, end: number, wireEnd: number): number {
  if (end - at < 20) return DECODE.IPV4_CUT;
  const b = view.bytes;
  const first = b[at]!;
  if (first >> 4 !== 4) return DECODE.IPV4_VERSION;
  const headerLength = (first & 15) << 2;
  if (headerLength < 20 || at + headerLength > wireEnd) return DECODE.IPV4_HEADER_LENGTH;
  const total = (b[at + 2]! << 8) | b[at + 3]!;
  if (total !== 0) {
    if (total < headerLength) return DECODE.IPV4_TOTAL_LENGTH;
    if (at + total < wireEnd) wireEnd = at + total;
  }
  view.ipVersion = 4;
  view.sourceAt = at + 12;
  view.destinationAt = at + 16;
  view.hopLimit = b[at + 8]!;
  const fragment = ((b[at + 6]! << 8) | b[at + 7]!) & 0x3fff;
  const protocol = b[at + 9]!;
  if (fragment !== 0) {
    view.fragmentId = (b[at + 4]! << 8) | b[at + 5]!;
    view.fragmentOffset = (fragment & 0x1fff) << 3;
    view.fragmentMore = fragment >> 13;
    return inside(view, DECODE.FRAGMENT, protocol, at + headerLength, end, wireEnd);
  }
  if (protocol === TCP) return decodeTCP(view, at + headerLength, end, wireEnd);
  if (protocol === UDP) return decodeUDP(view, at + headerLength, end, wireEnd);
  return otherProtocol(view, protocol, at + headerLength, end, wireEnd);
}

/** IPv4 and IPv6 in IP (RFC 2003, 4213), GRE, EtherIP (RFC 3378) and MPLS in IP (RFC 4023) are tunnels. */
function otherProtocol(view: PacketView, protocol: number, at: number, end: number, wireEnd: number): number {
  const tunnel = protocol === 4 || protocol === 41 || protocol === 47 || protocol === 97 || protocol === 137;
  if (!tunnel) return DECODE.OTHER_TRANSPORT;
  return inside(view, STEP.PROTOCOL, protocol, at, end, wireEnd);
}

/** Notes what is inside; gives `result` back. */
export function inside(
  view: PacketView,
  result: number,
  type: number,
  at: number,
  end: number,
  wireEnd: number,
): number {
  view.innerType = type;
  view.innerAt = at;
  view.innerEnd = end < wireEnd ? end : wireEnd;
  view.innerWireEnd = wireEnd;
  return result;
}

/** IPv6 (RFC 8200) at `at`, with its extension headers. A payload length of zero means "to the end of the frame". */
export function decodeIPv6(view: PacketView, at: number, end: number, wireEnd: number): number {
  if (end - at < 40) return DECODE.IPV6_CUT;
  const b = view.bytes;
  if (b[at]! >> 4 !== 6) return DECODE.IPV6_VERSION;
  const length = (b[at + 4]! << 8) | b[at + 5]!;
  if (length !== 0 && at + 40 + length < wireEnd) wireEnd = at + 40 + length;
  view.ipVersion = 6;
  view.sourceAt = at + 8;
  view.destinationAt = at + 24;
  view.hopLimit = b[at + 7]!;
  const next = b[at + 6]!;
  if (next === TCP) return decodeTCP(view, at + 40, end, wireEnd);
  if (next === UDP) return decodeUDP(view, at + 40, end, wireEnd);
  return decodeExtensions(view, next, at + 40, end, wireEnd);
}

/** Hop-by-hop 0, routing 43, fragment 44, authentication 51, destination options 60, mobility 135 (RFC 8200 section 4). */
function decodeExtensions(view: PacketView, next: number, at: number, end: number, wireEnd: number): number {
  const b = view.bytes;
  for (let depth = 0; depth < MAX_EXTENSIONS; depth++) {
    if (next === TCP) return decodeTCP(view, at, end, wireEnd);
    if (next === UDP) return decodeUDP(view, at, end, wireEnd);
    if (next !== 0 && next !== 43 && next !== 44 && next !== 51 && next !== 60 && next !== 135) {
      return otherProtocol(view, next, at, end, wireEnd);
    }
    if (at + 8 > end) return at + 8 > wireEnd ? DECODE.IPV6_EXTENSIONS : DECODE.NO_PORTS;
    if (next === 44) {
      // A fragment header with offset 0 and no more to come is an atomic fragment (RFC 6946): whole.
      const fragment = (b[at + 2]! << 8) | b[at + 3]!;
      if ((fragment & 0xfff9) !== 0) {
        view.fragmentId = (b[at + 4]! << 24) | (b[at + 5]! << 16) | (b[at + 6]! << 8) | b[at + 7]!;
        view.fragmentOffset = fragment & 0xfff8;
        view.fragmentMore = fragment & 1;
        return inside(view, DECODE.FRAGMENT, b[at]!, at + 8, end, wireEnd);
      }
      next = b[at]!;
      at += 8;
    } else {
      const size = next === 51 ? (b[at + 1]! + 2) << 2 : (b[at + 1]! + 1) << 3;
      next = b[at]!;
      at += size;
    }
  }
  return DECODE.IPV6_EXTENSIONS;
}

/** TCP (RFC 9293). Checksums are not looked at here: offload makes them wrong on the sender's own machine. */
function decodeTCP(view: PacketView, at: number, end: number, wireEnd: number): number {
  if (end > wireEnd) end = wireEnd;
  if (end - at < 20) return wireEnd - at < 20 ? DECODE.TCP_CUT : DECODE.NO_PORTS;
  const b = view.bytes;
  const headerLength = (b[at + 12]! >> 4) << 2;
  if (headerLength < 20 || at + headerLength > wireEnd) return DECODE.TCP_HEADER_LENGTH;
  const payload = at + headerLength;
  view.transportAt = at;
  view.sourcePort = (b[at]! << 8) | b[at + 1]!;
  view.destinationPort = (b[at + 2]! << 8) | b[at + 3]!;
  view.seq = (b[at + 4]! << 24) | (b[at + 5]! << 16) | (b[at + 6]! << 8) | b[at + 7]!;
  view.ack = (b[at + 8]! << 24) | (b[at + 9]! << 16) | (b[at + 10]! << 8) | b[at + 11]!;
  view.tcpFlags = b[at + 13]!;
  view.payloadStart = payload < end ? payload : end;
  view.payloadEnd = end;
  view.payloadLength = wireEnd - payload;
  return DECODE.TCP;
}

/** UDP (RFC 768). */
function decodeUDP(view: PacketView, at: number, end: number, wireEnd: number): number {
  if (end > wireEnd) end = wireEnd;
  if (end - at < 8) return wireEnd - at < 8 ? DECODE.UDP_CUT : DECODE.NO_PORTS;
  const b = view.bytes;
  const length = (b[at + 4]! << 8) | b[at + 5]!;
  if (length !== 0) {
    if (length < 8) return DECODE.UDP_LENGTH;
    if (at + length < wireEnd) wireEnd = at + length;
    if (end > wireEnd) end = wireEnd;
  }
  view.transportAt = at;
  view.sourcePort = (b[at]! << 8) | b[at + 1]!;
  view.destinationPort = (b[at + 2]! << 8) | b[at + 3]!;
  view.seq = 0;
  view.ack = 0;
  view.tcpFlags = 0;
  view.payloadStart = at + 8;
  view.payloadEnd = end;
  view.payloadLength = wireEnd - at - 8;
  return DECODE.UDP;
}
