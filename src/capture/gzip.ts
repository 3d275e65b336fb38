import { crc32, createInflateRaw } from 'node:zlib';
import type { ByteInput } from './input.ts';
import type { Trouble } from './problem.ts';
import { GZIP, LIMITS } from './wire.ts';

/** Compressed bytes handed to zlib at a time: a sixteenth of what went before, within these. */
const PIECE = { SMALLEST: 256, LARGEST: 16_384, SHARE: 16 } as const;
/** zlib's output buffer. */
const OUTPUT = 65_536;

/**
 * What a gzip file holds (RFC 1952), members one after another, as a stream of bounded memory. All
 * that was decoded before a cut, before damage and before trailing junk is handed on.
 *
 * zlib's own gzip decoder loses the output of the whole write in which it meets junk or damage. So the
 * members' headers and trailers are read here and zlib sees only what is between (raw deflate data, whose
 * end it reports to the byte); and since damage inside that still costs a write's output, writes begin
 * small and grow with what was read: at most a sixteenth is lost (or 256 bytes), and large files cost little.
 */
export class GzipInput implements ByteInput {
  problem: Trouble | undefined = undefined;
  readonly #inner: ByteInput;
  readonly #held: Uint8Array;
  #at = 0;
  #end = 0;
  #innerEnded = false;
  #finished = false;
  #members = 0;
  /** Compressed bytes given to zlib so far. */
  #given = 0;
  #inflater: Inflater | undefined = undefined;
  /** Decoded and not yet handed on; of the first, from `#readyAt`. */
  #ready: Uint8Array[] = [];
  #readyAt = 0;

  /** `prefix`: bytes that were already taken from `inner`. */
  constructor(inner: ByteInput, prefix: Uint8Array) {
    this.#inner = inner;
    this.#held = new Uint8Array(Math.max(LIMITS.GZIP_HEADER, prefix.length));
    this.#held.set(prefix);
    this.#end = prefix.length;
  }

  get position(): number {
    return this.#inner.position;
  }

  get total(): number | undefined {
    return this.#inner.total;
  }

  read(into: Uint8Array, at: number): number | Promise<number> {
    return this.#ready.length > 0 ? this.#copy(into, at) : this.#decode(into, at);
  }

  close(): void {
    this.#finished = true;
    this.#inflater?.close();
    this.#inner.close();
  }

  #copy(into: Uint8Array, at: number): number {
    let to = at;
    while (this.#ready.length > 0 && to < into.length) {
      const first = this.#ready[0]!;
      const n = Math.min(into.length - to, first.length - this.#readyAt);
      into.set(first.subarray(this.#readyAt, this.#readyAt + n), to);
      to += n;
      this.#readyAt += n;
      if (this.#readyAt < first.length) break;
      this.#ready.shift();
      this.#readyAt = 0;
    }
    return to - at;
  }

  async #decode(into: Uint8Array, at: number): Promise<number> {
    while (this.#ready.length === 0 && !this.#finished) {
      if (this.#at === this.#end && !this.#innerEnded) await this.#refill();
      else if (this.#inflater === undefined) await this.#memberHeader();
      else await this.#inflate(this.#inflater);
    }
    return this.#ready.length > 0 ? this.#copy(into, at) : 0;
  }

  async #memberHeader(): Promise<void> {
    if (this.#members > 0) this.#skipPadding();
    if (this.#at === this.#end) {
      if (this.#innerEnded) this.#finish(this.#inner.problem);
      return;
    }
    const length = findBody(this.#held, this.#at, this.#end);
    if (length === SHORT && (this.#at > 0 || this.#end < this.#held.length)) {
      if (this.#innerEnded) this.#stop('cut', 'cut short in a gzip header');
      else await this.#refill();
    } else if (length > 0) {
      this.#at += length;
      this.#members++;
      this.#inflater = new Inflater(this.#ready);
    } else if (this.#members > 0) {
      this.#stop('damaged', 'junk follows the gzip data');
    } else {
      this.#stop('damaged', 'the gzip header is broken');
    }
  }

  /** Writers that fill whole blocks leave zeros behind the last member. */
  #skipPadding(): void {
    while (this.#at < this.#end && this.#held[this.#at] === 0) this.#at++;
  }

  async #inflate(inflater: Inflater): Promise<void> {
    if (this.#at === this.#end) return this.#stop('cut', 'the gzip data is cut short');
    const share = Math.floor(this.#given / PIECE.SHARE);
    const size = Math.max(PIECE.SMALLEST, Math.min(PIECE.LARGEST, share));
    const piece = this.#held.subarray(this.#at, Math.min(this.#at + size, this.#end));
    this.#given += piece.length;
    const unused = await inflater.write(piece);
    if (this.#finished) return;
    this.#at += piece.length - unused;
    if (inflater.failed) this.#stop('damaged', 'the gzip data is damaged');
    else if (unused > 0) await this.#trailer(inflater);
  }

  async #trailer(inflater: Inflater): Promise<void> {
    while (this.#end - this.#at < GZIP.TRAILER) {
      if (this.#innerEnded) return this.#stop('cut', 'cut short in the gzip trailer');
      await this.#refill();
    }
    const view = new DataView(this.#held.buffer, this.#at, GZIP.TRAILER);
    if (view.getUint32(0, true) !== inflater.crc || view.getUint32(4, true) !== inflater.size) {
      return this.#stop('damaged', 'the gzip checksum does not fit the data before it');
    }
    this.#at += GZIP.TRAILER;
    inflater.close();
    this.#inflater = undefined;
  }

  #stop(kind: 'cut' | 'damaged', message: string): void {
    const offset = this.#inner.position - (this.#end - this.#at);
    // An input that fails ends too; then that is what is wrong.
    this.#finish(this.#inner.problem ?? { kind, message, offset });
  }

  #finish(problem: Trouble | undefined): void {
    this.problem = problem;
    this.#finished = true;
    this.#inflater?.close();
  }

  async #refill(): Promise<void> {
    this.#held.copyWithin(0, this.#at, this.#end);
    this.#end -= this.#at;
    this.#at = 0;
    const got = await this.#inner.read(this.#held, this.#end);
    this.#end += got;
    this.#innerEnded = got === 0;
  }
}

/** One member's deflate data. */
class Inflater {
  readonly #stream = createInflateRaw({ chunkSize: OUTPUT });
  #given = 0;
  failed = false;
  crc = 0;
  /** Decoded bytes modulo 2^32. */
  size = 0;
  #wake: () => void = () => undefined;

  constructor(ready: Uint8Array[]) {
    this.#stream.on('data', (chunk: Uint8Array) => {
      this.crc = crc32(chunk, this.crc);
      this.size = (this.size + chunk.length) >>> 0;
      ready.push(chunk);
    });
    this.#stream.on('error', () => {
      this.failed = true;
      this.#wake();
    });
    this.#stream.on('close', () => this.#wake());
  }

  /** Decodes a piece, which must not change meanwhile. How many of its bytes lie after the data's end. */
  async write(piece: Uint8Array): Promise<number> {
    this.#given += piece.length;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#stream.write(piece, () => resolve());
    });
    return this.failed ? 0 : this.#given - this.#stream.bytesWritten;
  }

  close(): void {
    this.#stream.destroy();
  }
}

const SHORT = 0;
const WRONG = -1;

/** The length of the member header at `at` (RFC 1952, section 2.3), SHORT where it goes on, or WRONG. */
function findBody(bytes: Uint8Array, at: number, end: number): number {
  const known = [GZIP.MAGIC >> 8, GZIP.MAGIC & 0xff, GZIP.DEFLATE];
  if (known.some((byte, i) => at + i < end && bytes[at + i] !== byte)) return WRONG;
  if (end - at < GZIP.HEADER) return SHORT;
  const flags = bytes[at + 3]!;
  if ((flags & GZIP.RESERVED) !== 0) return WRONG;
  let to = at + GZIP.HEADER;
  if ((flags & GZIP.FEXTRA) !== 0) {
    if (end - to < 2) return SHORT;
    to += 2 + bytes[to]! + bytes[to + 1]! * 0x100;
  }
  for (const text of [GZIP.FNAME, GZIP.FCOMMENT]) {
    if ((flags & text) === 0) continue;
    const zero = bytes.indexOf(0, to);
    if (zero < 0 || zero >= end) return SHORT;
    to = zero + 1;
  }
  if ((flags & GZIP.FHCRC) !== 0) to += 2;
  return to <= end ? to - at : SHORT;
}
