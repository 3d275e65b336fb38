import { FIGURES } from '../figures.ts';
import type { Figure, Report, Section, Table } from '../report.ts';
import { chartSvg, chartTable } from './chart.ts';
import { escapeHtml } from './escape.ts';
import { cellText, change, figureText, plain } from './words.ts';

/** Nothing is loaded from anywhere, and no script runs, whatever a text in the report says. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --quiet: #57606a; --paper: #ffffff; --line: #d0d7de; --s0: #0b5cad; --s1: #b35900; --s2: #1a7f37; --s3: #8250df; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --quiet: #9aa4ae; --paper: #0d1117; --line: #30363d; --s0: #58a6ff; --s1: #f0883e; --s2: #3fb950; --s3: #bc8cff; } }
@media print { :root { --ink: #000; --quiet: #444; --paper: #fff; --line: #bbb; --s0: #0b5cad; --s1: #b35900; --s2: #1a7f37; --s3: #8250df; } details { display: none; } section { break-inside: auto; } h2, h3 { break-after: avoid; } figure, tr { break-inside: avoid; } }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); } h3 { font-size: 1.05rem; margin-bottom: 0.25rem; }
.about, .note, caption { color: var(--quiet); text-align: left; }
.warn { border-left: 4px solid var(--s1); padding-left: 0.75rem; }
dl.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 0.75rem; }
dl.figures div { border: 1px solid var(--line); border-radius: 6px; padding: 0.5rem 0.75rem; }
dl.figures dt { color: var(--quiet); font-size: 0.9rem; } dl.figures dd { margin: 0; } dd.value { font-size: 1.35rem; }
dd.more { font-size: 0.85rem; color: var(--quiet); }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; } th, td { border-bottom: 1px solid var(--line); padding: 0.25rem 0.5rem; text-align: left; overflow-wrap: anywhere; } th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
svg { width: 100%; height: auto; } .grid { stroke: var(--line); } .tick { fill: var(--quiet); font-size: 11px; }
${[0, 1, 2, 3].map((i) => `rect.s${i}, circle.s${i} { fill: var(--s${i}); } path.line.s${i} { fill: none; stroke: var(--s${i}); stroke-width: 2; } path.band.s${i} { fill: var(--s${i}); opacity: 0.2; } .key.s${i} { background: var(--s${i}); }`).join('\n')}
.key { display: inline-block; width: 0.8em; height: 0.8em; margin: 0 0.35em 0 1em; } figure { margin: 1rem 0; } nav a { margin-right: 1rem; } a { color: var(--s0); }
`;

/** The report as one HTML file: printable, in light and dark, without scripts and without the network. */
export function reportHtml(report: Report): string {
  const { title, sections, before, zone } = report;
  const compared = before === undefined ? '' : ` Compared with ${before.from} to ${before.to}.`;
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escapeHtml(POLICY)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${text(title)}</title><style>${STYLE}</style></head><body>`,
    `<header><h1>${text(title)}</h1><p class="about">Days and hours of ${text(zone)}.${text(compared)} Made by imspan from ${cellText(report.coverage.events)} events.</p>`,
    `<nav aria-label="Sections">${sections.map(({ id, title: name }) => `<a href="#${id}">${text(name)}</a>`).join('')}</nav></header>`,
    '<main>',
    ...warnings(report),
    ...sections.map(sectionHtml),
    definitions(report),
    '</main></body></html>',
    '',
  ].join('\n');
}

/** What of the capture touches all figures stands before them. */
function warnings({ sections }: Report): string[] {
  const notes = sections.find(({ id }) => id === 'audit')?.notes ?? [];
  return notes.map((note) => `<p class="warn">${text(note)}</p>`);
}

function sectionHtml({ id, title, about, figures, charts, tables, notes }: Section): string {
  return [
    `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${text(title)}</h2><p class="about">${text(about)}</p>`,
    ...(id === 'audit' ? [] : notes.map((note) => `<p class="warn">${text(note)}</p>`)),
    figures.length === 0 ? '' : `<dl class="figures">${figures.map(figureHtml).join('')}</dl>`,
    ...charts.map(
      (chart) =>
        `<figure><figcaption><h3>${text(chart.title)}</h3><span class="about">${text(chart.unit)}</span>${chart.series.map(({ name }, i) => `<span class="key s${i}"></span>${text(name)}`).join('')}</figcaption>${chartSvg(chart)}${chartTable(chart)}</figure>`,
    ),
    ...tables.filter(({ rows }) => rows.length > 0).map(tableHtml),
    '</section>',
  ].join('\n');
}

function figureHtml(figure: Figure): string {
  const { title } = FIGURES[figure.id];
  const changed = change(figure);
  const more =
    changed === undefined
      ? ''
      : `<dd class="more">${text(changed)}${changed === 'as before' ? '' : ' against the period before'}</dd>`;
  return `<div><dt><a href="#figure-${figure.id}">${text(title)}</a></dt><dd class="value">${text(figureText(figure))}</dd>${more}</div>`;
}

function tableHtml({ title, columns, rows, note }: Table): string {
  const body = rows.map((row) => {
    const cells = row.map(
      (cell) => `<td${typeof cell === 'number' ? ' class="number"' : ''}>${escapeHtml(cellText(cell))}</td>`,
    );
    return `<tr>${cells.join('')}</tr>`;
  });
  const isNumber = columns.map((_, i) => rows.some((row) => typeof row[i] === 'number'));
  const head = columns
    .map(
      (column, i) => `<th scope="col"${isNumber[i] === true ? ' class="number"' : ''}>${text(column)}</th>`,
    )
    .join('');
  const under = note === undefined ? '' : `<p class="note">${text(note)}</p>`;
  return `<h3>${text(title)}</h3><table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>${under}`;
}

/** Every figure that is shown, with how it comes about and how sure it is. */
function definitions({ sections }: Report): string {
  const shown = new Set(sections.flatMap(({ figures }) => figures.map(({ id }) => id)));
  const items = [...shown].map((id) => {
    const { title, definition, uncertainty } = FIGURES[id];
    return `<dt id="figure-${id}">${text(title)}</dt><dd>${text(definition)} <em>${text(uncertainty)}</em></dd>`;
  });
  return `<section aria-labelledby="definitions"><h2 id="definitions">How the figures come about</h2><dl>${items.join('')}</dl></section>`;
}

function text(value: string): string {
  return escapeHtml(plain(value));
}
