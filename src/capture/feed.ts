import { Frame } from './frame.ts';
import { GzipInput } from './gzip.ts';
import { createFrameReader, foreignTrouble, identify, MAGIC_LENGTH } from './identify.ts';
import type { ByteInput } from './input.ts';
import type { Trouble } from './problem.ts';
import { READ } from './reader.ts';
import type { FrameReader, Read } from './reader.ts';

/**
 * The frames of one input: moves the reader's window along the input's bytes.
 *
 *     await feed.start();
 *     for (;;) {
 *       const read = feed.next();
 *       if (read === READ.FRAME) use(feed.frame);
 *       else if (read === READ.MORE) await feed.fill();
 *       else break; // and look at feed.problem
 *     }
 */
export class Feed {
  readonly frame = new Frame();
  #input: ByteInput;
  #reader: FrameReader | undefined = undefined;
  #bytes: Uint8Array;
  #end = 0;
  /** Offset in the (unpacked) input of the buffer's byte 0. */
  #base = 0;
  #ended = false;
  #trouble: Trouble | undefined = undefined;
  #unpacked = false;

  /** `file` goes into the frame; `size` is that of the buffer, which grows only for a larger packet. */
  constructor(input: ByteInput, file: number, size: number) {
    this.#input = input;
    this.#bytes = new Uint8Array(size);
    this.frame.file = file;
  }

  /** Finds out what the input is. Where it is no capture, `next` says END and `problem` why. */
  async start(): Promise<void> {
    await this.#gather();
    if (this.#end > 0 && identify(this.#bytes, 0, this.#end) === 'gzip') {
      this.#input = new GzipInput(this.#input, this.#bytes.slice(0, this.#end));
      this.#unpacked = true;
      this.#end = 0;
      await this.#gather();
    }
    this.#reader = createFrameReader(this.#bytes, 0, this.#end);
    if (this.#reader !== undefined) this.#show(0);
    else if (this.#end > 0) this.#trouble = foreignTrouble(this.#bytes, 0, this.#end);
    else this.#trouble = { kind: 'empty', message: this.#unpacked ? 'holds an empty file' : 'is empty' };
  }

  /** The packet path: FRAME sets `frame`. */
  next(): Read {
    return this.#reader === undefined ? READ.END : this.#reader.next(this.frame);
  }

  /** After MORE. Undefined: done at once. */
  fill(): Promise<void> | undefined {
    const reader = this.#reader!;
    const drop = Math.min(reader.pos, this.#end);
    const pos = reader.pos - drop;
    if (reader.want > this.#bytes.length) this.#grow(reader.want, drop);
    else this.#bytes.copyWithin(0, drop, this.#end);
    this.#base += drop;
    this.#end -= drop;
    const got = this.#input.read(this.#bytes, this.#end);
    if (typeof got !== 'number') return got.then((n) => this.#got(n, pos));
    this.#got(got, pos);
    return undefined;
  }

  #got(got: number, pos: number): void {
    this.#end += got;
    this.#ended = got === 0;
    this.#show(pos);
  }

  #show(pos: number): void {
    this.#reader!.window(this.#bytes, pos, this.#end, this.#base, this.#ended);
  }

  #grow(want: number, drop: number): void {
    const larger = new Uint8Array(2 ** Math.ceil(Math.log2(want)));
    larger.set(this.#bytes.subarray(drop, this.#end));
    this.#bytes = larger;
  }

  /** Enough bytes to tell what it is, or all. */
  async #gather(): Promise<void> {
    this.#ended = false;
    while (this.#end < MAGIC_LENGTH && !this.#ended) {
      const got = await this.#input.read(this.#bytes, this.#end);
      this.#end += got;
      this.#ended = got === 0;
    }
  }

  get frames(): number {
    return this.#reader?.frames ?? 0;
  }

  get linkTypes(): readonly number[] {
    return this.#reader?.linkTypes ?? [];
  }

  get position(): number {
    return this.#input.position;
  }

  get total(): number | undefined {
    return this.#input.total;
  }

  /** What ended it early. What the input met comes first: it explains what the reader then meets. */
  get problem(): Trouble | undefined {
    if (this.#input.problem !== undefined) return placed(this.#input.problem, '');
    const problem = this.#reader?.problem ?? this.#trouble;
    return problem && placed(problem, this.#unpacked ? ' of the unpacked data' : '');
  }

  close(): void {
    this.#input.close();
  }
}

function placed(trouble: Trouble, of: string): Trouble {
  if (trouble.offset === undefined) return trouble;
  return { ...trouble, message: `${trouble.message} at byte ${trouble.offset}${of}` };
}
