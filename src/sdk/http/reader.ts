import type { Cursor } from '../../core/cursor.ts';
import type { HttpExchange } from './exchange.ts';
import { headEnd, parseHead } from './head.ts';
import type { HttpHead } from './head.ts';

/** What `HttpReader.next` answers. */
export const HTTP = {
  /** No more can be read of these bytes. */
  MORE: 0,
  /** `reader.head` is a request or response that begins. */
  HEAD: 1,
  /** `bytes[reader.from..reader.to)` of the cursor are body, without their chunk framing. */
  BODY: 2,
  /** The message that began last is over. */
  END: 3,
  /** From the cursor on the bytes are no HTTP (a tunnel, another protocol). */
  RAW: 4,
  /** Not HTTP. */
  BAD: 5,
} as const;
export type HttpAnswer = (typeof HTTP)[keyof typeof HTTP];

/** What is odd in a message; told as `http_` and this, of the engine's anomaly table. */
export type HttpTrouble =
  | 'lengths_conflict'
  | 'bad_length'
  | 'bad_chunk'
  | 'bad_coding'
  | 'folded_line'
  | 'bad_field_name'
  | 'head_large'
  | 'pipeline_limit';

/** Bytes of a header block. */
export const MAX_HEAD = 32_768;
/** Digits of a chunk's size, with its extensions. */
const MAX_CHUNK_LINE = 1_024;

const STATE = { HEAD: 0, LENGTH: 1, CHUNK: 2, CHUNK_DATA: 3, TRAILER: 4, CLOSE: 5, RAW: 6, LOST: 7 } as const;

/**
 * Reads one direction of an HTTP/1.x connection (RFC 9112): heads, and bodies by length, in chunks, or
 * to the end of the connection. Bodies are handed on in place; nothing but an unfinished head or chunk line waits.
 */
export class HttpReader<T = never> {
  head: HttpHead | undefined;
  /** Of a response: what was kept with the request that it answers. */
  asked: T | undefined;
  /** Stream offset of the head that was read last. */
  offset = 0;
  from = 0;
  to = 0;
  readonly #responses: boolean;
  readonly #exchange: HttpExchange<T>;
  readonly #trouble: (code: HttpTrouble, offset: number) => void;
  #state: number = STATE.HEAD;
  /** Bytes of the body, or of the chunk, that are to come. */
  #left = 0;
  #ending = false;
  /** Bytes at the cursor in which the end of a header block was looked for in vain: they are not searched again. */
  #looked = 0;

  constructor(
    responses: boolean,
    exchange: HttpExchange<T>,
    trouble: (code: HttpTrouble, offset: number) => void,
  ) {
    this.#responses = responses;
    this.#exchange = exchange;
    this.#trouble = trouble;
  }

  /** What is next; `head` is there until this is asked again. */
  next(cursor: Cursor): HttpAnswer {
    this.head = undefined;
    if (this.#ending) {
      this.#ending = false;
      return HTTP.END;
    }
    for (;;) {
      if (this.#state === STATE.RAW) return HTTP.RAW;
      if (cursor.left === 0) return HTTP.MORE;
      const answer = this.#step(cursor);
      if (answer !== AGAIN) return answer;
    }
  }

  #step(cursor: Cursor): HttpAnswer | typeof AGAIN {
    switch (this.#state) {
      case STATE.HEAD:
        return this.#readHead(cursor);
      case STATE.LENGTH:
      case STATE.CHUNK_DATA:
        return this.#readBody(cursor);
      case STATE.CHUNK:
        return this.#readChunkLine(cursor);
      case STATE.TRAILER:
        return this.#readTrailer(cursor);
      case STATE.CLOSE:
        this.from = cursor.pos;
        this.to = cursor.pos = cursor.end;
        return HTTP.BODY;
      default:
        return this.#resync(cursor);
    }
  }

  /** Bytes were lost. A body of known length goes on; else the next head is looked for. */
  gap(length: number): void {
    this.#looked = 0;
    const inBody = this.#state === STATE.LENGTH || this.#state === STATE.CHUNK_DATA;
    if (this.#state === STATE.RAW || this.#state === STATE.CLOSE) return;
    if (inBody && length < this.#left) this.#left -= length;
    else if (inBody && length === this.#left && this.#state === STATE.LENGTH) this.#finish();
    else {
      this.#state = STATE.LOST;
      this.#exchange.lost();
    }
  }

  /** From here on the bytes are something else. */
  raw(): void {
    this.#state = STATE.RAW;
  }

  #readHead(cursor: Cursor): HttpAnswer | typeof AGAIN {
    // Empty lines before a message are to be ignored (RFC 9112, 2.2).
    while (cursor.peek() === 0x0d || cursor.peek() === 0x0a) cursor.pos++;
    if (cursor.left === 0) return HTTP.MORE;
    const end = headEnd(cursor.bytes, Math.max(cursor.pos, cursor.pos + this.#looked - 2), cursor.end);
    this.#looked = end < 0 ? cursor.left : 0;
    if (end < 0) {
      if (!this.#plausible(cursor)) return HTTP.BAD;
      if (cursor.left <= MAX_HEAD) return HTTP.MORE;
      this.#trouble('head_large', cursor.tell());
      return HTTP.BAD;
    }
    this.offset = cursor.tell();
    const head = end - cursor.pos > MAX_HEAD ? undefined : parseHead(cursor.bytes, cursor.pos, end);
    if (!head || (head.status === 0) === this.#responses) return HTTP.BAD;
    cursor.pos = end;
    this.head = head;
    if (head.folded) this.#trouble('folded_line', this.offset);
    if (head.badName) this.#trouble('bad_field_name', this.offset);
    if (this.#responses) this.#frameResponse(head);
    else this.#frameRequest(head);
    return HTTP.HEAD;
  }

  /** What is there of a first line can become one. */
  #plausible(cursor: Cursor): boolean {
    const { bytes, pos, end } = cursor;
    if (this.#responses) {
      for (let i = 0; i < HTTP_1.length && pos + i < end; i++) if (bytes[pos + i] !== HTTP_1[i]) return false;
      return true;
    }
    for (let i = pos; i < end && i < pos + 24; i++) {
      const byte = bytes[i] ?? 0;
      if (byte === 0x20) return i > pos;
      if ((byte | 0x20) < 0x61 || (byte | 0x20) > 0x7a) return false;
    }
    return end - pos < 24;
  }

  #frameRequest(head: HttpHead): void {
    if (!this.#exchange.asked(head.method)) this.#trouble('pipeline_limit', this.offset);
    if (!this.#frame(head)) this.#finish();
  }

  #frameResponse(head: HttpHead): void {
    const method = this.#exchange.next();
    const { status } = head;
    if (!isInterim(head)) this.asked = this.#exchange.answered();
    const bodiless = method === 'HEAD' || status < 200 || status === 204 || status === 304;
    if (bodiless || (method === 'CONNECT' && status < 300)) this.#finish();
    else if (!this.#frame(head)) this.#state = STATE.CLOSE;
  }

  /** How the body ends (RFC 9112, 6.3); false where no field says it. */
  #frame(head: HttpHead): boolean {
    // One field may hold several (RFC 9110, 8.6); they must be one.
    const lengths = head.fields
      .get('content-length')
      ?.flatMap((value) => value.split(',').map((v) => v.trim()));
    const codings = (head.fields.get('transfer-encoding') ?? []).join(',').toLowerCase();
    if (codings !== '' && codings !== 'chunked') this.#trouble('bad_coding', this.offset);
    if (CHUNKED_LAST.test(codings)) {
      if (lengths) this.#trouble('lengths_conflict', this.offset);
      this.#state = STATE.CHUNK;
      return true;
    }
    if (!lengths) return false;
    if (lengths.some((value) => value !== lengths[0])) this.#trouble('lengths_conflict', this.offset);
    const value = lengths[0] ?? '';
    const length = /^\d{1,15}$/.test(value) ? Number(value) : -1;
    if (length < 0) this.#trouble('bad_length', this.offset);
    this.#left = Math.max(0, length);
    if (length > 0) this.#state = STATE.LENGTH;
    else this.#finish();
    return true;
  }

  /** The message ends with the head or the byte just read. */
  #finish(): void {
    this.#state = STATE.HEAD;
    this.#ending = true;
  }

  #readBody(cursor: Cursor): HttpAnswer {
    const length = Math.min(this.#left, cursor.left);
    this.from = cursor.pos;
    this.to = cursor.pos += length;
    this.#left -= length;
    if (this.#left > 0) return HTTP.BODY;
    if (this.#state === STATE.LENGTH) this.#finish();
    else this.#state = STATE.CHUNK;
    return HTTP.BODY;
  }

  #readChunkLine(cursor: Cursor): HttpAnswer | typeof AGAIN {
    // The line end behind the chunk before.
    while (cursor.peek() === 0x0d || cursor.peek() === 0x0a) cursor.pos++;
    const end = cursor.find(0x0a);
    if (end < 0 && cursor.left <= MAX_CHUNK_LINE) return HTTP.MORE;
    const size = end < 0 ? -1 : chunkSize(cursor.bytes, cursor.pos, end);
    if (size < 0) {
      this.#trouble('bad_chunk', cursor.tell());
      this.#state = STATE.LOST;
      return AGAIN;
    }
    cursor.pos = end + 1;
    this.#left = size;
    this.#state = size === 0 ? STATE.TRAILER : STATE.CHUNK_DATA;
    return AGAIN;
  }

  #readTrailer(cursor: Cursor): HttpAnswer | typeof AGAIN {
    const end = cursor.find(0x0a);
    if (end < 0) {
      if (cursor.left <= MAX_CHUNK_LINE) return HTTP.MORE;
      cursor.pos = cursor.end;
      return HTTP.MORE;
    }
    const empty = end === cursor.pos || (end === cursor.pos + 1 && cursor.peek() === 0x0d);
    cursor.pos = end + 1;
    if (!empty) return AGAIN;
    this.#finish();
    this.#ending = false;
    return HTTP.END;
  }

  /** After a loss a message begins where a segment does: the middle of a body is not searched. */
  #resync(cursor: Cursor): HttpAnswer | typeof AGAIN {
    if (startsMessage(cursor, this.#responses)) {
      this.#state = STATE.HEAD;
      return AGAIN;
    }
    cursor.pos = cursor.end;
    return HTTP.MORE;
  }
}

/** A response that only announces one (RFC 9110, 15.2); what is behind 101 is another protocol. */
export function isInterim({ status }: HttpHead): boolean {
  return status >= 100 && status < 200 && status !== 101;
}

const AGAIN = -1;
const CHUNKED_LAST = /(?:^|,)\s*chunked\s*$/;
const HTTP_1 = Uint8Array.from('HTTP/1.', (c) => c.charCodeAt(0));
const METHODS = ['GET ', 'POST ', 'CONNECT ', 'HEAD ', 'PUT ', 'OPTIONS ', 'DELETE '].map((m) =>
  Uint8Array.from(m, (c) => c.charCodeAt(0)),
);

/** The bytes at the cursor begin a response, or a request with a usual method. */
export function startsMessage(cursor: Cursor, response: boolean): boolean {
  if (response) return startsWith(cursor, HTTP_1);
  return METHODS.some((method) => startsWith(cursor, method));
}

function startsWith(cursor: Cursor, what: Uint8Array): boolean {
  if (cursor.left < what.length) return false;
  for (let i = 0; i < what.length; i++) if (cursor.bytes[cursor.pos + i] !== what[i]) return false;
  return true;
}

/** The hexadecimal number that begins a chunk's line, or −1. */
function chunkSize(bytes: Uint8Array, start: number, end: number): number {
  let size = 0;
  let digits = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    const letter = byte | 0x20;
    const value =
      byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
    if (value < 0) return digits > 0 && (byte === 0x3b || byte === 0x0d || byte === 0x20) ? size : -1;
    if (++digits > 8) return -1;
    size = size * 16 + value;
  }
  return digits > 0 ? size : -1;
}
