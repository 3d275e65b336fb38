import {
  ANSWER,
  evidenceOf,
  field,
  HTTP,
  HttpExchange,
  HttpReader,
  Keep,
  ownText,
  rowOfRequestText,
  TO_SERVER,
} from '../../src/sdk/index.ts';
import type {
  ClientSoftware,
  Cursor,
  Direction,
  Dissector,
  FlowContext,
  HttpHead,
  ImFacts,
  ServiceRow,
} from '../../src/sdk/index.ts';
import { WebFiles } from './files.ts';
import { RequestSight, SEEN } from './sight.ts';
import { LONGEST_AGENT, MAX_REQUESTS, MAX_TOLD } from './wire.ts';

const sight = new RequestSight();

/**
 * Requests to places of IM networks: each place is told once a connection. Nothing of a request is shown but its host:
 * paths and queries hold names and secrets.
 */
export class WebDissector implements Dissector {
  readonly #flow: FlowContext;
  readonly #reader: HttpReader;
  readonly #told = new Set<ServiceRow>();
  #requests = 0;
  #exposed = false;
  #files: WebFiles | undefined;
  #begun = false;

  constructor(flow: FlowContext) {
    this.#flow = flow;
    this.#reader = new HttpReader(
      false,
      new HttpExchange(new Keep((bytes) => flow.reserve(bytes))),
      (code, offset) => {
        flow.anomaly(TO_SERVER, offset, `http_${code}`);
      },
    );
  }

  data(direction: Direction, cursor: Cursor): number {
    if (!this.#begun && direction === TO_SERVER && !this.#begin(cursor)) return ANSWER.DONE;
    if (this.#files) return this.#files.data(direction, cursor);
    if (direction !== TO_SERVER) {
      cursor.pos = cursor.end;
      return ANSWER.DONE;
    }
    for (;;) {
      const answer = this.#reader.next(cursor);
      if (answer === HTTP.MORE) return ANSWER.DONE;
      // Behind the first request anything may follow: an upgrade, or nonsense.
      if (answer === HTTP.BAD || answer === HTTP.RAW) return ANSWER.SKIP;
      if (answer !== HTTP.HEAD || !this.#reader.head) continue;
      if (++this.#requests > MAX_REQUESTS) return ANSWER.SKIP;
      this.#asked(this.#reader.head, this.#reader.offset);
    }
  }

  gap(direction: Direction, length: number): void {
    if (this.#files) this.#files.gap(direction, length);
    else if (direction === TO_SERVER) this.#reader.gap(length);
  }

  /** A request that is not whole says nothing; a file may end so. */
  end(direction: Direction): void {
    this.#files?.end(direction);
  }

  /** Bodies are read where the first request is for a file. False where that is not to be seen yet. */
  #begin(cursor: Cursor): boolean {
    const seen = sight.look(cursor.bytes, cursor.pos, cursor.end);
    if (seen === SEEN.PART) return false;
    this.#begun = true;
    if (seen === SEEN.FILE) this.#files = new WebFiles(this.#flow, (head, at) => this.#asked(head, at));
    return true;
  }

  #asked(head: HttpHead, offset: number): void {
    const [host, target] = placeOf(head);
    const row = rowOfRequestText(host, target);
    if (row === undefined) return;
    if (!this.#told.has(row) && this.#told.size < MAX_TOLD) {
      this.#told.add(row);
      this.#flow.emit(TO_SERVER, offset, serviceFacts(row, host, head));
    }
    this.#password(row, target, offset);
  }

  /** A password in a query is in everybody's log on the way. */
  #password(row: ServiceRow, target: string, offset: number): void {
    if (this.#exposed || !/[?&]passwd=[^&]/i.test(target)) return;
    this.#exposed = true;
    const account = accountOf(target);
    this.#flow.emit(TO_SERVER, offset, {
      kind: 'login',
      service: row.service,
      auth: { mechanism: 'http', result: 'unknown', exposed: 'password' },
      ...(account === undefined ? {} : { account, from: account }),
    });
  }
}

/** Host without its port, and path with query, of a request to a server or to a proxy. */
function placeOf(head: HttpHead): [host: string, target: string] {
  const absolute = /^http:\/\/([^/?#]*)(.*)$/i.exec(head.target);
  const authority = absolute?.[1] ?? field(head, 'host') ?? '';
  const [, host = ''] = /^([A-Za-z0-9._-]{1,255})(?::\d*)?$/.exec(authority) ?? [];
  return [host, absolute?.[2] ?? head.target];
}

function serviceFacts(row: ServiceRow, host: string, head: HttpHead): ImFacts {
  const client = softwareOf(field(head, 'user-agent'));
  return {
    kind: 'service',
    service: row.service,
    confidence: row.confidence,
    evidence: [`http: request to ${host.toLowerCase()}`, evidenceOf(row)],
    once: `${row.host}${row.path ?? ''}`,
    ...(client === undefined ? {} : { client }),
  };
}

/** What the client calls itself; nothing where it says that it is a browser, as all of them do. */
function softwareOf(agent: string | undefined): ClientSoftware | undefined {
  const raw = ownText((agent ?? '').slice(0, LONGEST_AGENT));
  const [, product, version] = /^([^\s/()]{1,64})(?:\/([^\s()]{1,32}))?/.exec(raw) ?? [];
  if (product === undefined || /^(?:mozilla|opera)$/i.test(product)) return undefined;
  const client: ClientSoftware = { name: product, raw, evidence: ['http: User-Agent'] };
  if (version !== undefined) client.version = version;
  return client;
}

/** Whom a query signs on; lower case, as the networks compare names. */
function accountOf(target: string): string | undefined {
  const [, encoded] = /[?&]login=([^&#\s]{1,256})/i.exec(target) ?? [];
  if (encoded === undefined) return undefined;
  try {
    return ownText(decodeURIComponent(encoded.replaceAll('+', ' ')).toLowerCase());
  } catch {
    return undefined;
  }
}
