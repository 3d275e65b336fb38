import { ANSWER, HttpDialog, TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type {
  Cursor,
  Direction,
  Dissector,
  FlowContext,
  HttpHandler,
  HttpHead,
  InnerStream,
} from '../../src/sdk/index.ts';
import { COUNT, isPacket, PACKET_START, PATH, SESSION_AT } from './wire.ts';

/** A request that waits for its response. */
interface Exchange {
  /** Its body, or that of its response, is packets. */
  ours: boolean;
  session: Session | undefined;
}

/** One session, as far as this connection carries it. */
interface Session {
  /** 8 hex digits; empty while the server has not said it. */
  id: string;
  readonly stream: InnerStream;
}

const REALM = 'ymsg-http';

/**
 * YMSG over HTTP: the bodies of a session's requests and responses are the two directions of a YMSG stream.
 * Each request may have a connection of its own; the session's id, in the header of its packets, joins them.
 */
export class NotifyDissector implements Dissector, HttpHandler<Exchange> {
  readonly #flow: FlowContext;
  readonly #dialog: HttpDialog<Exchange>;
  readonly #sessions: Session[] = [];
  /** By direction: the first bytes of the body, which tell whose it is; their number is −1 behind them. */
  readonly #starts = [new Uint8Array(PACKET_START), new Uint8Array(COUNT + PACKET_START)] as const;
  readonly #got: [number, number] = [0, 0];

  constructor(flow: FlowContext) {
    this.#flow = flow;
    this.#dialog = new HttpDialog(flow, this);
  }

  data(direction: Direction, cursor: Cursor): number {
    const answer = this.#dialog.data(direction, cursor);
    return answer < 0 ? ANSWER.BAD : answer;
  }

  gap(direction: Direction, length: number): void {
    this.#dialog.gap(direction, length);
    for (const { stream } of this.#sessions) stream.gap(direction, length);
  }

  end(): void {
    // The session goes on elsewhere.
  }

  request(head: HttpHead): Exchange {
    this.#got[TO_SERVER] = 0;
    return { ours: PATH.test(head.target), session: undefined };
  }

  response(head: HttpHead, _offset: number, asked: Exchange | undefined): Exchange {
    this.#got[TO_CLIENT] = 0;
    return asked ?? { ours: head.status === 200, session: undefined };
  }

  body(direction: Direction, exchange: Exchange, bytes: Uint8Array, from: number, to: number): void {
    if (!exchange.ours) return;
    let at = from;
    const start = this.#starts[direction];
    while (this.#got[direction] >= 0 && at < to) {
      start[this.#got[direction]++] = bytes[at++] ?? 0;
      if (this.#got[direction] === start.length) this.#begin(direction, exchange);
    }
    if (at < to && exchange.ours) exchange.session?.stream.data(direction, bytes, at, to);
  }

  done(): void {
    // A body that is too short to hold a packet says nothing.
  }

  /** The body's first packet says whose it is. */
  #begin(direction: Direction, exchange: Exchange): void {
    const start = this.#starts[direction];
    const skip = direction === TO_CLIENT ? COUNT : 0;
    this.#got[direction] = -1;
    if (!isPacket(start, skip, start.length)) {
      // An error page, say; the response to what is no packet may be packets all the same.
      if (direction === TO_CLIENT) exchange.ours = false;
      return;
    }
    const id = hexOf(start, skip + SESSION_AT);
    const known = id !== NO_SESSION;
    exchange.session ??= this.#session(known ? id : '');
    const { session } = exchange;
    if (!session) return;
    if (session.id === '' && known) {
      session.id = id;
      session.stream.named(id);
      // The other side of a proxy may have named it first.
      session.stream.present(REALM, id);
      session.stream.issue(REALM, id);
    }
    session.stream.data(direction, start, skip, start.length);
  }

  #session(id: string): Session | undefined {
    const known = id === '' ? undefined : this.#sessions.find((s) => s.id === id);
    if (known) return known;
    const stream = this.#flow.carry?.open({
      carrier: 'http-tunnel',
      evidence: 'http: POST /notify',
      protocol: 'ymsg',
      spans: true,
      midstream: id !== '',
      ...(id === '' ? {} : { session: id }),
    });
    if (!stream) return undefined;
    const session = { id, stream };
    this.#sessions.push(session);
    if (id !== '') {
      stream.present(REALM, id);
      stream.issue(REALM, id);
    }
    return session;
  }
}

const NO_SESSION = '00000000';

/** Four bytes as hex digits. */
function hexOf(bytes: Uint8Array, at: number): string {
  let text = '';
  for (let i = at; i < at + 4; i++) text += (bytes[i] ?? 0).toString(16).padStart(2, '0');
  return text;
}
