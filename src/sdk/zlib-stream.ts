import { Inflate, Z_SYNC_FLUSH } from 'pako';

/** Compressed bytes that are inflated before the ratio is looked at again: they yield at most 1,032 times as much. */
const STEP = 512;
/** Inflated bytes that are handed on at a time. */
const CHUNK = 4_096;

/**
 * From here on the ratio of a stream is judged: small ones are all window and luck. A conversation
 * of real clients stays below 20 to 1; deflate itself cannot exceed 1,032 to 1.
 */
const JUDGED_FROM = 1_048_576;
const BOMB_RATIO = 100;

/** What became of a zlib stream. */
export type ZlibState = 'open' | 'damaged' | 'bomb';

/**
 * Inflates one direction of a zlib stream (RFC 1950) as its bytes come, however they are cut; what a flush made
 * available is handed on at once. Holds the window of 32 KiB and a chunk. Never throws; once the stream
 * is over, damaged or a bomb nothing more is inflated.
 */
export class ZlibStream {
  state: ZlibState = 'open';
  readonly #inflater = new Inflate({ windowBits: 15, chunkSize: CHUNK });
  #taken = 0;
  #yielded = 0;

  /** `onBytes` gets inflated bytes, at most 4,096 a call; they are its own to keep. */
  constructor(onBytes: (bytes: Uint8Array) => void) {
    this.#inflater.onData = (bytes): void => {
      this.#yielded += bytes.length;
      if (bytes.length > 0) onBytes(bytes);
    };
  }

  push(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end && this.state === 'open' && !this.#inflater.ended; at += STEP) {
      const to = Math.min(end, at + STEP);
      this.#taken += to - at;
      this.#inflater.push(bytes.subarray(at, to), Z_SYNC_FLUSH);
      if (this.#inflater.err < 0) this.state = 'damaged';
      else if (this.#yielded > JUDGED_FROM && this.#yielded > BOMB_RATIO * this.#taken) this.state = 'bomb';
    }
  }
}
