import { decodeLatin1, decodeUtf8 } from './text.ts';

/**
 * Reads a message's fields in order from a span of bytes.
 *
 * Reading past the end never throws: it sets `ok` to false, which sticks, and yields zero or an
 * empty value. So a parser reads all of a message's fields and tests `ok` once, at the end.
 * A cursor is a view: it copies nothing but what `take` and the text readers return.
 */
export class Cursor {
  bytes: Uint8Array;
  pos: number;
  end: number;
  /** False from the first read that went past `end`. */
  ok = true;
  /** Stream offset of `bytes[0]`; `tell()` adds it. */
  base = 0;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length, base = 0) {
    this.bytes = bytes;
    this.pos = start;
    this.end = end;
    this.base = base;
  }

  /** Points the cursor at another span and clears `ok`'s memory. */
  reset(bytes: Uint8Array, start: number, end: number, base: number): this {
    this.bytes = bytes;
    this.pos = start;
    this.end = end;
    this.base = base;
    this.ok = true;
    return this;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.end - this.pos;
  }

  /** The offset in the stream of the next byte to read. */
  tell(): number {
    return this.base + this.pos;
  }

  /** True when `n` more bytes are there. Does not touch `ok`. */
  has(n: number): boolean {
    return this.end - this.pos >= n;
  }

  /** The byte `at` places ahead, or −1 past the end. Does not touch `ok`. */
  peek(at = 0): number {
    const i = this.pos + at;
    return i < this.end ? this.bytes[i]! : -1;
  }

  #need(n: number): boolean {
    if (n >= 0 && this.end - this.pos >= n) return true;
    this.ok = false;
    this.pos = this.end;
    return false;
  }

  u8(): number {
    return this.#need(1) ? this.bytes[this.pos++]! : 0;
  }

  /** Big-endian, as every `u16`, `u32` and `u64` without `le`. */
  u16(): number {
    if (!this.#need(2)) return 0;
    const p = this.pos;
    this.pos = p + 2;
    return (this.bytes[p]! << 8) | this.bytes[p + 1]!;
  }

  u32(): number {
    if (!this.#need(4)) return 0;
    const p = this.pos;
    const b = this.bytes;
    this.pos = p + 4;
    return ((b[p]! << 24) | (b[p + 1]! << 16) | (b[p + 2]! << 8) | b[p + 3]!) >>> 0;
  }

  u16le(): number {
    if (!this.#need(2)) return 0;
    const p = this.pos;
    this.pos = p + 2;
    return this.bytes[p]! | (this.bytes[p + 1]! << 8);
  }

  u32le(): number {
    if (!this.#need(4)) return 0;
    const p = this.pos;
    const b = this.bytes;
    this.pos = p + 4;
    return ((b[p + 3]! << 24) | (b[p + 2]! << 16) | (b[p + 1]! << 8) | b[p]!) >>> 0;
  }

  /** Little-endian 64 bits as a double: exact up to 2^53. */
  u64le(): number {
    const low = this.u32le();
    return this.u32le() * 0x1_0000_0000 + low;
  }

  /** Big-endian 64 bits as a double: exact up to 2^53. */
  u64(): number {
    const high = this.u32();
    return high * 0x1_0000_0000 + this.u32();
  }

  skip(n: number): void {
    if (this.#need(n)) this.pos += n;
  }

  /** The next `n` bytes as a view of the same memory: copy what must outlive the call. */
  take(n: number): Uint8Array {
    if (!this.#need(n)) return EMPTY;
    const p = this.pos;
    this.pos = p + n;
    return this.bytes.subarray(p, p + n);
  }

  /** A cursor over the next `n` bytes, which this one skips. Short: an empty one that is not ok. */
  sub(n: number): Cursor {
    const whole = this.#need(n);
    const p = this.pos;
    if (whole) this.pos = p + n;
    const inner = new Cursor(this.bytes, p, whole ? p + n : p, this.base);
    inner.ok = whole;
    return inner;
  }

  /** The next `n` bytes as Latin-1 text (one character a byte). */
  latin1(n: number): string {
    if (!this.#need(n)) return '';
    const p = this.pos;
    this.pos = p + n;
    return decodeLatin1(this.bytes, p, p + n);
  }

  /** The next `n` bytes as UTF-8; U+FFFD where they are not. */
  utf8(n: number): string {
    if (!this.#need(n)) return '';
    const p = this.pos;
    this.pos = p + n;
    return decodeUtf8(this.bytes, p, p + n);
  }

  /** Index in `bytes` of `byte` at or after `pos`, or −1. Does not move. */
  find(byte: number): number {
    const i = this.bytes.indexOf(byte, this.pos);
    return i >= 0 && i < this.end ? i : -1;
  }
}

const EMPTY = new Uint8Array(0);
