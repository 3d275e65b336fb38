import { DOUBT, ODD, oddityOf } from './oddity.ts';
import type { Doubt, Oddity } from './oddity.ts';
import { laterWins } from '../core/overlap.ts';
import type { Overlap } from '../core/overlap.ts';

/** Bytes kept, in a shard; shared by its streams. */
export class BufferBudget {
  used = 0;
  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }
}

/** Bytes of a stream that wait, and the segment that brought them. */
export interface Piece {
  seq: number;
  bytes: Uint8Array;
  /** Length on the wire; more than `bytes` when the snap length cut it. */
  length: number;
  /** Where the whole segment began and ended: receivers go by these. */
  from: number;
  to: number;
  doubt: Doubt;
}

/** What one piece costs beside its bytes, with its share of the objects of a flow that has nothing else. */
const PIECE_COST = 1024;

/** The pieces of one direction that wait behind a hole, or for an acknowledgement: sorted, none overlapping. */
export class Pieces {
  /** Bytes charged for. */
  buffered = 0;
  /** Pieces that are doubted. */
  doubted = 0;
  readonly #budget: BufferBudget;
  readonly #policy: Overlap;
  readonly #tell: (code: Oddity) => void;
  #all: Piece[] = [];

  constructor(budget: BufferBudget, policy: Overlap, tell: (code: Oddity) => void) {
    this.#budget = budget;
    this.#policy = policy;
    this.#tell = tell;
  }

  get count(): number {
    return this.#all.length;
  }

  get first(): Piece | undefined {
    return this.#all[0];
  }

  at(i: number): Piece {
    return this.#all[i]!;
  }

  /** Puts a piece among those that wait, cut to what none of them has; their bytes change as the policy says. */
  insert(piece: Piece): void {
    const pieces = this.#all;
    if (piece.doubt === DOUBT.NONE && this.doubted > 0) this.#refute(piece);
    let i = pieces.length;
    while (i > 0 && ((pieces[i - 1]!.seq - piece.seq) | 0) > 0) i--;
    if (i > 0) {
      const before = pieces[i - 1]!;
      const overlap = (before.seq + before.length - piece.seq) | 0;
      if (overlap > 0) {
        this.#settle(before, piece);
        if (overlap >= piece.length) return;
        piece = tail(piece, overlap);
      }
    }
    while (i < pieces.length) {
      const after = pieces[i]!;
      const room = (after.seq - piece.seq) | 0;
      if (room >= piece.length) break;
      this.#settle(after, piece);
      if (room > 0) this.#add(i++, head(piece, room));
      const covered = room + after.length;
      if (covered >= piece.length) return;
      piece = tail(piece, covered);
      i++;
    }
    this.#add(i, piece);
  }

  /** The receiver has all before `ack`: what was doubted there was real. True where a low TTL was. */
  believe(ack: number): boolean {
    let ttl = false;
    for (const piece of this.#all) {
      if (((ack - piece.seq - piece.length) | 0) < 0) break;
      if (piece.doubt === DOUBT.TTL) ttl = true;
      this.believeOne(piece);
    }
    return ttl;
  }

  believeOne(piece: Piece): void {
    if (piece.doubt === DOUBT.NONE) return;
    piece.doubt = DOUBT.NONE;
    this.doubted--;
  }

  /** Takes the charge off a piece that goes; `removeFirst` takes it out. */
  discharge(piece: Piece): void {
    const cost = piece.bytes.length + PIECE_COST;
    this.buffered -= cost;
    this.#budget.used -= cost;
    if (piece.doubt !== DOUBT.NONE) this.doubted--;
  }

  /** Takes out the first `n`, whose charge is off. */
  removeFirst(n: number): void {
    if (n > 0) this.#all.splice(0, n);
  }

  clear(): void {
    this.#budget.used -= this.buffered;
    this.buffered = 0;
    this.doubted = 0;
    this.#all = [];
  }

  /** A doubted piece goes as soon as a segment that is not doubted touches its place; told where they differ. */
  #refute(piece: Piece): void {
    for (let i = this.#all.length - 1; i >= 0; i--) {
      const old = this.#all[i]!;
      if (old.doubt === DOUBT.NONE || !overlaps(old, piece)) continue;
      if (differ(old, piece)) this.#tell(oddityOf(old.doubt));
      this.discharge(old);
      this.#all.splice(i, 1);
    }
  }

  /** Both give bytes for a place: they are compared, and the policy says whose stay. */
  #settle(old: Piece, piece: Piece): void {
    if (!differ(old, piece)) return;
    if (piece.doubt !== old.doubt) {
      // Only the later one can be doubted here: see `#refute`.
      this.#tell(oddityOf(piece.doubt));
      return;
    }
    this.#tell(ODD.OVERLAP);
    const start = (piece.from - old.from) | 0;
    const end = (piece.to - old.from) | 0;
    if (!laterWins(this.#policy, { start, end, oldEnd: (old.to - old.from) | 0 })) return;
    const skip = (piece.seq - old.seq) | 0;
    const x = Math.max(0, skip);
    const y = Math.max(0, -skip);
    const n = Math.min(old.bytes.length - x, piece.bytes.length - y);
    old.bytes.set(piece.bytes.subarray(y, y + n), x);
  }

  /** Keeps a piece: only now are its bytes copied, so that nothing is held that is not charged for. */
  #add(i: number, piece: Piece): void {
    this.#all.splice(i, 0, { ...piece, bytes: piece.bytes.slice() });
    const cost = piece.bytes.length + PIECE_COST;
    this.buffered += cost;
    this.#budget.used += cost;
    if (piece.doubt !== DOUBT.NONE) this.doubted++;
  }
}

function overlaps(a: Piece, b: Piece): boolean {
  return ((a.seq + a.length - b.seq) | 0) > 0 && ((b.seq + b.length - a.seq) | 0) > 0;
}

/** True where two pieces give different bytes for the same place. */
function differ(a: Piece, b: Piece): boolean {
  const skip = (b.seq - a.seq) | 0;
  const x = Math.max(0, skip);
  const y = Math.max(0, -skip);
  const n = Math.min(a.bytes.length - x, b.bytes.length - y);
  for (let i = 0; i < n; i++) if (a.bytes[x + i] !== b.bytes[y + i]) return true;
  return false;
}

function head(piece: Piece, length: number): Piece {
  return { ...piece, bytes: piece.bytes.subarray(0, length), length };
}

/** What of a piece lies `from` bytes behind its beginning. */
export function tail(piece: Piece, from: number): Piece {
  const seq = (piece.seq + from) | 0;
  const bytes = piece.bytes.subarray(Math.min(from, piece.bytes.length));
  return { ...piece, seq, bytes, length: piece.length - from };
}
