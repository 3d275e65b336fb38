import { costOfText, Keep, KeptMap, TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Direction, FlowContext, ImFacts, XmlElement } from '../../src/sdk/index.ts';
import type { AnomalyCode } from './anomalies.ts';
import type { Jid } from './jid.ts';
import { fullJid, hasLocal, parseJid } from './jid.ts';
import { RoomBook } from './room-book.ts';
import { TransferBook } from './transfer-book.ts';
import { COMPONENT_PORTS, NS, SERVER_TO_SERVER_PORT, SERVICE_OF_DOMAIN } from './wire.ts';

/** Where a piece of the stream stands: its direction and the stream offset of its first byte. */
export interface Place {
  readonly direction: Direction;
  readonly offset: number;
}

/** A stanza with its addresses read. */
export interface Stanza extends Place {
  readonly element: XmlElement;
  /** The `type` attribute; empty where there is none. */
  readonly type: string;
  readonly id: string | undefined;
  readonly from: Jid | undefined;
  readonly to: Jid | undefined;
}

/** What an `iq` of the client's or the peer's is remembered for until its answer comes. */
export type Answer = (session: XmppSession, answer: Stanza) => void;

/** Who is at the other end of the stream from the server's point of view. */
export type Role = 'client' | 'server' | 'component';

/** Facts without what the session adds. */
export type Facts = Omit<ImFacts, 'service' | 'account'>;

const STANZA_ATTRIBUTES = ['from', 'to', 'id', 'type'] as const;

/** Requests that await their answer, and whatever else is remembered a flow. */
const KEPT_REQUESTS = 128;
const KEPT_KEYS = 1024;
const KEPT_CALLS = 32;
/** Of what an answer is waited for with: an offer, cut. */
const ANSWER_COST = 1_024;
/** Of whom something was asked by an id: an address, and no address is longer. */
const ASKED_COST = 512;
const KEPT_PRESUMED = 64;
/** Of facts that are presumed, beside their text. */
const FACTS_COST = 1_024;

function costOfPresumed({ facts }: { facts: Facts }): number {
  return FACTS_COST + costOfText(facts.text ?? '') + costOfText(facts.room?.id ?? '');
}

/** What is known of one connection: who is at its ends, rooms, and what awaits an answer. */
export class XmppSession {
  readonly flow: FlowContext;
  role: Role = 'client';
  service = 'xmpp';
  /** The domain that the stream was opened to. */
  domain: string | undefined;
  /** The bare JID that is signed on at the client side, and its resource. */
  account: string | undefined;
  resource: string | undefined;
  /** A sign-on succeeded, or stanzas show that it must have. */
  signedOn = false;
  /** The person at the server side of a link-local stream (XEP-0174). */
  peer: Jid | undefined;
  /** A byte of that direction was seen. */
  readonly seen: [boolean, boolean] = [false, false];
  /** Accounts for what is remembered of this connection. */
  readonly keep = new Keep((bytes) => this.flow.reserve(bytes));
  readonly rooms = new RoomBook(this.keep);
  readonly transfers = new TransferBook(this.keep);
  /** Media of calls, by the id of their session. */
  readonly calls = new KeptMap<string>(KEPT_CALLS, this.keep, costOfText);
  readonly #requests = new KeptMap<Answer>(KEPT_REQUESTS, this.keep, () => ANSWER_COST);
  /** Whom a request was sent to, by its id. */
  readonly #asked = new KeptMap<string>(KEPT_REQUESTS, this.keep, () => ASKED_COST);
  readonly #told = new KeptMap<string>(KEPT_KEYS, this.keep, costOfText);
  readonly #presumed = new KeptMap<{ at: Place; facts: Facts }>(KEPT_PRESUMED, this.keep, costOfPresumed);
  #presumptions = 0;

  constructor(flow: FlowContext) {
    this.flow = flow;
    if (flow.midstream && flow.serverPort === SERVER_TO_SERVER_PORT) this.role = 'server';
    if (flow.midstream && COMPONENT_PORTS.has(flow.serverPort)) this.role = 'component';
  }

  /** Emits facts, with the network and the account added. */
  tell(at: Place, facts: Facts): void {
    // Facts are made for one call: they are completed in place rather than copied.
    const all = facts as ImFacts;
    all.service = this.service;
    if (this.account !== undefined && this.role !== 'server') all.account = this.account;
    this.flow.emit(at.direction, at.offset, all);
  }

  /** Keeps facts of a request that the other side will confirm; they are told at the end if nothing of it was seen. */
  presume(at: Place, facts: Facts): void {
    if (!this.blind(TO_CLIENT)) return;
    // What a handler was handed lives no longer than its stanza: the place alone is kept of it.
    const { direction, offset } = at;
    this.#presumed.set(String(this.#presumptions++), { at: { direction, offset }, facts });
  }

  /** The connection is over: tells what could not be confirmed because the capture has one direction only. */
  finish(): void {
    if (this.blind(TO_CLIENT)) for (const { at, facts } of this.#presumed.values()) this.tell(at, facts);
    this.#presumed.clear();
  }

  odd(at: Place, code: AnomalyCode): void {
    this.flow.anomaly(at.direction, at.offset, code);
  }

  /** The stream is open to that domain, in that content namespace. */
  opened(domain: string | undefined, contentNamespace: string): void {
    if (contentNamespace === NS.SERVER) this.role = 'server';
    else if (contentNamespace === NS.COMPONENT) this.role = 'component';
    else if (contentNamespace === NS.CLIENT) this.role = 'client';
    if (domain !== undefined) this.#serve(domain);
    if (this.role === 'component' && this.domain !== undefined) this.account = this.domain;
  }

  #serve(domain: string): void {
    this.domain = domain;
    this.service = SERVICE_OF_DOMAIN.get(domain) ?? this.service;
  }

  /** Learns who is signed on; a bare JID keeps the resource that is known. */
  identify(jid: Jid): void {
    if (this.role !== 'client' || !hasLocal(jid)) return;
    if (jid.bare !== this.account) this.resource = undefined;
    this.account = jid.bare;
    if (jid.resource !== undefined) this.resource = jid.resource;
    this.#serve(this.domain ?? jid.domain);
  }

  /** A stanza with its addresses read; in mid-stream they tell whose client this is. */
  stanza(element: XmlElement, at: Place): Stanza {
    const stanza = this.nested(element, at);
    if (this.role === 'client' && this.account === undefined) {
      const own = at.direction === TO_CLIENT ? stanza.to : stanza.from;
      // A server hands stanzas only to clients that are signed on; before that, none has an address.
      if (own && hasLocal(own) && own.resource !== undefined) this.signedOn = true;
      if (own) this.identify(own);
    }
    return stanza;
  }

  /** A stanza inside another: its addresses tell nothing of who is at the ends of the connection. */
  nested(element: XmlElement, at: Place): Stanza {
    const [from, to, id, type] = element.attrs(STANZA_ATTRIBUTES);
    return {
      element,
      direction: at.direction,
      offset: at.offset,
      type: type ?? '',
      id: id || undefined,
      from: parseJid(from),
      to: parseJid(to),
    };
  }

  /** Who sent it: the address it carries, else whose end of the connection it came from. */
  sender(stanza: Stanza): Jid | undefined {
    if (this.role === 'client' && stanza.direction === TO_SERVER) return this.own() ?? stanza.from;
    return stanza.from ?? this.peer ?? (this.role === 'client' ? this.own() : undefined);
  }

  /** Whom it is for. */
  recipient(stanza: Stanza): Jid | undefined {
    if (stanza.to) return stanza.to;
    if (this.peer && stanza.direction === TO_SERVER) return this.peer;
    return this.role === 'client' ? this.own() : undefined;
  }

  own(): Jid | undefined {
    if (this.account === undefined) return undefined;
    const domain = this.account.slice(this.account.indexOf('@') + 1);
    return this.resource === undefined
      ? { bare: this.account, domain }
      : { bare: this.account, domain, resource: this.resource };
  }

  /**
   * True for an address that may speak for the account: none, its own, or its server's. Where the
   * account is not known nobody is suspected.
   */
  isOwn(jid: Jid | undefined): boolean {
    if (!jid || this.account === undefined) return true;
    return jid.bare === this.account || this.#isServer(jid);
  }

  #isServer(jid: Jid): boolean {
    const domain = this.account?.slice(this.account.indexOf('@') + 1);
    return jid.resource === undefined && (jid.bare === domain || jid.bare === this.domain);
  }

  /** `answer` is called with the result or error to this request, where one comes. */
  expect(request: Stanza, answer: Answer): void {
    if (request.id === undefined) return;
    this.#requests.set(this.#key(request.direction, request.id, request.to), answer);
    if (request.direction === TO_SERVER) this.#asked.set(request.id, this.#other(request.to));
  }

  /** The answer to a request that was remembered, if this is one. Only whom it was sent to may answer it. */
  answered(stanza: Stanza): Answer | undefined {
    if (stanza.id === undefined || this.#requests.size === 0) return undefined;
    const asked = stanza.direction === TO_SERVER ? TO_CLIENT : TO_SERVER;
    const answer = this.#requests.take(this.#key(asked, stanza.id, stanza.from));
    if (asked === TO_SERVER) this.#checkWho(stanza, stanza.id, answer !== undefined);
    return answer;
  }

  /** An answer from somebody else than who was asked, while that answer is still waited for. */
  #checkWho(stanza: Stanza, id: string, expected: boolean): void {
    const other = this.#asked.get(id);
    if (expected) this.#asked.delete(id);
    else if (other !== undefined && other !== this.#other(stanza.from) && this.role === 'client')
      this.odd(stanza, 'xmpp_answer_spoofed');
  }

  #key(direction: Direction, id: string, peer: Jid | undefined): string {
    return `${direction} ${this.#other(peer)} ${id}`;
  }

  /** Empty for the account's own server, which also answers without an address and in the account's name. */
  #other(peer: Jid | undefined): string {
    return !peer || peer.bare === this.account || this.#isServer(peer) ? '' : fullJid(peer);
  }

  /** True where this is new: nothing was told of `key` yet, or something else. Bounded: what is old is forgotten. */
  news(key: string, value: string): boolean {
    if (this.#told.get(key) === value) return false;
    this.#told.set(key, value);
    return true;
  }

  /** The value told last for a key. */
  lastTold(key: string): string | undefined {
    return this.#told.get(key);
  }

  /** True where nothing of that direction was seen so far. */
  blind(direction: Direction): boolean {
    return !this.seen[direction];
  }
}
