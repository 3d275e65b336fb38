/**
 * Anomalies: named oddities of the traffic, countable and alertable. A code never changes its
 * meaning once released. A plug-in lists its own in `anomalies.ts`; docs/ANOMALIES.md is made
 * from all tables.
 */
export interface AnomalyInfo {
  /** What was seen, in one sentence. */
  readonly meaning: string;
  /** Why it matters to an analyst, or what commonly causes it. */
  readonly note: string;
}

/** Codes of one layer or one plug-in: the key is the code. */
export type AnomalyTable = Readonly<Record<string, AnomalyInfo>>;
