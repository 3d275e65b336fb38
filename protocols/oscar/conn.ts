import { TO_SERVER } from '../../src/sdk/index.ts';
import type { Auth, ClientSoftware, Direction, FlowContext, ImFacts } from '../../src/sdk/index.ts';
import type { Cursor } from '../../src/sdk/index.ts';
import type { CodePage } from './codepage.ts';
import { normalise } from './tlv.ts';
import type { TLVs } from './tlv.ts';

/** What handlers say: the connection adds service and account. */
export type Facts = Omit<ImFacts, 'service' | 'account'>;

/** A SNAC's header, for its handler. */
export interface SnacHeader {
  code: number;
  flags: number;
  requestId: number;
}

/** Which side sends a SNAC. */
export type Side = 'client' | 'server' | 'both';

/** Reads the body of one SNAC; a body that ends early leaves the cursor not ok and tells nothing. */
export type Handler = (conn: Conn, body: Cursor, header: SnacHeader) => void;

/** A topic's SNACs: number, who sends it, what reads it. */
export type Handlers = readonly (readonly [code: number, side: Side, read: Handler])[];

/** What a connection is for. `bos` carries messages and presence; the others serve it. */
export type Role = 'unknown' | 'authorisation' | 'bos' | 'service' | 'chat';

/** A sign-on whose outcome is not known yet. */
export interface PendingLogin {
  mechanism: string;
  account: string;
  exposed?: NonNullable<Auth['exposed']>;
  client?: ClientSoftware;
}

/** A file offered on this connection, by rendezvous cookie. */
export interface Offer {
  id: string;
  name: string;
  size: number;
  /** The client of this connection offered it. */
  sent: boolean;
  accepted: boolean;
}

export interface ChatRoom {
  id: string;
  name?: string;
}

/** Bounds of what one connection remembers. */
const LIMIT = { GROUPS: 1024, SHOWN: 2048, OFFERS: 64, ASKED: 256, SENT: 64 } as const;

/** One FLAP connection: what is known of it, and the way its handlers speak. */
export class Conn {
  readonly flow: FlowContext;
  role: Role = 'unknown';
  /** Normalised; empty while unknown. */
  account = '';
  /** As displayed. */
  display = '';
  login: PendingLogin | undefined;
  /** A sign-on cookie was shown on this connection. */
  cookieShown = false;
  /** The login of this connection was told. */
  loginTold = false;
  signedOff = false;
  /** Software that was named before the account, and so the network, was known. */
  client: ClientSoftware | undefined;
  clientTold = false;
  /** Third-party software that capabilities or stamps named; told once. */
  recognised = '';
  /** Families as the server listed them (01/03), in its order. */
  families: readonly number[] = [];
  /** The code page of the language that the client signed on with. */
  codePage: CodePage | undefined;
  /** The own status by its last status word. */
  ownShow = 'online';
  /** The client said that it is ready: its first contact list is over. */
  ready = false;
  /** A change of password, e-mail or name that waits for its answer. */
  change: Facts | undefined;
  room: ChatRoom | undefined;
  /** Members told before the room was named; undefined after the first list was told. */
  earlyMembers: string[] | undefined = [];
  inRoom = false;
  /** Direction and stream offset of the frame being read. */
  direction: Direction = TO_SERVER;
  offset = 0;
  /** SSI group names by number. */
  readonly groups = new Recent<number, string>(LIMIT.GROUPS);
  /** The last presence told of each name. */
  readonly shown = new Recent<string, string>(LIMIT.SHOWN);
  readonly offers = new Recent<string, Offer>(LIMIT.OFFERS);
  /** What a request asked for, by family and request id. */
  readonly asked = new Recent<string, string>(LIMIT.ASKED);
  /** Whom each message was for, by request id: what an error answers to. */
  readonly receivers = new Recent<number, string>(LIMIT.SENT);
  /** A chat line of this client that waits for its reflection, which names the client. */
  line: { key: string; facts: Facts; offset: number } | undefined;
  /** Chat lines of this client whose reflection will come: cookie and request id. */
  readonly reflections = new Recent<string, true>(LIMIT.SENT);

  constructor(flow: FlowContext) {
    this.flow = flow;
  }

  /** Remembers who is signed on here. An empty name changes nothing. */
  learn(name: string): void {
    const account = normalise(name);
    if (account === '') return;
    this.account = account;
    this.display = name;
  }

  /** Tells an event of the frame being read. `peer` decides the service while the account is unknown. */
  tell(facts: Facts, peer = ''): void {
    // Facts are made for one call: they are completed in place. A copy would have a hidden class of its own, each.
    const full = facts as ImFacts;
    full.service = serviceOf(this.account || peer);
    if (this.account !== '') full.account = this.account;
    this.flow.emit(this.direction, this.offset, full);
  }

  /** Notes TLVs of a type that is not among those known in such a block. */
  check(tlvs: TLVs, known: ReadonlySet<number>): void {
    if (!tlvs.areKnown(known)) this.anomaly('oscar_tlv_unknown');
  }

  anomaly(code: string): void {
    this.flow.anomaly(this.direction, this.offset, code);
  }

  /** Adds who sent it to whom, seen from the client of this connection; `peer` is the other's name. */
  between(facts: Facts, peer: string, sent: boolean): Facts {
    const other = normalise(peer);
    facts.sent = sent;
    if (sent) {
      facts.to = [other];
      if (this.account !== '') facts.from = this.account;
      if (this.account !== '' && this.display !== this.account) facts.from_name = this.display;
    } else {
      facts.from = other;
      if (peer !== other) facts.from_name = peer;
      if (this.account !== '') facts.to = [this.account];
    }
    return facts;
  }

  /** The room of this connection; where it was named before the capture, a made-up id, the same on all of this flow. */
  get roomOrUnnamed(): ChatRoom {
    return this.room ?? { id: `unnamed-${this.flow.hash('oscar-chat', this.flow.id).slice(0, 12)}` };
  }
}

/** A map that forgets its oldest entry when it is full. */
export class Recent<K, V> {
  readonly #map = new Map<K, V>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    this.#map.delete(key);
    this.#map.set(key, value);
    if (this.#map.size <= this.#limit) return;
    for (const oldest of this.#map.keys()) {
      this.#map.delete(oldest);
      return;
    }
  }

  /** Returns the entry and forgets it. */
  take(key: K): V | undefined {
    const value = this.#map.get(key);
    this.#map.delete(key);
    return value;
  }
}

/** UINs are all digits; everything else is AIM's. */
export function serviceOf(name: string): string {
  return isUIN(name) ? 'icq' : 'aim';
}

export function isUIN(name: string): boolean {
  return name !== '' && /^\d+$/.test(name);
}
