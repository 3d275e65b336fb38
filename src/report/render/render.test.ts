import { describe, expect, test } from '@jest/globals';
import { defaultAssumptions } from '../assumptions.ts';
import { Calendar } from '../calendar.ts';
import { Gatherer } from '../gatherer.ts';
import { readLogEvent } from '../log-event.ts';
import { makeReport } from '../make.ts';
import type { Report } from '../report.ts';
import { makeEvents } from '../testing.ts';
import { reportCsv, reportJson, reportMarkdown } from './flat.ts';
import { reportHtml } from './html.ts';

/** A report in which a stranger chose every name. */
function hostile(name: string): Report {
  const lines = makeEvents(30, 12, 2, 1).lines.map((line) => {
    const event = JSON.parse(line) as { im: Record<string, unknown>; alert?: { signature: string } };
    event.im = { ...event.im, account: name, from: name, service: name, client: { name } };
    if (event.alert) event.alert.signature = name;
    return JSON.stringify({ ...event, im: { ...event.im, department: name }, host: name });
  });
  const gathered = new Gatherer(new Calendar());
  for (const line of lines) {
    const event = readLogEvent(line);
    if (event) gathered.take(event);
  }
  const options = { assumptions: { ...defaultAssumptions(), smallest_group: 1 }, currency: 'EUR' };
  const report = makeReport(gathered, { ...options, files: 1, badLines: 0, logBytes: 1 });
  if (report === undefined) throw new Error('no events');
  return report;
}

describe('a stranger chose the names', () => {
  test('HTML holds no element, attribute, script or address that the report did not make', () => {
    const html = reportHtml(hostile(`"><script>alert(1)</script><img src=x onerror='y'>\u202e\u0007`));
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('\\u{202e}\\u{7}');
    expect(html).not.toMatch(/<script|<img|<link|<iframe|<object|[\u202e\u0007]/);
    const tags = new Set([...html.matchAll(/<([a-z!][a-z0-9]*)/gi)].map(([, tag]) => tag));
    expect([...tags].sort()).toEqual(
      [
        ...[
          '!doctype',
          'html',
          'head',
          'meta',
          'title',
          'style',
          'body',
          'header',
          'h1',
          'p',
          'nav',
          'a',
          'main',
        ],
        ...['section', 'h2', 'h3', 'dl', 'div', 'dt', 'dd', 'em', 'figure', 'figcaption', 'span', 'details'],
        ...['summary', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'svg', 'line', 'text', 'rect', 'path'],
      ].sort(),
    );
    expect(html).not.toMatch(/(?:src|href)="(?!#)/);
    expect(html).toContain('default-src &#39;none&#39;');
  });

  test('Markdown cells stay cells, and nothing in them is a link', () => {
    const text = reportMarkdown(hostile('a|b](http://x.example) `c` <b>'));
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    for (const row of rows) expect(row.replaceAll('\\|', '').split('|').length).toBeGreaterThan(2);
    expect(text).not.toMatch(/(?<!\\)\]\(/);
    expect(text).not.toContain('<b>');
    expect(text).not.toContain('http://');
  });

  test('CSV holds no formula, and a name is one cell', () => {
    const csv = reportCsv(hostile('=HYPERLINK("http://x.example","y"),\r\n+1'));
    for (const line of csv.split('\r\n'))
      for (const cell of line.split(',')) expect(cell.replace(/^"/, '')).not.toMatch(/^[=+@\t\r]|^-[^\d]/);
    expect(csv).toContain("'=HYPERLINK");
  });

  test('JSON is JSON, with the definitions', () => {
    const read = JSON.parse(reportJson(hostile('\ud800"\n'))) as Report;
    expect(read.sections.map(({ id }) => id)).toEqual([
      'security',
      'value',
      'planning',
      'names',
      'charge-back',
      'audit',
    ]);
    expect(read.sections[0]?.figures[0]).toHaveProperty('definition');
  });
});

test('what is shown is the same each time', () => {
  const report = hostile('x');
  expect(reportHtml(report)).toBe(reportHtml(hostile('x')));
  expect(reportHtml(report)).toContain('<svg');
});
