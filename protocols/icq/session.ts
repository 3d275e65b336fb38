import type { Auth, Direction, FlowContext, ImFacts } from '../../src/sdk/index.ts';

type Facts = Omit<ImFacts, 'service'>;

/** Datagrams remembered to know those that are sent again, and contacts whose status is. */
const KEPT = 256;

/** What is known of one client's exchange with its server. */
export class IcqSession {
  readonly flow: FlowContext;
  account: string | undefined;
  /** A sign-on whose outcome is not known yet; the value says whether its password can be read. */
  attempt: { exposed: boolean; scrambled: boolean } | undefined;
  signedOn = false;
  /** The last sign-on failed: what the client still sends is no session. */
  refused = false;
  /** Datagrams of this direction were seen. */
  readonly seen: [boolean, boolean] = [false, false];
  /** An account's registration whose answer is awaited. */
  registering = false;
  /** Where the datagram being read begins, as the flow names it. */
  offset = 0;
  /** The version whose use was told. */
  toldVersion = 0;
  readonly #known = new Set<string>();
  readonly #status = new Map<string, string>();

  constructor(flow: FlowContext) {
    this.flow = flow;
  }

  setAccount(uin: number): void {
    if (uin !== 0) this.account = String(uin);
  }

  tell(direction: Direction, facts: Facts): void {
    const known = this.account === undefined ? facts : { account: this.account, ...facts };
    this.flow.emit(direction, this.offset, { service: 'icq', ...known });
  }

  anomaly(direction: Direction, code: string): void {
    this.flow.anomaly(direction, this.offset, code);
  }

  self(): Pick<ImFacts, 'from'> {
    return this.account === undefined ? {} : { from: this.account };
  }

  toSelf(): Pick<ImFacts, 'to'> {
    return this.account === undefined ? {} : { to: [this.account] };
  }

  /** True once for each datagram: what was not acknowledged in time is sent again as it was. */
  isNew(key: string): boolean {
    if (this.#known.has(key)) return false;
    this.#known.add(key);
    if (this.#known.size > KEPT) forgetOldest(this.#known);
    return true;
  }

  /** Sequence numbers begin anew. */
  forgetSeen(): void {
    this.#known.clear();
  }

  statusChanged(uin: string, show: string): boolean {
    if (this.#status.get(uin) === show) return false;
    this.#status.delete(uin);
    this.#status.set(uin, show);
    if (this.#status.size > KEPT) forgetOldest(this.#status);
    return true;
  }

  /** Tells the login that awaits its outcome, if there is one. */
  conclude(direction: Direction, result: Auth['result'], reason?: string): void {
    const { attempt } = this;
    if (attempt === undefined) return;
    this.attempt = undefined;
    const auth: Auth = { mechanism: attempt.scrambled ? 'scrambled' : 'clear', result };
    this.refused = result === 'failure';
    if (this.refused) this.forgetSeen();
    if (reason !== undefined) auth.reason = reason;
    if (attempt.exposed) auth.exposed = 'password';
    this.tell(direction, { kind: 'login', auth });
  }

  signOff(direction: Direction, reason: string): void {
    if (!this.signedOn) return;
    this.signedOn = false;
    this.tell(direction, { kind: 'logout', reason });
  }
}

function forgetOldest(kept: Set<string> | Map<string, unknown>): void {
  for (const key of kept.keys()) {
    kept.delete(key);
    return;
  }
}
