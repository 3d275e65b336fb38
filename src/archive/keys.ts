import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, OperatorError } from '../core/errors.ts';
import type { LogHead } from './chained-log.ts';
import { codeOf, ioError, makeFolder, readText, writeWhole } from './files.ts';

/**
 * The folder of keys, which lies elsewhere than the archive: `archive.key` and `archive.pub` (Ed25519) sign, `people.jsonl`
 * has a key for each account's texts, `pseudonym.json` that of the pseudonyms, `head.json` where the manifest stands.
 */
export class KeyFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get people(): string {
    return join(this.path, 'people.jsonl');
  }

  get pseudonym(): string {
    return join(this.path, 'pseudonym.json');
  }

  get #head(): string {
    return join(this.path, 'head.json');
  }

  /** Makes the keys; throws where there are some. */
  create(): void {
    makeFolder(this.path);
    const place = join(this.path, 'archive.key');
    if (readText(place) !== undefined)
      throw new OperatorError(`${this.path} has keys of an archive already; choose another folder (--keys)`);
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    writeWhole(place, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeWhole(join(this.path, 'archive.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
    writeWhole(this.people, '');
    this.renewPseudonymKey(1);
  }

  /** The key that signs; throws an OperatorError where it is not there or none. */
  signer(): Signer {
    const path = join(this.path, 'archive.key');
    return new Signer(readKey(path, createPrivateKey, 'ed25519'));
  }

  /** The key that checks; undefined where the folder is not there. */
  publicKey(): KeyObject | undefined {
    const path = join(this.path, 'archive.pub');
    return readText(path) === undefined ? undefined : readKey(path, createPublicKey, 'ed25519');
  }

  /** Forgets the key of the pseudonyms and makes another: from now on the same name has another pseudonym. */
  renewPseudonymKey(epoch: number): void {
    writeWhole(this.pseudonym, `${JSON.stringify({ epoch, key: randomBytes(32).toString('base64') })}\n`);
  }

  pseudonymKey(): { epoch: number; key: Buffer } {
    const wrong = (): OperatorError =>
      new OperatorError(`${this.pseudonym}: is no key of pseudonyms`, EXIT.IO);
    let read: { epoch?: unknown; key?: unknown };
    try {
      read = JSON.parse(readText(this.pseudonym) ?? '') as typeof read;
    } catch {
      throw wrong();
    }
    const key = Buffer.from(typeof read?.key === 'string' ? read.key : '', 'base64');
    if (key.length !== 32 || typeof read.epoch !== 'number') throw wrong();
    return { epoch: read.epoch, key };
  }

  /** Changes whenever the key of the pseudonyms does. */
  pseudonymStamp(): string {
    const now = statSync(this.pseudonym, { throwIfNoEntry: false });
    return now === undefined ? '' : `${now.ino} ${now.mtimeMs}`;
  }

  /** Where the manifest stood when it was last written; undefined where that is not known. */
  head(): LogHead | undefined {
    try {
      const { n, hash } = JSON.parse(readText(this.#head) ?? '') as LogHead;
      return typeof n === 'number' && typeof hash === 'string' ? { n, hash } : undefined;
    } catch {
      return undefined;
    }
  }

  keepHead(head: LogHead): void {
    writeWhole(this.#head, `${JSON.stringify(head)}\n`);
  }
}

/** Signs with Ed25519. */
export class Signer {
  readonly #key: KeyObject;
  /** The public half, SPKI in base64. */
  readonly publicKey: string;

  constructor(key: KeyObject) {
    this.#key = key;
    this.publicKey = exportPublic(createPublicKey(key));
  }

  /** The signature in base64. */
  sign(text: string): string {
    return sign(null, Buffer.from(text), this.#key).toString('base64');
  }
}

/** Whether a text was signed so by the owner of that key. */
export function isSigned(text: string, signature: string, key: KeyObject): boolean {
  return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
}

export function exportPublic(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'der' }).toString('base64');
}

/** A public key by its SPKI in base64; undefined where it is none. */
export function importPublic(text: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** What people compare a public key by: the first half of its SHA-256, in groups. */
export function fingerprint(publicKey: string): string {
  const hex = createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex');
  return (hex.slice(0, 32).match(/.{4}/g) ?? []).join(' ');
}

/** Reads a key in PEM; throws an OperatorError where it is not there, or of another kind. */
export function readKey(
  path: string,
  make: (pem: string) => KeyObject,
  kind: 'ed25519' | 'x25519',
): KeyObject {
  let pem: string;
  try {
    pem = readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT')
      throw new OperatorError(`${path}: the key is not there; name the folder of keys with --keys`, EXIT.IO);
    throw ioError('read', path, error);
  }
  let key: KeyObject | undefined;
  try {
    key = make(pem);
  } catch {
    key = undefined;
  }
  if (key?.asymmetricKeyType !== kind) throw new OperatorError(`${path}: is no ${kind} key in PEM`, EXIT.IO);
  return key;
}
