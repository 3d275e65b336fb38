import { PROBE } from '../../src/sdk/index.ts';
import type { Detector, Probe, ProbeAnswer } from '../../src/sdk/index.ts';

/** What the client says first, and what the server may answer. */
const GREETING = 'HELLO ';
const ANSWERS = ['WELCOME ', 'REFUSED '];

/**
 * Two confirmations: the client's greeting and the server's answer. The greeting alone is enough
 * only where the capture shows no other direction, and then with low confidence.
 */
export const detector: Detector = {
  firstBytes: [[0x48], [0x57, 0x52]],
  probe(probe: Probe): ProbeAnswer {
    const greeted = startsWith(probe.clientBytes, probe.clientStart, probe.clientEnd, GREETING);
    const answered = ANSWERS.map((answer) =>
      startsWith(probe.serverBytes, probe.serverStart, probe.serverEnd, answer),
    );
    if (greeted === PROBE.NO || answered.every((a) => a === PROBE.NO)) return PROBE.NO;
    if (greeted === PROBE.YES && answered.includes(PROBE.YES)) {
      return probe.yes('high', 'client: HELLO at byte 0', 'server: its answer at byte 0');
    }
    if (!probe.final) return PROBE.MORE;
    return greeted === PROBE.YES ? probe.yes('low', 'client: HELLO at byte 0') : PROBE.NO;
  },
};

/** YES: the bytes begin with the text; MORE: they are a beginning of it; NO: they are not. */
function startsWith(bytes: Uint8Array, start: number, end: number, text: string): ProbeAnswer {
  for (let i = 0; i < text.length; i++) {
    if (start + i >= end) return PROBE.MORE;
    if (bytes[start + i] !== text.charCodeAt(i)) return PROBE.NO;
  }
  return PROBE.YES;
}
