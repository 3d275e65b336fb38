import { DATE, says } from './shape.ts';
import type { Shape } from './shape.ts';

/** The same over TCP and UDP. */
export const SIP_MESSAGE: Shape = {
  service: 'simple',
  name: 'SIP MESSAGE',
  source: 'RFC 3428',
  date: DATE,
  confidence: 'high',
  first: [0x4d],
  either: true,
  begins: isSipMessage,
};

/** `MESSAGE sip:... SIP/2.0`. */
function isSipMessage(b: Uint8Array, s: number, e: number): boolean {
  if (!says(b, s, e, 'MESSAGE sip')) return false;
  for (let at = s + 11; at < e && at < s + 512; at++) {
    if (b[at] === 0x0d) return says(b, at - 8, e, ' SIP/2.0');
  }
  return false;
}
