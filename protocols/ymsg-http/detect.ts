import { asciiBytes, couldBegin, decodeLatin1, endOfTarget, headEnd, PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { COUNT, isPacket, PATH } from './wire.ts';

const POST = asciiBytes('POST ');
const NOTIFY = asciiBytes('/notify');
const LONGEST_LINE = 320;
/** Bytes that tell a packet. */
const MAGIC = 4;

/** `POST` to `/notify` of a body that begins with a packet; without the client's side, a response that counts packets. */
export const DETECTOR: Detector = {
  firstBytes: [[0x50], [0x48]],
  probe(probe: Probe): ProbeAnswer {
    const { clientBytes: bytes, clientStart: start, clientEnd: end } = probe;
    if (end === start) return server(probe);
    if (!couldBegin(bytes, start, end, POST)) return PROBE.NO;
    const from = start + POST.length;
    const stop = endOfTarget(bytes, from, end, LONGEST_LINE);
    if (stop - from > LONGEST_LINE) return PROBE.NO;
    if (stop >= end) return more(probe);
    // Nearly every request ends here, without a string made.
    if (!endsInNotify(bytes, from, stop)) return PROBE.NO;
    const body = headEnd(bytes, start, end);
    if (body < 0 || end - body < MAGIC) return more(probe);
    if (!isPacket(bytes, body, end) || !PATH.test(decodeLatin1(bytes, from, stop))) return PROBE.NO;
    return probe.yes('high', 'client: POST /notify with a YMSG packet');
  },
  /** Nearly every web request asks for another place, and says so in its first line. */
  glance(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes[start] !== POST[0]) return true;
    if (!couldBegin(bytes, start, end, POST)) return false;
    const from = start + POST.length;
    const stop = endOfTarget(bytes, from, end, LONGEST_LINE);
    if (stop - from > LONGEST_LINE) return false;
    return stop >= end || endsInNotify(bytes, from, stop);
  },
};

function endsInNotify(bytes: Uint8Array, from: number, stop: number): boolean {
  const path = bytes[stop - 1] === 0x2f ? stop - 1 - NOTIFY.length : stop - NOTIFY.length;
  return path >= from && couldBegin(bytes, path, stop, NOTIFY);
}

function server(probe: Probe): ProbeAnswer {
  const { serverBytes: bytes, serverStart: start, serverEnd: end } = probe;
  if (end === start) return more(probe);
  const body = headEnd(bytes, start, end);
  if (body < 0 || end - body < COUNT + MAGIC) return more(probe);
  return isPacket(bytes, body + COUNT, end)
    ? probe.yes('medium', 'server: YMSG packets in an HTTP response')
    : PROBE.NO;
}

function more(probe: Probe): ProbeAnswer {
  return probe.final ? PROBE.NO : PROBE.MORE;
}
