import { linearRegression, mean, probit } from 'simple-statistics';
import { daysFrom, plusDays, weekdayOf } from './calendar.ts';

export interface ForecastDay {
  readonly day: string;
  readonly value: number;
  /** Four of five days are expected between these. */
  readonly low: number;
  readonly high: number;
}

export interface Forecast {
  readonly days: readonly ForecastDay[];
  /** Change a day, of the trend. */
  readonly slope: number;
  /** The last third of the days as the first two would have foretold them. */
  readonly backTest: {
    readonly days: number;
    /** Mean of |foretold - seen|, over the mean of what was seen. */
    readonly error: number;
    /** Share of the days that lay between the bounds. */
    readonly within: number;
  };
  readonly weekdays: boolean;
}

/** Fewest days with events; fewer say nothing of a trend. */
export const FEWEST_DAYS = 14;
/** From so many days on each day of the week has its own share. */
const WEEKDAYS_FROM = 28;
/** Share of the days that may be missing. */
const MOST_MISSING = 1 / 3;
const INTERVAL = 0.8;
const Z = probit(1 - (1 - INTERVAL) / 2);

interface Model {
  predict(day: number, weekday: number): { value: number; low: number; high: number };
  readonly slope: number;
}

/**
 * A straight line (least squares) through the daily values, each divided by the share of its day of the week where
 * there are four weeks of them; bounds are those of a prediction about the line for normal residuals. Answers with the reason
 * where there is too little to go by.
 */
export function forecast(seen: ReadonlyMap<string, number>, ahead: number): Forecast | string {
  const days = [...seen.keys()].sort();
  const [first] = days;
  const last = days.at(-1);
  if (first === undefined || last === undefined || days.length < FEWEST_DAYS)
    return `${days.length} days with events; ${FEWEST_DAYS} are needed`;
  const all = daysFrom(first, last);
  const missing = all.length - days.length;
  if (missing / all.length > MOST_MISSING) return `${missing} of ${all.length} days have no events`;
  const values = all.map((day) => seen.get(day));
  const weekdays = all.map(weekdayOf);
  const model = fit(values, weekdays);
  const next = Array.from({ length: ahead }, (_, i) => plusDays(last, i + 1));
  return {
    days: next.map((day, i) => ({ day, ...model.predict(all.length + i, weekdayOf(day)) })),
    slope: model.slope,
    backTest: backTest(values, weekdays),
    weekdays: all.length >= WEEKDAYS_FROM,
  };
}

function backTest(
  values: readonly (number | undefined)[],
  weekdays: readonly number[],
): Forecast['backTest'] {
  const known = Math.floor((values.length * 2) / 3);
  const model = fit(values.slice(0, known), weekdays.slice(0, known));
  const errors: number[] = [];
  const actual: number[] = [];
  let within = 0;
  for (let i = known; i < values.length; i++) {
    const value = values[i];
    if (value === undefined) continue;
    const foretold = model.predict(i, weekdays[i] ?? 0);
    errors.push(Math.abs(foretold.value - value));
    actual.push(value);
    if (value >= foretold.low && value <= foretold.high) within++;
  }
  const level = actual.length === 0 ? 0 : mean(actual);
  return {
    days: actual.length,
    error: level === 0 ? 0 : mean(errors) / level,
    within: actual.length === 0 ? 0 : within / actual.length,
  };
}

function fit(values: readonly (number | undefined)[], weekdays: readonly number[]): Model {
  const shares = values.length >= WEEKDAYS_FROM ? sharesOf(values, weekdays) : NO_SHARES;
  const points: [number, number][] = [];
  values.forEach((value, day) => {
    const share = shares[weekdays[day] ?? 0] ?? 1;
    if (value !== undefined && share > 0) points.push([day, value / share]);
  });
  const { m, b } = linearRegression(points);
  const centre = mean(points.map(([day]) => day));
  const spread = points.reduce((sum, [day]) => sum + (day - centre) ** 2, 0);
  const squares = points.reduce((sum, [day, value]) => sum + (value - (m * day + b)) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, points.length - 2));
  return {
    slope: m,
    predict(day, weekday) {
      const share = shares[weekday] ?? 1;
      const off =
        Z * deviation * Math.sqrt(1 + 1 / points.length + (spread === 0 ? 0 : (day - centre) ** 2 / spread));
      const at = m * day + b;
      const bound = (value: number): number => Math.max(0, value * share);
      return { value: bound(at), low: bound(at - off), high: bound(at + off) };
    },
  };
}

const NO_SHARES: readonly number[] = [1, 1, 1, 1, 1, 1, 1];

/** Mean of each day of the week over the mean of all. */
function sharesOf(values: readonly (number | undefined)[], weekdays: readonly number[]): number[] {
  const seen = values.filter((value) => value !== undefined);
  const level = seen.length === 0 ? 0 : mean(seen);
  if (level === 0) return [...NO_SHARES];
  return NO_SHARES.map((_, weekday) => {
    const own = values.filter((value, i) => value !== undefined && weekdays[i] === weekday);
    return own.length === 0 ? 1 : mean(own.filter((value) => value !== undefined)) / level;
  });
}
