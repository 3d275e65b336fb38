import type { EveEvent } from '../../event/eve.ts';
import { hash128 } from '../../event/ids.ts';
import type { Finding, Place } from '../alert.ts';
import type { Findings } from '../findings.ts';
import { headerOf } from '../watch.ts';

/** The place of an event. */
export function placeOf(event: EveEvent): Place {
  const { timestamp, pcap_filename, pcap_cnt, in_iface, host, direction } = event;
  const place: Place = { timestamp };
  if (pcap_filename !== undefined) place.pcap_filename = pcap_filename;
  if (pcap_cnt !== undefined) place.pcap_cnt = pcap_cnt;
  if (in_iface !== undefined) place.in_iface = in_iface;
  if (host !== undefined) place.host = host;
  if (direction !== undefined) place.direction = direction;
  return place;
}

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
      ...(im.client === undefined ? {} : { client: im.client }),
      ...(im.carrier === undefined ? {} : { carrier: im.carrier }),
    },
  });
  return true;
}
