import type { Limits } from '../core/limits.ts';
import { LIST, LISTS, W } from './table.ts';
import type { FlowTable } from './table.ts';

const FIRST = [
  LIST.CLOSED,
  LIST.OPENING,
  LIST.UDP,
  LIST.HALF_CLOSED,
  LIST.OTHER,
  LIST.IM_CLOSED,
  LIST.IM_HALF_CLOSED,
] as const;
const IM = [LIST.IM_CLOSED, LIST.IM_HALF_CLOSED, LIST.IM] as const;

/** The list of a flow that is IM, where another would be in `list`. */
export function imListOf(list: number): number {
  if (list === LIST.CLOSED || list === LIST.IM_CLOSED) return LIST.IM_CLOSED;
  return list === LIST.HALF_CLOSED || list === LIST.IM_HALF_CLOSED ? LIST.IM_HALF_CLOSED : LIST.IM;
}

/** The flow is in one of the lists of the IM flows. */
export function isIm(list: number): boolean {
  return list === LIST.IM || list === LIST.IM_HALF_CLOSED || list === LIST.IM_CLOSED;
}

/** Both sides closed it, or one reset it. */
export function isClosed(list: number): boolean {
  return list === LIST.CLOSED || list === LIST.IM_CLOSED;
}

/** One side closed it, or both. */
export function isClosing(list: number): boolean {
  return isClosed(list) || list === LIST.HALF_CLOSED || list === LIST.IM_HALF_CLOSED;
}

/** The least recently used IM flow of a shard other than `kept`; 0 where there is none. */
export function imVictimOf(table: FlowTable, shard: number, kept: number): number {
  const r = table.records;
  let victim = 0;
  for (const list of IM) {
    let at = table.oldest(shard, list);
    if (at === kept && at !== 0) at = r[at + W.NEWER]!;
    if (at !== 0 && (victim === 0 || r[at + W.USED]! < r[victim + W.USED]!)) victim = at;
  }
  return victim;
}

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
  all[LIST.IM_HALF_CLOSED] = limits.timeout_half_closed;
  all[LIST.IM_CLOSED] = limits.timeout_closed;
  all[LIST.UDP] = limits.timeout_udp;
  return all;
}
