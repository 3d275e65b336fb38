import { boundedCache } from '../core/cache.ts';
import { hash128 } from '../event/ids.ts';
import type { Direction, ImFacts } from '../event/im.ts';

/** One side of a proxy: the client's (`carried`) or the server's. */
export interface Side {
  readonly flowId: string;
  readonly carried: boolean;
  readonly proxyIp: string;
  readonly session: string | undefined;
}

/** What was told on one leg and may be told on the other. */
interface Told {
  readonly id: string;
  readonly side: Side;
  readonly seconds: number;
}

/** Proxies, and events, that are remembered; seconds of packet time in which an event passes a proxy. */
const MAX_PROXIES = 1_024;
const MAX_TOLD = 8_192;
const WINDOW = 5;
/** Longer facts are remembered by their hash. */
const HASHED = 512;
/** Equal events that wait at once. */
const MAX_EQUAL = 8;

/**
 * Where both sides of a proxy are in view, everything passes twice: between client and proxy inside a carrier, and
 * between proxy and server without it. Two events are one where a flow of each side tells the same facts, in
 * the same direction, within seconds, and neither is known to be of another session.
 */
export class ProxyLegs {
  readonly #proxies = boundedCache<string, true>(MAX_PROXIES);
  readonly #told = boundedCache<string, Told[]>(MAX_TOLD);

  /** A flow was recognised: inside a carrier, its server is a proxy; of one that began before the capture, it may be. */
  seen(carrier: string | undefined, midstream: boolean, serverIp: string): void {
    if (carrier !== undefined || midstream) this.#proxies.set(serverIp, true);
  }

  /** A flow's side; undefined where it passes no proxy that is in view. */
  sideOf(
    flowId: string,
    carrier: string | undefined,
    clientIp: string,
    serverIp: string,
    session?: string,
  ): Side | undefined {
    if (this.#proxies.get(clientIp)) return { flowId, carried: false, proxyIp: clientIp, session };
    const near = carrier !== undefined || this.#proxies.get(serverIp);
    return near ? { flowId, carried: true, proxyIp: serverIp, session } : undefined;
  }

  /** The flow is the client's side of a proxy. What is XMPP over HTTP, say, has a carrier at the other side, too. */
  isNear(carrier: string | undefined, clientIp: string): boolean {
    return carrier !== undefined && !this.#proxies.get(clientIp);
  }

  /** The id of the event that told these facts on the other leg; each answers for one. Else these facts are remembered as of `id`. */
  other(side: Side, direction: Direction, facts: ImFacts, id: string, seconds: number): string | undefined {
    const key = `${side.proxyIp}\0${direction}\0${factsKey(facts)}`;
    const waiting = (this.#told.get(key) ?? []).filter((t) => seconds - t.seconds <= WINDOW);
    const found = waiting.findIndex(
      (t) => t.side.carried !== side.carried && mayBeOne(t.side.session, side.session),
    );
    if (found < 0) {
      this.#told.set(key, [...waiting, { id, side, seconds }].slice(-MAX_EQUAL));
      return undefined;
    }
    const [match] = waiting.splice(found, 1);
    this.#told.set(key, waiting);
    return match?.id;
  }
}

function mayBeOne(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

/** The facts without what each flow has of its own. */
function factsKey(facts: ImFacts): string {
  const { account, tls, file, ...same } = facts;
  void [account, tls];
  const { id, ...of } = file ?? { id: '' };
  void id;
  const text = `${JSON.stringify(same)}\0${JSON.stringify(of)}`;
  // What is short is kept as it is: hashing it would be a third of the work.
  return text.length <= HASHED ? text : hash128(text);
}
