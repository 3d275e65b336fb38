/** Builds EVE events with their fields in one order, so that equal input gives equal bytes. */
import { formatTime } from '../core/time.ts';
import { FACTS, HEADER } from './eve.ts';
import type { EveEvent, EventType, FactsText, FlowHeader, ImObject } from './eve.ts';

/** Where and when: what the frame that an event is told of gives to it. */
export interface Place {
  seconds: number;
  nanos: number;
  /** 1-based frame number; 0 live. */
  frame: number;
  /** Name of the capture file as the operator gave it, in a replay. */
  file?: string | undefined;
  /** Name of the interface, live. */
  iface?: string | undefined;
  /** Sensor name, when set. */
  host?: string | undefined;
}

/** The common fields of an event of a flow; `direction` 0 to the server, 1 to the client. */
export function flowEvent(type: EventType, header: FlowHeader, place: Place, direction?: 0 | 1): EveEvent {
  const event: EveEvent = {
    timestamp: formatTime(place.seconds, place.nanos),
    flow_id: header.flow_id,
    event_type: type,
    [HEADER]: header,
  };
  if (place.iface !== undefined) event.in_iface = place.iface;
  if (place.file !== undefined) event.pcap_filename = place.file;
  if (place.frame > 0) event.pcap_cnt = place.frame;
  if (place.host !== undefined) event.host = place.host;
  if (header.vlan) event.vlan = header.vlan;
  if (header.tunnel) event.tunnel = header.tunnel;
  event.src_ip = header.src_ip;
  event.src_port = header.src_port;
  event.dest_ip = header.dest_ip;
  event.dest_port = header.dest_port;
  event.proto = header.proto;
  if (header.app_proto !== undefined) event.app_proto = header.app_proto;
  event.community_id = header.community_id;
  if (direction !== undefined) event.direction = direction === 0 ? 'to_server' : 'to_client';
  return event;
}

/** JSON of what the events of a flow share, from `vlan` to `community_id`; made once a flow. */
const shared = new WeakMap<FlowHeader, string>();
let lastFile = '';
let lastFileJson = '';

/**
 * The event as one line of JSON, without line end: exactly `JSON.stringify(event)`. Most of an `im`
 * event's text is its flow's, and is taken from there.
 */
export function eventJson(event: EveEvent): string {
  const header = event[HEADER];
  const usual = event.event_type === 'im' && event.in_iface === undefined && event.host === undefined;
  if (!usual || header === undefined || event.im === undefined || event.tls !== undefined)
    return JSON.stringify(event);
  const file = event.pcap_filename === undefined ? '' : `,"pcap_filename":${fileJson(event.pcap_filename)}`;
  const frame = event.pcap_cnt === undefined ? '' : `,"pcap_cnt":${event.pcap_cnt}`;
  const direction = event.direction === undefined ? '' : `,"direction":"${event.direction}"`;
  return `{"timestamp":"${event.timestamp}","flow_id":${header.flow_id},"event_type":"im"${file}${frame}${sharedJson(header)}${direction},"im":${imJson(event.im, event[FACTS])}}`;
}

/** JSON of an `im` object; what another thread has written of it is taken over. */
function imJson(im: ImObject, facts: FactsText | undefined): string {
  if (facts?.im !== im) return JSON.stringify(im);
  let json = facts.json.slice(0, -1);
  let field = 0;
  for (const name in im) {
    if (field++ < facts.fields) continue;
    const value: unknown = im[name as keyof ImObject];
    if (value !== undefined) json += `,"${name}":${JSON.stringify(value)}`;
  }
  return `${json}}`;
}

function sharedJson(header: FlowHeader): string {
  let text = shared.get(header);
  if (text === undefined) {
    const { vlan, tunnel, src_ip, src_port, dest_ip, dest_port, proto, app_proto, community_id } = header;
    text = `,${JSON.stringify({ vlan, tunnel, src_ip, src_port, dest_ip, dest_port, proto, app_proto, community_id }).slice(1, -1)}`;
    shared.set(header, text);
  }
  return text;
}

function fileJson(name: string): string {
  if (name !== lastFile) {
    lastFile = name;
    lastFileJson = JSON.stringify(name);
  }
  return lastFileJson;
}
