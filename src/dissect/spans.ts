import type { Flow } from '../flow/flow.ts';
import { SHARDS, W } from '../flow/table.ts';
import { Span } from './span.ts';

/**
 * The sessions that several connections carry, by name, a table a shard: connections between the same two
 * addresses are of one shard, so it does not matter who works on it. A session is forgotten with the last of its
 * connections, so there are never more than streams inside carriers.
 */
export class Spans {
  readonly #named: Map<string, Span>[] = Array.from({ length: SHARDS }, () => new Map());

  /** The session of this name, if a connection of it is not over. */
  find(flow: Flow, key: string | undefined): Span | undefined {
    return key === undefined ? undefined : this.#tableOf(flow)?.get(key);
  }

  begin(flow: Flow, key: string | undefined): Span {
    const span = new Span(key);
    if (key !== undefined) this.#tableOf(flow)?.set(key, span);
    return span;
  }

  /** A session's name is known. One that is known already, or a name that another bears, stays. */
  name(flow: Flow, span: Span, key: string): void {
    const table = this.#tableOf(flow);
    if (span.key !== undefined || !table || table.has(key)) return;
    span.key = key;
    table.set(key, span);
  }

  /** A connection is over; so is the session, where it was the last. */
  settle(flow: Flow, span: Span): void {
    if (span.live > 0 || span.key === undefined) return;
    const table = this.#tableOf(flow);
    if (table?.get(span.key) === span) table.delete(span.key);
  }

  /** Sessions that are remembered. */
  get size(): number {
    return this.#named.reduce((sum, table) => sum + table.size, 0);
  }

  #tableOf(flow: Flow): Map<string, Span> | undefined {
    return this.#named[((flow.records[flow.at + W.META] ?? 0) >> 8) & 0xff];
  }
}
