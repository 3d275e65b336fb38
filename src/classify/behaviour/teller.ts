import type { EveEvent, ImObject } from '../../event/eve.ts';
import { hash128 } from '../../event/ids.ts';
import { placeOf } from '../alert.ts';
import type { Findings } from '../findings.ts';
import type { Severity } from '../policy.ts';
import type { Signature } from '../signature.ts';
import { headerOf } from '../watch.ts';
import type { BehaviourSettings } from './settings.ts';

/** What a kind of behaviour has found, by the event that showed it. */
export interface Shown {
  readonly signature: Signature;
  /** 1 to 3, as the policy set it. */
  readonly severity: number;
  /** What makes it one finding: the account, the text, ... */
  readonly about: readonly string[];
  readonly evidence: readonly string[];
  readonly confidence: 'low' | 'medium' | 'high';
  /** Contacts, searches, ... until now. */
  readonly count: number;
}

/** A worm is over in seconds: told again each time it has doubled. */
const PACE = { growth: 2, seconds: 1 };

/** What all kinds of behaviour work with. */
export interface Bench {
  readonly settings: BehaviourSettings;
  readonly findings: Findings;
}

/** A finding's id: the same in every run and sensor. */
export function findingId({ signature, about }: Pick<Shown, 'signature' | 'about'>): string {
  return hash128('behaviour', signature.id, ...about);
}

/** Tells it, or counts another sighting; true always: an alert stands for the event's flow. */
export function tell(findings: Findings, event: EveEvent, im: ImObject, shown: Shown): boolean {
  const header = headerOf(event);
  if (header === undefined) return false;
  const { service, account, session, carrier, from, room } = im;
  const people = {
    ...(service === undefined ? {} : { service }),
    ...(account === undefined ? {} : { account }),
    ...(session === undefined ? {} : { session }),
    ...(carrier === undefined ? {} : { carrier }),
    ...(from === undefined ? {} : { from }),
    ...(room === undefined ? {} : { room }),
  };
  findings.tell({
    signature: shown.signature,
    severity: shown.severity as Severity,
    header,
    place: placeOf(event),
    trigger: im.id,
    finding: findingId(shown),
    evidence: shown.evidence,
    confidence: shown.confidence,
    count: shown.count,
    pace: PACE,
    im: people,
  });
  return true;
}
