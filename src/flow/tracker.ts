import type { Limits } from '../core/limits.ts';
import { PacketClock } from '../core/clock.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../decode/view.ts';
import type { PacketView } from '../decode/view.ts';
import { listAfter } from './closing.ts';
import type { EndReason, FlowConsumer } from './consumer.ts';
import { countPacket } from './count.ts';
import { NO_FILE, Stamp } from './consumer.ts';
import { FlowCounters } from './counters.ts';
import { Dedupe, DEFAULT_DEDUPE } from './dedupe.ts';
import { becomeMidstream, beginsDoubtful } from './doubt.ts';
import type { Flow } from './flow.ts';
import { DEFAULT_OVERLAP } from '../core/overlap.ts';
import type { Overlap } from '../core/overlap.ts';
import {
  FLAG_KNOWN,
  FLAG_MIDSTREAM,
  FLAG_PAYLOAD,
  FLAG_SYN,
  FLAG_TRIES_SHIFT,
  LIST,
  META_IPV6,
  META_TCP,
  SHARDS,
  W,
  shardOf,
} from './table.ts';
import type { FlowTable } from './table.ts';
import { EndOrder, gatherAll, gatherExpired } from './expiry.ts';
import { imListOf, imVictimOf, isClosed, isClosing, isIm, timeoutsOf, victimOf } from './evict.ts';
import { glance, midstream } from './prefilter.ts';
import type { Prefilter } from './prefilter.ts';
import { beginTcp, goesOn, isNewConnection, rightOf } from './reuse.ts';
import { TunnelBook } from './tunnel-book.ts';
import { WatchedFlows } from './watched.ts';

export interface TrackerOptions {
  readonly limits: Limits;
  readonly prefilter: Prefilter;
  /** Tell flows that are not IM as well. */
  readonly allFlows: boolean;
  /** The table to use: empty, of `limits.flows`. A table serves one tracker after the other. */
  readonly table: FlowTable;
  /** Whose bytes stay where segments differ; `first` by default. */
  readonly overlap?: Overlap | undefined;
  /** Packet time in milliseconds within which a copy of a packet is left out; 0: none is. */
  readonly dedupe?: number | undefined;
}

/** Follows every connection; hands the bytes of those that may be IM to the consumer. */
export class FlowTracker {
  readonly table: FlowTable;
  readonly counters = new FlowCounters();
  readonly clock = new PacketClock();
  /** The frame being told of. */
  readonly stamp = new Stamp();
  readonly #consumer: FlowConsumer;
  readonly #prefilter: Prefilter;
  readonly #limits: Limits;
  readonly #allFlows: boolean;
  readonly #records: Int32Array;
  readonly #watched: WatchedFlows;
  readonly #dedupe: Dedupe;
  /** Where all flows are told. */
  readonly #tunnels: TunnelBook | undefined;
  readonly #timeouts: number[];
  /** Streams inside the flows of each shard, counted by who opens and closes them. */
  readonly carried = new Int32Array(SHARDS);
  /** IM flows, and streams inside flows, that a shard may have: at least one. */
  readonly #imRoom: number;
  readonly #expired: number[] = [];
  /** Which flow a time-out, or the end of the capture, is ending. */
  readonly ending: EndOrder;

  constructor(consumer: FlowConsumer, options: TrackerOptions) {
    const limits = options.limits;
    this.#consumer = consumer;
    this.#prefilter = options.prefilter;
    this.#limits = limits;
    this.#allFlows = options.allFlows;
    this.table = options.table;
    this.#records = this.table.records;
    this.#dedupe = new Dedupe(options.dedupe ?? DEFAULT_DEDUPE);
    const policy = options.overlap ?? DEFAULT_OVERLAP;
    this.#watched = new WatchedFlows(this.#records, consumer, limits, this.clock, this.counters, policy);
    if (options.allFlows) this.#tunnels = new TunnelBook(this.#records, limits);
    this.#timeouts = timeoutsOf(limits);
    this.#imRoom = Math.max(1, Math.floor(limits.im_flows / SHARDS));
    this.ending = new EndOrder(this.table, (at) => this.#watched.at(at)?.lastFile ?? 0);
  }

  /** Flows with an object now. */
  get watched(): number {
    return this.#watched.count;
  }

  /** Moves the packet clock; forgets what timed out. To be called for every frame, before its packet. */
  time(seconds: number, nanos: number): void {
    if (this.clock.observe(seconds, nanos)) this.#sweep();
  }

  /** Time went on without a packet (live): forgets what timed out. */
  tick(seconds: number): void {
    if (this.clock.advance(seconds)) this.#sweep();
  }

  /** A decoded TCP or UDP packet of the frame that `stamp` names; `wireLength` is the frame's. */
  packet(view: PacketView, tcp: boolean, wireLength: number): void {
    const table = this.table;
    const r = this.#records;
    const meta = (tcp ? META_TCP : 0) | (view.ipVersion === 6 ? META_IPV6 : 0);
    const hash = table.hashOf(view);
    const flags = view.tcpFlags;
    let at = this.#locate(view, hash, meta, tcp);
    const known = r[at + W.OBJECT] !== 0 ? this.#watched.at(at) : undefined;
    if (known && goesOn(known, view, table.direction)) at = this.#reopen(at, view, hash, meta);
    this.stamp.record = at;
    const direction = table.direction;
    if ((flags & TCP_SYN) !== 0) this.#learnStart(at, view, direction);
    // Nothing will be told of a connection that no detector wants: its counters are not kept.
    if (r[at + W.CANDIDATES] !== 0 || this.#allFlows) {
      if (this.#isCopy(at, view, direction)) return;
      countPacket(r, at, direction, wireLength, this.stamp);
    }
    if (tcp) r[at + W.FLAGS]! |= (flags & 0xff) << (direction << 3);
    const flow = r[at + W.OBJECT] !== 0 ? this.#watched.at(at) : undefined;
    if (flow) this.#feed(flow, view, direction);
    else if (view.payloadLength > 0 && r[at + W.CANDIDATES] !== 0) this.#first(at, view, direction, tcp);
    if ((flags & (TCP_FIN | TCP_RST)) !== 0) this.#closing(at, view, direction);
  }

  /** The capture is over: every flow ends, those with events in the order of their last frames. */
  finish(): void {
    gatherAll(this.table, this.#allFlows, this.#expired);
    this.#endAll('shutdown');
  }

  /** The consumer decided that the flow is IM: it is kept longer and goes last. */
  markIm(flow: Flow): void {
    flow.im = true;
    this.table.moveTo(flow.at, imListOf(this.table.listAt(flow.at)));
  }

  /** The record of the packet's connection: the known one, or a new one. */
  #locate(view: PacketView, hash: number, meta: number, tcp: boolean): number {
    const table = this.table;
    const at = table.find(view, hash, meta);
    if (at !== 0) {
      const begins = tcp && (view.tcpFlags & TCP_SYN) !== 0 && this.#begins(at, view);
      if (!begins) {
        table.touch(at, this.clock.seconds);
        return at;
      }
      this.#end(at, 'tcp_reuse');
      this.counters.reused++;
    }
    return this.#open(view, hash, meta, tcp);
  }

  /** A SYN or its answer on a known connection begins a new one. */
  #begins(at: number, view: PacketView): boolean {
    const closed = isClosing(this.table.listAt(at));
    return isNewConnection(this.#records, at, view, this.table.direction, this.#watched.at(at), closed);
  }

  /** First bytes are looked at only once they are found to be wanted: most are not, and are to cost nothing. */
  #isCopy(at: number, view: PacketView, direction: 0 | 1): boolean {
    const r = this.#records;
    if (r[at + W.OBJECT] === 0) {
      if (r[at + W.CANDIDATES] === 0 || view.payloadLength > 0) return false;
      if (!this.#dedupe.isEarlyCopy(r, at, view, direction, this.stamp)) return false;
    } else if (!this.#dedupe.isCopy(view, at, direction, this.clock)) return false;
    this.counters.duplicates++;
    return true;
  }

  /** Ends the connection and begins the one that its pending SYN announced. */
  #reopen(old: number, view: PacketView, hash: number, meta: number): number {
    const r = this.#records;
    this.#end(old, 'tcp_reuse');
    this.counters.reused++;
    const at = this.#open(view, hash, meta, true);
    r[at + W.FIRST_SEQ] = view.seq - 1;
    r[at + W.NEXT_SEQ] = view.seq;
    r[at + W.FLAGS] = FLAG_KNOWN | FLAG_SYN;
    return at;
  }

  /** A SYN tells where its direction begins; the first one counts. */
  #learnStart(at: number, view: PacketView, direction: 0 | 1): void {
    const r = this.#records;
    if ((r[at + W.FLAGS]! & ((FLAG_KNOWN << direction) | FLAG_MIDSTREAM)) !== 0) return;
    r[at + W.NEXT_SEQ + direction] = view.seq + 1;
    r[at + W.FLAGS]! |= (FLAG_KNOWN << direction) | rightOf(view, direction);
  }

  #open(view: PacketView, hash: number, meta: number, tcp: boolean): number {
    const table = this.table;
    const r = this.#records;
    const shard = shardOf(view);
    if (table.full(shard)) this.#evict(shard);
    const flags = view.tcpFlags;
    const answer = tcp && (flags & (TCP_SYN | TCP_ACK)) === (TCP_SYN | TCP_ACK);
    const at = table.insert(view, hash, meta, shard, tcp ? LIST.OPENING : LIST.UDP, answer);
    r[at + W.USED] = this.clock.seconds;
    r[at + W.START_SECONDS] = this.stamp.seconds;
    r[at + W.START_NANOS] = this.stamp.nanos;
    r[at + W.CANDIDATES] = -1;
    this.#tunnels?.open(at, view, table.direction);
    if (!tcp) {
      this.counters.udpFlows++;
      return at;
    }
    this.counters.tcpFlows++;
    beginTcp(r, at, view, this.counters);
    return at;
  }

  /**
   * Payload of a connection that has no object: most are settled here by one look at a table,
   * without an allocation.
   */
  #first(at: number, view: PacketView, direction: 0 | 1, tcp: boolean): void {
    const r = this.#records;
    const flags = r[at + W.FLAGS]!;
    r[at + W.FLAGS] = flags | (FLAG_PAYLOAD << direction);
    if (view.payloadEnd <= view.payloadStart) {
      this.counters.notCaptured++;
      this.#giveUp(at);
      return;
    }
    const byte = view.bytes[view.payloadStart]!;
    if (!tcp) {
      const able = r[at + W.CANDIDATES]! & this.#prefilter.udp[(direction << 8) | byte]!;
      const mask = (r[at + W.CANDIDATES] = glance(this.#prefilter, able, view));
      if (mask !== 0) this.#watch(at, view, direction, false);
      return;
    }
    const table = this.#prefilter.tcp;
    if ((flags & FLAG_MIDSTREAM) !== 0) {
      const wanted = r[at + W.CANDIDATES]! & midstream(this.#prefilter, byte);
      if (glance(this.#prefilter, wanted, view) !== 0) {
        this.#watch(at, view, direction, true);
      } else {
        // What somebody had a look at is not opening any more, whatever the look said.
        if (wanted !== 0) this.#settle(at);
        this.#missed(at);
      }
      return;
    }
    const mask = glance(this.#prefilter, r[at + W.CANDIDATES]! & table[(direction << 8) | byte]!, view);
    if ((flags & (FLAG_KNOWN << direction)) !== 0) {
      const seq = view.seq + (view.tcpFlags & TCP_SYN ? 1 : 0);
      const ahead = (seq - r[at + W.NEXT_SEQ + direction]!) | 0;
      if (ahead < 0 && ahead + view.payloadLength <= 0) return;
      if (ahead !== 0 || (mask === 0 && beginsDoubtful(flags, view, direction))) {
        this.#watch(at, view, direction, false);
        return;
      }
    }
    r[at + W.CANDIDATES] = mask;
    if (mask !== 0) this.#watch(at, view, direction, false);
    else this.table.moveTo(at, LIST.OTHER);
  }

  /** No detector is left: the flow is counted, its bytes are not looked at. */
  #giveUp(at: number): void {
    this.#records[at + W.CANDIDATES] = 0;
    this.#settle(at);
  }

  /** The connection is open: it is kept for longer. */
  #settle(at: number): void {
    if (this.table.listAt(at) === LIST.OPENING) this.table.moveTo(at, LIST.OTHER);
  }

  /** A segment of a mid-stream flow was no message start: so many are tried. */
  #missed(at: number): void {
    const r = this.#records;
    const tries = (r[at + W.FLAGS]! >>> FLAG_TRIES_SHIFT) + 1;
    if (tries >= this.#limits.midstream_tries) this.#giveUp(at);
    else r[at + W.FLAGS] = (r[at + W.FLAGS]! & 0xff_ffff) | (tries << FLAG_TRIES_SHIFT);
  }

  /** Gives the flow an object and feeds it this packet. */
  #watch(at: number, view: PacketView, direction: 0 | 1, midstream: boolean): void {
    const flow = this.#watched.open(at, view, direction, midstream, this.table.shardAt(at));
    this.#settle(at);
    this.#dedupe.isCopy(view, at, direction, this.clock);
    this.#feed(flow, view, direction);
    if (flow.state === undefined && this.#records[at + W.OBJECT] !== 0) this.#consumer.waits(flow);
  }

  #feed(flow: Flow, view: PacketView, direction: 0 | 1): void {
    this.#watched.feed(flow, view, direction, this.stamp.file);
    if (flow.revived) this.#revive(flow);
    if (flow.dropped) this.#drop(flow);
    const shard = this.table.shardAt(flow.at);
    if (this.table.imCount(shard) + this.carried[shard]! > this.#imRoom) this.#evictIm(shard, flow.at);
  }

  /** Ends the least recently used IM flows of the shard, never the one that is fed, until there is room. */
  #evictIm(shard: number, fed: number): void {
    while (this.table.imCount(shard) + this.carried[shard]! > this.#imRoom) {
      const victim = imVictimOf(this.table, shard, fed);
      if (victim === 0) return;
      this.counters.imLimit++;
      this.#end(victim, 'forced');
    }
  }

  /** A side sent on after its own reset: the flow is not over, and is kept as before. */
  #revive(flow: Flow): void {
    flow.revived = false;
    const list = this.table.listAt(flow.at);
    if (isClosed(list)) this.table.moveTo(flow.at, isIm(list) ? LIST.IM : LIST.OTHER);
  }

  /** A FIN or RST: the flow moves to the list of the closing ones. */
  #closing(at: number, view: PacketView, direction: 0 | 1): void {
    if ((view.tcpFlags & TCP_RST) !== 0) this.counters.resets++;
    const flow = this.#watched.at(at);
    const list = listAfter(this.#records, at, view, direction, flow, this.#consumer);
    const now = this.table.listAt(at);
    if (list >= 0 && !isClosed(now)) this.table.moveTo(at, isIm(now) ? imListOf(list) : list);
  }

  /** The consumer gave up a flow other than the one that it is being fed. */
  giveUpFlow(flow: Flow): void {
    flow.dropped = true;
    this.#drop(flow);
  }

  /** Every detector gave the flow up: its object goes; a mid-stream flow may get another. */
  #drop(flow: Flow): void {
    const at = flow.at;
    this.#watched.release(flow);
    if (!flow.midstream) {
      this.#giveUp(at);
      return;
    }
    becomeMidstream(this.#records, at);
    this.#missed(at);
  }

  /** Makes room in a shard: the least recently used flow that is not IM, else the least recently used one. */
  #evict(shard: number): void {
    const victim = victimOf(this.table, shard);
    this.counters.evicted++;
    if (this.table.listAt(victim) === LIST.IM) this.counters.evictedIm++;
    this.#end(victim, 'forced');
  }

  #sweep(): void {
    gatherExpired(this.table, this.#timeouts, this.clock.seconds, this.#allFlows, this.#expired);
    if (this.#expired.length > 0) this.#endAll('timeout');
  }

  /** Ends the flows gathered in `#expired`, in the order of their last frames. */
  #endAll(reason: EndReason): void {
    const expired = this.#expired.splice(0);
    this.ending.sort(expired);
    for (const at of expired) {
      this.ending.at(at);
      this.#end(at, reason);
    }
  }

  /** Ends one flow; what it tells is told of its last frame. */
  #end(at: number, reason: EndReason): void {
    const r = this.#records;
    const flow = this.#watched.at(at);
    if (flow || this.#allFlows) {
      const stamp = this.stamp;
      const { file, frame, seconds, nanos } = stamp;
      stamp.frame = r[at + W.LAST_FRAME]! >>> 0;
      stamp.seconds = r[at + W.LAST_SECONDS]! >>> 0;
      stamp.nanos = r[at + W.LAST_NANOS]!;
      if (flow) {
        stamp.file = flow.lastFile;
        this.#watched.end(flow, reason);
      } else {
        // The record has no room for the file of its last frame.
        stamp.file = NO_FILE;
        this.#consumer.plain(r, at, reason, this.#tunnels?.of(at));
      }
      stamp.file = file;
      stamp.frame = frame;
      stamp.seconds = seconds;
      stamp.nanos = nanos;
    }
    this.#tunnels?.close(at);
    this.table.remove(at);
  }
}
