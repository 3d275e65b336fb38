import { decodeIPv4, decodeIPv6 } from './ip.ts';
import { DECODE } from './result.ts';
import type { PacketView } from './view.ts';

/** LINKTYPE_ values (www.tcpdump.org/linktypes.html) that are read. */
export const LINK = {
  NULL: 0,
  ETHERNET: 1,
  RAW_BSD: 12,
  RAW_OPENBSD: 14,
  RAW: 101,
  LOOP: 108,
  LINUX_SLL: 113,
  IPV4: 228,
  IPV6: 229,
  LINUX_SLL2: 276,
} as const;

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
/** 802.1Q, 802.1ad and the older QinQ tags. */
const ETHERTYPE_VLAN = 0x8100;
const ETHERTYPE_QINQ = 0x88a8;
const ETHERTYPE_QINQ_OLD = 0x9100;

/** VLAN tags looked through. */
const MAX_VLANS = 3;

/**
 * Decodes one frame down to its TCP or UDP payload. Sets `view` and returns `DECODE.TCP` or
 * `DECODE.UDP`, or another `DECODE` value that says why it stopped. Never throws, never allocates.
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
  if (end <= start) return DECODE.EMPTY_FRAME;
  const wireEnd = start + wireLength;
  if (linkType === LINK.ETHERNET) {
    if (end - start < 14) return DECODE.LINK_CUT;
    return decodeEtherType(view, (bytes[start + 12]! << 8) | bytes[start + 13]!, start + 14, end, wireEnd);
  }
  return decodeOtherLink(view, start, end, wireEnd, linkType);
}

function decodeEtherType(view: PacketView, type: number, at: number, end: number, wireEnd: number): number {
  const b = view.bytes;
  while (type === ETHERTYPE_VLAN || type === ETHERTYPE_QINQ || type === ETHERTYPE_QINQ_OLD) {
    if (view.vlanCount === MAX_VLANS) return DECODE.VLAN_DEPTH;
    if (end - at < 4) return DECODE.LINK_CUT;
    // Three ids of 12 bits do not fit 31 bits: the third is counted, not kept.
    const id = ((b[at]! << 8) | b[at + 1]!) & 0xfff;
    if (view.vlanCount < 2) view.vlans |= id << (view.vlanCount * 12);
    view.vlanCount++;
    type = (b[at + 2]! << 8) | b[at + 3]!;
    at += 4;
  }
  if (type === ETHERTYPE_IPV4) return decodeIPv4(view, at, end, wireEnd);
  if (type === ETHERTYPE_IPV6) return decodeIPv6(view, at, end, wireEnd);
  return DECODE.NOT_IP;
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
      return decodeRaw(view, start, end, wireEnd);
    case LINK.NULL:
    case LINK.LOOP:
      return decodeLoopback(view, start, end, wireEnd);
    case LINK.LINUX_SLL:
      if (end - start < 16) return DECODE.LINK_CUT;
      return decodeEtherType(view, (b[start + 14]! << 8) | b[start + 15]!, start + 16, end, wireEnd);
    case LINK.LINUX_SLL2:
      if (end - start < 20) return DECODE.LINK_CUT;
      return decodeEtherType(view, (b[start]! << 8) | b[start + 1]!, start + 20, end, wireEnd);
    default:
      return DECODE.UNKNOWN_LINK;
  }
}

/** No link header: the version is in the first half byte. */
function decodeRaw(view: PacketView, at: number, end: number, wireEnd: number): number {
  const version = view.bytes[at]! >> 4;
  if (version === 4) return decodeIPv4(view, at, end, wireEnd);
  if (version === 6) return decodeIPv6(view, at, end, wireEnd);
  return DECODE.NOT_IP;
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
