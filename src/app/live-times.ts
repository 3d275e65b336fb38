/** Times of a live run. */
export const LIVE = {
  /**
   * Seconds that packet time stays behind real time on a silent wire. The kernel hands packets on after
   * at most one, and the engine after a quarter more.
   */
  LAG_SECONDS: 3,
  /** Seconds without any packet after which the operator is told why that may be. */
  SILENT_AT_START: 5,
  /** The same once packets have been seen. */
  SILENT_LATER: 60,
  /** Seconds between two looks at whether both directions are there. */
  LOOK_SECONDS: 10,
  /** Connections without which nothing can be said of directions. */
  ENOUGH_CONNECTIONS: 20,
  /**
   * With several interfaces a hole is given this long to fill (ms): they hand on what they captured at
   * different moments, and each may carry one direction.
   */
  GAP_GRACE_MS: 3_000,
} as const;
