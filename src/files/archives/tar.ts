import { Headers } from './listing.ts';

/** Everything stands in blocks of so many bytes. */
const BLOCK = 512;
const NAME = 100;
const SIZE = 124;
const CHECKSUM = 148;
const TYPE = 156;
const PREFIX = 345;
const PREFIX_LENGTH = 155;
/** Bytes of a long name or of extended headers that are looked at. */
const MAX_LONG = 1_024;
/** GNU's long name; extended headers of POSIX, of one entry and of all. */
const LONG_NAME = 'L';
const EXTENDED: ReadonlySet<string> = new Set(['x', 'X']);
const NO_ENTRY: ReadonlySet<string> = new Set(['K', 'g', 'V']);

/** A tar archive (POSIX.1-2001 `ustar` and `pax`, GNU): a header of one block an entry, and its bytes in whole blocks. */
export class TarListing extends Headers {
  #longName: string | undefined;

  constructor(format = 'tar') {
    super(format, BLOCK);
  }

  protected read(have: number): void {
    if (!this.#isHeader()) {
      this.end(this.header[0] === 0 ? undefined : 'cut');
      return;
    }
    const size = this.#number(SIZE, 12);
    const blocks = Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(this.header[TYPE] ?? 0);
    const isLong = type === LONG_NAME || EXTENDED.has(type);
    if (isLong && have === BLOCK && size > 0) {
      this.want(BLOCK + Math.min(size, MAX_LONG));
      return;
    }
    if (type === LONG_NAME) this.#longName = upToNul(this.text(BLOCK, have, 'utf8'));
    else if (EXTENDED.has(type)) this.#longName = pathOf(this.text(BLOCK, have, 'utf8')) ?? this.#longName;
    else if (!NO_ENTRY.has(type)) this.#entry(type, size);
    this.pass(blocks - (have - BLOCK), BLOCK);
  }

  #entry(type: string, size: number): void {
    const name = upToNul(this.text(0, NAME, 'utf8'));
    const posix = this.text(257, 263) === 'ustar\0';
    const prefix = posix ? upToNul(this.text(PREFIX, PREFIX + PREFIX_LENGTH, 'utf8')) : '';
    const full = this.#longName ?? (prefix === '' ? name : `${prefix}/${name}`);
    this.#longName = undefined;
    // Folders are no entries that anybody opens.
    if (type !== '5') this.tally.add(full, false, size, size);
  }

  /** The sum of the header's bytes is the one that it names, the field for it taken as blanks. */
  #isHeader(): boolean {
    let sum = 0;
    for (let i = 0; i < BLOCK; i++) sum += i >= CHECKSUM && i < CHECKSUM + 8 ? 0x20 : (this.header[i] ?? 0);
    return this.#number(CHECKSUM, 8) === sum && this.header[0] !== 0;
  }

  /** Octal digits, or where the first bit is set the bytes themselves. */
  #number(at: number, length: number): number {
    const first = this.header[at] ?? 0;
    if ((first & 0x80) === 0) {
      const digits = this.text(at, at + length)
        .trim()
        .replace(/[\0 ].*$/s, '');
      return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : 0;
    }
    let value = first & 0x7f;
    for (let i = 1; i < length; i++) value = value * 256 + (this.header[at + i] ?? 0);
    return value <= Number.MAX_SAFE_INTEGER ? value : NaN;
  }
}

function upToNul(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** Of records `length key=value\n`, the path. */
function pathOf(records: string): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)/.exec(records)?.[1];
}
