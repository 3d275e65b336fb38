import { PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';
import { HANDSHAKE_V1, HANDSHAKE_V2, OPENING } from './wire.ts';

/**
 * Recognises a direct connection by its first frame (`foo` and a zero) and the length of the next, which is
 * that of a handshake; the other side answers with a handshake.
 */

export const detector: Detector = {
  firstBytes: [[OPENING[0] ?? 0], [HANDSHAKE_V1, HANDSHAKE_V2]],
  probe,
};

function probe(shown: Probe): ProbeAnswer {
  const { clientBytes, clientStart, clientEnd, serverBytes, serverStart, serverEnd } = shown;
  for (let i = 0; i < OPENING.length && clientStart + i < clientEnd; i++) {
    if (clientBytes[clientStart + i] !== OPENING[i]) return PROBE.NO;
  }
  const client = isHandshake(clientBytes, clientStart + OPENING.length, clientEnd);
  const server = isHandshake(serverBytes, serverStart, serverEnd);
  if (client === 0 || server === 0) return PROBE.NO;
  if (client > 0 && server > 0) {
    return shown.yes('high', 'client: foo frame and handshake at byte 0', 'server: handshake at byte 0');
  }
  if (!shown.final) return PROBE.MORE;
  return client > 0 ? shown.yes('medium', 'client: foo frame and handshake at byte 0') : PROBE.NO;
}

/** Whether a frame of a handshake's length begins at `at`: 1 yes, 0 no, −1 too little is there. */
function isHandshake(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 4) return -1;
  const length = bytes[at] ?? 0;
  const plain = bytes[at + 1] === 0 && bytes[at + 2] === 0 && bytes[at + 3] === 0;
  return plain && (length === HANDSHAKE_V1 || length === HANDSHAKE_V2) ? 1 : 0;
}
