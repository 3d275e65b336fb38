/** Events for the tests of this stage and of the sinks. */
import type { EveEvent, FlowHeader, ImObject } from '../event/eve.ts';
import type { ClientSoftware } from '../event/im.ts';
import { formatTime } from '../core/time.ts';

/** 2005-03-08T14:03:11Z. */
export const START = 1_110_290_591;

export const AIM_CLIENT: ClientSoftware = {
  name: 'AIM',
  version: '5.9.3702',
  raw: 'AOL Instant Messenger, version 5.9.3702/WIN32',
  evidence: ['TLV 0x03 client string'],
};

export function header(set: Partial<FlowHeader> = {}): FlowHeader {
  return {
    flow_id: 1,
    community_id: '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
    src_ip: '10.1.2.3',
    src_port: 40_000,
    dest_ip: '198.51.100.7',
    dest_port: 5190,
    proto: 'TCP',
    app_proto: 'oscar',
    ...set,
  };
}

let ids = 0;

/** An `im` event of a flow, `after` seconds from the start. */
export function imEvent(im: Partial<ImObject>, after = 0, flow: Partial<FlowHeader> = {}): EveEvent {
  const id = (++ids).toString(16).padStart(32, '0');
  return {
    timestamp: formatTime(START + after, 4_512_999),
    event_type: 'im',
    pcap_filename: 'tap.pcap',
    pcap_cnt: 10 + after,
    direction: 'to_server',
    ...header(flow),
    im: { v: 1, id, service: 'aim', ...im },
  };
}

/** The event that ends a flow. */
export function flowEvent(after = 0, flow: Partial<FlowHeader> = {}, im: Partial<ImObject> = {}): EveEvent {
  const event = imEvent(im, after, flow);
  delete event.direction;
  return {
    ...event,
    event_type: 'flow',
    flow: {
      pkts_toserver: 5,
      pkts_toclient: 4,
      bytes_toserver: 400,
      bytes_toclient: 300,
      start: formatTime(START, 0),
      end: event.timestamp,
      age: after,
      state: 'closed',
      reason: 'timeout',
    },
  };
}

/** An alert as the classifier raises it. */
export function alertEvent(im: Partial<ImObject> = {}, set: Partial<EveEvent> = {}): EveEvent {
  return {
    ...imEvent({ account: 'alice', client: AIM_CLIENT, ...im }),
    event_type: 'alert',
    alert: {
      action: 'allowed',
      gid: 1,
      signature_id: 9_000_001,
      rev: 1,
      signature: 'IMSPAN Unauthorized consumer IM client (AIM)',
      category: 'Potential Corporate Privacy Violation',
      severity: 1,
      metadata: {
        policy: ['default: consumer networks are not authorised here'],
        evidence: ['client: FLAP sign-on at byte 0'],
        confidence: ['high'],
      },
    },
    ...set,
  };
}
