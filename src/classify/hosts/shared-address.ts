import type { LRUCache } from 'lru-cache';
import { boundedCache } from '../../core/cache.ts';
import { describeClient } from '../describe.ts';
import type { Findings } from '../findings.ts';
import type { ClassifyLimits } from '../limits.ts';
import type { Use, UseEvent, UseJudge } from '../names/signed-on.ts';
import { tellOf } from '../names/tell.ts';
import { SIGNATURES } from '../signatures.ts';
import { ownClient } from '../watch.ts';

/** Accounts of one network at one address, by the connections on which they are in use. */
interface Crowd {
  readonly accounts: Map<string, number>;
  readonly software: Set<string>;
}

/** Accounts and software that are counted at one address. */
const MAX_COUNTED = 64;

/** Counts how many accounts of one network are in use at one address at once. */
export class SharedAddressJudge implements UseJudge {
  readonly #findings: Findings;
  readonly #crowds: LRUCache<string, Crowd>;
  readonly #few: number;

  constructor(findings: Findings, limits: ClassifyLimits) {
    this.#findings = findings;
    this.#crowds = boundedCache(limits.hosts);
    this.#few = limits.address_accounts;
  }

  began(use: Use, event: UseEvent): boolean {
    const key = keyOf(use);
    let crowd = this.#crowds.get(key);
    if (!crowd) this.#crowds.set(key, (crowd = { accounts: new Map(), software: new Set() }));
    const { accounts, software } = crowd;
    if (accounts.size < MAX_COUNTED || accounts.has(use.account))
      accounts.set(use.account, (accounts.get(use.account) ?? 0) + 1);
    const client = ownClient(event.im, use.account);
    if (client !== undefined && software.size < MAX_COUNTED) software.add(describeClient(client));
    if (accounts.size < this.#few) return false;
    const named = [...software].slice(0, 4).join('; ');
    return tellOf(this.#findings, event, {
      signature: SIGNATURES.sharedAddress,
      about: [use.service, use.ip],
      evidence: [
        `${accounts.size} accounts of ${use.service} are signed on from ${use.ip} at once`,
        ...(software.size === 0 ? [] : [`${software.size} client software: ${named}`]),
      ],
      confidence: software.size > 1 ? 'high' : 'medium',
    });
  }

  ended(use: Use): void {
    const key = keyOf(use);
    const accounts = this.#crowds.get(key)?.accounts;
    const count = accounts?.get(use.account);
    if (accounts === undefined || count === undefined) return;
    if (count > 1) accounts.set(use.account, count - 1);
    else accounts.delete(use.account);
    if (accounts.size === 0) this.#crowds.delete(key);
  }
}

function keyOf({ service, ip }: Use): string {
  return `${service}\0${ip}`;
}
