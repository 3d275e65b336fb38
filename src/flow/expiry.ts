import { LISTS, SHARDS, W } from './table.ts';
import type { FlowTable } from './table.ts';

/**
 * Puts the records that were silent for longer than their list's time-out (seconds) into `expired`. Those of which
 * nothing will be told are removed at once, unless `all` are to be told.
 */
export function gatherExpired(
  table: FlowTable,
  timeouts: readonly number[],
  now: number,
  all: boolean,
  expired: number[],
): void {
  const r = table.records;
  expired.length = 0;
  for (let shard = 0; shard < SHARDS; shard++) {
    for (let list = 0; list < LISTS; list++) {
      const before = now - timeouts[list]!;
      let at = table.oldest(shard, list);
      while (at !== 0 && r[at + W.USED]! < before) {
        const newer = r[at + W.NEWER]!;
        if (all || r[at + W.OBJECT] !== 0) expired.push(at);
        else table.remove(at);
        at = newer;
      }
    }
  }
}

/** The same for all records there are: the capture is over. */
export function gatherAll(table: FlowTable, all: boolean, expired: number[]): void {
  // No record was used later than this.
  gatherExpired(table, new Array<number>(LISTS).fill(0), Infinity, all, expired);
}

/**
 * The order in which flows are told that end at one moment: by file, last frame, ports and shard. Whoever joins the
 * flows of several trackers sorts by the same, and reads here which flow is being ended.
 */
export class EndOrder {
  file = 0;
  ports = 0;
  shard = 0;
  readonly #table: FlowTable;
  readonly #fileOf: (at: number) => number;

  /** `fileOf` is the file of a record's last frame. */
  constructor(table: FlowTable, fileOf: (at: number) => number) {
    this.#table = table;
    this.#fileOf = fileOf;
  }

  sort(records: number[]): void {
    const r = this.#table.records;
    const fileOf = this.#fileOf;
    records.sort(
      (a, b) =>
        fileOf(a) - fileOf(b) ||
        (r[a + W.LAST_FRAME]! >>> 0) - (r[b + W.LAST_FRAME]! >>> 0) ||
        (r[a + W.PORTS]! >>> 0) - (r[b + W.PORTS]! >>> 0) ||
        this.#table.shardAt(a) - this.#table.shardAt(b),
    );
  }

  /** This record's flow is the one that ends. */
  at(record: number): void {
    this.file = this.#fileOf(record);
    this.ports = this.#table.records[record + W.PORTS]! >>> 0;
    this.shard = this.#table.shardAt(record);
  }
}
