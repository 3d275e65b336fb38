import { describeAlert } from '../classify/describe.ts';
import type { EveAlert, EveEvent, ImObject } from '../event/eve.ts';
import type { ClientSoftware } from '../event/im.ts';
import { cutBytes, neutralise } from './neutralise.ts';

/** What one collector wants of every message. */
export interface SyslogStyle {
  /** RFC 5424 facility, 0 to 23. */
  facility: number;
  /** Most bytes of one message; what is longer is cut at its end, never within a character or an escape. */
  size: number;
  /** HOSTNAME where the event names no sensor. */
  hostname?: string;
}

/** Syslog severities (RFC 5424, table 2) of alert severities 1, 2 and 3: alert, warning, notice. */
const SEVERITIES = [1, 4, 5] as const;
/** The private enterprise number that RFC 5612 reserves for documentation. */
const SD_ID = 'imspan@32473';
const APP_NAME = 'imspan';
const NIL = '-';
/** In front of a MSG that is UTF-8 beyond ASCII: RFC 5424, section 6.4. */
const BOM = '\ufeff';
/** Bytes that the structured data leave for the text, as far as they can. */
const TEXT_ROOM = 240;
/** Characters of one value in the structured data and of one name in the text. */
const VALUE_WIDTH = 96;
const REASON_WIDTH = 160;

/**
 * An alert as one RFC 5424 message: packet time, MSGID `ALERT`, the facts as structured data (those that fit,
 * the weightier first) and the alert's line as text. No part of it can forge a field, a line or a terminal sequence.
 */
export function formatAlert(event: EveEvent, style: SyslogStyle): Buffer {
  const severity = SEVERITIES[(event.alert?.severity ?? 3) - 1] ?? 5;
  const host = printable(event.host ?? style.hostname ?? NIL);
  const stamp = `${event.timestamp.slice(0, 26)}Z`;
  const header = `<${style.facility * 8 + severity}>1 ${stamp} ${host} ${APP_NAME} ${NIL} ALERT `;
  const data = structuredData(event, style.size - header.length - TEXT_ROOM);
  const line = describeAlert(
    event,
    (text) => neutralise(text, VALUE_WIDTH),
    (text) => neutralise(text, REASON_WIDTH),
  );
  const mark = PLAIN.test(line) ? '' : BOM;
  const room = style.size - header.length - Buffer.byteLength(data) - 1 - Buffer.byteLength(mark);
  return Buffer.from(`${header}${data} ${mark}${cutBytes(line, room)}`);
}

const PLAIN = /^[\x20-\x7e]*$/;

/** HOSTNAME is printable ASCII without spaces, at most 255 characters. */
function printable(name: string): string {
  const safe = name.replace(/[^\x21-\x7e]/g, '_').slice(0, 255);
  return safe === '' ? NIL : safe;
}

/** `[imspan@32473 sid="9000001" ...]` in at most `room` bytes. */
function structuredData(event: EveEvent, room: number): string {
  let data = `[${SD_ID}`;
  let left = room - data.length - 1;
  for (const [name, value] of parameters(event)) {
    if (value === undefined) continue;
    const parameter = ` ${name}="${escapeValue(neutralise(String(value), VALUE_WIDTH))}"`;
    const bytes = Buffer.byteLength(parameter);
    if (bytes > left) continue;
    left -= bytes;
    data += parameter;
  }
  return `${data}]`;
}

/** RFC 5424, section 6.3.3: `"`, `\` and `]` are escaped, nothing else. */
function escapeValue(text: string): string {
  return text.replace(/["\\\]]/g, '\\$&');
}

/** The facts of an alert, the weightiest first. */
function parameters(event: EveEvent): [name: string, value: string | number | undefined][] {
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
