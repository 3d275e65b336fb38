import type { LRUCache } from 'lru-cache';
import { boundedCache } from '../../core/cache.ts';

/** When things were first seen on this network, in packet time: those of one run, or, with a state folder, of all. */
export class FirstSeen {
  #since: number | undefined;
  readonly #first: LRUCache<string, { seconds: number }>;

  /** `max` things are remembered; the one that was seen least recently is forgotten. */
  constructor(max: number) {
    this.#first = boundedCache(max);
  }

  /** Seconds from which sightings are known; undefined before the first. */
  get since(): number | undefined {
    return this.#since;
  }

  /** Notes a sighting; true where none was known. */
  see(key: string, seconds: number): boolean {
    // A run that goes on where another ended may read an older capture, or the same one again.
    this.knownSince(seconds);
    const known = this.#first.get(key);
    if (known === undefined) {
      this.#first.set(key, { seconds });
      return true;
    }
    if (seconds < known.seconds) known.seconds = seconds;
    return false;
  }

  /** Sightings are known from this second on at least. */
  knownSince(seconds: number): void {
    if (this.#since === undefined || seconds < this.#since) this.#since = seconds;
  }

  /** All that is remembered, the least recent first. */
  *entries(): Generator<readonly [key: string, seconds: number]> {
    for (const [key, { seconds }] of [...this.#first.entries()].reverse()) yield [key, seconds];
  }
}
