import {
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { EXIT, OperatorError } from '../core/errors.ts';

/** Places of an archive's parts, below its folder. */
export class ArchivePaths {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  get settings(): string {
    return join(this.folder, 'archive.json');
  }

  get manifest(): string {
    return join(this.folder, 'manifest.jsonl');
  }

  get access(): string {
    return join(this.folder, 'access.jsonl');
  }

  get marks(): string {
    return join(this.folder, 'marks.jsonl');
  }

  get pseudonyms(): string {
    return join(this.folder, 'pseudonyms.jsonl');
  }

  get segments(): string {
    return join(this.folder, 'segments');
  }

  get lake(): string {
    return join(this.folder, 'lake');
  }

  get writerLock(): string {
    return join(this.folder, 'writer.lock');
  }

  /** A file of segment `seq`, from 1. */
  segment(seq: number, part: SegmentPart): string {
    return join(this.segments, `${String(seq).padStart(8, '0')}.${part}`);
  }
}

/** `jsonl.gz` sealed text, `chain` its line checks, `names` who is in it; `part` the open text, `open` what was signed of it. */
export type SegmentPart = 'jsonl.gz' | 'chain' | 'names' | 'part' | 'open' | 'tmp';

/** The number of a segment's file; undefined for other files. */
export function segmentOf(file: string): { seq: number; part: string } | undefined {
  const found = /^(\d{8,15})\.(jsonl\.gz|chain|names|part|open|tmp)$/.exec(file);
  return found ? { seq: Number(found[1]), part: found[2] ?? '' } : undefined;
}

/** The code of a system error, or its text. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : String(error);
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  ENOSPC: 'the disk is full; free space',
  EDQUOT: 'the disk quota is used up; free space',
  ENOENT: 'it is not there',
  EROFS: 'the file system is read-only',
  ELOOP: 'it is a symbolic link',
};

/** The error of a system call in words: `cannot write PATH: the disk is full; free space`. */
export function ioError(what: string, path: string, error: unknown): OperatorError {
  if (error instanceof OperatorError) return error;
  const code = codeOf(error);
  return new OperatorError(`cannot ${what} ${path}: ${REASONS[code] ?? code}`, EXIT.IO);
}

/** The text of a file; undefined where there is none. Throws an OperatorError where it cannot be read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw ioError('read', path, error);
  }
}

export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw ioError('make the folder', path, error);
  }
}

/**
 * Puts a file in its place whole, or not at all; with `sync` it is on disk when this returns. Readable for its owner
 * only.
 */
export function writeWhole(path: string, bytes: string | Uint8Array, sync = true): void {
  const beside = `${path}.${process.pid}.new`;
  try {
    const { O_CREAT, O_WRONLY, O_TRUNC, O_NOFOLLOW } = constants;
    const fd = openSync(beside, O_CREAT | O_WRONLY | O_TRUNC | O_NOFOLLOW, 0o600);
    try {
      writeAll(fd, typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
      if (sync) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, path);
    if (sync) syncFolder(dirname(path));
  } catch (error) {
    remove(beside);
    throw ioError('write', path, error);
  }
}

/** Adds bytes to the end of a file, which is made where it is not there; with `sync` it is on disk when this returns. */
export function append(path: string, text: string, sync = true): void {
  try {
    const { O_CREAT, O_WRONLY, O_APPEND, O_NOFOLLOW } = constants;
    const fd = openSync(path, O_CREAT | O_WRONLY | O_APPEND | O_NOFOLLOW, 0o600);
    try {
      writeAll(fd, Buffer.from(text));
      if (sync) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw ioError('write', path, error);
  }
}

export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

/** Makes the names in a folder last; file systems that cannot do that are left alone. */
export function syncFolder(path: string): void {
  try {
    const fd = openSync(path, constants.O_RDONLY);
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    return;
  }
}

/** Removes a file; false where it was not there or could not be removed. */
export function remove(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Who may hold a lock: a process of this machine that runs, or one of another machine. */
function holderOf(path: string): string | undefined {
  const [pid = '', host = ''] = (readText(path) ?? '').split('\n');
  // Just made, and not yet written.
  if (pid === '') return 'a process that has just begun';
  if (host !== hostname()) return `process ${pid} on ${host}`;
  try {
    process.kill(Number(pid), 0);
    return `process ${pid}`;
  } catch (error) {
    return codeOf(error) === 'EPERM' ? `process ${pid}` : undefined;
  }
}

const WAIT_MS = 10_000;
const STEP_MS = 10;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Takes a lock file and hands back what gives it free. One whose process has gone is taken over. Waits up to 10 s
 * unless `wait` is false; throws an OperatorError that names who holds it.
 */
export function takeLock(path: string, what: string, wait = true): () => void {
  for (let waited = 0; ; waited += STEP_MS) {
    try {
      const fd = openSync(path, 'wx', 0o600);
      writeAll(fd, Buffer.from(`${process.pid}\n${hostname()}\n`));
      closeSync(fd);
      return () => remove(path);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw ioError('write', path, error);
    }
    const holder = holderOf(path);
    if (holder === undefined || (holder.startsWith('a process') && waited >= WAIT_MS)) remove(path);
    else if (!wait || waited >= WAIT_MS)
      throw new OperatorError(`${what}: ${holder} is at it (${path}); wait for its end`, EXIT.IO);
    Atomics.wait(sleeper, 0, 0, STEP_MS);
  }
}

/** Does something while the lock is held. */
export function locked<T>(path: string, what: string, act: () => T): T {
  const release = takeLock(path, what);
  try {
    return act();
  } finally {
    release();
  }
}
