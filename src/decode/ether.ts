import { decodeIPv4, decodeIPv6, inside } from './ip.ts';
import { DECODE, STEP } from './result.ts';
import type { PacketView } from './view.ts';

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
/** 802.1Q, 802.1ad and the older QinQ tags. */
const ETHERTYPE_VLAN = 0x8100;
const ETHERTYPE_QINQ = 0x88a8;
const ETHERTYPE_QINQ_OLD = 0x9100;
/** MPLS, unicast and with upstream-assigned label (RFC 5332). */
export const ETHERTYPE_MPLS = 0x8847;
export const ETHERTYPE_MPLS_UPSTREAM = 0x8848;
/** A PPPoE session (RFC 2516). */
export const ETHERTYPE_PPPOE = 0x8864;

/** VLAN tags looked through. */
const MAX_VLANS = 3;

/** What the ethertype `type` says is at `at`, behind any VLAN tags. */
export function decodeEtherType(
  view: PacketView,
  type: number,
  at: number,
  end: number,
  wireEnd: number,
): number {
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
  if (type === ETHERTYPE_MPLS || type === ETHERTYPE_MPLS_UPSTREAM || type === ETHERTYPE_PPPOE) {
    return inside(view, STEP.ETHERTYPE, type, at, end, wireEnd);
  }
  return DECODE.NOT_IP;
}

/** An Ethernet frame inside a tunnel. Its own VLAN tags, where it has any, stand for the packet. */
export function decodeInnerEthernet(view: PacketView, at: number, end: number, wireEnd: number): number {
  if (end - at < 14) return wireEnd - at < 14 ? DECODE.LINK_CUT : DECODE.NO_PORTS;
  const b = view.bytes;
  view.destinationMacAt = at;
  view.sourceMacAt = at + 6;
  const type = (b[at + 12]! << 8) | b[at + 13]!;
  if (isTag(type)) {
    view.vlans = 0;
    view.vlanCount = 0;
  }
  return decodeEtherType(view, type, at + 14, end, wireEnd);
}

/** An Ethernet header of which we read what is inside is at `at`. */
export function looksLikeEthernet(b: Uint8Array, at: number, end: number): boolean {
  if (end - at < 14) return false;
  const type = (b[at + 12]! << 8) | b[at + 13]!;
  if (type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6 || isTag(type)) return true;
  return type === ETHERTYPE_MPLS || type === ETHERTYPE_MPLS_UPSTREAM || type === ETHERTYPE_PPPOE;
}

function isTag(type: number): boolean {
  return type === ETHERTYPE_VLAN || type === ETHERTYPE_QINQ || type === ETHERTYPE_QINQ_OLD;
}

/** No link header: the version is in the first half byte. */
export function decodeByVersion(view: PacketView, at: number, end: number, wireEnd: number): number {
  if (at >= end) return at >= wireEnd ? DECODE.NOT_IP : DECODE.NO_PORTS;
  const version = view.bytes[at]! >> 4;
  if (version === 4) return decodeIPv4(view, at, end, wireEnd);
  if (version === 6) return decodeIPv6(view, at, end, wireEnd);
  return DECODE.NOT_IP;
}
