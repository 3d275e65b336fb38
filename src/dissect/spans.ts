import type { Limits } from '../core/limits.ts';
import type { Flow } from '../flow/flow.ts';
import { SHARDS, W } from '../flow/table.ts';
import { Span } from './span.ts';

/** The sessions of one shard. */
class Table {
  readonly named = new Map<string, Span>();
  /** Those without a connection, the one that is so longest first. */
  readonly idle = new Set<Span>();
}

/**
 * The sessions that several connections carry, by name, a table a shard: connections between the same two
 * addresses are of one shard, so it does not matter who works on it. A session without a connection waits for its
 * next one, as long as an IM connection may be silent, and as there is room.
 */
export class Spans {
  /** Sessions forgotten because there were too many without a connection. */
  forgotten = 0;
  readonly #tables: Table[] = Array.from({ length: SHARDS }, () => new Table());
  readonly #room: number;
  readonly #patience: number;

  constructor(limits: Limits) {
    this.#room = Math.max(1, Math.floor(limits.carrier_sessions / SHARDS));
    this.#patience = limits.timeout_im;
  }

  /** The session of this name at packet time `now`, seconds. */
  find(flow: Flow, key: string | undefined, now: number): Span | undefined {
    const table = this.#tableOf(flow);
    const span = key === undefined ? undefined : table?.named.get(key);
    if (!table || !span?.key) return undefined;
    if (!table.idle.delete(span)) return span;
    if (now - span.since <= this.#patience) return span;
    table.named.delete(span.key);
    span.giveBack();
    return undefined;
  }

  /** A session of this name is under way, or waits for its next connection. */
  has(flow: Flow, key: string | undefined): boolean {
    return key !== undefined && this.#tableOf(flow)?.named.has(key) === true;
  }

  begin(flow: Flow, key: string | undefined): Span {
    const span = new Span(key);
    if (key !== undefined) this.#tableOf(flow)?.named.set(key, span);
    return span;
  }

  /** A session's name is known. One that is known already, or a name that another bears, stays. */
  name(flow: Flow, span: Span, key: string): void {
    const table = this.#tableOf(flow);
    if (span.key !== undefined || !table || table.named.has(key)) return;
    span.key = key;
    table.named.set(key, span);
  }

  /** A connection is over at packet time `now`; the session waits for the next one, unless it is over as well. */
  settle(flow: Flow, span: Span, now: number): void {
    const table = this.#tableOf(flow);
    if (!table || span.live > 0 || span.key === undefined) return;
    if (span.over || table.named.get(span.key) !== span) {
      this.#forget(table, span);
      return;
    }
    span.since = now;
    table.idle.add(span);
    if (table.idle.size <= this.#room) return;
    const [oldest] = table.idle;
    if (oldest) this.#forget(table, oldest);
    this.forgotten++;
  }

  #forget(table: Table, span: Span): void {
    table.idle.delete(span);
    span.giveBack();
    if (span.key !== undefined && table.named.get(span.key) === span) table.named.delete(span.key);
  }

  #tableOf(flow: Flow): Table | undefined {
    return this.#tables[((flow.records[flow.at + W.META] ?? 0) >> 8) & 0xff];
  }
}
