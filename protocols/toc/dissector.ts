import type { Cursor, Direction, Dissector, FlowContext } from '../../src/sdk/index.ts';
import { ANSWER, TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import { contactCommands, contactReplies } from './contacts.ts';
import { fileCommands, fileReplies } from './files.ts';
import { messageCommands, messageReplies } from './message.ts';
import { profileCommands, profileReplies } from './profile.ts';
import { roomCommands, roomReplies } from './rooms.ts';
import type { ClientHandler, Place, ServerHandler } from './session.ts';
import { TocSession } from './session.ts';
import {
  concludeChange,
  concludeSignOn,
  passSignOn,
  SIGN_ON_COMMANDS,
  signOnCommands,
  signOnReplies,
} from './signon.ts';
import { decodeName } from './text.ts';
import {
  Args,
  CHANNEL,
  FLAPON,
  FLAP_HEADER,
  FLAP_MAGIC,
  SERVER_COMMANDS,
  SIGNON_TAG_NAME,
  USUAL_MAX,
} from './wire.ts';

const COMMANDS: ReadonlyMap<string, ClientHandler> = new Map([
  ...signOnCommands,
  ...messageCommands,
  ...roomCommands,
  ...contactCommands,
  ...profileCommands,
  ...fileCommands,
]);

const REPLIES: ReadonlyMap<string, ServerHandler> = new Map([
  ...signOnReplies,
  ...messageReplies,
  ...roomReplies,
  ...contactReplies,
  ...profileReplies,
  ...fileReplies,
]);

const SIGN_OFF_REASON = ['signed off', 'disconnected by the server'] as const;

const CR = 0x0d;
const LF = 0x0a;
const UNDERSCORE = 0x5f;

/** Reads one TOC connection: FLAP frames of both directions, a line in each. */
export class TocDissector implements Dissector {
  readonly #session: TocSession;
  /** False after a gap or damage, until the next plausible frame. */
  readonly #inStep: [boolean, boolean] = [true, true];
  readonly #ended: [boolean, boolean] = [false, false];
  readonly #last: [number, number] = [0, 0];

  constructor(flow: FlowContext) {
    this.#session = new TocSession(flow);
    if (flow.midstream) this.#inStep = [false, false];
  }

  data(direction: Direction, cursor: Cursor): number {
    let wanted = 0;
    while (cursor.left > 0 && wanted === 0) {
      if (!this.#inStep[direction]) wanted = this.#findFrame(direction, cursor);
      else wanted = this.#readFrame(direction, cursor);
    }
    this.#last[direction] = cursor.tell();
    return wanted === 0 ? ANSWER.DONE : wanted;
  }

  gap(direction: Direction, length: number): void {
    this.#inStep[direction] = false;
    this.#last[direction] += length;
    if (direction === TO_CLIENT && this.#session.attempt) this.#session.attempt.unanswered = true;
  }

  end(direction: Direction): void {
    this.#ended[direction] = true;
    if (!this.#ended[direction ^ 1]) return;
    this.#signOff({ direction, offset: this.#last[direction] }, 'connection closed');
  }

  /** One frame, or what the client sends before its first. Returns 0, or how many bytes it needs. */
  #readFrame(direction: Direction, cursor: Cursor): number {
    const first = cursor.peek();
    if (direction === TO_SERVER && !this.#session.seen[0] && first !== FLAP_MAGIC) {
      return this.#readGreeting(cursor);
    }
    if (first === FLAP_MAGIC && !cursor.has(FLAP_HEADER)) return FLAP_HEADER;
    const channel = cursor.peek(1);
    if (first !== FLAP_MAGIC || channel < CHANNEL.SIGNON || channel > CHANNEL.KEEP_ALIVE) {
      this.#inStep[direction] = false;
      this.#session.flow.anomaly(direction, cursor.tell(), 'toc_desync');
      return 0;
    }
    const length = (cursor.peek(4) << 8) | cursor.peek(5);
    if (!cursor.has(FLAP_HEADER + length)) return FLAP_HEADER + length;
    const at: Place = { direction, offset: cursor.tell() };
    cursor.skip(FLAP_HEADER);
    this.#session.seen[direction] = true;
    if (channel === CHANNEL.DATA) this.#line(at, cursor.latin1(length));
    else if (channel === CHANNEL.SIGNON) this.#signOnFrame(at, cursor.sub(length));
    else {
      cursor.skip(length);
      if (channel === CHANNEL.SIGNOFF) this.#signOff(at, SIGN_OFF_REASON[direction]);
    }
    return 0;
  }

  #readGreeting(cursor: Cursor): number {
    const first = cursor.peek();
    if (first === CR || first === LF) {
      cursor.skip(1);
      return 0;
    }
    const word = FLAPON.length - 4;
    for (let i = 0; i < word && i < cursor.left; i++) {
      if (cursor.peek(i) === FLAPON.charCodeAt(i)) continue;
      this.#inStep[TO_SERVER] = false;
      this.#session.flow.anomaly(TO_SERVER, cursor.tell(), 'toc_desync');
      return 0;
    }
    if (!cursor.has(word)) return word;
    cursor.skip(word);
    return 0;
  }

  /** A client's first frame names the account; a server's is only the version. */
  #signOnFrame(at: Place, cursor: Cursor): void {
    if (at.direction !== TO_SERVER) return;
    cursor.skip(4);
    const tag = cursor.u16();
    const name = cursor.latin1(cursor.u16());
    if (cursor.ok && tag === SIGNON_TAG_NAME) this.#session.setAccount(decodeName(name));
  }

  #line(at: Place, payload: string): void {
    const nul = payload.indexOf('\0');
    const line = nul === payload.length - 1 ? payload.slice(0, -1) : payload;
    if (at.direction === TO_SERVER) this.#command(at, line);
    else this.#reply(at, line);
  }

  #command(at: Place, line: string): void {
    const space = line.indexOf(' ');
    const name = space < 0 ? line : line.slice(0, space);
    const handler = COMMANDS.get(name);
    if (handler !== undefined && !SIGN_ON_COMMANDS.has(name)) passSignOn(this.#session, at);
    if (handler !== undefined) handler(this.#session, at, new Args(line, name.length));
    else if (!name.startsWith('toc')) this.#session.anomaly(at, 'toc_unknown_command');
  }

  #reply(at: Place, line: string): void {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const handler = REPLIES.get(name);
    if (handler !== undefined) handler(this.#session, at, colon < 0 ? '' : line.slice(colon + 1));
    else if (!SERVER_COMMANDS.has(name)) this.#session.anomaly(at, 'toc_unknown_command');
  }

  #signOff(at: Place, reason: string): void {
    const session = this.#session;
    concludeSignOn(session, at, 'unknown');
    concludeChange(session, at, 'unknown');
    if (session.signedOn && session.account !== undefined) session.tell(at, { kind: 'logout', reason });
    session.signedOn = false;
  }

  /** Skips to the next plausible data frame: magic, channel 2, a usual length, and a line's first letters. */
  #findFrame(direction: Direction, cursor: Cursor): number {
    while (cursor.left > 0) {
      const found = cursor.find(FLAP_MAGIC);
      if (found < 0) {
        cursor.skip(cursor.left);
        return 0;
      }
      cursor.skip(found - cursor.pos);
      if (!cursor.has(FLAP_HEADER + 3)) return FLAP_HEADER + 3;
      if (beginsLine(cursor, direction)) {
        this.#inStep[direction] = true;
        return 0;
      }
      cursor.skip(1);
    }
    return 0;
  }
}

/** True where a data frame with a line of `direction` can begin at the cursor (nine bytes are there). */
function beginsLine(cursor: Cursor, direction: Direction): boolean {
  const length = (cursor.peek(4) << 8) | cursor.peek(5);
  if (cursor.peek(1) !== CHANNEL.DATA || length < 3 || length > USUAL_MAX) return false;
  for (let i = 0; i < 3; i++) {
    const c = cursor.peek(FLAP_HEADER + i);
    const upper = (c >= 0x41 && c <= 0x5a) || (c === UNDERSCORE && i > 0);
    if (direction === TO_SERVER ? c !== 'toc'.charCodeAt(i) : !upper) return false;
  }
  return true;
}
