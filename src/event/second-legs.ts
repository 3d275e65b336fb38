import type { EveEvent } from './eve.ts';

/** Messages remembered that are on their way to the server. */
const MAX_OPEN = 1_024;

/**
 * A message between two people in view passes twice: to the server, and from it. Both are events;
 * a person who reads or counts wants it once. Bounded; what is forgotten is shown twice.
 */
export class SecondLegs {
  readonly #open = new Map<string, number>();

  /** True for a delivered message whose first leg was seen before. Each first leg answers for one. */
  isSecond(event: EveEvent): boolean {
    const { im } = event;
    if (im?.kind !== 'message' || im.conversation === undefined) return false;
    const key = `${im.conversation}${im.text ?? im.encrypted ?? ''}`;
    const open = this.#open.get(key) ?? 0;
    if (im.sent) {
      this.#open.delete(key);
      this.#open.set(key, open + 1);
      if (this.#open.size > MAX_OPEN) this.#forgetOldest();
      return false;
    }
    if (open === 0) return false;
    // A room delivers to all its members: its first leg answers for each of them.
    if (im.room) return true;
    if (open === 1) this.#open.delete(key);
    else this.#open.set(key, open - 1);
    return true;
  }

  #forgetOldest(): void {
    const [oldest] = this.#open.keys();
    if (oldest !== undefined) this.#open.delete(oldest);
  }
}
