import type { Keep } from '../keep.ts';

/** Requests of one connection that wait for their response; no client that is known pipelines more than 16. */
export const MAX_PIPELINED = 256;

/** Bytes of memory that a waiting request takes without its item. */
const WAITING = 96;

/** How a method changes what its response looks like. */
export type MethodShape = 'HEAD' | 'CONNECT' | 'other';

interface Waiting<T> {
  readonly shape: MethodShape;
  item: T | undefined;
}

/**
 * What both directions of a connection know of each other: which request a response answers. A reader may leave
 * an item of its own with each request. Requests beyond `MAX_PIPELINED`, or beyond what the flow may keep, are counted, so
 * those after them are paired again.
 */
export class HttpExchange<T = never> {
  readonly #waiting: Waiting<T>[] = [];
  /** Requests behind those that wait of which only the number is known. */
  #beyond = 0;
  /** The server's side is in view. */
  #answers = false;
  #last: Waiting<T> | undefined;
  readonly #keep: Keep;
  readonly #cost: number;

  /** `keep` accounts for the requests that wait, each with an item of at most `itemCost` bytes. */
  constructor(keep: Keep, itemCost = 0) {
    this.#keep = keep;
    this.#cost = WAITING + itemCost;
  }

  /** A request begins; false where it is the first one too many. Where no server is in view none is too many: nobody is paired. */
  asked(method: string): boolean {
    if (this.#beyond > 0 || this.#waiting.length >= MAX_PIPELINED || !this.#keep.hold(this.#cost)) {
      this.#last = undefined;
      return this.#beyond++ > 0 || !this.#answers;
    }
    // Not the method itself: a part of a text keeps the whole of it in memory.
    const shape = method === 'HEAD' || method === 'CONNECT' ? method : 'other';
    this.#last = { shape, item: undefined };
    this.#waiting.push(this.#last);
    return true;
  }

  /** Leaves an item with the request that was asked last. */
  keep(item: T): void {
    if (this.#last) this.#last.item = item;
  }

  /** How the request that is answered next shapes its response; undefined where it was not seen. */
  next(): MethodShape | undefined {
    return this.#waiting[0]?.shape;
  }

  /** A final response begins: the item of its request, undefined where that was not seen. */
  answered(): T | undefined {
    this.#answers = true;
    const first = this.#waiting.shift();
    if (first) this.#keep.release(this.#cost);
    else if (this.#beyond > 0) this.#beyond--;
    return first?.item;
  }

  /** Bytes were lost: nobody knows any more which response answers which of the requests so far. */
  lost(): void {
    this.#keep.release(this.#cost * this.#waiting.length);
    this.#waiting.length = 0;
    this.#beyond = 0;
    this.#last = undefined;
  }

  /** Items of the requests that wait, the oldest first. */
  *waiting(): Generator<T> {
    for (const { item } of this.#waiting) if (item !== undefined) yield item;
  }
}
