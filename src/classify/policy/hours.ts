/** Days of the week as a policy names them, Monday first. */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

/** Minutes of a day. */
export const DAY_MINUTES = 24 * 60;

/** A span of the week. */
export interface Span {
  readonly days: ReadonlySet<Day>;
  /** Minutes from midnight. Where `to` is not after `from`, the span ends the day after the one that it belongs to. */
  readonly from: number;
  readonly to: number;
  readonly zone: string;
}

/** True where the packet time (seconds) lies in the span. */
export function inSpan(span: Span, seconds: number): boolean {
  const { day, minute } = localTime(span.zone, seconds);
  const dayOf = (index: number): Day => DAYS[(index + 7) % 7] ?? 'mon';
  if (span.from < span.to) return span.days.has(dayOf(day)) && minute >= span.from && minute < span.to;
  return (
    (minute >= span.from && span.days.has(dayOf(day))) || (minute < span.to && span.days.has(dayOf(day - 1)))
  );
}

interface LocalTime {
  /** 0 Monday to 6 Sunday. */
  day: number;
  minute: number;
}

/** Clocks change at quarters of an hour only, so one asking of the calendar does for all of a quarter. */
const QUARTER = 900;

interface Zone {
  format: Intl.DateTimeFormat;
  quarter: number;
  /** Local minutes of the week at the quarter's beginning. */
  start: number;
}

const zones = new Map<string, Zone>();

function localTime(zone: string, seconds: number): LocalTime {
  let known = zones.get(zone);
  if (known === undefined)
    zones.set(zone, (known = { format: formatOf(zone), quarter: Number.NaN, start: 0 }));
  const quarter = Math.floor(seconds / QUARTER);
  if (known.quarter !== quarter) {
    known.quarter = quarter;
    known.start = weekMinute(known.format, quarter * QUARTER);
  }
  const minute = known.start + Math.floor((seconds - quarter * QUARTER) / 60);
  return { day: Math.floor(minute / DAY_MINUTES) % 7, minute: minute % DAY_MINUTES };
}

function formatOf(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
}

function weekMinute(format: Intl.DateTimeFormat, seconds: number): number {
  const parts = new Map(format.formatToParts(seconds * 1000).map(({ type, value }) => [type, value]));
  const day = DAYS.indexOf((parts.get('weekday') ?? '').toLowerCase() as Day);
  return day * DAY_MINUTES + Number(parts.get('hour')) * 60 + Number(parts.get('minute'));
}

/** The zone is one that the calendar knows. */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** Seconds since the epoch at which the day `YYYY-MM-DD` is over in that zone; undefined where it is no day. */
export function endOfDay(text: string, zone: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const midnight = Date.parse(`${text}T00:00:00Z`) / 1000;
  if (Number.isNaN(midnight) || !new Date(midnight * 1000).toISOString().startsWith(text)) return undefined;
  const next = midnight + DAY_MINUTES * 60;
  // The zone's offset at the one instant near that can be midnight there: by what it calls that instant.
  let guess = next;
  for (let i = 0; i < 2; i++) guess = next - offsetAt(zone, guess);
  return guess;
}

/** Seconds by which the clocks of the zone are before UTC. */
function offsetAt(zone: string, seconds: number): number {
  const local = weekMinute(formatOf(zone), seconds);
  const utc = weekMinute(formatOf('UTC'), seconds);
  const week = 7 * DAY_MINUTES;
  const minutes = (((local - utc + week / 2) % week) + week) % week;
  return (minutes - week / 2) * 60;
}
