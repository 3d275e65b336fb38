import type { EveEvent } from '../../event/eve.ts';
import { cutEscaped, neutralise } from '../neutralise.ts';
import { factsOf, lineOf, VALUE_WIDTH } from './told.ts';
import type { EncodeContext } from './told.ts';

/**
 * The columns of the Zeek body: those of Zeek's `notice.log` that imspan can fill, and ours behind them. A line has no header;
 * docs/SYSLOG.md has the one to put before them.
 */
export const ZEEK_COLUMNS = [
  'ts',
  'uid',
  'id.orig_h',
  'id.orig_p',
  'id.resp_h',
  'id.resp_p',
  'proto',
  'note',
  'msg',
  'sub',
  'src',
  'dst',
  'p',
  'peer_descr',
  'actions',
  'imspan_id',
  'sid',
  'severity',
  'service',
  'account',
] as const;

type Column = (typeof ZEEK_COLUMNS)[number];

/** Columns whose values are of our own making, and short. */
const OWN: ReadonlySet<Column> = new Set(['ts', 'uid', 'note', 'actions', 'imspan_id', 'sid', 'severity']);
const UNSET = '-';
/** Bytes for the line, and for what it was decided by, where the others leave less. */
const LEAST_LINE = 24;

/** The event as one line of Zeek's tab-separated log format: `\t` parts, `-` is unset, `\` and hidden characters are escaped. */
export function encodeZeek(event: EveEvent, room: number, context: EncodeContext): string {
  const values = valuesOf(event, context);
  const line = lineOf(event);
  const sub = event.alert?.metadata.policy?.[0] ?? event.alert?.metadata.evidence?.[0];
  const made = (width: number): string[] =>
    ZEEK_COLUMNS.map((column) =>
      column === 'msg' || column === 'sub'
        ? ''
        : field(values[column], OWN.has(column) ? VALUE_WIDTH : width),
    );
  const bytesOf = (columns: readonly string[]): number => Buffer.byteLength(columns.join('\t'));
  let fixed = made(VALUE_WIDTH);
  // Names of a stranger's length do not take the line its room.
  for (const width of [48, 16]) if (bytesOf(fixed) > room - 4 * LEAST_LINE) fixed = made(width);
  let left = Math.max(2 * LEAST_LINE, room - bytesOf(fixed));
  const told = cutEscaped(line, Math.max(LEAST_LINE, left - (sub === undefined ? 1 : LEAST_LINE)), escape);
  left -= Buffer.byteLength(told);
  fixed[ZEEK_COLUMNS.indexOf('msg')] = told;
  fixed[ZEEK_COLUMNS.indexOf('sub')] =
    sub === undefined ? UNSET : cutEscaped(neutralise(sub, VALUE_WIDTH), Math.max(LEAST_LINE, left), escape);
  return fixed.join('\t');
}

function valuesOf(
  event: EveEvent,
  context: EncodeContext,
): Partial<Record<Column, string | number | undefined>> {
  const { alert, im } = event;
  const facts = Object.fromEntries(factsOf(event));
  return {
    ts: zeekTime(event),
    uid: event.flow_id === undefined ? undefined : `C${event.flow_id.toString(36)}`,
    'id.orig_h': event.src_ip,
    'id.orig_p': event.src_port,
    'id.resp_h': event.dest_ip,
    'id.resp_p': event.dest_port,
    proto: event.proto?.toLowerCase(),
    note: alert === undefined ? `IMSPAN::${event.event_type}` : `IMSPAN::SID_${alert.signature_id}`,
    src: event.src_ip,
    dst: event.dest_ip,
    p: event.dest_port,
    peer_descr: event.host ?? context.hostname,
    actions: alert === undefined ? undefined : 'Notice::ACTION_LOG',
    imspan_id: im?.id,
    sid: alert?.signature_id,
    severity: alert?.severity,
    service: facts['service'],
    account: facts['account'],
  };
}

/** Seconds since 1970 with microseconds, as Zeek writes them: never through a double. */
function zeekTime({ timestamp }: EveEvent): string {
  const seconds = Date.parse(`${timestamp.slice(0, 19)}Z`) / 1000;
  return Number.isNaN(seconds) ? UNSET : `${seconds}.${timestamp.slice(20, 26)}`;
}

function field(value: string | number | undefined, width: number): string {
  if (value === undefined) return UNSET;
  const text = neutralise(String(value), width);
  if (text === '') return '(empty)';
  // A value that would read as unset is told by its code.
  return text === UNSET ? '\\x2d' : escape(text);
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\');
}
