/**
 * One direction of a TCP connection: segments in any order in, bytes in order out. Bytes that are
 * in order are handed on in place; only what waits behind a hole is copied, and that is bounded.
 *
 * Overlaps: what was received first stays (policy `first`); what was handed on cannot be taken back.
 */
export interface StreamOutput<Owner> {
  /** In-order bytes; valid during the call only. */
  data(owner: Owner, direction: 0 | 1, bytes: Uint8Array, start: number, end: number): void;
  /** `length` bytes were not captured. `cut`: the snap length ended them. */
  gap(owner: Owner, direction: 0 | 1, length: number, cut: boolean): void;
}

/** Out-of-order bytes kept, in a shard; shared by its streams. */
export class BufferBudget {
  used = 0;
  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }
}

export interface StreamCounters {
  /** Segments that came out of order, that were seen before (whole), and that overlapped with different bytes. */
  outOfOrder: number;
  retransmitted: number;
  conflicts: number;
  /** Holes given up, and their bytes. */
  gaps: number;
  gapBytes: number;
  /** Bytes ended by the snap length. */
  cutBytes: number;
  bufferLimit: number;
  bufferTotalLimit: number;
  /** Segments too far from the expected ones to belong to the connection. */
  outOfWindow: number;
}

interface Piece {
  seq: number;
  bytes: Uint8Array;
  /** Length on the wire; more than `bytes` when the snap length cut it. */
  length: number;
}

/** A segment further ahead than this is not of this stream (the largest window of RFC 7323). */
const MAX_WINDOW = 0x4000_0000;

/** Ahead of what is expected by more than this, a number is not believed alone. */
export const NEAR = 0x10_0000;

/** Segments that must lie behind before the stream goes back to them. */
const BEHIND = 3;

export class Stream<Owner> {
  /** Next sequence number expected (signed 32 bits); meaningless while `known` is false. */
  next = 0;
  known = false;
  /** Bytes of the stream before `next`: the stream offset. */
  offset = 0;
  gaps = 0;
  /** The highest acknowledgement of the other side that goes beyond `next`, and when it was seen (ms of packet time). */
  #acked = 0;
  #ackedAt = -1;
  #holeAt = -1;
  #now = 0;
  /** The last number that was too far ahead to be believed alone. */
  #far = 0;
  #farSeen = false;
  /** Consecutive segments that lay wholly behind `next` by more than a window: see `#isBehind`. */
  #behind = 0;
  #pieces: Piece[] = [];
  #buffered = 0;
  readonly #direction: 0 | 1;
  readonly #owner: Owner;
  readonly #output: StreamOutput<Owner>;
  readonly #budget: BufferBudget;
  readonly #counters: StreamCounters;
  readonly #limit: number;
  #insideDrain = false;

  constructor(
    direction: 0 | 1,
    owner: Owner,
    output: StreamOutput<Owner>,
    budget: BufferBudget,
    counters: StreamCounters,
    limit: number,
  ) {
    this.#direction = direction;
    this.#owner = owner;
    this.#output = output;
    this.#budget = budget;
    this.#counters = counters;
    this.#limit = limit;
  }

  /** The stream starts at this sequence number. */
  startAt(seq: number): void {
    this.next = seq | 0;
    this.known = true;
  }

  /** True while bytes wait behind a hole. */
  get waiting(): boolean {
    return this.#pieces.length > 0;
  }

  /** True while something was seen (bytes or an acknowledgement) beyond a hole. */
  get holed(): boolean {
    return this.#pieces.length > 0 || this.#ackedAt >= 0;
  }

  /**
   * A segment: `bytes[start..end)` were captured of `length` on the wire. `now` is packet time in ms.
   */
  segment(seq: number, bytes: Uint8Array, start: number, end: number, length: number, now: number): void {
    this.#now = now;
    if (length <= 0) return;
    if (!this.known) this.startAt(seq);
    const ahead = (seq - this.next) | 0;
    if (ahead > 0) {
      this.#keep(seq, bytes, start, end, length, now);
      return;
    }
    const seen = -ahead;
    if (seen >= length) {
      if (!this.#isBehind(seen, seq)) {
        this.#counters.retransmitted++;
        return;
      }
      this.#deliver(bytes, start, end, length);
      return;
    }
    this.#behind = 0;
    this.#deliver(bytes, Math.min(start + seen, end), end, length - seen);
    if (this.#pieces.length > 0) this.#drain();
    this.#forgetAck();
  }

  /**
   * Segments further behind than any retransmission say that a gap was told that was none. When
   * several agree, the stream goes on with them.
   */
  #isBehind(seen: number, seq: number): boolean {
    if (seen <= NEAR) {
      this.#behind = 0;
      return false;
    }
    if (++this.#behind < BEHIND) return false;
    this.#behind = 0;
    this.next = seq | 0;
    this.release();
    return true;
  }

  /** The other side acknowledged up to `ack`: what lies before it was on the wire, seen or not. */
  acknowledge(ack: number, now: number): void {
    if (!this.known) return;
    const ahead = (ack - this.next) | 0;
    if (ahead <= 0 || ahead >= MAX_WINDOW) return;
    if (ahead > NEAR && !this.#confirmed(ack)) return;
    if (this.#ackedAt < 0) {
      this.#ackedAt = now;
      this.#acked = ack | 0;
    } else if (((ack - this.#acked) | 0) > 0) {
      this.#acked = ack | 0;
    }
  }

  /** Gives up a hole that has been open too long. `grace` and `unacked` in ms. */
  age(now: number, grace: number, unacked: number): void {
    this.#now = now;
    if (this.#ackedAt >= 0 && now - this.#ackedAt >= grace) {
      this.#giveUp(true);
    } else if (this.#pieces.length > 0 && now - this.#holeAt >= unacked) {
      this.#giveUp(false);
    }
  }

  /** Nothing more will come: hands on what waits behind holes. */
  flush(): void {
    while (this.#pieces.length > 0) this.#giveUp(false);
    if (this.#ackedAt >= 0) this.#giveUp(true);
  }

  /** Drops what waits, for a stream that is not read any more. */
  release(): void {
    this.#budget.used -= this.#buffered;
    this.#buffered = 0;
    this.#pieces = [];
    this.#ackedAt = -1;
  }

  /**
   * A number far ahead of what is expected is believed when a second one agrees with it: one forged
   * packet must not make all that follows look old.
   */
  #confirmed(seq: number): boolean {
    const apart = Math.abs((seq - this.#far) | 0);
    const agrees = this.#farSeen && apart <= NEAR && apart > 0;
    this.#far = seq | 0;
    this.#farSeen = true;
    return agrees;
  }

  #deliver(bytes: Uint8Array, start: number, end: number, length: number): void {
    this.next = (this.next + length) | 0;
    const captured = end - start;
    if (captured > 0) {
      this.#output.data(this.#owner, this.#direction, bytes, start, end);
      this.offset += captured;
    }
    if (length > captured) {
      this.#counters.cutBytes += length - captured;
      this.#skip(length - captured, true);
    }
  }

  #skip(length: number, cut: boolean): void {
    this.gaps++;
    this.#output.gap(this.#owner, this.#direction, length, cut);
    this.offset += length;
  }

  #keep(seq: number, bytes: Uint8Array, start: number, end: number, length: number, now: number): void {
    const ahead = (seq - this.next) | 0;
    if (ahead >= MAX_WINDOW || (ahead > NEAR && !this.#confirmed(seq))) {
      this.#counters.outOfWindow++;
      return;
    }
    this.#counters.outOfOrder++;
    if (this.#pieces.length === 0) this.#holeAt = now;
    this.#insert({ seq: seq | 0, bytes: bytes.subarray(start, end), length });
    if (this.#buffered > this.#limit) {
      this.#counters.bufferLimit++;
      this.#giveUp(false);
    } else if (this.#budget.used > this.#budget.limit) {
      this.#counters.bufferTotalLimit++;
      this.#giveUp(false);
    }
  }

  /** Puts a piece among those that wait, cut to what none of them has. */
  #insert(piece: Piece): void {
    const pieces = this.#pieces;
    let i = pieces.length;
    while (i > 0 && ((pieces[i - 1]!.seq - piece.seq) | 0) > 0) i--;
    if (i > 0) {
      const before = pieces[i - 1]!;
      const overlap = (before.seq + before.length - piece.seq) | 0;
      if (overlap > 0) {
        this.#compare(before, piece, piece.seq);
        if (overlap >= piece.length) return;
        piece = tail(piece, overlap);
      }
    }
    while (i < pieces.length) {
      const after = pieces[i]!;
      const room = (after.seq - piece.seq) | 0;
      if (room >= piece.length) break;
      this.#compare(piece, after, after.seq);
      if (room > 0) this.#add(i++, head(piece, room));
      const covered = room + after.length;
      if (covered >= piece.length) return;
      piece = tail(piece, covered);
      i++;
    }
    this.#add(i, piece);
  }

  /** Keeps a piece: only now are its bytes copied, so that nothing is held that is not charged for. */
  #add(i: number, piece: Piece): void {
    this.#pieces.splice(i, 0, { seq: piece.seq, bytes: piece.bytes.slice(), length: piece.length });
    const cost = piece.bytes.length + PIECE_COST;
    this.#buffered += cost;
    this.#budget.used += cost;
  }

  /** Counts a conflict where two pieces give different bytes for the same place, from `seq` on. */
  #compare(a: Piece, b: Piece, seq: number): void {
    const x = (seq - a.seq) | 0;
    const y = (seq - b.seq) | 0;
    const n = Math.min(a.bytes.length - x, b.bytes.length - y);
    for (let i = 0; i < n; i++) {
      if (a.bytes[x + i] !== b.bytes[y + i]) {
        this.#counters.conflicts++;
        return;
      }
    }
  }

  #drain(): void {
    if (this.#insideDrain) return;
    this.#insideDrain = true;
    let n = 0;
    for (; n < this.#pieces.length; n++) {
      const piece = this.#pieces[n]!;
      const ahead = (piece.seq - this.next) | 0;
      if (ahead > 0) break;
      const cost = piece.bytes.length + PIECE_COST;
      this.#buffered -= cost;
      this.#budget.used -= cost;
      const seen = -ahead;
      if (seen < piece.length) {
        this.#deliver(
          piece.bytes,
          Math.min(seen, piece.bytes.length),
          piece.bytes.length,
          piece.length - seen,
        );
      }
    }
    this.#pieces.splice(0, n);
    this.#insideDrain = false;
  }

  /** Tells the first hole as a gap and hands on what lies behind it. `acked`: only as far as was acknowledged. */
  #giveUp(acked: boolean): void {
    const first = this.#pieces[0];
    let length = first ? (first.seq - this.next) | 0 : 0;
    if (acked) {
      const known = (this.#acked - this.next) | 0;
      if (!first || (known > 0 && known < length)) length = known;
      this.#ackedAt = -1;
    }
    if (length > 0) {
      this.#counters.gaps++;
      this.#counters.gapBytes += length;
      this.next = (this.next + length) | 0;
      this.#skip(length, false);
    }
    this.#holeAt = this.#now;
    this.#drain();
    this.#forgetAck();
  }

  #forgetAck(): void {
    if (this.#ackedAt >= 0 && ((this.#acked - this.next) | 0) <= 0) this.#ackedAt = -1;
  }
}

/** What one piece costs beside its bytes, with its share of the objects of a flow that has nothing else. */
const PIECE_COST = 1024;

function head(piece: Piece, length: number): Piece {
  return { seq: piece.seq, bytes: piece.bytes.subarray(0, length), length };
}

function tail(piece: Piece, from: number): Piece {
  return {
    seq: (piece.seq + from) | 0,
    bytes: piece.bytes.subarray(Math.min(from, piece.bytes.length)),
    length: piece.length - from,
  };
}
