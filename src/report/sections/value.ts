import type { ConversationUse, PeriodData } from '../period-data.ts';
import type { Section, Table } from '../report.ts';
import { activeUsers, byDepartment, daily, NO_DEPARTMENT, peopleIn, shareOf, sum } from './common.ts';
import type { Sources } from './common.ts';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Whether IM is worth it: who relies on it, how fast they answer, and what it replaces under the assumptions. */
export function value(sources: Sources): Section {
  const { now, before, assumptions, currency } = sources;
  const users = daily(sources, (day) => day.users.size);
  const saved = savingsOf(now, sources);
  const was = before && savingsOf(before, sources);
  return {
    id: 'value',
    title: 'Value',
    about: `What the use of IM is worth. Costs are in ${currency}; the assumptions stand at the end.`,
    figures: [
      { id: 'users', value: activeUsers(now).size, before: before && activeUsers(before).size },
      { id: 'messages', value: now.messages, before: before?.messages },
      { id: 'conversations', value: now.conversations.size, before: before?.conversations.size },
      { id: 'files', value: now.files.size, before: before?.files.size },
      { id: 'response', value: now.responses.quantile(0.5), before: before?.responses.quantile(0.5) },
      { id: 'internal', value: internalOf(now), before: before && internalOf(before) },
      { id: 'business', value: businessOf(now, sources), before: before && businessOf(before, sources) },
      { id: 'departments', value: departmentsOf(now), before: before && departmentsOf(before) },
      { id: 'mails', value: saved.mails, before: was?.mails },
      { id: 'calls', value: saved.calls, before: was?.calls },
      { id: 'time_saved', value: saved.hours, before: was?.hours },
      {
        id: 'money_saved',
        value: saved.hours * assumptions.cost_an_hour,
        before: was && was.hours * assumptions.cost_an_hour,
      },
    ],
    charts: [
      {
        title: 'Active users a day',
        kind: 'lines',
        labels: users.labels,
        series: [{ name: 'users', values: users.values }],
        unit: 'people',
      },
      {
        title: 'Messages by hour of the day',
        kind: 'bars',
        labels: Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0')),
        series: [
          { name: 'Monday to Friday', values: byHour(now, 0, 5) },
          { name: 'weekend', values: byHour(now, 5, 7) },
        ],
        unit: 'messages',
      },
    ],
    tables: [byNetwork(now), departmentTable(sources), pairTable(sources), weekTable(now)],
    notes: saved.hours < 0 ? ['Under these assumptions IM takes more time than it saves.'] : [],
  };
}

function savingsOf(
  data: PeriodData,
  { assumptions: a }: Sources,
): { mails: number; calls: number; hours: number } {
  const instead = data.conversations.size * a.conversations_for_mail;
  const mails = instead * a.mails_a_conversation;
  const calls = data.conversations.size * a.conversations_for_calls;
  const minutes =
    mails * a.minutes_a_mail +
    calls * 2 * a.minutes_a_call -
    (instead + calls) * 2 * a.minutes_a_conversation;
  return { mails, calls, hours: minutes / 60 };
}

/** Undefined where of no conversation all members are known. */
function internalOf(data: PeriodData): number | undefined {
  let inside = 0;
  let known = 0;
  for (const { service, members, room } of data.conversations.values()) {
    if (room || members.size < 2) continue;
    known++;
    if ([...members].every((member) => data.accounts.has(`${service} ${member}`))) inside++;
  }
  return shareOf(inside, known);
}

function businessOf(data: PeriodData, { assumptions }: Sources): number | undefined {
  let within = 0;
  for (let day = 0; day < 5; day++)
    for (let hour = assumptions.workday_starts; hour < assumptions.workday_ends; hour++)
      within += data.week[day * 24 + hour] ?? 0;
  return shareOf(within, data.messages);
}

function departmentsOf({ accounts }: PeriodData): number | undefined {
  const found = new Set([...accounts.values()].map(({ department }) => department));
  found.delete(undefined);
  return found.size === 0 ? undefined : found.size;
}

function byHour({ week }: PeriodData, from: number, to: number): number[] {
  return Array.from({ length: 24 }, (_, hour) => {
    let total = 0;
    for (let day = from; day < to; day++) total += week[day * 24 + hour] ?? 0;
    return total;
  });
}

function byNetwork({ accounts, conversations }: PeriodData): Table {
  const networks = new Map<string, { accounts: number; sent: number; received: number; talks: number }>();
  const of = (name: string): { accounts: number; sent: number; received: number; talks: number } => {
    let use = networks.get(name);
    if (use === undefined) networks.set(name, (use = { accounts: 0, sent: 0, received: 0, talks: 0 }));
    return use;
  };
  for (const { service, sent, received } of accounts.values()) {
    const use = of(service);
    use.accounts++;
    use.sent += sent;
    use.received += received;
  }
  for (const { service } of conversations.values()) of(service).talks++;
  const rows = [...networks]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, use]) => [name, use.accounts, use.talks, use.sent, use.received]);
  return { title: 'By network', columns: ['network', 'accounts', 'conversations', 'sent', 'received'], rows };
}

function departmentTable({ now, assumptions }: Sources): Table {
  const rows = [...byDepartment(now, assumptions.smallest_group)].map(([name, accounts]) =>
    accounts.length === 0
      ? [name, undefined, undefined, undefined]
      : [
          name,
          peopleIn(accounts),
          sum(accounts.map(({ sent }) => sent)),
          sum(accounts.map(({ received }) => received)),
        ],
  );
  return {
    title: 'Departments that rely on it',
    columns: ['department', 'people', 'sent', 'received'],
    rows,
    note: `Departments of fewer than ${assumptions.smallest_group} people are not shown by themselves.`,
  };
}

/** Pairs of departments that talk, where both are large enough. */
function pairTable({ now, assumptions }: Sources): Table {
  const shown = byDepartment(now, assumptions.smallest_group);
  const departmentOf = new Map<string, string>();
  for (const [name, accounts] of shown)
    for (const account of accounts) departmentOf.set(`${account.service} ${account.name}`, name);
  const pairs = new Map<string, { talks: number; messages: number; people: Set<string> }>();
  for (const talk of now.conversations.values()) addPair(talk, departmentOf, pairs);
  const rows = [...pairs]
    .filter(([, { people }]) => people.size >= assumptions.smallest_group)
    .sort(([a, x], [b, y]) => y.messages - x.messages || (a < b ? -1 : 1))
    .slice(0, 20)
    .map(([key, { talks, messages }]) => [...key.split('\0'), talks, messages]);
  return {
    title: 'Departments that talk with each other',
    columns: ['one', 'other', 'conversations', 'messages'],
    rows,
  };
}

function addPair(
  { service, members, messages, room }: ConversationUse,
  departmentOf: ReadonlyMap<string, string>,
  pairs: Map<string, { talks: number; messages: number; people: Set<string> }>,
): void {
  if (room || members.size !== 2) return;
  const ends = [...members].map((member) => departmentOf.get(`${service} ${member}`)).sort();
  const [one, other] = ends;
  if (one === undefined || other === undefined || one === NO_DEPARTMENT || other === NO_DEPARTMENT) return;
  const key = `${one}\0${other}`;
  const pair = pairs.get(key) ?? { talks: 0, messages: 0, people: new Set<string>() };
  pair.talks++;
  pair.messages += messages;
  for (const member of members) pair.people.add(`${service} ${member}`);
  pairs.set(key, pair);
}

function weekTable({ week }: PeriodData): Table {
  const rows = DAYS.map((name, day) => {
    const hours = Array.from({ length: 24 }, (_, hour) => week[day * 24 + hour] ?? 0);
    return [name, sum(hours), hours.indexOf(Math.max(...hours))];
  });
  return { title: 'Days of the week', columns: ['day', 'messages', 'busiest hour'], rows };
}
