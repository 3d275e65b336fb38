import type { PacketView } from '../decode/view.ts';

/**
 * First-byte tables of the detectors: which of them (a bit each) can begin with this byte, by
 * direction (`table[direction * 256 + byte]`).
 */
export interface Prefilter {
  readonly tcp: Int32Array;
  readonly udp: Int32Array;
  /** Detectors that need a stream's beginning: of one whose beginning is missing they want nothing. */
  readonly beginnings?: number;
  /** Detectors that can say more by a glance at a first segment, or datagram. */
  readonly glancing?: number;
  /** The bits of `mask` that are left after that glance. */
  glance?(mask: number, bytes: Uint8Array, start: number, end: number): number;
}

/** What is left of the detectors of a first byte, where some of them can say more by a glance at the segment. */
export function glance(prefilter: Prefilter, mask: number, view: PacketView): number {
  if (prefilter.glancing === undefined || (mask & prefilter.glancing) === 0) return mask;
  return prefilter.glance?.(mask, view.bytes, view.payloadStart, view.payloadEnd) ?? mask;
}

/** The detectors of TCP that want a segment which begins with this byte, of either direction, though the stream's beginning is missing. */
export function midstream({ tcp, beginnings = 0 }: Prefilter, byte: number): number {
  return ((tcp[byte] ?? 0) | (tcp[256 | byte] ?? 0)) & ~beginnings;
}
