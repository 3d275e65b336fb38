import { decodeByVersion, decodeEtherType, ETHERTYPE_PPPOE } from './ether.ts';
import { decodeIPv4, decodeIPv6, inside } from './ip.ts';
import { DECODE, FIRST_STEP, STEP } from './result.ts';
import { isTunnelPort, unwrap } from './tunnel.ts';
import type { PacketView } from './view.ts';

/** LINKTYPE_ values (www.tcpdump.org/linktypes.html) that are read. */
export const LINK = {
  NULL: 0,
  ETHERNET: 1,
  PPP: 9,
  RAW_BSD: 12,
  RAW_OPENBSD: 14,
  PPP_SERIAL: 50,
  PPP_ETHER: 51,
  RAW: 101,
  LOOP: 108,
  LINUX_SLL: 113,
  IPV4: 228,
  IPV6: 229,
  LINUX_SLL2: 276,
} as const;

/**
 * Decodes one frame down to its TCP or UDP payload, that of the innermost packet where there are
 * tunnels. Sets `view` and returns `DECODE.TCP` or `DECODE.UDP`, or another `DECODE` value that says
 * why it stopped; a fragment is described by the view's `inner` and `fragment` fields. Never throws, never allocates.
 */
export function decodeFrame(
  view: PacketView,
  bytes: Uint8Array,
  start: number,
  end: number,
  wireLength: number,
  linkType: number,
): number {
  view.bytes = bytes;
  view.vlanCount = 0;
  view.vlans = 0;
  view.tunnels = 0;
  view.tunnelId = 0;
  view.outerVersion = 0;
  view.sourceMacAt = -1;
  view.destinationMacAt = -1;
  if (end <= start) return DECODE.EMPTY_FRAME;
  const wireEnd = start + wireLength;
  let result: number;
  if (linkType === LINK.ETHERNET) {
    if (end - start < 14) return DECODE.LINK_CUT;
    const type = (bytes[start + 12]! << 8) | bytes[start + 13]!;
    view.destinationMacAt = start;
    view.sourceMacAt = start + 6;
    result = decodeEtherType(view, type, start + 14, end, wireEnd);
  } else {
    result = decodeOtherLink(view, start, end, wireEnd, linkType);
  }
  return finish(view, result);
}

/** Decodes a packet that was put together from fragments: it is all of `bytes`. Keeps what the view knows of tunnels. */
export function decodeWhole(view: PacketView, bytes: Uint8Array, length: number): number {
  view.bytes = bytes;
  view.sourceMacAt = -1;
  view.destinationMacAt = -1;
  return finish(view, decodeByVersion(view, 0, length, length));
}

function finish(view: PacketView, result: number): number {
  if (result === DECODE.TCP) return result;
  if (result === DECODE.UDP) return isTunnelPort(view) ? unwrap(view, result) : result;
  return result < FIRST_STEP ? result : unwrap(view, result);
}

function decodeOtherLink(
  view: PacketView,
  start: number,
  end: number,
  wireEnd: number,
  linkType: number,
): number {
  const b = view.bytes;
  switch (linkType) {
    case LINK.RAW:
    case LINK.RAW_BSD:
    case LINK.RAW_OPENBSD:
    case LINK.IPV4:
    case LINK.IPV6:
      return decodeByVersion(view, start, end, wireEnd);
    case LINK.NULL:
    case LINK.LOOP:
      return decodeLoopback(view, start, end, wireEnd);
    case LINK.LINUX_SLL:
      if (end - start < 16) return DECODE.LINK_CUT;
      noteSender(view, start);
      return decodeEtherType(view, (b[start + 14]! << 8) | b[start + 15]!, start + 16, end, wireEnd);
    case LINK.LINUX_SLL2:
      if (end - start < 20) return DECODE.LINK_CUT;
      return decodeEtherType(view, (b[start]! << 8) | b[start + 1]!, start + 20, end, wireEnd);
    case LINK.PPP:
    case LINK.PPP_SERIAL:
      return inside(view, STEP.PPP, 0, start, end, wireEnd);
    case LINK.PPP_ETHER:
      return inside(view, STEP.ETHERTYPE, ETHERTYPE_PPPOE, start, end, wireEnd);
    default:
      return DECODE.UNKNOWN_LINK;
  }
}

/**
 * BSD loopback: a 32-bit address family in the byte order of the machine that captured (network
 * order for OpenBSD). AF_INET is 2 everywhere; AF_INET6 is 10, 24, 28 or 30.
 */
function decodeLoopback(view: PacketView, start: number, end: number, wireEnd: number): number {
  if (end - start < 4) return DECODE.LINK_CUT;
  const b = view.bytes;
  const family = b[start]! | b[start + 3]!;
  if (b[start + 1] !== 0 || b[start + 2] !== 0) return DECODE.NOT_IP;
  if (family === 2) return decodeIPv4(view, start + 4, end, wireEnd);
  if (family === 10 || family === 24 || family === 28 || family === 30) {
    return decodeIPv6(view, start + 4, end, wireEnd);
  }
  return DECODE.NOT_IP;
}

/** Linux cooked: an Ethernet sender's address is there; whom the frame is for is not told. */
function noteSender(view: PacketView, start: number): void {
  const b = view.bytes;
  if (b[start + 3] === 1 && b[start + 5] === 6) view.sourceMacAt = start + 6;
}
