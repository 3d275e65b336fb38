import { mayBeInitial, PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';

/** First bytes of a long header with the fixed bit (RFC 9000, 17.2). */
const LONG = Array.from({ length: 64 }, (_, i) => 0xc0 | i);

/** A client's Initial packet in a version that can be read. What it asks for is looked at once. */
export const detector: Detector = {
  firstBytes: [LONG, []],
  midstream: false,
  probe(probe: Probe): ProbeAnswer {
    const { clientBytes, clientStart, clientEnd } = probe;
    if (!mayBeInitial(clientBytes, clientStart, clientEnd)) return PROBE.NO;
    return probe.yes('high', 'quic: Initial packet of the client at byte 0');
  },
  glance: mayBeInitial,
};
