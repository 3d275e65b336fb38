import { daysBetween } from '../calendar.ts';
import type { Section } from '../report.ts';
import { byDepartment, peopleIn, sum } from './common.ts';
import type { Sources } from './common.ts';

/** What each department's use costs, by its share of the messages sent. */
export function chargeBack({ now, assumptions, period, currency }: Sources): Section {
  const months = (daysBetween(period.from, period.to) + 1) / 30;
  const cost = assumptions.cost_a_month * months;
  const groups = [...byDepartment(now, assumptions.smallest_group)];
  const sentBy = (name: string): number =>
    sum((groups.find(([own]) => own === name)?.[1] ?? []).map(({ sent }) => sent));
  const all = sum(groups.map(([name]) => sentBy(name)));
  const rows = groups.map(([name, accounts]) => {
    const sent = sentBy(name);
    const part = all === 0 ? 0 : sent / all;
    return accounts.length === 0
      ? [name, undefined, undefined, undefined, undefined]
      : [name, peopleIn(accounts), sent, `${(part * 100).toFixed(1)}%`, Number((part * cost).toFixed(2))];
  });
  return {
    id: 'charge-back',
    title: 'Charge-back',
    about: `The cost of IM by department, in ${currency}.`,
    figures: [{ id: 'charged', value: all === 0 ? 0 : cost }],
    charts: [],
    tables: [
      { title: 'By department', columns: ['department', 'people', 'messages sent', 'share', 'cost'], rows },
    ],
    notes: assumptions.cost_a_month === 0 ? ['Set `cost_a_month` in the assumptions.'] : [],
  };
}
