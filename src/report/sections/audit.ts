import { daysBetween } from '../calendar.ts';
import type { Cell, Section } from '../report.ts';
import type { Sources } from './common.ts';

/** What the report was made of, and what it could not see. */
export function audit({ coverage, period, calendar, assumptions, now, before }: Sources): Section {
  const days = daysBetween(period.from, period.to) + 1;
  const { loss, emptyDays, limits, stepsBack, sensors, badLines } = coverage;
  const notes = [
    ...(loss !== undefined && loss > 0.01
      ? [
          `${(loss * 100).toFixed(1)}% of the bytes of IM connections were never captured: all counts are too low.`,
        ]
      : []),
    ...(emptyDays.length > 0
      ? [`No events on ${emptyDays.join(', ')}: nothing is known of these days.`]
      : []),
    ...(before !== undefined && before.days.size < days
      ? [
          `Of the period before ${before.days.size} of ${days} days have events: take the comparison with care.`,
        ]
      : []),
    ...(stepsBack > 0
      ? [
          `Time went back by an hour or more ${stepsBack} times within a file: clocks were set, or logs joined out of order.`,
        ]
      : []),
    ...(limits.length > 0 ? [`More ${limits.join(', ')} than can be kept: their counts are too low.`] : []),
    ...(badLines > 0 ? [`${badLines} lines were no events and were left out.`] : []),
  ];
  const rows: Cell[][] = [
    ['first event', coverage.first],
    ['last event', coverage.last],
    ['period', `${period.from} to ${period.to} (${calendar.zone})`],
    ['days with events', now.days.size],
    ['logs read', coverage.files],
    ['events of the period', coverage.events],
    ['sensors', sensors.join(', ') || 'not named'],
    [
      'captured bytes lost',
      loss === undefined ? 'not told: no `stats` events' : `${(loss * 100).toFixed(2)}%`,
    ],
  ];
  return {
    id: 'audit',
    title: 'Audit',
    about: 'What this report stands on.',
    figures: [],
    charts: [],
    tables: [
      { title: 'Coverage', columns: ['what', 'value'], rows },
      {
        title: 'Assumptions',
        columns: ['name', 'value'],
        rows: Object.entries(assumptions).map(([name, value]) => [name, value]),
      },
    ],
    notes,
  };
}
