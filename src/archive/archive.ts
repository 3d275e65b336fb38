import { createPublicKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { OperatorError } from '../core/errors.ts';
import { ChainedLog, hashOf, plainFields } from './chained-log.ts';
import type { LogHead } from './chained-log.ts';
import { ArchivePaths, makeFolder, readText, writeWhole } from './files.ts';
import { KeyFolder, exportPublic, readKey } from './keys.ts';
import { Manifest } from './manifest.ts';
import type { ManifestFields } from './manifest.ts';

/** What an archive is told at its making; does not change after (its hash is in the manifest). */
export interface ArchiveSettings {
  readonly version: 1;
  /** 32 hex digits. */
  readonly archive: string;
  readonly created: string;
  /** Why it is kept: told in every export. */
  readonly purpose: string;
  /** Days after which segments may be purged; for good where absent. */
  readonly retention_days?: number;
  readonly sensor?: string;
  /** Where the keys were when it was made. */
  readonly keys: string;
  /** Public keys (X25519, SPKI in base64) of the two people who open pseudonyms together. */
  readonly guardians?: readonly [string, string];
}

export interface InitOptions {
  readonly keys?: string;
  readonly purpose: string;
  readonly retentionDays?: number;
  readonly sensor?: string;
  /** Files of the two public keys. */
  readonly guardians?: readonly string[];
}

/** An archive in a folder, with its folder of keys: what all commands begin with. */
export class Archive {
  readonly paths: ArchivePaths;
  readonly settings: ArchiveSettings;
  readonly keys: KeyFolder;
  readonly manifest: Manifest;

  private constructor(folder: string, settings: ArchiveSettings, keys: KeyFolder) {
    this.paths = new ArchivePaths(folder);
    this.settings = settings;
    this.keys = keys;
    this.manifest = new Manifest(this.paths);
  }

  /** Opens what is there; `keys` where its folder of keys is not where it was made. Throws an OperatorError. */
  static open(folder: string, keys?: string): Archive {
    const paths = new ArchivePaths(folder);
    const text = readText(paths.settings);
    if (text === undefined)
      throw new OperatorError(`${folder}: is no archive; make one with imspan archive init ${folder}`);
    const settings = readSettings(text);
    if (settings === undefined)
      throw new OperatorError(`${paths.settings}: is damaged, or of a newer version of imspan`);
    return new Archive(folder, settings, new KeyFolder(keys ?? settings.keys));
  }

  static isThere(folder: string): boolean {
    return existsSync(new ArchivePaths(folder).settings);
  }

  /** Makes an archive and its keys. Throws an OperatorError where there is one, or the keys would lie inside. */
  static init(folder: string, options: InitOptions): Archive {
    const inside = resolve(folder);
    const keys = resolve(options.keys ?? `${inside}.keys`);
    if (keys === inside || keys.startsWith(inside + sep) || inside.startsWith(keys + sep))
      throw new OperatorError(
        'the keys must lie elsewhere than the archive, neither inside the other (--keys)',
      );
    if (existsSync(inside) && readdirSync(inside).length > 0)
      throw new OperatorError(`${folder}: is not empty; name a new folder`);
    const guardians = readGuardians(options.guardians ?? []);
    const folderOfKeys = new KeyFolder(keys);
    folderOfKeys.create();
    const paths = new ArchivePaths(folder);
    makeFolder(paths.segments);
    const settings: ArchiveSettings = {
      version: 1,
      archive: randomBytes(16).toString('hex'),
      created: now(),
      purpose: options.purpose,
      ...(options.retentionDays !== undefined && { retention_days: options.retentionDays }),
      ...(options.sensor !== undefined && { sensor: options.sensor }),
      keys,
      ...(guardians && { guardians }),
    };
    const text = `${JSON.stringify(settings, null, 2)}\n`;
    const archive = new Archive(folder, settings, folderOfKeys);
    const public_key = folderOfKeys.signer().publicKey;
    archive.record({ type: 'init', archive: settings.archive, public_key, settings: hashOf(text) });
    // Last: a folder without settings is no archive yet.
    writeWhole(paths.settings, text);
    return archive;
  }

  /** Signs an entry into the manifest. */
  record(fields: ManifestFields): LogHead {
    return this.manifest.append(fields, {
      signer: this.keys.signer(),
      keys: this.keys,
      by: userName(),
      time: now(),
    });
  }

  /** Writes down that somebody read, searched or changed: before it is done, so that what is done is never unlogged. */
  logAccess(what: string, details: Readonly<Record<string, unknown>> = {}): void {
    new ChainedLog(this.paths.access, 'the log of access').append({
      time: now(),
      by: userName(),
      what,
      ...details,
    });
  }

  /** Where the logs of access and of marks stand. */
  logHeads(): { access: LogHead; marks: LogHead } {
    const head = (path: string): LogHead => new ChainedLog(path, 'the log').head();
    return { access: head(this.paths.access), marks: head(this.paths.marks) };
  }

  /** The public keys of the two people who open pseudonyms, if there are. */
  guardianKeys(): readonly [KeyObject, KeyObject] | undefined {
    const [a, b] = this.settings.guardians ?? [];
    if (a === undefined || b === undefined) return undefined;
    const read = (text: string): KeyObject =>
      createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
    return [read(a), read(b)];
  }
}

function readSettings(text: string): ArchiveSettings | undefined {
  const read = plainFields(text);
  if (read?.version !== 1 || typeof read.archive !== 'string' || typeof read.keys !== 'string')
    return undefined;
  return /^[0-9a-f]{32}$/.test(read.archive) ? (read as unknown as ArchiveSettings) : undefined;
}

function readGuardians(files: readonly string[]): [string, string] | undefined {
  if (files.length === 0) return undefined;
  const keys = files.map((file) => exportPublic(readKey(file, createPublicKey, 'x25519')));
  const [a, b] = keys;
  if (keys.length !== 2 || a === undefined || b === undefined || a === b)
    throw new OperatorError('--guardian: two different public keys are needed (imspan archive keygen)');
  return [a, b];
}

/** The wall clock: of what people do to an archive; events keep their own time. */
export function now(): string {
  return new Date().toISOString();
}

export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

/** Folders below another: used to tell that a path stays inside. */
export function below(folder: string, ...parts: readonly string[]): string {
  const path = resolve(join(folder, ...parts));
  if (!path.startsWith(resolve(folder) + sep)) throw new OperatorError(`${path}: lies outside ${folder}`);
  return path;
}
