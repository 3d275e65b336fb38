/** Bytes of each direction that are remembered after they were handed on; a power of two. */
export const HISTORY = 2_048;

/** Memory for the histories of a shard's streams: bounded, and used again. */
export class HistoryPool {
  readonly #free: Uint8Array[] = [];
  #left: number;

  /** `bytes` of memory in all. */
  constructor(bytes: number) {
    this.#left = Math.floor(bytes / HISTORY);
  }

  /** Room for one history; undefined where all is taken. */
  take(): Uint8Array | undefined {
    const free = this.#free.pop();
    if (free || this.#left <= 0) return free;
    this.#left--;
    return new Uint8Array(HISTORY);
  }

  give(room: Uint8Array): void {
    this.#free.push(room);
  }
}

/** The last bytes of a stream that were handed on, to compare with what comes again for their place. */
export class History {
  readonly #pool: HistoryPool;
  #room: Uint8Array | undefined = undefined;
  #length = 0;
  #closed = false;

  constructor(pool: HistoryPool) {
    this.#pool = pool;
  }

  /** `bytes[start..end)` were handed on; the first of them is at `seq`. */
  add(seq: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#closed) return;
    const room = (this.#room ??= this.#pool.take());
    if (!room) return;
    const from = Math.max(start, end - HISTORY);
    for (let i = from; i < end; i++) room[(seq + i - start) & (HISTORY - 1)] = bytes[i]!;
    this.#length = Math.min(HISTORY, this.#length + end - start);
  }

  /** What comes next does not join what is remembered. */
  forget(): void {
    this.#length = 0;
  }

  /** Gives the memory back; nothing is remembered from now on. */
  close(): void {
    this.#closed = true;
    this.#length = 0;
    if (this.#room) this.#pool.give(this.#room);
    this.#room = undefined;
  }

  /** True where `bytes[start..end)`, whose first is at `seq`, differ from what was handed on before `next`. */
  differs(next: number, seq: number, bytes: Uint8Array, start: number, end: number): boolean {
    const room = this.#room;
    if (!room || this.#length === 0) return false;
    const behind = (next - seq) | 0;
    const from = Math.max(0, behind - this.#length);
    const to = Math.min(behind, end - start);
    for (let i = from; i < to; i++) {
      if (room[(seq + i) & (HISTORY - 1)] !== bytes[start + i]) return true;
    }
    return false;
  }
}
