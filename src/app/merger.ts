import type { ToldFlow } from '../dissect/told.ts';
import type { Direction, ImFacts } from '../event/im.ts';
import type { Protocol } from '../sdk/index.ts';
import { COLUMN, COLUMNS, OP } from './recorder.ts';
import type { Batch, FlowEnd, FlowIntroduction } from './recorder.ts';
import type { World } from './world.ts';

/** A flow of a worker, as the main thread knows it. */
interface Mirror extends ToldFlow {
  seen: readonly [number, number];
  lost: readonly [number, number];
  flow: { records: Int32Array; at: number; flipped: boolean };
}

/** What one worker has told and the world has not taken yet. */
class Lane {
  readonly batches: Batch[] = [];
  readonly flows = new Map<number, Mirror>();
  /** Next row of the first batch. */
  row = 0;
  /** All of this order and before is in `batches`, or taken. */
  upTo = -1;
  /** Flows in its table. */
  count = 0;

  get head(): Batch | undefined {
    return this.batches[0];
  }
}

/**
 * Joins what several workers tell of one input into the order in which one alone would have told it, and hands
 * it to the world.
 */
export class Merger {
  readonly #world: World;
  readonly #lanes: Lane[];
  readonly #protocols: ReadonlyMap<string, Protocol>;
  /** A batch of the worker was taken whole: it may send another. */
  readonly #taken: (worker: number) => void;
  #seconds = 0;

  constructor(
    world: World,
    workers: number,
    protocols: readonly Protocol[],
    taken: (worker: number) => void,
  ) {
    this.#world = world;
    this.#lanes = Array.from({ length: workers }, () => new Lane());
    this.#protocols = new Map(protocols.map((protocol) => [protocol.name, protocol]));
    this.#taken = taken;
  }

  add(worker: number, batch: Batch): void {
    const lane = this.#lanes[worker];
    if (!lane) return;
    lane.upTo = batch.upTo;
    lane.batches.push(batch);
    this.#skipEmpty(worker, lane);
  }

  /** Hands on up to `max` rows that are certain to be the next; true where there may be more at once. */
  pump(max: number): boolean {
    for (let n = 0; n < max; n++) {
      const worker = this.#next();
      if (worker < 0) return false;
      const lane = this.#lanes[worker]!;
      const batch = lane.head!;
      this.#tell(lane, batch.rows, lane.row * COLUMNS, batch.payloads[lane.row]);
      lane.row++;
      this.#skipEmpty(worker, lane);
    }
    return true;
  }

  #skipEmpty(worker: number, lane: Lane): void {
    for (let head = lane.head; head && lane.row * COLUMNS >= head.rows.length; head = lane.head) {
      lane.batches.shift();
      lane.row = 0;
      this.#taken(worker);
    }
  }

  /** The worker whose first row comes before all others that are there or may still come; −1 if that is not certain. */
  #next(): number {
    let best = -1;
    let known = Infinity;
    for (let i = 0; i < this.#lanes.length; i++) {
      const lane = this.#lanes[i]!;
      if (!lane.head) known = Math.min(known, lane.upTo);
      else if (best < 0 || this.#before(lane, this.#lanes[best]!)) best = i;
    }
    if (best < 0) return -1;
    const lane = this.#lanes[best]!;
    return lane.head!.rows[lane.row * COLUMNS + COLUMN.ORDER]! <= known ? best : -1;
  }

  #before(a: Lane, b: Lane): boolean {
    const x = a.head!.rows;
    const y = b.head!.rows;
    const p = a.row * COLUMNS;
    const q = b.row * COLUMNS;
    for (let c = 0; c <= COLUMN.END_SHARD; c++) {
      const difference = x[p + c]! - y[q + c]!;
      if (difference !== 0) return difference < 0;
    }
    return false;
  }

  #tell(lane: Lane, rows: Float64Array, at: number, payload: unknown): void {
    const world = this.#world;
    const { stamp, session } = world;
    stamp.file = rows[at + COLUMN.FILE]!;
    stamp.frame = rows[at + COLUMN.FRAME]!;
    stamp.seconds = rows[at + COLUMN.SECONDS]!;
    stamp.nanos = rows[at + COLUMN.NANOS]!;
    const now = rows[at + COLUMN.NOW]!;
    world.clock.seconds = now;
    const op = rows[at + COLUMN.OP]!;
    const number = rows[at + COLUMN.FLOW]!;
    if (op === OP.SECOND) {
      this.#second(lane, now, rows[at + COLUMN.OFFSET]!);
      return;
    }
    if (op === OP.PLAIN) {
      const { record, flipped, reason } = payload as FlowEnd;
      session.plain(record, 0, flipped, reason);
      return;
    }
    if (op === OP.VERDICT) lane.flows.set(number, this.#mirror(payload as FlowIntroduction));
    const flow = lane.flows.get(number);
    if (!flow) return;
    const direction = rows[at + COLUMN.DIRECTION]! as Direction;
    const offset = rows[at + COLUMN.OFFSET]!;
    switch (op) {
      case OP.IM:
        session.im(flow, direction, offset, rows[at + COLUMN.ORDINAL]!, payload as ImFacts);
        break;
      case OP.FINISHED:
        this.#finish(lane, number, flow, payload as FlowEnd);
        break;
      case OP.VERDICT:
        session.verdict(flow);
        break;
      default:
        this.#tellRare(op, flow, direction, offset, payload);
    }
  }

  #tellRare(op: number, flow: Mirror, direction: Direction, offset: number, payload: unknown): void {
    const { session } = this.#world;
    if (op === OP.ANOMALY) {
      const [code, type] = payload as [string, 'stream' | 'applayer'];
      session.anomaly(flow, direction, offset, code, type);
    } else if (op === OP.ISSUE) {
      const [token, account] = payload as [string, string | undefined];
      session.issue(flow, token, account);
    } else if (op === OP.PRESENT) {
      session.present(flow, payload as string);
    }
  }

  #finish(lane: Lane, number: number, flow: Mirror, end: FlowEnd): void {
    flow.seen = end.seen;
    flow.lost = end.lost;
    flow.flow = { records: end.record, at: 0, flipped: end.flipped };
    lane.flows.delete(number);
    this.#world.session.finished(flow, end.reason);
  }

  /** Every worker tells every second; once all have, it is known how many flows there are. */
  #second(lane: Lane, seconds: number, flows: number): void {
    lane.count = flows;
    if (++this.#seconds % this.#lanes.length !== 0) return;
    this.#world.second(
      seconds,
      this.#lanes.reduce((n, l) => n + l.count, 0),
    );
  }

  #mirror(introduction: FlowIntroduction): Mirror {
    const { id, header, verdict, midstream } = introduction;
    const protocol = this.#protocols.get(introduction.protocol);
    return {
      id,
      header,
      protocol: protocol ?? { name: introduction.protocol, services: [] },
      verdict,
      midstream,
      seen: [0, 0],
      lost: [0, 0],
      flow: { records: NO_RECORD, at: 0, flipped: false },
    };
  }
}

const NO_RECORD = new Int32Array(0);
