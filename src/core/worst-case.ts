import type { LimitInfo } from './limits.ts';

export interface WorstCase {
  /** Bytes of memory that all limits together can cost. */
  readonly total: number;
  /** Bytes of it that need every IM connection to be a carrier (proxy, gateway) full of streams. */
  readonly carriers: number;
}

/**
 * The memory that limits can cost together when strangers reach all of them, each at its default. What lies in
 * another limit's total (`within`) is counted once; what is had once for each of something (`each`) so many times.
 */
export function worstCaseOf(...tables: readonly Readonly<Record<string, LimitInfo>>[]): WorstCase {
  let total = 0;
  let carriers = 0;
  for (const table of tables) {
    for (const limit of Object.values(table)) {
      if (limit.within !== undefined) continue;
      const times = limit.each === undefined ? 1 : (table[limit.each]?.default ?? 1);
      const bytes = limit.cost * limit.default * times;
      total += bytes;
      if (limit.each !== undefined) carriers += bytes;
    }
  }
  return { total, carriers };
}
