const { cos, exp, floor, log, max, min, PI, pow, round, sqrt } = Math;

/**
 * A seeded generator of pseudo-random numbers (sfc32, PractRand's small fast counter), so that a
 * workload is the same bytes on every machine.
 */
export class Random {
  private a: number;
  private b: number;
  private c = 0x9e3779b9 | 0;
  private counter = 1;

  constructor(seed: number) {
    this.a = seed | 0;
    this.b = floor(seed / 0x100000000) | 0;
    for (let i = 0; i < 16; i++) this.bits();
  }

  /** 32 bits, as a signed integer. */
  bits(): number {
    const out = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + out) | 0;
    return out;
  }

  /** A number in [0, 1). */
  unit(): number {
    return (this.bits() >>> 0) / 0x100000000;
  }

  /** An integer in [0, n). */
  below(n: number): number {
    return floor(this.unit() * n);
  }

  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  exponential(mean: number): number {
    return -log(1 - this.unit()) * mean;
  }

  /** Bounded Pareto: heavy-tailed sizes between `low` and `high`. */
  pareto(low: number, high: number, alpha: number): number {
    const tail = 1 - this.unit() * (1 - pow(low / high, alpha));
    return floor(low / pow(tail, 1 / alpha));
  }

  /** Log-normal by its median; at least 1, at most `high`. */
  logNormal(median: number, sigma: number, high: number): number {
    const normal = sqrt(-2 * log(1 - this.unit())) * cos(2 * PI * this.unit());
    return max(1, min(high, round(median * exp(sigma * normal))));
  }

  fill(bytes: Uint8Array): Uint8Array {
    for (let i = 0; i < bytes.length; i += 4) {
      const word = this.bits();
      bytes[i] = word;
      bytes[i + 1] = word >> 8;
      bytes[i + 2] = word >> 16;
      bytes[i + 3] = word >> 24;
    }
    return bytes;
  }

  bytes(length: number): Uint8Array {
    return this.fill(new Uint8Array(length));
  }

  /** `length` characters of an alphabet. */
  text(length: number, alphabet: string): string {
    let out = '';
    for (let i = 0; i < length; i++) out += alphabet.charAt(this.below(alphabet.length));
    return out;
  }

  hex(length: number): string {
    return this.text(length, '0123456789abcdef');
  }

  shuffle<T>(list: T[]): T[] {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = list[i] as T;
      list[i] = list[j] as T;
      list[j] = kept;
    }
    return list;
  }
}
