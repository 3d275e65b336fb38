import type { Cursor } from '../../core/cursor.ts';
import { TO_CLIENT, TO_SERVER } from '../../event/im.ts';
import type { Direction } from '../../event/im.ts';
import { Keep } from '../keep.ts';
import { ANSWER } from '../plugin.ts';
import type { FlowContext } from '../plugin.ts';
import { readProxyCredentials } from './credentials.ts';
import { HttpExchange } from './exchange.ts';
import { field } from './head.ts';
import type { HttpHead } from './head.ts';
import { inflateBody, InflateCredit, MAX_DEFLATED } from './inflate.ts';
import { HTTP, HttpReader, isInterim } from './reader.ts';

/**
 * What reads the messages of an HTTP connection. Each has an item of the reader's own: of a request what
 * `request` returns, of a response what `response` makes of that. Bodies come without framing and compression.
 */
export interface HttpHandler<T> {
  /** Bytes that an item takes in memory at most, where that is more than a few numbers. */
  readonly itemCost?: number;
  request(head: HttpHead, offset: number): T;
  /** A final response begins. `asked`: the item of its request, undefined where that was not seen. */
  response(head: HttpHead, offset: number, asked: T | undefined): T;
  body(direction: Direction, item: T, bytes: Uint8Array, from: number, to: number): void;
  /** The message is over; not called where the connection's end is its end. */
  done(direction: Direction, item: T): void;
}

/** Reads both directions of an HTTP/1.x connection. Oddities are told by the engine's `http_` codes. */
export class HttpDialog<T> {
  readonly #flow: FlowContext;
  readonly #handler: HttpHandler<T>;
  readonly #exchange: HttpExchange<T>;
  /** Accounts for what waits: requests, and compressed bodies that are not whole. */
  readonly #keep: Keep;
  readonly #readers: readonly [HttpReader<T>, HttpReader<T>];
  /** The items of the messages that are read; an interim response has none. */
  readonly #items: [T | undefined, T | undefined] = [undefined, undefined];
  /** Compressed bytes of the message that is being read; undefined where it is not compressed. */
  readonly #packed: [Packed | undefined, Packed | undefined] = [undefined, undefined];
  readonly #credit = new InflateCredit();
  readonly #raw: [boolean, boolean] = [false, false];

  constructor(flow: FlowContext, handler: HttpHandler<T>) {
    this.#flow = flow;
    this.#handler = handler;
    this.#keep = new Keep((bytes) => flow.reserve(bytes));
    this.#exchange = new HttpExchange<T>(this.#keep, handler.itemCost ?? ITEM);
    this.#readers = [this.#reader(TO_SERVER), this.#reader(TO_CLIENT)];
  }

  #reader(direction: Direction): HttpReader<T> {
    return new HttpReader(direction === TO_CLIENT, this.#exchange, (code, offset) => {
      this.#flow.anomaly(direction, offset, `http_${code}`);
    });
  }

  /** A dissector's answer; what is behind an upgrade is left at the cursor. */
  data(direction: Direction, cursor: Cursor): number {
    const reader = this.#readers[direction];
    for (;;) {
      const answer = reader.next(cursor);
      if (answer === HTTP.MORE || answer === HTTP.RAW) return ANSWER.DONE;
      if (answer === HTTP.BAD) return ANSWER.BAD;
      if (answer === HTTP.HEAD && reader.head) this.#head(direction, reader.head, reader.offset);
      else if (answer === HTTP.BODY) this.#body(direction, cursor.bytes, reader.from, reader.to);
      else this.#end(direction);
    }
  }

  gap(direction: Direction, length: number): void {
    this.#forget(direction);
    this.#readers[direction].gap(length);
  }

  /** Items of the requests that wait for their response, the oldest first. */
  waiting(): Iterable<T> {
    return this.#exchange.waiting();
  }

  /** What follows in both directions is another protocol. */
  upgrade(): void {
    this.#raw[0] = this.#raw[1] = true;
    for (const reader of this.#readers) reader.raw();
  }

  get upgraded(): boolean {
    return this.#raw[0];
  }

  #head(direction: Direction, head: HttpHead, offset: number): void {
    const encoding = field(head, 'content-encoding')?.toLowerCase();
    // Some BOSH servers say `text/xml` there.
    const packed = encoding === 'gzip' || encoding === 'x-gzip' || encoding === 'deflate';
    this.#forget(direction);
    if (packed) this.#packed[direction] = new Packed(encoding, offset, this.#keep);
    if (direction === TO_SERVER) {
      const item = (this.#items[TO_SERVER] = this.#handler.request(head, offset));
      this.#exchange.keep(item);
      readProxyCredentials(this.#flow, head, offset);
    } else if (isInterim(head)) this.#items[TO_CLIENT] = undefined;
    else {
      const { asked } = this.#readers[TO_CLIENT];
      this.#items[TO_CLIENT] = this.#handler.response(head, offset, asked);
    }
  }

  #body(direction: Direction, bytes: Uint8Array, from: number, to: number): void {
    const packed = this.#packed[direction];
    const item = this.#items[direction];
    if (packed) packed.add(bytes, from, to);
    else if (item !== undefined) this.#handler.body(direction, item, bytes, from, to);
  }

  #forget(direction: Direction): void {
    this.#packed[direction]?.free();
    this.#packed[direction] = undefined;
  }

  #end(direction: Direction): void {
    const packed = this.#packed[direction];
    this.#packed[direction] = undefined;
    // The handler may keep what it is handed: it has bytes of its own by then.
    packed?.free();
    const item = this.#items[direction];
    if (item === undefined) return;
    if (packed && packed.length > 0) {
      const most = packed.length > MAX_DEFLATED ? 0 : this.#credit.most(packed.length);
      const body = most > 0 ? packed.read(most) : undefined;
      this.#credit.spend(body?.length, most);
      if (!body || packed.damaged) this.#flow.anomaly(direction, packed.offset, 'http_bad_compression');
      if (body) this.#handler.body(direction, item, body, 0, body.length);
    }
    this.#handler.done(direction, item);
  }
}

/** Bytes of an item where its handler does not say; of the first room for a compressed body. */
const ITEM = 64;
const LEAST = 512;

/** A compressed body, up to the limit. */
class Packed {
  readonly offset: number;
  length = 0;
  /** It was read, and is not whole. */
  damaged = false;
  readonly #encoding: string;
  #bytes = new Uint8Array(0);
  readonly #keep: Keep;

  constructor(encoding: string, offset: number, keep: Keep) {
    this.#encoding = encoding;
    this.offset = offset;
    this.#keep = keep;
  }

  add(bytes: Uint8Array, from: number, to: number): void {
    const length = this.length + to - from;
    if (this.length <= MAX_DEFLATED && length <= MAX_DEFLATED) {
      if (length > this.#bytes.length && !this.#grow(Math.max(length, this.#bytes.length * 2, LEAST))) {
        // No room: as one that is too long.
        this.length = MAX_DEFLATED + 1;
        return;
      }
      this.#bytes.set(bytes.subarray(from, to), this.length);
    }
    this.length = Math.max(length, this.length);
  }

  #grow(size: number): boolean {
    if (!this.#keep.hold(size - this.#bytes.length)) return false;
    const grown = new Uint8Array(size);
    grown.set(this.#bytes);
    this.#bytes = grown;
    return true;
  }

  /** Its memory is accounted for no longer. */
  free(): void {
    this.#keep.release(this.#bytes.length);
  }

  /** The body, or what is there of one that ends too early; undefined where it is damaged, or longer than `most`. */
  read(most: number): Uint8Array | undefined {
    const bytes = this.#bytes.subarray(0, this.length);
    const whole = inflateBody(this.#encoding, bytes, most);
    if (whole) return whole;
    this.damaged = true;
    return inflateBody(this.#encoding, bytes, most, true);
  }
}
