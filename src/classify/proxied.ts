import type { LRUCache } from 'lru-cache';
import { boundedCache } from '../core/cache.ts';
import type { FlowWatch } from './watch.ts';

/**
 * Uses that were alerted on between a client and a proxy. What the proxy hands on to the server is the same use: the
 * proxy is nobody's messenger, and the alert about the client names who it is.
 */
export class ProxiedUses {
  readonly #told: LRUCache<string, true>;

  constructor(max: number) {
    this.#told = boundedCache(max);
  }

  /** A use was alerted on; of one that goes through a carrier it is remembered where to. */
  note({ header, service, account, carrier }: FlowWatch): void {
    if (carrier !== undefined && account !== undefined)
      this.#told.set(keyOf(header.dest_ip, service, account), true);
  }

  /** True for a use of the same account from the address to which an alerted one went. */
  has({ header, service, account }: FlowWatch): boolean {
    return account !== undefined && this.#told.has(keyOf(header.src_ip, service, account));
  }
}

function keyOf(proxy: string, service: string, account: string): string {
  return `${proxy} ${service} ${account}`;
}
