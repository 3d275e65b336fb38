import type { StreamCounters } from './stream.ts';

/** What the flow stage counts; decided by the input alone. */
export class FlowCounters implements StreamCounters {
  tcpFlows = 0;
  udpFlows = 0;
  midstream = 0;
  reused = 0;
  /** Flows that went before their time because a limit was reached, and those of them that were IM. */
  evicted = 0;
  evictedIm = 0;
  /** IM flows that ended before their time because there were too many of them. */
  imLimit = 0;
  /** Flows whose first payload bytes the snap length cut off: nothing can be said of them. */
  notCaptured = 0;
  /** Flows of which both directions carried payload, by far fewer than all where a tap is one-sided. */
  outOfOrder = 0;
  retransmitted = 0;
  conflicts = 0;
  gaps = 0;
  gapBytes = 0;
  cutBytes = 0;
  bufferLimit = 0;
  bufferTotalLimit = 0;
  outOfWindow = 0;
  /** Packets that were copies of one just seen. */
  duplicates = 0;
  /** Packets that their receiver did not take: wrong checksum, or too few hops left. */
  inserts = 0;
  resets = 0;
  syns = 0;
}
