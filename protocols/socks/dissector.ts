import { ANSWER, formatIPv4, formatIPv6, serviceOf, TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Cursor, Direction, Dissector, FlowContext, InnerStream } from '../../src/sdk/index.ts';
import {
  ADDRESS,
  COMMAND,
  COMMAND_NAMES,
  GRANTED_4,
  LONGEST_TEXT,
  METHOD,
  PASSWORD_VERSION,
  REPLY_4,
  REPLY_4_LENGTH,
  REQUEST_4,
  VERSION_4,
  VERSION_5,
} from './wire.ts';

/** What a direction sends next. */
const AT = { GREETING: 0, SECRET: 1, REQUEST: 2, TUNNEL: 3 } as const;
/** A step of the handshake that cannot be read. */
const BROKEN = -1;
/** ... that is not whole yet. */
const SHORT = 0;
const READ = 1;

interface Request {
  readonly version: 4 | 5;
  readonly command: number;
  readonly host: string;
  readonly port: number;
}

/**
 * A connection to a SOCKS proxy: versions 4, 4A and 5 (RFC 1928), with passwords (RFC 1929). What CONNECT and
 * BIND open goes back to the detectors; the datagrams of UDP ASSOCIATE and what GSSAPI wraps are not read.
 */
export class SocksDissector implements Dissector {
  readonly #flow: FlowContext;
  readonly #at: [number, number] = [AT.GREETING, AT.GREETING];
  #request: Request | undefined;
  #requestOffset = 0;
  #tunnel: InnerStream | undefined;
  #answered = false;

  constructor(flow: FlowContext) {
    this.#flow = flow;
  }

  data(direction: Direction, cursor: Cursor): number {
    for (;;) {
      if (this.#at[direction] === AT.TUNNEL) {
        this.#tunnel?.data(direction, cursor.bytes, cursor.pos, cursor.end);
        cursor.pos = cursor.end;
        return ANSWER.DONE;
      }
      if (cursor.left === 0) return ANSWER.DONE;
      const start = cursor.pos;
      const step = direction === TO_SERVER ? this.#client(cursor) : this.#server(cursor);
      if (step === BROKEN) return ANSWER.BAD;
      if (step === SHORT) {
        cursor.pos = start;
        return ANSWER.DONE;
      }
    }
  }

  gap(direction: Direction, length: number): void {
    // Lost steps of the handshake: what follows the request is the tunnel.
    if (!this.#tunnel && this.#request) this.#open();
    // The method's answer was lost: the reply to the request is still to come.
    const early = direction === TO_CLIENT && !this.#request;
    this.#at[direction] = early ? AT.REQUEST : AT.TUNNEL;
    this.#tunnel?.gap(direction, length);
  }

  end(direction: Direction): void {
    if (direction !== TO_CLIENT || this.#answered || this.#tunnel || !this.#request) return;
    this.#tell(this.#requestOffset, 'proxy: closed without an answer');
  }

  // To the server

  #client(cursor: Cursor): number {
    const at = this.#at[TO_SERVER];
    if (at === AT.GREETING && cursor.peek() === VERSION_4) return this.#request4(cursor);
    if (at === AT.GREETING) return this.#greeting(cursor);
    // Without the server's side, what is sent tells what was agreed.
    if (at === AT.REQUEST && !this.#request && cursor.peek() === PASSWORD_VERSION)
      return this.#secret(cursor);
    if (at === AT.REQUEST && !this.#request) return this.#request5(cursor);
    // Bytes behind the request: the tunnel, though its answer is not in view.
    return this.#open() ? READ : BROKEN;
  }

  #greeting(cursor: Cursor): number {
    if (cursor.u8() !== VERSION_5) return BROKEN;
    cursor.skip(cursor.u8());
    if (!cursor.ok) return this.#short(cursor);
    this.#at[TO_SERVER] = AT.REQUEST;
    return READ;
  }

  #secret(cursor: Cursor): number {
    const offset = cursor.tell();
    cursor.skip(1);
    const user = cursor.utf8(cursor.u8());
    const secret = cursor.u8();
    cursor.skip(secret);
    if (!cursor.ok) return this.#short(cursor);
    if (user !== '') this.#flow.carry?.user(user);
    if (secret > 0) this.#flow.anomaly(TO_SERVER, offset, 'proxy_password_exposed');
    return READ;
  }

  #request5(cursor: Cursor): number {
    const offset = cursor.tell();
    if (cursor.u8() !== VERSION_5) return BROKEN;
    const command = cursor.u8();
    cursor.skip(1);
    const host = this.#address(cursor, TO_SERVER);
    const port = cursor.u16();
    if (host === undefined) return BROKEN;
    if (!cursor.ok) return this.#short(cursor);
    return this.#asked({ version: 5, command, host, port }, offset);
  }

  #request4(cursor: Cursor): number {
    const offset = cursor.tell();
    if (cursor.left <= REQUEST_4) return SHORT;
    cursor.skip(1);
    const command = cursor.u8();
    const port = cursor.u16();
    const at = cursor.pos;
    const named = cursor.u32() < 0x100;
    const user = this.#text(cursor);
    if (typeof user === 'number') return user;
    let host: string | number = formatIPv4(cursor.bytes, at);
    // 4A: an address that cannot be stands for a name behind the user's.
    if (named) host = this.#text(cursor);
    if (typeof host === 'number') return host;
    if (user !== '') this.#flow.carry?.user(user);
    return this.#asked({ version: 4, command, host, port }, offset);
  }

  /** A text up to its NUL; a number where it is not whole, or none. */
  #text(cursor: Cursor): string | number {
    const end = cursor.find(0);
    if ((end < 0 ? cursor.end : end) - cursor.pos > LONGEST_TEXT) return BROKEN;
    if (end < 0) return SHORT;
    const text = cursor.latin1(end - cursor.pos);
    cursor.skip(1);
    return text;
  }

  #asked(request: Request, offset: number): number {
    if (COMMAND_NAMES[request.command] === undefined) return BROKEN;
    this.#request = request;
    this.#requestOffset = offset;
    this.#at[TO_SERVER] = AT.REQUEST;
    return READ;
  }

  // To the client

  #server(cursor: Cursor): number {
    if (cursor.peek() === REPLY_4 && this.#at[TO_CLIENT] === AT.GREETING) return this.#reply4(cursor);
    if (this.#at[TO_CLIENT] === AT.GREETING) return this.#method(cursor);
    if (this.#at[TO_CLIENT] === AT.SECRET) {
      cursor.skip(1);
      const status = cursor.u8();
      if (!cursor.ok) return this.#short(cursor);
      this.#at[TO_CLIENT] = AT.REQUEST;
      return status === 0 ? READ : BROKEN;
    }
    return this.#reply5(cursor);
  }

  #method(cursor: Cursor): number {
    if (cursor.u8() !== VERSION_5) return BROKEN;
    const method = cursor.u8();
    if (!cursor.ok) return this.#short(cursor);
    if (method !== METHOD.NONE && method !== METHOD.PASSWORD) return BROKEN;
    this.#at[TO_CLIENT] = method === METHOD.PASSWORD ? AT.SECRET : AT.REQUEST;
    return READ;
  }

  #reply5(cursor: Cursor): number {
    const offset = cursor.tell();
    if (cursor.u8() !== VERSION_5) return BROKEN;
    const code = cursor.u8();
    cursor.skip(1);
    if (code !== 0 && cursor.has(1) && cursor.peek() === 0) return this.#denied(offset, code);
    const host = this.#address(cursor, TO_CLIENT);
    cursor.skip(2);
    if (host === undefined) return BROKEN;
    if (!cursor.ok) return this.#short(cursor);
    return code === 0 ? this.#granted(offset) : this.#denied(offset, code);
  }

  #reply4(cursor: Cursor): number {
    const offset = cursor.tell();
    if (cursor.left < REPLY_4_LENGTH) return SHORT;
    cursor.skip(1);
    const code = cursor.u8();
    cursor.skip(REPLY_4_LENGTH - 2);
    return code === GRANTED_4 ? this.#granted(offset) : this.#denied(offset, code);
  }

  #granted(offset: number): number {
    const first = !this.#answered;
    this.#answered = true;
    if (first && this.#request?.command === COMMAND.BIND && !this.#tunnel) {
      // It listens; a second reply says who came.
      this.#tell(offset, 'proxy: listens');
      return READ;
    }
    this.#at[TO_CLIENT] = AT.TUNNEL;
    if (this.#request?.command === COMMAND.UDP) {
      this.#at[TO_SERVER] = AT.TUNNEL;
      // The datagrams go to another port: without a name of IM in the request nobody asks for them.
      return this.#tell(offset, 'proxy: relays datagrams') ? READ : BROKEN;
    }
    // Nobody saw what was asked for: it is a tunnel all the same.
    return this.#tunnel || this.#open() ? READ : BROKEN;
  }

  #denied(offset: number, code: number): number {
    this.#answered = true;
    if (!this.#tell(offset, `proxy: refused (${code})`, code)) return BROKEN;
    // What is left has nothing to say.
    this.#at[TO_SERVER] = this.#at[TO_CLIENT] = AT.TUNNEL;
    return READ;
  }

  #open(): boolean {
    const { carry } = this.#flow;
    const { version, command, port } = this.#request ?? NO_REQUEST;
    this.#at[TO_SERVER] = AT.TUNNEL;
    if (command === COMMAND.UDP) return false;
    this.#tunnel = carry?.open({
      carrier: version === 4 ? 'socks4' : 'socks5',
      evidence: this.#request ? placeOf(this.#request) : 'socks: granted',
      ...(port ? { port } : {}),
    });
    return this.#tunnel !== undefined;
  }

  /** Tells what came of the request, where the place is one of IM; false where it is none. */
  #tell(offset: number, outcome: string, code?: number): boolean {
    const request = this.#request;
    const known = request && serviceOf(request.host, request.port);
    if (!known) return false;
    this.#flow.carry?.as(request.version === 4 ? 'socks4' : 'socks5');
    this.#flow.emit(TO_CLIENT, offset, {
      kind: 'service',
      service: known.service,
      evidence: [placeOf(request), outcome],
      confidence: known.confidence,
      ...(code === undefined ? {} : { code }),
    });
    return true;
  }

  /** An address of version 5; undefined where its type is none. */
  #address(cursor: Cursor, direction: Direction): string | undefined {
    const offset = cursor.tell();
    const type = cursor.u8();
    if (!cursor.ok) return '';
    if (type === ADDRESS.NAME) return cursor.latin1(cursor.u8());
    const at = cursor.pos;
    if (type === ADDRESS.IPV4) {
      cursor.skip(4);
      return cursor.ok ? formatIPv4(cursor.bytes, at) : '';
    }
    if (type === ADDRESS.IPV6) {
      cursor.skip(16);
      return cursor.ok ? formatIPv6(cursor.bytes, at) : '';
    }
    this.#flow.anomaly(direction, offset, 'socks_address_type');
    return undefined;
  }

  /** A step ran past the bytes that are there: it is read again with more of them. */
  #short(cursor: Cursor): number {
    cursor.ok = true;
    return SHORT;
  }
}

const NO_REQUEST = { version: 5, command: COMMAND.CONNECT, port: undefined } as const;

/** As evidence: `socks5: CONNECT host:port`. */
function placeOf({ version, command, host, port }: Request): string {
  return `socks${version}: ${COMMAND_NAMES[command] ?? ''} ${host}:${port}`;
}
