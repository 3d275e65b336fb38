import type { Limits } from '../core/limits.ts';
import type { FileTarget } from '../event/file.ts';
import { Carving } from './carving.ts';
import type { PieceRoom } from './carving.ts';
import type { Quarantine } from './quarantine.ts';

/** The files that are being carved, counted by shard of the flow table: what is refused does not depend on the threads. */
export class FileRoom {
  /** Files that were not carved because too many were open. */
  refused = 0;
  readonly #most: number;
  readonly #pieceLimit: number;
  readonly #pieceTotal: number;
  readonly #quarantine: Quarantine | undefined;
  readonly #open: Int32Array;
  readonly #waiting: Float64Array;
  /** Bytes kept of archives that are being listed. */
  readonly #archiveTotal: number;
  readonly #archives: Float64Array;

  constructor(limits: Limits, shards: number, quarantine?: Quarantine) {
    this.#most = Math.max(1, Math.floor(limits.open_files / shards));
    this.#pieceLimit = limits.file_reorder;
    this.#pieceTotal = limits.file_reorder_total / shards;
    this.#quarantine = quarantine;
    this.#open = new Int32Array(shards);
    this.#waiting = new Float64Array(shards);
    this.#archiveTotal = limits.archive_lists / shards;
    this.#archives = new Float64Array(shards);
  }

  /** Begins a file; undefined where too many are open. Whoever ends it calls `closed`. */
  open(shard: number, target: FileTarget): Carving | undefined {
    const open = this.#open[shard] ?? 0;
    if (open >= this.#most) {
      this.refused++;
      return undefined;
    }
    this.#open[shard] = open + 1;
    return new Carving(target, this.#pieceLimit, this.#roomOf(shard), this.#quarantine?.keep(shard));
  }

  closed(shard: number): void {
    this.#open[shard] = (this.#open[shard] ?? 0) - 1;
  }

  #roomOf(shard: number): PieceRoom {
    return {
      hold: (bytes) => {
        const waiting = (this.#waiting[shard] ?? 0) + bytes;
        this.#waiting[shard] = waiting;
        return waiting <= this.#pieceTotal;
      },
      release: (bytes) => {
        this.#waiting[shard] = (this.#waiting[shard] ?? 0) - bytes;
      },
      enter: (bytes) => {
        const kept = (this.#archives[shard] ?? 0) + bytes;
        if (kept > this.#archiveTotal) return false;
        this.#archives[shard] = kept;
        return true;
      },
      leave: (bytes) => {
        this.#archives[shard] = (this.#archives[shard] ?? 0) - bytes;
      },
    };
  }
}
