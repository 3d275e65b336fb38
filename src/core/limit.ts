/** What a limit is: what it bounds, and what one unit can cost in bytes of memory. */
export interface LimitInfo {
  readonly default: number;
  /** What is counted: `flows`, `bytes`, `seconds`, ... */
  readonly unit: string;
  /** Bytes of memory that one unit can cost; 0 where the limit costs no memory. */
  readonly cost: number;
  /** Anomaly counted when it is hit; none for time-outs. */
  readonly anomaly?: string;
  readonly meaning: string;
  /** The limit whose memory this one's lies in: it adds nothing to the worst case of all. */
  readonly within?: string;
}

/** A limit that the operator can set. */
export interface SettableLimit extends LimitInfo {
  /** Largest value that can be set: what it bounds still fits its data structures. */
  readonly max: number;
}

/** Largest values that can be set. */
export const GIB_4 = 4_294_967_296;
export const YEARS_10 = 315_360_000;
export const ENTRIES = 10_000_000;
