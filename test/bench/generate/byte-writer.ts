const encoder = new TextEncoder();

/** Writes messages of network byte order into one growing buffer; `take` copies what was written. */
export class ByteWriter {
  private bytes = new Uint8Array(256);
  private at = 0;

  get length(): number {
    return this.at;
  }

  u8(value: number): this {
    this.reserve(1);
    this.bytes[this.at++] = value;
    return this;
  }

  u16(value: number): this {
    return this.u8(value >>> 8).u8(value);
  }

  u32(value: number): this {
    return this.u16(value >>> 16).u16(value & 0xffff);
  }

  raw(bytes: Uint8Array): this {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
    return this;
  }

  /** UTF-8. */
  text(value: string): this {
    this.reserve(value.length * 3);
    this.at += encoder.encodeInto(value, this.bytes.subarray(this.at)).written;
    return this;
  }

  /** Keeps `width` bytes for a length that `close` fills in: the bytes that follow it. */
  open(width: 1 | 2 | 3): number {
    this.reserve(width);
    this.at += width;
    return this.at - width;
  }

  close(place: number, width: 1 | 2 | 3): this {
    const length = this.at - place - width;
    for (let i = 0; i < width; i++) this.bytes[place + i] = length >>> (8 * (width - 1 - i));
    return this;
  }

  patch16(place: number, value: number): this {
    this.bytes[place] = value >>> 8;
    this.bytes[place + 1] = value;
    return this;
  }

  /** A copy of all that was written; the writer is empty again. */
  take(): Uint8Array {
    const out = this.bytes.slice(0, this.at);
    this.at = 0;
    return out;
  }

  private reserve(length: number): void {
    if (this.at + length <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.at + length));
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
  }
}

/** UTF-8 bytes of a text. */
export function encode(text: string): Uint8Array {
  return encoder.encode(text);
}
