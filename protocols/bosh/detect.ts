import { asciiBytes, couldBegin, headEnd, looksPacked, peekPacked, PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { HTTPBIND } from './wire.ts';

const POST = asciiBytes('POST ');
const BODY = asciiBytes('<body');
const NAMESPACE = asciiBytes(HTTPBIND);
/** Bytes of a body in which the namespace must stand. */
const LOOK = 2_048;

/** `POST`, to any path, of a body that begins `<body` in the namespace of BOSH (XEP-0124), compressed or not. */
export const DETECTOR: Detector = {
  firstBytes: [[0x50], [0x48]],
  probe(probe: Probe): ProbeAnswer {
    const { clientBytes: bytes, clientStart: start, clientEnd: end } = probe;
    if (end === start) return probe.final ? PROBE.NO : PROBE.MORE;
    const answer = examine(bytes, start, end);
    if (answer === PROBE.YES) return probe.yes('high', 'client: BOSH <body> in an HTTP POST');
    return probe.final ? PROBE.NO : answer;
  },
  glance(bytes: Uint8Array, start: number, end: number): boolean {
    return bytes[start] !== POST[0] || examine(bytes, start, end) !== PROBE.NO;
  },
};

/** What a client's first bytes say, of which there are some. */
function examine(bytes: Uint8Array, start: number, end: number): ProbeAnswer {
  if (!couldBegin(bytes, start, end, POST)) return PROBE.NO;
  const body = headEnd(bytes, start, end);
  if (body < 0) return PROBE.MORE;
  if (looksPacked(bytes, body, end)) {
    const begins = peekPacked(bytes, start, end);
    return begins ? examineBody(begins, 0, begins.length) : PROBE.NO;
  }
  return examineBody(bytes, body, end);
}

function examineBody(bytes: Uint8Array, body: number, end: number): ProbeAnswer {
  let i = body;
  while (i < end && isBlank(bytes[i] ?? 0)) i++;
  // A declaration may precede it; nobody sends one, the standard allows it.
  if (bytes[i] === 0x3c && bytes[i + 1] === 0x3f) i = Math.max(i, bytes.indexOf(0x3c, i + 1));
  if (!couldBegin(bytes, i, end, BODY)) return PROBE.NO;
  const limit = Math.min(end, i + LOOK);
  if (find(bytes, i, limit, NAMESPACE) >= 0) return PROBE.YES;
  return bytes.indexOf(0x3e, i) >= 0 && bytes.indexOf(0x3e, i) < limit ? PROBE.NO : PROBE.MORE;
}

function find(bytes: Uint8Array, start: number, end: number, what: Uint8Array): number {
  const first = what[0] ?? 0;
  for (
    let i = bytes.indexOf(first, start);
    i >= 0 && i + what.length <= end;
    i = bytes.indexOf(first, i + 1)
  ) {
    if (couldBegin(bytes, i, end, what)) return i;
  }
  return -1;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
