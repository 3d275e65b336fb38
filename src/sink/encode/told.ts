import { describeAlert } from '../../classify/describe.ts';
import type { EveAlert, EveEvent, ImObject } from '../../event/eve.ts';
import type { ClientSoftware, ImKind } from '../../event/im.ts';
import { EVENT_LINES, IM_LINES, shownAt } from '../console-lines.ts';
import { neutralise } from '../neutralise.ts';

/** Characters of one value, of a reason, and of what somebody wrote. */
export const VALUE_WIDTH = 96;
const REASON_WIDTH = 160;
const TEXT_WIDTH = 400;

/** What an encoder makes a body of, beside the event itself. */
export interface EncodeContext {
  /** Of imspan, for the bodies that name the product's version. */
  version: string;
  /** Sensor name, where the event carries none. */
  hostname?: string | undefined;
}

/**
 * A body in one format: at most `room` bytes of UTF-8, one line, nothing in it that a stranger's text could have forged. JSON is whole at
 * any size: it loses what weighs least and says so.
 */
export type Encoder = (event: EveEvent, room: number, context: EncodeContext) => string;

/** Class of an event, the MSGID of its syslog message: `ALERT`, `IM`, `FLOW`, `FILEINFO`, `ANOMALY`, `STATS`. */
export function classOf(event: EveEvent): string {
  return event.event_type.toUpperCase();
}

/** The event in one line, every name made safe to show. */
export function lineOf(event: EveEvent): string {
  if (event.event_type === 'alert')
    return describeAlert(
      event,
      (text) => neutralise(text, VALUE_WIDTH),
      (text) => neutralise(text, REASON_WIDTH),
    );
  const shown = shownAt(TEXT_WIDTH);
  const { im } = event;
  if (event.event_type === 'im' && im?.kind !== undefined)
    return `${neutralise(im.service ?? '', VALUE_WIDTH)} ${im.kind}: ${lineOfKind(im.kind, im, event)}`.trimStart();
  if (event.event_type === 'stats') return statsLine(event);
  return EVENT_LINES[event.event_type]?.(event, shown) ?? event.event_type;
}

function lineOfKind(kind: ImKind, im: ImObject, event: EveEvent): string {
  return Object.hasOwn(IM_LINES, kind) ? IM_LINES[kind](im, event, shownAt(TEXT_WIDTH)) : '';
}

/** The counters that say whether a sensor sees: packets, drops, loss, flows. */
function statsLine({ stats, im }: EveEvent): string {
  const own = im?.stats ?? {};
  const parts: string[] = [];
  const add = (name: string, value: unknown): void => {
    if (typeof value === 'number' && Number.isFinite(value)) parts.push(`${name}=${value}`);
  };
  const capture = recordOf(stats?.['capture']);
  add('kernel_packets', capture['kernel_packets']);
  add('kernel_drops', capture['kernel_drops']);
  add('packets', recordOf(stats?.['decoder'])['pkts']);
  for (const [name, value] of Object.entries(own)) {
    if (parts.length >= MOST_COUNTERS) break;
    if (PLAIN_NAME.test(name)) add(name, value);
  }
  add('loss', recordOf(own['capture_loss'])['share']);
  return `stats: ${parts.join(' ')}`;
}

const MOST_COUNTERS = 24;
const PLAIN_NAME = /^[a-z][a-z0-9_]{0,39}$/;

export function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** The facts of an event by name, the weightiest first; values are as they came. */
export function factsOf(event: EveEvent): [name: string, value: string | number | undefined][] {
  const alert: Partial<EveAlert> = event.alert ?? {};
  const im: Partial<ImObject> = event.im ?? {};
  const client: Partial<ClientSoftware> = im.client ?? {};
  const metadata = alert.metadata ?? {};
  return [
    ['sid', alert.signature_id],
    ['severity', alert.severity],
    ['id', im.id],
    ['service', im.service],
    ['src_ip', event.src_ip],
    ['src_port', event.src_port],
    ['dest_ip', event.dest_ip],
    ['dest_port', event.dest_port],
    ['account', im.account],
    ['kind', im.kind],
    ['client', client.name],
    ['version', client.version],
    ['proto', event.proto],
    ['app_proto', event.app_proto],
    ['confidence', metadata.confidence?.[0]],
    ['community_id', event.community_id],
    ['finding', im.finding],
    ['session', im.session],
    ['policy', metadata.policy?.[0]],
    ['mitre', metadata.mitre_technique_id?.[0]],
  ];
}

/** Severity of CEF and LEEF, 0 to 10, of alert severities 1, 2 and 3; of what is no alert, 1. */
export function severityOfTen(event: EveEvent): number {
  return ([9, 6, 3] as const)[(event.alert?.severity ?? 0) - 1] ?? 1;
}

/** Sensor, name and id of what is told: what CEF and LEEF have in their headers. */
export function headlineOf(event: EveEvent): { id: string; name: string } {
  if (event.alert !== undefined)
    return {
      id: String(event.alert.signature_id),
      name: neutralise(event.alert.signature, VALUE_WIDTH),
    };
  const kind = event.im?.kind;
  const name = kind === undefined ? event.event_type : `${event.event_type} ${neutralise(kind, 32)}`;
  return { id: name.replaceAll(' ', '_'), name };
}

/** Milliseconds since 1970 of an event's time stamp. */
export function millisOf(event: EveEvent): number {
  const millis = Date.parse(`${event.timestamp.slice(0, 23)}Z`);
  return Number.isNaN(millis) ? 0 : millis;
}
