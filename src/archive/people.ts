import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, statSync } from 'node:fs';
import { BoundedMap } from '../core/cache.ts';
import { plainFields } from './chained-log.ts';
import { append, locked, readText, writeAll, writeWhole } from './files.ts';
import type { KeyFolder } from './keys.ts';
import { archiveLimit } from './limits.ts';

const ID = 8;
const KEY = 32;
const ROW = ID + KEY;

/** A sealed text as it stands in an event: the keys it takes, and AES-256-GCM (nonce, bytes, tag) in base64. */
export interface SealedText {
  readonly keys: readonly string[];
  readonly data: string;
}

/** `network:account`, as keys are filed. */
export function subjectOf(network: string, account: string): string {
  return `${network}:${account.slice(0, archiveLimit('archive_name')).toLowerCase()}`;
}

/**
 * A key for each account, kept with the keys and never in the archive. A text is sealed under the keys of all who take
 * part in it: with the key of any of them destroyed, nobody reads it any more.
 */
export class PeopleKeys {
  readonly #keys: KeyFolder;
  /** Row of each account in `#rows`, by the beginning of its hash: a long name takes no more room. */
  #bySubject = new Map<string, number>();
  /** Rows by the id of the key; only who reads texts needs it. */
  #byId: Map<string, number> | undefined;
  #rows = Buffer.alloc(ROW * 64);
  #stamp = '';
  #unsynced = false;
  #made = textKeys();

  constructor(keys: KeyFolder) {
    this.#keys = keys;
    this.refresh();
  }

  get size(): number {
    return this.#bySubject.size;
  }

  /** Reads the keys again where another process has changed them. */
  refresh(): void {
    const stamp = this.#stampNow();
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    this.#bySubject = new Map();
    this.#byId = undefined;
    this.#rows.fill(0);
    this.#made = textKeys();
    for (const { subject, id, key } of readKeys(this.#keys.people).rows) this.#take(subject, id, key);
  }

  #stampNow(): string {
    const now = statSync(this.#keys.people, { throwIfNoEntry: false });
    return now === undefined ? '' : `${now.ino} ${now.size} ${now.mtimeMs}`;
  }

  #take(subject: string, id: Buffer, key: Buffer): void {
    const row = this.#bySubject.size;
    if ((row + 1) * ROW > this.#rows.length)
      this.#rows = Buffer.concat([this.#rows, Buffer.alloc(this.#rows.length)]);
    id.copy(this.#rows, row * ROW);
    key.copy(this.#rows, row * ROW + ID);
    this.#bySubject.set(shortHash(subject), row);
    this.#byId?.set(id.toString('hex'), row);
  }

  #idAt(row: number): string {
    return this.#rows.toString('hex', row * ROW, row * ROW + ID);
  }

  #keyById(id: string): Buffer | undefined {
    this.#byId ??= new Map([...this.#bySubject.values()].map((row) => [this.#idAt(row), row]));
    const row = this.#byId.get(id);
    return row === undefined ? undefined : this.#rows.subarray(row * ROW + ID, (row + 1) * ROW);
  }

  /** The ids of the keys of these subjects, made where there is none yet; undefined where there are too many people. */
  idsFor(subjects: readonly string[]): string[] | undefined {
    let rows = this.#rowsOf(subjects);
    if (rows === undefined && this.#make(subjects)) rows = this.#rowsOf(subjects);
    return rows && [...new Set(rows.map((row) => this.#idAt(row)))].sort();
  }

  #rowsOf(subjects: readonly string[]): number[] | undefined {
    const rows: number[] = [];
    for (const subject of subjects) {
      const row = this.#bySubject.get(shortHash(subject));
      if (row === undefined) return undefined;
      rows.push(row);
    }
    return rows;
  }

  #make(subjects: readonly string[]): boolean {
    // Asked again and again once all places are taken: without looking at the disk.
    if (this.size >= archiveLimit('archive_people')) return false;
    return this.#withLock(() => {
      this.refresh();
      const missing = new Set(subjects.filter((subject) => !this.#bySubject.has(shortHash(subject))));
      if (this.size + missing.size > archiveLimit('archive_people')) return false;
      let lines = '';
      for (const subject of missing) {
        const [id, key] = [randomBytes(ID), randomBytes(KEY)];
        lines += `${JSON.stringify({ subject, id: id.toString('hex'), key: key.toString('base64') })}\n`;
        this.#take(subject, id, key);
      }
      // A torn line (a crash) is not to take the first of these with it.
      if (lines !== '') this.#append(`\n${lines}`);
      this.#stamp = this.#stampNow();
      return true;
    });
  }

  /** A process that is killed has written it; for a machine that fails, `sync` is called once a second. */
  #append(lines: string): void {
    append(this.#keys.people, lines, false);
    this.#unsynced = true;
  }

  /** Makes keys that were made last. */
  sync(): void {
    if (!this.#unsynced) return;
    this.#unsynced = false;
    append(this.#keys.people, '');
  }

  #withLock<T>(act: () => T): T {
    return locked(`${this.#keys.people}.lock`, 'the keys of people', act);
  }

  /** Seals a text under these keys. The nonce is made from key and text: the same again gives the same bytes. */
  seal(text: string, ids: readonly string[], id: string): SealedText | undefined {
    const key = this.#keyOf(ids);
    if (key === undefined) return undefined;
    const nonce = createHmac('sha256', key).update(`nonce\0${id}\0${text}`).digest().subarray(0, 12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(id));
    const bytes = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return { keys: ids, data: Buffer.concat(bytes).toString('base64') };
  }

  /** The text; `erased` where a key is no more, `wrong` where keys or bytes are others. */
  open(sealed: SealedText, id: string): { text: string } | 'erased' | 'wrong' {
    const key = this.#keyOf(sealed.keys);
    if (key === undefined) return 'erased';
    const bytes = Buffer.from(sealed.data, 'base64');
    if (bytes.length < 28) return 'wrong';
    try {
      const open = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(Buffer.from(id));
      open.setAuthTag(bytes.subarray(-16));
      return { text: open.update(bytes.subarray(12, -16), undefined, 'utf8') + open.final('utf8') };
    } catch {
      return 'wrong';
    }
  }

  #keyOf(ids: readonly string[]): Buffer | undefined {
    const name = ids.join(' ');
    const made = this.#made.get(name);
    if (made !== undefined) return made;
    const keys = ids.flatMap((id) => this.#keyById(id) ?? []);
    if (keys.length !== ids.length || keys.length === 0) return undefined;
    const key = createHmac('sha256', Buffer.concat(keys)).update('imspan texts').digest();
    this.#made.set(name, key);
    return key;
  }

  /** Destroys the keys of these subjects: the ids of those that there were. What they held is overwritten. */
  destroy(subjects: readonly string[]): string[] {
    const going = new Set(subjects);
    return this.#withLock(() => {
      const { rows, bytes } = readKeys(this.#keys.people);
      const gone = rows.filter(({ subject }) => going.has(subject));
      const kept = rows.filter(({ subject }) => !going.has(subject));
      if (gone.length > 0) this.#replace(kept.map(({ line }) => `${line}\n`).join(''), bytes);
      this.#stamp = '';
      this.refresh();
      return gone.map(({ id }) => id.toString('hex'));
    });
  }

  /** Puts other bytes in the file's place, and zeros over the old ones once they are no file's any more. */
  #replace(text: string, oldBytes: number): void {
    const old = openSync(this.#keys.people, 'r+');
    try {
      writeWhole(this.#keys.people, text);
      writeAll(old, Buffer.alloc(oldBytes));
      fsyncSync(old);
    } finally {
      closeSync(old);
    }
  }
}

interface KeyRow {
  readonly subject: string;
  readonly id: Buffer;
  readonly key: Buffer;
  readonly line: string;
}

/** The file of keys; a torn line (a crash while a key was made) is passed over: no text was sealed with it yet. */
function readKeys(path: string): { rows: KeyRow[]; bytes: number } {
  const text = readText(path) ?? '';
  const rows: KeyRow[] = [];
  for (const line of text.split('\n')) {
    const { subject, id, key } = plainFields(line) ?? {};
    if (typeof subject !== 'string' || typeof id !== 'string' || typeof key !== 'string') continue;
    const row = { subject, id: Buffer.from(id, 'hex'), key: Buffer.from(key, 'base64'), line };
    if (row.id.length === ID && row.key.length === KEY) rows.push(row);
  }
  return { rows, bytes: Buffer.byteLength(text) };
}

/** Sixteen bytes of its SHA-256, a character each. */
function shortHash(subject: string): string {
  return createHash('sha256').update(subject).digest().toString('latin1', 0, 16);
}

function textKeys(): BoundedMap<string, Buffer> {
  return new BoundedMap(archiveLimit('archive_text_keys'));
}
