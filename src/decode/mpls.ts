import { looksLikeEthernet } from './ether.ts';
import { inside } from './ip.ts';
import { DECODE, STEP } from './result.ts';
import type { PacketView } from './view.ts';

/** Labels looked through. */
const MAX_LABELS = 16;

/**
 * An MPLS label stack (RFC 3032) at `innerAt`. Nothing in it says what is behind: it is IP where the
 * first half byte is 4 or 6, and a pseudowire's Ethernet, behind a control word (RFC 4385) or without
 * one, where that half byte is 0 and such a frame is there.
 */
export function openMpls(view: PacketView): number {
  const b = view.bytes;
  const end = view.innerEnd;
  const wireEnd = view.innerWireEnd;
  let at = view.innerAt;
  for (let labels = 0; ; labels++) {
    if (labels === MAX_LABELS) return DECODE.TUNNEL_HEADER;
    if (end - at < 4) return wireEnd - at < 4 ? DECODE.TUNNEL_CUT : DECODE.NO_PORTS;
    at += 4;
    if ((b[at - 2]! & 1) !== 0) break;
  }
  if (at >= end) return at >= wireEnd ? DECODE.TUNNEL_CUT : DECODE.NO_PORTS;
  const half = b[at]! >> 4;
  if (half === 4 || half === 6) return inside(view, STEP.IP, 0, at, end, wireEnd);
  if (half !== 0) return DECODE.NOT_IP;
  if (looksLikeEthernet(b, at + 4, end)) return inside(view, STEP.ETHERNET, 0, at + 4, end, wireEnd);
  if (looksLikeEthernet(b, at, end)) return inside(view, STEP.ETHERNET, 0, at, end, wireEnd);
  return DECODE.NOT_IP;
}
