/** Reads a connection packet by packet and hands each to the handler of its service. */
import { ANSWER, TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Cursor, Direction, Dissector, FlowContext } from '../../src/sdk/index.ts';
import { contactHandlers } from './contacts.ts';
import { dataBehind, fileHandlers } from './files.ts';
import { isLegacyMagic } from './legacy.ts';
import { messageHandlers } from './message.ts';
import { noticeHandlers, tellError } from './notices.ts';
import { noteOddities } from './oddities.ts';
import { peerHandlers } from './peer.ts';
import { presenceHandlers } from './presence.ts';
import { profileHandlers } from './profile.ts';
import { roomHandlers } from './rooms.ts';
import { Session } from './session.ts';
import type { Handler, Handlers } from './session.ts';
import { finish, noteProgress, signonHandlers } from './signon.ts';
import { transferHandlers } from './transfers.ts';
import {
  checkBody,
  FIRST_BYTE,
  HEADER,
  isMagic,
  isPlausibleHeader,
  lengthAt,
  MAGIC_LENGTH,
  Packet,
  READ,
  versionAt,
} from './wire.ts';

const TABLES: readonly Handlers[] = [
  signonHandlers,
  messageHandlers,
  presenceHandlers,
  contactHandlers,
  roomHandlers,
  fileHandlers,
  transferHandlers,
  peerHandlers,
  profileHandlers,
  noticeHandlers,
];
const HANDLERS: ReadonlyMap<number, Handler> = new Map(
  TABLES.flatMap((table) =>
    Object.entries(table).map(([service, handler]): [number, Handler] => [Number(service), handler]),
  ),
);

/** Bytes without a packet after which a connection that never had one is given up. */
const MAX_JUNK = 64 * 1024;

/** Shared by all connections: a packet is read and told before the next one. */
const packet = new Packet();

interface Side {
  /** The next byte begins a packet. */
  inStep: boolean;
  /** Bytes of file data that are still to come. */
  fileData: number;
  /** The stream's own beginning was not seen: bytes before the first packet are no anomaly. */
  joinedLate: boolean;
  ended: boolean;
}

export class YmsgDissector implements Dissector {
  readonly #session: Session;
  readonly #sides: readonly [Side, Side];
  #packets = 0;
  #junk = 0;

  constructor(flow: FlowContext) {
    const side = (): Side => ({ inStep: true, fileData: 0, joinedLate: flow.midstream, ended: false });
    this.#session = new Session(flow);
    this.#sides = [side(), side()];
  }

  data(direction: Direction, cursor: Cursor): number {
    const side = this.#sides[direction];
    for (;;) {
      if (side.fileData > 0) skipFileData(side, cursor);
      if (cursor.left === 0) return ANSWER.DONE;
      const more = side.inStep ? this.#next(direction, side, cursor) : this.#resynchronise(side, cursor);
      if (more !== GO_ON) return more;
    }
  }

  gap(direction: Direction, length: number): void {
    const side = this.#sides[direction];
    if (side.fileData > length) {
      side.fileData -= length;
      return;
    }
    side.fileData = 0;
    side.inStep = false;
    if (direction === TO_CLIENT) this.#session.contacts.forgetUnfinished();
  }

  end(direction: Direction): void {
    this.#sides[direction].ended = true;
    if (this.#sides[TO_SERVER].ended && this.#sides[TO_CLIENT].ended) finish(this.#session);
  }

  /** Reads the packet at the cursor. */
  #next(direction: Direction, side: Side, cursor: Cursor): number {
    const { bytes, pos, end } = cursor;
    if (!isMagic(bytes, pos, end)) {
      if (this.#packets === 0 && isLegacyMagic(bytes, pos, end))
        return cursor.left < MAGIC_LENGTH ? MAGIC_LENGTH : ANSWER.SKIP;
      if (!side.joinedLate) this.#session.flow.anomaly(direction, cursor.tell(), 'ymsg_bad_magic');
      side.inStep = false;
      return GO_ON;
    }
    if (cursor.left < HEADER) return HEADER;
    const size = HEADER + lengthAt(bytes, pos);
    const whole = cursor.has(size);
    const read = whole ? packet.read(bytes, pos, cursor.tell()) : checkBody(bytes, pos + HEADER, end);
    if (read === READ.BAD || read === READ.LONG_KEY || (whole && read !== READ.WHOLE)) {
      const code = read === READ.LONG_KEY ? 'ymsg_long_key' : 'ymsg_malformed_body';
      this.#session.flow.anomaly(direction, cursor.tell(), code);
      side.inStep = false;
      cursor.skip(MAGIC_LENGTH);
      return GO_ON;
    }
    if (!whole) return askFor(size, cursor);
    cursor.skip(size);
    this.#tell(direction, side, versionAt(bytes, pos) < 0, cursor.tell());
    return GO_ON;
  }

  #tell(direction: Direction, side: Side, oddVersion: boolean, behind: number): void {
    const session = this.#session;
    this.#packets++;
    side.joinedLate = false;
    if (oddVersion) session.anomaly(packet, direction, 'ymsg_odd_version');
    packet.codePage = session.codePage;
    session.learnAccount(packet, direction);
    noteOddities(session, packet, direction);
    noteProgress(session, packet, direction);
    HANDLERS.get(packet.service)?.(session, packet, direction);
    tellError(session, packet, direction);
    session.tail[direction] = behind;
    side.fileData = dataBehind(packet, direction);
  }

  /** Goes to the next place where a whole, well-formed packet of a known service begins. */
  #resynchronise(side: Side, cursor: Cursor): number {
    for (;;) {
      const found = cursor.find(FIRST_BYTE);
      this.#junk += (found < 0 ? cursor.end : found) - cursor.pos;
      cursor.pos = found < 0 ? cursor.end : found;
      if (this.#packets === 0 && this.#junk > MAX_JUNK) return ANSWER.BAD;
      if (cursor.left === 0) return ANSWER.DONE;
      const { bytes, pos, end } = cursor;
      if (isMagic(bytes, pos, end)) {
        if (cursor.left < HEADER) return HEADER;
        const size = HEADER + lengthAt(bytes, pos);
        const whole = cursor.has(size);
        const read = isPlausibleHeader(bytes, pos)
          ? checkBody(bytes, pos + HEADER, whole ? pos + size : end)
          : READ.BAD;
        if (read === READ.WHOLE && whole) {
          side.inStep = true;
          return GO_ON;
        }
        if (read < READ.BAD && !whole) return askFor(size, cursor);
      }
      cursor.skip(1);
      this.#junk++;
    }
  }
}

/** Of the steps above: look at the cursor again. Any other answer is the engine's. */
const GO_ON = -100;

/**
 * A body that is not there whole is looked at again each time it has doubled, so that a length
 * that lies is found out before all the bytes it claims have come, at a bounded cost.
 */
function askFor(size: number, cursor: Cursor): number {
  return Math.min(size, Math.max(HEADER * 2, cursor.left * 2));
}

function skipFileData(side: Side, cursor: Cursor): void {
  const n = Math.min(side.fileData, cursor.left);
  cursor.skip(n);
  side.fileData -= n;
}
