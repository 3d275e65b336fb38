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
