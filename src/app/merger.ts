import type { ToldFlow } from '../dissect/told.ts';
import type { HostFact } from '../core/host-fact.ts';
import type { FactsText } from '../event/eve.ts';
import type { CarvedFile, FileAnnouncement } from '../event/file.ts';
import type { Direction, ImFacts } from '../event/im.ts';
import { COPY_AT } from '../flow/table.ts';
import type { Protocol } from '../sdk/index.ts';
import { COLUMN, COLUMNS, OP } from './recorder.ts';
import type { Batch, FlowEnd, FlowIntroduction, ShareLook } from './recorder.ts';
import type { World } from './world.ts';

/** A flow of a worker, as the main thread knows it. */
interface Mirror extends ToldFlow {
  proxyUser: string | undefined;
  silent: boolean;
  seen: readonly [number, number];
  lost: readonly [number, number];
  flow: { records: Int32Array; at: number; flipped: boolean };
}

/** What one worker has told and the world has not taken yet. */
class Lane {
  readonly worker: number;
  readonly flows = new Map<number, Mirror>();
  /** All of this order and before is here, or taken. */
  upTo = -1;
  /** Flows in its table. */
  count = 0;
  readonly #batches: Batch[] = [];
  /** The batch of the next row, and where in its numbers the row is. */
  #rows: Float64Array = NO_ROWS;
  #at = 0;

  constructor(worker: number) {
    this.worker = worker;
  }

  get isEmpty(): boolean {
    return this.#at >= this.#rows.length;
  }

  /** Of the next row. */
  get(column: number): number {
    return this.#rows[this.#at + column] ?? 0;
  }

  get payload(): unknown {
    return this.#batches[0]?.payloads[this.#at / COLUMNS];
  }

  add(batch: Batch): void {
    this.upTo = batch.upTo;
    if (this.#batches.push(batch) === 1) this.#show();
  }

  next(): void {
    this.#at += COLUMNS;
  }

  /** Lets go of batches that are taken whole; how many. */
  release(): number {
    let released = 0;
    while (this.#batches.length > 0 && this.isEmpty) {
      this.#batches.shift();
      this.#show();
      released++;
    }
    return released;
  }

  /** True where the lane's next row comes before the other's. */
  isBefore(other: Lane): boolean {
    for (let c = 0; c <= COLUMN.END_SHARD; c++) {
      const difference = this.get(c) - other.get(c);
      if (difference !== 0) return difference < 0;
    }
    return false;
  }

  #show(): void {
    this.#rows = this.#batches[0]?.rows ?? NO_ROWS;
    this.#at = 0;
  }
}

/**
 * Joins what several workers tell of one input into the order in which one alone would have told it, and hands
 * it to the world.
 */
export class Merger {
  readonly #world: World;
  readonly #lanes: readonly Lane[];
  readonly #protocols: ReadonlyMap<string, Protocol>;
  /** A batch of the worker was taken whole: it may send another. */
  readonly #taken: (worker: number) => void;
  readonly #looked: ((wanted: number, looks: readonly ShareLook[]) => void) | undefined;
  #seconds = 0;
  #ticks = 0;
  #looks: ShareLook[] = [];

  constructor(
    world: World,
    workers: number,
    protocols: readonly Protocol[],
    taken: (worker: number) => void,
    looked?: (wanted: number, looks: readonly ShareLook[]) => void,
  ) {
    this.#world = world;
    this.#lanes = Array.from({ length: workers }, (_, worker) => new Lane(worker));
    this.#protocols = new Map(protocols.map((protocol) => [protocol.name, protocol]));
    this.#taken = taken;
    this.#looked = looked;
  }

  add(worker: number, batch: Batch): void {
    const lane = this.#lanes[worker];
    if (!lane) return;
    lane.add(batch);
    this.#release(lane);
  }

  /** Hands on up to `max` rows that are certain to be the next; true where there may be more at once. */
  pump(max: number): boolean {
    for (let n = 0; n < max; n++) {
      const lane = this.#next();
      if (!lane) return false;
      this.#tell(lane, lane.payload);
      lane.next();
      if (lane.isEmpty) this.#release(lane);
    }
    return true;
  }

  #release(lane: Lane): void {
    for (let n = lane.release(); n > 0; n--) this.#taken(lane.worker);
  }

  /** The worker whose next row comes before all others that are here or may still come, if that is certain. */
  #next(): Lane | undefined {
    let best: Lane | undefined;
    let known = Infinity;
    for (const lane of this.#lanes) {
      if (lane.isEmpty) known = Math.min(known, lane.upTo);
      else if (!best || lane.isBefore(best)) best = lane;
    }
    return best && best.get(COLUMN.ORDER) <= known ? best : undefined;
  }

  #tell(lane: Lane, payload: unknown): void {
    const { stamp, session, clock } = this.#world;
    stamp.file = lane.get(COLUMN.FILE);
    stamp.frame = lane.get(COLUMN.FRAME);
    stamp.seconds = lane.get(COLUMN.SECONDS);
    stamp.nanos = lane.get(COLUMN.NANOS);
    clock.seconds = lane.get(COLUMN.NOW);
    const op = lane.get(COLUMN.OP);
    const offset = lane.get(COLUMN.OFFSET);
    if (op >= OP.SECOND) {
      this.#moment(op, lane, offset, payload);
      return;
    }
    if (op === OP.PLAIN) {
      const { record, flipped, reason, tunnel } = payload as FlowEnd;
      session.plain(record, COPY_AT, flipped, reason, tunnel);
      return;
    }
    if (op === OP.HOST) {
      session.host(payload as HostFact);
      return;
    }
    const number = lane.get(COLUMN.FLOW);
    if (op === OP.VERDICT) lane.flows.set(number, this.#mirror(payload as FlowIntroduction));
    const flow = lane.flows.get(number);
    if (!flow) return;
    const direction = lane.get(COLUMN.DIRECTION) as Direction;
    switch (op) {
      case OP.IM:
        this.#tellFacts(flow, direction, offset, lane.get(COLUMN.ORDINAL), payload as string);
        break;
      case OP.FINISHED:
        this.#finish(lane, number, flow, payload as FlowEnd);
        break;
      case OP.VERDICT:
        session.verdict(flow);
        break;
      default:
        this.#tellRare(op, flow, direction, offset, lane.get(COLUMN.ORDINAL), payload);
    }
  }

  #tellFacts(flow: Mirror, direction: Direction, offset: number, ordinal: number, json: string): void {
    const facts = JSON.parse(json) as ImFacts;
    const text: FactsText = { im: facts, json, fields: Object.keys(facts).length };
    this.#world.session.im(flow, direction, offset, ordinal, facts, text);
  }

  #tellRare(
    op: number,
    flow: Mirror,
    direction: Direction,
    offset: number,
    ordinal: number,
    payload: unknown,
  ): void {
    const { session } = this.#world;
    if (op === OP.ANOMALY) {
      const [code, type] = payload as [string, 'stream' | 'applayer'];
      session.anomaly(flow, direction, offset, code, type);
    } else if (op === OP.ISSUE) {
      const [token, account] = payload as [string, string | undefined];
      session.issue(flow, token, account);
    } else if (op === OP.PRESENT) {
      session.present(flow, payload as string);
    } else if (op === OP.FILE) {
      session.file(flow, direction, offset, ordinal, payload as CarvedFile);
    } else if (op === OP.ANNOUNCE) {
      const [token, file] = payload as [string, FileAnnouncement];
      session.announce(flow, token, file);
    } else if (op === OP.CLAIM) {
      const [fileId, token, sender] = payload as [string, string, Direction | undefined];
      session.claim(flow, fileId, token, sender);
    }
  }

  #finish(lane: Lane, number: number, flow: Mirror, end: FlowEnd): void {
    flow.seen = end.seen;
    flow.lost = end.lost;
    flow.proxyUser = end.proxyUser;
    flow.silent = end.silent;
    flow.flow = { records: end.record, at: COPY_AT, flipped: end.flipped };
    lane.flows.delete(number);
    this.#world.session.finished(flow, end.reason);
  }

  /** What every worker tells: once all have, it is the world's turn. */
  #moment(op: number, lane: Lane, value: number, payload: unknown): void {
    const { clock } = this.#world;
    const workers = this.#lanes.length;
    if (op === OP.SECOND) this.#second(lane, clock.seconds, value);
    else if (op === OP.TICK) {
      if (++this.#ticks % workers === 0 && clock.seconds >= 0) this.#world.tick(clock.seconds);
    } else if (this.#looks.push(payload as ShareLook) === workers) {
      const looks = this.#looks;
      this.#looks = [];
      clock.nanos = looks[0]?.nanos ?? 0;
      this.#looked?.(value, looks);
    }
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
    const { id, header, verdict, midstream, carrier, clientLink } = introduction;
    const protocol = this.#protocols.get(introduction.protocol);
    return {
      id,
      header,
      protocol: protocol ?? { name: introduction.protocol, services: [] },
      verdict,
      midstream,
      carrier,
      clientLink,
      proxyUser: undefined,
      silent: false,
      seen: [0, 0],
      lost: [0, 0],
      flow: { records: NO_RECORD, at: 0, flipped: false },
    };
  }
}

const NO_RECORD = new Int32Array(0);
const NO_ROWS = new Float64Array(0);
