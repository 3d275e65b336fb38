import { inside } from './ip.ts';
import { DECODE, STEP } from './result.ts';
import { TUNNEL, tunnelNumber } from './tunnel-id.ts';
import type { PacketView } from './view.ts';

const CHECKSUM = 0x8000;
const ROUTING = 0x4000;
const KEY = 0x2000;
const SEQUENCE = 0x1000;
const ACKNOWLEDGMENT = 0x0080;

const TYPE_ETHERNET = 0x6558;
const TYPE_PPP = 0x880b;
const TYPE_ERSPAN = 0x88be;
const TYPE_ERSPAN_3 = 0x22eb;

/** Source route entries looked through. */
const MAX_ROUTES = 8;

/** GRE at `innerAt`: version 0 (RFC 2784, 2890, routing of RFC 1701) or 1 (RFC 2637, PPTP). */
export function openGre(view: PacketView): number {
  const b = view.bytes;
  const at = view.innerAt;
  const end = view.innerEnd;
  const wireEnd = view.innerWireEnd;
  if (end - at < 4) return short(view, at + 4);
  const flags = (b[at]! << 8) | b[at + 1]!;
  const type = (b[at + 2]! << 8) | b[at + 3]!;
  const version = flags & 7;
  if (version === 1) return openEnhanced(view, flags, type);
  if (version !== 0) return DECODE.TUNNEL_HEADER;
  let next = at + 4;
  if ((flags & (CHECKSUM | ROUTING)) !== 0) next += 4;
  const keyAt = next;
  if ((flags & KEY) !== 0) next += 4;
  if ((flags & SEQUENCE) !== 0) next += 4;
  if (next > end) return short(view, next);
  if ((flags & ROUTING) !== 0) {
    next = skipRoutes(b, next, end);
    if (next === 0) return DECODE.TUNNEL_HEADER;
  }
  if ((flags & KEY) !== 0) {
    const key = (b[keyAt]! << 24) | (b[keyAt + 1]! << 16) | (b[keyAt + 2]! << 8) | b[keyAt + 3]!;
    tunnelNumber(view, TUNNEL.GRE, key);
  }
  if (type === TYPE_ERSPAN) return openErspan(view, next, (flags & SEQUENCE) !== 0 ? 8 : 0);
  if (type === TYPE_ERSPAN_3) return openErspan(view, next, 12);
  if (type === TYPE_ETHERNET) return inside(view, STEP.ETHERNET, 0, next, end, wireEnd);
  if (type === TYPE_PPP) return inside(view, STEP.PPP, 0, next, end, wireEnd);
  return inside(view, STEP.ETHERTYPE, type, next, end, wireEnd);
}

/** Behind the source route entries (family, offset, length; ended by zeros), or 0. */
function skipRoutes(b: Uint8Array, at: number, end: number): number {
  for (let i = 0; i < MAX_ROUTES; i++) {
    if (end - at < 4) return 0;
    const length = b[at + 3]!;
    if (length === 0 && b[at] === 0 && b[at + 1] === 0) return at + 4;
    at += 4 + length;
  }
  return 0;
}

/** Version 1: the key is payload length and call id, of which each direction has its own. A packet without a sequence number carries nothing. */
function openEnhanced(view: PacketView, flags: number, type: number): number {
  const b = view.bytes;
  const at = view.innerAt;
  if (type !== TYPE_PPP || (flags & (CHECKSUM | ROUTING)) !== 0 || (flags & KEY) === 0) {
    return DECODE.TUNNEL_HEADER;
  }
  let next = at + 8;
  if ((flags & SEQUENCE) !== 0) next += 4;
  if ((flags & ACKNOWLEDGMENT) !== 0) next += 4;
  if (next > view.innerEnd) return short(view, next);
  if ((flags & SEQUENCE) === 0) return DECODE.OTHER_TRANSPORT;
  const length = (b[at + 4]! << 8) | b[at + 5]!;
  const wireEnd = next + length < view.innerWireEnd ? next + length : view.innerWireEnd;
  return inside(view, STEP.PPP, 0, next, view.innerEnd, wireEnd);
}

/**
 * ERSPAN at `at`: type I has no header of its own, II one of 8 bytes, III (draft-foschiano-erspan) one of 12
 * that may be followed by 8 of the platform's.
 */
function openErspan(view: PacketView, at: number, size: number): number {
  const b = view.bytes;
  const end = view.innerEnd;
  if (size === 0) return inside(view, STEP.ETHERNET, 0, at, end, view.innerWireEnd);
  if (end - at < size) return short(view, at + size);
  if (b[at]! >> 4 !== (size === 8 ? 1 : 2)) return DECODE.TUNNEL_HEADER;
  tunnelNumber(view, TUNNEL.ERSPAN, ((b[at + 2]! << 8) | b[at + 3]!) & 0x3ff);
  let next = at + size;
  if (size === 12) {
    const last = b[at + 11]!;
    const frameType = (b[at + 10]! >> 2) & 0x1f;
    if ((last & 1) !== 0) next += 8;
    if (next > end) return short(view, next);
    if (frameType === 2) return inside(view, STEP.IP, 0, next, end, view.innerWireEnd);
    if (frameType !== 0) return DECODE.NOT_IP;
  }
  return inside(view, STEP.ETHERNET, 0, next, end, view.innerWireEnd);
}

/** The header wants bytes up to `needed`, and they are not there. */
function short(view: PacketView, needed: number): number {
  return needed > view.innerWireEnd ? DECODE.TUNNEL_CUT : DECODE.NO_PORTS;
}
