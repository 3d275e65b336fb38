import { evidenceOf, PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { RequestSight, SEEN } from './sight.ts';
import { METHODS } from './wire.ts';

const sight = new RequestSight();

/**
 * A connection whose first request goes to a place of an IM network. All other web traffic is ruled out by a glance at
 * its first segment.
 */
export const DETECTOR: Detector = {
  firstBytes: [METHODS.map((method) => method.charCodeAt(0)), [0x48]],
  probe(probe: Probe): ProbeAnswer {
    const { clientBytes: bytes, clientStart: start, clientEnd: end } = probe;
    if (end === start) return probe.final || probe.midstream ? PROBE.NO : PROBE.MORE;
    const seen = sight.look(bytes, start, end);
    if (seen === SEEN.NO) return PROBE.NO;
    const { row, place } = sight;
    if (place) return probe.yes('medium', place.evidence);
    if (row === undefined) return probe.final ? PROBE.NO : PROBE.MORE;
    // What reads the messenger's own protocol there is to be asked first.
    if (row.gateway === true && !probe.final) return PROBE.MORE;
    return probe.yes(row.confidence, `http: request to ${row.host}`, evidenceOf(row));
  },
  glance(bytes: Uint8Array, start: number, end: number): boolean {
    return sight.look(bytes, start, end) !== SEEN.NO;
  },
};
