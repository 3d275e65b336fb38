import { PROBE } from '../../src/sdk/index.ts';
import type { Confidence, Detector, Direction, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { COMMANDS } from './commands.ts';
import { LineScan, MAX_LINE, MAX_PAYLOAD, SCAN, findByte, isName, opensPayload } from './wire.ts';

/**
 * Recognises MSNP by whole command lines of the right shape on both sides. One line is never
 * enough unless nothing more will come and it is a telling one; `USR`, `VER` and `OUT` occur in other
 * protocols, so a connection must begin with `VER`, `USR` or `ANS` in full form.
 */

/** Lines that are looked at, a side. */
const MAX_LINES = 4;
/** What both sides together must weigh, and one alone. */
const ENOUGH_OF_BOTH = 2;
const ENOUGH_OF_ONE = 3;
/** What is enough when nothing more will come. */
const ENOUGH_AT_LAST = 2;

/** First letters of the commands that weigh anything. */
function firstLetters(direction: Direction): number[] {
  const telling = Object.entries(COMMANDS[direction]).filter(([, spec]) => spec.weight > 0);
  return [...new Set(telling.map(([name]) => name.charCodeAt(0)))];
}

/** Error replies begin with 2 to 9. */
const DIGITS = [0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39];

export const detector: Detector = {
  firstBytes: [firstLetters(0), [...firstLetters(1), ...DIGITS]],
  probe,
  /** Its commands share their first letters with those of the web and of mail. */
  glance(bytes: Uint8Array, start: number, end: number): boolean {
    return weigh(0, bytes, start, end, false) >= 0 || weigh(1, bytes, start, end, false) >= 0;
  },
};

const IMPOSSIBLE = -1;
const scan = new LineScan();

function probe(shown: Probe): ProbeAnswer {
  const direct = weighBoth(shown, false);
  const turned = shown.midstream ? weighBoth(shown, true) : IMPOSSIBLE;
  if (direct < 0 && turned < 0) return PROBE.NO;
  const turn = isTurned(shown, direct, turned);
  const weight = turn ? turned : direct;
  const both = weighSide(shown, 0, turn) > 0 && weighSide(shown, 1, turn) > 0;
  const alone = shown.final ? ENOUGH_AT_LAST : ENOUGH_OF_ONE;
  if (weight < (both ? ENOUGH_OF_BOTH : alone)) return shown.final ? PROBE.NO : PROBE.MORE;
  shown.flip = turn;
  return shown.yes(confidenceOf(both, weight), ...evidence(shown, turn));
}

/** Whether the supposed client is the server: its lines say so, or where they fit both ways, its port. */
function isTurned(shown: Probe, direct: number, turned: number): boolean {
  if (turned !== direct) return turned > direct;
  return turned > 0 && isServerPort(shown.clientPort) && !isServerPort(shown.serverPort);
}

function confidenceOf(both: boolean, weight: number): Confidence {
  if (weight < ENOUGH_OF_ONE) return both ? 'medium' : 'low';
  return both ? 'high' : 'medium';
}

function isServerPort(port: number): boolean {
  return port === 1863 || port === 1864;
}

/** What both sides weigh together, or IMPOSSIBLE. `turn`: the supposed client is taken for the server. */
function weighBoth(shown: Probe, turn: boolean): number {
  const client = weighSide(shown, 0, turn);
  if (client < 0) return IMPOSSIBLE;
  const server = weighSide(shown, 1, turn);
  return server < 0 ? IMPOSSIBLE : client + server;
}

function weighSide(shown: Probe, side: 0 | 1, turn: boolean): number {
  const direction: Direction = turn ? (side === 0 ? 1 : 0) : side;
  const mustOpen = !shown.midstream;
  return side === 0
    ? weigh(direction, shown.clientBytes, shown.clientStart, shown.clientEnd, mustOpen)
    : weigh(direction, shown.serverBytes, shown.serverStart, shown.serverEnd, mustOpen);
}

/** The weights of the first whole lines, a payload that begins as it should adding one; IMPOSSIBLE where these are no commands. */
function weigh(
  direction: Direction,
  bytes: Uint8Array,
  start: number,
  end: number,
  mustOpen: boolean,
): number {
  let weight = 0;
  let at = start;
  for (let n = 0; n < MAX_LINES && at < end; n++) {
    const eol = findByte(bytes, at, Math.min(end, at + MAX_LINE), 0x0a);
    if (eol === end) return isBegun(bytes, at, end) ? weight : IMPOSSIBLE;
    const lineEnd = eol > at && bytes[eol - 1] === 0x0d ? eol - 1 : eol;
    if (scan.scan(direction, bytes, at, lineEnd) !== SCAN.COMMAND || scan.size > MAX_PAYLOAD)
      return IMPOSSIBLE;
    if (n === 0 && mustOpen && !opensConnection(direction, bytes, at)) return IMPOSSIBLE;
    weight += scan.spec.weight;
    if (scan.size > 0) {
      const opened = opensPayload(scan.spec, bytes, eol + 1, end);
      if (opened === 0) return IMPOSSIBLE;
      if (opened > 0 && scan.spec.opens) weight++;
    }
    at = eol + 1 + scan.size;
  }
  return weight;
}

/** Whether what is there of a line may become one. */
function isBegun(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at >= MAX_LINE) return false;
  if (end - at < 4) return true;
  return isName(bytes, at) && (bytes[at + 3] === 0x20 || bytes[at + 3] === 0x0d);
}

/** What a side can begin with: `VER`, `USR`, `ANS`; the server also with `IRO`, `OUT` or an error. */
const OPENING: readonly [string, string] = ['VER USR ANS', 'VER USR ANS IRO OUT'];

function opensConnection(direction: Direction, bytes: Uint8Array, at: number): boolean {
  const words = OPENING[direction];
  for (let i = 0; i < words.length; i += 4) {
    if (isWord(words, i, bytes, at)) return true;
  }
  return direction === 1 && (bytes[at] ?? 0) <= 0x39;
}

function isWord(words: string, i: number, bytes: Uint8Array, at: number): boolean {
  return (
    bytes[at] === words.charCodeAt(i) &&
    bytes[at + 1] === words.charCodeAt(i + 1) &&
    bytes[at + 2] === words.charCodeAt(i + 2)
  );
}

function evidence(shown: Probe, turn: boolean): string[] {
  const told: string[] = [];
  if (shown.clientLength > 0) {
    told.push(
      `${turn ? 'server' : 'client'}: ${nameOf(shown.clientBytes, shown.clientStart)} line at byte 0`,
    );
  }
  if (shown.serverLength > 0) {
    told.push(
      `${turn ? 'client' : 'server'}: ${nameOf(shown.serverBytes, shown.serverStart)} line at byte 0`,
    );
  }
  return told;
}

function nameOf(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0);
}
