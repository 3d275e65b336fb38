import { constants, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

/** Compressed and inflated bytes of one message: a bomb ends here. */
export const MAX_INFLATED = 1_048_576;
export const MAX_DEFLATED = 131_072;
/** What a deflate stream can refer back to. */
export const WINDOW = 32_768;

/** What a connection may make of each compressed byte on average, and of none: text packs to a twentieth, seldom less. */
const FACTOR = 32;
const CREDIT = 4_194_304;

/**
 * How many bytes one connection may still be inflated to. A small message that becomes a large one costs its
 * sender nothing and us the work, again and again: who does that is not inflated any more.
 */
export class InflateCredit {
  #left = CREDIT;

  /** The most that a message of so many compressed bytes may become; 0 where the credit is used up. */
  most(length: number): number {
    this.#left += length * FACTOR;
    return Math.max(0, Math.min(MAX_INFLATED, this.#left));
  }

  /** A message became so long; undefined where it was given up at `most`. */
  spend(length: number | undefined, most: number): void {
    this.#left -= length ?? most;
  }
}

/**
 * Inflates a body by its Content-Encoding; undefined where it is damaged, too large, of another encoding or, unless
 * `part` will do, not whole.
 */
export function inflateBody(
  encoding: string,
  bytes: Uint8Array,
  most = MAX_INFLATED,
  part = false,
): Uint8Array | undefined {
  const options = { maxOutputLength: most, ...(part ? { finishFlush: constants.Z_SYNC_FLUSH } : {}) };
  try {
    if (encoding === 'gzip' || encoding === 'x-gzip') return gunzipSync(bytes, options);
    if (encoding !== 'deflate') return undefined;
    // Named deflate, meant zlib (RFC 9110, 8.4.1.2), sent by some without its two bytes.
    return (bytes[0] ?? 0) % 16 === 8 ? inflateSync(bytes, options) : inflateRawSync(bytes, options);
  } catch {
    return undefined;
  }
}

/** Inflates messages one after the other, each of which may refer to those before (RFC 7692). */
export class MessageInflater {
  #window: Uint8Array = NOTHING;
  readonly #credit = new InflateCredit();

  /** The message; undefined where it is damaged or inflates to more than the limit, or than the connection's credit. */
  inflate(bytes: Uint8Array, keep: boolean): Uint8Array | undefined {
    const most = this.#credit.most(bytes.length);
    const text = most === 0 ? undefined : this.#inflate(bytes, most);
    this.#credit.spend(text?.length, most);
    if (keep && text) this.#remember(text);
    return text;
  }

  #inflate(bytes: Uint8Array, most: number): Uint8Array | undefined {
    const tailed = new Uint8Array(bytes.length + TAIL.length);
    tailed.set(bytes);
    tailed.set(TAIL, bytes.length);
    try {
      return inflateRawSync(tailed, {
        maxOutputLength: most,
        finishFlush: constants.Z_SYNC_FLUSH,
        ...(this.#window.length > 0 ? { dictionary: this.#window } : {}),
      });
    } catch {
      return undefined;
    }
  }

  #remember(text: Uint8Array): void {
    if (text.length >= WINDOW) {
      this.#window = Uint8Array.from(text.subarray(text.length - WINDOW));
      return;
    }
    const old = this.#window.subarray(Math.max(0, this.#window.length + text.length - WINDOW));
    const joined = new Uint8Array(old.length + text.length);
    joined.set(old);
    joined.set(text, old.length);
    this.#window = joined;
  }
}

const NOTHING = new Uint8Array(0);
/** What a sender takes off the end of each message (RFC 7692, 7.2.1). */
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff);
