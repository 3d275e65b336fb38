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

/** A request that waits for its response. */
interface Exchange {
  /** Undefined where it is none of the tunnel's, or was not seen. */
  readonly target: Target | undefined;
  readonly seen: boolean;
}

/** Bytes that a waiting request takes: a session's id and a host. */
const ITEM = 768;
const REALM = 'oscar-http';
const UNSEEN: Exchange = { target: undefined, seen: false };

/**
 * OSCAR over HTTP: packets in the bodies of requests and responses carry the FLAP streams of one session, which
 * goes on from connection to connection. Each virtual connection is one stream, whichever connections bring it.
 */
export class TunnelDissector implements Dissector, HttpHandler<Exchange> {
  readonly #flow: FlowContext;
  readonly #dialog: HttpDialog<Exchange>;
  /** The messages that are read. */
  readonly #now: [Exchange, Exchange] = [UNSEEN, UNSEEN];
  readonly #readers: readonly [PacketReader, PacketReader];
  readonly itemCost = ITEM;
  /** By session and virtual connection: as many as the engine follows in one connection. */
  readonly #streams = new Map<string, InnerStream>();
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
      missing: (connection, length) => this.#stream(direction, connection, 'known')?.gap(direction, length),
      closed: (connection) => {
        this.#stream(direction, connection, 'known')?.close();
        this.#streams.delete(this.#nameOf(direction, connection));
      },
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
    this.#readers[direction].begin();
    this.#dialog.gap(direction, length);
    for (const stream of this.#streams.values()) stream.gap(direction, length);
  }

  end(): void {
    // The session goes on elsewhere.
  }

  request(head: HttpHead, offset: number): Exchange {
    return this.#begin(TO_SERVER, { target: targetOf(head.target), seen: true }, offset);
  }

  response(head: HttpHead, offset: number, asked: Exchange | undefined): Exchange {
    if (asked && head.status >= 400) this.#refused(asked, head.status, offset);
    return this.#begin(TO_CLIENT, asked ?? UNSEEN, offset);
  }

  #begin(direction: Direction, exchange: Exchange, offset: number): Exchange {
    this.#offsets[direction] = offset;
    this.#readers[direction].begin();
    return (this.#now[direction] = exchange);
  }

  body(direction: Direction, { target, seen }: Exchange, bytes: Uint8Array, from: number, to: number): void {
    // A response whose request was not seen is read: the version keeps out what is none of the tunnel's.
    if (target || !seen) this.#readers[direction].data(bytes, from, to);
  }

  done(direction: Direction, { target }: Exchange): void {
    if (target) this.#readers[direction].end();
  }

  #nameOf(direction: Direction, connection: number): string {
    return `${this.#now[direction].target?.sid ?? ''}:${connection}`;
  }

  /** The stream of a virtual connection; `place` where this packet asks for it, `known` where it only ends it. */
  #stream(
    direction: Direction,
    connection: number,
    how?: { host: string; port: number } | 'known',
  ): InnerStream | undefined {
    const name = this.#nameOf(direction, connection);
    const known = this.#streams.get(name);
    if (known) return known;
    const sid = this.#now[direction].target?.sid ?? '';
    const place = how === 'known' ? undefined : how;
    const stream = this.#flow.carry?.open({
      carrier: 'http-tunnel',
      evidence: place ? `http: OSCAR tunnel to ${place.host}:${place.port}` : 'http: OSCAR tunnel',
      ...(place && place.port > 0 ? { port: place.port } : {}),
      protocol: 'oscar',
      spans: true,
      midstream: place === undefined,
      ...(sid === '' ? {} : { session: name }),
      ...(how === 'known' ? { known: true } : {}),
    });
    // It may begin yet, or there are more than are followed.
    if (!stream) return undefined;
    this.#streams.set(name, stream);
    if (sid !== '') this.#join(stream, sid);
    return stream;
  }

  /** The session's first connection, whichever that is, handed its id out. */
  #join(stream: InnerStream, sid: string): void {
    stream.present(REALM, sid);
    stream.issue(REALM, sid);
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
