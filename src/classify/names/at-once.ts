import type { LRUCache } from 'lru-cache';
import { boundedCache } from '../../core/cache.ts';
import type { ImObject } from '../../event/eve.ts';
import type { Findings } from '../findings.ts';
import type { ClassifyLimits } from '../limits.ts';
import { SIGNATURES } from '../signatures.ts';
import type { Use, UseEvent, UseJudge } from './signed-on.ts';
import { tellOf } from './tell.ts';

/** Who acted last under an account. */
interface Acting {
  host: string;
  ip: string;
  /** Whom it spoke to. */
  to: string | undefined;
  session: string | undefined;
  /** How often another machine has taken over. */
  turns: number;
}

/**
 * Finds accounts under which two machines act at once: a connection goes on after another machine has acted. A machine
 * that follows another one (the same laptop elsewhere) is none: the first one's connection is silent then.
 */
export class AtOnceJudge implements UseJudge {
  readonly #findings: Findings;
  readonly #acting: LRUCache<string, Acting>;

  constructor(findings: Findings, limits: ClassifyLimits) {
    this.#findings = findings;
    this.#acting = boundedCache(limits.known_names);
  }

  acted(use: Use, event: UseEvent): boolean {
    if (!isSignedOn(event.im)) return false;
    const key = `${use.service}\0${use.account}`;
    const { session } = event.im;
    const to = event.dest_ip;
    const last = this.#acting.get(key);
    if (!last) {
      this.#acting.set(key, { host: use.host, ip: use.ip, to, session, turns: 1 });
      use.turn = 1;
      return false;
    }
    // The two sides of a proxy, or of a server that hands on to another, are one use, also where no session joins them.
    const handed = last.to === use.ip || to === last.ip;
    const same = handed || last.host === use.host || (session !== undefined && session === last.session);
    const before = use.turn;
    const found = !same && before !== 0 && before < last.turns;
    const from = last.ip;
    if (!same) {
      last.turns++;
      last.host = use.host;
      last.ip = use.ip;
      last.to = to;
      last.session = session;
    }
    use.turn = last.turns;
    if (!found) return false;
    return tellOf(this.#findings, event, {
      signature: SIGNATURES.nameAtOnce,
      about: [use.service, use.account],
      evidence: [`${use.ip} goes on after ${from} has acted under the same name`],
      confidence: 'medium',
    });
  }
}

/** Who only asks to sign on, perhaps with a wrong password, does not use the account yet. */
function isSignedOn({ kind, auth }: ImObject): boolean {
  return kind !== 'client' && (kind !== 'login' || auth?.result === 'success');
}
