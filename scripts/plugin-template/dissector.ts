import { ANSWER, TO_SERVER } from '../../src/sdk/index.ts';
import type { Cursor, Direction, Dissector, FlowContext } from '../../src/sdk/index.ts';
import { MAX_LINE, isCommand, readLine } from './wire.ts';
import type { Command, Line } from './wire.ts';

type Handler = (self: ExampleDissector, direction: Direction, line: Line) => void;

/** What each command means. */
const HANDLERS: Readonly<Record<Command, Handler>> = {
  HELLO: (self, direction, line) => {
    self.onHello(direction, line);
  },
  WELCOME: (self, direction, line) => {
    self.onAnswer(direction, line, 'success');
  },
  REFUSED: (self, direction, line) => {
    self.onAnswer(direction, line, 'failure');
  },
  MSG: (self, direction, line) => {
    self.onMessage(direction, line);
  },
  BYE: (self, direction, line) => {
    self.onBye(direction, line);
  },
};

/** Reads one connection: lines of a command and what belongs to it. */
export class ExampleDissector implements Dissector {
  readonly #flow: FlowContext;
  #account: string | undefined = undefined;
  #waiting: { account: string; offset: number } | undefined = undefined;
  /** After a gap: the rest of a line whose beginning is missing is skipped. */
  readonly #lost: [boolean, boolean] = [false, false];

  constructor(flow: FlowContext) {
    this.#flow = flow;
  }

  data(direction: Direction, cursor: Cursor): number {
    for (let line = readLine(cursor); line; line = readLine(cursor)) {
      if (this.#lost[direction]) this.#lost[direction] = false;
      else this.#line(direction, line);
    }
    if (cursor.left > MAX_LINE) {
      this.#flow.anomaly(direction, cursor.tell(), 'example_line_too_long');
      cursor.skip(cursor.left);
      this.#lost[direction] = true;
    }
    return ANSWER.DONE;
  }

  gap(direction: Direction): void {
    this.#lost[direction] = true;
  }

  end(direction: Direction): void {
    // A sign-on whose answer was never seen.
    if (direction === TO_SERVER || !this.#waiting) return;
    this.#tellLogin(this.#waiting.account, this.#waiting.offset, 'unknown');
  }

  onHello(_direction: Direction, line: Line): void {
    if (line.rest !== '') this.#waiting = { account: line.rest.toLowerCase(), offset: line.offset };
  }

  onAnswer(_direction: Direction, _line: Line, result: 'success' | 'failure'): void {
    if (!this.#waiting) return;
    if (result === 'success') this.#account = this.#waiting.account;
    this.#tellLogin(this.#waiting.account, this.#waiting.offset, result);
  }

  onMessage(direction: Direction, line: Line): void {
    const [, peer, text] = /^(\S+) (.+)$/.exec(line.rest) ?? [];
    if (peer === undefined || text === undefined) return;
    const sent = direction === TO_SERVER;
    const id = peer.toLowerCase();
    this.#flow.emit(direction, line.offset, {
      kind: 'message',
      service: 'example',
      text,
      sent,
      ...(this.#account === undefined ? {} : { account: this.#account }),
      ...(sent ? { to: [id] } : { from: id }),
    });
  }

  onBye(direction: Direction, line: Line): void {
    this.#flow.emit(direction, line.offset, {
      kind: 'logout',
      service: 'example',
      ...(this.#account === undefined ? {} : { account: this.#account }),
    });
  }

  #line(direction: Direction, line: Line): void {
    if (isCommand(line.command)) HANDLERS[line.command](this, direction, line);
    else this.#flow.anomaly(direction, line.offset, 'example_unknown_command');
  }

  #tellLogin(account: string, offset: number, result: 'success' | 'failure' | 'unknown'): void {
    this.#waiting = undefined;
    this.#flow.emit(TO_SERVER, offset, {
      kind: 'login',
      service: 'example',
      account,
      auth: { mechanism: 'none', result },
    });
  }
}
