/**
 * Flows that wait for a packet time, each as long as the next: so they come due in the order in which they began
 * to wait. Bounded: beyond `max` the one that has waited longest is due at once.
 */
export class Deadlines {
  readonly #due = new Map<number, number>();
  readonly #patience: number;
  readonly #max: number;

  constructor(patience: number, max: number) {
    this.#patience = patience;
    this.#max = max;
  }

  /** The flow waits from `now` (seconds) on; one that waits already keeps its time. */
  add(flow: number, now: number): void {
    if (!this.#due.has(flow)) this.#due.set(flow, now + this.#patience);
  }

  delete(flow: number): void {
    this.#due.delete(flow);
  }

  /** Takes out one flow whose time has come, or undefined. */
  next(now: number): number | undefined {
    for (const [flow, due] of this.#due) {
      if (due > now && this.#due.size <= this.#max) return undefined;
      this.#due.delete(flow);
      return flow;
    }
    return undefined;
  }
}
