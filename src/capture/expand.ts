import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { identify } from './identify.ts';
import { systemTrouble } from './problem.ts';
import type { InputProblem } from './problem.ts';

export interface Inputs {
  /** Captures to read: as given, and those of each folder sorted by code unit. */
  readonly paths: string[];
  readonly problems: InputProblem[];
  /** Files in folders that are no captures. */
  readonly skipped: number;
}

/**
 * The captures that command line arguments name: files, folders (with all below them) and `-` for
 * standard input, which counts once.
 *
 * In a folder the content decides what is a capture. Symbolic links are followed; what is met twice
 * that way, be it a file or a folder, is read once and under its own name. So is what several arguments
 * name: it goes by the first. A file that is named is not judged here: reading it will.
 */
export function expandInputs(args: readonly string[]): Inputs {
  const inputs = { paths: [] as string[], problems: [] as InputProblem[], skipped: 0 };
  const met = new Met();
  for (const path of args) {
    if (path === '-') {
      if (!inputs.paths.includes(path)) inputs.paths.push(path);
      continue;
    }
    try {
      const stat = statSync(path);
      if (stat.isDirectory()) addFolder(inputs, path, met);
      else if (!met.before(stat)) inputs.paths.push(path);
    } catch (error) {
      inputs.problems.push({ path, ...systemTrouble(error) });
    }
  }
  return inputs;
}

/** The files and folders met so far, by device and inode. */
class Met {
  readonly #identities = new Set<string>();

  /** True where it was met before. */
  before({ dev, ino }: Stats): boolean {
    const identity = `${dev}:${ino}`;
    if (this.#identities.has(identity)) return true;
    this.#identities.add(identity);
    return false;
  }
}

function addFolder(
  inputs: { paths: string[]; problems: InputProblem[]; skipped: number },
  path: string,
  met: Met,
): void {
  const walk = new FolderWalk(met);
  walk.run(path);
  for (const capture of walk.captures.sort(byCodeUnit)) inputs.paths.push(capture);
  for (const problem of walk.problems) inputs.problems.push(problem);
  inputs.skipped += walk.skipped;
  if (walk.captures.length > 0 || walk.problems.length > 0 || walk.repeats > 0) return;
  const others = walk.skipped === 0 ? '' : ` (files that are none: ${walk.skipped})`;
  inputs.problems.push({ path, kind: 'empty', message: `holds no capture${others}` });
}

class FolderWalk {
  readonly captures: string[] = [];
  readonly problems: InputProblem[] = [];
  skipped = 0;
  /** Files and folders that were met before. */
  repeats = 0;
  readonly #links: string[] = [];
  readonly #met: Met;

  constructor(met: Met) {
    this.#met = met;
  }

  run(path: string): void {
    this.#folders(path);
    // Links last, so that what has a name of its own below the folder goes by that. They may add links.
    for (const link of this.#links) this.#try(link, () => this.#link(link));
  }

  #folders(root: string): void {
    const open = [root];
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      const folder = path;
      this.#try(folder, () => this.#folder(folder, open));
    }
  }

  /** Looks at the entries of a folder; the folders among them are added to `open`. */
  #folder(path: string, open: string[]): void {
    if (this.#repeated(path)) return;
    const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => byCodeUnit(a.name, b.name));
    for (const entry of entries) {
      const inside = join(path, entry.name);
      if (entry.isSymbolicLink()) this.#links.push(inside);
      else if (entry.isFile()) this.#try(inside, () => this.#file(inside));
      else if (!entry.isDirectory()) this.skipped++;
    }
    for (const entry of entries.reverse()) if (entry.isDirectory()) open.push(join(path, entry.name));
  }

  #link(path: string): void {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) this.#folders(path);
    else if (stat?.isFile() === true) this.#file(path);
    else this.skipped++;
  }

  #file(path: string): void {
    if (this.#repeated(path)) return;
    if (isCapture(path)) this.captures.push(path);
    else this.skipped++;
  }

  #repeated(path: string): boolean {
    const repeated = this.#met.before(statSync(path));
    if (repeated) this.repeats++;
    return repeated;
  }

  #try(path: string, step: () => void): void {
    try {
      step();
    } catch (error) {
      this.problems.push({ path, ...systemTrouble(error) });
    }
  }
}

/** Enough for a gzip header with a name, and the first bytes after it. */
const LOOK = 512;

function isCapture(path: string): boolean {
  const bytes = new Uint8Array(LOOK);
  const descriptor = openSync(path, 'r');
  try {
    const length = readSync(descriptor, bytes, 0, LOOK, 0);
    const identity = identify(bytes, 0, length);
    return identity === 'gzip' ? isCaptureInGzip(bytes.subarray(0, length)) : identity !== 'foreign';
  } finally {
    closeSync(descriptor);
  }
}

function isCaptureInGzip(start: Uint8Array): boolean {
  try {
    const inside = gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH });
    const identity = identify(inside, 0, inside.length);
    return identity === 'pcap' || identity === 'pcapng';
  } catch {
    return false;
  }
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
