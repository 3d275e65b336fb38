import { asciiBytes, headEnd, PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { SUBPROTOCOL, TEXT_FRAME } from './wire.ts';

const GET = asciiBytes('GET ');
const FIELD = asciiBytes('sec-websocket-protocol:');
const XMPP = asciiBytes(SUBPROTOCOL);
const LF = 0x0a;

const MASK_BIT = 0x80;
/** What a message of XMPP begins with (RFC 7395, 3.3). */
const BEGINNINGS = ['<message ', '<presence ', '<presence>', '<iq ', '<open ', '<close '].map(asciiBytes);
const LONGEST = 10;

/** `GET` whose head asks for the subprotocol `xmpp` (RFC 7395, 3.1). */
export const DETECTOR: Detector = {
  firstBytes: [
    [0x47, TEXT_FRAME],
    [0x48, TEXT_FRAME],
  ],
  probe(probe: Probe): ProbeAnswer {
    return beginsInside(probe) ? inside(probe) : onRequest(probe);
  },
  /** Nearly every web request asks for no such thing, and says so in its first segment. */
  glance(bytes: Uint8Array, start: number, end: number): boolean {
    return bytes[start] !== GET[0] || examine(bytes, start, end) !== PROBE.NO;
  },
};

/** The upgrade was before the capture: frames begin the stream. */
function beginsInside({ midstream, clientBytes, clientStart, clientLength, serverLength }: Probe): boolean {
  if (!midstream) return false;
  return clientLength > 0 ? clientBytes[clientStart] === TEXT_FRAME : serverLength > 0;
}

function onRequest(probe: Probe): ProbeAnswer {
  const { clientBytes: bytes, clientStart: start, clientEnd: end } = probe;
  if (end === start) return probe.final ? PROBE.NO : PROBE.MORE;
  const answer = examine(bytes, start, end);
  if (answer === PROBE.YES) return probe.yes('high', 'client: WebSocket for XMPP in an HTTP GET');
  return probe.final ? PROBE.NO : answer;
}

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

/** The beginning is missing: a masked frame of a client, or an unmasked one of a server, with a stanza in it. */
function inside(probe: Probe): ProbeAnswer {
  const { clientBytes, clientStart, clientEnd, serverBytes, serverStart, serverEnd } = probe;
  const client = stanza(clientBytes, clientStart, clientEnd);
  const server = stanza(serverBytes, serverStart, serverEnd);
  if (client <= SENDER.PART && server <= SENDER.PART) {
    return !probe.final && (client === SENDER.PART || server === SENDER.PART) ? PROBE.MORE : PROBE.NO;
  }
  // The supposed client may be the server.
  probe.flip = client === SENDER.SERVER || server === SENDER.CLIENT;
  return probe.yes('high', 'mid-stream: WebSocket text frame with a stanza');
}

/** `PART`: too little of a frame is there to say. */
const SENDER = { NONE: 0, PART: 1, CLIENT: 2, SERVER: 3 } as const;

/** Who sends the frame that begins there, which is as long as it says or longer than what is there. */
function stanza(bytes: Uint8Array, start: number, end: number): number {
  if (end === start || bytes[start] !== TEXT_FRAME) return SENDER.NONE;
  if (end - start < 2) return SENDER.PART;
  const second = bytes[start + 1] ?? 0;
  const short = second & 0x7f;
  const masked = (second & MASK_BIT) !== 0;
  // Minimal lengths only (RFC 6455, 5.2); nobody sends stanzas of more than 64 KB.
  if (short === 127) return SENDER.NONE;
  const head = start + (short === 126 ? 4 : 2);
  const payload = head + (masked ? 4 : 0);
  if (short < LONGEST) return SENDER.NONE;
  if (end - payload < LONGEST) return SENDER.PART;
  if (!isStanza(bytes, payload, masked ? head : -1)) return SENDER.NONE;
  return masked ? SENDER.CLIENT : SENDER.SERVER;
}

/** A stanza begins at `start`, masked by the four bytes at `mask` where that is not −1. */
function isStanza(bytes: Uint8Array, start: number, mask: number): boolean {
  for (const text of BEGINNINGS) {
    let i = 0;
    while (i < text.length && unmasked(bytes, start, i, mask) === text[i]) i++;
    if (i === text.length) return true;
  }
  return false;
}

function unmasked(bytes: Uint8Array, start: number, i: number, mask: number): number {
  return (bytes[start + i] ?? 0) ^ (mask < 0 ? 0 : (bytes[mask + (i & 3)] ?? 0));
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
