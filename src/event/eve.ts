/**
 * Suricata's EVE JSON, as far as imspan writes it, plus the `im` object. Field names, units and
 * meanings are EVE's own (Suricata's eve.schema.json); EVENTS.md says what `im` adds.
 */
import type { AppProto, ImFacts, Verdict } from './im.ts';
import type { EveTls } from './tls.ts';

export type EventType = 'im' | 'alert' | 'flow' | 'fileinfo' | 'anomaly' | 'stats';

/** The `im` object of a written event: the dissector's facts and what the session stage added. */
export interface ImObject extends Partial<Omit<ImFacts, 'file' | 'tls'>> {
  /** Version of the contract: 1. */
  v: number;
  /** 32 hex digits; the same in every run, sink, repeat and sensor. */
  id: string;
  session?: string;
  conversation?: string;
  file?: Partial<NonNullable<ImFacts['file']>>;
  carrier?: string;
  /** Who signed on to the proxy, as the client said. */
  proxy_user?: string;
  /** `im.id` of the event that told the same at the other side of a proxy: this one is no second deed. */
  second_leg_of?: string;
  verdict?: Verdict;
  seen?: 'both' | 'client' | 'server';
  midstream?: boolean;
  start?: string;
  end?: string;
  messages?: Record<string, number>;
  finding?: string;
  count?: number;
  first_seen?: string;
  last_seen?: string;
  host?: { id: string; mac?: string; names?: string[] };
  person?: string;
  department?: string;
  stats?: Record<string, unknown>;
}

export interface EveAlert {
  action: 'allowed';
  gid: number;
  signature_id: number;
  rev: number;
  signature: string;
  category: string;
  /** 1 high to 3 low. */
  severity: 1 | 2 | 3;
  references?: string[];
  /** Arrays of strings: `policy`, `evidence`, `confidence`, `mitre_technique_id`. */
  metadata: Record<string, string[]>;
}

export interface EveFlow {
  pkts_toserver: number;
  pkts_toclient: number;
  bytes_toserver: number;
  bytes_toclient: number;
  start: string;
  end: string;
  /** Whole seconds from start to end. */
  age: number;
  state: 'new' | 'established' | 'closed';
  reason: 'timeout' | 'forced' | 'shutdown' | 'tcp_reuse';
  alerted?: boolean;
}

export interface EveTcp {
  tcp_flags: string;
  tcp_flags_ts: string;
  tcp_flags_tc: string;
  syn?: boolean;
  fin?: boolean;
  rst?: boolean;
  psh?: boolean;
  ack?: boolean;
  state: string;
  ts_gap?: boolean;
  tc_gap?: boolean;
}

export interface EveAnomaly {
  type: 'decode' | 'stream' | 'applayer';
  event: string;
  layer?: string;
  app_proto?: string;
}

/** What all events of one flow carry; built once a flow. */
export interface FlowHeader {
  flow_id: number;
  community_id: string;
  src_ip: string;
  src_port: number;
  dest_ip: string;
  dest_port: number;
  proto: 'TCP' | 'UDP';
  app_proto?: AppProto;
  vlan?: number[];
  /** The outermost IP tunnel that the flow came in; `src_ip` is the end where the client is. */
  tunnel?: { src_ip: string; dest_ip: string; proto: string; depth: number };
}

/**
 * On an event: the header of its flow, whose fields are the event's own. It is no part of the
 * output (JSON leaves symbols out) and spares a writer to make the same text again for each event of a flow.
 */
export const HEADER = Symbol('flow header');

/**
 * On an event whose facts came as JSON from another thread: that text, so that it need not be made again. No part of
 * the output. `im` is the object that it belongs to: a copy of the event with another (without texts, say) is written from its fields.
 */
export const FACTS = Symbol('facts as JSON');

export interface FactsText {
  readonly im: object;
  /** JSON of the first `fields` fields of `im`, none of which was changed since. */
  readonly json: string;
  readonly fields: number;
}

/** One line of output. Absent means unknown. */
export interface EveEvent extends Partial<FlowHeader> {
  [HEADER]?: FlowHeader;
  [FACTS]?: FactsText;
  timestamp: string;
  event_type: EventType;
  pcap_filename?: string;
  pcap_cnt?: number;
  in_iface?: string;
  host?: string;
  direction?: 'to_server' | 'to_client';
  alert?: EveAlert;
  flow?: EveFlow;
  tcp?: EveTcp;
  tls?: EveTls;
  anomaly?: EveAnomaly;
  fileinfo?: Record<string, unknown>;
  stats?: Record<string, unknown>;
  im?: ImObject;
}

/** Where events go. `write` never blocks; the producer awaits `drained()` between batches of packets. */
export interface EventSink {
  /** The event is shared by all sinks: never change it. */
  write(event: EveEvent): void;
  /** A promise while the sink has too much unsent; undefined when it can take more. */
  drained(): Promise<void> | undefined;
  /** Sends what is left. Resolves when all is handed over; rejects with an OperatorError when it cannot be. */
  close(): Promise<void>;
}
