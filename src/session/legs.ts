import { boundedCache } from '../core/cache.ts';

/**
 * A message passes twice where both people are in view: from the sender to the server, and from
 * the server to the recipient. Where the capture began after the sign-on, the first leg does not
 * say who sends and the second not who receives, and each says what the other lacks.
 *
 * Two legs belong together when text and (where there is one) message id are the same, they are
 * on different flows of one network, the second follows within seconds, and no other first leg fits. Ids
 * alone are not enough: they repeat across clients.
 */
export interface SentLeg {
  readonly flowId: string;
  readonly from: string | undefined;
  readonly to: readonly string[];
  readonly seconds: number;
  /** The flow's ends: a proxy is the server of one leg and the client of the next. */
  readonly clientIp: string;
  readonly serverIp: string;
}

const NO_LEGS: readonly SentLeg[] = [];

/** Sent messages that are remembered, and for how many seconds of packet time. */
const MAX_LEGS = 4_096;
const WINDOW = 5;

export class Legs {
  readonly #sent = boundedCache<string, SentLeg[]>(MAX_LEGS);

  /** Remembers a message on its way to the server. */
  sent(service: string, text: string, messageId: string | undefined, leg: SentLeg): void {
    const key = keyOf(service, text, messageId);
    const known = this.#sent.get(key);
    const fresh = known?.filter((l) => leg.seconds - l.seconds <= WINDOW).slice(-3);
    this.#sent.set(key, fresh ? [...fresh, leg] : [leg]);
  }

  /**
   * The first leg of a message that a server delivers on flow `flowId`: none where none or more than one fits,
   * two where they are the two sides of one proxy. `from` is the sender it names. The first is used up: the
   * delivery may pass the proxy, too.
   */
  received(
    service: string,
    text: string,
    messageId: string | undefined,
    flowId: string,
    from: string,
    seconds: number,
  ): readonly SentLeg[] {
    const key = keyOf(service, text, messageId);
    const known = this.#sent.get(key);
    if (known === undefined) return NO_LEGS;
    const legs = known.filter(
      (l) =>
        l.flowId !== flowId && seconds - l.seconds <= WINDOW && (l.from === undefined || l.from === from),
    );
    const [leg] = legs;
    if (!leg) return NO_LEGS;
    const others = legs.filter((l) => l.flowId !== leg.flowId);
    if (!others.every((other) => isOtherSide(leg, other))) return NO_LEGS;
    this.#sent.set(
      key,
      known.filter((l) => l !== leg),
    );
    return [leg, ...others];
  }
}

/** True where two flows are the two sides of a proxy that one message passed. */
function isOtherSide(a: SentLeg, b: SentLeg): boolean {
  return (a.serverIp === b.clientIp || b.serverIp === a.clientIp) && a.to.join() === b.to.join();
}

function keyOf(service: string, text: string, messageId: string | undefined): string {
  return `${service}\0${messageId ?? ''}\0${text.length}\0${text.slice(0, 256)}`;
}
