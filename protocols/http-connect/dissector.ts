import {
  ANSWER,
  HTTP,
  HttpExchange,
  HttpReader,
  Keep,
  ownText,
  readProxyCredentials,
  serviceOf,
  startsMessage,
  TO_CLIENT,
  TO_SERVER,
} from '../../src/sdk/index.ts';
import type {
  Cursor,
  Direction,
  Dissector,
  FlowContext,
  HttpHead,
  HttpTrouble,
  InnerStream,
} from '../../src/sdk/index.ts';

interface Request {
  readonly host: string;
  readonly port: number;
  readonly offset: number;
}

/**
 * A connection to an HTTP proxy that asks for a tunnel (RFC 9110, 9.3.6), perhaps several times until
 * it is let through. What the tunnel carries goes back to the detectors.
 */
export class ConnectDissector implements Dissector {
  readonly #flow: FlowContext;
  readonly #exchange: HttpExchange;
  readonly #readers: readonly [HttpReader, HttpReader];
  #request: Request | undefined;
  #tunnel: InnerStream | undefined;
  /** The request's answer was seen, or cannot be any more. */
  #told = false;

  constructor(flow: FlowContext) {
    this.#flow = flow;
    this.#exchange = new HttpExchange(new Keep((bytes) => flow.reserve(bytes)));
    const trouble =
      (direction: Direction) =>
      (code: HttpTrouble, offset: number): void => {
        flow.anomaly(direction, offset, `http_${code}`);
      };
    this.#readers = [
      new HttpReader(false, this.#exchange, trouble(TO_SERVER)),
      new HttpReader(true, this.#exchange, trouble(TO_CLIENT)),
    ];
  }

  data(direction: Direction, cursor: Cursor): number {
    return direction === TO_SERVER ? this.#client(cursor) : this.#server(cursor);
  }

  gap(direction: Direction, length: number): void {
    if (!this.#tunnel && this.#request && direction === TO_CLIENT) this.#openTunnel();
    if (this.#tunnel) this.#tunnel.gap(direction, length);
    else this.#readers[direction].gap(length);
  }

  end(direction: Direction): void {
    if (direction === TO_CLIENT && this.#request && !this.#tunnel && !this.#told) {
      this.#refused(this.#request, TO_CLIENT, this.#request.offset, 'closed without an answer');
    }
  }

  #client(cursor: Cursor): number {
    const reader = this.#readers[TO_SERVER];
    for (;;) {
      if (this.#tunnel) return this.#through(TO_SERVER, cursor);
      // A client that speaks before the answer is in view: HTTP again, or already in the tunnel.
      if (this.#request && !this.#told && cursor.left > 0 && !startsMessage(cursor, false)) {
        if (!this.#openTunnel()) return ANSWER.BAD;
        continue;
      }
      const answer = reader.next(cursor);
      if (answer === HTTP.MORE) return ANSWER.DONE;
      if (answer === HTTP.BAD) return ANSWER.BAD;
      if (answer === HTTP.HEAD && reader.head) this.#asked(reader.head, reader.offset);
    }
  }

  #server(cursor: Cursor): number {
    const reader = this.#readers[TO_CLIENT];
    for (;;) {
      const answer = reader.next(cursor);
      if (answer === HTTP.RAW) return this.#through(TO_CLIENT, cursor);
      if (answer === HTTP.MORE) return ANSWER.DONE;
      if (answer === HTTP.BAD) {
        // The answer was lost, or is none: what comes may be the tunnel's.
        if (!this.#tunnel) return ANSWER.BAD;
        reader.raw();
      } else if (answer === HTTP.HEAD && reader.head && !this.#answered(reader.head, reader)) {
        return ANSWER.BAD;
      }
    }
  }

  #through(direction: Direction, cursor: Cursor): number {
    this.#tunnel?.data(direction, cursor.bytes, cursor.pos, cursor.end);
    cursor.pos = cursor.end;
    return ANSWER.DONE;
  }

  #asked(head: HttpHead, offset: number): void {
    this.#request = undefined;
    if (head.method !== 'CONNECT') return;
    // Authority form has no user part (RFC 9110, 9.3.6); one that is there all the same may hold a password.
    const at = head.target.lastIndexOf('@');
    const [, bracketed, plain, digits] = AUTHORITY.exec(head.target.slice(at + 1)) ?? [];
    const host = ownText((bracketed ?? plain ?? '').slice(0, LONGEST_HOST));
    const port = Number(digits);
    if (host === '' || !(port > 0 && port < 65_536)) return;
    if (at > 0) this.#userPart(head.target.slice(0, at), offset);
    this.#request = { host, port, offset };
    this.#told = false;
    readProxyCredentials(this.#flow, head, offset);
  }

  #userPart(text: string, offset: number): void {
    const colon = text.indexOf(':');
    this.#flow.carry?.user(colon < 0 ? text : text.slice(0, colon));
    if (colon >= 0 && colon + 1 < text.length)
      this.#flow.anomaly(TO_SERVER, offset, 'proxy_password_exposed');
  }

  /** False where there is nothing more to read here. */
  #answered(head: HttpHead, reader: HttpReader): boolean {
    const request = this.#request;
    if (head.status < 200) return true;
    if (!request) return true;
    if (head.status < 300) {
      this.#told = true;
      reader.raw();
      return this.#tunnel !== undefined || this.#openTunnel();
    }
    this.#told = true;
    this.#request = undefined;
    // The client is asked for a password first: no refusal yet.
    if (head.status !== 407) this.#refused(request, TO_CLIENT, reader.offset, String(head.status));
    return true;
  }

  #openTunnel(): boolean {
    const request = this.#request;
    if (!request || !this.#flow.carry) return false;
    this.#tunnel = this.#flow.carry.open({
      carrier: 'http-connect',
      evidence: `http: CONNECT ${request.host}:${request.port}`,
      port: request.port,
    });
    return this.#tunnel !== undefined;
  }

  /** The proxy does not let it through: an attempt, where the place is one of IM. */
  #refused(request: Request, direction: Direction, offset: number, how: string): void {
    const known = serviceOf(request.host, request.port);
    if (!known) return;
    this.#flow.carry?.as('http-connect');
    this.#flow.emit(direction, offset, {
      kind: 'service',
      service: known.service,
      evidence: [`http: CONNECT ${request.host}:${request.port}`, `proxy: refused (${how})`],
      confidence: known.confidence,
      ...(/^\d+$/.test(how) ? { code: Number(how) } : {}),
    });
  }
}

/** `[IPv6]:port` or `host:port`; nothing else can be a host's name. */
const AUTHORITY = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/;
/** RFC 1035: a name has at most 255 bytes. */
const LONGEST_HOST = 255;
