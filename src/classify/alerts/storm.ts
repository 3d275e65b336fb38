const MINUTE = 60;

/** What was held back within a minute of packet time. */
export interface HeldBack {
  total: number;
  /** By signature id. */
  readonly bySignature: Map<number, number>;
}

/** Lets so many alerts through in a minute of packet time, and counts the rest. */
export class StormCap {
  /** So many pass in a minute. */
  most: number;
  #minute = -1;
  #passed = 0;
  #held: HeldBack | undefined;

  constructor(most: number) {
    this.most = most;
  }

  /** True where one more alert of this signature may pass at this second of packet time; else it is counted. */
  admits(signatureId: number, seconds: number): boolean {
    const minute = Math.floor(seconds / MINUTE);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#passed = 0;
    }
    if (this.#passed < this.most) {
      this.#passed++;
      return true;
    }
    this.#held ??= { total: 0, bySignature: new Map() };
    this.#held.total++;
    this.#held.bySignature.set(signatureId, (this.#held.bySignature.get(signatureId) ?? 0) + 1);
    return false;
  }

  /** What was held back in a minute that is over at this second; undefined where there is nothing to tell. */
  take(seconds: number): HeldBack | undefined {
    if (this.#held === undefined || Math.floor(seconds / MINUTE) === this.#minute) return undefined;
    const held = this.#held;
    this.#held = undefined;
    return held;
  }
}
