import { PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { isStun } from './wire.ts';

const FIRST = Array.from({ length: 64 }, (_, i) => i);

/** A STUN message begins the flow; whose it is, its attributes say. */
export const detector: Detector = {
  firstBytes: [FIRST, FIRST],
  probe(probe: Probe): ProbeAnswer {
    const { clientBytes, clientStart, clientEnd, serverBytes, serverStart, serverEnd } = probe;
    if (isStun(clientBytes, clientStart, clientEnd))
      return probe.yes('medium', 'client: STUN message at byte 0');
    if (isStun(serverBytes, serverStart, serverEnd))
      return probe.yes('medium', 'server: STUN message at byte 0');
    return PROBE.NO;
  },
  glance: isStun,
};
