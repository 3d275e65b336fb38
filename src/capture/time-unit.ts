import type { Frame } from './frame.ts';

const TWO_32 = 0x1_0000_0000;
const BILLION = 1_000_000_000;
/** 9999-12-31T23:59:59Z, the last second our time format can write. */
const LAST_SECOND = 253_402_300_799;

/**
 * The time unit of a pcapng interface: turns a 64-bit stamp in two halves into whole seconds and
 * nanoseconds, exactly (finer units are cut), with no 64-bit number in between.
 *
 * Times before 1970 or after 9999 become the nearest second in that range: no capture has them, and
 * what is later computed or written need not fear them.
 *
 * `resolution` is `if_tsresol` (draft-ietf-opsawg-pcapng, section 4.2): the negative power of 10 of
 * the unit, or of 2 where its top bit is set. `offset` is `if_tsoffset`, in seconds.
 */
export class TimeUnit {
  readonly #exponent: number;
  readonly #binary: boolean;
  readonly #offset: number;
  /** Units a second where they are a power of ten up to nanoseconds, else 0. */
  readonly #perSecond: number;
  readonly #nanosPerUnit: number;
  /** The upper half of stamps changes seldom: its share of the time is kept. */
  #high = -1;
  #baseSeconds = 0;
  #baseRest = 0;

  constructor(resolution: number, offset: number) {
    this.#exponent = resolution & 0x7f;
    this.#binary = (resolution & 0x80) !== 0;
    this.#offset = offset;
    const plain = !this.#binary && this.#exponent <= 9;
    this.#perSecond = plain ? 10 ** this.#exponent : 0;
    this.#nanosPerUnit = plain ? 10 ** (9 - this.#exponent) : 0;
  }

  /** Sets the frame's time from a stamp's two unsigned halves. */
  stamp(frame: Frame, high: number, low: number): void {
    const perSecond = this.#perSecond;
    if (perSecond === 0) {
      if (this.#binary) this.#stampBinary(frame, high, low);
      else this.#stampFine(frame, high, low);
      return;
    }
    if (high !== this.#high) {
      this.#high = high;
      this.#baseRest = divide(high, 0, perSecond);
      this.#baseSeconds = this.#offset + quotientHigh * TWO_32 + quotientLow;
    }
    // Below 2^34, so that the floor of the rounded quotient is the quotient.
    const units = this.#baseRest + low;
    const whole = Math.floor(units / perSecond);
    frame.nanos = (units - whole * perSecond) * this.#nanosPerUnit;
    frame.seconds = clampSeconds(this.#baseSeconds + whole);
  }

  /** Decimal units finer than a nanosecond. */
  #stampFine(frame: Frame, high: number, low: number): void {
    quotientHigh = high;
    quotientLow = low;
    for (let digits = this.#exponent - 9; digits > 0; digits -= 9) {
      divide(quotientHigh, quotientLow, 10 ** Math.min(9, digits));
    }
    frame.nanos = divide(quotientHigh, quotientLow, BILLION);
    frame.seconds = clampSeconds(this.#offset + quotientHigh * TWO_32 + quotientLow);
  }

  #stampBinary(frame: Frame, high: number, low: number): void {
    const bits = this.#exponent;
    const whole = shiftRight(high, low, bits, 1) * TWO_32 + shiftRight(high, low, bits, 0);
    // The fraction of a second as 64 bits after the point: words 0 and 1 below the units' point.
    const fractionHigh = shiftRight(high, low, bits, -1);
    const fractionLow = shiftRight(high, low, bits, -2);
    let carry = Math.floor(((fractionLow & 0xffff) * BILLION) / 0x10000);
    carry = Math.floor(((fractionLow >>> 16) * BILLION + carry) / 0x10000);
    carry = Math.floor(((fractionHigh & 0xffff) * BILLION + carry) / 0x10000);
    frame.nanos = Math.floor(((fractionHigh >>> 16) * BILLION + carry) / 0x10000);
    frame.seconds = clampSeconds(this.#offset + whole);
  }
}

function clampSeconds(seconds: number): number {
  return seconds < 0 ? 0 : seconds > LAST_SECOND ? LAST_SECOND : seconds;
}

/** Where `divide` leaves its quotient: a returned pair would be an allocation a packet. */
let quotientHigh = 0;
let quotientLow = 0;

/** Divides 64 bits by at most 10^9, sixteen bits at a step so that each is exact. The remainder. */
function divide(high: number, low: number, by: number): number {
  quotientHigh = Math.floor(high / by);
  const upper = (high - quotientHigh * by) * 0x10000 + (low >>> 16);
  const upperQuotient = Math.floor(upper / by);
  const lower = (upper - upperQuotient * by) * 0x10000 + (low & 0xffff);
  const lowerQuotient = Math.floor(lower / by);
  quotientLow = upperQuotient * 0x10000 + lowerQuotient;
  return lower - lowerQuotient * by;
}

/**
 * The 64-bit value moved right by `bits` (0 to 127), its 32-bit word number `word`: 1 and 0 are the
 * whole part, −1 and −2 the 64 bits after the point.
 */
function shiftRight(high: number, low: number, bits: number, word: number): number {
  const from = bits + word * 32;
  return wordAt(high, low, from >> 5, from & 31) >>> 0;
}

function wordAt(high: number, low: number, index: number, shift: number): number {
  const here = index === 0 ? low : index === 1 ? high : 0;
  if (shift === 0) return here;
  const above = index === -1 ? low : index === 0 ? high : 0;
  return (here >>> shift) | (above << (32 - shift));
}
