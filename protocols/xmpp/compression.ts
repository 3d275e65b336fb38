import { Cursor, ZlibStream } from '../../src/sdk/index.ts';
import type { FlowContext } from '../../src/sdk/index.ts';

/** Compressed bytes that are inflated before what they hold is read. */
const STEP = 512;
/** What inflating one direction takes: the window of 32 KiB, code tables, a chunk of output. */
const INFLATER_COST = 65_536;
const FIRST_ROOM = 8_192;
/** The compression method of zlib's header; its upper half is the size of the window. */
const DEFLATE = 8;

/**
 * One direction of a stream that is compressed by zlib (XEP-0138): inflated bytes, what is unread of
 * them kept, with offsets that go on where the compression began.
 */
export class CompressedSide {
  /** The unread inflated bytes; valid until `inflate` is called again. */
  readonly cursor: Cursor;
  readonly #flow: FlowContext;
  readonly #stream: ZlibStream;
  #buffer: Uint8Array;
  #length = 0;
  /** There is no room for what is inflated. */
  #full = false;

  constructor(flow: FlowContext, offset: number) {
    this.#flow = flow;
    this.#full = !flow.reserve(INFLATER_COST + FIRST_ROOM);
    this.#buffer = new Uint8Array(this.#full ? 0 : FIRST_ROOM);
    this.cursor = new Cursor(this.#buffer, 0, 0, offset);
    this.#stream = new ZlibStream((bytes) => {
      this.#append(bytes);
    });
  }

  /** Why nothing more can be inflated, if so. */
  get trouble(): 'xmpp_compression_bomb' | 'xmpp_compressed_not_read' | undefined {
    if (this.#stream.state === 'bomb') return 'xmpp_compression_bomb';
    return this.#full || this.#stream.state === 'damaged' ? 'xmpp_compressed_not_read' : undefined;
  }

  /** Inflates the next few bytes at `outer`, which it passes. */
  inflate(outer: Cursor): void {
    const { cursor } = this;
    const unread = cursor.left;
    if (cursor.pos > 0 && unread > 0) this.#buffer.copyWithin(0, cursor.pos, cursor.end);
    const base = cursor.tell();
    this.#length = unread;
    const end = Math.min(outer.end, outer.pos + STEP);
    this.#stream.push(outer.bytes, outer.pos, end);
    outer.pos = end;
    cursor.reset(this.#buffer, 0, this.#length, base);
  }

  #append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (this.#full || (length > this.#buffer.length && !this.#grow(length))) return;
    this.#buffer.set(bytes, this.#length);
    this.#length = length;
  }

  #grow(length: number): boolean {
    const room = Math.max(length, this.#buffer.length * 2);
    this.#full = !this.#flow.reserve(room - this.#buffer.length);
    if (this.#full) return false;
    const grown = new Uint8Array(room);
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
    return true;
  }
}

/** True where a zlib stream (RFC 1950, 2.2) may begin at the cursor; ejabberd's has a window of 4 KiB only. */
export function startsZlib(cursor: Cursor): boolean {
  const method = cursor.peek();
  const flags = cursor.peek(1);
  return (method & 0x8f) === DEFLATE && (flags < 0 || (method * 256 + flags) % 31 === 0);
}
