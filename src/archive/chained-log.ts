import { createHash } from 'node:crypto';
import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { EXIT, OperatorError } from '../core/errors.ts';
import { append, codeOf, ioError, locked, readText } from './files.ts';

/** Where a chained log stands: how many lines, and the hash of the last one. */
export interface LogHead {
  readonly n: number;
  readonly hash: string;
}

/** What the first line of a log has for the hash of the one before. */
export const NO_HASH = '0'.repeat(64);

/** SHA-256 of a line without its end, in hex. */
export function hashOf(line: string): string {
  return createHash('sha256').update(line).digest('hex');
}

const TAIL = 1_048_576;

/**
 * Lines of JSON, each with its number `n` (from 1) and the hash of the line before, `prev`: one that is changed, left
 * out or moved shows in all that follow. Several processes may add to it: a lock file keeps them apart.
 */
export class ChainedLog {
  readonly #path: string;
  readonly #what: string;

  /** `what` is what messages call it. */
  constructor(path: string, what: string) {
    this.#path = path;
    this.#what = what;
  }

  /** Adds a line, which is on disk when this returns. A torn line at the end (a crash) is taken away before. */
  append(fields: Readonly<Record<string, unknown>>): LogHead {
    return this.appendLine(({ n, hash }) => JSON.stringify({ n: n + 1, prev: hash, ...fields }));
  }

  /** The same where the line itself depends on what is before it. */
  appendLine(make: (head: LogHead) => string): LogHead {
    return locked(`${this.#path}.lock`, this.#what, () => {
      const head = this.head(true);
      const line = make(head);
      append(this.#path, `${line}\n`);
      return { n: head.n + 1, hash: hashOf(line) };
    });
  }

  /** Where it stands; `mend` cuts off a torn end, for who holds the lock. */
  head(mend = false): LogHead {
    const last = lastLine(this.#path, mend);
    if (last === undefined) return { n: 0, hash: NO_HASH };
    const n = numberOf(last);
    if (n === undefined)
      throw new OperatorError(`${this.#path}: its last line is none of ${this.#what}`, EXIT.IO);
    return { n, hash: hashOf(last) };
  }

  /** All whole lines, and whether the end is torn. */
  lines(): { lines: string[]; torn: boolean } {
    const text = readText(this.#path) ?? '';
    const lines = text.split('\n');
    const torn = lines.pop() !== '';
    return { lines, torn };
  }
}

/** A log as it was found: its lines, and what is wrong with it, by line from 1. */
export interface CheckedLog<T> {
  readonly entries: readonly { readonly fields: T; readonly hash: string }[];
  readonly problems: readonly { readonly line: number; readonly problem: string }[];
}

/** Reads a chained log and checks that each line follows the one before. `open` takes a line's fields out of it. */
export function checkLog<T>(
  log: ChainedLog,
  open: (line: string) => (T & { n?: unknown; prev?: unknown }) | undefined,
): CheckedLog<T> {
  const entries: { fields: T; hash: string }[] = [];
  const problems: { line: number; problem: string }[] = [];
  const { lines, torn } = log.lines();
  let prev = NO_HASH;
  let n = 0;
  for (const [i, text] of lines.entries()) {
    const line = i + 1;
    const hash = hashOf(text);
    const fields = open(text);
    if (fields === undefined) problems.push({ line, problem: 'is no entry' });
    else {
      if (fields.n !== n + 1)
        problems.push({ line, problem: `has number ${String(fields.n)}, not ${n + 1}` });
      else if (fields.prev !== prev) problems.push({ line, problem: 'does not follow the line before' });
      entries.push({ fields, hash });
    }
    n = typeof fields?.n === 'number' ? fields.n : n + 1;
    prev = hash;
  }
  if (torn) problems.push({ line: lines.length + 1, problem: 'is torn' });
  return { entries, problems };
}

/** The fields of a plain line. */
export function plainFields(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function numberOf(line: string): number | undefined {
  const fields = plainFields(line);
  const entry = fields?.entry;
  const own = typeof entry === 'object' && entry !== null ? (entry as { n?: unknown }).n : fields?.n;
  return typeof own === 'number' && Number.isSafeInteger(own) ? own : undefined;
}

/** The last whole line of a file; what is behind it (a torn one) is cut off where `mend` says so. */
function lastLine(path: string, mend: boolean): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, mend ? 'r+' : 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw ioError('open', path, error);
  }
  try {
    const { size } = fstatSync(fd);
    const from = Math.max(0, size - TAIL);
    const bytes = Buffer.alloc(size - from);
    readSync(fd, bytes, 0, bytes.length, from);
    const end = bytes.lastIndexOf(10);
    if (mend && end + 1 < bytes.length) ftruncateSync(fd, from + end + 1);
    if (end < 0) return undefined;
    return bytes.subarray(end === 0 ? 0 : bytes.lastIndexOf(10, end - 1) + 1, end).toString();
  } finally {
    closeSync(fd);
  }
}
