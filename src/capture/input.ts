import { closeSync, createReadStream, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { LRUCache } from 'lru-cache';
import { systemTrouble } from './problem.ts';
import type { Trouble } from './problem.ts';
import { LIMITS } from './wire.ts';

/**
 * Where bytes come from, in order. `read` answers at once where it can (a file) and with a promise
 * where it must wait (a pipe, a decompressor); it never rejects: what failed is in `problem`.
 */
export interface ByteInput {
  /** Bytes of the file or stream (as stored: compressed ones are counted compressed) taken so far. */
  readonly position: number;
  /** Size of the file, where it is one. */
  readonly total: number | undefined;
  /** Why the bytes ended early. */
  readonly problem: Trouble | undefined;
  /** Puts at least one byte into `into[at..]`; 0: there are no more. */
  read(into: Uint8Array, at: number): number | Promise<number>;
  /** Lets go of what is open; a `read` that waits ends. */
  close(): void;
}

/** The input that an operator names: a path, or `-` for standard input. Never fails: the input's `problem` does. */
export function openInput(path: string): ByteInput {
  try {
    if (path === '-') return fstatSync(0).isFile() ? new FileInput(0) : new StreamInput(process.stdin);
    const stat = statSync(path);
    if (stat.isFile()) return new FileInput(path);
    return stat.isDirectory() ? failed({ code: 'EISDIR' }) : new StreamInput(createReadStream(path));
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): ByteInput {
  const problem = systemTrouble(error);
  return { position: 0, total: undefined, problem, read: () => 0, close: () => undefined };
}

/** Descriptors of files that are being read. Beyond the limit the idlest is closed, and opened again when needed. */
const OPEN = new LRUCache<FileInput, number>({ max: LIMITS.OPEN_FILES, dispose: closeQuietly });

/** A regular file by its path, opened at the first read; or, by its number, a descriptor that stays open. */
export class FileInput implements ByteInput {
  position = 0;
  total: number | undefined = undefined;
  problem: Trouble | undefined = undefined;
  readonly #file: string | number;
  #identity = '';
  #closed = false;

  constructor(file: string | number) {
    this.#file = file;
  }

  read(into: Uint8Array, at: number): number {
    if (this.#closed) return 0;
    try {
      const given = typeof this.#file === 'number';
      const got = readSync(this.#descriptor(), into, at, into.length - at, given ? null : this.position);
      this.position += got;
      return got;
    } catch (error) {
      this.problem =
        this.position === 0 ? systemTrouble(error) : { ...systemTrouble(error), offset: this.position };
      return 0;
    }
  }

  #descriptor(): number {
    if (typeof this.#file === 'number') return this.#file;
    const held = OPEN.get(this);
    if (held !== undefined) return held;
    const descriptor = openSync(this.#file, 'r');
    OPEN.set(this, descriptor);
    const { size, dev, ino } = fstatSync(descriptor);
    const identity = `${dev}:${ino}`;
    if (this.#identity !== '' && this.#identity !== identity) throw new Error('replaced while it was read');
    this.#identity = identity;
    this.total = size;
    return descriptor;
  }

  close(): void {
    this.#closed = true;
    OPEN.delete(this);
  }
}

function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // Nothing was written through it: a failing close loses nothing.
  }
}

/** A pipe, a device, a child's output: bytes are handed on as they arrive. */
export class StreamInput implements ByteInput {
  position = 0;
  readonly total = undefined;
  problem: Trouble | undefined = undefined;
  readonly #stream: Readable;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;
  #closed = false;

  constructor(stream: Readable) {
    this.#stream = stream;
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  read(into: Uint8Array, at: number): number | Promise<number> {
    return this.#at < this.#chunk.length ? this.#copy(into, at) : this.#wait(into, at);
  }

  async #wait(into: Uint8Array, at: number): Promise<number> {
    try {
      do {
        const { done, value } = await this.#chunks.next();
        if (done === true || this.#closed) return 0;
        this.#chunk = value;
        this.#at = 0;
      } while (this.#chunk.length === 0);
      return this.#copy(into, at);
    } catch (error) {
      if (!this.#closed) this.problem = { ...systemTrouble(error), offset: this.position };
      return 0;
    }
  }

  #copy(into: Uint8Array, at: number): number {
    const n = Math.min(into.length - at, this.#chunk.length - this.#at);
    into.set(this.#chunk.subarray(this.#at, this.#at + n), at);
    this.#at += n;
    this.position += n;
    return n;
  }

  close(): void {
    this.#closed = true;
    this.#stream.destroy();
  }
}
