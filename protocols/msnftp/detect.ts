import { PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';

/** Recognises MSNFTP by `VER MSNFTP` from both sides, or by it and the next line of one. */

const OPENING = 'VER MSNFTP';
const OPENS = 'V'.charCodeAt(0);

export const detector: Detector = { firstBytes: [[OPENS], [OPENS]], probe };

/** How much of the begin of a side fits. */
const FIT = { NO: 0, BEGUN: 1, OPENED: 2, FOLLOWED: 3 } as const;

function probe(shown: Probe): ProbeAnswer {
  const client = fit(shown.clientBytes, shown.clientStart, shown.clientEnd);
  const server = fit(shown.serverBytes, shown.serverStart, shown.serverEnd);
  if (client === FIT.NO || server === FIT.NO) return PROBE.NO;
  if (client >= FIT.OPENED && server >= FIT.OPENED) {
    return shown.yes('high', 'client: VER MSNFTP at byte 0', 'server: VER MSNFTP at byte 0');
  }
  if (client === FIT.FOLLOWED) return shown.yes('medium', 'client: VER MSNFTP and a command at byte 0');
  if (server === FIT.FOLLOWED) return shown.yes('medium', 'server: VER MSNFTP and a command at byte 0');
  return shown.final ? PROBE.NO : PROBE.MORE;
}

function fit(bytes: Uint8Array, start: number, end: number): number {
  for (let i = 0; i < OPENING.length; i++) {
    if (start + i >= end) return FIT.BEGUN;
    if (bytes[start + i] !== OPENING.charCodeAt(i)) return FIT.NO;
  }
  let at = start + OPENING.length;
  if (at < end && bytes[at] !== 0x0d && bytes[at] !== 0x0a && bytes[at] !== 0x20) return FIT.NO;
  while (at < end && bytes[at] !== 0x0a) at++;
  if (at >= end) return FIT.BEGUN;
  return follows(bytes, at + 1, end) ? FIT.FOLLOWED : FIT.OPENED;
}

/** `USR ` or `FIL `. */
function follows(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < 4 || bytes[at + 3] !== 0x20) return false;
  const word = String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0);
  return word === 'USR' || word === 'FIL';
}
