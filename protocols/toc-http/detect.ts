import { asciiBytes, couldBegin, endOfTarget, PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { couldBePage, LONGEST_TARGET, pageAt } from './wire.ts';

const GET = asciiBytes('GET ');

/** `GET` of `/info`, `/dir_info` or `/dir_search` with a cookie of at least 32 hex digits. */
export const DETECTOR: Detector = {
  firstBytes: [[0x47], [0x48]],
  probe(probe: Probe): ProbeAnswer {
    const { clientBytes: bytes, clientStart: start, clientEnd: end } = probe;
    const more = probe.final ? PROBE.NO : PROBE.MORE;
    if (end === start) return probe.midstream ? PROBE.NO : more;
    if (!couldBegin(bytes, start, end, GET)) return PROBE.NO;
    const from = start + GET.length;
    if (!couldBePage(bytes, from, end)) return PROBE.NO;
    const stop = endOfTarget(bytes, from, end, LONGEST_TARGET);
    if (stop - from > LONGEST_TARGET) return PROBE.NO;
    if (stop >= end) return more;
    const page = pageAt(bytes, from, stop)?.page;
    return page === undefined
      ? PROBE.NO
      : probe.yes('medium', `client: GET /${page} with a session cookie at byte 0`);
  },
  /** Nearly every web request asks for another place, and says so in its first line. */
  glance(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes[start] !== GET[0]) return true;
    return couldBegin(bytes, start, end, GET) && couldBePage(bytes, start + GET.length, end);
  },
};
