import { boundedCache } from '../core/cache.ts';

/** Things that are remembered as told, and for how many seconds of packet time. */
const MAX_TOLD = 16_384;
const WINDOW = 3_600;

/**
 * What a client does again and again with every connection, and what is news only once an hour: a web messenger
 * asks its host for the next message as long as it is open.
 */
export class Once {
  readonly #told = boundedCache<string, { seconds: number }>(MAX_TOLD);

  /** True where the same was told of this client within the hour. */
  isRepeat(client: string, what: string, seconds: number): boolean {
    const key = `${client} ${what}`;
    const last = this.#told.get(key);
    if (last && seconds - last.seconds < WINDOW) return true;
    this.#told.set(key, { seconds });
    return false;
  }
}
