import type { LRUCache } from 'lru-cache';
import { boundedCache } from '../../core/cache.ts';
import { hash128 } from '../../event/ids.ts';
import type { Finding } from '../alert.ts';
import type { Severity } from '../policy.ts';

/** What is remembered of a finding. */
export interface Told {
  readonly signature: number;
  /** Sightings, the first one included. */
  count: number;
  /** EVE time stamps of the first and the last. */
  firstSeen: string;
  lastSeen: string;
  /** Alerts until now; 0 where it waits for its threshold or was held back. */
  alerts: number;
  /** Packet time (seconds) of the last alert; before the first, of the start of the threshold's window. */
  toldAt: number;
  /** The count from which it is told again. */
  next: number;
  /** Its threshold was reached. */
  due: boolean;
  /** Kept for the state folder only. */
  kept?: Kept;
}

/** What people are shown of a finding, and by what it is known to be the same. */
export interface Kept {
  severity: Severity;
  /** The alert in one line; it holds strangers' text. */
  what: string;
  /** Hash of what was known of it when it was told last. */
  facts: string;
  /**
   * Those of its sightings, the newest last: one account can show another software on each of its connections.
   * None of them is news.
   */
  seen: readonly string[];
}

/** Facts that are remembered of the sightings of one finding. */
export const MAX_FACTS = 4;

export const MARKS = ['ack', 'closed', 'false-positive'] as const;
export type MarkStatus = (typeof MARKS)[number];

/** What a person has said of a finding. */
export interface Mark {
  /** Absent where there is only a note. */
  status?: MarkStatus;
  /** `Kept.facts` and `Kept.seen` at that time: others are news. */
  facts?: readonly string[];
  note?: string;
  /** ISO time of the mark. */
  at: string;
}

/** The findings that were told: of one run, or, with a state folder, of all. */
export class FindingMemory {
  readonly told: LRUCache<string, Told | true>;
  readonly marks = new Map<string, Mark>();
  /** What is kept for people is worth its memory. */
  readonly detailed: boolean;
  /** Called when a finding had to be forgotten. */
  onForget: () => void = () => undefined;

  constructor(max: number, detailed = false) {
    this.detailed = detailed;
    this.told = boundedCache(max, () => {
      this.onForget();
    });
  }
}

/** The facts of one more sighting, with those before. */
export function withFacts(seen: readonly string[], facts: string): readonly string[] {
  return seen.at(-1) === facts ? seen : [...seen.filter((one) => one !== facts), facts].slice(-MAX_FACTS);
}

/** What a mark keeps of what was known. */
export function factsAtMark({ facts, seen }: Kept): string[] {
  return [...new Set([facts, ...seen])];
}

/** It was told again since the mark, with facts that are others. */
export function isReopened({ status, facts }: Mark, kept: Kept | undefined): boolean {
  return (
    status !== undefined && status !== 'ack' && !(kept !== undefined && facts?.includes(kept.facts) === true)
  );
}

/** A hash of what is known of a finding but for what changes with every sighting. */
export function factsOf({ signature, severity, im, policy }: Finding): string {
  const { service, account, carrier, client } = im;
  const software = client && [client.name, client.version, client.os, client.masquerade];
  return hash128(
    'facts',
    JSON.stringify([signature.id, signature.rev, severity, policy, service, account, carrier, software]),
  );
}

/** The mark keeps a finding with these facts from being told. */
export function isQuiet({ status, facts }: Mark, now: string): boolean {
  return status === 'ack' || (status !== undefined && facts?.includes(now) === true);
}
