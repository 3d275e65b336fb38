/**
 * Fingerprints of text by winnowing (Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document
 * Fingerprinting", SIGMOD 2003): of the hashes of all runs of RUN letters and digits the smallest of each window of WINDOW.
 * Two texts with a passage of RUN + WINDOW - 1 of them in common have a fingerprint in common, whatever their case, blanks
 * and punctuation.
 */

/** Letters and digits in one run, and hashes in one window. */
export const RUN = 24;
export const WINDOW = 16;
/** Two hashes of 32 bits, of which 52 bits are kept: no two runs of a million meet by chance. */
const BASE_A = 0x01000193;
const BASE_B = 0x2c1b3c6d;
const UNIT = 2 ** 20;

/** `base` to the power of RUN: what the letter that leaves a run had been multiplied by. */
function leaving(base: number): number {
  let power = 1;
  for (let i = 0; i < RUN; i++) power = Math.imul(power, base);
  return power;
}
const OUT_A = leaving(BASE_A);
const OUT_B = leaving(BASE_B);

/** Calls `take` with each fingerprint of the text, an integer below 2^52; one that stays the smallest is told once. */
export function winnow(text: string, take: (print: number) => void): void {
  const units = new Uint16Array(RUN);
  const hashes = new Float64Array(WINDOW);
  const low = text.toLowerCase();
  let [a, b, length, last] = [0, 0, 0, -1];
  for (let i = 0; i < low.length; i++) {
    const unit = low.charCodeAt(i);
    if (!isLetter(unit)) continue;
    const slot = length % RUN;
    const old = units[slot] ?? 0;
    a = (Math.imul(a, BASE_A) + unit + 1) | 0;
    b = (Math.imul(b, BASE_B) + unit + 1) | 0;
    if (length >= RUN) {
      a = (a - Math.imul(OUT_A, old + 1)) | 0;
      b = (b - Math.imul(OUT_B, old + 1)) | 0;
    }
    units[slot] = unit;
    length++;
    const place = length - RUN;
    if (place < 0) continue;
    hashes[place % WINDOW] = mix(a) * UNIT + (mix(b) >>> 12);
    if (place < WINDOW - 1) continue;
    const smallest = smallestOf(hashes, place);
    if (smallest !== last) take(hashes[smallest % WINDOW] ?? 0);
    last = smallest;
  }
}

/** The place of the smallest hash of the window that ends at `end`; of equal ones the last. */
function smallestOf(hashes: Float64Array, end: number): number {
  let best = end;
  for (let place = end - 1; place > end - WINDOW; place--)
    if ((hashes[place % WINDOW] ?? 0) < (hashes[best % WINDOW] ?? 0)) best = place;
  return best;
}

/** Spreads the bits: a polynomial of small letters fills only some. */
function mix(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** ASCII letters and digits, and beyond ASCII all but blanks and punctuation. */
function isLetter(unit: number): boolean {
  if (unit < 0x80) return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39);
  return unit > 0xbf && (unit < 0x2000 || unit > 0x206f) && (unit < 0x3000 || unit > 0x303f);
}
