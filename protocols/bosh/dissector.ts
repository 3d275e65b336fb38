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
import { LONGEST_TAG, sessionOf } from './wire.ts';

/** A request that waits for its response. */
interface Exchange {
  session: Session | undefined;
}

/** One BOSH session, as far as this connection carries it. */
interface Session {
  sid: string;
  readonly stream: InnerStream;
}

const REALM = 'bosh-sid';

/**
 * XMPP over BOSH: the bodies of requests and responses are the two directions of an XMPP stream, a
 * stream a session. A session is spread over several connections; each is read by itself, and joined
 * to the others by its session id.
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

  end(): void {
    // The engine ends the streams.
  }

  request(): Exchange {
    this.#tags[TO_SERVER] = NOTHING;
    return { session: undefined };
  }

  response(_head: HttpHead, _offset: number, asked: Exchange | undefined): Exchange {
    this.#tags[TO_CLIENT] = NOTHING;
    return asked ?? { session: undefined };
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

  done(): void {
    // The next message begins with its head.
  }

  /** Reads the tag that says which session it is, and hands on the bytes; false where it is not whole. */
  #begin(direction: Direction, exchange: Exchange, bytes: Uint8Array, from: number, to: number): boolean {
    let end = bytes.indexOf(0x3e, from);
    // The end of a declaration is not the tag's.
    if (end > from && bytes[end - 1] === 0x3f) end = bytes.indexOf(0x3e, end + 1);
    if (end < 0 || end >= to) return false;
    this.#tags[direction] = undefined;
    const sid = end - from > LONGEST_TAG ? undefined : sessionOf(decodeLatin1(bytes, from, end + 1));
    if (sid === undefined) return true;
    if (direction === TO_SERVER) exchange.session = this.#session(sid);
    else this.#answered(exchange, sid);
    exchange.session?.stream.data(direction, bytes, from, to);
    return true;
  }

  #answered(exchange: Exchange, sid: string): void {
    // The request was not seen: a connection that carries one session is no riddle.
    if (!exchange.session)
      exchange.session = this.#sessions.length === 1 ? this.#sessions[0] : this.#session(sid);
    if (!exchange.session || sid === '' || exchange.session.sid === sid) return;
    exchange.session.sid = sid;
    this.#flow.issue(REALM, sid);
  }

  #session(sid: string): Session | undefined {
    const known = sid === '' ? undefined : this.#sessions.find((s) => s.sid === sid);
    if (known) {
      this.#flow.present(REALM, sid);
      return known;
    }
    const stream = this.#flow.carry?.open({
      carrier: 'bosh',
      evidence: 'http: BOSH <body>',
      protocol: 'xmpp',
      spans: true,
      // Every body is a document of its own: there is nothing to look for.
      midstream: false,
    });
    if (!stream) return undefined;
    const session = { sid, stream };
    this.#sessions.push(session);
    if (sid !== '') this.#flow.present(REALM, sid);
    return session;
  }
}

const NOTHING = new Uint8Array(0);
