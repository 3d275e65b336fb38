import type { LRUCache } from 'lru-cache';
import { boundedCache } from '../../core/cache.ts';

interface Rhythm {
  last: number;
  /** Seconds between the last two. */
  interval: number;
  /** Beacons at even intervals until now. */
  count: number;
}

/** So many at even intervals are told. */
const ENOUGH = 8;
/** Intervals that a bot keeps, seconds; what is quicker is a transfer. */
const SHORTEST = 5;
const LONGEST = 7_200;
/** An interval may differ from the one before by this part of it, or by so many seconds. */
const JITTER = 0.1;
const JITTER_SECONDS = 2;

/** Shortest block of code. */
const MIN_BLOB = 40;

/** Senders of blocks of code at even intervals. Bounded; the one that was quiet longest is forgotten. */
export class Beacons {
  readonly #rhythms: LRUCache<string, Rhythm>;

  constructor(max: number) {
    this.#rhythms = boundedCache(max, () => undefined);
  }

  /** A message that can be a beacon at `now` (seconds); the interval where it is told, else undefined. */
  sighted(key: string, now: number): { interval: number; count: number } | undefined {
    const rhythm = this.#rhythms.get(key);
    if (rhythm === undefined) {
      this.#rhythms.set(key, { last: now, interval: 0, count: 1 });
      return undefined;
    }
    const interval = now - rhythm.last;
    const slack = Math.max(JITTER_SECONDS, rhythm.interval * JITTER);
    const even = rhythm.interval === 0 || Math.abs(interval - rhythm.interval) <= slack;
    const fits = interval >= SHORTEST && interval <= LONGEST;
    rhythm.count = fits ? (even ? rhythm.count + 1 : 2) : 1;
    rhythm.interval = fits ? interval : 0;
    rhythm.last = now;
    return rhythm.count >= ENOUGH ? { interval, count: rhythm.count } : undefined;
  }
}

/** One long word of Base64 or hexadecimal digits, letters and digits mixed as no word of a language has them. */
export function isBlob(text: string): boolean {
  return (
    text.length >= MIN_BLOB &&
    /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) &&
    /\d/.test(text) &&
    /[a-zA-Z]/.test(text)
  );
}
