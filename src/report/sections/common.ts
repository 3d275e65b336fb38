import type { Calendar } from '../calendar.ts';
import { daysFrom } from '../calendar.ts';
import type { Assumptions } from '../assumptions.ts';
import { userOf } from '../period-data.ts';
import type { AccountUse, PeriodData } from '../period-data.ts';
import type { Coverage } from '../report.ts';

/** What a section is made of. */
export interface Sources {
  readonly now: PeriodData;
  /** The period before, where there is one. */
  readonly before: PeriodData | undefined;
  readonly period: { readonly from: string; readonly to: string };
  readonly calendar: Calendar;
  readonly assumptions: Assumptions;
  readonly coverage: Coverage;
  /** Bytes of the logs as read. */
  readonly logBytes: number;
  readonly currency: string;
}

export const OTHERS = 'smaller groups together';
export const NO_DEPARTMENT = 'no department known';
/** Rows of a table that shows the most of something. */
export const TOP = 20;

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** A part of a whole; undefined where there is no whole. */
export function shareOf(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}

/** Accounts by the department of their owners; groups of fewer people than `smallest` are together one. */
export function byDepartment(data: PeriodData, smallest: number): Map<string, AccountUse[]> {
  const groups = new Map<string, AccountUse[]>();
  for (const account of data.accounts.values()) {
    const name = account.department ?? NO_DEPARTMENT;
    const group = groups.get(name) ?? [];
    group.push(account);
    groups.set(name, group);
  }
  const shown = new Map<string, AccountUse[]>();
  const others: AccountUse[] = [];
  for (const [name, group] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (peopleIn(group) >= smallest) shown.set(name, group);
    else others.push(...group);
  }
  // Of one small group alone "the others" would be that group.
  if (others.length > 0) {
    if (peopleIn(others) >= smallest) shown.set(OTHERS, others);
    else shown.set(`${OTHERS} (fewer than ${smallest} people: not counted here)`, []);
  }
  return shown;
}

export function peopleIn(accounts: readonly AccountUse[]): number {
  return new Set(accounts.map(userOf)).size;
}

/** Everybody active in a period. */
export function activeUsers(data: PeriodData): Set<string> {
  const users = new Set<string>();
  for (const { users: ofDay } of data.days.values()) for (const user of ofDay) users.add(user);
  return users;
}

/** One number a day of the period; undefined on days without an event. */
export function daily(
  { now, period }: Sources,
  of: (day: NonNullable<ReturnType<PeriodData['days']['get']>>) => number,
): { labels: string[]; values: (number | undefined)[] } {
  const labels = daysFrom(period.from, period.to);
  const values = labels.map((label) => {
    const day = now.days.get(label);
    return day === undefined ? undefined : of(day);
  });
  return { labels, values };
}

/** The largest of a map first; names in order where they are equal. */
export function largest<T>(map: Iterable<readonly [string, T]>, size: (value: T) => number): [string, T][] {
  return [...map]
    .map(([name, value]): [string, T] => [name, value])
    .sort(([a, x], [b, y]) => size(y) - size(x) || (a < b ? -1 : 1));
}
