import { closeSync, constants, fdatasync, ftruncateSync, openSync } from 'node:fs';
import type { OperatorError } from '../core/errors.ts';
import type { ArchiveModes } from '../classify/policy/archive-modes.ts';
import type { EveEvent, EventSink } from '../event/eve.ts';
import { eventJson } from '../event/factory.ts';
import { Archive, userName } from './archive.ts';
import { SegmentChain, seedOf } from './chain.ts';
import { ioError, remove, takeLock, writeAll, writeWhole } from './files.ts';
import type { Signer } from './keys.ts';
import { archiveLimit } from './limits.ts';
import { stateOf } from './manifest.ts';
import { NameList } from './names.ts';
import { EventKeeper } from './keeper.ts';
import { leftBehind, noteTime, openRecordText } from './recover.ts';
import { sealSegment } from './seal.ts';
import type { Gathered } from './seal.ts';

export interface WriterOptions {
  /** Folder of keys, where it is not where the archive was made. */
  readonly keys?: string | undefined;
  readonly modes: ArchiveModes;
  /** Told in a line what an operator should know at once. */
  readonly tell: (line: string) => void;
  /** Bytes and milliseconds after which a segment is sealed. */
  readonly segmentBytes?: number;
  readonly segmentMs?: number;
}

/** Milliseconds between the signed records of what is open. */
const RECORD_MS = 1_000;
const SEGMENT_MS = 3_600_000;
/** Lines gathered for the chain; each is in the file already. */
const BATCH = 65_536;
/** Segments that may wait to be sealed before the producer waits. */
const MAX_WAITING = 2;

/** What `JSON.stringify` leaves as it is and a terminal or a line reader may act on. */
const ACTIVE = /[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Writes events to an archive. Each is in the file, with one system call of its own, when `write` returns: a process
 * that is killed loses the one it was writing. `write` never throws; what goes wrong is told at once, and by `close`.
 */
export class ArchiveWriter implements EventSink {
  readonly #archive: Archive;
  readonly #options: WriterOptions;
  readonly #keeper: EventKeeper;
  readonly #signer: Signer;
  readonly #release: () => void;
  #seq: number;
  #fd = -1;
  #open: Gathered | undefined;
  #batch = Buffer.allocUnsafeSlow(BATCH * 2);
  #used = 0;
  #bytes = 0;
  #recordTimer: NodeJS.Timeout | undefined;
  #ageTimer: NodeJS.Timeout | undefined;
  #waiting = 0;
  #sealing: Promise<void> = Promise.resolve();
  #closed = false;
  failure: OperatorError | undefined;
  /** Events that were not written because the archive had failed. */
  lost = 0;

  /** Opens the archive in `folder` for writing. Throws an OperatorError where there is none, or another writes it. */
  constructor(folder: string, options: WriterOptions) {
    this.#options = options;
    const archive = Archive.open(folder, options.keys);
    this.#archive = archive;
    this.#signer = archive.keys.signer();
    this.#release = takeLock(archive.paths.writerLock, `the archive ${folder}`, false);
    try {
      const { segments, purged } = stateOf(archive.manifest.entries());
      const sealed = new Set([...segments.keys(), ...purged]);
      const left = leftBehind(archive, sealed, options.tell);
      this.#seq = Math.max(0, ...sealed, ...left.map(({ seq }) => seq));
      this.#keeper = new EventKeeper(archive, options.modes, options.tell);
      for (const gathered of left) this.#seal(gathered);
      archive.logAccess('write');
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  write(event: EveEvent): void {
    if (this.failure !== undefined || this.#closed) {
      this.lost++;
      return;
    }
    try {
      this.#write(event);
    } catch (error) {
      this.#fail(error);
    }
  }

  #write(event: EveEvent): void {
    const open = (this.#open ??= this.#begin());
    const kept = this.#keeper.keep(event, open);
    if (kept === undefined) return;
    const size = this.#put(`${eventJson(kept)}\n`);
    noteTime(open, kept.timestamp);
    open.names.add(kept);
    const from = this.#used;
    this.#used += size;
    try {
      writeAll(this.#fd, this.#batch.subarray(from, this.#used));
    } catch (error) {
      // A part of it may be in the file: what is there is to end with a line.
      this.#used = from;
      this.#lose(error);
      return;
    }
    this.#bytes += size;
    if (this.#used >= BATCH) this.#link();
    this.#recordTimer ??= setTimeout(() => this.#record(), RECORD_MS).unref();
    const { segmentBytes = archiveLimit('archive_segment') } = this.#options;
    if (this.#bytes >= segmentBytes || open.chain.lines >= archiveLimit('archive_lines')) this.#rotate();
  }

  /** Puts a line at the end of the batch: its size in bytes. */
  #put(line: string): number {
    this.#reserve(line.length * 3);
    const written = this.#batch.write(line, this.#used);
    if (written === line.length && !line.includes('\x7f')) return written;
    const mended = line.replace(ACTIVE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
    this.#reserve(mended.length * 3);
    return this.#batch.write(mended, this.#used);
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#batch.length) return;
    this.#link();
    if (bytes > this.#batch.length) this.#batch = Buffer.allocUnsafeSlow(bytes);
  }

  /** Takes what was gathered into the chain. */
  #link(): void {
    this.#open?.chain.add(this.#batch, 0, this.#used);
    this.#used = 0;
  }

  #begin(): Gathered {
    const { O_CREAT, O_WRONLY, O_EXCL, O_NOFOLLOW } = constants;
    const { paths, settings } = this.#archive;
    const seq = ++this.#seq;
    const chain = new SegmentChain(seedOf(settings.archive, seq));
    // Before there is text: a text without a signed record is none that we left.
    this.#sign(seq, chain);
    this.#fd = openSync(paths.segment(seq, 'part'), O_CREAT | O_WRONLY | O_EXCL | O_NOFOLLOW, 0o600);
    this.#bytes = 0;
    const { segmentMs = SEGMENT_MS } = this.#options;
    this.#ageTimer = setTimeout(() => this.#rotate(), segmentMs).unref();
    return {
      seq,
      chain,
      names: new NameList(),
      first: undefined,
      last: undefined,
      keptOut: 0,
      textsDropped: 0,
    };
  }

  #sign(seq: number, chain: SegmentChain): void {
    const record = { seq, lines: chain.lines, bytes: chain.bytes, head: chain.head() };
    const text = openRecordText(record, (signed) => this.#signer.sign(signed));
    writeWhole(this.#archive.paths.segment(seq, 'open'), text, false);
  }

  /** Signs what is open as of now, so that a change of it shows before it is sealed. */
  #record(): void {
    this.#recordTimer = undefined;
    if (this.#open === undefined || this.failure !== undefined) return;
    try {
      this.#link();
      this.#sign(this.#open.seq, this.#open.chain);
      this.#keeper.refresh();
      fdatasync(this.#fd, () => undefined);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Ends the open segment, and seals it beside what goes on. */
  #rotate(): void {
    const open = this.#end();
    if (open !== undefined) this.#seal(open);
  }

  #end(): Gathered | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    clearTimeout(this.#ageTimer);
    clearTimeout(this.#recordTimer);
    this.#recordTimer = undefined;
    this.#link();
    this.#keeper.refresh();
    this.#open = undefined;
    closeSync(this.#fd);
    if (open.chain.lines > 0) return open;
    // Nothing was kept (mode none): the next segment has its number.
    remove(this.#archive.paths.segment(open.seq, 'part'));
    this.#seq--;
    return undefined;
  }

  #seal(gathered: Gathered): void {
    this.#waiting++;
    this.#sealing = this.#sealing
      .then(() => sealSegment(this.#archive, gathered))
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#waiting--);
  }

  /** The disk took no more: what is there ends with a whole line, and no more is written. */
  #lose(error: unknown): void {
    this.lost++;
    try {
      ftruncateSync(this.#fd, this.#bytes);
    } finally {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.failure !== undefined) return;
    this.failure = ioError('write', this.#archive.paths.folder, error);
    this.#options.tell(`${this.failure.message}; nothing more is archived in this run`);
  }

  drained(): Promise<void> | undefined {
    return this.#waiting > MAX_WAITING && this.failure === undefined ? this.#sealing : undefined;
  }

  /** Seals what is open. Rejects with an OperatorError where something was not kept. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      const open = this.#end();
      // After a failure the text stays open: the next run seals what there is of it.
      if (open !== undefined && this.failure === undefined) this.#seal(open);
      await this.#sealing;
      if (this.failure === undefined) this.#archive.logAccess('written', { by_user: userName() });
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#release();
    }
    if (this.failure === undefined) return;
    if (this.lost > 0) this.failure.message += `; events lost: ${this.lost}`;
    throw this.failure;
  }
}
