import { createReadStream, writeFileSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { Command } from 'commander';
import { EXIT, OperatorError } from '../core/errors.ts';
import { defaultAssumptions, loadAssumptions } from '../report/assumptions.ts';
import { Calendar, readDay } from '../report/calendar.ts';
import { Gatherer } from '../report/gatherer.ts';
import { readLogEvent } from '../report/log-event.ts';
import { makeReport } from '../report/make.ts';
import { reportCsv, reportJson, reportMarkdown } from '../report/render/flat.ts';
import { reportHtml } from '../report/render/html.ts';
import type { Report } from '../report/report.ts';
import { linesOf } from './event-log.ts';

interface ReportFlags {
  html?: string;
  markdown?: string;
  csv?: string;
  json?: string;
  from?: string;
  to?: string;
  timeZone: string;
  assumptions?: string;
  currency: string;
}

const RENDERERS = { html: reportHtml, markdown: reportMarkdown, csv: reportCsv, json: reportJson } as const;
type Format = keyof typeof RENDERERS;
const FORMATS = Object.keys(RENDERERS) as Format[];

/** `imspan report`: what the events of a period say of security, value, planning and names. */
export function reportCommand(): Command {
  return new Command('report')
    .description('report on event logs: security, value, planning, names; see docs/METRICS.md')
    .argument('<logs...>', 'event logs (JSON lines, or such with gzip; - for standard input)')
    .option('--html <file>', 'one HTML file: printable, no scripts, nothing loaded')
    .option('--markdown <file>', 'Markdown; standard output where no file is named at all')
    .option('--csv <file>', 'figures and tables as CSV')
    .option('--json <file>', 'all of it as JSON')
    .option('--from <day>', 'first day of the period (2026-11-01); the period before it is compared with')
    .option('--to <day>', 'last day of the period')
    .option('--time-zone <zone>', 'whose days and hours they are, such as Europe/Berlin', 'UTC')
    .option(
      '--assumptions <file>',
      'YAML: what mails, calls and hours cost, business hours, smallest group, what-if',
    )
    .option('--currency <name>', 'of all costs', 'EUR')
    .action(async (logs: string[], flags: ReportFlags) => {
      const report = await gather(logs, flags);
      const asked = FORMATS.filter((format) => flags[format] !== undefined);
      for (const format of asked) write(flags[format] ?? '', RENDERERS[format](report));
      if (asked.length === 0) process.stdout.write(reportMarkdown(report));
    });
}

async function gather(logs: readonly string[], flags: ReportFlags): Promise<Report> {
  const from = flags.from === undefined ? undefined : readDay(flags.from, '--from');
  const to = flags.to === undefined ? undefined : readDay(flags.to, '--to');
  if (from !== undefined && to !== undefined && from > to)
    throw new OperatorError(`--from ${from} is later than --to ${to}`);
  const assumptions =
    flags.assumptions === undefined ? defaultAssumptions() : await loadAssumptions(flags.assumptions);
  const gathered = new Gatherer(new Calendar(flags.timeZone), { from, to });
  let badLines = 0;
  let logBytes = 0;
  for (const log of logs) {
    for await (const line of openLog(log)) {
      if (line === '') continue;
      const event = line === undefined ? undefined : readLogEvent(line);
      if (event === undefined) badLines++;
      else {
        logBytes += line === undefined ? 0 : line.length + 1;
        gathered.take(event);
      }
    }
  }
  const { currency } = flags;
  const report = makeReport(gathered, { assumptions, currency, badLines, logBytes, files: logs.length });
  if (report === undefined || report.coverage.events === 0)
    throw new OperatorError('there are no events of this period in the logs', EXIT.IO);
  return report;
}

/** The lines of a log, which may be compressed; throws an OperatorError where it cannot be read. */
async function* openLog(path: string): AsyncGenerator<string | undefined> {
  const name = path === '-' ? 'standard input' : path;
  try {
    if (path === '-') yield* linesOf(process.stdin);
    else if (path.endsWith('.gz')) {
      const file = createReadStream(path);
      const plain = createGunzip();
      file.on('error', (error) => plain.destroy(error));
      yield* linesOf(file.pipe(plain));
    } else yield* linesOf(createReadStream(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new OperatorError(`cannot read the events of ${name}: ${code}`, EXIT.IO);
  }
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OperatorError(`cannot write ${path}: ${code ?? String(error)}`, EXIT.IO);
  }
}
