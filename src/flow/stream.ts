import { History } from './history.ts';
import type { HistoryPool } from './history.ts';
import { DOUBT, ODD, oddityOf } from './oddity.ts';
import type { Doubt, Oddity } from './oddity.ts';
import type { Overlap } from '../core/overlap.ts';
import { Pieces, tail } from './pieces.ts';
import type { BufferBudget, Piece } from './pieces.ts';

/**
 * One direction of a TCP connection: segments in any order in, bytes in order out. Bytes that are
 * in order are handed on in place; only what waits behind a hole is copied, and that is bounded.
 *
 * Overlaps: of what waits, the policy says what stays; what was handed on cannot be taken back. A
 * doubted segment waits until the receiver acknowledges it or another one comes for its place.
 */
export interface StreamOutput<Owner> {
  /** In-order bytes; valid during the call only. */
  data(owner: Owner, direction: 0 | 1, bytes: Uint8Array, start: number, end: number): void;
  /** `length` bytes were not captured. `cut`: the snap length ended them. */
  gap(owner: Owner, direction: 0 | 1, length: number, cut: boolean): void;
  /** Something odd that the operator should know of. */
  odd(owner: Owner, direction: 0 | 1, code: Oddity): void;
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
  /** Segments that were not believed, and rightly. */
  inserts: number;
}

/** What the streams of a shard have in common. */
export interface StreamShare {
  readonly budget: BufferBudget;
  readonly histories: HistoryPool;
  readonly counters: StreamCounters;
  /** Bytes that may wait in one direction. */
  readonly limit: number;
  readonly policy: Overlap;
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
  /** A segment with a low TTL proved real: what is usual has changed. */
  ttlBelieved = false;
  readonly #pieces: Pieces;
  readonly #history: History;
  readonly #direction: 0 | 1;
  readonly #owner: Owner;
  readonly #output: StreamOutput<Owner>;
  readonly #share: StreamShare;
  readonly #counters: StreamCounters;
  #insideDrain = false;

  constructor(direction: 0 | 1, owner: Owner, output: StreamOutput<Owner>, share: StreamShare) {
    this.#direction = direction;
    this.#owner = owner;
    this.#output = output;
    this.#share = share;
    this.#counters = share.counters;
    this.#history = new History(share.histories);
    this.#pieces = new Pieces(share.budget, share.policy, (code) => {
      this.#tell(code);
    });
  }

  /** The stream starts at this sequence number. */
  startAt(seq: number): void {
    this.next = seq | 0;
    this.known = true;
  }

  /** True while bytes wait behind a hole. */
  get waiting(): boolean {
    return this.#pieces.count > 0;
  }

  /** True while something was seen (bytes or an acknowledgement) beyond a hole. */
  get holed(): boolean {
    return this.#pieces.count > 0 || this.#ackedAt >= 0;
  }

  /**
   * A segment: `bytes[start..end)` were captured of `length` on the wire. `now` is packet time in ms.
   */
  segment(
    seq: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
    now: number,
    doubt: Doubt = DOUBT.NONE,
  ): void {
    this.#now = now;
    if (length <= 0) return;
    if (!this.known) this.startAt(seq);
    const seen = (this.next - seq) | 0;
    // A keep-alive carries a byte of no meaning (RFC 9293 section 3.8.4).
    if (seen > 0 && (length > 1 || seen > 1)) this.#again(seq, bytes, start, end, doubt);
    if (seen >= length) {
      if (doubt !== DOUBT.NONE) return;
      if (!this.#isBehind(seen, seq)) {
        this.#counters.retransmitted++;
        return;
      }
      this.#deliver(bytes, start, end, length);
      return;
    }
    const waits = this.#pieces.first;
    const meets = waits !== undefined && ((seq + length - waits.seq) | 0) > 0;
    if (seen < 0 || doubt !== DOUBT.NONE || meets) {
      this.#keep({
        seq: seq | 0,
        bytes: bytes.subarray(start, end),
        length,
        from: seq,
        to: seq + length,
        doubt,
      });
      return;
    }
    this.#behind = 0;
    this.#deliver(bytes, Math.min(start + seen, end), end, length - seen);
    if (waits) this.#drain();
    this.#forgetAck();
  }

  /** What was handed on comes again: does it say the same? */
  #again(seq: number, bytes: Uint8Array, start: number, end: number, doubt: Doubt): void {
    if (!this.#history.differs(this.next, seq, bytes, start, end)) return;
    this.#tell(doubt === DOUBT.NONE ? ODD.OVERLAP : oddityOf(doubt));
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
    this.#drop();
    return true;
  }

  /** The other side acknowledged up to `ack`: what lies before it was on the wire, seen or not. */
  acknowledge(ack: number, now: number): void {
    if (!this.known) return;
    const ahead = (ack - this.next) | 0;
    if (ahead <= 0 || ahead >= MAX_WINDOW) return;
    if (ahead > NEAR && !this.#confirmed(ack)) return;
    if (this.#pieces.doubted > 0) {
      if (this.#pieces.believe(ack)) this.ttlBelieved = true;
      this.#drain();
      this.#forgetAck();
      if (((ack - this.next) | 0) <= 0) return;
    }
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
    } else if (this.#pieces.count > 0 && now - this.#holeAt >= unacked) {
      this.#giveUp(false);
    }
  }

  /** Nothing more will come: hands on what waits behind holes. */
  flush(): void {
    while (this.#pieces.count > 0) this.#giveUp(false);
    if (this.#ackedAt >= 0) this.#giveUp(true);
  }

  /** Drops what waits and is remembered, for a stream that is not read any more. */
  release(): void {
    this.#drop();
    this.#history.close();
  }

  #drop(): void {
    this.#pieces.clear();
    this.#history.forget();
    this.#ackedAt = -1;
  }

  #tell(code: Oddity): void {
    if (code === ODD.OVERLAP) this.#counters.conflicts++;
    else this.#counters.inserts++;
    this.#output.odd(this.#owner, this.#direction, code);
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
      this.#history.add(this.next - length, bytes, start, end);
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
    this.#history.forget();
    this.#output.gap(this.#owner, this.#direction, length, cut);
    this.offset += length;
  }

  /** Keeps a segment that cannot be handed on in place; what it completes is handed on. */
  #keep(piece: Piece): void {
    const ahead = (piece.seq - this.next) | 0;
    if (ahead >= MAX_WINDOW || (ahead > NEAR && !this.#confirmed(piece.seq))) {
      this.#counters.outOfWindow++;
      return;
    }
    const pieces = this.#pieces;
    if (ahead > 0) this.#counters.outOfOrder++;
    if (pieces.count === 0) this.#holeAt = this.#now;
    pieces.insert(ahead < 0 ? tail(piece, -ahead) : piece);
    if (ahead <= 0) {
      this.#drain();
      this.#forgetAck();
    }
    if (pieces.buffered > this.#share.limit) {
      this.#counters.bufferLimit++;
      this.#giveUp(false);
    } else if (pieces.count > 0 && this.#share.budget.used > this.#share.budget.limit) {
      this.#counters.bufferTotalLimit++;
      this.#giveUp(false);
    }
  }

  #drain(): void {
    if (this.#insideDrain) return;
    this.#insideDrain = true;
    const pieces = this.#pieces;
    let n = 0;
    for (; n < pieces.count; n++) {
      const piece = pieces.at(n);
      const seen = (this.next - piece.seq) | 0;
      if (seen < 0 || (piece.doubt !== DOUBT.NONE && seen < piece.length)) break;
      pieces.discharge(piece);
      if (seen >= piece.length) continue;
      const { bytes, length } = piece;
      this.#deliver(bytes, Math.min(seen, bytes.length), bytes.length, length - seen);
    }
    pieces.removeFirst(n);
    this.#insideDrain = false;
  }

  /** Tells the first hole as a gap and hands on what lies behind it. `acked`: only as far as was acknowledged. */
  #giveUp(acked: boolean): void {
    const first = this.#pieces.first;
    this.#holeAt = this.#now;
    if (!acked && first && first.doubt !== DOUBT.NONE && !this.#judge(first)) return;
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
    this.#drain();
    this.#forgetAck();
  }

  /** Nobody acknowledged a doubted piece: a wrong checksum is an insert, a low TTL alone is none. */
  #judge(piece: Piece): boolean {
    if (piece.doubt === DOUBT.TTL) {
      this.ttlBelieved = true;
      this.#pieces.believeOne(piece);
      return true;
    }
    this.#tell(oddityOf(piece.doubt));
    this.#pieces.discharge(piece);
    this.#pieces.removeFirst(1);
    return false;
  }

  #forgetAck(): void {
    if (this.#ackedAt >= 0 && ((this.#acked - this.next) | 0) <= 0) this.#ackedAt = -1;
  }
}
