import type { AskedName } from '../core/asked-name.ts';
import { Cursor } from '../core/cursor.ts';
import type { FlowHeader } from '../event/eve.ts';
import { hash128 } from '../event/ids.ts';
import { TO_CLIENT, TO_SERVER } from '../event/im.ts';
import type { FileAnnouncement, FileTarget } from '../event/file.ts';
import type { Direction, ImFacts, Verdict } from '../event/im.ts';
import type { FlowReader } from '../detect/decisions.ts';
import type { EndReason } from '../flow/consumer.ts';
import type { Flow } from '../flow/flow.ts';
import type { Oddity } from '../flow/oddity.ts';
import { ANSWER } from '../sdk/index.ts';
import type { Carry, FileWriter, FlowContext, Protocol } from '../sdk/index.ts';
import { flowHeaderOf, flowIdOf, runIdOf } from './header.ts';
import type { Dissection } from './dissection.ts';
import { Ordinals } from './ordinals.ts';
import { Reserve } from './reserve.ts';
import { NOTHING, Reading } from './span.ts';
import type { Span } from './span.ts';
import { RunFiles } from './files.ts';
import { isCaptured, shardOf } from './told.ts';

/** One IM flow: runs its dissector, keeps the unread tail of each direction, tells its events. */
export class FlowRun implements FlowReader, FlowContext {
  readonly flow: Flow;
  readonly protocol: Protocol;
  verdict: Verdict;
  /** What the stream travels in, where it is inside another. */
  carrier: string | undefined;
  /** Who signed on to the proxy. */
  proxyUser: string | undefined = undefined;
  /** Another run tells the end of this flow. */
  silent = false;
  readonly transport: 'tcp' | 'udp';
  readonly midstream: boolean;
  readonly carry?: Carry | undefined;
  /** Why reading stopped, if it did. */
  stopped: 'encrypted' | 'bad' | 'failed' | undefined = undefined;
  /** Bytes of each direction handed to the dissector, and lost. */
  readonly seen: [number, number] = [0, 0];
  readonly lost: [number, number] = [0, 0];
  /** Of those lost: ended by the snap length. */
  readonly cut: [number, number] = [0, 0];
  protected readonly home: Dissection;
  readonly #reading: Reading;
  /** The session of which this connection is one of several, where it says so. */
  readonly #span: Span | undefined;
  readonly #cursor = new Cursor(NOTHING);
  readonly #told = new Set<string>();
  protected files: RunFiles | undefined;
  #leaving = false;
  readonly #reserve: Reserve;
  #id: string | undefined;
  #header: FlowHeader | undefined;
  #place = 0;
  #lastDirection: Direction = 0;
  readonly #ordinals = new Ordinals();

  constructor(home: Dissection, flow: Flow, protocol: Protocol, verdict: Verdict) {
    this.home = home;
    this.flow = flow;
    this.protocol = protocol;
    this.verdict = verdict;
    this.carrier = flow.carriage?.carrier;
    this.transport = flow.tcp ? 'tcp' : 'udp';
    this.midstream = flow.midstream;
    this.#reserve = this.makeReserve();
    this.carry = this.makeCarry();
    this.#span = flow.carriage?.span as Span | undefined;
    this.#reading = this.#span?.joinedBy(this, protocol) ?? new Reading(protocol.createDissector(this));
  }

  // Made when they are asked for: a carrier without IM inside needs none of them.

  get id(): string {
    return (this.#id ??= runIdOf(this.flow));
  }

  get header(): FlowHeader {
    return (this.#header ??= this.makeHeader());
  }

  get clientIp(): string {
    return this.header.src_ip;
  }

  get clientPort(): number {
    return this.header.src_port;
  }

  get serverIp(): string {
    return this.header.dest_ip;
  }

  /** The port that the client means: a carrier's request may say it. */
  get serverPort(): number {
    return this.flow.carriage?.port ?? this.header.dest_port;
  }

  protected makeHeader(): FlowHeader {
    const { flow } = this;
    const wireId = flow.carriage ? flowIdOf(flow.records, flow.at) : this.id;
    const header = flowHeaderOf(flow.records, flow.at, flow.flipped, wireId, flow.tunnel);
    header.app_proto = this.protocol.appProto ?? this.protocol.name;
    return header;
  }

  /** For carriers: what their dissector hands inner streams to. */
  protected makeCarry(): Carry | undefined {
    return undefined;
  }

  // What the flow stage calls

  data(direction: Direction, bytes: Uint8Array, start: number, end: number): void {
    if (!this.#reads) return;
    this.seen[direction] += end - start;
    if (this.transport === 'udp') {
      // A datagram has no place in a stream: a hash of its bytes stands for one.
      this.#place = Number.parseInt(hash128(bytes.subarray(start, end)).slice(0, 12), 16);
      this.#reading.offsets[direction] = 0;
      this.#call(direction, bytes, start, end, 0);
      return;
    }
    if (this.#reading.lengths[direction] > 0) {
      this.#append(direction, bytes, start, end);
      return;
    }
    const cursor = this.#call(direction, bytes, start, end, this.#reading.offsets[direction]);
    if (!cursor) return;
    this.#reading.offsets[direction] += cursor.pos - start;
    if (cursor.pos < end) this.#keep(direction, bytes, cursor.pos, end);
  }

  gap(direction: Direction, length: number, cut: boolean): void {
    if (!this.#reads) return;
    const lostTail = this.#reading.lengths[direction];
    // A direction of which the tap sees no packet has no gaps: the flow is told as seen from one side.
    if (isCaptured(this, direction)) {
      this.lost[direction] += length;
      if (cut) this.cut[direction] += length;
      this.tell(direction, this.#reading.offsets[direction], cut ? 'stream_cut' : 'stream_gap', 'stream');
    }
    this.dropTail(direction);
    this.#reading.offsets[direction] += lostTail + length;
    this.#guard(() => {
      this.#reading.dissector.gap(direction, length);
    });
  }

  end(direction: Direction): void {
    if (!this.#reads) return;
    this.#guard(() => {
      this.#reading.dissector.end(direction);
    });
    this.dropTail(direction);
  }

  /** False once reading stopped; what is read next are this connection's bytes. */
  get #reads(): boolean {
    if (this.stopped || this.#span?.over) return false;
    this.#span?.turnTo(this);
    return true;
  }

  /**
   * The connection is over, though the session may not be: a named one waits for its next connection, any other is
   * read to its end.
   */
  leave(reason: EndReason): void {
    const span = this.#span;
    if (span && --span.live > 0) return;
    if (span?.key !== undefined && reason !== 'shutdown' && reason !== 'forced') {
      this.#forgetTails();
      return;
    }
    this.#leaving = true;
    this.close();
  }

  /** What is left of a message is not waited for: the next connection begins with another one. */
  #forgetTails(): void {
    for (const direction of [TO_SERVER, TO_CLIENT] as const) {
      const length = this.#reading.lengths[direction];
      if (length > 0 && this.#reads) this.#lose(direction, length);
    }
  }

  /** The session is over, though connections that carry it may not be. */
  close(): void {
    this.end(TO_SERVER);
    this.end(TO_CLIENT);
    if (this.#span) this.#span.over = true;
  }

  odd(direction: Direction, code: Oddity): void {
    this.tell(direction, this.#reading.offsets[direction] + this.#reading.lengths[direction], code, 'stream');
  }

  finish(reason: EndReason): void {
    // Another connection may bring the rest.
    if (!this.#span?.live) {
      this.dropTail(0);
      this.dropTail(1);
    }
    this.files?.end();
    this.#reserve.giveBack();
    this.#span?.left(this);
    this.home.finished(this, reason);
  }

  // What the dissector calls

  seconds(): number {
    return this.home.stamp.seconds;
  }

  nanos(): number {
    return this.home.stamp.nanos;
  }

  asked(): AskedName | undefined {
    return this.home.asked(this.flow);
  }

  emit(direction: Direction, offset: number, facts: ImFacts): void {
    // A session that goes on elsewhere: nobody signed off because this connection ended.
    if (this.#leaving && facts.kind === 'logout') return;
    const place = this.#place + offset;
    this.#lastDirection = direction;
    this.home.output.im(this, direction, place, this.#ordinals.next(direction, place, facts.kind), facts);
  }

  anomaly(direction: Direction, offset: number, code: string): void {
    this.tell(direction, offset, code, 'applayer');
  }

  issue(realm: string, token: string, account?: string): void {
    this.home.output.issue(this, hash128(realm, token), account);
  }

  present(realm: string, token: string): void {
    this.home.output.present(this, hash128(realm, token));
  }

  carve(target: FileTarget): FileWriter {
    return (this.files ??= this.makeFiles()).open(target);
  }

  makeFiles(): RunFiles {
    return new RunFiles(this, this.home);
  }

  makeReserve(): Reserve {
    return new Reserve(this.home, shardOf(this.flow));
  }

  announce(realm: string, token: string, file: FileAnnouncement): void {
    this.home.output.announce(this, hash128(realm, token), file);
  }

  claim(fileId: string, realm: string, token: string, sender?: Direction): void {
    this.home.output.claim(this, fileId, hash128(realm, token), sender);
  }

  /** Behind the last byte that was read of a direction. */
  behind(direction: Direction): number {
    return this.#place + this.#reading.offsets[direction];
  }

  hash(...parts: (string | number)[]): string {
    return hash128(...parts);
  }

  reserve(bytes: number): boolean {
    return this.reserveOf(this.#reserve, bytes);
  }

  /** Takes of a reserve; where there is no room it is told of this flow. */
  reserveOf(reserve: Reserve, bytes: number): boolean {
    if (reserve.take(bytes)) return true;
    const from = this.#lastDirection;
    this.tell(from, this.#reading.offsets[from], 'message_buffer_total_limit', 'stream');
    return false;
  }

  /** Tells an anomaly, the first of its code. */
  tell(direction: Direction, offset: number, code: string, type: 'stream' | 'applayer'): void {
    this.home.countAnomaly(code);
    if (this.#told.has(code)) return;
    this.#told.add(code);
    this.home.output.anomaly(this, direction, this.#place + offset, code, type);
  }

  /** Runs the dissector over a span whose first byte is at stream offset `offset`; undefined where reading stopped. */
  #call(
    direction: Direction,
    bytes: Uint8Array,
    start: number,
    end: number,
    offset: number,
  ): Cursor | undefined {
    const cursor = this.#cursor.reset(bytes, start, end, offset - start);
    let answer: number = ANSWER.DONE;
    try {
      answer = this.#reading.dissector.data(direction, cursor);
    } catch (error) {
      this.#fail(error);
    }
    if (answer === ANSWER.BAD) {
      this.tell(direction, offset, 'not_this_protocol', 'applayer');
      this.stop('bad');
    } else if (answer === ANSWER.SKIP) {
      this.stop('encrypted');
    }
    if (this.stopped) return undefined;
    this.#reading.wants[direction] = answer;
    return cursor;
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A dissector that threw is a bug of ours: the flow is quarantined, the others do not notice. */
  #fail(error: unknown): void {
    this.home.failed(error, this.protocol.name);
    this.tell(0, this.#reading.offsets[0], 'dissector_failed', 'applayer');
    this.stop('failed');
  }

  protected stop(why: 'encrypted' | 'bad' | 'failed'): void {
    this.stopped = why;
    if (this.#span) this.#span.over = true;
    this.flow.feeding = false;
    this.dropTail(0);
    this.dropTail(1);
    this.#reserve.giveBack();
    this.#span?.giveBack();
  }

  /** Keeps unread bytes; the direction has none yet. */
  #keep(direction: Direction, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length > this.protocol.maxMessage) {
      this.#overflow(direction, length, 'message_buffer_limit');
      return;
    }
    if (!this.home.hold(this.flow, length)) {
      this.home.release(this.flow, length);
      this.#overflow(direction, length, 'message_buffer_total_limit');
      return;
    }
    this.#reading.keep(direction, bytes, start, end, this.protocol.maxMessage);
  }

  #append(direction: Direction, bytes: Uint8Array, start: number, end: number): void {
    const tail = this.#reading.keep(direction, bytes, start, end, this.protocol.maxMessage);
    const length = this.#reading.lengths[direction];
    const held = this.home.hold(this.flow, end - start);
    if (length < this.#reading.wants[direction] && length <= this.protocol.maxMessage && held) return;
    const cursor = this.#call(direction, tail, 0, length, this.#reading.offsets[direction]);
    if (!cursor) return;
    const left = cursor.left;
    this.#reading.offsets[direction] += cursor.pos;
    this.home.release(this.flow, cursor.pos);
    this.#reading.lengths[direction] = left;
    if (cursor.pos > 0 && left > 0) tail.copyWithin(0, cursor.pos, length);
    if (left === 0 && tail.length > KEEP_TAIL) this.#reading.tails[direction] = NOTHING;
    if (left > this.protocol.maxMessage) this.#overflow(direction, 0, 'message_buffer_limit');
    else if (!held && left > 0) this.#overflow(direction, 0, 'message_buffer_total_limit');
  }

  /** Drops the tail and `more` bytes behind it, as a gap: the dissector finds the next message. */
  #overflow(direction: Direction, more: number, code: string): void {
    this.tell(direction, this.#reading.offsets[direction], code, 'stream');
    this.#lose(direction, this.#reading.lengths[direction] + more);
  }

  /** Drops the tail and what is behind it, `length` bytes in all, as a gap. */
  #lose(direction: Direction, length: number): void {
    this.dropTail(direction);
    this.#reading.offsets[direction] += length;
    this.#guard(() => {
      this.#reading.dissector.gap(direction, length);
    });
  }

  protected dropTail(direction: Direction): void {
    const length = this.#reading.dropTail(direction);
    if (length > 0) this.home.release(this.flow, length);
  }
}

/** A larger buffer is given back once it is empty. */
const KEEP_TAIL = 16_384;
