import { BoundedMap } from '../core/cache.ts';
import type { LogIm } from './log-event.ts';

/** Conversations of which it is remembered what is on its way. */
const MAX_OPEN = 65_536;

/**
 * A message between two people in view passes twice: to the server, and from it. Tells the delivery of one whose
 * sending was seen; texts need not be in the log.
 */
export class Deliveries {
  readonly #open = new BoundedMap<string, number>(MAX_OPEN);

  isDelivery({ conversation, sent, from, account, room, text, textLength }: LogIm): boolean {
    if (conversation === undefined) return false;
    const key = `${conversation}\0${from ?? account ?? ''}\0${text ?? textLength}`;
    const open = this.#open.get(key) ?? 0;
    if (sent === true) {
      this.#open.set(key, open + 1);
      return false;
    }
    if (open === 0) return false;
    // A room delivers to all its members.
    if (room !== undefined) return true;
    if (open === 1) this.#open.delete(key);
    else this.#open.set(key, open - 1);
    return true;
  }
}
