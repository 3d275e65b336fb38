import { csvCell } from '../../classify/csv.ts';
import { FIGURES } from '../figures.ts';
import type { Cell, Figure, Report, Table } from '../report.ts';
import { escapeMarkdown } from './escape.ts';
import { cellText, change, figureText, plain } from './words.ts';

/** The report as Markdown; charts as tables of their numbers are left out. */
export function reportMarkdown({ title, sections, before, zone }: Report): string {
  const lines = [`# ${escapeMarkdown(plain(title))}`, '', `Days and hours of ${escapeMarkdown(zone)}.`];
  if (before !== undefined) lines.push(`Compared with ${before.from} to ${before.to}.`);
  for (const section of sections) {
    lines.push('', `## ${section.title}`, '', section.about, '');
    for (const note of section.notes) lines.push(`> ${escapeMarkdown(plain(note))}`, '');
    if (section.figures.length > 0) lines.push(...markdownTable(figureTable(section.figures)), '');
    for (const table of section.tables)
      if (table.rows.length > 0) lines.push(`### ${table.title}`, '', ...markdownTable(table), '');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** Every figure and table as CSV (RFC 4180), a blank line between them. Cells that a spreadsheet would calculate are made text. */
export function reportCsv({ sections }: Report): string {
  const blocks = sections.flatMap(({ title, figures, tables }) => [
    ...(figures.length > 0 ? [{ ...numbersTable(figures), title: `${title}: figures` }] : []),
    ...tables.map((table) => ({ ...table, title: `${title}: ${table.title}` })),
  ]);
  return blocks
    .map(({ title, columns, rows }) => [[title], columns, ...rows].map(csvRow).join('\r\n'))
    .join('\r\n\r\n')
    .concat('\r\n');
}

/** All of it as JSON, with the definition of each figure. */
export function reportJson(report: Report): string {
  const sections = report.sections.map((section) => ({
    ...section,
    figures: section.figures.map((figure) => ({ ...figure, ...FIGURES[figure.id] })),
  }));
  return `${JSON.stringify({ ...report, sections }, null, 2)}\n`;
}

function figureTable(figures: readonly Figure[]): Table {
  const rows = figures.map((figure) => [FIGURES[figure.id].title, figureText(figure), change(figure)]);
  return { title: '', columns: ['figure', 'value', 'against the period before'], rows };
}

function numbersTable(figures: readonly Figure[]): Table {
  const rows = figures.map(({ id, value, before }) => [FIGURES[id].title, value, FIGURES[id].unit, before]);
  return { title: '', columns: ['figure', 'value', 'unit', 'period before'], rows };
}

function markdownTable({ columns, rows }: Table): string[] {
  return [
    `| ${columns.map(escapeMarkdown).join(' | ')} |`,
    `|${columns.map(() => ' --- ').join('|')}|`,
    ...rows.map((row) => `| ${row.map((cell) => escapeMarkdown(cellText(cell))).join(' | ')} |`),
  ];
}

function csvRow(cells: readonly Cell[]): string {
  return cells
    .map((cell) => (cell === undefined ? '' : typeof cell === 'number' ? String(cell) : csvCell(plain(cell))))
    .join(',');
}
