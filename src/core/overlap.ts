/**
 * Which bytes stay where two segments give different ones for the same place and neither was handed
 * on yet: the rules by which receivers differ (Novak and Sturges, "Target-Based TCP Stream
 * Reassembly", 2007). What was handed on stays under each of them: so it does in every receiver.
 */
export const OVERLAPS = ['first', 'last', 'linux', 'windows'] as const;
export type Overlap = (typeof OVERLAPS)[number];

/**
 * `first`: it agrees with Linux and Windows wherever the later segment does not begin before the
 * earlier one, and no later packet changes what was read. See docs/adr/0006.
 */
export const DEFAULT_OVERLAP: Overlap = 'first';

/** Where two segments begin and end, as distances from the beginning of the earlier one. */
export interface Extent {
  /** The later segment's beginning (negative: before the earlier one) and end. */
  readonly start: number;
  readonly end: number;
  /** The earlier segment's end, which is its length. */
  readonly oldEnd: number;
}

/** True where the bytes of the later segment take the place of the earlier one's. */
export function laterWins(policy: Overlap, { start, end, oldEnd }: Extent): boolean {
  switch (policy) {
    case 'first':
      return false;
    case 'last':
      return true;
    case 'linux':
      return start < 0 || (start === 0 && end > oldEnd);
    case 'windows':
      return start < 0 && end > oldEnd;
  }
}

/**
 * The same of two fragments of an IP packet (Shankar and Paxson, "Active Mapping", 2003; Novak, "Target-Based
 * Fragmentation Reassembly", 2005): Linux as it was until it threw such packets away (RFC 5722) lets a later
 * fragment win that begins where the earlier one does, or before it.
 */
export function laterFragmentWins(policy: Overlap, extent: Extent): boolean {
  return policy === 'linux' ? extent.start <= 0 : laterWins(policy, extent);
}
