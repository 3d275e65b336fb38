import type { ClientSoftware, Direction, FlowContext, ImFacts } from '../../src/sdk/index.ts';
import type { FileTransfer } from '../../src/sdk/index.ts';
import { decodeText } from './text.ts';
import type { Args } from './wire.ts';
import { normalizeName } from './wire.ts';

/** Where a frame stands: its direction and the stream offset of its first byte. */
export interface Place {
  direction: Direction;
  offset: number;
}

/** Reads the arguments of one client command. */
export type ClientHandler = (session: TocSession, at: Place, args: Args) => void;
/** Reads the fields of one server command, without the command's own name. */
export type ServerHandler = (session: TocSession, at: Place, line: string) => void;

/** A sign-on whose outcome is not known yet. */
export interface Attempt {
  exposed: boolean;
  /** Bytes of the server's are missing since it began: the answer may be among them. */
  unanswered: boolean;
  /** Its event was told: an answer that comes yet tells no second one. */
  told: boolean;
  client?: ClientSoftware;
}

interface Room {
  name?: string;
  /** No member list was seen yet. */
  fresh: boolean;
}

type Facts = Omit<ImFacts, 'service'>;

/** Names kept a session: rooms, contacts' last status, transfers, own lines that await their echo. */
const KEPT = 256;
const KEPT_LINES = 16;
/** Names told from one frame: no list of a real account is longer. */
const MOST_NAMES = 1000;

/** What is known of one connection: who is signed on, the rooms, and what awaits an answer. */
export class TocSession {
  readonly flow: FlowContext;
  account: string | undefined;
  attempt: Attempt | undefined;
  /** SIGN_ON came without a sign-on command in view: NICK tells the account. */
  unclaimed = false;
  signedOn = false;
  /** A password change whose answer is awaited. */
  changing = false;
  /** The room that a join asked for; CHAT_JOIN confirms it. */
  joining: string | undefined;
  /** Frames of this direction were seen. */
  readonly seen: [boolean, boolean] = [false, false];
  readonly transfers = new Map<string, { file: FileTransfer; from: string }>();
  readonly #rooms = new Map<string, Room>();
  readonly #status = new Map<string, string>();
  #lines: string[] = [];

  constructor(flow: FlowContext) {
    this.flow = flow;
  }

  /** ICQ numbers sign on to TOC too. */
  get service(): string {
    return this.account !== undefined && /^\d+$/.test(this.account) ? 'icq' : 'aim';
  }

  setAccount(name: string): void {
    const account = normalizeName(name);
    if (account !== '') this.account = account;
  }

  tell(at: Place, facts: Facts): void {
    const known = this.account === undefined ? facts : { account: this.account, ...facts };
    this.flow.emit(at.direction, at.offset, { service: this.service, ...known });
  }

  anomaly(at: Place, code: string): void {
    this.flow.anomaly(at.direction, at.offset, code);
  }

  /** Text of a message, its quirk counted. */
  read(at: Place, raw: string): string {
    const { text, quirk } = decodeText(raw);
    if (quirk !== undefined) this.anomaly(at, quirk);
    return text;
  }

  /** `from` of what the client sent: absent in a session picked up after its sign-on. */
  self(): Pick<ImFacts, 'from'> {
    return this.account === undefined ? {} : { from: this.account };
  }

  /** `to` of what the client receives. */
  toSelf(): Pick<ImFacts, 'to'> {
    return this.account === undefined ? {} : { to: [this.account] };
  }

  openRoom(at: Place, id: string, name: string | undefined): void {
    const room: Room = { fresh: true };
    if (name !== undefined && normalizeName(name) !== '') room.name = name;
    this.keep(at, this.#rooms, id, room);
  }

  closeRoom(id: string): void {
    this.#rooms.delete(id);
  }

  /**
   * The room as events name it: by its name, which all members share; by its number where no name
   * was seen; undefined where it has neither.
   */
  room(id: string): { id: string; name?: string } | undefined {
    const name = this.#rooms.get(id)?.name;
    if (name !== undefined) return { id: normalizeName(name), name };
    return id === '' ? undefined : { id };
  }

  /** True once for each join: the member list that follows tells who was there already. */
  takeFresh(id: string): boolean {
    const room = this.#rooms.get(id);
    if (!room?.fresh) return false;
    room.fresh = false;
    return true;
  }

  /** Remembers a line sent to a room: the server repeats it to its sender. */
  sentToRoom(id: string, raw: string): void {
    this.#lines.push(`${id}:${raw}`);
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
  }

  /** True where a room's line is the echo of one that this client was seen to send. */
  isEcho(id: string, from: string, raw: string): boolean {
    const index = from === this.account ? this.#lines.indexOf(`${id}:${raw}`) : -1;
    if (index >= 0) this.#lines = this.#lines.filter((_, i) => i !== index);
    return index >= 0;
  }

  /** True where a contact's status differs from the last one told. */
  statusChanged(at: Place, contact: string, status: string): boolean {
    if (this.#status.get(contact) === status) return false;
    this.keep(at, this.#status, contact, status);
    return true;
  }

  /** The first names of a list that may be hostile. */
  some(at: Place, names: string[]): string[] {
    if (names.length <= MOST_NAMES) return names;
    this.anomaly(at, 'toc_limit');
    return names.slice(0, MOST_NAMES);
  }

  /** Sets an entry of a bounded map; the oldest makes room. */
  keep<T>(at: Place, map: Map<string, T>, key: string, value: T): void {
    map.delete(key);
    map.set(key, value);
    if (map.size <= KEPT) return;
    this.anomaly(at, 'toc_limit');
    for (const oldest of map.keys()) {
      map.delete(oldest);
      break;
    }
  }
}

/** A screen name as id, and as displayed where that differs. */
export function displayed(name: string): { id: string; from_name?: string } {
  const id = normalizeName(name);
  return id === name ? { id } : { id, from_name: name };
}
