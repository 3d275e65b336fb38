import { LIVE } from './live-times.ts';

/**
 * Moves packet time on while the wire is silent, so that time-outs fire and quiet conversations are
 * told. It counts from the last packet's own time by a clock that nobody sets, `lagSeconds` behind, so
 * that packets which the kernel still holds are not late; it never runs ahead of real time.
 */
export class LiveClock {
  readonly #lag: number;
  #frames = -1;
  #packetSeconds = -1;
  #since = 0;

  constructor(lagSeconds: number = LIVE.LAG_SECONDS) {
    this.#lag = lagSeconds;
  }

  /**
   * To be called about once a second. `frames`: how many came so far; `packetSeconds`: the packet
   * clock; `now`: milliseconds of a monotonic clock; `held`: frames wait because an output is slow.
   * The second that it is now, or undefined where packets move time themselves.
   */
  tick(frames: number, packetSeconds: number, now: number, held: boolean): number | undefined {
    if (frames !== this.#frames || held) {
      this.#frames = frames;
      this.#packetSeconds = packetSeconds;
      this.#since = now;
      return undefined;
    }
    if (this.#packetSeconds < 0) return undefined;
    const second = this.#packetSeconds + Math.floor((now - this.#since) / 1000) - this.#lag;
    return second > packetSeconds ? second : undefined;
  }
}
