import { Headers } from './listing.ts';

/** Of a header: CRC u16, type u8, flags u16, size u16. */
const BLOCK = 7;
const MAIN = 0x73;
const FILE = 0x74;
const END = 0x7b;
const FLAG_MORE = 0x8000;
const MAIN_ENCRYPTED = 0x80;
const FILE_ENCRYPTED = 0x04;
const FILE_LARGE = 0x100;
const FILE_UNICODE = 0x200;
const FILE_FIXED = 32;

/**
 * RAR up to version 4: a row of blocks. That of a file: packed u32, unpacked u32, system u8, CRC u32, time u32,
 * version u8, method u8, length of the name u16, attributes u32, of large files the upper halves of both sizes,
 * the name (where it is Unicode: in ASCII, a NUL, and coded). Its bytes stand behind.
 */
export class RarListing extends Headers {
  constructor() {
    super('rar', BLOCK);
  }

  protected read(have: number): void {
    const type = this.header[2] ?? 0;
    const flags = this.view.getUint16(3, true);
    const size = this.view.getUint16(5, true);
    if (size < BLOCK || type === END) this.end(type === END ? undefined : 'cut');
    else if (have < size && have === BLOCK) this.want(size);
    else if (type === MAIN && (flags & MAIN_ENCRYPTED) !== 0) this.end('encrypted');
    else if (type === FILE) this.#file(flags, size, have);
    else this.pass(size - have + ((flags & FLAG_MORE) !== 0 ? this.view.getUint32(BLOCK, true) : 0), BLOCK);
  }

  #file(flags: number, size: number, have: number): void {
    let packed = this.view.getUint32(7, true);
    let unpacked = this.view.getUint32(11, true);
    let at = FILE_FIXED;
    if ((flags & FILE_LARGE) !== 0) {
      packed += this.view.getUint32(at, true) * 2 ** 32;
      unpacked += this.view.getUint32(at + 4, true) * 2 ** 32;
      at += 8;
    }
    const end = Math.min(at + this.view.getUint16(26, true), have);
    const bytes = this.text(at, end);
    const name =
      (flags & FILE_UNICODE) !== 0 && bytes.includes('\0') ? bytes.slice(0, bytes.indexOf('\0')) : bytes;
    this.tally.add(name.replaceAll('\\', '/'), (flags & FILE_ENCRYPTED) !== 0, packed, unpacked);
    this.pass(size - have + packed, BLOCK);
  }
}

const SIGNATURE = 8;
/** CRC u32, and the most bytes of the size of a header. */
const BEGIN = 7;
const TYPE = { FILE: 2, ENCRYPTION: 4, END: 5 } as const;
const HAS_EXTRA = 1;
const HAS_DATA = 2;
const HAS_TIME = 2;
const HAS_CRC = 4;
const NO_SIZE = 8;
const EXTRA_ENCRYPTION = 1;

/**
 * RAR from version 5 on. A header: CRC u32, its size, type, flags, size of its extra area, size of the data behind it. That
 * of a file goes on with flags, unpacked size, attributes, time u32, CRC u32, method, system, length of the name, and the
 * name in UTF-8. Numbers have seven bits a byte, the lowest first.
 */
export class Rar5Listing extends Headers {
  #signed = false;
  #at = 0;
  #end = 0;

  constructor() {
    super('rar', SIGNATURE);
  }

  protected read(have: number): void {
    if (!this.#signed) {
      this.#signed = true;
      this.pass(0, BEGIN);
      return;
    }
    this.#at = 4;
    this.#end = have;
    const rest = this.#number();
    const size = this.#at + rest;
    if (rest === 0) this.end('cut');
    else if (have === BEGIN && size > have) this.want(size);
    else this.#header(size, have);
  }

  #header(size: number, have: number): void {
    const type = this.#number();
    const flags = this.#number();
    const extra = (flags & HAS_EXTRA) !== 0 ? this.#number() : 0;
    const data = (flags & HAS_DATA) !== 0 ? this.#number() : 0;
    if (type === TYPE.END) this.end();
    else if (type === TYPE.ENCRYPTION) this.end('encrypted');
    else {
      if (type === TYPE.FILE) this.#file(data, Math.min(size, have) - extra, size <= have);
      this.pass(size - have + data, BEGIN);
    }
  }

  #file(packed: number, extra: number, whole: boolean): void {
    const flags = this.#number();
    const unpacked = this.#number();
    this.#number();
    if ((flags & HAS_TIME) !== 0) this.#at += 4;
    if ((flags & HAS_CRC) !== 0) this.#at += 4;
    this.#number();
    this.#number();
    const length = this.#number();
    const name = this.text(this.#at, Math.min(this.#at + length, this.#end), 'utf8');
    const encrypted = whole && this.#isEncrypted(extra);
    this.tally.add(name, encrypted, packed, (flags & NO_SIZE) !== 0 ? 0 : unpacked);
  }

  /** One of the records in the extra area, each with its size and type before it, says that the file is encrypted. */
  #isEncrypted(extra: number): boolean {
    for (this.#at = Math.max(extra, 0); this.#at < this.#end;) {
      const size = this.#number();
      const from = this.#at;
      if (size === 0) return false;
      if (this.#number() === EXTRA_ENCRYPTION) return true;
      this.#at = from + size;
    }
    return false;
  }

  #number(): number {
    let value = 0;
    for (let unit = 1; this.#at < this.#end && unit <= 2 ** 49; unit *= 128) {
      const byte = this.header[this.#at++] ?? 0;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
    return value;
  }
}
