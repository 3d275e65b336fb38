import { asciiBytes, couldBegin, PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { PATH } from './wire.ts';

const POST = asciiBytes('POST ');
const TARGET = asciiBytes(PATH);
const QUERIES = [asciiBytes('Action='), asciiBytes('SessionID=')];
/** Bytes of a request line: a proxy's has the whole address. */
const LONGEST_LINE = 512;
const SPACE = 0x20;

/** `POST` to `/gateway/gateway.dll` with `Action` or `SessionID`, on its own host or through a proxy. */
export const DETECTOR: Detector = {
  firstBytes: [[0x50], [0x48]],
  probe(probe: Probe): ProbeAnswer {
    const { clientBytes: bytes, clientStart: start, clientEnd: end } = probe;
    if (end === start) return probe.final ? PROBE.NO : PROBE.MORE;
    const answer = examine(bytes, start, end);
    if (answer === PROBE.YES) return probe.yes('high', 'client: POST to the MSN gateway');
    return probe.final ? PROBE.NO : answer;
  },
  glance(bytes: Uint8Array, start: number, end: number): boolean {
    return bytes[start] !== POST[0] || examine(bytes, start, end) !== PROBE.NO;
  },
};

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
