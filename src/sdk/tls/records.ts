import type { Cursor } from '../../core/cursor.ts';
import { TLS_LIMITS } from './limits.ts';
import { HANDSHAKE, MESSAGE_HEAD, RECORD, RECORD_HEAD } from './wire.ts';

/** What `HandshakeReader.next` answers. */
export const TLS = {
  /** All bytes were read; no message is whole. */
  MORE: 0,
  /** A handshake message: `type`, and its body in `body[start..end)`. */
  MESSAGE: 1,
  /** A record that is no handshake begins at the cursor: the clear part is over. */
  OTHER: 2,
  /** This is no TLS record. */
  BAD: 3,
} as const;

/**
 * Reads the handshake messages of one direction, over records and segments cut anywhere
 * (RFC 8446, 5.1: a record may hold several messages, a message may lie in several records).
 * What is kept of a message is bounded by `TLS_LIMITS`; nothing is set aside for a length before its bytes come.
 */
export class HandshakeReader {
  type = 0;
  body: Uint8Array = NOTHING;
  start = MESSAGE_HEAD;
  end = MESSAGE_HEAD;
  /** The message was longer than is kept: `end` is not its end. */
  cut = false;
  /** Bytes of the record that are still to come. */
  #record = 0;
  /** Bytes of the message that were read, its header with them, and its length once that is known. */
  #read = 0;
  #length = 0;
  #done = false;

  /** Moves the cursor behind what was read. The body is valid until the next call. */
  next(cursor: Cursor): number {
    if (this.#done) this.#begin();
    while (cursor.left > 0) {
      if (this.#record === 0) {
        const answer = this.#header(cursor);
        if (answer !== TLS.MESSAGE) return answer;
      }
      this.#take(cursor);
      if (this.#read < MESSAGE_HEAD || this.#read < this.#length) continue;
      this.#done = true;
      this.type = this.body[0] ?? 0;
      this.end = Math.min(this.#length, this.#most());
      this.cut = this.end < this.#length;
      return TLS.MESSAGE;
    }
    return TLS.MORE;
  }

  /** Nothing was read yet: what comes is the direction's first byte. */
  get isFresh(): boolean {
    return this.#record === 0 && this.#read === 0;
  }

  /** Bytes of the message being read that are there, from `start` on; for one that will not become whole. */
  get partEnd(): number {
    return this.#done ? this.end : Math.min(this.#read, this.#most());
  }

  #begin(): void {
    this.#done = false;
    this.#read = 0;
    this.#length = 0;
  }

  /** A record's header; MESSAGE where a handshake record was begun. */
  #header(cursor: Cursor): number {
    const type = cursor.peek();
    if (type < RECORD.CHANGE_CIPHER_SPEC || type > RECORD.HEARTBEAT) return TLS.BAD;
    if (cursor.left > 1 && cursor.peek(1) !== 3) return TLS.BAD;
    if (type !== RECORD.HANDSHAKE) return TLS.OTHER;
    if (!cursor.has(RECORD_HEAD)) return TLS.MORE;
    const length = (cursor.peek(3) << 8) | cursor.peek(4);
    // A record without content would let a stream go on for ever without saying anything.
    if (length === 0 || length > TLS_LIMITS.record) return TLS.BAD;
    cursor.skip(RECORD_HEAD);
    this.#record = length;
    return TLS.MESSAGE;
  }

  /** Takes what the cursor has of the record, up to the message's end. */
  #take(cursor: Cursor): void {
    const want = this.#read < MESSAGE_HEAD ? MESSAGE_HEAD : this.#length;
    const n = Math.min(this.#record, cursor.left, want - this.#read);
    const kept = Math.max(0, Math.min(n, this.#most() - this.#read));
    this.#room(this.#read + kept);
    this.body.set(cursor.bytes.subarray(cursor.pos, cursor.pos + kept), this.#read);
    cursor.skip(n);
    this.#record -= n;
    this.#read += n;
    if (this.#read === MESSAGE_HEAD && this.#length === 0) {
      const b = this.body;
      this.#length = MESSAGE_HEAD + (((b[1] ?? 0) << 16) | ((b[2] ?? 0) << 8) | (b[3] ?? 0));
    }
  }

  /** Bytes of this message that are kept. */
  #most(): number {
    const list = this.#read >= MESSAGE_HEAD && this.body[0] === HANDSHAKE.CERTIFICATE;
    return list ? TLS_LIMITS.certificates : TLS_LIMITS.message;
  }

  #room(bytes: number): void {
    if (this.body.length >= bytes) return;
    const grown = new Uint8Array(Math.max(512, bytes, this.body.length * 2));
    grown.set(this.body);
    this.body = grown;
  }
}

const NOTHING = new Uint8Array(0);
