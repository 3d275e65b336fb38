import {
  decodeByVersion,
  decodeEtherType,
  decodeInnerEthernet,
  ETHERTYPE_MPLS,
  ETHERTYPE_MPLS_UPSTREAM,
  ETHERTYPE_PPPOE,
} from './ether.ts';
import { openGre } from './gre.ts';
import { inside } from './ip.ts';
import { openMpls } from './mpls.ts';
import { openPpp, openPppoe } from './ppp.ts';
import { DECODE, FIRST_STEP, STEP } from './result.ts';
import { TUNNEL, tunnelEnds, tunnelNumber } from './tunnel-id.ts';
import { fitsIn, isTunnelPort, openUdpTunnel } from './udp-tunnels.ts';
import { copyView, PacketView } from './view.ts';

export { isTunnelPort } from './udp-tunnels.ts';

/** Tunnels in one another that are looked through. */
export const MAX_TUNNELS = 8;

/** The UDP packet as it is put back where no tunnel was in it. */
const outer = new PacketView();

/**
 * Goes from a `STEP`, or from a UDP packet with a tunnel's port, to the innermost packet. A tunnel that
 * IP or an ethertype names is believed; one that only a port suggests is believed where what is inside is
 * a packet down to its ports. Returns a `DECODE` value; every turn takes one tunnel more or is the last.
 */
export function unwrap(view: PacketView, result: number): number {
  for (;;) {
    if (result === DECODE.UDP) {
      if (!isTunnelPort(view)) return result;
      if (view.tunnels === MAX_TUNNELS) return DECODE.TUNNEL_DEPTH;
      copyView(view, outer);
      result = inUdp(view);
      if (result === DECODE.UDP && view.tunnels === outer.tunnels) return result;
    } else if (result < FIRST_STEP) {
      return result;
    } else {
      result = open(view, result);
    }
  }
}

/** What a UDP tunnel carries, or the UDP packet as it was. */
function inUdp(view: PacketView): number {
  const step = openUdpTunnel(view);
  if (step !== DECODE.UDP && fitsIn(view, step)) {
    view.tunnels++;
    noteEnds(view, 17);
    const result = open(view, step);
    if (isBelieved(result)) return result;
  }
  copyView(outer, view);
  return DECODE.UDP;
}

function isBelieved(result: number): boolean {
  if (result >= FIRST_STEP || result <= DECODE.UDP) return true;
  return result === DECODE.OTHER_TRANSPORT || result === DECODE.FRAGMENT || result === DECODE.NO_PORTS;
}

/** One step inwards. */
function open(view: PacketView, step: number): number {
  const { innerAt, innerEnd, innerWireEnd } = view;
  switch (step) {
    case STEP.ETHERNET:
      return decodeInnerEthernet(view, innerAt, innerEnd, innerWireEnd);
    case STEP.IP:
      return decodeByVersion(view, innerAt, innerEnd, innerWireEnd);
    case STEP.PPP:
      return openPpp(view);
    case STEP.PROTOCOL:
      return openProtocol(view);
    default:
      return openEtherType(view);
  }
}

/** A tunnel in IP. GRE, and IP in IP, are told by their ends. */
function openProtocol(view: PacketView): number {
  if (view.tunnels === MAX_TUNNELS) return DECODE.TUNNEL_DEPTH;
  view.tunnels++;
  noteEnds(view, view.innerType);
  const { innerAt, innerEnd, innerWireEnd } = view;
  switch (view.innerType) {
    case 4:
    case 41:
      tunnelEnds(view, TUNNEL.IP);
      return inside(view, STEP.IP, 0, innerAt, innerEnd, innerWireEnd);
    case 47:
      tunnelEnds(view, TUNNEL.GRE);
      return openGre(view);
    case 97:
      tunnelEnds(view, TUNNEL.IP);
      // Version 3 and 12 reserved bits.
      if (innerEnd - innerAt < 2) return innerWireEnd - innerAt < 2 ? DECODE.TUNNEL_CUT : DECODE.NO_PORTS;
      if (view.bytes[innerAt] !== 0x30) return DECODE.TUNNEL_HEADER;
      return inside(view, STEP.ETHERNET, 0, innerAt + 2, innerEnd, innerWireEnd);
    default:
      tunnelNumber(view, TUNNEL.MPLS, 0);
      return openMpls(view);
  }
}

/** Keeps the addresses of the outermost tunnel in IP: the view's own will be those of the packet inside. */
function noteEnds(view: PacketView, protocol: number): void {
  forgetMacs(view);
  if (view.outerVersion !== 0) return;
  view.outerVersion = view.ipVersion;
  view.outerProtocol = protocol;
  const size = view.ipVersion === 6 ? 16 : 4;
  for (let i = 0; i < size; i++) {
    view.outerAddresses[i] = view.bytes[view.sourceAt + i]!;
    view.outerAddresses[16 + i] = view.bytes[view.destinationAt + i]!;
  }
}

/** MPLS and PPPoE sessions are tunnels; other ethertypes lead to IP. */
function openEtherType(view: PacketView): number {
  const type = view.innerType;
  const mpls = type === ETHERTYPE_MPLS || type === ETHERTYPE_MPLS_UPSTREAM;
  if (!mpls && type !== ETHERTYPE_PPPOE) {
    return decodeEtherType(view, type, view.innerAt, view.innerEnd, view.innerWireEnd);
  }
  if (view.tunnels === MAX_TUNNELS) return DECODE.TUNNEL_DEPTH;
  view.tunnels++;
  forgetMacs(view);
  if (mpls) {
    // Labels differ by direction: they cannot tell a connection from another.
    tunnelNumber(view, TUNNEL.MPLS, 0);
    return openMpls(view);
  }
  const at = view.innerAt;
  if (view.innerEnd - at >= 4) {
    tunnelNumber(view, TUNNEL.PPPOE, (view.bytes[at + 2]! << 8) | view.bytes[at + 3]!);
  }
  return openPppoe(view);
}

/** Those of the frame are the tunnel's ends'; an Ethernet frame inside brings its own. */
function forgetMacs(view: PacketView): void {
  view.sourceMacAt = -1;
  view.destinationMacAt = -1;
}
