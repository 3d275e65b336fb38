import type { PacketView } from '../decode/view.ts';

/**
 * First-byte tables of the detectors: which of them (a bit each) can begin with this byte, by
 * direction (`table[direction * 256 + byte]`).
 */
export interface Prefilter {
  readonly tcp: Int32Array;
  readonly udp: Int32Array;
  /** Detectors of TCP that can say more by a glance at a first segment. */
  readonly glancing?: number;
  /** The bits of `mask` that are left after that glance. */
  glance?(mask: number, bytes: Uint8Array, start: number, end: number): number;
}

/** What is left of the detectors of a first byte, where some of them can say more by a glance at the segment. */
export function glance(prefilter: Prefilter, mask: number, view: PacketView): number {
  if (prefilter.glancing === undefined || (mask & prefilter.glancing) === 0) return mask;
  return prefilter.glance?.(mask, view.bytes, view.payloadStart, view.payloadEnd) ?? mask;
}
