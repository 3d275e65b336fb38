import type { Prefilter } from '../flow/prefilter.ts';
import type { Protocol } from '../sdk/index.ts';

/** At most so many protocols a transport: one bit each in a signed 32-bit mask. */
export const MAX_PROTOCOLS = 31;

/** The first-byte tables of the registry; bit `i` is `protocols[i]`. */
export function makePrefilter(protocols: readonly Protocol[]): Prefilter {
  if (protocols.length > MAX_PROTOCOLS) throw new Error(`more than ${MAX_PROTOCOLS} protocols`);
  const tables = { tcp: new Int32Array(512), udp: new Int32Array(512) };
  protocols.forEach((protocol, i) => {
    const table = tables[protocol.transport];
    protocol.detector.firstBytes.forEach((bytes, direction) => {
      const all = bytes ?? Array.from({ length: 256 }, (_, n) => n);
      for (const byte of all)
        table[(direction << 8) | byte] = (table[(direction << 8) | byte] ?? 0) | (1 << i);
    });
  });
  return { ...tables, ...glances(protocols), beginnings: beginnings(protocols) };
}

/** The detectors that judge nothing but beginnings. */
function beginnings(protocols: readonly Protocol[]): number {
  return protocols.reduce(
    (mask, { detector }, i) => (detector.midstream === false ? mask | (1 << i) : mask),
    0,
  );
}

/** The detectors that glance, in a loop of their own: hardly any does. */
function glances(protocols: readonly Protocol[]): Pick<Prefilter, 'glancing' | 'glance'> {
  const glancing = protocols.flatMap(({ detector }, i) =>
    detector.glance !== undefined ? [{ detector, bit: 1 << i }] : [],
  );
  return {
    glancing: glancing.reduce((mask, { bit }) => mask | bit, 0),
    glance(mask, bytes, start, end) {
      let left = mask;
      for (const { detector, bit } of glancing) {
        if ((left & bit) !== 0 && detector.glance?.(bytes, start, end) === false) left &= ~bit;
      }
      return left;
    },
  };
}
