import { ANSWER } from '../../src/sdk/index.ts';
import type { Cursor, Direction, Dissector, FlowContext } from '../../src/sdk/index.ts';
import { clientHandlers } from './client.ts';
import { serverHandlers } from './server.ts';
import { IcqSession } from './session.ts';
import type { Datagram } from './wire.ts';
import { CLIENT_COMMANDS, CMD, readDatagram, SERVER_COMMANDS, SRV } from './wire.ts';

/** Commands of a client that is signed on. */
const IN_SESSION: ReadonlySet<number> = new Set([
  CMD.SEND_MESSAGE,
  CMD.CONTACT_LIST,
  CMD.KEEP_ALIVE,
  CMD.KEEP_ALIVE_2,
  CMD.STATUS_CHANGE,
  CMD.GET_MESSAGES,
]);

/** Datagrams in one multi-packet: servers bundle what waited for the client. */
const MOST_INNER = 64;

/** Reads one client's exchange with an ICQ server, a datagram at a time. */
export class IcqDissector implements Dissector {
  readonly #session: IcqSession;
  readonly #ended: [boolean, boolean] = [false, false];

  constructor(flow: FlowContext) {
    this.#session = new IcqSession(flow);
  }

  data(direction: Direction, cursor: Cursor): number {
    this.#session.offset = cursor.tell();
    const datagram = readDatagram(direction, cursor);
    cursor.skip(cursor.left);
    if (datagram === undefined) this.#session.anomaly(direction, 'icq_no_header');
    else this.#read(datagram);
    return ANSWER.DONE;
  }

  /** Datagrams have no gaps between them that could be known. */
  gap(): void {}

  end(direction: Direction): void {
    this.#ended[direction] = true;
    if (!this.#ended[direction === 0 ? 1 : 0]) return;
    this.#session.conclude(direction, 'unknown');
    this.#session.signOff(direction, 'flow ended');
  }

  #read(datagram: Datagram): void {
    const session = this.#session;
    const { direction, command, sequence } = datagram;
    const commands = direction === 0 ? CLIENT_COMMANDS : SERVER_COMMANDS;
    if (!commands.has(command)) {
      session.anomaly(direction, 'icq_unknown_command');
      return;
    }
    if (!datagram.genuine) session.anomaly(direction, 'icq_check_code');
    session.seen[direction] = true;
    if (direction === 0) session.setAccount(datagram.uin);
    else if (session.account === undefined) session.setAccount(datagram.uin);
    if (command === CMD.ACK || !session.isNew(`${direction} ${command} ${sequence}`)) return;
    if (direction === 0) this.#command(datagram);
    else if (command === SRV.MULTI) this.#bundle(datagram.body);
    else serverHandlers.get(command)?.(session, datagram);
  }

  #command(datagram: Datagram): void {
    const session = this.#session;
    if (session.toldVersion !== datagram.version) this.#tellClient(datagram.version);
    if (IN_SESSION.has(datagram.command) && !session.refused) {
      if (!session.seen[1]) session.conclude(0, 'unknown');
      if (session.attempt === undefined) session.signedOn = true;
    }
    clientHandlers.get(datagram.command)?.(session, datagram);
  }

  /** The protocol's version tells the generation of the client, and no more. */
  #tellClient(version: number): void {
    this.#session.toldVersion = version;
    this.#session.tell(0, {
      kind: 'client',
      client: {
        name: 'ICQ',
        raw: `ICQ protocol version ${version}`,
        evidence: [`client: protocol version ${version} in the datagram's header`],
      },
    });
  }

  /** count u8, then datagrams with their length u16. */
  #bundle(body: Cursor): void {
    const count = body.u8();
    for (let i = 0; i < Math.min(count, MOST_INNER) && body.ok; i++) {
      const inner = body.sub(body.u16le());
      this.#session.offset = inner.tell();
      const datagram = inner.ok ? readDatagram(1, inner) : undefined;
      if (datagram === undefined || datagram.command === SRV.MULTI) {
        this.#session.anomaly(1, 'icq_malformed');
        return;
      }
      this.#read(datagram);
    }
  }
}
