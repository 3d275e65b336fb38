/** What files of the operator may hold: names and leases are kept in memory. */
export const NAMES_LIMITS = {
  /** Bytes of one file. */
  file: 400_000_000,
  names: 2_000_000,
  leases: 2_000_000,
  /** Names without an owner that are gathered from logs. */
  seen: 500_000,
  /** Names of which it is remembered whether they look like a registered one. */
  looked: 16_384,
  /** Characters of one name. */
  name: 256,
  /** Bad rows that are told one by one. */
  complaints: 100,
} as const;
