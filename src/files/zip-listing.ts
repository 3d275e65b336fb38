import type { ArchiveListing } from '../event/file.ts';
import { MAX_NAME, Tally } from './archives/listing.ts';
import type { Listing } from './archives/listing.ts';

/** Lengths of the two fixed headers (APPNOTE 4.3.7, 4.3.12). */
const LOCAL = 30;
const CENTRAL = 46;
const LOCAL_MARK = 0x04034b50;
const CENTRAL_MARK = 0x02014b50;
const P = 0x50;
const FLAG_ENCRYPTED = 1;
const FLAG_SIZES_FOLLOW = 8;
const FLAG_UTF8 = 0x800;

/** What the next byte belongs to; `SEARCH`: an entry did not say how long it is, the next header is looked for. */
const STEP = { HEADER: 0, NAME: 1, SKIP: 2, SEARCH: 3, OVER: 4 } as const;
type Step = (typeof STEP)[keyof typeof STEP];

/**
 * Reads the headers of a ZIP archive as its bytes pass: those of the entries, then the central directory, which is believed where
 * it comes. Keeps one header and one name at a time, whatever the archive's size.
 */
export class ZipListing implements Listing {
  readonly #local = new Tally();
  readonly #central = new Tally();
  readonly #header = new Uint8Array(CENTRAL);
  readonly #view = new DataView(this.#header.buffer);
  readonly #name = new Uint8Array(MAX_NAME);
  #step: Step = STEP.HEADER;
  #have = 0;
  #nameLength = 0;
  #skip = 0;
  #after: Step = STEP.HEADER;

  /** The next bytes of the file. */
  write(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end && this.#step !== STEP.OVER) {
      if (this.#step === STEP.HEADER) at = this.#readHeader(bytes, at, end);
      else if (this.#step === STEP.NAME) at = this.#readName(bytes, at, end);
      else if (this.#step === STEP.SEARCH) at = this.#search(bytes, at, end);
      else {
        const step = Math.min(this.#skip, end - at);
        this.#skip -= step;
        at += step;
        if (this.#skip === 0) this.#step = this.#after;
      }
    }
  }

  /** Bytes of the file did not pass: what follows is looked for anew. */
  gap(): void {
    if (this.#step !== STEP.OVER) this.#step = STEP.SEARCH;
    this.#have = 0;
  }

  /** What was read; undefined where no entry was. */
  finish(): ArchiveListing | undefined {
    const tally = this.#central.entries > 0 ? this.#central : this.#local;
    return tally.entries === 0 ? undefined : tally.listing('zip', tally.isFull ? 'cut' : undefined);
  }

  #readHeader(bytes: Uint8Array, at: number, end: number): number {
    let next = at;
    while (next < end && this.#have < 4) this.#header[this.#have++] = bytes[next++] ?? 0;
    if (this.#have < 4) return next;
    const mark = this.#view.getUint32(0, true);
    const length = mark === LOCAL_MARK ? LOCAL : mark === CENTRAL_MARK ? CENTRAL : 0;
    if (length === 0) {
      this.#lost();
      return next;
    }
    while (next < end && this.#have < length) this.#header[this.#have++] = bytes[next++] ?? 0;
    if (this.#have < length) return next;
    this.#nameLength = this.#view.getUint16(mark === LOCAL_MARK ? 26 : 28, true);
    this.#have = 0;
    this.#step = STEP.NAME;
    if (this.#nameLength === 0) this.#entry();
    return next;
  }

  /** No header where one should be: the directory is over, or the archive lies about a length. */
  #lost(): void {
    this.#have = 0;
    this.#step = this.#central.entries > 0 ? STEP.OVER : STEP.SEARCH;
  }

  #readName(bytes: Uint8Array, at: number, end: number): number {
    let next = at;
    while (next < end && this.#have < this.#nameLength) {
      if (this.#have < MAX_NAME) this.#name[this.#have] = bytes[next] ?? 0;
      this.#have++;
      next++;
    }
    if (this.#have === this.#nameLength) this.#entry();
    return next;
  }

  /** A header and its name are there. */
  #entry(): void {
    const central = this.#view.getUint32(0, true) === CENTRAL_MARK;
    const base = central ? 8 : 6;
    const flags = this.#view.getUint16(base, true);
    const packed = this.#view.getUint32(base + 12, true);
    const unpacked = this.#view.getUint32(base + 16, true);
    const name = this.#name.subarray(0, Math.min(this.#nameLength, MAX_NAME));
    const tally = central ? this.#central : this.#local;
    const text = Buffer.from(name).toString((flags & FLAG_UTF8) !== 0 ? 'utf8' : 'latin1');
    tally.add(text, (flags & FLAG_ENCRYPTED) !== 0, packed, unpacked);
    const extra = this.#view.getUint16(base + 22, true);
    this.#have = 0;
    this.#skip = extra + (central ? this.#view.getUint16(32, true) : packed);
    this.#after = STEP.HEADER;
    if (!central && (flags & FLAG_SIZES_FOLLOW) !== 0) {
      this.#skip = extra;
      this.#after = STEP.SEARCH;
    }
    this.#step = this.#skip > 0 ? STEP.SKIP : this.#after;
    if (tally.isFull) this.#step = STEP.OVER;
  }

  /** To the next `PK` that begins a header. */
  #search(bytes: Uint8Array, at: number, end: number): number {
    let next = at;
    while (next < end) {
      if (this.#have === 0) {
        const found = bytes.indexOf(P, next);
        if (found < 0 || found >= end) return end;
        next = found;
      }
      const byte = bytes[next] ?? 0;
      if (!fits(this.#header, this.#have, byte)) {
        this.#have = 0;
        if (byte !== P) next++;
        continue;
      }
      this.#header[this.#have++] = byte;
      next++;
      if (this.#have === 4) {
        this.#step = STEP.HEADER;
        return next;
      }
    }
    return next;
  }
}

/** Whether the byte can be the next of a mark. */
function fits(header: Uint8Array, have: number, byte: number): boolean {
  if (have === 0) return byte === P;
  if (have === 1) return byte === 0x4b;
  if (have === 2) return byte === 3 || byte === 1;
  return byte === (header[2] === 3 ? 4 : 2);
}
