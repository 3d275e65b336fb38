import { decodeLatin1, HttpDialog, TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type {
  Cursor,
  Direction,
  Dissector,
  FlowContext,
  HttpHandler,
  HttpHead,
  InnerStream,
} from '../../src/sdk/index.ts';
import { LONGEST_TAG, numberOf, sessionOf, terminates } from './wire.ts';

/** A request that waits for its response. */
interface Exchange {
  session: Session | undefined;
  /** The request's number, which is that of its response too. */
  number: number | undefined;
  /** One of both ends the session. */
  last: boolean;
}

/** One BOSH session, as far as this connection carries it. */
interface Session {
  sid: string;
  readonly stream: InnerStream;
}

const REALM = 'bosh-sid';

/**
 * XMPP over BOSH: the bodies of requests and responses are the two directions of an XMPP stream, a
 * stream a session. A session is spread over several connections, which its id joins: one reader has the bytes of all,
 * in the order of the requests' numbers.
 */
export class BoshDissector implements Dissector, HttpHandler<Exchange> {
  readonly #flow: FlowContext;
  readonly #dialog: HttpDialog<Exchange>;
  readonly #sessions: Session[] = [];
  /** The beginning of a body whose tag is not whole; undefined once it is. */
  readonly #tags: [Uint8Array | undefined, Uint8Array | undefined] = [NOTHING, NOTHING];

  constructor(flow: FlowContext) {
    this.#flow = flow;
    this.#dialog = new HttpDialog(flow, this);
  }

  data(direction: Direction, cursor: Cursor): number {
    return this.#dialog.data(direction, cursor);
  }

  gap(direction: Direction, length: number): void {
    this.#tags[direction] = undefined;
    this.#dialog.gap(direction, length);
    for (const { stream } of this.#sessions) stream.gap(direction, length);
  }

  /** Responses that will not come: nobody waits for them. */
  end(direction: Direction): void {
    if (direction !== TO_CLIENT) return;
    for (const exchange of this.#dialog.waiting()) this.#number(TO_CLIENT, exchange, true);
  }

  request(): Exchange {
    this.#tags[TO_SERVER] = NOTHING;
    return { session: undefined, number: undefined, last: false };
  }

  response(_head: HttpHead, _offset: number, asked: Exchange | undefined): Exchange {
    this.#tags[TO_CLIENT] = NOTHING;
    return asked ?? { session: undefined, number: undefined, last: false };
  }

  body(direction: Direction, exchange: Exchange, bytes: Uint8Array, from: number, to: number): void {
    const held = this.#tags[direction];
    if (held === undefined) {
      exchange.session?.stream.data(direction, bytes, from, to);
      return;
    }
    // The usual case: the tag is whole in the first bytes of the body.
    if (held.length === 0 && this.#begin(direction, exchange, bytes, from, to)) return;
    const joined = new Uint8Array(held.length + to - from);
    joined.set(held);
    joined.set(bytes.subarray(from, to), held.length);
    if (held.length > 0 && this.#begin(direction, exchange, joined, 0, joined.length)) return;
    this.#tags[direction] = joined.length > LONGEST_TAG ? undefined : joined;
  }

  done(direction: Direction, exchange: Exchange): void {
    // A response without a body is the answer all the same.
    if (direction === TO_CLIENT && this.#tags[direction]?.length === 0) this.#number(direction, exchange);
    exchange.session?.stream.messageEnd(direction);
    if (direction === TO_CLIENT && exchange.last) this.#over(exchange.session);
  }

  #over(session: Session | undefined): void {
    const at = session ? this.#sessions.indexOf(session) : -1;
    if (at < 0) return;
    session?.stream.close();
    this.#sessions.splice(at, 1);
  }

  #number(direction: Direction, { session, number }: Exchange, over = false): void {
    if (number === undefined) return;
    session?.stream.message(direction, number);
    if (over) session?.stream.messageEnd(direction);
  }

  /** Reads the tag that says which session it is, and hands on the bytes; false where it is not whole. */
  #begin(direction: Direction, exchange: Exchange, bytes: Uint8Array, from: number, to: number): boolean {
    let end = bytes.indexOf(0x3e, from);
    // The end of a declaration is not the tag's.
    if (end > from && bytes[end - 1] === 0x3f) end = bytes.indexOf(0x3e, end + 1);
    if (end < 0 || end >= to) return false;
    this.#tags[direction] = undefined;
    if (end - from > LONGEST_TAG) return true;
    const tag = decodeLatin1(bytes, from, end + 1);
    const sid = sessionOf(tag);
    if (sid === undefined) return true;
    if (direction === TO_SERVER) {
      exchange.session = this.#session(sid);
      exchange.number = numberOf(tag);
    } else this.#answered(exchange, sid);
    exchange.last ||= terminates(tag);
    this.#number(direction, exchange);
    exchange.session?.stream.data(direction, bytes, from, to);
    return true;
  }

  #answered(exchange: Exchange, sid: string): void {
    // The request was not seen: a connection that carries one session is no riddle.
    if (!exchange.session)
      exchange.session = this.#sessions.length === 1 ? this.#sessions[0] : this.#session(sid);
    if (!exchange.session || sid === '' || exchange.session.sid === sid) return;
    exchange.session.sid = sid;
    exchange.session.stream.named(sid);
    // The other side of a proxy may have named it first.
    exchange.session.stream.present(REALM, sid);
    exchange.session.stream.issue(REALM, sid);
  }

  #session(sid: string): Session | undefined {
    const known = sid === '' ? undefined : this.#sessions.find((s) => s.sid === sid);
    if (known) return known;
    const stream = this.#flow.carry?.open({
      carrier: 'bosh',
      evidence: 'http: BOSH <body>',
      protocol: 'xmpp',
      spans: true,
      // Every body is a document of its own: there is nothing to look for.
      midstream: false,
      ...(sid === '' ? {} : { session: sid }),
    });
    if (!stream) return undefined;
    const session = { sid, stream };
    this.#sessions.push(session);
    if (sid !== '') {
      stream.present(REALM, sid);
      stream.issue(REALM, sid);
    }
    return session;
  }
}

const NOTHING = new Uint8Array(0);
