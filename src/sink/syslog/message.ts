import type { EveEvent, EventType } from '../../event/eve.ts';
import { FORMATS } from '../encode/formats.ts';
import type { FormatName } from '../encode/formats.ts';
import { classOf, factsOf, VALUE_WIDTH } from '../encode/told.ts';
import { cutBytes, neutralise } from '../neutralise.ts';

/** What one collector wants of every message. */
export interface SyslogStyle {
  /** Facility of each event type, 0 to 23; `default` where none is named. */
  facilities: Readonly<Partial<Record<EventType, number>>> & { readonly default: number };
  /** Syslog severities (RFC 5424, table 2) of alert severities 1, 2 and 3, and of what is no alert. */
  severities: readonly [number, number, number, number];
  /** Most bytes of one message; what is longer is cut at its end, never within a character or an escape, JSON never. */
  size: number;
  /** 5424, 3164, or `local`: only the priority, for a program that adds the header. */
  protocol: 5424 | 3164 | 'local';
  format: FormatName;
  /** Private enterprise number of the structured data's name. */
  enterprise: number;
  /** Of imspan. */
  version: string;
  /** HOSTNAME where the event names no sensor. */
  hostname?: string | undefined;
}

/** Alert, warning, notice; informational. */
export const DEFAULT_SEVERITIES = [1, 4, 5, 6] as const;
/** The private enterprise number that RFC 5612 reserves for documentation. */
export const DEFAULT_ENTERPRISE = 32_473;
const APP_NAME = 'imspan';
const NIL = '-';
/** In front of a MSG that is UTF-8 beyond ASCII: RFC 5424, section 6.4. */
const BOM = '\ufeff';
/** Bytes that the structured data leave for the text, as far as they can. */
const TEXT_ROOM = 240;
/** The structured data before a body that has the facts itself: the first so many, by which a message is found. */
const FEW_FACTS = 3;
/** A host name in a message whose body must have room. */
const HOST_WIDTH = 255;
const SHORT_HOST = 64;

/**
 * An event as one syslog message, with packet time: RFC 5424 (MSGID the event class, the facts as structured
 * data, those that fit, the weightier first) or RFC 3164 (times in UTC), and the body in the collector's format. No part of
 * it can forge a field, a line or a terminal sequence. At most `style.size` bytes.
 */
export function formatMessage(event: EveEvent, style: SyslogStyle): Buffer {
  if (style.protocol === 5424) return format5424(event, style);
  const { priority, host } = headOf(event, style);
  const stamp = style.protocol === 3164 ? `${time3164(event.timestamp)} ${host} ${APP_NAME}: ` : '';
  const time = style.protocol === 'local' ? `${event.timestamp.slice(0, 26)}Z ` : '';
  // There is no structured data: what finds an event, and tells a repeat, goes before the text.
  const marks = [classOf(event), event.alert?.signature_id, event.im?.id].filter(
    (mark) => mark !== undefined,
  );
  const header = `<${priority}>${stamp}${style.format === 'text' ? `${time}${marks.join(' ')} ` : ''}`;
  return Buffer.from(header + bodyOf(event, style.size - Buffer.byteLength(header), style));
}

function format5424(event: EveEvent, style: SyslogStyle): Buffer {
  const { priority, host } = headOf(event, style);
  const stamp = `${event.timestamp.slice(0, 26)}Z`;
  const header = `<${priority}>1 ${stamp} ${host} ${APP_NAME} ${NIL} ${classOf(event)} `;
  const isText = style.format === 'text';
  const facts = isText ? factsOf(event) : factsOf(event).slice(0, FEW_FACTS);
  const data = structuredData(facts, style.enterprise, style.size - header.length - TEXT_ROOM);
  const room = style.size - header.length - Buffer.byteLength(data) - 1;
  const body = bodyOf(event, room, style);
  if (!isText || PLAIN.test(body)) return Buffer.from(`${header}${data} ${body}`);
  return Buffer.from(`${header}${data} ${BOM}${cutBytes(body, room - Buffer.byteLength(BOM))}`);
}

function headOf(event: EveEvent, style: SyslogStyle): { priority: number; host: string } {
  const severity =
    style.severities[(event.alert?.severity ?? (event.event_type === 'alert' ? 3 : 4)) - 1] ??
    style.severities[3];
  const facility = style.facilities[event.event_type] ?? style.facilities.default;
  const width = style.format === 'text' ? HOST_WIDTH : SHORT_HOST;
  return { priority: facility * 8 + severity, host: printable(event.host ?? style.hostname ?? NIL, width) };
}

function bodyOf(event: EveEvent, room: number, { format, version, hostname }: SyslogStyle): string {
  return FORMATS[format](event, room, { version, hostname });
}

const PLAIN = /^[\x20-\x7e]*$/;

/** HOSTNAME is printable ASCII without spaces, at most 255 characters. */
function printable(name: string, width: number): string {
  const safe = name.replace(/[^\x21-\x7e]/g, '_').slice(0, width);
  return safe === '' ? NIL : safe;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `Mar  8 14:03:11` (RFC 3164, section 4.1.2), in UTC: the sensor's zone is not the traffic's. */
function time3164(timestamp: string): string {
  const month = MONTHS[Number(timestamp.slice(5, 7)) - 1] ?? 'Jan';
  return `${month} ${String(Number(timestamp.slice(8, 10))).padStart(2)} ${timestamp.slice(11, 19)}`;
}

/** `[imspan@32473 sid="9000001" ...]` in at most `room` bytes. */
function structuredData(facts: ReturnType<typeof factsOf>, enterprise: number, room: number): string {
  let data = `[${APP_NAME}@${enterprise}`;
  let left = room - data.length - 1;
  for (const [name, value] of facts) {
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
