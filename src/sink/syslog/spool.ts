import { closeSync, constants, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { MemoryBacklog } from './backlog.ts';
import type { Backlog, Batch } from './backlog.ts';
import { MAX_MESSAGE, makeRecord, RECORD_HEAD, recordAt, scanSegment, SEGMENT_HEAD } from './segment.ts';
import { SpoolFolder, spoolError } from './spool-folder.ts';

/** Bytes at which a new segment is begun: what is confirmed is given back to the disk by segments. */
const SEGMENT_BYTES = 4_194_304;
/** Segments that a full spool has at least. */
const LEAST_SEGMENTS = 8;

export interface SpoolOptions {
  /** Bytes of disk for the messages of this place. */
  readonly limit: number;
  /** Bytes of memory for what comes while the disk takes nothing. */
  readonly memory: number;
  /** Takes a line for the operator: what was found damaged, that the disk takes nothing. */
  readonly say: (line: string) => void;
}

interface Segment {
  readonly number: number;
  /** Bytes of whole records, with the head. */
  bytes: number;
  readonly damaged: boolean;
}

/** Up to where what was read reaches: of the disk, or of what is in memory. */
interface Mark {
  readonly end: number;
  readonly segment?: Segment;
  readonly offset: number;
  /** Position of the memory's own. */
  readonly inMemory: number;
}

/**
 * A backlog on disk: every message is written before it is sent, so that neither our end nor the collector's loses it.
 * What the disk does not take waits in memory, bounded, and what comes behind it too, until it is all confirmed: the order stays.
 * Files are read and written at once, by a process that has the folder for itself.
 */
export class SpoolBacklog implements Backlog {
  readonly folder: SpoolFolder;
  readonly #options: SpoolOptions;
  readonly #memory: MemoryBacklog;
  #segments: Segment[] = [];
  #marks: Mark[] = [];
  /** Where reading goes on. */
  #at: { segment: Segment | undefined; offset: number } = { segment: undefined, offset: 0 };
  #first: { segment: Segment | undefined; offset: number } = { segment: undefined, offset: 0 };
  #writing: { fd: number; segment: Segment } | undefined;
  #reading: { fd: number; segment: Segment } | undefined;
  #number = 0;
  #read = 0;
  #unread = 0;
  #kept = 0;
  #bytes = 0;
  #unsynced = false;
  #diskTold = false;
  confirmed = 0;
  /** Segments of which something could not be read. */
  damaged = 0;

  /** Takes the folder and what earlier runs left in it. Throws an OperatorError where that cannot be. */
  constructor(spool: string, place: string, options: SpoolOptions) {
    this.#options = options;
    this.#memory = new MemoryBacklog(options.memory);
    this.folder = SpoolFolder.take(spool, place);
    try {
      this.#takeOver();
    } catch (error) {
      this.folder.release();
      throw spoolError(this.folder.path, error);
    }
  }

  get unread(): number {
    return this.#unread + this.#memory.unread;
  }

  get unreadBytes(): number {
    return this.#memory.unreadBytes;
  }

  get kept(): number {
    return this.#kept + this.#memory.kept;
  }

  #takeOver(): void {
    const cursor = this.folder.readCursor();
    for (const number of this.folder.segments()) {
      this.#number = number;
      if (cursor !== undefined && number < cursor.segment) {
        unlinkSync(this.folder.segment(number));
        continue;
      }
      const isFirst = cursor?.segment === number;
      let scan = scanSegment(this.folder.segment(number), isFirst ? cursor.offset : 0);
      // A place that is none: rather twice than not at all.
      if (!scan.atRecord) scan = scanSegment(this.folder.segment(number));
      const from = isFirst && scan.before > 0 ? cursor.offset : SEGMENT_HEAD.length;
      const damaged = scan.state === 'damaged';
      const segment = { number, bytes: scan.valid, damaged };
      this.#segments.push(segment);
      if (damaged) this.#tellDamage(segment);
      this.#bytes += scan.valid;
      this.#unread += scan.records;
      this.#first.segment ??= (this.#first.offset = from) > 0 ? segment : undefined;
    }
    this.#kept = this.#unread;
    this.#at = { ...this.#first };
  }

  #tellDamage(segment: Segment): void {
    this.damaged++;
    const path = this.folder.segment(segment.number);
    this.#options.say(
      `the spool file ${path} is damaged: its first ${segment.bytes} bytes are used, and it is kept as ${path}.${process.pid}.bad`,
    );
  }

  append(message: Buffer): boolean {
    if (message.length === 0 || message.length > MAX_MESSAGE) return false;
    if (this.#memory.kept > 0) return this.#memory.append(message);
    const record = makeRecord(message);
    while (this.#bytes + record.length > this.#options.limit) if (!this.#dropSent()) return false;
    if (!this.#write(record)) return this.#memory.append(message);
    this.#unread++;
    this.#kept++;
    return true;
  }

  /** Gives up the oldest segment where all of it was sent; false where it was not. */
  #dropSent(): boolean {
    const [oldest] = this.#segments;
    if (oldest === undefined || oldest === this.#writing?.segment || oldest === this.#at.segment)
      return false;
    const last = this.#marks.findLast(({ segment }) => segment === oldest);
    if (last === undefined) return false;
    this.confirm(last.end);
    if (this.#segments[0] === oldest) this.#remove();
    return this.#segments[0] !== oldest;
  }

  #write(record: Buffer): boolean {
    try {
      const most = Math.min(SEGMENT_BYTES, this.#options.limit / LEAST_SEGMENTS);
      if (this.#writing !== undefined && this.#writing.segment.bytes + record.length > most) this.#seal();
      const writing = (this.#writing ??= this.#begin());
      for (let at = 0; at < record.length;) at += writeSync(writing.fd, record, at);
      writing.segment.bytes += record.length;
      this.#bytes += record.length;
      this.#diskTold = false;
      return true;
    } catch (error) {
      if (!this.#diskTold)
        this.#options.say(
          `${spoolError(this.folder.path, error).message}; messages wait in memory meanwhile`,
        );
      this.#diskTold = true;
      this.#mend();
      return false;
    }
  }

  #begin(): { fd: number; segment: Segment } {
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
    const number = ++this.#number;
    const fd = openSync(this.folder.segment(number), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
    const segment = { number, bytes: SEGMENT_HEAD.length, damaged: false };
    this.#segments.push(segment);
    this.#bytes += segment.bytes;
    const writing = { fd, segment };
    this.#writing = writing;
    writeSync(fd, SEGMENT_HEAD);
    return writing;
  }

  /** Takes back what was written of a record, and begins a new segment with the next. */
  #mend(): void {
    const writing = this.#writing;
    if (writing === undefined) return;
    try {
      ftruncateSync(writing.fd, writing.segment.bytes);
    } catch {
      // A record that is not whole is passed over by whoever reads it.
    }
    this.#seal();
  }

  #seal(): void {
    if (this.#writing !== undefined) closeQuietly(this.#writing.fd);
    this.#writing = undefined;
  }

  read(bytes: number): Batch | undefined {
    for (;;) {
      this.#at.segment ??= this.#segments[0];
      const { segment } = this.#at;
      if (segment === undefined) break;
      if (this.#at.offset < SEGMENT_HEAD.length) this.#at.offset = SEGMENT_HEAD.length;
      if (this.#at.offset < segment.bytes) {
        const messages = this.#readFrom(segment, bytes);
        if (messages.length > 0) {
          this.#read += messages.length;
          this.#unread -= messages.length;
          return this.#mark(messages, segment);
        }
        continue;
      }
      const next = this.#segments[this.#segments.indexOf(segment) + 1];
      if (next === undefined) break;
      this.#at = { segment: next, offset: SEGMENT_HEAD.length };
    }
    const batch = this.#memory.read(bytes);
    if (batch === undefined) return undefined;
    this.#read += batch.messages.length;
    return this.#mark(batch.messages, undefined, batch.end);
  }

  #mark(messages: readonly Buffer[], segment: Segment | undefined, inMemory = 0): Batch {
    const mark = { end: this.#read, offset: this.#at.offset, inMemory };
    this.#marks.push(segment === undefined ? mark : { ...mark, segment });
    return { messages, end: mark.end };
  }

  #readFrom(segment: Segment, bytes: number): Buffer[] {
    const room = Math.max(bytes, RECORD_HEAD + MAX_MESSAGE);
    const chunk = Buffer.allocUnsafe(Math.min(room, segment.bytes - this.#at.offset));
    const messages: Buffer[] = [];
    let at = 0;
    try {
      const got = readSync(this.#fdOf(segment), chunk, 0, chunk.length, this.#at.offset);
      for (;;) {
        const message = recordAt(chunk.subarray(0, got), at);
        if (message === 'damaged' || (message === 'torn' && at === 0)) throw new Error('damaged');
        if (message === 'torn') break;
        messages.push(message);
        at += RECORD_HEAD + message.length;
      }
      this.#at.offset += at;
    } catch {
      this.#skipRest(segment, at, messages.length);
    }
    return messages;
  }

  /** What was written cannot be read any more: what is before it is sent, the rest of the segment is lost and told. */
  #skipRest(segment: Segment, at: number, read: number): void {
    const lost = this.#unread - read - this.#recordsBehind(segment);
    this.#unread -= Math.max(0, lost);
    this.#kept -= Math.max(0, lost);
    this.damaged++;
    this.#options.say(
      `the spool file ${this.folder.segment(segment.number)} cannot be read any more from byte ${this.#at.offset + at}; about ${Math.max(0, lost)} messages are lost`,
    );
    this.#at.offset = segment.bytes;
  }

  #recordsBehind(segment: Segment): number {
    let records = 0;
    for (const later of this.#segments.slice(this.#segments.indexOf(segment) + 1)) {
      try {
        records += scanSegment(this.folder.segment(later.number)).records;
      } catch {
        // It will be told when it is its turn.
      }
    }
    return records;
  }

  #fdOf(segment: Segment): number {
    if (this.#reading?.segment === segment) return this.#reading.fd;
    if (this.#reading !== undefined) closeQuietly(this.#reading.fd);
    this.#reading = undefined;
    const { O_NOFOLLOW, O_RDONLY } = constants;
    const fd = openSync(this.folder.segment(segment.number), O_RDONLY | O_NOFOLLOW);
    this.#reading = { fd, segment };
    return fd;
  }

  confirm(end: number): void {
    let last: Mark | undefined;
    while (this.#marks[0] !== undefined && this.#marks[0].end <= end) {
      last = this.#marks.shift();
      if (last?.segment !== undefined) this.#first = { segment: last.segment, offset: last.offset };
      else if (last !== undefined) this.#memory.confirm(last.inMemory);
    }
    if (last === undefined) return;
    const before = this.kept;
    this.#kept = this.#unread + this.#unconfirmedOnDisk(last.end);
    this.confirmed = last.end;
    this.#unsynced ||= before !== this.kept;
    this.#remove();
  }

  /** Messages of the disk that were read and are not confirmed. */
  #unconfirmedOnDisk(from: number): number {
    let end = from;
    let messages = 0;
    for (const mark of this.#marks) {
      if (mark.segment !== undefined) messages += mark.end - end;
      end = mark.end;
    }
    return messages;
  }

  /** Removes the segments before the one that is confirmed in part, and that one where nothing is left of it. */
  #remove(): void {
    for (let oldest = this.#segments[0]; oldest !== undefined; oldest = this.#segments[0]) {
      if (!this.#isOver(oldest)) return;
      this.#segments.shift();
      this.#bytes -= oldest.bytes;
      if (this.#at.segment === oldest) this.#at = { segment: undefined, offset: 0 };
      if (this.#first.segment === oldest) this.#first = { segment: undefined, offset: 0 };
      if (this.#reading?.segment === oldest) {
        closeQuietly(this.#reading.fd);
        this.#reading = undefined;
      }
      this.#unlink(oldest);
    }
  }

  /** Whether all of the oldest segment is confirmed, and nothing is written to or read from it any more. */
  #isOver(oldest: Segment): boolean {
    const { segment, offset } = this.#first;
    if (oldest === this.#writing?.segment || segment === undefined) return false;
    return segment === oldest ? offset >= oldest.bytes : segment.number > oldest.number;
  }

  #unlink({ number, damaged }: Segment): void {
    try {
      if (damaged) this.folder.setAside(number);
      else unlinkSync(this.folder.segment(number));
    } catch {
      // It is before the cursor: the next run removes it.
    }
  }

  rewind(): void {
    this.#unread = this.#kept;
    this.#read = this.confirmed;
    this.#marks = [];
    this.#memory.rewind();
    this.#at = { ...this.#first };
  }

  sync(): void {
    if (!this.#unsynced) return;
    this.#unsynced = false;
    const segment = this.#first.segment ?? this.#segments[0];
    const offset = this.#first.segment === undefined ? SEGMENT_HEAD.length : this.#first.offset;
    try {
      this.folder.writeCursor({ segment: segment?.number ?? this.#number + 1, offset });
    } catch (error) {
      // What was confirmed since is sent again by the next run.
      if (!this.#diskTold) this.#options.say(spoolError(this.folder.path, error).message);
      this.#diskTold = true;
    }
  }

  close(): void {
    this.#seal();
    if (this.#kept === 0) this.#first = { segment: undefined, offset: 0 };
    else this.#remove();
    if (this.#kept === 0) this.#clear();
    this.sync();
    if (this.#reading !== undefined) closeQuietly(this.#reading.fd);
    this.#reading = undefined;
    this.#memory.close();
    this.folder.release();
  }

  /** Nothing is left to send: the files go. */
  #clear(): void {
    this.#unsynced = true;
    for (const segment of this.#segments) this.#unlink(segment);
    this.#segments = [];
  }
}

function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // Its bytes were handed over when they were written.
  }
}
