import type { ArchiveListing, Unlisted } from '../../event/file.ts';
import { readHeader } from './seven-zip-header.ts';
import type { Listing } from './listing.ts';
import { Tally } from './listing.ts';

/** Signature, version u16, CRC u32; place, size and CRC of the header, which stands behind the files. */
const START = 32;
/** Bytes of a header that are kept. */
const MAX_HEADER = 65_536;

/**
 * A 7z archive (7zFormat.txt of the LZMA SDK): what it holds is said by a header at its end. 7-Zip packs that header unless it is
 * told not to (`-mhc=off`) or it is short: of a packed one only its being encrypted is told.
 */
export class SevenZipListing implements Listing {
  readonly #tally = new Tally();
  #bytes = new Uint8Array(START);
  #have = 0;
  #skip = 0;
  #started = false;
  #over = false;
  #unlisted: Unlisted | undefined = 'cut';

  write(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end && !this.#over) {
      const left = this.#skip > 0 ? this.#skip : this.#bytes.length - this.#have;
      const step = Math.min(left, end - at);
      if (this.#skip > 0) this.#skip -= step;
      else {
        this.#bytes.set(bytes.subarray(at, at + step), this.#have);
        this.#have += step;
        if (this.#have === this.#bytes.length) this.#read();
      }
      at += step;
    }
  }

  gap(length: number): void {
    if (this.#skip >= length) this.#skip -= length;
    else this.#over = true;
  }

  finish(): ArchiveListing {
    return this.#tally.listing('7z', this.#unlisted);
  }

  #read(): void {
    if (this.#started) {
      this.#over = true;
      this.#unlisted = readHeader(this.#bytes, this.#tally);
      return;
    }
    this.#started = true;
    const view = new DataView(this.#bytes.buffer);
    const size = view.getUint32(20, true) + view.getUint32(24, true) * 2 ** 32;
    this.#skip = view.getUint32(12, true) + view.getUint32(16, true) * 2 ** 32;
    this.#have = 0;
    if (size === 0) this.#unlisted = undefined;
    if (size === 0 || size > MAX_HEADER) this.#over = true;
    else this.#bytes = new Uint8Array(size);
  }
}
