import { headEnd, PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { SUBPROTOCOL } from './wire.ts';

const GET = ascii('GET ');
const FIELD = ascii('sec-websocket-protocol:');
const XMPP = ascii(SUBPROTOCOL);
const LF = 0x0a;

/** `GET` whose head asks for the subprotocol `xmpp` (RFC 7395, 3.1). */
export const DETECTOR: Detector = {
  firstBytes: [[0x47], [0x48]],
  probe(probe: Probe): ProbeAnswer {
    const { clientBytes: bytes, clientStart: start, clientEnd: end } = probe;
    if (end === start) return probe.final ? PROBE.NO : PROBE.MORE;
    const answer = examine(bytes, start, end);
    if (answer === PROBE.YES) return probe.yes('high', 'client: WebSocket for XMPP in an HTTP GET');
    return probe.final ? PROBE.NO : answer;
  },
  /** Nearly every web request asks for no such thing, and says so in its first segment. */
  glance(bytes: Uint8Array, start: number, end: number): boolean {
    return bytes[start] !== GET[0] || examine(bytes, start, end) !== PROBE.NO;
  },
};

/** What a client's first bytes say, of which there are some. */
function examine(bytes: Uint8Array, start: number, end: number): ProbeAnswer {
  if (!same(bytes, start, end, GET)) return PROBE.NO;
  const whole = headEnd(bytes, start, end);
  const stop = whole < 0 ? end : whole;
  for (let i = bytes.indexOf(LF, start); i >= 0 && i < stop; i = bytes.indexOf(LF, i + 1)) {
    // Most lines fall at their first letter.
    if (((bytes[i + 1] ?? 0) | 0x20) !== 0x73 || i + FIELD.length >= stop) continue;
    if (same(bytes, i + 1, stop, FIELD) && namesXmpp(bytes, i + 1 + FIELD.length, stop)) return PROBE.YES;
  }
  return whole >= 0 ? PROBE.NO : PROBE.MORE;
}

/** True where a comma-separated value up to the end of the line has the token. */
function namesXmpp(bytes: Uint8Array, from: number, end: number): boolean {
  let i = from;
  while (i < end && bytes[i] !== LF) {
    while (i < end && isSeparator(bytes[i] ?? 0)) i++;
    if (i + XMPP.length < end && same(bytes, i, end, XMPP) && isEnd(bytes[i + XMPP.length] ?? 0)) return true;
    while (i < end && !isEnd(bytes[i] ?? 0)) i++;
    if (bytes[i] === 0x0d) return false;
  }
  return false;
}

function isSeparator(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x2c;
}

function isEnd(byte: number): boolean {
  return isSeparator(byte) || byte === 0x0d || byte === LF;
}

/** Compares without regard to case, as far as the bytes are there; `what` is in lower case. */
function same(bytes: Uint8Array, start: number, end: number, what: Uint8Array): boolean {
  for (let i = 0; i < what.length && start + i < end; i++) {
    const byte = bytes[start + i] ?? 0;
    const expected = what[i] ?? 0;
    if (byte !== expected && (byte | 0x20) !== (expected | 0x20)) return false;
  }
  return true;
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}
