/** What is known of one connection, and how its events are told. */
import { TO_SERVER } from '../../src/sdk/index.ts';
import type { Auth, ClientSoftware, Direction, FlowContext, ImFacts, ImKind } from '../../src/sdk/index.ts';
import { KEY, SERVICE } from './numbers.ts';
import { MAX_VALUES } from './wire.ts';
import type { Packet } from './wire.ts';

/** A sign-on whose outcome is not known yet. */
export interface Attempt {
  account?: string;
  mechanism: string;
  exposed?: Auth['exposed'];
  client?: ClientSoftware;
  /** Of the protocol, as the packet that began it said; 0 where the server's was the first seen. */
  version: number;
  /** The response was sent: what the server says next decides. */
  answered: boolean;
}

/** Facts of an event as a handler has them: parts that were not there are undefined. */
export type Parts = { [K in keyof Omit<ImFacts, 'kind' | 'service' | 'account'>]?: ImFacts[K] | undefined };

/** Reads one service's packets. */
export type Handler = (session: Session, packet: Packet, direction: Direction) => void;

/** Handlers by service. */
export type Handlers = Readonly<Record<number, Handler>>;

/** `out`: never signed on, or refused. `unseen`: the sign-on lies before the capture, or is still going on. */
export type Standing = 'unseen' | 'on' | 'out';

/** The service whose recipient is in key 5 also on the way to the client. */
const ADDRESSED: ReadonlySet<number> = new Set([
  SERVICE.MESSAGE,
  SERVICE.MASSMESSAGE,
  SERVICE.CHATMSG,
  SERVICE.GAMEMSG,
  SERVICE.NOTIFY,
  SERVICE.MESSAGE_ACK,
  SERVICE.AUDIBLE,
  SERVICE.SYSMESSAGE,
  SERVICE.AUTH_REQ_15,
  SERVICE.P2PFILEXFER,
  SERVICE.PEERTOPEER,
  SERVICE.FILETRANS_15,
  SERVICE.FILETRANS_INFO_15,
  SERVICE.FILETRANS_ACC_15,
]);

/** What the contact handlers remember of a connection. */
export class ContactMemory {
  /** Contacts told, each with its group: version 16 servers list them twice, in F1 and in 55. */
  readonly told = new Set<string>();
  /** Changes that the client asked for and that were told. */
  readonly waiting = new Set<string>();
  /** Keys 87 and 88 of a list whose end has not come. */
  buddies = '';
  ignored = '';
  identities: string[] = [];
  /** F1: the group that contacts belong to, also across packets. */
  group: string | undefined;
  inIgnored = false;

  /** Drops a list whose rest will not come or has been read. */
  forgetUnfinished(): void {
    this.buddies = '';
    this.ignored = '';
    this.group = undefined;
    this.inIgnored = false;
  }
}

/** Files of one transfer (key 265), for the packets that tell only its id. */
export interface Transfer {
  files: { name: string; size?: number }[];
  /** Who sends, and to whom. */
  from?: string | undefined;
  to?: string | undefined;
  peerIp?: string;
  peerPort?: number;
  /** How the bytes travel, where DD told. */
  method?: string;
}

export class Session {
  readonly flow: FlowContext;
  account: string | undefined;
  standing: Standing = 'unseen';
  attempt: Attempt | undefined;
  /** Stream offset behind the last whole packet of each direction. */
  readonly tail: [number, number] = [0, 0];
  /** Own status last set, for the day it becomes visible again. */
  ownShow = 'available';
  /** Which client this is was told. */
  clientTold = false;
  /** That the account is signed on was told, one way or another. */
  aliveTold = false;
  readonly contacts = new ContactMemory();
  /** What the two sides of a conversation show behind its text, by side and peer. */
  readonly imvironments = new Map<string, string>();
  /** Peers' own addresses that were told, with their ids. */
  readonly addresses = new Set<string>();
  /** Checksums of pictures that were told, by id. */
  readonly pictures = new Map<string, number>();
  /** Unknown services and keys that were told. */
  readonly unknown = new Set<string>();
  /** Chat rooms that the client is in. */
  readonly rooms = new Set<string>();
  /** The code page of the country that the account signed on in (key 98). */
  codePage: string | undefined;
  /** The client's first packet was AUTH (57): it did not ask for the server's turn (4C) first. */
  beganWithAuth = false;
  /** Cookies that were handed out here, and were issued. */
  cookies = 0;
  /** That cookies went over the wire was told. */
  cookiesTold = false;
  /** Transfers under way by key 265. */
  readonly transfers = new Map<string, Transfer>();

  constructor(flow: FlowContext) {
    this.flow = flow;
  }

  /** The facts that every event of the connection has. */
  facts(kind: ImKind): ImFacts {
    const facts: ImFacts = { kind, service: 'yahoo' };
    if (this.account !== undefined) facts.account = this.account;
    return facts;
  }

  emit(packet: Packet, direction: Direction, facts: ImFacts): void {
    this.flow.emit(direction, packet.offset, facts);
  }

  /** Tells an event of a packet; parts that are undefined are left out. */
  tell(packet: Packet, direction: Direction, kind: ImKind, parts: Parts): void {
    this.tellAt(direction, packet.offset, kind, parts);
  }

  /** Tells an event of no packet in particular. */
  tellAt(direction: Direction, offset: number, kind: ImKind, parts: Parts): void {
    this.flow.emit(direction, offset, withParts(this.facts(kind), parts));
  }

  anomaly(packet: Packet, direction: Direction, code: string): void {
    this.flow.anomaly(direction, packet.offset, code);
  }

  /** All ids of a key; telling when there were more than are kept. */
  ids(packet: Packet, direction: Direction, key: number): string[] {
    const ids = packet.ids(key);
    if (ids.length >= MAX_VALUES) this.anomaly(packet, direction, 'ymsg_too_many_values');
    return ids;
  }

  /** The id that acts in a packet from the client: the active one, else the primary one. */
  self(packet: Packet): string | undefined {
    return packet.id(KEY.ACTIVE_ID) ?? packet.id(KEY.PRIMARY_ID) ?? this.account;
  }

  /** Where no sign-on was seen, any packet that names the account tells it. */
  learnAccount(packet: Packet, direction: Direction): void {
    if (this.account !== undefined) return;
    if (direction === TO_SERVER) {
      this.account = packet.id(KEY.PRIMARY_ID) ?? packet.id(KEY.ACTIVE_ID) ?? packet.id(KEY.FROM);
    } else if (ADDRESSED.has(packet.service)) {
      this.account = packet.id(KEY.TO);
    } else {
      this.account = packet.id(KEY.PRIMARY_ID) ?? packet.id(KEY.ACTIVE_ID) ?? packet.id(KEY.TO);
    }
  }
}

/** Adds the parts that are there: no undefined, no empty text, no empty list. */
function withParts(facts: ImFacts, parts: Parts): ImFacts {
  const all = facts as unknown as Record<string, unknown>;
  const given = parts as Readonly<Record<string, unknown>>;
  for (const name in given) {
    const value = given[name];
    const empty = value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
    if (!empty) all[name] = value;
  }
  return facts;
}
