import type { Limits } from '../core/limits.ts';
import { LIST, LISTS, W } from './table.ts';
import type { FlowTable } from './table.ts';

const FIRST = [LIST.CLOSED, LIST.OPENING, LIST.UDP, LIST.HALF_CLOSED, LIST.OTHER] as const;

/** Who goes where a shard is full: the least recently used flow that is not IM, else the least recently used one. */
export function victimOf(table: FlowTable, shard: number): number {
  const r = table.records;
  let victim = 0;
  for (const list of FIRST) {
    const at = table.oldest(shard, list);
    if (at !== 0 && (victim === 0 || r[at + W.USED]! < r[victim + W.USED]!)) victim = at;
  }
  return victim === 0 ? table.oldest(shard, LIST.IM) : victim;
}

/** Seconds of silence after which a flow of each list is over. */
export function timeoutsOf(limits: Limits): number[] {
  const all = new Array<number>(LISTS).fill(0);
  all[LIST.OPENING] = limits.timeout_opening;
  all[LIST.OTHER] = limits.timeout_other;
  all[LIST.IM] = limits.timeout_im;
  all[LIST.HALF_CLOSED] = limits.timeout_half_closed;
  all[LIST.CLOSED] = limits.timeout_closed;
  all[LIST.UDP] = limits.timeout_udp;
  return all;
}
