import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { EXIT, OperatorError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';

/** Where the bytes of one file go while they pass. */
export interface Keep {
  write(span: Uint8Array): void;
  /** Gives the file its name, the SHA-256 of its bytes; false where it was not kept. */
  finish(sha256: string, length: number): boolean;
  drop(): void;
}

/** Bytes of a file and of all files that are kept. */
type KeepLimits = Pick<Limits, 'extract_file' | 'extract_total'>;

/** File descriptors open at once, a thread. */
const MOST_OPEN = 64;
/** Contents remembered, a shard; repeats of those beyond count again. */
const MOST_KNOWN = 1_024;
const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
const CREATE = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
const APPEND = O_WRONLY | O_APPEND | O_NOFOLLOW;
/** Only the owner reads it, nobody runs it. */
const MODE = 0o600;

/**
 * The folder that `--extract` names. A file is written under a random name and then gets that of its content
 * (`SHA-256.bin`, or another suffix), so that no name off the wire ever reaches the file system, the same content is kept once, and
 * threads that keep the same file do not disturb each other. Nothing that stands there is overwritten or followed.
 */
export class Quarantine {
  /** What went wrong, the first time; nothing is kept from then on. */
  problem: OperatorError | undefined;
  /** Files that were not kept because a limit was reached. */
  refused = 0;
  /** What a kept file's name ends with. */
  readonly suffix: string;
  readonly #folder: string;
  readonly #perFile: number;
  readonly #perShard: number;
  readonly #kept: Float64Array;
  /** The content that each shard kept. What others kept says nothing: that would depend on the threads. */
  readonly #known = new Map<number, Set<string>>();
  /** The files whose descriptors are open, the one used last at the end. */
  readonly #open = new Set<KeptFile>();

  /** Makes the folder where there is none; throws an OperatorError where that cannot be. */
  constructor(folder: string, limits: KeepLimits, shards: number, suffix = '.bin') {
    this.suffix = suffix;
    this.#folder = folder;
    this.#perFile = limits.extract_file;
    this.#perShard = limits.extract_total / shards;
    this.#kept = new Float64Array(shards);
    makeFolder(folder);
  }

  /** A place for a file of this shard of the flow table. */
  keep(shard: number): Keep | undefined {
    return this.problem === undefined ? new KeptFile(this, shard) : undefined;
  }

  /** Room for more bytes of a file that has `length` of them. */
  hasRoom(shard: number, length: number, more: number): boolean {
    const kept = (this.#kept[shard] ?? 0) + more;
    if (length + more > this.#perFile || kept > this.#perShard) return false;
    this.#kept[shard] = kept;
    return true;
  }

  /** Notes content that was kept; false where this shard kept the same before, which then counts once. */
  isNew(shard: number, sha256: string): boolean {
    let known = this.#known.get(shard);
    if (!known) this.#known.set(shard, (known = new Set()));
    if (known.has(sha256)) return false;
    if (known.size < MOST_KNOWN) known.add(sha256);
    return true;
  }

  giveBack(shard: number, bytes: number): void {
    this.#kept[shard] = (this.#kept[shard] ?? 0) - bytes;
  }

  place(name: string): string {
    return join(this.#folder, name);
  }

  /** Notes that a file's descriptor was used; the one not used for longest is closed where there are too many. */
  used(file: KeptFile): void {
    this.#open.delete(file);
    this.#open.add(file);
    if (this.#open.size <= MOST_OPEN) return;
    for (const oldest of this.#open) {
      oldest.rest();
      return;
    }
  }

  closed(file: KeptFile): void {
    this.#open.delete(file);
  }

  failed(error: unknown): void {
    this.problem ??= failure(this.#folder, error);
  }
}

/** Makes the folder where there is none, for its owner only; throws an OperatorError where that cannot be. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw failure(folder, error);
  }
}

class KeptFile implements Keep {
  readonly #home: Quarantine;
  readonly #shard: number;
  readonly #temporary: string;
  #fd = -1;
  #made = false;
  #length = 0;
  #over = false;

  constructor(home: Quarantine, shard: number) {
    this.#home = home;
    this.#shard = shard;
    this.#temporary = home.place(`.${randomBytes(12).toString('hex')}.part`);
  }

  write(span: Uint8Array): void {
    if (this.#over) return;
    if (this.#home.problem !== undefined) {
      this.drop();
      return;
    }
    if (!this.#home.hasRoom(this.#shard, this.#length, span.length)) {
      this.#home.refused++;
      this.drop();
      return;
    }
    this.#length += span.length;
    this.#try(() => {
      const fd = this.#descriptor();
      for (let at = 0; at < span.length;) at += writeSync(fd, span, at, span.length - at);
    });
    // The disk failed: nothing of the file stays, neither its descriptor nor what was written.
    if (this.#over) this.#abandon();
  }

  finish(sha256: string, length: number): boolean {
    if (this.#over) return false;
    this.#over = true;
    const name = this.#home.place(`${sha256}${this.#home.suffix}`);
    const stored = this.#try(() => {
      this.#descriptor();
      this.rest();
      giveName(this.#temporary, name);
      return isRegular(name, length);
    });
    this.#remove();
    if (stored !== true || !this.#home.isNew(this.#shard, sha256)) {
      this.#home.giveBack(this.#shard, this.#length);
    }
    return stored === true;
  }

  drop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#abandon();
  }

  #abandon(): void {
    this.#home.giveBack(this.#shard, this.#length);
    this.#length = 0;
    this.#remove();
  }

  /** Closes the descriptor; the next write opens it again. */
  rest(): void {
    const fd = this.#fd;
    this.#fd = -1;
    this.#home.closed(this);
    if (fd >= 0) closeSync(fd);
  }

  #descriptor(): number {
    if (this.#fd < 0) {
      this.#fd = openSync(this.#temporary, this.#made ? APPEND : CREATE, MODE);
      this.#made = true;
    }
    this.#home.used(this);
    return this.#fd;
  }

  #remove(): void {
    this.#try(() => this.rest());
    if (this.#made) this.#try(() => unlinkSync(this.#temporary));
  }

  /** Runs what may fail for the disk's sake; undefined where it did. */
  #try<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.#home.failed(error);
      this.#over = true;
      return undefined;
    }
  }
}

/** Gives the bytes at `from` the name `to`, unless it is taken. */
function giveName(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    // File systems without hard links.
    try {
      copyFileSync(from, to, constants.COPYFILE_EXCL);
      chmodSync(to, MODE);
    } catch (second) {
      if (codeOf(second) !== 'EEXIST') throw second;
    }
  }
}

/** True where the name is a file of that length, and no link to something else. */
function isRegular(path: string, length: number): boolean {
  const found = lstatSync(path);
  return found.isFile() && found.size === length;
}

function failure(folder: string, error: unknown): OperatorError {
  if (error instanceof OperatorError) return error;
  return new OperatorError(
    `cannot keep files in ${folder}: ${REASONS[codeOf(error)] ?? codeOf(error)}`,
    EXIT.IO,
  );
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'no permission; run as a user that may write there, or choose another folder',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'it is no folder; name one',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'it is no folder; name one',
  EROFS: 'the file system is read-only',
};

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'failed';
}
