const HOUR = 3_600;
const DAY_HOURS = 24;
/** Hours that are remembered: 8 days, so that the same hour of 7 days before the present one is among them. */
export const HOURS_KEPT = 8 * DAY_HOURS;
const WEEK = 7;

/** What is known of an hour. */
const UNKNOWN = 0;
const NONE = 1;
const SOME = 2;

/** An hour without IM where there always was some. */
export interface Vanished {
  /** Seconds of its beginning. */
  readonly hour: number;
  readonly why: string;
}

/** Which hours of packet time had IM: tells of one that had none where there always was. Bounded by `HOURS_KEPT`. */
export class ImPresence {
  readonly #hours = new Uint8Array(HOURS_KEPT);
  /** Hours since 1970; −1 before the first packet. */
  #hour = -1;
  /** The present hour was watched from its beginning. */
  #whole = false;
  /** What was remembered was just taken over. */
  #loaded = false;
  #im = false;
  #packets = false;
  /** It was told, and no IM has been seen since. */
  #told = false;

  /** IM was seen. */
  im(): void {
    this.#im = true;
    this.#told = false;
  }

  /** Packet time is now so many seconds; `packets`: some came since the last call. What an hour that is over shows. */
  at(seconds: number, packets: boolean): Vanished | undefined {
    const hour = Math.floor(seconds / HOUR);
    let vanished: Vanished | undefined;
    if (hour !== this.#hour) {
      vanished = this.#over();
      this.#begin(hour);
    }
    if (packets) this.#packets = true;
    return vanished;
  }

  /** What is remembered, for the state folder: the present hour's number, whether it had IM, and what was in those before, the oldest first. */
  save(): { hour: number; hours: string; im: boolean } {
    let hours = '';
    for (let back = HOURS_KEPT - 1; back >= 1; back--) hours += String(this.#of(this.#hour - back));
    return { hour: this.#hour, hours, im: this.#im };
  }

  /** Takes what `save` gave. Throws where it is not of that form. */
  load({ hour, hours, im }: Readonly<Record<string, unknown>>): void {
    if (typeof hour !== 'number' || !Number.isSafeInteger(hour) || hour < -1)
      throw new Error('"hour" is no whole number');
    if (typeof hours !== 'string' || hours.length !== HOURS_KEPT - 1 || !/^[012]*$/.test(hours))
      throw new Error('"hours" is not as we write it');
    this.#hour = hour;
    this.#hours.fill(UNKNOWN);
    // The present hour, and the one in which we go on, went on without us for a while.
    this.#whole = false;
    this.#loaded = true;
    this.#im = im === true;
    if (hour < 0) return;
    [...hours].forEach((state, i) => this.#set(hour - (HOURS_KEPT - 1 - i), Number(state)));
  }

  #over(): Vanished | undefined {
    if (this.#hour < 0) return undefined;
    const state = this.#im ? SOME : this.#packets && this.#whole ? NONE : UNKNOWN;
    this.#set(this.#hour, state);
    if (state !== NONE || this.#told) return undefined;
    const why = this.#expected(this.#hour);
    if (why === undefined) return undefined;
    this.#told = true;
    return { hour: this.#hour * HOUR, why };
  }

  #begin(hour: number): void {
    // Hours that passed unseen, or a clock that was set: nothing is known of them.
    const gap = hour - this.#hour;
    if (this.#hour < 0 || gap < 0 || gap >= HOURS_KEPT) {
      if (this.#hour >= 0) this.#hours.fill(UNKNOWN);
    } else for (let h = this.#hour + 1; h <= hour; h++) this.#set(h, UNKNOWN);
    this.#whole = gap === 1 && this.#hour >= 0 && !this.#loaded;
    this.#loaded = false;
    this.#hour = hour;
    this.#im = false;
    this.#packets = false;
  }

  /** Why there should have been IM in this hour. */
  #expected(hour: number): string | undefined {
    const all = (count: number, step: number): boolean => {
      for (let i = 1; i <= count; i++) if (this.#of(hour - i * step) !== SOME) return false;
      return true;
    };
    if (all(DAY_HOURS, 1)) return 'each of the 24 hours before had some';
    if (all(WEEK, DAY_HOURS)) return 'the same hour of each of the 7 days before had some';
    return undefined;
  }

  #of(hour: number): number {
    return this.#hours[hour % HOURS_KEPT] ?? UNKNOWN;
  }

  #set(hour: number, state: number): void {
    if (hour >= 0) this.#hours[hour % HOURS_KEPT] = state;
  }
}
