import { ANSWER, TlsWatch, TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Cursor, Direction, Dissector, FlowContext } from '../../src/sdk/index.ts';
import { onAway, onIsAway, onSearch, onWatch, onWhoisUser } from './people.ts';
import { onEndOfNames, onInvite, onJoin, onKick, onNames, onPart, onQuit, onTopic } from './rooms.ts';
import { IrcSession } from './session.ts';
import {
  onAuthenticate,
  onError,
  onNick,
  onOper,
  onPass,
  onRefused,
  onUser,
  onWelcome,
  REFUSED,
} from './signon.ts';
import { onMessage, onNotice, onRobot } from './talk.ts';
import { MAX_LINE, readLine } from './wire.ts';
import type { Line } from './wire.ts';

type Handler = (session: IrcSession, direction: Direction, line: Line) => void;

const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['NICK', onNick],
  ['USER', onUser],
  ['PASS', onPass],
  ['OPER', onOper],
  ['AUTHENTICATE', onAuthenticate],
  ['ERROR', onError],
  ['001', onWelcome],
  ...[...REFUSED].map((code): [string, Handler] => [code, onRefused]),
  ['PRIVMSG', onMessage],
  ['NOTICE', onNotice],
  ['NS', onRobot],
  ['NICKSERV', onRobot],
  ['CS', onRobot],
  ['CHANSERV', onRobot],
  ['JOIN', onJoin],
  ['PART', onPart],
  ['KICK', onKick],
  ['INVITE', onInvite],
  ['TOPIC', onTopic],
  ['332', onTopic],
  ['353', onNames],
  ['366', onEndOfNames],
  ['QUIT', onQuit],
  ['AWAY', onAway],
  ['301', onIsAway],
  ['311', onWhoisUser],
  ['WHOIS', onSearch],
  ['WHO', onSearch],
  ['LIST', onSearch],
  ['MONITOR', onWatch],
  ['WATCH', onWatch],
]);

/** 670: the server answers STARTTLS, and what follows is TLS. */
const STARTTLS_FOLLOWS = '670';
const TLS_HANDSHAKE = 0x16;

/** Reads one connection: lines until it turns to TLS. */
export class IrcDissector implements Dissector {
  readonly #session: IrcSession;
  readonly #flow: FlowContext;
  /** After a gap: the rest of a line whose beginning is missing is skipped. */
  readonly #lost: [boolean, boolean];
  readonly #last: [number, number] = [0, 0];
  readonly #ended: [boolean, boolean] = [false, false];
  #tls: TlsWatch | undefined;
  /** Where the server agreed to it, and whether the client's first TLS bytes were seen. */
  #tlsAt = 0;
  #asked = false;

  constructor(flow: FlowContext) {
    this.#flow = flow;
    this.#session = new IrcSession(flow);
    this.#session.welcomed = flow.midstream;
    this.#lost = [flow.midstream, flow.midstream];
  }

  data(direction: Direction, cursor: Cursor): number {
    if (this.#tls) return this.#handshake(this.#tls, direction, cursor);
    while (cursor.left > 0) {
      if (this.#asked && direction === TO_SERVER && cursor.peek() === TLS_HANDSHAKE) {
        this.#startTls(cursor.tell());
        return this.#handshake(this.#tls, direction, cursor);
      }
      const line = readLine(cursor);
      if (!line) break;
      this.#last[direction] = cursor.tell();
      this.#take(direction, line);
      if (this.#tls) return this.#handshake(this.#tls, direction, cursor);
    }
    if (cursor.left > MAX_LINE) {
      this.#flow.anomaly(direction, cursor.tell(), 'irc_line_too_long');
      cursor.skip(cursor.left);
      this.#lost[direction] = true;
    }
    return ANSWER.DONE;
  }

  gap(direction: Direction): void {
    this.#lost[direction] = true;
    if (this.#tls?.gap(direction) === true) this.#tellTls();
  }

  end(direction: Direction): void {
    this.#ended[direction] = true;
    if (!this.#ended[TO_SERVER] || !this.#ended[TO_CLIENT]) return;
    if (this.#tls) this.#tellTls();
    this.#session.tellLogin(TO_SERVER, 'unknown');
    this.#session.tellLogout(direction, Math.max(0, this.#last[direction] - 1), 'connection ended');
  }

  #take(direction: Direction, line: Line): void {
    const { command } = line;
    if (this.#lost[direction]) {
      // A line that begins in its middle is no line; one that begins like one may be it.
      this.#lost[direction] = false;
      if (!HANDLERS.has(command)) return;
    }
    if (command === '') return;
    if (!/^(?:[A-Z]{1,32}|\d{3})$/.test(command)) {
      this.#flow.anomaly(direction, line.offset, 'irc_not_a_line');
      return;
    }
    if (command === 'STARTTLS' && direction === TO_SERVER) this.#asked = true;
    if (command === STARTTLS_FOLLOWS && this.#asked && direction === TO_CLIENT) this.#startTls(line.offset);
    // Numerics and ERROR are the server's; a client that says them is a bot at play.
    const fromServer = command === 'ERROR' || command.charCodeAt(0) < 0x41;
    if (fromServer && direction === TO_SERVER) return;
    HANDLERS.get(command)?.(this.#session, direction, line);
  }

  #startTls(offset: number): void {
    this.#tls ??= new TlsWatch(true);
    this.#tlsAt = offset;
  }

  #handshake(tls: TlsWatch | undefined, direction: Direction, cursor: Cursor): number {
    if (!tls) return ANSWER.DONE;
    const over = tls.data(direction, cursor);
    if (!over && !tls.bad) return ANSWER.DONE;
    this.#tellTls();
    return ANSWER.SKIP;
  }

  #tellTls(): void {
    const tls = this.#tls?.facts();
    if (!tls) return;
    this.#tls = undefined;
    this.#session.tell(TO_CLIENT, this.#tlsAt, {
      kind: 'service',
      confidence: 'high',
      evidence: ['irc: STARTTLS', ...(tls.sni === undefined ? [] : [`tls: SNI ${tls.sni}`])],
      tls,
    });
  }
}
