import type { PeriodData } from '../period-data.ts';
import type { Section, Table } from '../report.ts';
import { shareOf } from './common.ts';
import type { Sources } from './common.ts';

/** Who is who: which accounts have an owner. The names themselves are in `imspan names seen`. */
export function names({ now, before }: Sources): Section {
  return {
    id: 'names',
    title: 'Names',
    about: 'Which screen name is which employee. `imspan names seen` lists the names without an owner.',
    figures: [
      { id: 'owners', value: ownedOf(now), before: before && ownedOf(before) },
      { id: 'shared', value: severalOf(now), before: before && severalOf(before) },
    ],
    charts: [],
    tables: [byNetwork(now)],
    notes:
      ownedOf(now) === 0 && now.accounts.size > 0
        ? ['No account has an owner: give the registry of names (`--names FILE`) to replay or sniff.']
        : [],
  };
}

function ownedOf({ accounts }: PeriodData): number {
  return [...accounts.values()].filter(({ person }) => person !== undefined).length;
}

function severalOf({ accounts }: PeriodData): number {
  const people = new Map<string, number>();
  for (const { person } of accounts.values())
    if (person !== undefined) people.set(person, (people.get(person) ?? 0) + 1);
  return [...people.values()].filter((n) => n > 1).length;
}

function byNetwork({ accounts }: PeriodData): Table {
  const networks = new Map<string, { all: number; owned: number }>();
  for (const { service, person } of accounts.values()) {
    const of = networks.get(service) ?? { all: 0, owned: 0 };
    of.all++;
    if (person !== undefined) of.owned++;
    networks.set(service, of);
  }
  const rows = [...networks]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { all, owned }]) => [
      ...[name, all, owned, all - owned],
      `${((shareOf(owned, all) ?? 0) * 100).toFixed(1)}%`,
    ]);
  return {
    title: 'Accounts and owners by network',
    columns: ['network', 'accounts', 'with an owner', 'without', 'share with an owner'],
    rows,
  };
}
