import { lstat, opendir, stat, statfs, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What imspan keeps on disk and may remove again, in the order in which it goes when the disk is full. */
export const KEPT = ['extract', 'evidence', 'logs'] as const;
export type Kept = (typeof KEPT)[number];

export interface KeptFolder {
  readonly kind: Kept;
  readonly folder: string;
  /** Files of ours; no other file is ever touched. */
  readonly name: RegExp;
}

/** The folders of what these options name. */
export function keptFolders(
  options: Readonly<Record<'extract' | 'evidence' | 'eve', string | undefined>>,
): KeptFolder[] {
  const { extract, evidence, eve } = options;
  const folders: KeptFolder[] = [];
  if (extract !== undefined) folders.push({ kind: 'extract', folder: extract, name: /^[0-9a-f]{64}\.bin$/ });
  if (evidence !== undefined)
    folders.push({ kind: 'evidence', folder: evidence, name: /^[0-9a-f]{64}\.pcap$/ });
  if (eve !== undefined) {
    const literal = basename(eve).replace(/[^A-Za-z0-9_]/g, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`);
    folders.push({
      kind: 'logs',
      folder: dirname(eve),
      name: new RegExp(`^${literal}\\.\\d+(\\.gz)?$`, 'u'),
    });
  }
  return folders;
}

export interface KeeperOptions {
  readonly folders: readonly KeptFolder[];
  /** Bytes that each may have; no bound where not given. */
  readonly quotas: Readonly<Partial<Record<Kept, number>>>;
  /** Bytes that are to be free on the disk of each; 0: not looked at. */
  readonly minFree: number;
  /** Files of one folder that are remembered, the oldest (`kept_files`). */
  readonly most: number;
  /** Bytes that are free there now; another one in tests. */
  readonly free?: (folder: string) => Promise<number>;
  /** Milliseconds since 1970 (the clock of file times). */
  readonly now?: () => number;
}

/** What a round removed of one kind. */
export interface Removed {
  readonly kind: Kept;
  readonly why: 'quota' | 'disk';
  readonly files: number;
  readonly bytes: number;
}

export interface Round {
  readonly removed: readonly Removed[];
  /** Folders on whose disk less than `minFree` is free, though nothing is left that could go. */
  readonly short: readonly { readonly folder: string; readonly free: number }[];
  /** What could not be read or removed, once a folder. */
  readonly problems: readonly string[];
}

/** What a folder has of ours. */
interface Content {
  /** The oldest, in their order. */
  readonly oldest: KeptFile[];
  /** Of all of them. */
  readonly bytes: number;
}

interface KeptFile {
  readonly path: string;
  readonly bytes: number;
  readonly time: number;
}

/** A file younger than this may still be written. */
const YOUNG_MS = 60_000;

/**
 * Keeps what imspan writes within bounds: first each folder within its quota, then, while the disk has too little free
 * space, the oldest files of the first kind that has any. Never follows a link, never touches a file that is not ours or younger than a minute.
 */
export class DiskKeeper {
  readonly #options: KeeperOptions;
  readonly #free: (folder: string) => Promise<number>;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#free = options.free ?? freeOn;
  }

  /** One look, and what has to be done. Never rejects. */
  async round(): Promise<Round> {
    const { folders, quotas, minFree } = this.#options;
    const problems: string[] = [];
    const removed: Removed[] = [];
    const short: { folder: string; free: number }[] = [];
    const files = new Map<KeptFolder, Content>();
    for (const folder of folders) {
      try {
        files.set(folder, await this.#list(folder));
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') problems.push(`${folder.folder}: cannot be read: ${codeOf(error)}`);
      }
    }
    for (const [folder, own] of files) {
      const quota = quotas[folder.kind];
      if (quota === undefined) continue;
      await this.#remove(folder.kind, 'quota', own.oldest, own.bytes - quota, removed, problems);
    }
    if (minFree > 0)
      for (const folder of folders) await this.#makeRoom(folder.folder, files, removed, short, problems);
    return { removed, short, problems };
  }

  /** Frees the disk of this folder; what is on other disks stays. */
  async #makeRoom(
    folder: string,
    files: ReadonlyMap<KeptFolder, Content>,
    removed: Removed[],
    short: { folder: string; free: number }[],
    problems: string[],
  ): Promise<void> {
    const { minFree } = this.#options;
    try {
      const device = (await stat(folder)).dev;
      for (const kind of KEPT) {
        for (const [each, own] of files) {
          if (each.kind !== kind || (await stat(each.folder)).dev !== device) continue;
          const missing = minFree - (await this.#free(folder));
          if (missing > 0) await this.#remove(kind, 'disk', own.oldest, missing, removed, problems);
        }
      }
      const free = await this.#free(folder);
      if (free < minFree) short.push({ folder, free });
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') problems.push(`${folder}: cannot be looked at: ${codeOf(error)}`);
    }
  }

  /** Removes the oldest until so many bytes are gone; takes them out of the list. */
  async #remove(
    kind: Kept,
    why: Removed['why'],
    files: KeptFile[],
    bytes: number,
    removed: Removed[],
    problems: string[],
  ): Promise<void> {
    let gone = 0;
    let count = 0;
    while (gone < bytes) {
      const file = files.shift();
      if (file === undefined) break;
      try {
        await unlink(file.path);
        gone += file.bytes;
        count++;
      } catch (error) {
        if (codeOf(error) === 'ENOENT') continue;
        problems.push(`${file.path}: cannot be removed: ${codeOf(error)}`);
        break;
      }
    }
    if (count > 0) removed.push({ kind, why, files: count, bytes: gone });
  }

  /** Files of ours in the folder: all are counted, the oldest remembered. */
  async #list({ folder, name }: KeptFolder): Promise<Content> {
    const { most } = this.#options;
    const now = this.#options.now?.() ?? Date.now();
    let files: KeptFile[] = [];
    let bytes = 0;
    for await (const entry of await opendir(folder)) {
      if (!entry.isFile() || !name.test(entry.name)) continue;
      const path = join(folder, entry.name);
      const found = await statOf(path);
      if (found === undefined || now - found.mtimeMs < YOUNG_MS) continue;
      bytes += found.size;
      files.push({ path, bytes: found.size, time: found.mtimeMs });
      if (files.length >= 2 * most) files = files.sort(byAge).slice(0, most);
    }
    return { oldest: files.sort(byAge).slice(0, most), bytes };
  }
}

function byAge(a: KeptFile, b: KeptFile): number {
  return a.time - b.time || (a.path < b.path ? -1 : 1);
}

/** Undefined where it has gone meanwhile. */
async function statOf(path: string): Promise<{ size: number; mtimeMs: number } | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function freeOn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code ?? String(error);
}
