import type { ArchiveListing, Unlisted } from '../../event/file.ts';

/** Reads what an archive holds as its bytes pass. Never throws; holds a bounded amount whatever the archive says. */
export interface Listing {
  /** The next bytes of the file. */
  write(bytes: Uint8Array, start: number, end: number): void;
  /** So many bytes of the file did not pass. */
  gap(length: number): void;
  /** What was read; undefined where that says nothing. Nothing is written afterwards. */
  finish(): ArchiveListing | undefined;
}

/** Names that are kept, characters of each, and of all together. */
const MAX_NAMES = 64;
export const MAX_NAME = 512;
const MAX_NAMES_LENGTH = 2_048;
/** Entries that are read; the rest is not listed. */
const MAX_ENTRIES = 65_536;

/** Counts the entries of one archive. */
export class Tally {
  entries = 0;
  packed = 0;
  unpacked = 0;
  encrypted = 0;
  readonly #names: string[] = [];
  #room = MAX_NAMES_LENGTH;

  /** One entry with its bytes as stored and as it claims to become. */
  add(name: string, encrypted: boolean, packed: number, unpacked: number): void {
    this.entries++;
    if (encrypted) this.encrypted++;
    this.packed += packed;
    this.unpacked += unpacked;
    const kept = name.slice(0, MAX_NAME);
    if (this.#names.length >= MAX_NAMES || kept.length > this.#room) return;
    this.#room -= kept.length;
    this.#names.push(kept);
  }

  get isFull(): boolean {
    return this.entries >= MAX_ENTRIES;
  }

  /** `unlisted`: why entries are missing. */
  listing(format: string, unlisted?: Unlisted): ArchiveListing {
    return {
      format,
      ...{ entries: this.entries, names: this.#names, encrypted: this.encrypted },
      ...{ packed: this.packed, unpacked: this.unpacked },
      ...(unlisted && { unlisted }),
    };
  }
}

/** Bytes of a header that are looked at. */
const HEADER = 2_048;

/**
 * An archive as a row of headers, each with bytes behind it that are passed over. A reader says how many bytes of the
 * header it wants to see, and what follows once it has seen them.
 */
export abstract class Headers implements Listing {
  protected readonly tally = new Tally();
  protected readonly header = new Uint8Array(HEADER);
  protected readonly view = new DataView(this.header.buffer);
  protected unlisted: Unlisted | undefined;
  readonly #format: string;
  #need: number;
  #have = 0;
  #skip = 0;
  #over = false;

  constructor(format: string, first: number) {
    this.#format = format;
    this.#need = first;
  }

  /** `have` bytes of a header are there, as many as were asked for: calls one of `want`, `pass` and `end`. */
  protected abstract read(have: number): void;

  /** So many bytes of this header, from its beginning; what goes beyond the room for it is cut. */
  protected want(bytes: number): void {
    this.#need = Math.min(HEADER, bytes);
    if (this.#need <= this.#have) this.end();
  }

  /** The header is read; the next, of which `first` bytes are wanted, begins behind `skip` more bytes. */
  protected pass(skip: number, first: number): void {
    this.#have = 0;
    this.#need = first;
    this.#skip = skip;
    if (this.tally.isFull || !(skip >= 0)) this.end('cut');
  }

  /** Nothing more is read. */
  protected end(unlisted?: Unlisted): void {
    this.#over = true;
    this.unlisted ??= unlisted;
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end && !this.#over) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, end - at);
        this.#skip -= step;
        at += step;
        continue;
      }
      const step = Math.min(this.#need - this.#have, end - at);
      this.header.set(bytes.subarray(at, at + step), this.#have);
      this.#have += step;
      at += step;
      if (this.#have === this.#need) this.read(this.#have);
    }
  }

  /** Inside what is passed over a gap costs nothing; elsewhere the next header is not found again. */
  gap(length: number): void {
    if (this.#over) return;
    if (this.#skip >= length) this.#skip -= length;
    else this.end('cut');
  }

  finish(): ReturnType<Listing['finish']> {
    if (!this.#over && this.#have > 0) this.end('cut');
    return this.tally.entries === 0 && this.unlisted === undefined
      ? undefined
      : this.tally.listing(this.#format, this.unlisted);
  }

  /** Bytes of the header as text. */
  protected text(start: number, end: number, encoding: 'utf8' | 'latin1' = 'latin1'): string {
    return Buffer.from(this.header.buffer, start, Math.max(0, Math.min(end, HEADER) - start)).toString(
      encoding,
    );
  }
}

/** An archive that is not read. */
export class Unread implements Listing {
  readonly #format: string;
  readonly #why: Unlisted;

  constructor(format: string, why: Unlisted) {
    this.#format = format;
    this.#why = why;
  }

  write(): void {}

  gap(): void {}

  finish(): ArchiveListing {
    return new Tally().listing(this.#format, this.#why);
  }
}
