import { asciiBytes, couldBegin, headEnd, PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { FIELD, PATH } from './wire.ts';

const POST = asciiBytes('POST ');
const TARGET = asciiBytes(PATH);
const QUERIES = [asciiBytes('Action='), asciiBytes('SessionID=')];
/** Bytes of a request line: a proxy's has the whole address. */
const LONGEST_LINE = 512;
const SPACE = 0x20;
const LF = 0x0a;
const HTTP = asciiBytes('HTTP/1.');
const NAME = asciiBytes(`${FIELD}:`);

/**
 * `POST` to `/gateway/gateway.dll` with `Action` or `SessionID`, on its own host or through a proxy; without the client's
 * side, a response with the gateway's own field.
 */
export const DETECTOR: Detector = {
  firstBytes: [[0x50], [0x48]],
  probe(probe: Probe): ProbeAnswer {
    const { clientBytes: bytes, clientStart: start, clientEnd: end } = probe;
    if (end === start) return answered(probe);
    const answer = examine(bytes, start, end);
    if (answer === PROBE.YES) return probe.yes('high', 'client: POST to the MSN gateway');
    return probe.final ? PROBE.NO : answer;
  },
  glance(bytes: Uint8Array, start: number, end: number): boolean {
    return bytes[start] !== POST[0] || examine(bytes, start, end) !== PROBE.NO;
  },
};

/** What a server's first bytes say, where the client is not in view. */
function answered(probe: Probe): ProbeAnswer {
  const { serverBytes: bytes, serverStart: start, serverEnd: end } = probe;
  if (!couldBegin(bytes, start, end, HTTP)) return PROBE.NO;
  const whole = headEnd(bytes, start, end);
  const stop = whole < 0 ? end : whole;
  for (let i = bytes.indexOf(LF, start); i >= 0 && i < stop; i = bytes.indexOf(LF, i + 1)) {
    if (isName(bytes, i + 1, stop)) return probe.yes('high', 'server: X-MSN-Messenger in an HTTP response');
  }
  return whole >= 0 || probe.final ? PROBE.NO : PROBE.MORE;
}

/** The gateway's field begins there, in whatever case. */
function isName(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < NAME.length) return false;
  for (let i = 0; i < NAME.length; i++) {
    const byte = bytes[start + i] ?? 0;
    if (byte !== NAME[i] && (byte < 0x41 || byte > 0x5a || (byte | 0x20) !== NAME[i])) return false;
  }
  return true;
}

/** What a client's first bytes say, of which there are some. */
function examine(bytes: Uint8Array, start: number, end: number): ProbeAnswer {
  if (!couldBegin(bytes, start, end, POST)) return PROBE.NO;
  const from = start + POST.length;
  let stop = bytes.indexOf(SPACE, from);
  if (stop < 0 || stop > end) stop = end;
  if (stop - from > LONGEST_LINE) return PROBE.NO;
  for (let i = bytes.indexOf(0x2f, from); i >= 0 && i < stop; i = bytes.indexOf(0x2f, i + 1)) {
    if (i + TARGET.length >= stop || !couldBegin(bytes, i, stop, TARGET)) continue;
    const query = i + TARGET.length;
    for (const q of QUERIES) {
      if (query + q.length <= stop && couldBegin(bytes, query, stop, q)) return PROBE.YES;
    }
  }
  return stop < end ? PROBE.NO : PROBE.MORE;
}
