import { closeSync, constants, openSync, readdirSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Frame } from '../../capture/frame.ts';
import { FLAG_PAYLOAD, W } from '../../flow/table.ts';
import { Handshakes } from './handshakes.ts';
import { FragmentTrail } from './trail.ts';

/** Where the frames of IM candidates of one run wait for an alert: plain data, which a worker is started with. */
export interface RingPlace {
  readonly folder: string;
  /** Tells runs apart that use one folder; begins with the process's number. */
  readonly run: string;
  /** Bytes of all files of one thread. */
  readonly bytes: number;
  readonly fragments: number;
}

const PREFIX = '.ring-';
/** Files that a thread's ring has; the oldest goes for a new one. */
const SEGMENTS = 8;
const BUFFER = 262_144;
const LEAST_GATHERED = 4_096;
/** Lengths captured and on the wire, seconds (a double), nanoseconds, link type, number, file. */
const RECORD = 32;
const MODE = 0o600;
const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

function nameOf(run: string, world: number, thread: number, segment: number): string {
  return [`${PREFIX}${run}`, world, thread, segment].join('-');
}

/**
 * A bounded ring on disk of the frames of one thread's IM candidates: flows that are IM or of which a detector wants to
 * see more. What other flows cost is a look at two words of their record. A connection's opening packets, which come
 * before it is known to be a candidate, wait in memory.
 */
export class CandidateRing {
  readonly trail: FragmentTrail;
  /** What the disk refused, the first time; nothing is kept from then on. */
  problem: string | undefined = undefined;
  readonly #place: RingPlace;
  readonly #names: (segment: number) => string;
  readonly #openings = new Handshakes();
  readonly #buffer = new Uint8Array(BUFFER);
  readonly #view = new DataView(this.#buffer.buffer);
  /** Bytes gathered before they are written: a small ring is not to be one write. */
  readonly #gathered: number;
  #filled = 0;
  #descriptor = -1;
  #segment = -1;
  #inSegment = 0;
  readonly #write = (frame: Frame): void => this.#put(frame);

  constructor(place: RingPlace, world: number, thread: number) {
    this.#place = place;
    this.#gathered = Math.min(BUFFER, Math.max(LEAST_GATHERED, place.bytes / SEGMENTS));
    this.trail = new FragmentTrail(place.fragments);
    this.#names = (segment) => join(place.folder, nameOf(place.run, world, thread, segment));
  }

  /** A packet came; `at` is its flow's record in the words `r`, as it is after the packet. */
  packet(frame: Frame, r: Int32Array, at: number): void {
    const opening = ((r[at + W.FLAGS] ?? 0) & (FLAG_PAYLOAD | (FLAG_PAYLOAD << 1))) === 0;
    if (r[at + W.OBJECT] === 0) {
      if (opening && r[at + W.CANDIDATES] !== 0) this.#openings.add(frame, r[at + W.HASH] ?? 0);
      return;
    }
    this.#openings.take(r[at + W.HASH] ?? 0, this.#write);
    for (const piece of this.trail.pieces) this.#put(piece);
    this.#put(frame);
  }

  /** Hands what is buffered to the file system. */
  flush(): void {
    if (this.#filled === 0 || this.problem !== undefined) return;
    this.#try(() => {
      if (this.#descriptor < 0 || this.#inSegment >= this.#place.bytes / SEGMENTS) this.#next();
      for (let at = 0; at < this.#filled;) {
        at += writeSync(this.#descriptor, this.#buffer, at, this.#filled - at);
      }
      this.#inSegment += this.#filled;
    });
    this.#filled = 0;
  }

  close(): void {
    this.flush();
    const descriptor = this.#descriptor;
    this.#descriptor = -1;
    if (descriptor >= 0) this.#try(() => closeSync(descriptor));
  }

  #next(): void {
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = -1;
    this.#segment++;
    if (this.#segment >= SEGMENTS) remove(this.#names(this.#segment - SEGMENTS));
    const flags = O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW;
    this.#descriptor = openSync(this.#names(this.#segment), flags, MODE);
    this.#inSegment = 0;
  }

  #put(frame: Frame): void {
    const length = frame.end - frame.start;
    if (length + RECORD > BUFFER) return;
    if (this.#filled + length + RECORD > this.#gathered) this.flush();
    const view = this.#view;
    const at = this.#filled;
    view.setUint32(at, length);
    view.setUint32(at + 4, frame.wireLength);
    view.setFloat64(at + 8, frame.seconds);
    view.setUint32(at + 16, frame.nanos);
    view.setUint32(at + 20, frame.linkType);
    view.setUint32(at + 24, frame.number);
    view.setUint32(at + 28, frame.file);
    this.#buffer.set(frame.bytes.subarray(frame.start, frame.end), at + RECORD);
    this.#filled = at + RECORD + length;
  }

  #try(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.problem ??= `cannot keep evidence in ${this.#place.folder}: ${codeOf(error)}`;
    }
  }
}

/** Hands on every frame of the rings of one world, those of one thread in their order, while more are wanted. */
export async function readRings(
  { folder, run }: RingPlace,
  world: number,
  sink: (frame: Frame) => void,
  wanted: () => boolean,
): Promise<void> {
  for (const name of ringFiles(folder, `${PREFIX}${run}-${world}-`)) {
    if (!wanted()) return;
    await readSegment(join(folder, name), sink);
  }
}

/** Removes the rings of a world; of all worlds where none is named. */
export function removeRings({ folder, run }: RingPlace, world?: number): void {
  const prefix = world === undefined ? `${PREFIX}${run}-` : `${PREFIX}${run}-${world}-`;
  for (const name of ringFiles(folder, prefix)) remove(join(folder, name));
}

/**
 * Removes what runs left behind that did not live to do it themselves; before this run makes its own. One of this process's
 * number is such: in a container it is the same at every start.
 */
export function removeStaleRings(folder: string): void {
  for (const name of ringFiles(folder, PREFIX)) {
    const pid = Number(name.slice(PREFIX.length).split('.')[0]);
    if (Number.isSafeInteger(pid) && pid > 0 && (pid === process.pid || !isAlive(pid)))
      remove(join(folder, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/** Names of ring files, by thread, then segment. */
function ringFiles(folder: string, prefix: string): string[] {
  const found = list(folder).filter((name) => name.startsWith(prefix));
  const numbers = (name: string): number[] => name.split('-').slice(2).map(Number);
  return found.sort((a, b) => {
    const [x, y] = [numbers(a), numbers(b)];
    return (x[1] ?? 0) - (y[1] ?? 0) || (x[2] ?? 0) - (y[2] ?? 0);
  });
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Reads a segment, which may vanish or be written to meanwhile: whole records only. */
async function readSegment(path: string, sink: (frame: Frame) => void): Promise<void> {
  let descriptor: number;
  try {
    descriptor = openSync(path, O_RDONLY | O_NOFOLLOW);
  } catch {
    return;
  }
  try {
    const bytes = new Uint8Array(BUFFER * 2);
    const frame = new Frame();
    let filled = 0;
    for (;;) {
      const got = readSync(descriptor, bytes, filled, bytes.length - filled, null);
      if (got === 0) return;
      filled += got;
      const read = handRecords(bytes, filled, frame, sink);
      bytes.copyWithin(0, read, filled);
      filled -= read;
      await setImmediate();
    }
  } catch {
    // What can be read was; the rest is missing in the excerpt, which says so.
  } finally {
    closeSync(descriptor);
  }
}

/** Hands on the whole records of `bytes[0..end)`; where the rest begins. */
function handRecords(bytes: Uint8Array, end: number, frame: Frame, sink: (frame: Frame) => void): number {
  const view = new DataView(bytes.buffer);
  let at = 0;
  while (at + RECORD <= end) {
    const length = view.getUint32(at);
    if (at + RECORD + length > end) break;
    frame.bytes = bytes;
    frame.start = at + RECORD;
    frame.end = frame.start + length;
    frame.wireLength = view.getUint32(at + 4);
    frame.seconds = view.getFloat64(at + 8);
    frame.nanos = view.getUint32(at + 16);
    frame.linkType = view.getUint32(at + 20);
    frame.number = view.getUint32(at + 24);
    frame.file = view.getUint32(at + 28);
    sink(frame);
    at = frame.end;
  }
  return at;
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone, or stays: nothing depends on it.
  }
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'failed';
}
