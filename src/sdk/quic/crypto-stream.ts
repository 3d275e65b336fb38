import { TLS_LIMITS } from '../tls/limits.ts';

/** Stretches with holes between that are remembered; browsers cut a hello into some ten, and mix them. */
const MAX_STRETCHES = 64;

/**
 * The bytes of CRYPTO frames (RFC 9000, 19.6), put in order. What comes twice is not looked at again: the first counts.
 * Bounded: 16 KiB, as a TLS message elsewhere, and 64 stretches.
 */
export class CryptoStream {
  #bytes = new Uint8Array(2_048);
  /** Stretches that are there, in order, apart from each other: start, end, start, end. */
  readonly #have: number[] = [];

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Bytes that are there without a hole from the beginning. */
  get length(): number {
    return this.#have[0] === 0 ? (this.#have[1] ?? 0) : 0;
  }

  /** Adds bytes at a place; false where they are out of bounds. */
  add(offset: number, data: Uint8Array): boolean {
    const end = offset + data.length;
    if (end > TLS_LIMITS.message) return false;
    if (data.length === 0) return true;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.min(TLS_LIMITS.message, Math.max(end, this.#bytes.length * 2)));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return this.#merge(offset, end, data);
  }

  #merge(offset: number, end: number, data: Uint8Array): boolean {
    const merged: number[] = [];
    let [from, to] = [offset, end];
    let at = offset;
    for (let i = 0; i < this.#have.length; i += 2) {
      const start = this.#have[i] ?? 0;
      const stop = this.#have[i + 1] ?? 0;
      if (stop < offset || start > end) {
        merged.push(start, stop);
        continue;
      }
      // The hole before this stretch is filled; what the stretch has stays.
      if (at < start) this.#bytes.set(data.subarray(at - offset, start - offset), at);
      at = Math.max(at, stop);
      from = Math.min(from, start);
      to = Math.max(to, stop);
    }
    if (at < end) this.#bytes.set(data.subarray(at - offset), at);
    let place = 0;
    while (place < merged.length && (merged[place] ?? 0) < from) place += 2;
    merged.splice(place, 0, from, to);
    if (merged.length > MAX_STRETCHES * 2) return false;
    this.#have.length = 0;
    this.#have.push(...merged);
    return true;
  }
}
