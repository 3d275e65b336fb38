import type { AskedName } from '../core/asked-name.ts';
import type { FileAnnouncement, FileTarget } from '../event/file.ts';
import type { ImFacts, Direction } from '../event/im.ts';
import type { Dissector, FileWriter, FlowContext, Protocol } from '../sdk/index.ts';
import { NOT_CARVED } from './files.ts';
import type { RunFiles } from './files.ts';
import type { Reserve } from './reserve.ts';
import type { Order } from './order.ts';
import type { FlowRun } from './run.ts';

/** What reads a stream, and how far it has come. */
export class Reading {
  readonly dissector: Dissector;
  /** Unread bytes of each direction, and how many of them count. */
  readonly tails: [Uint8Array, Uint8Array] = [NOTHING, NOTHING];
  readonly lengths: [number, number] = [0, 0];
  /** Stream offset of the first unread byte. */
  readonly offsets: [number, number] = [0, 0];
  /** Bytes for which the dissector waits. */
  readonly wants: [number, number] = [0, 0];

  constructor(dissector: Dissector) {
    this.dissector = dissector;
  }

  /** Keeps unread bytes behind those that are kept; returns all of them. `most`: of the dissector's messages. */
  keep(direction: Direction, bytes: Uint8Array, start: number, end: number, most: number): Uint8Array {
    const had = this.lengths[direction];
    const length = had + end - start;
    let tail = this.tails[direction];
    if (tail.length < length) {
      tail = new Uint8Array(Math.max(LEAST_ROOM, this.#roomFor(direction, length, most)));
      tail.set(this.tails[direction].subarray(0, had));
      this.tails[direction] = tail;
    }
    tail.set(bytes.subarray(start, end), had);
    this.lengths[direction] = length;
    return tail;
  }

  /** Room for a tail of `length`: what the dissector waits for, at most `most`, else half as much again. */
  #roomFor(direction: Direction, length: number, most: number): number {
    return Math.max(length + (length >> 1), Math.min(this.wants[direction], most));
  }

  /** Forgets the unread bytes of a direction; how many there were. */
  dropTail(direction: Direction): number {
    const length = this.lengths[direction];
    this.lengths[direction] = 0;
    this.wants[direction] = 0;
    this.tails[direction] = NOTHING;
    return length;
  }
}

/** Bytes of the smallest buffer for a tail. */
const LEAST_ROOM = 256;

export const NOTHING = new Uint8Array(0);

/**
 * A session that several connections carry, one after the other or at once: one dissector reads them all, in
 * the order of their packets. What it tells belongs to the connection whose bytes it reads.
 */
export class Span implements FlowContext {
  /** Its connections that are not over. */
  live = 0;
  /** It signed off, or is no longer read: what may still come is not looked at. */
  over = false;
  /** Packet time since which it has no connection, seconds. */
  since = 0;
  /** Under which name it is found again, once it is known. */
  key: string | undefined;
  readonly transport = 'tcp';
  /** Of a session whose messages have numbers, by direction. */
  readonly orders: [Order | undefined, Order | undefined] = [undefined, undefined];
  #reading: Reading | undefined;
  #run: FlowRun | undefined;
  /** Files that are under way: they go on in another connection while there is one. */
  #files: RunFiles | undefined;
  /** What the dissector accounts for, until the session is over or forgotten. */
  #reserve: Reserve | undefined;
  /** Of its first connection. */
  #id = '';
  #midstream = false;

  constructor(key: string | undefined) {
    this.key = key;
  }

  /** Its reader; the first connection's protocol makes it. */
  joinedBy(run: FlowRun, protocol: Protocol): Reading {
    this.live++;
    this.#run = run;
    if (!this.#reading) {
      this.#id = run.id;
      this.#midstream = run.midstream;
      this.#reserve = run.makeReserve();
      this.#reading = new Reading(protocol.createDissector(this));
    }
    return this.#reading;
  }

  /** The bytes of this connection are read next. */
  turnTo(run: FlowRun): void {
    this.#run = run;
    this.#files?.turnTo(run);
  }

  /** A connection is over: with the last one end the files, and what is kept unless the session goes on. */
  left(run: FlowRun): void {
    if (this.live > 0) return;
    this.turnTo(run);
    this.#files?.end();
    if (this.over) this.giveBack();
  }

  /** Nothing will be read of it any more. */
  giveBack(): void {
    this.#reserve?.giveBack();
  }

  // What the dissector asks and tells

  get id(): string {
    return this.#id;
  }

  get midstream(): boolean {
    return this.#midstream;
  }

  get clientIp(): string {
    return this.#run?.clientIp ?? '';
  }

  get clientPort(): number {
    return this.#run?.clientPort ?? 0;
  }

  get serverIp(): string {
    return this.#run?.serverIp ?? '';
  }

  get serverPort(): number {
    return this.#run?.serverPort ?? 0;
  }

  seconds(): number {
    return this.#run?.seconds() ?? 0;
  }

  nanos(): number {
    return this.#run?.nanos() ?? 0;
  }

  emit(direction: Direction, offset: number, facts: ImFacts): void {
    this.#run?.emit(direction, offset, facts);
  }

  anomaly(direction: Direction, offset: number, code: string): void {
    this.#run?.anomaly(direction, offset, code);
  }

  issue(realm: string, token: string, account?: string): void {
    this.#run?.issue(realm, token, account);
  }

  carve(target: FileTarget): FileWriter {
    const run = this.#run;
    if (!run) return NOT_CARVED;
    this.#files ??= run.makeFiles();
    this.#files.turnTo(run);
    return this.#files.open(target);
  }

  announce(realm: string, token: string, file: FileAnnouncement): void {
    this.#run?.announce(realm, token, file);
  }

  claim(fileId: string, realm: string, token: string, sender?: Direction): void {
    this.#run?.claim(fileId, realm, token, sender);
  }

  asked(): AskedName | undefined {
    return this.#run?.asked();
  }

  present(realm: string, token: string): void {
    this.#run?.present(realm, token);
  }

  reserve(bytes: number): boolean {
    if (!this.#run || !this.#reserve) return false;
    return this.#run.reserveOf(this.#reserve, bytes);
  }

  hash(...parts: (string | number)[]): string {
    return this.#run?.hash(...parts) ?? '';
  }
}
