import type { Cursor } from '../../core/cursor.ts';
import { TO_CLIENT, TO_SERVER } from '../../event/im.ts';
import type { Direction } from '../../event/im.ts';
import { ANSWER } from '../plugin.ts';
import type { FlowContext } from '../plugin.ts';
import { readProxyCredentials } from './credentials.ts';
import { field } from './head.ts';
import type { HttpHead } from './head.ts';
import { inflateBody, InflateCredit, MAX_DEFLATED } from './inflate.ts';
import { HTTP, HttpExchange, HttpReader } from './reader.ts';

/** What reads the messages of an HTTP connection. Bodies come without framing and compression. */
export interface HttpHandler {
  head(direction: Direction, head: HttpHead, offset: number): void;
  body(direction: Direction, bytes: Uint8Array, from: number, to: number): void;
  done(direction: Direction): void;
}

/** Reads both directions of an HTTP/1.x connection. Oddities are told by the engine's `http_` codes. */
export class HttpDialog {
  readonly #flow: FlowContext;
  readonly #handler: HttpHandler;
  readonly #readers: readonly [HttpReader, HttpReader];
  /** Compressed bytes of the message that is being read; undefined where it is not compressed. */
  readonly #packed: [Packed | undefined, Packed | undefined] = [undefined, undefined];
  readonly #credit = new InflateCredit();
  readonly #raw: [boolean, boolean] = [false, false];

  constructor(flow: FlowContext, handler: HttpHandler) {
    this.#flow = flow;
    this.#handler = handler;
    const exchange = new HttpExchange();
    this.#readers = [this.#reader(TO_SERVER, exchange), this.#reader(TO_CLIENT, exchange)];
  }

  #reader(direction: Direction, exchange: HttpExchange): HttpReader {
    return new HttpReader(direction === TO_CLIENT, exchange, (code, offset) => {
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
    this.#packed[direction] = undefined;
    this.#readers[direction].gap(length);
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
    this.#packed[direction] = packed ? new Packed(encoding, offset) : undefined;
    this.#handler.head(direction, head, offset);
    if (direction === TO_SERVER) readProxyCredentials(this.#flow, head, offset);
  }

  #body(direction: Direction, bytes: Uint8Array, from: number, to: number): void {
    const packed = this.#packed[direction];
    if (packed) packed.add(bytes, from, to);
    else this.#handler.body(direction, bytes, from, to);
  }

  #end(direction: Direction): void {
    const packed = this.#packed[direction];
    this.#packed[direction] = undefined;
    if (packed && packed.length > 0) {
      const most = packed.length > MAX_DEFLATED ? 0 : this.#credit.most(packed.length);
      const body = most > 0 ? packed.whole(most) : undefined;
      this.#credit.spend(body?.length, most);
      if (body) this.#handler.body(direction, body, 0, body.length);
      else this.#flow.anomaly(direction, packed.offset, 'http_bad_compression');
    }
    this.#handler.done(direction);
  }
}

/** A compressed body, up to the limit. */
class Packed {
  readonly offset: number;
  length = 0;
  readonly #encoding: string;
  #bytes = new Uint8Array(1_024);

  constructor(encoding: string, offset: number) {
    this.#encoding = encoding;
    this.offset = offset;
  }

  add(bytes: Uint8Array, from: number, to: number): void {
    const length = this.length + to - from;
    if (this.length <= MAX_DEFLATED && length <= MAX_DEFLATED) {
      if (length > this.#bytes.length) {
        const grown = new Uint8Array(Math.max(length, this.#bytes.length * 2));
        grown.set(this.#bytes);
        this.#bytes = grown;
      }
      this.#bytes.set(bytes.subarray(from, to), this.length);
    }
    this.length = length;
  }

  /** The body; undefined where it is damaged, or longer than `most`. */
  whole(most: number): Uint8Array | undefined {
    return inflateBody(this.#encoding, this.#bytes.subarray(0, this.length), most);
  }
}
