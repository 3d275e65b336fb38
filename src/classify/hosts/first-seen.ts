import { BoundedMap } from '../../core/cache.ts';

/** When things were first seen on this network. Kept in memory, or over restarts by whoever has a place for it. */
export interface FirstSeen {
  /** Packet time (seconds) from which sightings are known; undefined before the first. */
  readonly since: number | undefined;
  /** Notes a sighting; the packet time of the first one, which is `seconds` where it is this. */
  see(key: string, seconds: number): number;
}

/** What was seen in this run. */
export class FirstSeenHere implements FirstSeen {
  #since: number | undefined;
  readonly #first: BoundedMap<string, number>;

  constructor(max: number) {
    this.#first = new BoundedMap(max);
  }

  get since(): number | undefined {
    return this.#since;
  }

  see(key: string, seconds: number): number {
    this.#since ??= seconds;
    const known = this.#first.get(key);
    if (known !== undefined) return known;
    this.#first.set(key, seconds);
    return seconds;
  }
}
