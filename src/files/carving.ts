import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { ArchiveListing, CarvedFile, FileTarget } from '../event/file.ts';
import type { FileOutcome } from '../sdk/index.ts';
import { MAGIC_BYTES, magicOf } from './magic.ts';
import { WaitingPieces } from './pieces.ts';
import type { Keep } from './quarantine.ts';
import type { ArchiveRoom } from './archives/sniff.ts';
import { listingFor } from './archives/sniff.ts';
import type { Listing } from './archives/listing.ts';
import { shapeOf } from './shapes.ts';
import type { FileShape } from './shapes.ts';

/** Characters of a name that are told. */
const MAX_NAME = 1_024;

/** Accounts for bytes that wait for a hole (false where there is no room) and for archives that are costly to list. */
export interface PieceRoom extends ArchiveRoom {
  hold(bytes: number): boolean;
  release(bytes: number): void;
}

/**
 * One file whose bytes pass: hashed in the order of their places, what comes early held back for a while. Bytes of a
 * place that has passed are not looked at again.
 */
export class Carving {
  readonly target: FileTarget;
  readonly #room: PieceRoom;
  readonly #limit: number;
  readonly #keep: Keep | undefined;
  readonly #hashes: readonly [Hash, Hash, Hash] = [
    createHash('md5'),
    createHash('sha1'),
    createHash('sha256'),
  ];
  #waiting: WaitingPieces | undefined;
  #head: Uint8Array = NOTHING;
  #headLength = 0;
  /** The place behind the last byte that was hashed; −1 where none was. */
  #next = -1;
  #start = 0;
  #carved = 0;
  #gaps = false;
  /** Of an archive whose beginning passed; null where it is known to be none, undefined where it is not known yet. */
  #archive: Listing | null | undefined;

  /** `limit`: bytes that may wait for a hole. */
  constructor(target: FileTarget, limit: number, room: PieceRoom, keep: Keep | undefined) {
    this.target = target;
    this.#limit = limit;
    this.#room = room;
    this.#keep = keep;
  }

  /** Bytes that were hashed or wait for it. */
  get touched(): boolean {
    return this.#carved > 0 || this.#waiting !== undefined;
  }

  /** The attack whose shape its first bytes have. */
  get shape(): FileShape | undefined {
    return shapeOf(this.#head, this.#headLength);
  }

  /** Bytes of the file from `offset` on. They are not kept behind the call but as far as they wait for a hole. */
  write(offset: number, bytes: Uint8Array, start: number, end: number): void {
    if (end <= start || !Number.isSafeInteger(offset) || offset < 0) return;
    const next = Math.max(0, this.#next);
    const skip = Math.max(0, next - offset);
    if (skip >= end - start) return;
    if (offset + skip > next) {
      this.#hold(offset, bytes.slice(start, end));
      return;
    }
    this.#take(next, bytes, start + skip, end);
    if (this.#waiting) this.#drain(this.#next);
  }

  /** Ends the file: what still waits is taken with the holes before it. */
  close(how: FileOutcome): CarvedFile {
    if (this.#waiting) this.#drain(Infinity);
    const { size } = this.target;
    const end = Math.max(0, this.#next);
    if (size !== undefined && end < size && how.complete) this.#gaps = true;
    const [md5, sha1, sha256] = this.#hashes.map((hash) => hash.digest('hex')) as [string, string, string];
    const complete = how.complete && !this.#gaps;
    const magic = magicOf(this.#head, this.#headLength, complete && this.#carved === this.#headLength);
    const verified = how.verified ?? (complete ? this.#matches({ md5, sha1, sha256 }) : undefined);
    const archive = this.#listing();
    const { name, ...target } = this.target;
    return {
      ...target,
      name: cut(name),
      ...{ carved: this.#carved, start: this.#start, end, gaps: this.#gaps, complete, md5, sha1, sha256 },
      ...(magic === undefined ? {} : { magic }),
      ...(archive && { archive }),
      stored: this.#keep?.finish(sha256, this.#carved) ?? false,
      ...(verified === undefined ? {} : { verified }),
    };
  }

  /** Nobody will be told of it. */
  drop(): void {
    if (this.#waiting) this.#room.release(this.#waiting.bytes);
    this.#waiting = undefined;
    this.#archive?.finish();
    this.#archive = null;
    this.#keep?.drop();
  }

  #listing(): ArchiveListing | undefined {
    if (this.#archive === undefined && this.#headLength > 0 && this.#start === 0)
      this.#sniff(this.#headLength, true);
    const archive = this.#archive;
    this.#archive = null;
    return archive?.finish();
  }

  /** Looks whether the first bytes are those of an archive, and shows those before the newest piece to its reader. */
  #sniff(before: number, whole: boolean): void {
    this.#archive = listingFor(this.#head, this.#headLength, whole, this.#room);
    this.#archive?.write(this.#head, 0, before);
  }

  #matches(hashes: Readonly<Record<string, string>>): boolean | undefined {
    const { digest } = this.target;
    return digest && hashes[digest.algorithm] === digest.value;
  }

  #hold(offset: number, bytes: Uint8Array): void {
    const waiting = (this.#waiting ??= new WaitingPieces());
    waiting.add(offset, bytes);
    const fits = this.#room.hold(bytes.length);
    while (!waiting.isEmpty && (!fits || waiting.isFull || waiting.bytes > this.#limit)) {
      this.#drain(waiting.first);
      if (!fits) break;
    }
  }

  /** Takes what waits up to the place `upTo`, holes and all, and what follows it without one. */
  #drain(upTo: number): void {
    const waiting = this.#waiting;
    while (waiting && !waiting.isEmpty && waiting.first <= Math.max(upTo, this.#next)) {
      const piece = waiting.take();
      if (!piece) break;
      const { offset, bytes } = piece;
      this.#room.release(bytes.length);
      const next = Math.max(0, this.#next);
      if (offset > next) this.#gaps = true;
      const skip = Math.max(0, next - offset);
      if (skip < bytes.length) this.#take(offset + skip, bytes, skip, bytes.length);
    }
    if (waiting?.isEmpty) this.#waiting = undefined;
  }

  /** Hashes the next bytes, which stand at the file's place `offset`. */
  #take(offset: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#next < 0) this.#start = offset;
    const before = this.#headLength;
    if (offset < MAGIC_BYTES && offset === before) this.#keepHead(bytes, start, end);
    if (this.#archive === undefined) {
      if (offset === before) this.#sniff(before, false);
      else this.#archive = null;
    } else if (this.#archive && offset > this.#next) this.#archive.gap(offset - this.#next);
    this.#archive?.write(bytes, start, end);
    const span = bytes.subarray(start, end);
    for (const hash of this.#hashes) hash.update(span);
    this.#keep?.write(span);
    this.#carved += end - start;
    this.#next = offset + end - start;
  }

  #keepHead(bytes: Uint8Array, start: number, end: number): void {
    const length = Math.min(MAGIC_BYTES - this.#headLength, end - start);
    if (this.#head.length === 0) this.#head = new Uint8Array(MAGIC_BYTES);
    this.#head.set(bytes.subarray(start, start + length), this.#headLength);
    this.#headLength += length;
  }
}

/** A name without what is too long, cut between characters. */
function cut(name: string): string {
  return name.length <= MAX_NAME ? name : name.slice(0, MAX_NAME).replace(/[\ud800-\udbff]$/, '');
}

const NOTHING = new Uint8Array(0);
