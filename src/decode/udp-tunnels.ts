import { inside } from './ip.ts';
import { DECODE, STEP } from './result.ts';
import { TUNNEL, tunnelEnds, tunnelNumber } from './tunnel-id.ts';
import type { PacketView } from './view.ts';

const PORT_VXLAN = 4789;
/** Linux's VXLAN before the number was assigned. */
const PORT_VXLAN_OLD = 8472;
const PORT_GENEVE = 6081;
const PORT_GTP_U = 2152;
const PORT_TEREDO = 3544;

/** Extension headers of GTP-U looked through. */
const MAX_EXTENSIONS = 8;

/** The UDP packet of the view has a port of a tunnel that is read. */
export function isTunnelPort(view: PacketView): boolean {
  const port = view.destinationPort;
  if (port === PORT_VXLAN || port === PORT_VXLAN_OLD || port === PORT_GTP_U || port === PORT_GENEVE)
    return true;
  return port === PORT_TEREDO || view.sourcePort === PORT_TEREDO;
}

/** The header of the UDP tunnel that the port speaks of: a `STEP`, or `DECODE.UDP` where it is something else. */
export function openUdpTunnel(view: PacketView): number {
  switch (view.destinationPort) {
    case PORT_VXLAN:
    case PORT_VXLAN_OLD:
      return openVxlan(view);
    case PORT_GENEVE:
      return openGeneve(view);
    case PORT_GTP_U:
      return openGtp(view);
    default:
      return openTeredo(view);
  }
}

/** VXLAN (RFC 7348 section 5): flags with I set, 24 bits reserved, the VNI, 8 bits reserved. */
function openVxlan(view: PacketView): number {
  const b = view.bytes;
  const at = view.payloadStart;
  if (view.payloadEnd - at < 8 || b[at] !== 0x08) return DECODE.UDP;
  tunnelNumber(view, TUNNEL.VXLAN, (b[at + 4]! << 16) | (b[at + 5]! << 8) | b[at + 6]!);
  return payload(view, STEP.ETHERNET, 0, at + 8);
}

/** GENEVE (RFC 8926 section 3.4): version and length of the options, flags, ethertype, the VNI. */
function openGeneve(view: PacketView): number {
  const b = view.bytes;
  const at = view.payloadStart;
  if (view.payloadEnd - at < 8 || b[at]! >> 6 !== 0) return DECODE.UDP;
  const next = at + 8 + ((b[at]! & 0x3f) << 2);
  // A control packet carries no frame.
  if (next > view.payloadEnd || (b[at + 1]! & 0x80) !== 0) return DECODE.UDP;
  tunnelNumber(view, TUNNEL.GENEVE, (b[at + 4]! << 16) | (b[at + 5]! << 8) | b[at + 6]!);
  const type = (b[at + 2]! << 8) | b[at + 3]!;
  return payload(view, type === 0x6558 ? STEP.ETHERNET : STEP.ETHERTYPE, type, next);
}

/**
 * GTP-U version 1 (3GPP TS 29.281 section 5): flags, message type, length, TEID; with any of E, S and PN
 * four bytes more, the last of which is the type of the first extension header. The TEID is the receiver's, so
 * it differs by direction: the tunnel is told by its ends.
 */
function openGtp(view: PacketView): number {
  const b = view.bytes;
  const at = view.payloadStart;
  const end = view.payloadEnd;
  if (end - at < 8 || (b[at]! & 0xf0) !== 0x30 || b[at + 1] !== 0xff) return DECODE.UDP;
  let next = at + 8;
  if ((b[at]! & 7) !== 0) {
    next += 4;
    if (next > end) return DECODE.UDP;
    let extension = (b[at]! & 4) !== 0 ? b[next - 1]! : 0;
    for (let i = 0; extension !== 0; i++) {
      const size = next < end ? b[next]! << 2 : 0;
      if (size === 0 || next + size > end || i === MAX_EXTENSIONS) return DECODE.UDP;
      next += size;
      extension = b[next - 1]!;
    }
  }
  tunnelEnds(view, TUNNEL.GTP);
  return payload(view, STEP.IP, 0, next);
}

/** Teredo (RFC 4380 section 5.1.1): an authentication and an origin indication may come before the IPv6 packet. */
function openTeredo(view: PacketView): number {
  const b = view.bytes;
  const end = view.payloadEnd;
  let at = view.payloadStart;
  if (end - at >= 4 && b[at] === 0 && b[at + 1] === 1) at += 4 + b[at + 2]! + b[at + 3]! + 9;
  if (end - at >= 8 && b[at] === 0 && b[at + 1] === 0) at += 8;
  if (at >= end || b[at]! >> 4 !== 6) return DECODE.UDP;
  tunnelEnds(view, TUNNEL.TEREDO);
  return payload(view, STEP.IP, 0, at);
}

function payload(view: PacketView, step: number, type: number, at: number): number {
  return inside(view, step, type, at, view.payloadEnd, view.payloadStart + view.payloadLength);
}

/**
 * The IP packet at `innerAt`, where a step leads straight to one, fits its tunnel: a length beyond it would be
 * taken for the end of the frame otherwise, and anything begins with a 4 or a 6 now and then.
 */
export function fitsIn(view: PacketView, step: number): boolean {
  if (step !== STEP.IP) return true;
  const b = view.bytes;
  const at = view.innerAt;
  const room = view.innerWireEnd - at;
  if (view.innerEnd - at < 20) return false;
  if (b[at]! >> 4 === 4) return ((b[at + 2]! << 8) | b[at + 3]!) <= room;
  return ((b[at + 4]! << 8) | b[at + 5]!) + 40 <= room;
}
