import { TO_SERVER } from '../../src/sdk/index.ts';
import type { Auth, Direction, FlowContext, ImFacts } from '../../src/sdk/index.ts';
import { fold } from './wire.ts';
import type { Line } from './wire.ts';

export const SERVICE = 'irc';

/** What the handlers share: who the client is, and how facts are told. */
export class IrcSession {
  readonly flow: FlowContext;
  /** The client's nick, as it writes it, as far as it is known. */
  nick: string | undefined;
  /** The client's sign-on was answered. */
  welcomed = false;
  /** The client speaks SASL: which mechanism, and what it showed of a secret. */
  readonly sasl: { mechanism?: string; exposed?: Auth['exposed']; account?: string | undefined } = {};
  /** A server's password was sent. */
  passed = false;
  /** Where the client asked to sign on, while nobody has answered. */
  asked: number | undefined;
  /** Members of rooms whose list is under way, by room: bounded, see rooms.ts. */
  readonly lists = new Map<string, string[]>();
  #gone = false;

  constructor(flow: FlowContext) {
    this.flow = flow;
  }

  get account(): string | undefined {
    return this.nick === undefined ? undefined : fold(this.nick);
  }

  /** Tells a fact of a line; the account is the client's nick once the server has greeted it. */
  tell(direction: Direction, offset: number, facts: Omit<ImFacts, 'service'>): void {
    const { account } = this;
    this.flow.emit(direction, offset, {
      service: SERVICE,
      ...facts,
      ...(facts.account === undefined && account !== undefined ? { account } : {}),
    });
  }

  /** Who says a line: the client itself where the line is the client's. */
  speaker(direction: Direction, line: Line): { from?: string; from_name?: string } {
    const nick = direction === TO_SERVER ? this.nick : line.nick;
    return nick === undefined || nick === '' ? {} : named(nick);
  }

  isSelf(nick: string): boolean {
    return this.nick !== undefined && fold(nick) === fold(this.nick);
  }

  /** The outcome of the sign-on that is under way. */
  tellLogin(direction: Direction, result: Auth['result'], reason?: string): void {
    const offset = this.asked;
    if (offset === undefined) return;
    this.asked = undefined;
    const { sasl } = this;
    const auth: Auth = {
      mechanism: sasl.mechanism ?? (this.passed ? 'PASS' : 'none'),
      result,
      ...(reason === undefined || reason === '' ? {} : { reason }),
    };
    const exposed = sasl.exposed ?? (this.passed ? 'password' : undefined);
    if (exposed !== undefined) auth.exposed = exposed;
    if (this.account === undefined) return;
    this.tell(direction, offset, {
      kind: 'login',
      auth,
      ...(this.nick === undefined ? {} : { from_name: this.nick }),
    });
  }

  /** The client is gone; once. */
  tellLogout(direction: Direction, offset: number, reason: string): void {
    if (this.#gone || !this.welcomed) return;
    this.#gone = true;
    this.tell(direction, offset, { kind: 'logout', ...(reason === '' ? {} : { reason }) });
  }
}

/** A nick as an id and as it is shown, where the two differ. */
export function named(nick: string): { from: string; from_name?: string } {
  const from = fold(nick);
  return from === nick ? { from } : { from, from_name: nick };
}
