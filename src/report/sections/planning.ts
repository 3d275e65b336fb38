import { concurrencyOf } from '../concurrency.ts';
import { forecast } from '../forecast.ts';
import type { Forecast } from '../forecast.ts';
import { ACTIVITIES } from '../period-data.ts';
import type { PeriodData } from '../period-data.ts';
import type { Chart, Figure, Section, Table } from '../report.ts';
import { activeUsers, shareOf, sum } from './common.ts';
import type { Sources } from './common.ts';

const HOUR = 3_600;
const AHEAD = 30;
const MONTH = 30;
const WORKDAYS = 22;

/** What IM will need: sessions at once, bandwidth, storage, growth, and what would be with other numbers. */
export function planning(sources: Sources): Section {
  const { now, before, period } = sources;
  const at = concurrencyOf(now.spans());
  const was = before && concurrencyOf(before.spans());
  const growth = forecast(new Map([...now.days].map(([day, { messages }]) => [day, messages])), AHEAD);
  const width = bandwidthOf(now);
  return {
    id: 'planning',
    title: 'Planning',
    about: 'What the use of IM needs, and will need.',
    figures: [
      { id: 'peak', value: at?.peak, before: was?.peak },
      { id: 'p95', value: at?.p95, before: was?.p95 },
      { id: 'busiest', value: busiestOf(now), before: before && busiestOf(before) },
      figureOr('bandwidth', width, before && bandwidthOf(before), 'no `flow` events in the logs'),
      figureOr(
        'volume',
        now.flows === 0 ? undefined : now.bytes,
        before?.bytes,
        'no `flow` events in the logs',
      ),
      { id: 'storage', value: storageOf(sources) },
    ],
    charts: [
      ...(at === undefined ? [] : [sessionChart(at.byHour, sources)]),
      ...(now.flows === 0 ? [] : [activityChart(sources)]),
      ...(typeof growth === 'string' ? [] : [growthChart(growth, now)]),
    ],
    tables: [activityTable(now), growthTable(growth), whatIf(sources)],
    notes: [
      ...(typeof growth === 'string' ? [`No forecast is made: ${growth}.`] : []),
      ...(period.from === period.to ? ['One day only: nothing can be said of how days differ.'] : []),
    ],
  };
}

function figureOr(
  id: Figure['id'],
  value: number | undefined,
  before: number | undefined,
  why: string,
): Figure {
  return value === undefined ? { id, value, note: why } : { id, value, before };
}

function busiestOf({ messagesByHour }: PeriodData): number | undefined {
  return messagesByHour.size === 0 ? undefined : Math.max(...messagesByHour.values());
}

function bandwidthOf({ bytesByHour }: PeriodData): number | undefined {
  let most: number | undefined;
  for (const use of bytesByHour.values()) most = Math.max(most ?? 0, sum(Object.values(use)));
  return most === undefined ? undefined : (most * 8) / HOUR;
}

function storageOf({ logBytes, now }: Sources): number | undefined {
  return now.days.size === 0 ? undefined : (logBytes / now.days.size) * MONTH;
}

/** Most sessions at once, by hour of the day. */
function sessionChart(byHour: ReadonlyMap<number, number>, { calendar }: Sources): Chart {
  const most = new Array<number>(24).fill(0);
  for (const [second, count] of byHour) {
    const { hour } = calendar.at(second);
    most[hour] = Math.max(most[hour] ?? 0, count);
  }
  return {
    title: 'Most sessions at once, by hour of the day',
    kind: 'bars',
    labels: most.map((_, hour) => String(hour).padStart(2, '0')),
    series: [{ name: 'sessions', values: most }],
    unit: 'sessions',
  };
}

function activityChart({ now, calendar }: Sources): Chart {
  const hours = Array.from({ length: 24 }, () => ({ text: 0, file: 0, call: 0, presence: 0 }));
  for (const [hour, use] of now.bytesByHour) {
    const of = hours[calendar.at(hour * HOUR).hour];
    if (of) for (const activity of ACTIVITIES) of[activity] += use[activity];
  }
  return {
    title: 'Bytes by hour of the day and activity',
    kind: 'lines',
    labels: hours.map((_, hour) => String(hour).padStart(2, '0')),
    series: ACTIVITIES.map((name) => ({ name, values: hours.map((use) => use[name]) })),
    unit: 'bytes',
  };
}

function growthChart({ days }: Forecast, { days: seen }: PeriodData): Chart {
  const past = [...seen.keys()].sort();
  const nothing = past.map(() => undefined);
  const future = days.map(() => undefined);
  return {
    title: 'Messages a day, and the forecast with its 80% interval',
    kind: 'lines',
    labels: [...past, ...days.map(({ day }) => day)],
    series: [
      { name: 'seen', values: [...past.map((day) => seen.get(day)?.messages), ...future] },
      {
        name: 'forecast',
        values: [...nothing, ...days.map(({ value }) => value)],
        low: [...nothing, ...days.map(({ low }) => low)],
        high: [...nothing, ...days.map(({ high }) => high)],
      },
    ],
    unit: 'messages',
  };
}

function activityTable({ bytesByHour, bytes }: PeriodData): Table {
  const rows = ACTIVITIES.map((activity) => {
    const all = sum([...bytesByHour.values()].map((use) => use[activity]));
    const most = Math.max(0, ...[...bytesByHour.values()].map((use) => use[activity]));
    return [activity, Math.round(all), percent(shareOf(all, bytes)), Math.round((most * 8) / HOUR)];
  });
  return {
    title: 'Bandwidth by activity',
    columns: ['activity', 'bytes', 'share', 'bits a second in its busiest hour'],
    rows,
    note: 'A connection counts whole for what it was used for: a file or call before text, text before presence and keep-alives.',
  };
}

function growthTable(growth: Forecast | string): Table {
  const columns = ['what', 'value'];
  if (typeof growth === 'string')
    return { title: 'Growth', columns, rows: [['forecast', `not made: ${growth}`]] };
  const { days, slope, backTest, weekdays } = growth;
  const end = days.at(-1);
  return {
    title: 'Growth',
    columns,
    rows: [
      ['change of the trend, messages a day, each day', round(slope)],
      [`messages on ${end?.day ?? ''}`, round(end?.value)],
      ['between (80%)', `${round(end?.low) ?? ''} and ${round(end?.high) ?? ''}`],
      ['days of the week have their own share', weekdays ? 'yes' : 'no: fewer than 28 days'],
      [`back-test on the last ${backTest.days} days: mean error`, percent(backTest.error)],
      ['back-test: days within the interval', percent(backTest.within)],
    ],
    note: 'Least squares through the days, by the library simple-statistics; see METRICS.md.',
  };
}

/** Users x messages x size: what another number of people would need. */
function whatIf({ now, assumptions: a }: Sources): Table {
  const users = a.what_if_users || activeUsers(now).size;
  const days = now.days.size;
  const seen = users === 0 || days === 0 ? 0 : now.messages / activeUsers(now).size / days;
  const messages = a.what_if_messages || seen;
  const bytes = a.what_if_bytes || (now.messages === 0 ? 0 : now.bytes / now.messages);
  const busyShare = shareOf(busiestOf(now) ?? 0, Math.max(1, now.messages / Math.max(1, days))) ?? 0;
  const aDay = users * messages;
  return {
    title: 'What if',
    columns: ['what', 'value', 'how'],
    rows: [
      ['people', users, a.what_if_users > 0 ? 'what_if_users' : 'as seen'],
      ['messages of each a day', round(messages), a.what_if_messages > 0 ? 'what_if_messages' : 'as seen'],
      [
        'bytes on the wire for a message',
        round(bytes),
        a.what_if_bytes > 0 ? 'what_if_bytes' : 'as seen, all IM bytes over all messages',
      ],
      ['messages a day', round(aDay), 'people x messages'],
      [
        'Mbit/s in the busiest hour',
        round((aDay * Math.min(1, busyShare) * bytes * 8) / HOUR / 1e6, 6),
        'share of the busiest hour as seen',
      ],
      ['bytes of IM traffic a month', round(aDay * bytes * WORKDAYS), `${WORKDAYS} working days`],
    ],
  };
}

function percent(share: number | undefined): string | undefined {
  return share === undefined ? undefined : `${(share * 100).toFixed(1)}%`;
}

function round(value: number | undefined, digits = 1): number | undefined {
  return value === undefined ? undefined : Number(value.toFixed(digits));
}
