import { Inflate, Z_SYNC_FLUSH } from 'pako';
import type { ArchiveListing, Unlisted } from '../../event/file.ts';
import { Tally } from './listing.ts';
import type { Listing } from './listing.ts';
import { TarListing } from './tar.ts';

/** Packed bytes that are inflated at a time: always the same ones, however they came. */
const STEP = 512;
const CHUNK = 4_096;
/** Inflated bytes that tell whether a tar archive is in it: its first block. */
const BLOCK = 512;
const USTAR = 257;
/** What is inflated for the names: so many bytes, and of well packed ones so many times the packed ones. */
const MAX_INFLATED = 4_194_304;
const ALLOWANCE = 16_384;
const RATIO = 20;
/** Flags of the header (RFC 1952, 2.3). */
const HAS_EXTRA = 4;
const HAS_NAME = 8;

/** A gzip file (RFC 1952): its own name, or what a tar archive in it holds, as far as its beginning says. */
export class GzipListing implements Listing {
  readonly #name: string;
  /** Undefined once no more is inflated. */
  #inflater: Inflate | undefined;
  readonly #first = new Uint8Array(BLOCK);
  #tar: TarListing | undefined;
  /** The last four bytes: the length of what is packed. */
  readonly #tail = new Uint8Array(4);
  readonly #piece = new Uint8Array(STEP);
  #waiting = 0;
  /** Bytes that were inflated, and all. */
  #seen = 0;
  #packed = 0;
  #inflated = 0;
  #unlisted: Unlisted | undefined;

  /** `head` up to `end`: the first bytes of the file, which are written all the same. */
  constructor(head: Uint8Array, end: number) {
    this.#name = nameIn(head, end);
    const inflater = new Inflate({ windowBits: 31, chunkSize: CHUNK });
    inflater.onData = (bytes): void => this.#take(bytes);
    this.#inflater = inflater;
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    const last = Math.max(start, end - 4);
    this.#tail.copyWithin(0, end - last);
    this.#tail.set(bytes.subarray(last, end), 4 - (end - last));
    this.#packed += end - start;
    for (let at = start; at < end && this.#inflater;) {
      const step = Math.min(STEP - this.#waiting, end - at);
      this.#piece.set(bytes.subarray(at, at + step), this.#waiting);
      this.#waiting += step;
      at += step;
      if (this.#waiting === STEP) this.#inflate();
    }
  }

  #inflate(): void {
    const inflater = this.#inflater;
    if (!inflater || this.#waiting === 0) return;
    this.#seen += this.#waiting;
    inflater.push(this.#piece.slice(0, this.#waiting), Z_SYNC_FLUSH);
    this.#waiting = 0;
    if (inflater.err < 0) this.#stop('cut');
    else if (inflater.ended) this.#stop();
    else if (this.#inflated > MAX_INFLATED || this.#inflated > ALLOWANCE + RATIO * this.#seen)
      this.#stop('cut');
  }

  gap(length: number): void {
    this.#packed += length;
    this.#stop('cut');
  }

  finish(): ArchiveListing {
    this.#inflate();
    const inside = this.#tar?.finish();
    this.#stop('cut');
    const claimed = new DataView(this.#tail.buffer).getUint32(0, true);
    const unpacked = Math.max(claimed, this.#inflated);
    if (this.#tar) {
      const unlisted = this.#unlisted ?? inside?.unlisted;
      const { names = [], entries = 0 } = inside ?? {};
      return {
        ...{ format: 'tar.gz', entries, names, encrypted: 0, packed: this.#packed, unpacked },
        ...(unlisted && { unlisted }),
      };
    }
    const tally = new Tally();
    tally.add(this.#name, false, this.#packed, unpacked);
    return tally.listing('gzip');
  }

  #stop(unlisted?: Unlisted): void {
    if (!this.#inflater) return;
    this.#inflater = undefined;
    this.#unlisted = unlisted;
  }

  #take(bytes: Uint8Array): void {
    const before = this.#inflated;
    this.#inflated += bytes.length;
    if (this.#tar) this.#tar.write(bytes, 0, bytes.length);
    else if (before < BLOCK) {
      this.#first.set(bytes.subarray(0, BLOCK - before), before);
      if (this.#inflated < BLOCK) return;
      if (!isTar(this.#first, BLOCK)) {
        this.#stop();
        return;
      }
      this.#tar = new TarListing();
      this.#tar.write(this.#first, 0, BLOCK);
      this.#tar.write(bytes, BLOCK - before, bytes.length);
    }
  }
}

/** The magic of POSIX and GNU archives. */
export function isTar(head: Uint8Array, end: number): boolean {
  if (end < BLOCK) return false;
  return Buffer.from(head.buffer, head.byteOffset + USTAR, 5).toString('latin1') === 'ustar';
}

/** The name in the header, for people `(unnamed)` where none is given. */
function nameIn(head: Uint8Array, end: number): string {
  const flags = head[3] ?? 0;
  let at = 10;
  if ((flags & HAS_EXTRA) !== 0) at += 2 + (head[at] ?? 0) + ((head[at + 1] ?? 0) << 8);
  if ((flags & HAS_NAME) === 0 || at >= end) return '(unnamed)';
  const stop = head.indexOf(0, at);
  return Buffer.from(head.subarray(at, stop < 0 ? end : Math.min(stop, end))).toString('latin1');
}
