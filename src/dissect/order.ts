import type { Limits } from '../core/limits.ts';

/** The connection that brings a message: its end of the session. */
export interface TurnReader {
  read(bytes: Uint8Array, start: number, end: number): void;
  gap(length: number): void;
  /** Accounts for bytes that wait; false where there is no room. */
  hold(bytes: number): boolean;
  release(bytes: number): void;
}

/** A message that is read, or waits for its turn. */
export class Turn {
  readonly number: number;
  readonly reader: TurnReader;
  /** Packet time of its beginning, and of its last bytes; seconds. */
  readonly since: number;
  at: number;
  /** What is there of it, while it waits. */
  bytes: Uint8Array = NOTHING;
  length = 0;
  /** Its end was seen. */
  whole = false;
  /** Bytes of it are missing: those behind them are not kept. */
  lost = false;
  /** It was read before, or given up: its bytes are passed over. */
  over = false;

  constructor(number: number, reader: TurnReader, at: number) {
    this.number = number;
    this.reader = reader;
    this.since = this.at = at;
  }
}

const NOTHING = new Uint8Array(0);
/** Messages of which it is known that they were read: what is sent again is read once. */
const REMEMBERED = 16;

/**
 * Puts the numbered messages of one direction of a session in order, whichever connections bring them: one is read in
 * place while nobody before it is missing, else it waits. What waits is bounded in number, bytes and packet time; at
 * a bound (`carrier_order...`) the hole before it is given up, so that a number which never comes hides nothing.
 */
export class Order {
  readonly #limits: Limits;
  /** Whose turn it is. */
  #current: Turn | undefined;
  readonly #waiting: Turn[] = [];
  #bytes = 0;
  /** The number that comes next; undefined before the first. */
  #next: number | undefined;
  readonly #read: number[] = [];
  /** There was no room to wait. */
  #full = false;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** A message begins at packet time `now`, seconds. */
  begin(number: number, reader: TurnReader, now: number): Turn {
    const turn = new Turn(number, reader, now);
    if (this.#read.includes(number)) turn.over = true;
    else {
      this.#waiting.push(turn);
      this.#advance(now);
    }
    return turn;
  }

  /** Bytes of it; valid during the call only. */
  data(turn: Turn, bytes: Uint8Array, start: number, end: number, now: number): void {
    if (turn.over) return;
    turn.at = now;
    if (turn === this.#current) turn.reader.read(bytes, start, end);
    else {
      this.#keep(turn, bytes, start, end);
      this.#advance(now);
    }
  }

  gap(turn: Turn, length: number): void {
    if (turn === this.#current) turn.reader.gap(length);
    else turn.lost = true;
  }

  /** Its last byte was seen. */
  end(turn: Turn, now: number): void {
    if (turn.over) return;
    turn.whole = true;
    if (turn === this.#current) this.#done(turn);
    this.#advance(now);
  }

  /** No more of it will come: what is there is read in its turn. */
  cut(turn: Turn, now: number): void {
    if (turn.over || turn.whole) return;
    turn.lost = turn.whole = true;
    if (turn === this.#current) this.#giveUp(turn);
    this.#advance(now);
  }

  /** The message of this number was answered, so all up to it have arrived: what is missing of them is not waited for. */
  answered(number: number, now: number): void {
    while (this.#waiting.some((turn) => turn.number <= number)) this.#advance(now, true);
    if (this.#next === undefined || this.#next > number) return;
    this.#next = number + 1;
    this.#advance(now);
  }

  /** The reader's connection is over: what waits of it is read now, with what is before it. */
  leave(reader: TurnReader, now: number): void {
    for (const turn of this.#waiting)
      if (turn.reader === reader && !turn.whole) turn.lost = turn.whole = true;
    while (this.#waiting.some((turn) => turn.reader === reader)) this.#advance(now, true);
    if (this.#current?.reader === reader) this.cut(this.#current, now);
  }

  /** Another connection's message is half read: what has no number would come between. */
  busyWith(other: TurnReader | undefined): boolean {
    return this.#current !== undefined && this.#current.reader !== other;
  }

  #keep(turn: Turn, bytes: Uint8Array, start: number, end: number): void {
    if (turn.lost) return;
    const length = turn.length + end - start;
    if (length > turn.bytes.length) {
      const size = Math.max(length, 2 * turn.bytes.length, 256);
      const more = size - turn.bytes.length;
      if (!turn.reader.hold(more)) {
        turn.reader.release(more);
        turn.lost = this.#full = true;
        return;
      }
      const grown = new Uint8Array(size);
      grown.set(turn.bytes.subarray(0, turn.length));
      this.#bytes += more;
      turn.bytes = grown;
    }
    turn.bytes.set(bytes.subarray(start, end), turn.length);
    turn.length = length;
  }

  /** Reads what has its turn. `force`: one message at least, whatever is before it. */
  #advance(now: number, force = false): void {
    let forced = force;
    for (let turn = this.#first(); turn; turn = this.#first()) {
      const due = forced || this.#isDue(now);
      if (this.#current) {
        if (!due) return;
        this.#giveUp(this.#current);
      }
      if (this.#next !== undefined && turn.number > this.#next && !due) return;
      forced = false;
      this.#take(turn, now);
    }
    this.#full = false;
  }

  /** The message with the least number; those that were read meanwhile are dropped. */
  #first(): Turn | undefined {
    let first: Turn | undefined;
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      const turn = this.#waiting[i];
      if (!turn) continue;
      if (this.#read.includes(turn.number)) {
        this.#free(turn);
        turn.over = true;
      } else if (!first || turn.number <= first.number) first = turn;
    }
    return first;
  }

  #isDue(now: number): boolean {
    const {
      carrier_order: most,
      carrier_order_bytes: bytes,
      carrier_order_patience: patience,
    } = this.#limits;
    if (this.#full || this.#waiting.length > most || this.#bytes > bytes) return true;
    const silent = this.#current;
    // Who is read slowly is not missing.
    if (silent && now - silent.at < patience) return false;
    return this.#waiting.some((turn) => now - turn.since >= patience) || silent !== undefined;
  }

  #take(turn: Turn, now: number): void {
    const { bytes, length } = turn;
    this.#free(turn);
    this.#next = Math.max(this.#next ?? 0, turn.number + 1);
    this.#current = turn;
    turn.at = now;
    if (length > 0) turn.reader.read(bytes, 0, length);
    if (turn.lost) this.#giveUp(turn);
    else if (turn.whole) this.#done(turn);
  }

  #done(turn: Turn): void {
    this.#current = undefined;
    turn.over = true;
    this.#read.push(turn.number);
    if (this.#read.length > REMEMBERED) this.#read.shift();
  }

  /** What is sent again of it is read. */
  #giveUp(turn: Turn): void {
    this.#current = undefined;
    turn.over = true;
    turn.reader.gap(0);
  }

  #free(turn: Turn): void {
    this.#waiting.splice(this.#waiting.indexOf(turn), 1);
    if (turn.bytes.length > 0) turn.reader.release(turn.bytes.length);
    this.#bytes -= turn.bytes.length;
    turn.bytes = NOTHING;
    turn.length = 0;
  }
}
