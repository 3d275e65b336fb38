import type { LRUCache } from 'lru-cache';
import { boundedCache } from '../core/cache.ts';
import type { Limits } from '../core/limits.ts';
import { hash128 } from '../event/ids.ts';

/** One signed-on account on one machine, across its flows. */
export interface Session {
  readonly id: string;
  account: string | undefined;
  /** The network that it signed on to, once that is known. */
  service?: string;
  /** It signed off: the next sign-on is another session. */
  closed: boolean;
  /** Its sign-on was told. */
  signedOn: boolean;
  /** A flow of it came through a proxy or another carrier. */
  isCarried: boolean;
  /** The sign-on was seen at one side of a proxy, then; the other side's is the same one. */
  leg?: Leg | undefined;
  /** It may be the other side of one of several sign-ons: nobody can say of which. */
  ambiguous?: true;
}

/** One side of a proxy, at a packet time in seconds. */
interface Leg {
  readonly carried: boolean;
  readonly seconds: number;
  /** Another one like it waits for its other side. */
  readonly ambiguous?: true;
}

/** A token that was handed out in two sessions. */
export const AMBIGUOUS = true;

/** Whether two sessions that handed out the same token may be one: of one account, or seen at both sides of a proxy. */
function maybeSame(a: Session, b: Session): boolean {
  if (a.account !== undefined && b.account !== undefined) return a.account === b.account;
  return a.isCarried || b.isCarried;
}

/** Characters of an account's name that are kept as they are in a key; a longer one is kept as its hash. */
const LONGEST_KEY = 256;

function keyOf(service: string, account: string, address: string): string {
  const name = account.length > LONGEST_KEY ? hash128('account', account) : account;
  return `${service}\0${name}\0${address}`;
}

/** Seconds of packet time between the two legs of one sign-on through a proxy. */
const LEGS = 5;

/**
 * Which flows belong to the same signed-on account: by the token that one handed out and the other
 * showed, else by network, account and client address.
 */
export class Accounts {
  /** Sessions, and tokens, that were forgotten because their limit was reached. */
  forgotten = 0;
  forgottenTokens = 0;
  readonly #byAccount: LRUCache<string, Session>;
  readonly #byToken: LRUCache<string, Session | typeof AMBIGUOUS>;

  constructor(limits: Limits) {
    this.#byAccount = boundedCache(limits.sessions, () => this.forgotten++);
    this.#byToken = boundedCache<string, Session | typeof AMBIGUOUS>(
      limits.join_tokens,
      () => this.forgottenTokens++,
    );
  }

  /** The session of an account at an address; `fresh` (a new sign-on) never takes a known one up again. */
  of(service: string, account: string, clientIp: string, flowId: string, fresh: boolean): Session {
    const key = keyOf(service, account, clientIp);
    const known = this.#byAccount.get(key);
    if (known && !known.closed && !fresh) return known;
    const session: Session = {
      id: hash128('session', flowId, service, account),
      account,
      service,
      closed: false,
      signedOn: false,
      isCarried: false,
    };
    this.#byAccount.set(key, session);
    return session;
  }

  /** The session of an account at an address that did not sign off, and of which no other side of a proxy is waited for. */
  known(service: string, account: string, clientIp: string, carried: boolean): Session | undefined {
    const session = this.#byAccount.get(keyOf(service, account, clientIp));
    if (!session || session.closed) return undefined;
    return session.leg && session.leg.carried !== carried ? undefined : session;
  }

  /**
   * The session of an account that signs on, where the sign-on may be in view at both sides of a proxy
   * at this address: `carried` on the client's side.
   */
  signOn(service: string, account: string, proxyIp: string, flowId: string, leg: Leg): Session {
    const known = this.#byAccount.get(keyOf(service, account, proxyIp));
    const other = known?.leg && Math.abs(leg.seconds - known.leg.seconds) <= LEGS ? known.leg : undefined;
    if (known && other && other.carried !== leg.carried && !other.ambiguous) {
      known.leg = undefined;
      return known;
    }
    const session = this.of(service, account, proxyIp, flowId, true);
    // Two of the same side at once: nobody can say whose the other sides are.
    session.leg = other ? { ...leg, ambiguous: true } : leg;
    if (other && other.carried !== leg.carried) session.ambiguous = true;
    return session;
  }

  /** A session whose account is not known yet: it is known by its token. */
  unnamed(flowId: string): Session {
    return {
      id: hash128('session', flowId),
      account: undefined,
      closed: false,
      signedOn: false,
      isCarried: false,
    };
  }

  /**
   * A token was handed out. The same one out of two sessions that cannot be one belongs to neither.
   */
  issue(token: string, session: Session): void {
    const known = this.#byToken.get(token);
    const clash =
      known === AMBIGUOUS || (known !== undefined && known !== session && !maybeSame(known, session));
    this.#byToken.set(token, clash ? AMBIGUOUS : session);
  }

  /** Whose token it is; `AMBIGUOUS` where that cannot be said. */
  present(token: string): Session | typeof AMBIGUOUS | undefined {
    return this.#byToken.get(token);
  }

  /** Makes a session that came by token the one of its account and address. */
  adopt(service: string, account: string, clientIp: string, session: Session): void {
    session.service ??= service;
    this.#byAccount.set(keyOf(service, account, clientIp), session);
  }
}
