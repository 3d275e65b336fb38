import { inside } from './ip.ts';
import { DECODE, STEP } from './result.ts';
import type { PacketView } from './view.ts';

const PPP_IPV4 = 0x0021;
const PPP_IPV6 = 0x0057;
const PPP_MPLS = 0x0281;
const PPP_MPLS_UPSTREAM = 0x0283;

/** A PPPoE session packet (RFC 2516 section 4) at `innerAt`: version and type, code, session id, length. */
export function openPppoe(view: PacketView): number {
  const b = view.bytes;
  const at = view.innerAt;
  const end = view.innerEnd;
  let wireEnd = view.innerWireEnd;
  if (end - at < 6) return wireEnd - at < 6 ? DECODE.TUNNEL_CUT : DECODE.NO_PORTS;
  if (b[at] !== 0x11) return DECODE.TUNNEL_HEADER;
  // Discovery shares the header with sessions where the link type is PPPoE itself.
  if (b[at + 1] !== 0) return DECODE.NOT_IP;
  const length = (b[at + 4]! << 8) | b[at + 5]!;
  if (at + 6 + length < wireEnd) wireEnd = at + 6 + length;
  return inside(view, STEP.PPP, 0, at + 6, end, wireEnd);
}

/**
 * PPP (RFC 1661) at `innerAt`: address and control bytes where they were not left out (RFC 1662), the
 * protocol in two bytes or, compressed, in one that is odd. `0f` and `8f` begin Cisco's HDLC, which has an ethertype.
 */
export function openPpp(view: PacketView): number {
  const b = view.bytes;
  const end = view.innerEnd;
  const wireEnd = view.innerWireEnd;
  let at = view.innerAt;
  if (end - at < 4) return wireEnd - at < 4 ? DECODE.TUNNEL_CUT : DECODE.NO_PORTS;
  const first = b[at]!;
  if (first === 0x0f || first === 0x8f) {
    return inside(view, STEP.ETHERTYPE, (b[at + 2]! << 8) | b[at + 3]!, at + 4, end, wireEnd);
  }
  if (first === 0xff && b[at + 1] === 0x03) at += 2;
  let protocol = b[at]!;
  at++;
  if ((protocol & 1) === 0) {
    protocol = (protocol << 8) | b[at]!;
    at++;
  }
  if (protocol === PPP_IPV4 || protocol === PPP_IPV6) return inside(view, STEP.IP, 0, at, end, wireEnd);
  if (protocol === PPP_MPLS || protocol === PPP_MPLS_UPSTREAM) {
    return inside(view, STEP.ETHERTYPE, protocol === PPP_MPLS ? 0x8847 : 0x8848, at, end, wireEnd);
  }
  return DECODE.NOT_IP;
}
