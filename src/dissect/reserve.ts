import type { Flow } from '../flow/flow.ts';
import type { Dissection } from './dissection.ts';

/** Bytes that the dissector of one flow accounts for itself, until the flow ends. */
export class Reserve {
  readonly #home: Dissection;
  readonly #flow: Flow;
  #bytes = 0;

  constructor(home: Dissection, flow: Flow) {
    this.#home = home;
    this.#flow = flow;
  }

  /** False where there is no room for so many more. */
  take(bytes: number): boolean {
    if (this.#home.hold(this.#flow, bytes)) {
      this.#bytes += bytes;
      return true;
    }
    this.#home.release(this.#flow, bytes);
    return false;
  }

  giveBack(): void {
    if (this.#bytes > 0) this.#home.release(this.#flow, this.#bytes);
    this.#bytes = 0;
  }
}
