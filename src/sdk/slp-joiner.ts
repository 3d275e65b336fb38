import type { Keep } from './keep.ts';

/** Puts the parts of MSNSLP texts together. They come in order, many bytes or one at a time. */

/** The longest text: an invitation with a preview picture has some 30 KiB. */
export const MAX_SLP = 65_536;
/** Texts of one connection that are put together at once. */
const MAX_OPEN = 4;
const FIRST_ROOM = 2_048;

/** Where a part of a text belongs. */
export interface SlpPart {
  /** It is the first part. */
  first: boolean;
  /** Bytes of the text before it; −1 where the header does not tell (version 2). */
  offset: number;
  /** Bytes of the text after it. */
  remaining: number;
}

/** What `SlpJoiner.add` answers. */
export const SLP = {
  /** More parts must come, or this one belongs to no text that was begun. */
  MORE: 0,
  /** `bytes` up to `length` is a whole text. */
  TEXT: 1,
  /** The text is longer than `MAX_SLP`. */
  TOO_LONG: 2,
  /** The part overlaps those before it, or names another total than they did: the text is dropped. */
  LIES: 3,
} as const;
export type SlpAnswer = (typeof SLP)[keyof typeof SLP];

interface Slot {
  /** What tells the text from others; empty where the slot is free. */
  key: string;
  buffer: Uint8Array;
  length: number;
  /** Bytes of the whole text, as its first part says. */
  total: number;
}

/** The texts of one connection. Buffers are kept for the next text, so that the cost of all parts is that of their bytes. */
export class SlpJoiner {
  /** After `TEXT`, and until the next call: the text is `bytes` from `start` to `end`. */
  bytes: Uint8Array = NOTHING;
  start = 0;
  end = 0;
  readonly #keep: Keep;
  readonly #slots: Slot[] = [];

  constructor(keep: Keep) {
    this.#keep = keep;
  }

  /** Takes a part, `start` to `end` in `bytes`, of the text that `key` names. */
  add(key: string, part: SlpPart, bytes: Uint8Array, start: number, end: number): SlpAnswer {
    const length = end - start;
    const open = this.#slots.find((slot) => slot.key === key);
    if (part.first) {
      if (open) open.key = '';
      if (length + part.remaining > MAX_SLP) return SLP.TOO_LONG;
      if (part.remaining === 0) return this.#whole(bytes, start, end);
      return this.#begin(key, length + part.remaining, bytes, start, end);
    }
    if (!open) return SLP.MORE;
    const at = part.offset < 0 ? open.length : part.offset;
    const total = at + length + part.remaining;
    if (at < open.length || total !== open.total) return this.#drop(open, SLP.LIES);
    // Parts before it were lost.
    if (at > open.length) return this.#drop(open, SLP.MORE);
    if (!this.#append(open, bytes, start, end)) return this.#drop(open, SLP.MORE);
    if (part.remaining > 0) return SLP.MORE;
    open.key = '';
    return this.#whole(open.buffer, 0, open.length);
  }

  #whole(bytes: Uint8Array, start: number, end: number): SlpAnswer {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    return SLP.TEXT;
  }

  #drop(slot: Slot, answer: SlpAnswer): SlpAnswer {
    slot.key = '';
    return answer;
  }

  #begin(key: string, total: number, bytes: Uint8Array, start: number, end: number): SlpAnswer {
    let slot = this.#slots.find(({ key: taken }) => taken === '');
    if (!slot && this.#slots.length < MAX_OPEN) slot = { key: '', buffer: NOTHING, length: 0, total: 0 };
    else this.#slots.splice(this.#slots.indexOf(slot ?? (slot = this.#slots[0] as Slot)), 1);
    // The last one is the youngest.
    this.#slots.push(slot);
    slot.key = key;
    slot.length = 0;
    slot.total = total;
    return this.#append(slot, bytes, start, end) ? SLP.MORE : this.#drop(slot, SLP.MORE);
  }

  /** False where there is no memory for more. */
  #append(slot: Slot, bytes: Uint8Array, start: number, end: number): boolean {
    const length = slot.length + end - start;
    if (length > slot.buffer.length) {
      const room = Math.min(MAX_SLP, Math.max(length, 2 * slot.buffer.length, FIRST_ROOM));
      if (!this.#keep.hold(room - slot.buffer.length)) return false;
      const buffer = new Uint8Array(room);
      buffer.set(slot.buffer.subarray(0, slot.length));
      slot.buffer = buffer;
    }
    slot.buffer.set(bytes.subarray(start, end), slot.length);
    slot.length = length;
    return true;
  }
}

const NOTHING = new Uint8Array(0);
