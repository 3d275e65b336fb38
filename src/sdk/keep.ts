/** What a dissector remembers of a flow, accounted for: see `FlowContext.reserve`. */

/** Bytes that each flow may keep without accounting for them: they are in the cost of `im_flows`. */
const FREE = 4_096;
/** The least that is reserved at once. */
const STEP = 4_096;
/** What an entry of a map costs beside its strings. */
const ENTRY = 96;

/** Counts what one flow keeps. What was reserved once stays reserved, so that much coming and going costs one account. */
export class Keep {
  readonly #reserve: (bytes: number) => boolean;
  #held = 0;
  #room = FREE;
  #full = false;

  /** `reserve` is that of the flow. */
  constructor(reserve: (bytes: number) => boolean) {
    this.#reserve = reserve;
  }

  /** Keeps so many bytes more; false, and none of them, where there is no room. */
  hold(bytes: number): boolean {
    const lack = this.#held + bytes - this.#room;
    if (lack > 0) {
      // Who was refused once does not ask again: each refusal is told.
      if (this.#full) return false;
      const step = Math.max(lack, STEP);
      this.#full = !this.#reserve(step);
      if (this.#full) return false;
      this.#room += step;
    }
    this.#held += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }
}

/** Bytes of a string in memory, at most. */
export function costOfText(text: string): number {
  return 2 * text.length;
}

/**
 * A map from strings that forgets its oldest entry where it is full or where the flow's memory is, and costs nothing while it is
 * empty. `cost` is the bytes of a value beside its entry; a value that changes while it is kept must not change its cost.
 */
export class KeptMap<V> {
  readonly #most: number;
  readonly #keep: Keep;
  readonly #cost: (value: V) => number;
  readonly #forgotten: ((value: V) => void) | undefined;
  #map: Map<string, V> | undefined;

  /** `forgotten` is called with what had to make room. */
  constructor(
    most: number,
    keep: Keep,
    cost: (value: V) => number = costsNothing,
    forgotten?: (value: V) => void,
  ) {
    this.#most = most;
    this.#keep = keep;
    this.#cost = cost;
    this.#forgotten = forgotten;
  }

  get size(): number {
    return this.#map?.size ?? 0;
  }

  get(key: string): V | undefined {
    return this.#map?.get(key);
  }

  has(key: string): boolean {
    return this.#map?.has(key) ?? false;
  }

  /** Sets a value and makes it the youngest. What does not fit even alone is not kept. */
  set(key: string, value: V): void {
    this.delete(key);
    const map = (this.#map ??= new Map());
    if (map.size >= this.#most) this.#forget(map);
    const bytes = this.#bytes(key, value);
    while (!this.#keep.hold(bytes)) {
      if (map.size === 0) return;
      this.#forget(map);
    }
    map.set(key, value);
  }

  delete(key: string): boolean {
    return this.take(key) !== undefined;
  }

  /** The value, which is forgotten. */
  take(key: string): V | undefined {
    const value = this.#map?.get(key);
    if (value === undefined) return undefined;
    this.#map?.delete(key);
    this.#keep.release(this.#bytes(key, value));
    return value;
  }

  clear(): void {
    for (const key of [...this.keys()]) this.delete(key);
  }

  keys(): Iterable<string> {
    return this.#map?.keys() ?? NOTHING;
  }

  values(): Iterable<V> {
    return this.#map?.values() ?? NOTHING;
  }

  entries(): Iterable<[string, V]> {
    return this.#map?.entries() ?? NOTHING;
  }

  #bytes(key: string, value: V): number {
    return ENTRY + costOfText(key) + this.#cost(value);
  }

  #forget(map: Map<string, V>): void {
    const oldest = map.keys().next();
    const value = oldest.done ? undefined : this.take(oldest.value);
    if (value !== undefined) this.#forgotten?.(value);
  }
}

const NOTHING: readonly never[] = [];

function costsNothing(): number {
  return 0;
}
