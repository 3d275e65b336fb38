import { constants, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

/** Compressed and inflated bytes of one message: a bomb ends here. */
export const MAX_INFLATED = 1_048_576;
export const MAX_DEFLATED = 131_072;
/** What a deflate stream can refer back to. */
const WINDOW = 32_768;

/** Inflates a whole body by its Content-Encoding; undefined where it is damaged, too large or of another encoding. */
export function inflateBody(encoding: string, bytes: Uint8Array): Uint8Array | undefined {
  const options = { maxOutputLength: MAX_INFLATED, finishFlush: constants.Z_SYNC_FLUSH };
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

  /** The message; undefined where it is damaged or inflates to more than the limit. */
  inflate(bytes: Uint8Array, keep: boolean): Uint8Array | undefined {
    const tailed = new Uint8Array(bytes.length + TAIL.length);
    tailed.set(bytes);
    tailed.set(TAIL, bytes.length);
    try {
      const text = inflateRawSync(tailed, {
        maxOutputLength: MAX_INFLATED,
        finishFlush: constants.Z_SYNC_FLUSH,
        ...(this.#window.length > 0 ? { dictionary: this.#window } : {}),
      });
      if (keep) this.#remember(text);
      return text;
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
