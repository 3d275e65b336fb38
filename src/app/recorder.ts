import { clientLinkOf } from '../dissect/told.ts';
import type { DissectionOutput, ToldFlow } from '../dissect/told.ts';
import type { HostFact } from '../core/host-fact.ts';
import type { ClientLink } from '../flow/link-ends.ts';
import type { CarvedFile, FileAnnouncement } from '../event/file.ts';
import type { Direction, ImFacts, Verdict } from '../event/im.ts';
import type { FlowHeader } from '../event/eve.ts';
import type { EndReason } from '../flow/consumer.ts';
import { copyRecord } from '../flow/record-copy.ts';
import type { FlowTracker } from '../flow/tracker.ts';
import type { Directions } from '../flow/directions.ts';
import type { TunnelEnds } from '../flow/tunnel-ends.ts';
import type { EngineCounters } from './stats.ts';

/** What a row of a batch tells. */
export const OP = {
  VERDICT: 0,
  IM: 1,
  ANOMALY: 2,
  ISSUE: 3,
  PRESENT: 4,
  FINISHED: 5,
  FILE: 6,
  ANNOUNCE: 7,
  CLAIM: 8,
  PLAIN: 9,
  /** Of no flow. */
  HOST: 10,
  // From here on what every worker tells.
  SECOND: 11,
  /** Live: time went on without a packet. */
  TICK: 12,
  /** Live: how the worker stands. */
  LOOK: 13,
} as const;

/** Columns of a row. The first five are what rows of several workers are sorted by. */
export const COLUMN = {
  ORDER: 0,
  END_FILE: 1,
  END_FRAME: 2,
  END_PORTS: 3,
  END_SHARD: 4,
  OP: 5,
  /** The flow's number in its worker. */
  FLOW: 6,
  NOW: 7,
  FILE: 8,
  FRAME: 9,
  SECONDS: 10,
  NANOS: 11,
  DIRECTION: 12,
  OFFSET: 13,
  ORDINAL: 14,
} as const;
export const COLUMNS = 15;

/** What a worker says of a flow when its protocol is known. */
export interface FlowIntroduction {
  readonly id: string;
  readonly header: FlowHeader;
  /** The plug-in's name. */
  readonly protocol: string;
  readonly verdict: Verdict;
  readonly midstream: boolean;
  readonly carrier: string | undefined;
  readonly clientLink: ClientLink | undefined;
}

/** And when it is over. */
export interface FlowEnd {
  readonly proxyUser: string | undefined;
  readonly silent: boolean;
  readonly seen: readonly [number, number];
  readonly lost: readonly [number, number];
  /** Its record: see `copyRecord`. */
  readonly record: Int32Array;
  readonly flipped: boolean;
  readonly reason: EndReason;
  /** Of one that is not IM: an IM flow's was told with its verdict. */
  readonly tunnel: TunnelEnds | undefined;
}

/** How one share of the flows stands. */
export interface ShareLook {
  readonly counters: EngineCounters;
  /** TCP connections by how many of their directions were seen; only where they were asked for. */
  readonly directions: Directions | undefined;
  readonly nanos: number;
}

/** What a worker hands to the main thread at a time. */
export interface Batch {
  /** `COLUMNS` numbers a row, in order. */
  readonly rows: Float64Array;
  /** One a row. */
  readonly payloads: readonly unknown[];
  /** Everything of this order and before has been told. */
  readonly upTo: number;
}

/** Writes down what the dissectors of a worker tell, for the main thread to take in order. */
export class Recorder implements DissectionOutput {
  readonly #tracker: FlowTracker;
  readonly #order: () => number;
  #rows: number[] = [];
  #payloads: unknown[] = [];
  readonly #numbers = new Map<string, number>();
  #next = 0;

  constructor(tracker: FlowTracker, order: () => number) {
    this.#tracker = tracker;
    this.#order = order;
  }

  verdict(flow: ToldFlow): void {
    const { id, header, protocol, verdict, midstream, carrier } = flow;
    const introduction: FlowIntroduction = {
      ...{ id, header, verdict, midstream, carrier },
      protocol: protocol.name,
      clientLink: clientLinkOf(flow),
    };
    this.#numbers.set(id, this.#next++);
    this.#row(OP.VERDICT, flow, 0, 0, 0, introduction);
  }

  im(flow: ToldFlow, direction: Direction, offset: number, ordinal: number, facts: ImFacts): void {
    // As JSON: the output needs that text anyway, and one string crosses threads faster than an object.
    this.#row(OP.IM, flow, direction, offset, ordinal, JSON.stringify(facts));
  }

  anomaly(
    flow: ToldFlow,
    direction: Direction,
    offset: number,
    code: string,
    type: 'stream' | 'applayer',
  ): void {
    this.#row(OP.ANOMALY, flow, direction, offset, 0, [code, type]);
  }

  issue(flow: ToldFlow, token: string, account: string | undefined): void {
    this.#row(OP.ISSUE, flow, 0, 0, 0, [token, account]);
  }

  present(flow: ToldFlow, token: string): void {
    this.#row(OP.PRESENT, flow, 0, 0, 0, token);
  }

  file(flow: ToldFlow, direction: Direction, offset: number, ordinal: number, carved: CarvedFile): void {
    this.#row(OP.FILE, flow, direction, offset, ordinal, carved);
  }

  announce(flow: ToldFlow, token: string, file: FileAnnouncement): void {
    this.#row(OP.ANNOUNCE, flow, 0, 0, 0, [token, file]);
  }

  claim(flow: ToldFlow, fileId: string, token: string, sender: Direction | undefined): void {
    this.#row(OP.CLAIM, flow, 0, 0, 0, [fileId, token, sender]);
  }

  finished(flow: ToldFlow, reason: EndReason): void {
    const { records, at, flipped } = flow.flow;
    const record = copyRecord(records, at);
    const { seen, lost, proxyUser, silent } = flow;
    const end: FlowEnd = { seen, lost, proxyUser, silent, record, flipped, reason, tunnel: undefined };
    this.#row(OP.FINISHED, flow, 0, 0, 0, end);
    this.#numbers.delete(flow.id);
  }

  plain(records: Int32Array, at: number, flipped: boolean, reason: EndReason, tunnel?: TunnelEnds): void {
    const record = copyRecord(records, at);
    const end: FlowEnd = {
      ...{ seen: [0, 0], lost: [0, 0], proxyUser: undefined, silent: false },
      ...{ record, flipped, reason, tunnel },
    };
    this.#row(OP.PLAIN, undefined, 0, 0, 0, end);
  }

  host(fact: HostFact): void {
    this.#row(OP.HOST, undefined, 0, 0, 0, fact);
  }

  /** The packet clock moved: `flows` of this share are in the table. */
  second(seconds: number, flows: number): void {
    this.#row(OP.SECOND, undefined, 0, flows, 0, undefined);
  }

  /** Time went on without a packet (live). */
  tick(): void {
    this.#row(OP.TICK, undefined, 0, 0, 0, undefined);
  }

  /** How this share stands (live); `wanted` is of `LOOK`. */
  look(wanted: number, look: ShareLook): void {
    this.#row(OP.LOOK, undefined, 0, wanted, 0, look);
  }

  /** What was told since the last time. */
  take(upTo: number): Batch {
    const batch = { rows: Float64Array.from(this.#rows), payloads: this.#payloads, upTo };
    this.#rows = [];
    this.#payloads = [];
    return batch;
  }

  #row(
    op: number,
    flow: ToldFlow | undefined,
    direction: Direction,
    offset: number,
    ordinal: number,
    payload: unknown,
  ): void {
    const { stamp, clock, ending } = this.#tracker;
    const order = this.#order();
    // Several flows end at one even order; all that is told at an odd one is of one packet. A second begins
    // behind its first packet.
    const ends = order % 2 === 0 && op !== OP.SECOND;
    this.#rows.push(
      op === OP.SECOND ? order + 0.5 : order,
      ends ? ending.file : 0,
      ends ? stamp.frame : 0,
      ends ? ending.ports : 0,
      ends ? ending.shard : 0,
      op,
      flow === undefined ? -1 : (this.#numbers.get(flow.id) ?? -1),
      clock.seconds,
      stamp.file,
      stamp.frame,
      stamp.seconds,
      stamp.nanos,
      direction,
      offset,
      ordinal,
    );
    this.#payloads.push(payload);
  }
}
