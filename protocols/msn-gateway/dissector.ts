import { ANSWER, field, HttpDialog, TO_CLIENT } from '../../src/sdk/index.ts';
import type {
  Cursor,
  Direction,
  Dissector,
  FlowContext,
  HttpHandler,
  HttpHead,
  InnerStream,
} from '../../src/sdk/index.ts';
import { closes, FIELD, opens, PATH, sessionIn } from './wire.ts';

/** A request that waits for its response. */
interface Exchange {
  session: Session | undefined;
}

/** One notification or switchboard session, as far as this connection carries it. */
interface Session {
  id: string;
  readonly stream: InnerStream;
  closing: boolean;
}

const REALM = 'msn-gateway';

/**
 * MSNP over HTTP: the bodies of a session's requests and responses are the two directions of an MSNP
 * stream. A session may go on in another connection: its id names it, and one reader has the bytes of all.
 */
export class GatewayDissector implements Dissector, HttpHandler<Exchange> {
  readonly #flow: FlowContext;
  readonly #dialog: HttpDialog<Exchange>;
  readonly #sessions: Session[] = [];

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
    // The engine ends the streams.
  }

  request(head: HttpHead): Exchange {
    const exchange: Exchange = { session: undefined };
    // Other requests may share a proxy's connection.
    if (!head.target.includes(PATH)) return exchange;
    const id = sessionIn(head.target);
    if (id !== undefined) exchange.session = this.#session(id);
    else if (opens(head.target)) exchange.session = this.#open('');
    return exchange;
  }

  response(head: HttpHead, _offset: number, asked: Exchange | undefined): Exchange {
    const exchange = asked ?? { session: undefined };
    const value = field(head, FIELD);
    if (value === undefined) return exchange;
    const id = sessionIn(value);
    // The request was not seen: the response names the session as well.
    if (id !== undefined) exchange.session ??= this.#session(id);
    const { session } = exchange;
    if (!session) return exchange;
    if (closes(value)) session.closing = true;
    if (id === undefined || session.id === id) return exchange;
    session.id = id;
    session.stream.named(id);
    // The other side of a proxy may have named it first.
    session.stream.present(REALM, id);
    session.stream.issue(REALM, id);
    return exchange;
  }

  body(direction: Direction, { session }: Exchange, bytes: Uint8Array, from: number, to: number): void {
    session?.stream.data(direction, bytes, from, to);
  }

  done(direction: Direction, { session }: Exchange): void {
    if (direction !== TO_CLIENT || !session?.closing) return;
    const at = this.#sessions.indexOf(session);
    if (at < 0) return;
    session.stream.close();
    this.#sessions.splice(at, 1);
  }

  #session(id: string): Session | undefined {
    const session = this.#sessions.find((s) => s.id === id) ?? this.#open(id);
    session?.stream.present(REALM, id);
    return session;
  }

  #open(id: string): Session | undefined {
    const stream = this.#flow.carry?.open({
      carrier: 'http-gateway',
      evidence: 'http: POST to gateway.dll',
      protocol: 'msnp',
      spans: true,
      midstream: id !== '',
      ...(id === '' ? {} : { session: id }),
    });
    if (!stream) return undefined;
    const session = { id, stream, closing: false };
    this.#sessions.push(session);
    return session;
  }
}
