import { TO_CLIENT, TO_SERVER } from '../event/im.ts';
import type { Direction } from '../event/im.ts';
import type { Flow } from '../flow/flow.ts';
import type { InnerStream } from '../sdk/index.ts';
import type { Dissection } from './dissection.ts';
import { Order } from './order.ts';
import type { Turn, TurnReader } from './order.ts';
import { FlowRun } from './run.ts';
import { Span } from './span.ts';

/** The carrier's end of a stream inside it. */
export class Inner implements InnerStream {
  readonly flow: Flow;
  /** The session is over, in all connections. */
  closed = false;
  readonly #home: Dissection;
  readonly #keyOf: (session: string) => string;
  /** Of a session whose messages have numbers: those that are read, and what reads them, by direction. */
  readonly #turns: [Turn | undefined, Turn | undefined] = [undefined, undefined];
  #readers: readonly [TurnReader, TurnReader] | undefined;

  constructor(flow: Flow, home: Dissection, keyOf: (session: string) => string) {
    this.flow = flow;
    this.#home = home;
    this.#keyOf = keyOf;
  }

  get wanted(): boolean {
    return this.flow.feeding && !this.flow.dropped;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number): void {
    if (!this.wanted || end <= start) return;
    const turn = this.#turns[direction];
    if (turn) this.#order(direction)?.data(turn, bytes, start, end, this.#home.stamp.seconds);
    else if (!this.#isBusy(direction)) this.#read(direction, bytes, start, end);
  }

  gap(direction: Direction, length: number): void {
    if (!this.wanted) return;
    const turn = this.#turns[direction];
    if (turn && !turn.over) this.#order(direction)?.gap(turn, length);
    else if (!this.#isBusy(direction)) this.#lost(direction, length);
  }

  end(direction: Direction): void {
    const wire = this.#wire(direction);
    if (this.flow.ended[wire]) return;
    this.flow.ended[wire] = true;
    if (this.wanted) this.#home.detect?.end(this.flow, wire);
  }

  message(direction: Direction, number: number): void {
    const order = this.#order(direction);
    const { seconds } = this.#home.stamp;
    const before = this.#turns[direction];
    if (!order || !this.wanted) return;
    if (before) order.cut(before, seconds);
    if (direction === TO_CLIENT) this.#order(TO_SERVER)?.answered(number, seconds);
    this.#turns[direction] = order.begin(number, this.#reader(direction), seconds);
  }

  messageEnd(direction: Direction): void {
    const turn = this.#turns[direction];
    this.#turns[direction] = undefined;
    if (turn) this.#order(direction)?.end(turn, this.#home.stamp.seconds);
  }

  /** The connection is over: what it brought of the session is read. */
  leave(): void {
    const { span } = this.flow.carriage ?? {};
    if (!this.#readers || !(span instanceof Span)) return;
    for (const d of [0, 1] as const) span.orders[d]?.leave(this.#readers[d], this.#home.stamp.seconds);
  }

  named(session: string): void {
    const span = this.flow.carriage?.span;
    if (span instanceof Span) this.#home.spans.name(this.flow, span, this.#keyOf(session));
  }

  close(): void {
    const { state } = this.flow;
    this.closed = true;
    if (this.wanted && state instanceof FlowRun) state.close();
  }

  issue(realm: string, token: string): void {
    const { state } = this.flow;
    if (state instanceof FlowRun) state.issue(realm, token);
  }

  present(realm: string, token: string): void {
    const { state } = this.flow;
    if (state instanceof FlowRun) state.present(realm, token);
  }

  #order(direction: Direction): Order | undefined {
    const { span } = this.flow.carriage ?? {};
    return span instanceof Span ? (span.orders[direction] ??= new Order(this.#home.limits)) : undefined;
  }

  /** Another connection of the session is in the middle of a message: what has no number would come between. */
  #isBusy(direction: Direction): boolean {
    const { span } = this.flow.carriage ?? {};
    if (!(span instanceof Span)) return false;
    return span.orders[direction]?.busyWith(this.#readers?.[direction]) === true;
  }

  #reader(direction: Direction): TurnReader {
    this.#readers ??= [this.#makeReader(0), this.#makeReader(1)];
    return this.#readers[direction];
  }

  #makeReader(direction: Direction): TurnReader {
    return {
      read: (bytes, start, end) => {
        if (this.wanted) this.#read(direction, bytes, start, end);
      },
      gap: (length) => {
        if (this.wanted) this.#lost(direction, length);
      },
      hold: (bytes) => this.#home.hold(this.flow, bytes),
      release: (bytes) => {
        this.#home.release(this.flow, bytes);
      },
    };
  }

  #read(direction: Direction, bytes: Uint8Array, start: number, end: number): void {
    this.#home.detect?.data(this.flow, this.#wire(direction), bytes, start, end);
  }

  #lost(direction: Direction, length: number): void {
    this.#home.detect?.gap(this.flow, this.#wire(direction), length, false);
  }

  /** The detectors take directions of the wire. */
  #wire(direction: Direction): 0 | 1 {
    const outer = this.flow.carriage?.outer;
    return outer?.flipped ? (direction === 0 ? 1 : 0) : direction;
  }
}
