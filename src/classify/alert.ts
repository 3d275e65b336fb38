import type { EveAlert, EveEvent, FlowHeader, ImObject } from '../event/eve.ts';
import { hash128 } from '../event/ids.ts';
import type { Severity } from './policy.ts';
import { referenceOf } from './signature.ts';
import type { Signature } from './signature.ts';

/** When and where in the input something was seen: what an alert takes over from the event that raised it. */
export type Place = Pick<
  EveEvent,
  'timestamp' | 'pcap_filename' | 'pcap_cnt' | 'in_iface' | 'host' | 'direction'
>;

/** Where and when in the input an event was seen. */
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

export interface Finding {
  signature: Signature;
  severity: Severity;
  /** Absent where it is about no connection. */
  header?: FlowHeader;
  place: Place;
  /** `im.id` of the event that gave rise to it. */
  trigger: string;
  /** The same for all alerts about one thing. */
  finding: string;
  /** The policy line that decided; absent where no policy is asked. */
  policy?: string;
  evidence: readonly string[];
  confidence: string;
  /** How much there is of it by now (contacts of a worm); each sighting counts as one where not given. */
  count?: number;
  /** When it is told again, where not by the common rule: so many times the count, so many seconds apart. */
  pace?: { readonly growth: number; readonly seconds: number };
  /** Who and what; never what was said. */
  im: Pick<
    ImObject,
    | 'service'
    | 'account'
    | 'session'
    | 'client'
    | 'carrier'
    | 'from'
    | 'to'
    | 'room'
    | 'host'
    | 'person'
    | 'department'
  >;
}

/** `im.v` of the contract. */
const CONTRACT_VERSION = 1;
/** The first alert of a finding; updates count on. */
const FIRST = 1;

/** How far a finding has grown when it is told again. */
export interface Growth {
  /** Of the alert among those of its finding; the first is 1. */
  number: number;
  /** Sightings. */
  count: number;
  /** EVE time stamps. */
  firstSeen: string;
  lastSeen: string;
}

/** The EVE event of a finding's first alert, or of an update. */
export function buildAlert(finding: Finding, growth?: Growth): EveEvent {
  const { signature, header, place } = finding;
  const metadata: EveAlert['metadata'] = {
    ...(finding.policy === undefined ? {} : { policy: [finding.policy] }),
    evidence: [...finding.evidence],
    confidence: [finding.confidence],
  };
  const techniques: Signature['mitre'] = signature.mitre;
  if (growth !== undefined && growth.number > FIRST) metadata.update = [String(growth.number)];
  if (techniques !== undefined) metadata.mitre_technique_id = techniques.map(({ id }) => id);
  const { timestamp, ...rest } = place;
  return {
    timestamp,
    event_type: 'alert',
    ...rest,
    ...header,
    alert: {
      action: 'allowed',
      gid: 1,
      signature_id: signature.id,
      rev: signature.rev,
      signature: signature.name,
      category: signature.category,
      severity: finding.severity,
      references: [referenceOf(signature)],
      metadata,
    },
    im: {
      v: CONTRACT_VERSION,
      id: hash128(finding.trigger, signature.id, finding.finding, growth?.number ?? FIRST),
      ...finding.im,
      finding: finding.finding,
      ...(growth && { count: growth.count, first_seen: growth.firstSeen, last_seen: growth.lastSeen }),
    },
  };
}
