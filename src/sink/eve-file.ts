import {
  closeSync,
  constants,
  createReadStream,
  createWriteStream,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { OperatorError } from '../core/errors.ts';
import type { EveEvent, EventSink } from '../event/eve.ts';
import { EveSink } from './eve.ts';

export interface EveFileOptions {
  /** Go on behind what is there. */
  readonly append: boolean;
  /** Begin another file once this one has so many bytes. */
  readonly bytes?: number | undefined;
  /** Begin another file at each multiple of so many seconds of packet time (UTC). */
  readonly seconds?: number | undefined;
  /** Files that are kept beside the one that is written, compressed. */
  readonly keep: number;
  /** A line for the operator. */
  readonly say: (line: string) => void;
}

/** Milliseconds between two tries to open a file that failed. */
const RETRY_MS = 10_000;
const MODE = 0o600;
/** Characters of an EVE stamp down to its seconds. */
const SECOND = 19;

/**
 * EVE lines in a file that can be rotated by size and by packet time, `FILE.1.gz` being the newest of the old ones, and
 * opened again after somebody else has moved it away. A file that cannot be written any more is tried again every
 * ten seconds; what was lost meanwhile is counted and told. A line is never cut by any of it.
 *
 * No library: those that rotate write asynchronously, follow links, and cannot be told to open a file again.
 */
export class EveFile implements EventSink {
  readonly #path: string;
  readonly #options: EveFileOptions;
  #sink: EveSink | undefined;
  /** Bytes that the file had when it was opened. */
  #before = 0;
  /** Rotation by time: the period that the file is of, and the second of the last event. */
  #period = -1;
  #second = '';
  #compressing: Promise<void> | undefined;
  /** Events lost since the file failed, and those lost before it was well again. */
  #lost = 0;
  #lostBefore = 0;
  #first: OperatorError | undefined;
  #failure: OperatorError | undefined;
  #retryAt = 0;
  #closed = false;

  /** Throws an OperatorError where the file cannot be opened. */
  constructor(path: string, options: EveFileOptions) {
    this.#path = path;
    this.#options = options;
    if (options.append) endLine(path);
    this.#sink = this.#open(options.append);
    if (this.#rotates) this.#compress();
  }

  get failure(): OperatorError | undefined {
    return this.#failure ?? this.#sink?.failure;
  }

  write(event: EveEvent): void {
    if (this.#rotates) this.#rotateIfDue(event);
    const sink = this.#sink;
    if (sink === undefined) {
      this.#lost++;
      this.#retry();
      return;
    }
    sink.write(event);
    if (sink.failure !== undefined) this.#broke(sink.failure);
  }

  drained(): Promise<void> | undefined {
    return this.#sink?.drained();
  }

  flush(): void {
    this.#sink?.flush();
  }

  /** Closes the file and opens what has its name now. */
  reopen(): void {
    this.#end();
    this.#retryAt = 0;
    this.#retry();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const sink = this.#sink;
    this.#sink = undefined;
    await this.#compressing;
    await sink?.close();
    const failed = this.#failure ?? this.#first;
    const all = this.#lostBefore + this.#lost;
    if (failed === undefined) return;
    throw new OperatorError(`${failed.message}; ${all} events were not written`, failed.exitCode);
  }

  get #rotates(): boolean {
    return this.#options.bytes !== undefined || this.#options.seconds !== undefined;
  }

  #open(append: boolean): EveSink {
    const sink = EveSink.toFile(this.#path, { append, nofollow: this.#rotates });
    this.#before = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    return sink;
  }

  #rotateIfDue({ timestamp }: EveEvent): void {
    const { bytes, seconds } = this.#options;
    const second = timestamp.slice(0, SECOND);
    if (seconds !== undefined && second !== this.#second) {
      this.#second = second;
      const period = Math.floor(Date.parse(`${second}Z`) / 1000 / seconds);
      // A stamp that lies back belongs to the file that is open.
      if (period > this.#period) {
        const begun = this.#period >= 0;
        this.#period = period;
        if (begun) this.#rotate();
      }
    }
    if (bytes !== undefined && this.#before + (this.#sink?.written ?? 0) >= bytes) this.#rotate();
  }

  /** Moves the files on by one. The one before is still being compressed: this one grows on until that is done. */
  #rotate(): void {
    if (this.#compressing || this.#sink === undefined) return;
    this.#end();
    if (this.#failure !== undefined) return;
    try {
      shift(this.#path, this.#options.keep);
    } catch (error) {
      this.#options.say(`${this.#path}: could not be rotated: ${codeOf(error)}; it is written on`);
    }
    this.#retryAt = 0;
    this.#retry();
    this.#compress();
  }

  #end(): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    this.#sink = undefined;
    // To a file all is written and closed before this returns; the promise only tells what failed.
    sink.flush();
    sink.close().catch(() => undefined);
    if (sink.failure !== undefined) this.#broke(sink.failure);
  }

  #broke(failure: OperatorError): void {
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.close().catch(() => undefined);
    this.#lost += sink?.lost ?? 0;
    if (this.#failure === undefined)
      this.#options.say(`${failure.message}; it is tried again every ${RETRY_MS / 1000} s`);
    this.#failure = failure;
    this.#first ??= failure;
    this.#retryAt = performance.now() + RETRY_MS;
  }

  #retry(): void {
    if (this.#closed || performance.now() < this.#retryAt) return;
    this.#retryAt = performance.now() + RETRY_MS;
    try {
      endLine(this.#path);
      this.#sink = this.#open(true);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      if (this.#failure === undefined) this.#options.say(error.message);
      this.#failure = error;
      this.#first ??= error;
      return;
    }
    if (this.#failure === undefined) return;
    this.#options.say(`${this.#path}: is written again; ${this.#lost} events were not written`);
    this.#failure = undefined;
    this.#lostBefore += this.#lost;
    this.#lost = 0;
  }

  /** What was left uncompressed, now or by a run that ended meanwhile. */
  #compress(): void {
    const plain = `${this.#path}.1`;
    if (!existsSync(plain)) return;
    const done = compress(plain).catch((error: unknown) => {
      this.#options.say(`${plain}: could not be compressed: ${codeOf(error)}; it is kept as it is`);
    });
    this.#compressing = done.finally(() => (this.#compressing = undefined));
  }
}

/** `FILE` becomes `FILE.1`, that `FILE.2`, compressed or not; those beyond `keep` are removed. */
function shift(path: string, keep: number): void {
  for (let n = keep; n >= 1; n--) {
    for (const suffix of ['', '.gz']) {
      const from = `${path}.${n}${suffix}`;
      if (!existsSync(from)) continue;
      if (n >= keep) rmSync(from);
      else renameSync(from, `${path}.${n + 1}${suffix}`);
    }
  }
  if (keep === 0) rmSync(path);
  else renameSync(path, `${path}.1`);
}

async function compress(plain: string): Promise<void> {
  const part = `${plain}.gz.part`;
  await rm(part, { force: true });
  await pipeline(createReadStream(plain), createGzip(), createWriteStream(part, { flags: 'wx', mode: MODE }));
  await rename(part, `${plain}.gz`);
  await rm(plain, { force: true });
}

/** A line that a full disk or a kill has cut is ended, so that the next one stands alone. */
function endLine(path: string): void {
  try {
    // Nothing else than a plain file is opened: a pipe has a reader who would see it close.
    if (!lstatSync(path).isFile()) return;
    const { O_RDWR, O_APPEND, O_NOFOLLOW } = constants;
    const fd = openSync(path, O_RDWR | O_APPEND | O_NOFOLLOW);
    try {
      const stat = fstatSync(fd);
      const last = Buffer.alloc(1);
      if (!stat.isFile() || stat.size === 0 || readSync(fd, last, 0, 1, stat.size - 1) !== 1) return;
      if (last[0] !== 0x0a) writeSync(fd, '\n');
    } finally {
      closeSync(fd);
    }
  } catch {
    // There is none, or it cannot be read: opening it says what is wrong.
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code ?? String(error);
}
