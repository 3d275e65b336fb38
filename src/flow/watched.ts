import type { PacketClock } from '../core/clock.ts';
import type { Limits } from '../core/limits.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN, TCP_URG } from '../decode/view.ts';
import { linkEnds } from './link-ends.ts';
import { tunnelEnds } from './tunnel-ends.ts';
import type { PacketView } from '../decode/view.ts';
import type { EndReason, FlowConsumer } from './consumer.ts';
import type { FlowCounters } from './counters.ts';
import { doubtOf } from './doubt.ts';
import { Flow } from './flow.ts';
import { HistoryPool } from './history.ts';
import { DOUBT, ODD } from './oddity.ts';
import type { Overlap } from '../core/overlap.ts';
import { BufferBudget } from './pieces.ts';
import { NEAR, Stream } from './stream.ts';
import type { StreamOutput, StreamShare } from './stream.ts';
import { FLAG_KNOWN, FLAG_PAYLOAD, META_TCP, SHARDS, W } from './table.ts';

/** The flows that have an object: puts their bytes in order and hands them to the consumer. */
export class WatchedFlows {
  readonly #records: Int32Array;
  readonly #consumer: FlowConsumer;
  readonly #limits: Limits;
  readonly #clock: PacketClock;
  readonly #counters: FlowCounters;
  readonly #objects: (Flow | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  readonly #shares: StreamShare[] = [];
  /** Takes the bytes of all streams; a flow that was given up gets none, whatever still waited. */
  readonly #output: StreamOutput<Flow> = {
    data: (flow, direction, bytes, start, end) => {
      if (flow.feeding && !flow.dropped) this.#consumer.data(flow, direction, bytes, start, end);
    },
    gap: (flow, direction, length, cut) => {
      if (flow.feeding && !flow.dropped) this.#consumer.gap(flow, direction, length, cut);
    },
    odd: (flow, direction, code) => {
      if (flow.feeding && !flow.dropped) this.#consumer.odd(flow, direction, code);
    },
  };

  constructor(
    records: Int32Array,
    consumer: FlowConsumer,
    limits: Limits,
    clock: PacketClock,
    counters: FlowCounters,
    policy: Overlap,
  ) {
    this.#records = records;
    this.#consumer = consumer;
    this.#limits = limits;
    this.#clock = clock;
    this.#counters = counters;
    for (let i = 0; i < SHARDS; i++) {
      const budget = new BufferBudget(limits.stream_buffer_total / SHARDS);
      const histories = new HistoryPool(limits.overlap_history_total / SHARDS);
      this.#shares.push({ budget, histories, counters, limit: limits.stream_buffer, policy });
    }
  }

  /** Flows with an object now. */
  get count(): number {
    return this.#objects.length - this.#freeSlots.length;
  }

  /** The object of a record's flow, if it has one. */
  at(at: number): Flow | undefined {
    const slot = this.#records[at + W.OBJECT]!;
    return slot === 0 ? undefined : this.#objects[slot - 1];
  }

  /** Gives a record's flow an object; `view` is the packet that made it worth one. */
  open(at: number, view: PacketView, direction: 0 | 1, midstream: boolean, shard: number): Flow {
    const r = this.#records;
    const tcp = (r[at + W.META]! & META_TCP) !== 0;
    const flow = new Flow(r, at, midstream);
    flow.tunnel = tunnelEnds(view, direction);
    flow.link = linkEnds(view, direction, flow.usualTtl[0]);
    if (tcp) {
      const streams = (flow.streams = this.#makeStreams(flow, shard));
      for (const d of [0, 1] as const) {
        if ((r[at + W.FLAGS]! & (FLAG_KNOWN << d)) !== 0) streams[d].startAt(r[at + W.NEXT_SEQ + d]!);
      }
      const other = streams[direction === 0 ? 1 : 0];
      if (!other.known && (view.tcpFlags & TCP_ACK) !== 0) other.startAt(view.ack);
    }
    const slot = this.#freeSlots.pop() ?? this.#objects.push(undefined) - 1;
    this.#objects[slot] = flow;
    r[at + W.OBJECT] = slot + 1;
    return flow;
  }

  /** Feeds a packet to its flow. */
  feed(flow: Flow, view: PacketView, direction: 0 | 1, file: number): void {
    flow.lastFile = file;
    if (!flow.feeding) return;
    if (view.payloadLength > 0) this.#records[flow.at + W.FLAGS]! |= FLAG_PAYLOAD << direction;
    const streams = flow.streams;
    flow.doubt = DOUBT.NONE;
    if (streams) {
      if (view.payloadLength > 0 || (view.tcpFlags & (TCP_FIN | TCP_RST | TCP_SYN)) !== 0)
        flow.doubt = doubtOf(flow, view, direction);
      this.#feedTcp(flow, streams, view, direction);
    } else if (view.payloadLength > 0) {
      this.#feedUdp(flow, view, direction);
    }
    if (!flow.feeding && streams) {
      streams[0].release();
      streams[1].release();
    }
  }

  /** The flow is over: hands on what waits, tells the ends, lets go of the object. */
  end(flow: Flow, reason: EndReason): void {
    if (flow.feeding && flow.streams) {
      flow.streams[0].flush();
      flow.streams[1].flush();
    }
    for (const d of [0, 1] as const) {
      if (flow.ended[d] || !flow.feeding) continue;
      flow.ended[d] = true;
      this.#consumer.end(flow, d);
    }
    this.#consumer.finish(flow, reason);
    this.release(flow);
  }

  /** Lets go of the object; the record stays. */
  release(flow: Flow): void {
    const slot = this.#records[flow.at + W.OBJECT]!;
    if (slot === 0) return;
    flow.streams?.[0].release();
    flow.streams?.[1].release();
    flow.state = undefined;
    this.#objects[slot - 1] = undefined;
    this.#freeSlots.push(slot - 1);
    this.#records[flow.at + W.OBJECT] = 0;
  }

  #makeStreams(flow: Flow, shard: number): readonly [Stream<Flow>, Stream<Flow>] {
    const share = this.#shares[shard]!;
    return [new Stream(0, flow, this.#output, share), new Stream(1, flow, this.#output, share)];
  }

  #feedUdp(flow: Flow, view: PacketView, direction: 0 | 1): void {
    if (doubtOf(flow, view, direction) === DOUBT.NONE) {
      this.#consumer.data(flow, direction, view.bytes, view.payloadStart, view.payloadEnd);
      return;
    }
    this.#counters.inserts++;
    this.#consumer.odd(flow, direction, ODD.DATAGRAM);
  }

  #feedTcp(
    flow: Flow,
    streams: readonly [Stream<Flow>, Stream<Flow>],
    view: PacketView,
    direction: 0 | 1,
  ): void {
    const now = this.#clock.seconds * 1000 + Math.floor(this.#clock.nanos / 1_000_000);
    const flags = view.tcpFlags;
    const seq = (view.seq + (flags & TCP_SYN ? 1 : 0)) | 0;
    const stream = streams[direction];
    const other = direction === 0 ? 1 : 0;
    if ((flags & TCP_SYN) !== 0 && !stream.known) stream.startAt(seq);
    if (view.payloadLength > 0) this.#segment(flow, stream, view, direction, seq, now);
    if ((flags & TCP_ACK) !== 0 && flow.doubt === DOUBT.NONE)
      this.#acknowledge(flow, streams, view.ack, other, now);
    if (streams[0].holed || streams[1].holed) {
      streams[0].age(now, this.#limits.gap_grace_ms, this.#limits.gap_unacked * 1000);
      streams[1].age(now, this.#limits.gap_grace_ms, this.#limits.gap_unacked * 1000);
    }
    for (const d of [0, 1] as const) {
      if (!streams[d].ttlBelieved) continue;
      streams[d].ttlBelieved = false;
      flow.usualTtl[d] = 0;
    }
    if ((flags & TCP_FIN) !== 0 && flow.doubt === DOUBT.NONE && isNear(stream, seq + view.payloadLength)) {
      flow.fin[direction] ??= (seq + view.payloadLength) | 0;
    }
    this.#tellEnds(flow, streams);
  }

  /** The payload of a segment, up to where its side has ended the stream. */
  #segment(
    flow: Flow,
    stream: Stream<Flow>,
    view: PacketView,
    direction: 0 | 1,
    seq: number,
    now: number,
  ): void {
    const start = view.payloadStart;
    let end = view.payloadEnd;
    let length = view.payloadLength;
    if ((view.tcpFlags & TCP_URG) !== 0) this.#consumer.odd(flow, direction, ODD.URGENT);
    const fin = flow.fin[direction];
    if (fin !== undefined) {
      const room = (fin - seq) | 0;
      if (room < length) {
        // A keep-alive after the end carries a byte of no meaning.
        if (length > 1 || room > 0) this.#consumer.odd(flow, direction, ODD.AFTER_FIN);
        if (room <= 0) return;
        length = room;
        end = Math.min(end, start + room);
      }
    }
    if (flow.reset[direction] && ((seq + length - stream.next) | 0) > 0 && isNear(stream, seq)) {
      this.#consumer.odd(flow, direction, ODD.AFTER_RESET);
      flow.revived = true;
      flow.reset[direction] = false;
    }
    stream.segment(seq, view.bytes, start, end, length, now, flow.doubt);
  }

  /** An acknowledgement of the bytes of direction `of`. A FIN takes a sequence number of its own. */
  #acknowledge(
    flow: Flow,
    streams: readonly [Stream<Flow>, Stream<Flow>],
    ack: number,
    of: 0 | 1,
    now: number,
  ): void {
    const fin = flow.fin[of];
    if (fin !== undefined && ack === ((fin + 1) | 0)) ack = fin;
    const stream = streams[of];
    // One byte acknowledged beyond what was seen is a FIN that was not captured.
    if (stream.waiting || ((ack - stream.next) | 0) !== 1) stream.acknowledge(ack, now);
  }

  #tellEnds(flow: Flow, streams: readonly [Stream<Flow>, Stream<Flow>]): void {
    for (const d of [0, 1] as const) {
      const fin = flow.fin[d];
      if (fin === undefined || flow.ended[d] || ((streams[d].next - fin) | 0) < 0) continue;
      flow.ended[d] = true;
      if (flow.feeding && !flow.dropped) this.#consumer.end(flow, d);
    }
  }
}

/** A FIN or RST is believed where its number is about what is expected. */
export function isNear(stream: Stream<Flow>, seq: number): boolean {
  const ahead = stream.known ? (seq - stream.next) | 0 : 0;
  return ahead >= -1 && ahead < NEAR;
}
