import { describe, expect, test } from '@jest/globals';
import { defaultAssumptions, parseAssumptions } from './assumptions.ts';
import { Calendar, daysFrom, plusDays, readDay } from './calendar.ts';
import { concurrencyOf } from './concurrency.ts';
import type { FigureId } from './figures.ts';
import { forecast } from './forecast.ts';
import { Gatherer } from './gatherer.ts';
import type { PeriodAsked } from './gatherer.ts';
import { Histogram } from './histogram.ts';
import { readLogEvent } from './log-event.ts';
import { makeReport } from './make.ts';
import type { Report } from './report.ts';
import { makeEvents, numbersOf } from './testing.ts';

function reportOf(
  lines: readonly string[],
  asked: PeriodAsked = {},
  set: Record<string, number> = {},
): Report {
  const gathered = new Gatherer(new Calendar('UTC'), asked);
  for (const line of lines) {
    const event = readLogEvent(line);
    if (event) gathered.take(event);
  }
  const assumptions = { ...defaultAssumptions(), ...set };
  const logBytes = lines.reduce((sum, line) => sum + line.length + 1, 0);
  const report = makeReport(gathered, { assumptions, currency: 'EUR', files: 1, badLines: 0, logBytes });
  if (report === undefined) throw new Error('no events');
  return report;
}

function figure(report: Report, id: FigureId): number | undefined {
  return report.sections.flatMap(({ figures }) => figures).find((one) => one.id === id)?.value;
}

function rowsOf(report: Report, title: string): Report['sections'][number]['tables'][number]['rows'] {
  return report.sections.flatMap(({ tables }) => tables).find((table) => table.title === title)?.rows ?? [];
}

describe('every figure is what was put in', () => {
  const days = 40;
  const { lines, truth } = makeEvents(days, 24, 3, 2);
  const report = reportOf(lines, {}, { cost_a_month: 300 });
  const a = defaultAssumptions();

  test('counts', () => {
    expect(figure(report, 'messages')).toBe(truth.messages);
    expect(figure(report, 'conversations')).toBe(truth.conversations.size);
    expect(figure(report, 'users')).toBe(truth.users.size);
    expect(figure(report, 'files')).toBe(truth.files);
    expect(figure(report, 'findings')).toBe(truth.findings);
    expect(figure(report, 'severe')).toBe(truth.severe);
    expect(figure(report, 'exposed')).toBe(truth.exposed);
    expect(figure(report, 'departments')).toBe(3);
    expect(figure(report, 'owners')).toBe(truth.users.size);
    expect(figure(report, 'unmanaged')).toBe(0);
    expect(figure(report, 'carried')).toBe(0);
    expect(figure(report, 'shared')).toBe(0);
    expect(truth.files * truth.findings * truth.severe * truth.exposed).toBeGreaterThan(0);
  });

  test('shares', () => {
    expect(figure(report, 'business')).toBeCloseTo(truth.inBusiness / truth.messages, 10);
    expect(figure(report, 'internal')).toBe(1);
  });

  test('savings follow from the assumptions', () => {
    const instead = truth.conversations.size * a.conversations_for_mail;
    const calls = truth.conversations.size * a.conversations_for_calls;
    const minutes =
      instead * a.mails_a_conversation * a.minutes_a_mail +
      calls * 2 * a.minutes_a_call -
      (instead + calls) * 2 * a.minutes_a_conversation;
    expect(figure(report, 'mails')).toBeCloseTo(instead * a.mails_a_conversation, 8);
    expect(figure(report, 'calls')).toBeCloseTo(calls, 8);
    expect(figure(report, 'time_saved')).toBeCloseTo(minutes / 60, 8);
    expect(figure(report, 'money_saved')).toBeCloseTo(minutes, 8);
  });

  test('sessions at once, second by second', () => {
    const edges = truth.sessions.flatMap(({ start, end }) => [start, end]);
    const first = Math.floor(Math.min(...edges) / 60);
    const last = Math.floor(Math.max(...edges) / 60);
    const counts: number[] = [];
    for (let minute = first; minute <= last; minute++)
      counts.push(
        truth.sessions.filter(({ start, end }) => start < (minute + 1) * 60 && end >= minute * 60).length,
      );
    expect(figure(report, 'peak')).toBe(Math.max(...counts));
    const ordered = counts.toSorted((x, y) => x - y);
    expect(figure(report, 'p95')).toBe(ordered[Math.ceil(ordered.length * 0.95) - 1]);
  });

  test('bytes, spread over the hours of the flows', () => {
    expect(figure(report, 'volume')).toBe(truth.flowBytes);
    const first = Math.floor(Math.min(...truth.sessions.map(({ start }) => start)) / 3_600);
    const hours = new Float64Array((days + 1) * 24);
    for (const { start, end } of truth.sessions) {
      const each = 5_000 / (end - start);
      for (let second = start; second < end; second++) {
        const hour = Math.floor(second / 3_600) - first;
        hours[hour] = (hours[hour] ?? 0) + each;
      }
    }
    expect(figure(report, 'bandwidth')).toBeCloseTo((Math.max(...hours) * 8) / 3_600, 3);
  });

  test('messages by department, and what they are charged', () => {
    const rows = rowsOf(report, 'By department');
    const shown = new Map(rows.map(([name, , sent]) => [name, sent]));
    expect(shown.get('Sales')).toBe(truth.sentBy.get('Sales'));
    expect(shown.get('Support')).toBe(truth.sentBy.get('Support'));
    // The board has two people: fewer than are shown, and nobody else to hide among.
    expect(shown.get('Board')).toBeUndefined();
    const charged = rows.reduce((sum, [, , , , cost]) => sum + Number(cost ?? 0), 0);
    expect(charged).toBeCloseTo(300 * (days / 30), 0);
  });

  test('a trend is found, and the back-test says how well', () => {
    const growth = rowsOf(report, 'Growth');
    const slope = Number(growth[0]?.[1]);
    expect(slope).toBeGreaterThan(1);
    expect(slope).toBeLessThan(3);
    expect(String(growth.at(-1)?.[1])).toMatch(/^\d+\.\d%$/);
  });
});

describe('periods', () => {
  const { lines, truth } = makeEvents(20, 12, 5);

  test('one is compared with the days before it', () => {
    const report = reportOf(lines, { from: '2026-01-15', to: '2026-01-19' });
    const of = (from: string, to: string): number =>
      daysFrom(from, to).reduce((sum, day) => sum + (truth.perDay.get(day) ?? 0), 0);
    expect(report.before).toEqual({ from: '2026-01-10', to: '2026-01-14' });
    const messages = report.sections[1]?.figures.find(({ id }) => id === 'messages');
    expect(messages).toEqual({
      id: 'messages',
      value: of('2026-01-15', '2026-01-19'),
      before: of('2026-01-10', '2026-01-14'),
    });
  });

  test('too little is no forecast', () => {
    const report = reportOf(lines, { from: '2026-01-05', to: '2026-01-12' });
    expect(report.sections[2]?.notes.join()).toContain('14 are needed');
    expect(report.sections[2]?.charts.map(({ title }) => title).join()).not.toContain('forecast');
  });

  test('days without events and steps of the clock are told', () => {
    const gap = lines.filter((line) => !line.includes('"timestamp":"2026-01-08'));
    const notes = reportOf([...gap, gap[0] ?? ''])
      .sections.at(-1)
      ?.notes.join('\n');
    expect(notes).toContain('No events on 2026-01-08');
    expect(notes).toMatch(/Time went back by an hour or more \d+ times/);
  });

  test('loss of the capture is told on all of it', () => {
    const stats = {
      ...{ timestamp: '2026-01-05T10:00:00.000000+0000', event_type: 'stats' },
      im: { v: 1, id: 'x', stats: { capture_loss: { bytes_seen: 900, bytes_lost: 100 } } },
    };
    const notes = reportOf([...lines, JSON.stringify(stats)])
      .sections.at(-1)
      ?.notes.join('\n');
    expect(notes).toContain('10.0% of the bytes');
  });
});

describe('parts', () => {
  test('a forecast holds a line, weekdays and all', () => {
    const next = numbersOf(1);
    const seen = new Map(
      daysFrom('2026-01-05', '2026-03-01').map((day, i) => [
        day,
        (100 + 2 * i) * ((i + 0) % 7 < 5 ? 1 : 0.2) + next(),
      ]),
    );
    const foretold = forecast(seen, 7);
    if (typeof foretold === 'string') throw new Error(foretold);
    const [monday] = foretold.days;
    expect(monday?.day).toBe('2026-03-02');
    expect(Math.abs((monday?.value ?? 0) - 212)).toBeLessThan(12);
    expect(foretold.days[5]?.value).toBeLessThan(60);
    expect(foretold.backTest.error).toBeLessThan(0.15);
    expect(forecast(new Map(), 7)).toContain('0 days');
    const holes = new Map([...seen].filter((_, i) => i % 3 === 0));
    expect(forecast(holes, 7)).toContain('have no events');
  });

  test('quantiles are right within a class', () => {
    const histogram = new Histogram();
    for (let i = 1; i <= 1_000; i++) histogram.add(i);
    expect(Math.abs((histogram.quantile(0.5) ?? 0) / 500 - 1)).toBeLessThan(0.06);
    expect(Math.abs((histogram.quantile(0.9) ?? 0) / 900 - 1)).toBeLessThan(0.06);
    expect(new Histogram().quantile(0.5)).toBeUndefined();
  });

  test('spans at once', () => {
    expect(concurrencyOf([])).toBeUndefined();
    const at = concurrencyOf([
      { start: 0, end: 59 },
      { start: 30, end: 400 },
      { start: 10_000, end: 10_000 },
    ]);
    // Nearly three hours of nothing between them: in 95% of the minutes nobody is there.
    expect([at?.peak, at?.p95, at?.byHour.get(0), at?.byHour.get(7_200)]).toEqual([2, 0, 2, 1]);
  });

  test('days are those of the zone, with its changes of the clock', () => {
    const berlin = new Calendar('Europe/Berlin');
    expect(berlin.at(Date.UTC(2026, 2, 28, 23, 30) / 1_000)).toEqual({
      day: '2026-03-29',
      hour: 0,
      weekday: 6,
    });
    expect(berlin.at(Date.UTC(2026, 2, 29, 1, 30) / 1_000).hour).toBe(3);
    expect(plusDays('2026-03-28', 1)).toBe('2026-03-29');
    expect(() => new Calendar('Nowhere/At all')).toThrow('no time zone');
    expect(() => readDay('2026-02-30', '--from')).toThrow('--from');
  });

  test('assumptions are checked with their place', async () => {
    expect((await parseAssumptions('cost_an_hour: 80\n', 'a.yaml')).cost_an_hour).toBe(80);
    await expect(parseAssumptions('cost_an_hour: much\n', 'a.yaml')).rejects.toThrow(
      /a\.yaml:1:15: .*number/,
    );
    await expect(parseAssumptions('cost_an_our: 8\n', 'a.yaml')).rejects.toThrow(/cost_an_hour/);
    await expect(parseAssumptions('workday_ends: 6\n', 'a.yaml')).rejects.toThrow(/later/);
  });

  test('a line that is no event is none, and a field of another type is as if it were not there', () => {
    for (const line of [
      '',
      '{',
      '[]',
      '7',
      '{"timestamp":1,"event_type":"im"}',
      '{"timestamp":"x","event_type":"im"}',
    ])
      expect(readLogEvent(line)).toBeUndefined();
    const odd = {
      timestamp: '2026-01-05T10:00:00.0+0000',
      event_type: 'im',
      flow_id: 'x',
      im: { to: 'y', from: 3, sent: 1 },
    };
    expect(readLogEvent(JSON.stringify(odd))?.im).toMatchObject({ to: [], service: 'unknown' });
  });
});
