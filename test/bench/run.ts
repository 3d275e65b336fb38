import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Cache } from './cache.ts';
import { LINES, type Report } from './lines.ts';
import { readOptions, USAGE, type Options } from './options.ts';
import { formatReport, isMissed } from './table.ts';
import { imspan } from './tools.ts';

const own = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const cache = new Cache(own('../../.bench'), own('generate'));

const options = parse();
if (options === undefined) process.exitCode = 2;
else process.exitCode = await bench(options);

function parse(): Options | undefined {
  try {
    return readOptions(process.argv.slice(2), Object.keys(LINES));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return undefined;
  }
}

/** Runs the lines; returns 1 where a bound was missed, else 0. */
async function bench(asked: Options): Promise<number> {
  const note = (text: string): void => void process.stderr.write(`${text}\n`);
  if (!imspan.available) note('imspan is not built: only the others are measured');
  const reports: Report[] = [];
  for (const name of asked.lines) {
    const report = await LINES[name]?.({ options: asked, cache, note });
    if (report === undefined) continue;
    reports.push(report);
    process.stdout.write(`${formatReport(report)}\n`);
  }
  if (asked.json !== undefined) {
    const { json, ...parameters } = asked;
    writeFileSync(json, `${JSON.stringify({ node: process.version, parameters, reports }, null, 2)}\n`);
  }
  return reports.some(isMissed) ? 1 : 0;
}
