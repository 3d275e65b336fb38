import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { EXIT, OperatorError } from '../../core/errors.ts';

/**
 * A bundle: this line, a line of JSON that lists what is in it, a line with the Ed25519 signature of the two (base64), and the bytes of
 * the files one behind the other, which the list has the SHA-256 of.
 */
const MAGIC = 'imspan bundle 1\n';
const MAX_BUNDLE = 268_435_456;
const MAX_MANIFEST = 65_536;
/** What a bundle can have in it; each at most once. */
export const ROLES = ['policy', 'names', 'leases', 'hashes', 'domains'] as const;
export type Role = (typeof ROLES)[number];
const FILE_NAME = /^(?:policy|names|leases|hashes|domains)\.(?:yaml|yml|csv|json|txt|leases)$/;

export interface BundleFile {
  readonly role: Role;
  /** Without any folder: `policy.yaml`. */
  readonly name: string;
  readonly bytes: Buffer;
}

export interface Bundle {
  readonly name: string;
  /** A later one has a higher number. */
  readonly version: number;
  /** Version of imspan that has checked the files. */
  readonly imspan: string;
  readonly files: readonly BundleFile[];
}

/** The bundle's bytes, signed. The same files, number and key make the same bytes. */
export function packBundle({ name, version, imspan, files }: Bundle, key: KeyObject): Buffer {
  const listed = files.map((file) => ({
    ...{ role: file.role, name: file.name, bytes: file.bytes.length, sha256: sha256(file.bytes) },
  }));
  const signed = Buffer.from(`${MAGIC}${JSON.stringify({ name, version, imspan, files: listed })}\n`);
  if (signed.length > MAX_MANIFEST) throw new OperatorError('the name of the bundle is too long');
  const signature = Buffer.from(`${sign(null, signed, key).toString('base64')}\n`);
  return Buffer.concat([signed, signature, ...files.map((file) => file.bytes)]);
}

/** What a bundle holds, after its signature and every checksum were found right. Throws an OperatorError else. */
export function unpackBundle(path: string, key: KeyObject): Bundle {
  const bytes = readLimited(path);
  const bad = (why: string): never => {
    throw new OperatorError(`${path}: ${why}`, EXIT.IO);
  };
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC)
    bad(`it is no bundle that this program knows; it would begin with "${MAGIC.trim()}"`);
  const manifestEnd = bytes.indexOf('\n', MAGIC.length) + 1;
  const start = bytes.indexOf('\n', manifestEnd) + 1;
  if (manifestEnd <= 0 || manifestEnd > MAX_MANIFEST || start <= manifestEnd || start > manifestEnd + 200)
    bad('it is cut off or damaged');
  const signature = Buffer.from(bytes.toString('latin1', manifestEnd, start - 1), 'base64');
  if (!verify(null, bytes.subarray(0, manifestEnd), key, signature))
    bad('its signature is not by this key; do not use it, and ask who sent it');
  // From here on it is what the holder of the key wrote.
  const manifest = JSON.parse(bytes.toString('utf8', MAGIC.length, manifestEnd)) as Omit<Bundle, 'files'> & {
    files: { role: Role; name: string; bytes: number; sha256: string }[];
  };
  let at = start;
  const files = manifest.files.map(({ role, name, bytes: length, sha256: sum }) => {
    const content = bytes.subarray(at, at + length);
    at += length;
    if (!FILE_NAME.test(name) || !ROLES.includes(role)) bad(`it names a file that no bundle has: ${name}`);
    if (content.length !== length || sha256(content) !== sum) bad(`${name} in it is cut off or was changed`);
    return { role, name, bytes: content };
  });
  if (at !== bytes.length) bad('there are bytes behind its end');
  return { ...manifest, files };
}

/** A file for a bundle, under the name that it has there. */
export function bundleFile(role: Role, path: string): BundleFile {
  const extension = /\.[a-z]+$/.exec(path.toLowerCase())?.[0] ?? '.txt';
  const name = `${role}${extension}`;
  if (!FILE_NAME.test(name))
    throw new OperatorError(
      `${path}: a bundle takes files that end in .yaml, .yml, .csv, .json, .txt or .leases`,
    );
  return { role, name, bytes: readLimited(path) };
}

export function readKey(path: string, kind: 'private' | 'public'): KeyObject {
  const text = readLimited(path);
  try {
    const key = kind === 'private' ? createPrivateKey(text) : createPublicKey(text);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Told below, without the words of the library, which may quote it.
  }
  throw new OperatorError(`${path}: no ${kind} Ed25519 key in PEM; imspan bundle keygen makes a pair`);
}

function readLimited(path: string): Buffer {
  try {
    if (statSync(path).size > MAX_BUNDLE) throw new OperatorError(`${path}: larger than 256 MiB`, EXIT.IO);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(
      `cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
      EXIT.IO,
    );
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
