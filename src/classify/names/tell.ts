import type { EveEvent } from '../../event/eve.ts';
import { hash128 } from '../../event/ids.ts';
import { placeOf } from '../alert.ts';
import type { Finding } from '../alert.ts';
import type { Findings } from '../findings.ts';
import { headerOf, ownClient } from '../watch.ts';

/** What a judge has found; `about` tells it from others of its signature. */
export interface Found {
  readonly signature: Finding['signature'];
  readonly about: readonly string[];
  readonly evidence: readonly string[];
  readonly confidence: string;
  readonly severity?: Finding['severity'];
  /** Instead of the event's own. */
  readonly account?: string;
}

/** Tells a finding that an event gave rise to. True where an alert stands for it, this one or one before. */
export function tellOf(findings: Findings, event: EveEvent, found: Found): boolean {
  const header = headerOf(event);
  const { im } = event;
  if (header === undefined || im === undefined) return false;
  const { signature, about, evidence, confidence, severity } = found;
  const account = found.account ?? im.account;
  const client = ownClient(im, undefined);
  findings.tell({
    ...{ signature, evidence, confidence, header },
    severity: severity ?? signature.severity,
    place: placeOf(event),
    trigger: im.id,
    finding: hash128('name', signature.id, ...about),
    im: {
      ...(im.service === undefined ? {} : { service: im.service }),
      ...(account === undefined ? {} : { account }),
      ...(im.session === undefined ? {} : { session: im.session }),
      ...(client === undefined ? {} : { client }),
      ...(im.carrier === undefined ? {} : { carrier: im.carrier }),
    },
  });
  return true;
}
