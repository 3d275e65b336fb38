import type { LimitInfo } from './limits.ts';

/**
 * Bytes of memory that all limits can cost together when strangers reach them all, each at its default. What lies in
 * another limit's memory (`within`) is counted once.
 */
export function worstCaseOf(...tables: readonly Readonly<Record<string, LimitInfo>>[]): number {
  const counted = tables
    .flatMap((table) => Object.values(table))
    .filter(({ within }) => within === undefined);
  return counted.reduce((total, { cost, default: most }) => total + cost * most, 0);
}
