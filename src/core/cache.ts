import { LRUCache } from 'lru-cache';

/**
 * A cache of at most `max` entries that forgets the least recently used first; `onForget` is told of each.
 * Bounded by size, not by count: with a count lru-cache lays out all its slots at once, ten milliseconds for each
 * of the many short runs over a folder of captures.
 */
export function boundedCache<K extends string | number, V extends object | true>(
  max: number,
  onForget?: (value: V) => void,
): LRUCache<K, V> {
  return new LRUCache<K, V>({
    maxSize: max,
    sizeCalculation: () => 1,
    dispose: (value, _key, reason) => {
      if (reason === 'evict') onForget?.(value);
    },
  });
}

/**
 * A map of at most `max` entries that forgets the one set first. For what is looked up by every event and
 * deleted when it is over: a look-up costs a third of a cache's, which keeps an order of use.
 */
export class BoundedMap<K, V> {
  readonly #map = new Map<K, V>();
  readonly #max: number;
  readonly #forget: ((value: V) => void) | undefined;

  /** `forget` is told of each entry that had to go. */
  constructor(max: number, forget?: (value: V) => void) {
    this.#max = max;
    this.#forget = forget;
  }

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    if (this.#map.size >= this.#max && !this.#map.has(key)) {
      for (const [oldest, gone] of this.#map) {
        this.#map.delete(oldest);
        this.#forget?.(gone);
        break;
      }
    }
    this.#map.set(key, value);
  }

  delete(key: K): void {
    this.#map.delete(key);
  }

  values(): IterableIterator<V> {
    return this.#map.values();
  }
}
