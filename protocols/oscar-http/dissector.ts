import { ANSWER, HttpDialog, serviceOf, TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type {
  Cursor,
  Direction,
  Dissector,
  FlowContext,
  HttpHandler,
  HttpHead,
  InnerStream,
} from '../../src/sdk/index.ts';
import { PacketReader } from './packets.ts';
import { targetOf } from './wire.ts';
import type { Target } from './wire.ts';

/** A request that waits for its response; no target where it is none of the tunnel's. */
interface Exchange {
  readonly target: Target | undefined;
}

const KEPT_EXCHANGES = 64;
/** Virtual connections that one connection is asked for; what is beyond is passed over. */
const MAX_STREAMS = 1_024;
const REALM = 'oscar-http';
const UNKNOWN: Exchange = { target: undefined };

/**
 * OSCAR over HTTP: packets in the bodies of requests and responses carry the FLAP streams of one session, which
 * goes on from connection to connection. Each virtual connection is one stream, whichever connections bring it.
 */
export class TunnelDissector implements Dissector, HttpHandler {
  readonly #flow: FlowContext;
  readonly #dialog: HttpDialog;
  readonly #waiting: Exchange[] = [];
  readonly #now: [Exchange, Exchange] = [UNKNOWN, UNKNOWN];
  readonly #readers: readonly [PacketReader, PacketReader];
  /** By session and virtual connection. Undefined where there are more than are followed. */
  readonly #streams = new Map<string, InnerStream | undefined>();
  /** Of the message that is read, by direction. */
  readonly #offsets: [number, number] = [0, 0];

  constructor(flow: FlowContext) {
    this.#flow = flow;
    this.#dialog = new HttpDialog(flow, this);
    this.#readers = [this.#reader(TO_SERVER), this.#reader(TO_CLIENT)];
  }

  #reader(direction: Direction): PacketReader {
    const odd = (code: string): void => {
      this.#flow.anomaly(direction, this.#offsets[direction], code);
    };
    return new PacketReader({
      login: (connection, host, port) => this.#stream(direction, connection, { host, port }),
      flap: (connection, bytes, from, to) => {
        this.#stream(direction, connection)?.data(direction, bytes, from, to);
      },
      missing: (connection, length) => this.#stream(direction, connection)?.gap(direction, length),
      closed: (connection) => this.#stream(direction, connection)?.close(),
      bad: () => {
        odd('oscar_http_bad_packet');
      },
      cut: () => {
        odd('oscar_http_cut_packet');
      },
    });
  }

  data(direction: Direction, cursor: Cursor): number {
    const answer = this.#dialog.data(direction, cursor);
    return answer < 0 ? ANSWER.BAD : answer;
  }

  gap(direction: Direction, length: number): void {
    this.#waiting.length = 0;
    this.#readers[direction].begin();
    this.#dialog.gap(direction, length);
    for (const stream of this.#streams.values()) stream?.gap(direction, length);
  }

  end(): void {
    // The session goes on elsewhere.
  }

  head(direction: Direction, head: HttpHead, offset: number): void {
    this.#offsets[direction] = offset;
    this.#readers[direction].begin();
    if (direction === TO_SERVER) {
      const exchange = { target: targetOf(head.target) };
      this.#now[TO_SERVER] = exchange;
      if (this.#waiting.length < KEPT_EXCHANGES) this.#waiting.push(exchange);
    } else if (head.status >= 200) {
      this.#now[TO_CLIENT] = this.#waiting.shift() ?? UNKNOWN;
      if (head.status >= 400) this.#refused(this.#now[TO_CLIENT], head.status, offset);
    }
  }

  body(direction: Direction, bytes: Uint8Array, from: number, to: number): void {
    const { target } = this.#now[direction];
    // A response whose request was not seen is read: the version keeps out what is none of the tunnel's.
    if (target || (direction === TO_CLIENT && this.#now[TO_CLIENT] === UNKNOWN)) {
      this.#readers[direction].data(bytes, from, to);
    }
  }

  done(direction: Direction): void {
    if (this.#now[direction].target) this.#readers[direction].end();
  }

  #nameOf(direction: Direction, connection: number): string {
    return `${this.#now[direction].target?.sid ?? ''}:${connection}`;
  }

  /** The stream of a virtual connection; `place` where this packet asks for it. */
  #stream(
    direction: Direction,
    connection: number,
    place?: { host: string; port: number },
  ): InnerStream | undefined {
    const name = this.#nameOf(direction, connection);
    if (this.#streams.has(name) || this.#streams.size >= MAX_STREAMS) return this.#streams.get(name);
    const sid = this.#now[direction].target?.sid ?? '';
    const stream = this.#flow.carry?.open({
      carrier: 'http-tunnel',
      evidence: place ? `http: OSCAR tunnel to ${place.host}:${place.port}` : 'http: OSCAR tunnel',
      ...(place && place.port > 0 ? { port: place.port } : {}),
      protocol: 'oscar',
      spans: true,
      midstream: place === undefined,
      ...(sid === '' ? {} : { session: name }),
    });
    this.#streams.set(name, stream);
    if (sid !== '') {
      // The session's first connection, whichever that is, handed it out.
      stream?.present(REALM, sid);
      stream?.issue(REALM, sid);
    }
    return stream;
  }

  /** The proxy does not let it through: an attempt, where the place is one of IM. */
  #refused({ target }: Exchange, status: number, offset: number): void {
    // The client is asked for a password first: no refusal yet.
    if (target?.host === undefined || status === 407) return;
    const known = serviceOf(target.host, target.port);
    if (!known) return;
    this.#flow.carry?.as('http-tunnel');
    this.#flow.emit(TO_CLIENT, offset, {
      kind: 'service',
      service: known.service,
      evidence: [
        `http: ${target.purpose} of the OSCAR tunnel at ${target.host}`,
        `proxy: refused (${status})`,
      ],
      confidence: known.confidence,
      code: status,
    });
  }
}
