import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { EXIT, OperatorError } from '../core/errors.ts';

/** What takes the bytes of an output. */
interface Device {
  /** Takes the bytes; they are reused after the call. */
  send(bytes: Buffer): void;
  drained(): Promise<void> | undefined;
  /** Resolves when all that was sent is handed over, or never will be. */
  finish(): Promise<void>;
  /** Why it takes no more: the reader closed its end, or it failed. */
  readonly broken: 'reader' | OperatorError | undefined;
}

export interface OutputOptions {
  /** Makes lines that are not plain ASCII (or hold a DEL) fit to leave; they leave as they are where not given. */
  mend?: (lines: string) => string;
  /** Bytes that are gathered for one write. */
  chunk?: number;
  /** Milliseconds after which what was gathered leaves though it is little. */
  latency?: number;
  /** Called once when a write, or the stream itself, tells that the reader has gone. */
  onClosed?: () => void;
}

/** Enough for one system call to cost nothing beside making the text. */
const CHUNK = 65_536;
/** Beyond a chunk, so that a usual line needs no look at the limit. */
const ROOM = 32_768;
/** A person who watches does not notice; a write a line would cost more than the line. */
const LATENCY = 20;

/**
 * Lines to a file or a stream, gathered into large writes. `write` never throws: what goes wrong is
 * kept, and told by `close`. A reader that closes its end of a pipe is no failure.
 */
export class TextOutput {
  readonly #device: Device;
  readonly #mend: ((lines: string) => string) | undefined;
  readonly #chunk: number;
  readonly #latency: number;
  /** Bytes gathered so far; written line by line, which spares the joining of large strings. */
  #bytes: Buffer;
  #used = 0;
  #sent = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(device: Device, options: OutputOptions = {}) {
    this.#device = device;
    this.#mend = options.mend;
    this.#chunk = options.chunk ?? CHUNK;
    this.#bytes = Buffer.allocUnsafeSlow(this.#chunk + ROOM);
    this.#latency = options.latency ?? LATENCY;
  }

  /** True when the other end was closed by its reader (`| head`): there is no use in going on. */
  get closedByReader(): boolean {
    return this.#device.broken === 'reader';
  }

  /** What went wrong with the output, if anything did; `close` rejects with it. */
  get failure(): OperatorError | undefined {
    const { broken } = this.#device;
    return broken === 'reader' ? undefined : broken;
  }

  /** Bytes that were taken, gathered ones among them. */
  get written(): number {
    return this.#sent + this.#used;
  }

  /** Takes whole lines. False when the output takes no more and they are lost. */
  write(lines: string): boolean {
    if (this.#closed || this.#device.broken !== undefined) return false;
    this.#put(lines);
    if (this.#used >= this.#chunk) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), this.#latency).unref();
    return true;
  }

  #put(lines: string): void {
    this.#reserve(lines.length * 3);
    const written = this.#bytes.write(lines, this.#used);
    // Only ASCII (and then only a DEL could be meant): the common case costs one search.
    if (this.#mend === undefined || (written === lines.length && !lines.includes('\x7f'))) {
      this.#used += written;
      return;
    }
    const mended = this.#mend(lines);
    this.#reserve(mended.length * 3);
    this.#used += this.#bytes.write(mended, this.#used);
  }

  /** Makes room for so many bytes; what was gathered leaves first. */
  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#bytes.length) return;
    this.#send();
    if (bytes > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(bytes);
  }

  /** Sends what was gathered. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#send();
  }

  #send(): void {
    if (this.#used === 0) return;
    const bytes = this.#bytes.subarray(0, this.#used);
    this.#sent += this.#used;
    this.#used = 0;
    if (this.#device.broken === undefined) this.#device.send(bytes);
  }

  drained(): Promise<void> | undefined {
    return this.#device.drained();
  }

  async close(): Promise<void> {
    this.flush();
    this.#closed = true;
    await this.#device.finish();
    if (this.failure !== undefined) throw this.failure;
  }
}

export interface FileOptions extends OutputOptions {
  /** Go on at the end of a file that is there, instead of replacing it. */
  append?: boolean;
  /** Refuse a symbolic link in the file's place. */
  nofollow?: boolean;
}

/**
 * An output to the file at `path`, which is created readable for its owner only: it can hold what people
 * wrote. Throws an OperatorError where it cannot be opened.
 */
export function openFileOutput(path: string, options: FileOptions = {}): TextOutput {
  try {
    const { O_APPEND, O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;
    const mode = O_WRONLY | O_CREAT | (options.append ? O_APPEND : O_TRUNC);
    const fd = openSync(path, options.nofollow ? mode | O_NOFOLLOW : mode, 0o600);
    return new TextOutput(new FileDevice(fd, path, options.onClosed), options);
  } catch (error) {
    throw outputError(path, error);
  }
}

/** An output to a stream that somebody else owns: it is never ended. `name` is what messages call it. */
export function streamOutput(stream: Writable, name: string, options: OutputOptions = {}): TextOutput {
  return new TextOutput(new StreamDevice(stream, name, options.onClosed), options);
}

class FileDevice implements Device {
  readonly #fd: number;
  readonly #path: string;
  readonly #onClosed: (() => void) | undefined;
  #open = true;
  broken: Device['broken'];

  constructor(fd: number, path: string, onClosed: (() => void) | undefined) {
    this.#fd = fd;
    this.#path = path;
    this.#onClosed = onClosed;
  }

  send(bytes: Buffer): void {
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      this.broken = codeOf(error) === 'EPIPE' ? 'reader' : outputError(this.#path, error);
      if (this.broken === 'reader') this.#onClosed?.();
    }
  }

  drained(): undefined {
    return undefined;
  }

  finish(): Promise<void> {
    if (this.#open) {
      this.#open = false;
      try {
        closeSync(this.#fd);
      } catch (error) {
        this.broken ??= outputError(this.#path, error);
      }
    }
    return Promise.resolve();
  }
}

/** Unsent bytes at which the producer is asked to wait, and those at which it may go on. */
const HIGH_WATER = 1_048_576;
const LOW_WATER = 262_144;

class StreamDevice implements Device {
  readonly #stream: Writable;
  readonly #name: string;
  readonly #onClosed: (() => void) | undefined;
  #unsent = 0;
  #waiting: { below: number; promise: Promise<void>; resolve: () => void }[] = [];
  broken: Device['broken'];

  constructor(stream: Writable, name: string, onClosed: (() => void) | undefined) {
    this.#stream = stream;
    this.#name = name;
    this.#onClosed = onClosed;
    stream.on('error', this.#onError);
    stream.on('close', this.#onClose);
  }

  readonly #onError = (error: unknown): void => {
    this.#break(GONE.has(codeOf(error)) ? 'reader' : outputError(this.#name, error));
  };

  readonly #onClose = (): void => {
    this.#break('reader');
  };

  #break(why: NonNullable<Device['broken']>): void {
    const first = this.broken === undefined;
    this.broken ??= why;
    this.#wake();
    if (first && why === 'reader') this.#onClosed?.();
  }

  send(bytes: Buffer): void {
    const { length } = bytes;
    this.#unsent += length;
    this.#stream.write(Buffer.from(bytes), (error) => {
      this.#unsent -= length;
      if (error) this.#onError(error);
      else this.#wake();
    });
  }

  drained(): Promise<void> | undefined {
    return this.#unsent <= HIGH_WATER || this.broken !== undefined ? undefined : this.#until(LOW_WATER);
  }

  async finish(): Promise<void> {
    if (this.#unsent > 0 && this.broken === undefined) await this.#until(0);
    // A stream that broke may still call back for what it holds: its errors are ours until it has.
    if (this.#unsent === 0) {
      this.#stream.off('error', this.#onError);
      this.#stream.off('close', this.#onClose);
    }
  }

  #until(below: number): Promise<void> {
    const same = this.#waiting.find((w) => w.below === below);
    if (same) return same.promise;
    const { promise, resolve } = promiseOf();
    this.#waiting.push({ below, promise, resolve });
    return promise;
  }

  #wake(): void {
    const over = this.#waiting.filter((w) => this.broken !== undefined || this.#unsent <= w.below);
    if (over.length === 0) return;
    this.#waiting = this.#waiting.filter((w) => !over.includes(w));
    for (const { resolve } of over) resolve();
  }
}

/** What a write answers when nobody reads any more. */
const GONE: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'no permission; run as a user that may write there, or choose another place',
  EPERM: 'no permission; run as a user that may write there, or choose another place',
  EDQUOT: 'the disk quota is used up; free space or choose another place',
  ELOOP: 'it is a symbolic link; remove it or choose another place',
  EISDIR: 'it is a folder; name a file',
  ENOENT: 'its folder does not exist; make it first',
  ENOSPC: 'the disk is full; free space or choose another place',
  ENOTDIR: 'a part of its path is no folder',
  EROFS: 'the file system is read-only; choose another place',
};

function outputError(name: string, error: unknown): OperatorError {
  const code = codeOf(error);
  return new OperatorError(`cannot write ${name}: ${REASONS[code] ?? code}`, EXIT.IO);
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : String(error);
}

function promiseOf(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((r) => {
    resolve = r;
  });
  return { promise, resolve };
}
