import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { EXIT, OperatorError } from '../../core/errors.ts';
import { hash128 } from '../../event/ids.ts';

/** Version of a spool's files; another one is not read. */
const VERSION = 1;
const PLACE = 'place.json';
const CURSOR = 'cursor.json';
const LOCK = 'lock';
const SEGMENT = /^(\d{12})\.seg$/;

/** Where the first message that is not confirmed begins. */
export interface Cursor {
  readonly segment: number;
  readonly offset: number;
}

/** The folder of one place's messages in a spool: `--spool DIR`, `DIR/HASH`. Names in it are ours alone. */
export class SpoolFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes it where it is not there, and takes it for this process alone. Throws an OperatorError where that cannot be. */
  static take(spool: string, place: string): SpoolFolder {
    const folder = new SpoolFolder(join(spool, hash128('spool', place).slice(0, 16)));
    try {
      mkdirSync(folder.path, { recursive: true, mode: 0o700 });
      folder.#lock();
      writeWhole(folder.file(PLACE), JSON.stringify({ version: VERSION, place }));
    } catch (error) {
      if (error instanceof OperatorError) throw error;
      throw spoolError(folder.path, error);
    }
    return folder;
  }

  /** The folders of a spool, each with the place that its messages are for. Throws an OperatorError where it cannot be read. */
  static list(spool: string): { folder: SpoolFolder; place: string }[] {
    let names: string[];
    try {
      names = readdirSync(spool).filter((name) => /^[0-9a-f]{16}$/.test(name));
    } catch (error) {
      throw spoolError(spool, error);
    }
    return names.sort().map((name) => {
      const folder = new SpoolFolder(join(spool, name));
      const place = folder.#read(PLACE)?.['place'];
      return { folder, place: typeof place === 'string' ? place : 'unknown' };
    });
  }

  file(name: string): string {
    return join(this.path, name);
  }

  segment(number: number): string {
    return this.file(`${String(number).padStart(12, '0')}.seg`);
  }

  /** Numbers of the segments, in their order. */
  segments(): number[] {
    const numbers = readdirSync(this.path).flatMap((name) => SEGMENT.exec(name)?.[1] ?? []);
    return numbers.map(Number).sort((a, b) => a - b);
  }

  /** Undefined where there is none, or none that can be used: then all that is there is sent again. */
  readCursor(): Cursor | undefined {
    const { segment, offset } = this.#read(CURSOR) ?? {};
    const isPlace = Number.isSafeInteger(segment) && Number.isSafeInteger(offset);
    return isPlace ? { segment: segment as number, offset: offset as number } : undefined;
  }

  writeCursor(cursor: Cursor): void {
    writeWhole(this.file(CURSOR), JSON.stringify({ version: VERSION, ...cursor }));
  }

  /** Moves a segment that is damaged aside; it is never overwritten. */
  setAside(number: number): string {
    const path = this.segment(number);
    const aside = `${path}.${process.pid}.bad`;
    renameSync(path, aside);
    return aside;
  }

  /** The process that has it, where one does. */
  holder(): number | undefined {
    try {
      const [pid = '', started = ''] = readFileSync(this.file(LOCK), 'utf8').split(' ');
      return startOf(Number(pid)) === started.trim() ? Number(pid) : undefined;
    } catch {
      return undefined;
    }
  }

  release(): void {
    try {
      unlinkSync(this.file(LOCK));
    } catch {
      // Whoever finds it sees that we are gone.
    }
  }

  #lock(): void {
    const mark = `${process.pid} ${startOf(process.pid) ?? ''}`;
    for (let tries = 0; ; tries++) {
      try {
        writeFileSync(this.file(LOCK), mark, { flag: 'wx', mode: 0o600 });
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || tries > 0) throw error;
        const holder = this.holder();
        if (holder !== undefined)
          throw new OperatorError(
            `the spool ${this.path} is in use by process ${holder}; end that, or give another --spool`,
            EXIT.IO,
          );
        // Its process was killed.
        unlinkSync(this.file(LOCK));
      }
    }
  }

  #read(name: string): Record<string, unknown> | undefined {
    try {
      const content = JSON.parse(readFileSync(this.file(name), 'utf8')) as Record<string, unknown> | null;
      return typeof content === 'object' && content?.['version'] === VERSION ? content : undefined;
    } catch {
      return undefined;
    }
  }
}

/** When a process was started, so that another with its number is not taken for it; undefined where there is none. */
function startOf(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid < 1) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    // No such process, or a system without /proc: then it counts whether it can be signalled.
  }
  try {
    process.kill(pid, 0);
    return '';
  } catch {
    return undefined;
  }
}

/**
 * Replaces a file as a whole: whoever reads sees the old one or the new one. The disk is not waited for, packets would wait too: what a power
 * cut takes of a cursor is sent again.
 */
function writeWhole(path: string, text: string): void {
  const part = `${path}.part`;
  const { O_CREAT, O_TRUNC, O_WRONLY, O_NOFOLLOW } = constants;
  const fd = openSync(part, O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW, 0o600);
  try {
    const bytes = Buffer.from(`${text}\n`);
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
  } finally {
    closeSync(fd);
  }
  renameSync(part, path);
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'no permission; run as a user that may write there, or choose another place',
  EPERM: 'no permission; run as a user that may write there, or choose another place',
  ENOENT: 'there is no such folder',
  ENOSPC: 'the disk is full; free space or choose another place',
  ENOTDIR: 'a part of its path is no folder',
  EROFS: 'the file system is read-only; choose another place',
};

export function spoolError(path: string, error: unknown): OperatorError {
  const code = (error as { code?: unknown } | null)?.code;
  const reason = typeof code === 'string' ? (REASONS[code] ?? code) : String(error);
  return new OperatorError(`cannot use the spool ${path}: ${reason}`, EXIT.IO);
}
