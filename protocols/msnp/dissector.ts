import { ANSWER, TO_SERVER } from '../../src/sdk/index.ts';
import type { Cursor, Direction, Dissector, FlowContext } from '../../src/sdk/index.ts';
import { ChunkJoiner } from './chunks.ts';
import { CONTACTS_FROM_CLIENT, CONTACTS_FROM_SERVER } from './contacts.ts';
import type { Parts } from './content.ts';
import { Invitations } from './invite.ts';
import { onJoined, onMessage, onUnifiedMessage } from './message.ts';
import { onAlert } from './notify.ts';
import { PeerToPeer } from './p2p.ts';
import { PRESENCE_FROM_CLIENT, PRESENCE_FROM_SERVER } from './presence.ts';
import { onClientNotice, onInvitation, onPage, PRIVACY_HANDLERS } from './privacy.ts';
import { CommandReader, READ } from './reader.ts';
import type { Command } from './reader.ts';
import { onDatagram, onPublication } from './sdg.ts';
import { Session } from './session.ts';
import type { Handler } from './session.ts';
import {
  SIGN_ON_FROM_CLIENT,
  SIGN_ON_FROM_SERVER,
  finishSignOn,
  onError,
  proveSignOn,
  signOff,
} from './signon.ts';
import { lookUp } from './text.ts';
import {
  SWITCHBOARD_FROM_CLIENT,
  SWITCHBOARD_FROM_SERVER,
  onCaller,
  onCallerReply,
  onLeave,
} from './switchboard.ts';
import { COMMANDS, ROLE, isOfDialect } from './commands.ts';
import type { Role } from './commands.ts';
import { isNumber } from './wire.ts';

/** Handlers of commands without parts, by direction. */
const HANDLERS = [
  tableOf(
    CONTACTS_FROM_CLIENT,
    PRESENCE_FROM_CLIENT,
    SIGN_ON_FROM_CLIENT,
    SWITCHBOARD_FROM_CLIENT,
    PRIVACY_HANDLERS,
  ),
  tableOf(
    CONTACTS_FROM_SERVER,
    PRESENCE_FROM_SERVER,
    SIGN_ON_FROM_SERVER,
    SWITCHBOARD_FROM_SERVER,
    PRIVACY_HANDLERS,
  ),
] as const;

function tableOf<V>(...tables: readonly Readonly<Record<string, V>>[]): ReadonlyMap<string, V> {
  return new Map(tables.flatMap((table) => Object.entries(table)));
}

/** Handlers of what people say. */
const MESSAGES = tableOf<(parts: Parts, command: Command) => void>({
  MSG: onMessage,
  UUM: onUnifiedMessage,
  UBM: onUnifiedMessage,
  SDG: onDatagram,
  PUT: onPublication,
  DEL: onPublication,
  NFY: onPublication,
  NOT: ({ session }, command) => onAlert(session, command),
  IPG: ({ session }, command) => onAlert(session, command),
  PGD: ({ session }, command) => onPage(session, command),
  PAG: ({ session }, command) => onPage(session, command),
  SDC: ({ session }, command) => onInvitation(session, command),
  UUN: ({ session }, command) => onClientNotice(session, command),
  UBN: ({ session }, command) => onClientNotice(session, command),
});

/** On a switchboard `USR` and `OUT` mean something else. */
const ON_SWITCHBOARD = [
  tableOf<Handler>({ USR: onCaller, OUT: onLeave }),
  tableOf<Handler>({ USR: onCallerReply, OUT: onLeave }),
] as const;

/** Reads one connection, to a notification server or a switchboard. */
export class MsnpDissector implements Dissector {
  readonly #session: Session;
  readonly #parts: Parts;
  readonly #readers: readonly [CommandReader, CommandReader];
  /** Stream offset of the last byte known, by direction. */
  readonly #seen: [number, number] = [0, 0];
  readonly #ended: [boolean, boolean] = [false, false];

  constructor(flow: FlowContext) {
    this.#session = new Session(flow);
    this.#parts = {
      session: this.#session,
      chunks: new ChunkJoiner(this.#session.keep),
      invitations: new Invitations(this.#session.keep),
      peerToPeer: new PeerToPeer(this.#session),
    };
    const reader = (direction: Direction): CommandReader =>
      new CommandReader(direction, flow.midstream, (offset, code) => flow.anomaly(direction, offset, code));
    this.#readers = [reader(0), reader(1)];
  }

  data(direction: Direction, cursor: Cursor): number {
    const reader = this.#readers[direction];
    let answer = reader.read(cursor);
    while (answer === READ.COMMAND) {
      this.#dispatch(reader.command);
      answer = reader.read(cursor);
    }
    this.#seen[direction] = cursor.tell();
    if (answer === READ.HOPELESS) return ANSWER.BAD;
    return reader.need > 0 ? reader.need : ANSWER.DONE;
  }

  gap(direction: Direction): void {
    this.#readers[direction].gap();
  }

  /** When both directions ended, what is still open is told as far as it is known. */
  end(direction: Direction): void {
    this.#ended[direction] = true;
    if (!this.#ended[0] || !this.#ended[1]) return;
    const session = this.#session;
    for (const chunked of this.#parts.chunks.flush()) onJoined(this.#parts, chunked);
    const at = { direction: TO_SERVER as Direction, offset: Math.max(0, this.#seen[TO_SERVER] - 1) };
    finishSignOn(session, at, 'unknown');
    if (session.signedOn && session.role === ROLE.NOTIFICATION) signOff(session, at, 'connection ended');
  }

  #dispatch(command: Command): void {
    const { direction, name } = command;
    const session = this.#session;
    if (session.role === ROLE.UNKNOWN) session.role = roleOf(command);
    if (session.dialect > 0 && !isOfDialect(name, session.dialect))
      session.trouble(command, 'msnp_not_of_dialect');
    const say = MESSAGES.get(name);
    if (say) {
      if (direction === TO_SERVER) proveSignOn(session, command);
      say(this.#parts, command);
      return;
    }
    const special = session.role === ROLE.SWITCHBOARD ? ON_SWITCHBOARD[direction].get(name) : undefined;
    const handler = special ?? HANDLERS[direction].get(name);
    if (handler) handler(session, command);
    else if (direction === 1 && isNumber(name)) onError(session, command);
  }
}

/** What the connection is for, as far as this command tells. */
function roleOf(command: Command): Role {
  const { direction, name, args } = command;
  if (name !== 'USR') return lookUp(COMMANDS[direction], name)?.role ?? ROLE.UNKNOWN;
  const second = args[1] ?? '';
  if (direction === 0) return second.includes('@') ? ROLE.SWITCHBOARD : ROLE.NOTIFICATION;
  // A notification server's `OK` comes after `VER` and `CVR`, which told the role already.
  return second === 'OK' ? ROLE.SWITCHBOARD : ROLE.NOTIFICATION;
}
