import { fstatSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { OperatorError } from '../core/errors.ts';
import { neutralise } from '../sink/neutralise.ts';

/**
 * Throws an OperatorError where an output (the file `eve`, or what standard output was redirected to) is
 * one of the captures that are to be read, by whatever name: opening it would destroy it.
 */
export function refuseOverwriting(paths: readonly string[], eve: string | undefined): void {
  const outputs = new Map<string, string>();
  const toFile = eve === undefined ? undefined : identityOf(() => statSync(eve));
  if (toFile !== undefined) outputs.set(toFile, `--eve ${neutralise(eve ?? '', 500)}`);
  const toStdout = identityOf(() => fstatSync(1));
  if (toStdout !== undefined) outputs.set(toStdout, 'standard output');
  if (outputs.size === 0) return;
  for (const path of paths) {
    const identity = identityOf(() => (path === '-' ? fstatSync(0) : statSync(path)));
    const output = identity === undefined ? undefined : outputs.get(identity);
    if (output === undefined) continue;
    const name = path === '-' ? 'standard input' : neutralise(path, 500);
    throw new OperatorError(`${output} is the same file as the input ${name}; write somewhere else`);
  }
}

/** Device and inode of a regular file; undefined for all else, and where there is none. */
function identityOf(stat: () => Stats): string | undefined {
  try {
    const found = stat();
    return found.isFile() ? `${found.dev}:${found.ino}` : undefined;
  } catch {
    return undefined;
  }
}
