import type { Dissection } from './dissection.ts';

/** Bytes that one dissector accounts for itself, until it is not needed any more. */
export class Reserve {
  readonly #home: Dissection;
  readonly #shard: number;
  #bytes = 0;

  constructor(home: Dissection, shard: number) {
    this.#home = home;
    this.#shard = shard;
  }

  /** False where there is no room for so many more. */
  take(bytes: number): boolean {
    if (this.#home.holdIn(this.#shard, bytes)) {
      this.#bytes += bytes;
      return true;
    }
    this.#home.releaseIn(this.#shard, bytes);
    return false;
  }

  giveBack(): void {
    if (this.#bytes > 0) this.#home.releaseIn(this.#shard, this.#bytes);
    this.#bytes = 0;
  }
}
