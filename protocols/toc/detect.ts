import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { PROBE } from '../../src/sdk/index.ts';
import { CHANNEL, FLAPON, FLAP_HEADER, FLAP_MAGIC, SERVER_COMMANDS, USUAL_MAX } from './wire.ts';

/** What one direction's first bytes say. */
const SAYS = { NO: 0, MORE: 1, NOTHING: 2, HELLO: 3, FLAPON: 4, COMMAND: 5, REPLY: 6 } as const;
type Says = (typeof SAYS)[keyof typeof SAYS];

const F = FLAPON.charCodeAt(0);
const COLON = 0x3a;
/** The longest server command and its colon. */
const LONGEST_COMMAND = 20;

/**
 * TOC: `FLAPON` and then FLAP frames, or, picked up later, FLAP data frames with a TOC command or
 * reply in them. A FLAP hello alone is OSCAR's as well and decides nothing.
 */
export const detector: Detector = {
  firstBytes: [
    [F, FLAP_MAGIC],
    [F, FLAP_MAGIC],
  ],
  probe(probe: Probe): ProbeAnswer {
    const client = examine(probe.clientBytes, probe.clientStart, probe.clientEnd);
    const server = examine(probe.serverBytes, probe.serverStart, probe.serverEnd);
    if (client === SAYS.NO || server === SAYS.NO) return PROBE.NO;
    if (isClient(server) || client === SAYS.REPLY) {
      if (isClient(client) || server === SAYS.REPLY) return PROBE.NO;
      probe.flip = true;
      return judge(probe, server, client, 'server side', 'client side');
    }
    return judge(probe, client, server, 'client', 'server');
  },
  glance(bytes: Uint8Array, start: number, end: number): boolean {
    return examine(bytes, start, end) !== SAYS.NO;
  },
};

function isClient(says: Says): boolean {
  return says === SAYS.FLAPON || says === SAYS.COMMAND;
}

function judge(probe: Probe, client: Says, server: Says, one: string, other: string): ProbeAnswer {
  if (client === SAYS.COMMAND || server === SAYS.REPLY) {
    const evidence: string[] = [];
    if (client === SAYS.FLAPON) evidence.push(`${one}: FLAPON at byte 0`);
    if (client === SAYS.COMMAND) evidence.push(`${one}: FLAP frame with a TOC command`);
    if (server === SAYS.REPLY) evidence.push(`${other}: FLAP frame with a TOC reply`);
    return probe.yes('high', ...evidence);
  }
  if (client === SAYS.FLAPON) {
    if (server === SAYS.HELLO) {
      return probe.yes('high', `${one}: FLAPON at byte 0`, `${other}: FLAP sign-on at byte 0`);
    }
    return probe.final ? probe.yes('medium', `${one}: FLAPON at byte 0`) : PROBE.MORE;
  }
  return probe.final ? PROBE.NO : PROBE.MORE;
}

function examine(bytes: Uint8Array, start: number, end: number): Says {
  if (start >= end) return SAYS.NOTHING;
  return bytes[start] === F ? examineGreeting(bytes, start, end) : examineFrames(bytes, start, end);
}

function examineGreeting(bytes: Uint8Array, start: number, end: number): Says {
  for (let i = 0; i < FLAPON.length; i++) {
    if (start + i >= end) return SAYS.MORE;
    if (bytes[start + i] !== FLAPON.charCodeAt(i)) return SAYS.NO;
  }
  const rest = start + FLAPON.length;
  const says = rest < end ? examineFrames(bytes, rest, end) : SAYS.NOTHING;
  return says === SAYS.NO || says === SAYS.COMMAND ? says : SAYS.FLAPON;
}

/** Looks through whole frames: a data frame decides, a hello does not. */
function examineFrames(bytes: Uint8Array, start: number, end: number): Says {
  let at = start;
  let hello = false;
  while (at < end) {
    if (bytes[at] !== FLAP_MAGIC) return SAYS.NO;
    if (end - at < FLAP_HEADER) break;
    const channel = bytes[at + 1] ?? 0;
    const length = ((bytes[at + 4] ?? 0) << 8) | (bytes[at + 5] ?? 0);
    if (channel < CHANNEL.SIGNON || channel > CHANNEL.KEEP_ALIVE || length > USUAL_MAX) return SAYS.NO;
    const body = at + FLAP_HEADER;
    if (channel === CHANNEL.DATA)
      return examineLine(bytes, body, Math.min(end, body + length), body + length);
    hello = true;
    at = body + length;
  }
  return hello ? SAYS.HELLO : SAYS.MORE;
}

/** The first word of a line: a command begins with `toc`, a reply is a known word before a colon. */
function examineLine(bytes: Uint8Array, start: number, end: number, whole: number): Says {
  const c = bytes[start] ?? 0;
  if (start >= end) return whole > start ? SAYS.MORE : SAYS.NO;
  if (c === 0x74) return examineCommand(bytes, start, end);
  if (c < 0x41 || c > 0x5a) return SAYS.NO;
  for (let i = start; i < end && i <= start + LONGEST_COMMAND; i++) {
    if (bytes[i] === COLON || i + 1 === whole) {
      const stop = bytes[i] === COLON ? i : i + 1;
      return SERVER_COMMANDS.has(wordAt(bytes, start, stop)) ? SAYS.REPLY : SAYS.NO;
    }
    if (!isWordByte(bytes[i] ?? 0)) return SAYS.NO;
  }
  return end - start > LONGEST_COMMAND ? SAYS.NO : SAYS.MORE;
}

function examineCommand(bytes: Uint8Array, start: number, end: number): Says {
  for (let i = 0; i < 3; i++) {
    if (start + i >= end) return SAYS.MORE;
    if (bytes[start + i] !== 'toc'.charCodeAt(i)) return SAYS.NO;
  }
  const after = bytes[start + 3] === 0x32 ? start + 4 : start + 3;
  if (after >= end) return SAYS.MORE;
  return bytes[after] === 0x5f ? SAYS.COMMAND : SAYS.NO;
}

function isWordByte(c: number): boolean {
  return (c >= 0x41 && c <= 0x5a) || c === 0x5f || c === 0x32;
}

function wordAt(bytes: Uint8Array, start: number, end: number): string {
  let word = '';
  for (let i = start; i < end; i++) word += String.fromCharCode(bytes[i] ?? 0);
  return word;
}
