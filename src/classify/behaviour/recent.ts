import { BoundedMap } from '../../core/cache.ts';

/** A map of at most `max` entries that forgets the one set longest ago; setting one again makes it new. */
export class Recent<V> {
  readonly #map: BoundedMap<string, V>;

  constructor(max: number) {
    this.#map = new BoundedMap(max);
  }

  get size(): number {
    return this.#map.size;
  }

  get(key: string): V | undefined {
    return this.#map.get(key);
  }

  set(key: string, value: V): void {
    this.#map.delete(key);
    this.#map.set(key, value);
  }

  delete(key: string): void {
    this.#map.delete(key);
  }
}

/** Different things that one key did within a window that slides by packet time. */
export class Windows {
  readonly #seen: Recent<Map<string, number>>;
  readonly #seconds: number;
  readonly #most: number;

  /** At most `keys` keys, and `most` things of each, the oldest forgotten first. */
  constructor(keys: number, seconds: number, most: number) {
    this.#seen = new Recent(keys);
    this.#seconds = seconds;
    this.#most = most;
  }

  /** Notes a thing; how many different ones there are in the window now. */
  add(key: string, thing: string, now: number): number {
    const things = this.#seen.get(key) ?? new Map<string, number>();
    this.#seen.set(key, things);
    things.delete(thing);
    things.set(thing, now);
    for (const [oldest, at] of things) {
      if (at > now - this.#seconds && things.size <= this.#most) break;
      things.delete(oldest);
    }
    return things.size;
  }
}
