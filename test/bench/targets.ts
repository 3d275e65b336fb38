/**
 * What the bench holds imspan to. Ratios are of processor time, medians of runs in turn, so they
 * hold on any machine; memory is the peak of the whole process in MiB.
 */
export const TARGETS = {
  mix: {
    /** Detection, dissection and output on a span port's mix, over reading and flow look-up alone. */
    floor: 2,
    ndpiReader: 0.05,
    tcpflow: 0.25,
    tshark: 0.05,
    peak: 300,
    /** Share of the IM flows that must be told by their protocol; a few begin before the capture. */
    recognised: 0.98,
  },
  /** Twice the packets in at most this many times the time. */
  scale: 2.2,
  im: {
    /** Every flow is read to the end here, and every message becomes an event. */
    floor: 15,
    tshark: 0.05,
    peak: 300,
  },
  /** The same of one network alone. */
  network: { tshark: 0.05, peak: 300 },
  /** Wall time of one worker over that of two, on two cores. */
  workers: { mix: 1.25, im: 1.6 },
  /** Over dissection alone, start-up and loading taken off; the lists and rules over the checks without them. */
  checks: { every: 1.5, lists: 1.1, rules: 1.1, /** Processor seconds to start with them. */ load: 5 },
  /** Over reading the plain file and decompressing it, each on its own. */
  gzip: 1.25,
  /** Over the same packets in one file. */
  folder: 2,
  big: {
    /** Ten times the capture in at most this many times the memory. */
    growth: 1.25,
    peak: 300,
  },
} as const;
