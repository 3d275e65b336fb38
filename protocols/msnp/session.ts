import { costOfText, Keep, KeptMap } from '../../src/sdk/index.ts';
import type { ClientSoftware, Direction, FlowContext, ImFacts, ImKind } from '../../src/sdk/index.ts';
import type { Command } from './reader.ts';
import { parseId, parseName } from './text.ts';
import { ROLE } from './commands.ts';
import type { Role } from './commands.ts';

/** The network's name in `im.service`. */
export const SERVICE = 'msn';
/** Where a switchboard's key joins the connection that was given it with the one that shows it. */
export const SWITCHBOARD_REALM = 'msn-switchboard';

/** Bounds of what one connection makes us remember. A contact list has at most 1,000 entries. */
const MAX_CONTACTS = 1024;
const MAX_MEMBERS = 256;
const MAX_GROUPS = 128;
const MAX_PENDING = 64;
const MAX_ENDPOINTS = 32;

/** A handler of one command. */
export type Handler = (session: Session, command: Command) => void;
export type Handlers = Readonly<Record<string, Handler>>;

/** What is known of somebody's presence. */
export interface Presence {
  name: string;
  show: string;
  text: string;
  /** The capability number as it was on the wire. */
  capabilities: string;
}

function costOfPresence({ name, show, text, capabilities }: Presence): number {
  return costOfText(name) + costOfText(show) + costOfText(text) + costOfText(capabilities);
}

/** A sign-on that was begun and whose outcome is not known. */
export interface Attempt {
  mechanism: string;
  account: string;
  exposed?: 'password' | 'hash' | 'token';
  /** The TrID of its last request. */
  trid: string;
}

/** Who said something to whom, and where: what every event about a message needs. */
export interface Envelope {
  direction: Direction;
  offset: number;
  from: string;
  name: string;
  to: string[];
  sent: boolean;
  room?: string;
  /** The sender's endpoint (MSNP16 and later). */
  resource?: string;
}

/** All that is known of one connection. */
export class Session {
  readonly flow: FlowContext;
  /** Accounts for what is remembered of this connection. */
  readonly keep = new Keep((bytes) => this.flow.reserve(bytes));
  role: Role = ROLE.UNKNOWN;
  /** The agreed dialect (`MSNP9` is 9), 0 where it was not seen. */
  dialect = 0;
  /** Who is signed on at the client's side; empty where unknown. */
  account = '';
  attempt: Attempt | undefined;
  signedOn = false;
  signedOff = false;
  /** The client software, from its `CVR`. */
  client: ClientSoftware | undefined;
  /** What the client's capability number says was looked at. */
  capabilitiesTold = false;
  /** What the client writes about itself in its messages was told. */
  clientTold = false;
  /** The client's status and personal message. */
  readonly own = { show: '', text: '' };
  media = '';
  displayName = '';
  /** Of the account, as told last. */
  readonly settings = { privacy: '', when_added: '' };
  /** Presence of the contacts, by id. */
  readonly presence = new KeptMap<Presence>(MAX_CONTACTS, this.keep, costOfPresence);
  /** Ids of contacts by the GUID that MSNP10 to 12 give them. */
  readonly contactIds = new KeptMap<string>(MAX_CONTACTS, this.keep, costOfText);
  /** Names of contact groups by their id. */
  readonly groups = new KeptMap<string>(MAX_GROUPS, this.keep, costOfText);
  /** Who is blocked, as far as was seen. */
  readonly blocked = new KeptMap<true>(MAX_CONTACTS, this.keep);
  /** The contact of the last `LST`: telephone numbers follow it without a name. */
  listed = '';
  /** Names of the account's endpoints that were told (MSNP16 and later). */
  readonly endpoints = new KeptMap<true>(MAX_ENDPOINTS, this.keep);
  /** Who asked to be on the contact list and was not answered. */
  readonly requests = new KeptMap<true>(MAX_PENDING, this.keep);
  /** TrIDs of the client's own changes: the server's echo of them tells nothing new. */
  readonly echoes = new KeptMap<true>(MAX_PENDING, this.keep);
  /** The other people on this switchboard, with their names. */
  readonly members = new KeptMap<string>(MAX_MEMBERS, this.keep, costOfText);
  /** Names of objects that were shown here (shortcuts of emoticons), by the SHA-1 of their bytes. */
  readonly objects = new KeptMap<string>(MAX_PENDING, this.keep, costOfText);
  /** The switchboard's session id. */
  sessionId = '';
  /** The switchboard had three people at some time: it is told as a room from then on. */
  isRoom = false;
  /** TrIDs of temporary groups that were asked for; and who is in which group, as `group user`. */
  readonly groupsAsked = new KeptMap<true>(MAX_PENDING, this.keep);
  readonly groupMembers = new KeptMap<true>(MAX_CONTACTS, this.keep);
  /** Messages on which delivery was to be reported, by TrID. */
  readonly unacknowledged = new KeptMap<true>(MAX_PENDING, this.keep);

  constructor(flow: FlowContext) {
    this.flow = flow;
  }

  /** Facts of a kind, with what every event of this connection carries. */
  fact(kind: ImKind): ImFacts {
    const facts: ImFacts = { kind, service: SERVICE };
    if (this.account) facts.account = this.account;
    return facts;
  }

  /** Facts about something that was said. */
  said(kind: ImKind, envelope: Envelope): ImFacts {
    const facts = this.fact(kind);
    if (envelope.from) facts.from = envelope.from;
    if (envelope.resource) facts.from_resource = envelope.resource;
    if (envelope.name) facts.from_name = envelope.name;
    if (envelope.to.length > 0) facts.to = envelope.to;
    if (envelope.room) facts.room = { id: envelope.room };
    facts.sent = envelope.sent;
    return facts;
  }

  tell(command: Command, facts: ImFacts): void {
    this.flow.emit(command.direction, command.offset, facts);
  }

  trouble(command: Command, code: string): void {
    this.flow.anomaly(command.direction, command.offset, code);
  }

  /** Notes whose connection this is. */
  identify(id: string): void {
    if (!id) return;
    this.account = id;
    this.members.delete(id);
  }

  /** The id of the switchboard as a room, the same on every leg where its session id was seen. */
  roomId(): string {
    const { flow } = this;
    if (!this.sessionId) return flow.hash(SWITCHBOARD_REALM, flow.id);
    return flow.hash(SWITCHBOARD_REALM, flow.serverIp, this.sessionId);
  }

  /** The envelope of a `MSG`: the client's own, or one from `from` (as the command names it). */
  envelope(command: Command, from?: string, name?: string): Envelope {
    const sent = command.direction === 0;
    const id = sent ? this.account : parseId(from);
    if (!sent && id && id !== this.account && this.role === ROLE.SWITCHBOARD && !this.members.has(id)) {
      this.members.set(id, '');
    }
    const to = sent || !this.account || this.account === id ? [] : [this.account];
    for (const member of this.members.keys()) {
      if (member !== id) to.push(member);
    }
    const envelope: Envelope = {
      direction: command.direction,
      offset: command.offset,
      from: id,
      name: sent ? this.displayName : parseName(name, id),
      to,
      sent,
    };
    if (this.isRoom) envelope.room = this.roomId();
    return envelope;
  }
}
