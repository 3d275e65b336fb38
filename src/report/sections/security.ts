import type { FindingUse, PeriodData } from '../period-data.ts';
import type { Section, Table } from '../report.ts';
import { daily, largest, shareOf, TOP } from './common.ts';
import type { Sources } from './common.ts';

const SEVERITIES = ['', 'high', 'medium', 'low'] as const;
const SPREAD = /received from (.+) before: generation (\d+)/;
const PARENT = /parent finding ([0-9a-f]+)/;

/** What the alerts say: by class and severity, by client and account, over time, and the trees of what spread. */
export function security(sources: Sources): Section {
  const { now, before } = sources;
  const findings = daily(sources, (day) => day.findings);
  const severe = daily(sources, (day) => day.severe);
  return {
    id: 'security',
    title: 'Security',
    about: 'What was found that the security team has to look at.',
    figures: [
      { id: 'findings', value: now.findings.size, before: before?.findings.size },
      { id: 'severe', value: severeOf(now), before: before && severeOf(before) },
      { id: 'exposed', value: exposedOf(now), before: before && exposedOf(before) },
      { id: 'unmanaged', value: unmanagedOf(now), before: before && unmanagedOf(before) },
      { id: 'carried', value: carriedOf(now), before: before && carriedOf(before) },
    ],
    charts: [
      {
        title: 'Findings a day',
        kind: 'bars',
        labels: findings.labels,
        series: [
          { name: 'all', values: findings.values },
          { name: 'high severity', values: severe.values },
        ],
        unit: 'findings',
      },
    ],
    tables: [byClass(now), byAccount(now), byClient(now), ...spreads(now)],
    notes: [],
  };
}

function severeOf({ findings }: PeriodData): number {
  return [...findings.values()].filter(({ severity }) => severity === 1).length;
}

function exposedOf({ accounts }: PeriodData): number {
  return [...accounts.values()].filter(({ exposed }) => exposed).length;
}

function unmanagedOf({ accounts }: PeriodData): number | undefined {
  const without = [...accounts.values()].filter(({ person }) => person === undefined).length;
  return shareOf(without, accounts.size);
}

function carriedOf({ sessions }: PeriodData): number | undefined {
  return shareOf([...sessions.values()].filter(({ carried }) => carried).length, sessions.size);
}

function byClass({ findings }: PeriodData): Table {
  const classes = new Map<string, FindingUse[]>();
  for (const finding of findings.values()) {
    const name = finding.name.replace(/^IMSPAN /, '');
    const of = classes.get(name) ?? [];
    of.push(finding);
    classes.set(name, of);
  }
  const rows = largest(classes, (of) => of.length).map(([name, of]) => [
    ...[String(of[0]?.id), name, SEVERITIES[Math.min(...of.map(({ severity }) => severity))]],
    ...[
      of.length,
      of.reduce((all, { alerts }) => all + alerts, 0),
      new Set(of.map(({ address }) => address)).size,
    ],
  ]);
  return {
    title: 'Findings by class',
    columns: ['signature', 'class', 'severity', 'findings', 'alerts', 'addresses'],
    rows,
  };
}

function byAccount({ findings }: PeriodData): Table {
  const accounts = new Map<string, { findings: number; severe: number; addresses: Set<string> }>();
  for (const { service, account, address, severity } of findings.values()) {
    const key = `${service}\0${account ?? 'unknown account'}`;
    const of = accounts.get(key) ?? { findings: 0, severe: 0, addresses: new Set<string>() };
    of.findings++;
    if (severity === 1) of.severe++;
    if (address !== undefined) of.addresses.add(address);
    accounts.set(key, of);
  }
  const rows = largest(accounts, (of) => of.findings)
    .slice(0, TOP)
    .map(([key, of]) => [
      ...key.split('\0'),
      ...[[...of.addresses].sort().slice(0, 3).join(', '), of.findings, of.severe],
    ]);
  return {
    title: `Accounts with the most findings (${Math.min(TOP, accounts.size)} of ${accounts.size})`,
    columns: ['network', 'account', 'addresses', 'findings', 'high severity'],
    rows,
    note: 'Names are shown here because each is to be followed up; nothing else of the report names a person.',
  };
}

function byClient({ accounts }: PeriodData): Table {
  const clients = new Map<string, number>();
  for (const { service, clients: used } of accounts.values())
    for (const client of used.size === 0 ? ['not identified'] : used) {
      const key = `${service}\0${client}`;
      clients.set(key, (clients.get(key) ?? 0) + 1);
    }
  const rows = largest(clients, (n) => n)
    .slice(0, TOP)
    .map(([key, n]) => [...key.split('\0'), n]);
  return { title: 'Clients in use', columns: ['network', 'client', 'accounts'], rows };
}

/** What was passed on, under what it came from. */
function spreads({ findings }: PeriodData): Table[] {
  const children = new Map<string, string[]>();
  const roots: string[] = [];
  for (const [key, { evidence }] of findings) {
    const parent = evidence.map((fact) => PARENT.exec(fact)?.[1]).find((id) => id !== undefined);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), key]);
    else if (evidence.some((fact) => fact.startsWith('the same to '))) roots.push(key);
  }
  const rows: (string | number | undefined)[][] = [];
  const seen = new Set<string>();
  const add = (key: string, depth: number): void => {
    const finding = findings.get(key);
    if (finding === undefined || seen.has(key) || rows.length >= 200) return;
    seen.add(key);
    const from = finding.evidence.map((fact) => SPREAD.exec(fact)?.[1]).find((name) => name !== undefined);
    rows.push([depth, finding.account, from, finding.evidence[0], finding.day]);
    for (const child of children.get(key) ?? []) add(child, depth + 1);
  };
  for (const root of roots) add(root, 0);
  if (rows.length === 0) return [];
  const columns = ['generation', 'account', 'received from', 'what was seen', 'day'];
  return [{ title: 'What spread, and from whom to whom', columns, rows }];
}
