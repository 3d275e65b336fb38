/** Classes of a tenth of their value each: quantiles are right within 5%. */
const STEP = Math.log(1.1);
const CLASSES = 200;

/** Counts of positive numbers by size, in constant memory. */
export class Histogram {
  readonly #counts = new Float64Array(CLASSES);
  count = 0;

  /** `value` from 0 on; less than 0.1 counts as 0.1. */
  add(value: number): void {
    const place = Math.round((Math.log(Math.max(0.1, value)) - Math.log(0.1)) / STEP);
    const at = Math.min(CLASSES - 1, place);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.count++;
  }

  /** The value that a share (0 to 1) of the numbers does not exceed; undefined where there are none. */
  quantile(share: number): number | undefined {
    if (this.count === 0) return undefined;
    let left = share * this.count;
    for (let i = 0; i < CLASSES; i++) {
      left -= this.#counts[i] ?? 0;
      if (left <= 0) return 0.1 * Math.exp(i * STEP);
    }
    return undefined;
  }
}
