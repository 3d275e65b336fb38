import type { EveEvent } from '../../event/eve.ts';

/** Alerts that the manifest names of one flow; it counts those beyond. */
const MOST_ALERTS = 1_000;
/** Flows that are over and remembered in case an alert about one of them comes late. */
const MOST_OVER = 65_536;

/** Where a flow begins and ends in its input, as its `flow` event tells it. */
export interface FlowSpan {
  /** EVE times of its first and last frame. */
  readonly start: string;
  readonly end: string;
  /** Frames that were counted. */
  readonly packets: number;
  /** File and number of a frame at or behind its last; live there is none. */
  readonly file: string | undefined;
  readonly number: number | undefined;
}

/** A flow that was alerted on. */
export interface WantedFlow {
  readonly flowId: number;
  readonly communityId: string;
  /** Both endpoints and the protocol: see `tupleOf`. */
  readonly tuple: string;
  readonly ports: number;
  readonly alerts: string[];
  readonly signatures: Set<number>;
  readonly findings: Set<string>;
  moreAlerts: number;
  /** Undefined while it is not over. */
  span: FlowSpan | undefined;
}

/** The flows of one input that were alerted on: told of by its events. */
export class WantedFlows {
  /** Flows that found no room. */
  refused = 0;
  readonly #most: number;
  readonly #wanted = new Map<number, WantedFlow>();
  readonly #over = new Map<number, FlowSpan>();
  readonly #refused = new Set<number>();

  constructor(most: number) {
    this.#most = most;
  }

  event(event: EveEvent): void {
    if (event.alert) this.#alert(event);
    // Of what is no IM there are far too many (`--flows all`), and nobody alerts on it.
    else if (event.event_type === 'flow' && event.im?.verdict) this.#ended(event);
  }

  /** There are flows to look for: with `over`, some that are over. */
  has(over: boolean): boolean {
    if (!over) return this.#wanted.size > 0;
    for (const { span } of this.#wanted.values()) if (span) return true;
    return false;
  }

  /** Takes the wanted flows out, in the order of their first alerts; those that are over only, where told so. */
  take(over: boolean): WantedFlow[] {
    const taken = [...this.#wanted.values()].filter(({ span }) => !over || span !== undefined);
    for (const { flowId } of taken) this.#wanted.delete(flowId);
    return taken;
  }

  /** The input is over. */
  clear(): void {
    this.#wanted.clear();
    this.#over.clear();
    this.#refused.clear();
  }

  #alert(event: EveEvent): void {
    const { flow_id, im, alert } = event;
    if (flow_id === undefined || !im || !alert) return;
    const flow = this.#wanted.get(flow_id) ?? this.#open(flow_id, event);
    if (!flow) return;
    if (flow.alerts.length >= MOST_ALERTS) flow.moreAlerts++;
    else {
      flow.alerts.push(im.id);
      flow.signatures.add(alert.signature_id);
      if (im.finding !== undefined) flow.findings.add(im.finding);
    }
  }

  #open(flowId: number, event: EveEvent): WantedFlow | undefined {
    const { src_ip, dest_ip, src_port, dest_port, proto, community_id = '' } = event;
    if (src_ip === undefined || dest_ip === undefined || src_port === undefined || dest_port === undefined)
      return undefined;
    if (this.#wanted.size >= this.#most) {
      if (!this.#refused.has(flowId) && this.#refused.size < MOST_OVER) {
        this.#refused.add(flowId);
        this.refused++;
      }
      return undefined;
    }
    const flow: WantedFlow = {
      flowId,
      communityId: community_id,
      tuple: tupleOf(proto === 'TCP', src_ip, src_port, dest_ip, dest_port),
      ports: portsOf(src_port, dest_port),
      alerts: [],
      signatures: new Set(),
      findings: new Set(),
      moreAlerts: 0,
      span: this.#over.get(flowId),
    };
    this.#wanted.set(flowId, flow);
    return flow;
  }

  #ended({ flow_id, flow, pcap_filename, pcap_cnt }: EveEvent): void {
    if (flow_id === undefined || !flow) return;
    const span: FlowSpan = {
      start: flow.start,
      end: flow.end,
      packets: flow.pkts_toserver + flow.pkts_toclient,
      file: pcap_filename,
      number: pcap_cnt,
    };
    const wanted = this.#wanted.get(flow_id);
    if (wanted) wanted.span = span;
    this.#over.set(flow_id, span);
    if (this.#over.size <= MOST_OVER) return;
    for (const oldest of this.#over.keys()) {
      this.#over.delete(oldest);
      return;
    }
  }
}

/** A key of both endpoints, the same in both directions. */
export function tupleOf(tcp: boolean, a: string, aPort: number, b: string, bPort: number): string {
  const one = `${a} ${aPort}`;
  const other = `${b} ${bPort}`;
  return `${tcp ? 'tcp' : 'udp'} ${one < other ? one : other} ${one < other ? other : one}`;
}

/** 16 bits of both ports, the same in both directions: most packets need no more than this to be left out. */
export function portsOf(a: number, b: number): number {
  return ((a + b) * 31 + (a ^ b)) & 0xffff;
}
