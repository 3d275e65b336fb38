/**
 * Makes the reference pages of docs/ from the tables in the code: `npm run docs`. With `--check`
 * it compares instead, and exits with 1 where a page is not current.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { format, resolveConfig } from 'prettier';
import { protocols } from '../protocols/index.ts';
import { CLASSIFY_LIMITS } from '../src/classify/limits.ts';
import { renderAlertsDoc } from '../src/classify/signatures.ts';
import { ARCHIVE_LIMITS } from '../src/archive/limits.ts';
import { alertsCommand } from '../src/cli/alerts.ts';
import { archiveCommand } from '../src/cli/archive.ts';
import { interfacesCommand } from '../src/cli/interfaces.ts';
import { policyCommand } from '../src/cli/policy.ts';
import { namesCommand } from '../src/cli/names.ts';
import { replayCommand } from '../src/cli/replay.ts';
import { searchCommand } from '../src/cli/search.ts';
import { sniffCommand } from '../src/cli/sniff.ts';
import { transcriptCommand } from '../src/cli/transcript.ts';
import type { AnomalyTable } from '../src/core/anomaly.ts';
import { LIMITS } from '../src/core/limits.ts';
import type { LimitInfo } from '../src/core/limits.ts';
import { worstCaseOf } from '../src/core/worst-case.ts';
import { DECODE_ANOMALIES, FRAGMENT_ANOMALIES } from '../src/decode/result.ts';
import { STREAM_ANOMALIES } from '../src/dissect/anomalies.ts';
import { SERVICE_ROWS } from '../src/sdk/services/rows.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const MADE = '<!-- Made from the code by `npm run docs`; change it there. -->';

function anomalies(): string {
  const section = (title: string, intro: string, table: AnomalyTable): string =>
    [
      `## ${title}`,
      '',
      intro,
      '',
      '| code | what was seen | what to think of it |',
      '| --- | --- | --- |',
      ...Object.entries(table).map(([code, a]) => `| \`${code}\` | ${a.meaning} | ${a.note} |`),
      '',
    ].join('\n');
  return [
    '# Anomalies',
    '',
    MADE,
    '',
    'Named oddities of the traffic. In EVE they are `anomaly` events; each code is told at most once a connection, and all are counted in `stats`. A code never changes its meaning once released.',
    '',
    section('Decoding', 'Counted in `stats` and told once a kind in the summary; type `decode`.', {
      ...DECODE_ANOMALIES,
      ...FRAGMENT_ANOMALIES,
    }),
    section(
      'Streams',
      'Of IM connections, whatever their protocol; type `stream` (the last two: `applayer`).',
      STREAM_ANOMALIES,
    ),
    ...protocols.map((p) => section(p.title, `Protocol \`${p.name}\`; type \`applayer\`.`, p.anomalies)),
  ].join('\n');
}

function services(): string {
  const rows = SERVICE_ROWS.map((row) => {
    const place = `${row.host}${row.path ?? ''}${row.query === undefined ? '' : `?…${row.query}…`}`;
    const spoken = !row.web ? 'TLS' : row.path === undefined ? 'HTTP, TLS' : 'HTTP';
    const confidence = row.ignore === true ? 'says nothing' : row.confidence;
    return `| \`${place}\` | ${row.service} | ${row.role} | ${spoken} | ${confidence} | ${row.source} | ${row.date} |`;
  });
  return [
    '# Services',
    '',
    MADE,
    '',
    'Hosts, and places on them, by which IM networks are recognised where their protocol cannot be read: by the server name or the certificate of TLS, by the request of plain HTTP, by what a proxy was asked for and refused. A host stands for all names below it; the longest host wins, and of its places the longest path. Where other software uses a host, too, the confidence is medium; where no source was at hand, low. The file is `src/sdk/services/rows.ts`.',
    '',
    '| place | `im.service` | what for | seen in | confidence | source | looked at |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function limits(): string {
  const rows = Object.entries(LIMITS).map(([name, l]) => {
    const cost = l.cost === 0 ? '' : `${(l.cost * l.default).toLocaleString('en-US')}`;
    const anomaly = 'anomaly' in l ? `\`${l.anomaly}\`` : '';
    return `| \`${name}\` | ${l.default.toLocaleString('en-US')} | ${l.unit} | ${cost} | ${anomaly} | ${l.meaning} |`;
  });
  const rowsOf = (table: Readonly<Record<string, LimitInfo>>): string[] =>
    Object.entries(table).map(
      ([name, l]) => `| \`${name}\` | ${l.default.toLocaleString('en-US')} | ${l.unit} | ${l.meaning} |`,
    );
  return [
    '# Limits',
    '',
    MADE,
    '',
    'Every byte of the traffic comes from a stranger, so everything that could grow has a maximum. Set one with `--limit NAME=VALUE`. "Worst case" is the memory in bytes that the limit can cost by itself at its default.',
    '',
    '| name | default | unit | worst case | counted as | meaning |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    worstCase(),
    '',
    '## Of the policy stage',
    '',
    'Fixed, not set from the command line.',
    '',
    '| name | default | unit | meaning |',
    '| --- | --- | --- | --- |',
    ...rowsOf(CLASSIFY_LIMITS),
    '',
    '## Of the archive',
    '',
    'Fixed, not set from the command line.',
    '',
    '| name | default | unit | meaning |',
    '| --- | --- | --- | --- |',
    ...rowsOf(ARCHIVE_LIMITS),
    '',
  ].join('\n');
}

/** The sum of all, in words. */
function worstCase(): string {
  const total = worstCaseOf(LIMITS, CLASSIFY_LIMITS, ARCHIVE_LIMITS);
  return `All limits reached at once, those of the policy stage and the archive too, cost ${total.toLocaleString('en-US')} bytes at the defaults. What lies within another limit (\`stream_buffer\` in \`stream_buffer_total\`, \`carrier_streams\` in \`im_flows\`) is counted once. To this comes what the program and Node.js take in any case (about 100 MiB for each worker), and what the garbage collector has not yet given back.`;
}

function cliCommand(command: Command, before = 'imspan'): string[] {
  const option = (flags: string, description: string, value: unknown): string => {
    const isDefault =
      value !== undefined &&
      value !== false &&
      value !== '' &&
      !(Array.isArray(value) && value.length === 0) &&
      value !== true;
    return `| \`${flags.replaceAll('|', '\\|')}\` | ${description.replaceAll('|', '\\|')}${isDefault ? ` (default \`${String(value)}\`)` : ''} |`;
  };
  const name = `${before} ${command.name()}`;
  if (command.commands.length > 0)
    return [
      `## \`${name}\``,
      '',
      `${command.description()}.`,
      '',
      ...command.commands.flatMap((sub) => cliCommand(sub, name)),
    ];
  const options = command.options.map((o) => option(o.flags, o.description, o.defaultValue));
  return [
    `${before === 'imspan' ? '##' : '###'} \`${name} ${command.usage()}\``,
    '',
    `${command.description()}.`,
    '',
    ...(options.length === 0 ? [] : ['| option | meaning |', '| --- | --- |', ...options, '']),
  ];
}

function cli(): string {
  return [
    '# Command line',
    '',
    MADE,
    '',
    ...[
      ...[replayCommand(), sniffCommand(), interfacesCommand()],
      ...[policyCommand(), namesCommand(), alertsCommand()],
      ...[archiveCommand(), searchCommand(), transcriptCommand()],
    ].flatMap((command) => cliCommand(command)),
    '## Exit codes',
    '',
    '| code | meaning |',
    '| --- | --- |',
    '| 0 | all was read |',
    '| 1 | an alert was raised, and `--fail-on-alert` was given |',
    '| 2 | the command line or a configuration file is wrong |',
    '| 3 | an input could not be read whole, or an output not written |',
    '| 4 | a bug of ours |',
    '',
  ].join('\n');
}

function protocolsPage(): string {
  return [
    '# Protocols',
    '',
    MADE,
    '',
    'Recognised from the bytes of both directions, on any port; the usual ports are only a hint for which end is the server where the beginning is missing.',
    '',
    '| `app_proto` | what it is | networks | transport | usual ports | details |',
    '| --- | --- | --- | --- | --- | --- |',
    ...protocols.map(
      (p) =>
        `| \`${p.name}\` | ${p.title} | ${p.services.join(', ')} | ${p.transport.toUpperCase()} | ${p.ports.join(', ') || 'any'} | [README](../protocols/${p.name}/README.md) |`,
    ),
    '',
  ].join('\n');
}

const PAGES: Readonly<Record<string, () => string>> = {
  'docs/ANOMALIES.md': anomalies,
  'docs/ALERTS.md': renderAlertsDoc,
  'docs/LIMITS.md': limits,
  'docs/CLI.md': cli,
  'docs/PROTOCOLS.md': protocolsPage,
  'docs/SERVICES.md': services,
  'README.md': readme,
};

const SAMPLE = 'captures/yahoo/basic-ymsg12.pcap';
const SAMPLE_BEGIN = `<!-- What follows is what \`npm run docs\` saw of ${SAMPLE}. -->`;
const SAMPLE_END = '<!-- end of the sample -->';

/** README with its sample made anew: what the built program prints of a shipped capture. */
function readme(): string {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  const [before, rest] = text.split(SAMPLE_BEGIN);
  const after = rest?.split(SAMPLE_END)[1];
  if (before === undefined || after === undefined)
    throw new Error('README.md has lost the marks of its sample');
  const run = spawnSync(process.execPath, ['bin/imspan.js', 'replay', SAMPLE], {
    encoding: 'utf8',
    cwd: root,
  });
  if (run.status !== 0) throw new Error(`the sample failed: ${run.stderr}`);
  const lines = run.stdout.trimEnd().split('\n');
  return `${before}${SAMPLE_BEGIN}\n\n\`\`\`\n$ imspan replay ${SAMPLE}\n${lines.join('\n')}\n\`\`\`\n\n${SAMPLE_END}${after}`;
}

/** Names of pages that are not current. */
export async function stalePages(write: boolean): Promise<string[]> {
  const stale: string[] = [];
  const options = (await resolveConfig(join(root, 'package.json'))) ?? {};
  for (const [name, render] of Object.entries(PAGES)) {
    const path = join(root, name);
    const text = await format(render(), { ...options, parser: 'markdown' });
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    stale.push(name);
    if (write) writeFileSync(path, text);
  }
  return stale;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes('--check');
  const stale = await stalePages(!check);
  for (const name of stale)
    process.stdout.write(`${name}: ${check ? 'not current; run npm run docs' : 'written'}\n`);
  if (check && stale.length > 0) process.exitCode = 1;
}
