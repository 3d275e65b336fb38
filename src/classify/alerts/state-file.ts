import {
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { EXIT, OperatorError } from '../../core/errors.ts';

/** Of each file of the state folder; another one is not read. */
const VERSION = 1;
/** Bytes of a file that are read; what we write is less. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Makes the folder, for this user alone. Throws an OperatorError where that cannot be. */
export function makeStateFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw failed(folder, 'made', error);
  }
}

/**
 * Reads `name` of the folder. `parse` makes something of its content and throws where that is not as we write it:
 * such a file, and one of another version, is moved aside, and `say` is told so. Undefined where there is none.
 */
export function readState<T>(
  folder: string,
  name: string,
  parse: (content: Record<string, unknown>) => T,
  say: (line: string) => void,
): T | undefined {
  const path = join(folder, name);
  let text: string;
  try {
    if (statSync(path).size > MAX_BYTES) return moveAside(path, 'it is larger than any that we write', say);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw failed(path, 'read', error);
  }
  try {
    const content = JSON.parse(text) as unknown;
    if (!isRecord(content)) throw new Error('it is no JSON object');
    const { version } = content;
    if (typeof version === 'number' && version > VERSION)
      throw new Error(`it is of version ${version}, newer than this program's ${VERSION}`);
    if (version !== VERSION) throw new Error('it has no version that this program knows');
    return parse(content);
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it is no JSON' : (error as Error).message;
    return moveAside(path, why, say);
  }
}

/** Replaces `name` of the folder as a whole: whoever reads sees the old file or the new one. */
export function writeState(folder: string, name: string, content: Record<string, unknown>): void {
  const path = join(folder, name);
  const part = `${path}.${process.pid}.part`;
  try {
    const { O_CREAT, O_TRUNC, O_WRONLY, O_NOFOLLOW } = constants;
    const fd = openSync(part, O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW, 0o600);
    try {
      // Of a part that an earlier run with this number left behind, the mode would stay.
      chmodSync(part, 0o600);
      writeWhole(fd, Buffer.from(`${JSON.stringify({ version: VERSION, ...content })}\n`));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(part, path);
  } catch (error) {
    throw failed(path, 'written', error);
  }
}

function writeWhole(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

function moveAside(path: string, why: string, say: (line: string) => void): undefined {
  const aside = freeName(path);
  try {
    renameSync(path, aside);
  } catch (error) {
    throw failed(path, 'moved aside', error);
  }
  say(`${path} is not used: ${why}. It was moved to ${aside}; what it held is forgotten`);
  return undefined;
}

function freeName(path: string): string {
  let n = 1;
  while (statSync(`${path}.aside-${n}`, { throwIfNoEntry: false }) !== undefined) n++;
  return `${path}.aside-${n}`;
}

function failed(path: string, what: string, error: unknown): OperatorError {
  const why = (error as NodeJS.ErrnoException).code ?? String(error);
  return new OperatorError(`${path} cannot be ${what}: ${why}`, EXIT.IO);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
