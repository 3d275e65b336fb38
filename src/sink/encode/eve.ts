import type { EveEvent, ImObject } from '../../event/eve.ts';
import { fitJson } from './fit.ts';
import { recordOf } from './told.ts';
import type { EncodeContext } from './told.ts';

/**
 * The event as EVE JSON, as `--eve` has it but in pure ASCII. Where it is longer than `room`, texts and lists are cut, then fields
 * left out, and `im.reduced` is true; `im.id` is always there, by which `--eve` has the whole event.
 */
export function encodeEve(event: EveEvent, room: number, { hostname }: EncodeContext): string {
  const named: EveEvent =
    event.host === undefined && hostname !== undefined ? { ...event, host: hostname } : event;
  return fitJson(
    named as unknown as Record<string, unknown>,
    room,
    () => essenceOf(named),
    (reduced) => {
      const im = recordOf(reduced['im']);
      im['reduced'] = true;
      reduced['im'] = im;
    },
  );
}

/** What is told of an event at any size, the weightiest first. */
function essenceOf(event: EveEvent): Record<string, unknown> {
  const { alert, im } = event;
  const own: Partial<ImObject> & { reduced: true } = { reduced: true };
  if (im !== undefined) Object.assign(own, { v: im.v, id: im.id });
  if (im?.kind !== undefined) own.kind = im.kind;
  if (im?.service !== undefined) own.service = im.service;
  if (im?.account !== undefined) own.account = im.account;
  const essence = {
    im: own,
    timestamp: event.timestamp,
    event_type: event.event_type,
    alert: alert && {
      signature_id: alert.signature_id,
      rev: alert.rev,
      severity: alert.severity,
      signature: alert.signature,
    },
    host: event.host,
    src_ip: event.src_ip,
    src_port: event.src_port,
    dest_ip: event.dest_ip,
    dest_port: event.dest_port,
    proto: event.proto,
    app_proto: event.app_proto,
    community_id: event.community_id,
    flow_id: event.flow_id,
  };
  return Object.fromEntries(Object.entries(essence).filter(([, value]) => value !== undefined));
}
