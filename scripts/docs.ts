/**
 * Makes the reference pages of docs/ from the tables in the code: `npm run docs`. With `--check`
 * it compares instead, and exits with 1 where a page is not current.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { integrationFiles } from './integrations.ts';
import { format, resolveConfig } from 'prettier';
import { protocols } from '../protocols/index.ts';
import { CLASSIFY_LIMITS } from '../src/classify/limits.ts';
import { ALL_SIGNATURES, renderAlertsDoc } from '../src/classify/signatures.ts';
import { alertsCommand } from '../src/cli/alerts.ts';
import { configCommand } from '../src/cli/config.ts';
import { settingRows } from '../src/cli/config/render.ts';
import { doctorCommand } from '../src/cli/doctor.ts';
import { fingerprintCommand } from '../src/cli/fingerprint.ts';
import { ARCHIVE_LIMITS } from '../src/archive/limits.ts';
import { archiveCommand } from '../src/cli/archive.ts';
import { interfacesCommand } from '../src/cli/interfaces.ts';
import { policyCommand } from '../src/cli/policy.ts';
import { namesCommand } from '../src/cli/names.ts';
import { replayCommand } from '../src/cli/replay.ts';
import { reportCommand } from '../src/cli/report.ts';
import { sniffCommand } from '../src/cli/sniff.ts';
import { bundleCommand } from '../src/cli/bundle/bundle.ts';
import { sensorsCommand } from '../src/cli/sensors.ts';
import { spoolCommand } from '../src/cli/spool.ts';
import { searchCommand } from '../src/cli/search.ts';
import { transcriptCommand } from '../src/cli/transcript.ts';
import type { AnomalyTable } from '../src/core/anomaly.ts';
import { LIMITS } from '../src/core/limits.ts';
import type { LimitInfo } from '../src/core/limits.ts';
import { worstCaseOf } from '../src/core/worst-case.ts';
import { DECODE_ANOMALIES, FRAGMENT_ANOMALIES } from '../src/decode/result.ts';
import { STREAM_ANOMALIES } from '../src/dissect/anomalies.ts';
import { ASSUMPTIONS } from '../src/report/assumptions.ts';
import { FIGURES } from '../src/report/figures.ts';
import { REPORT_LIMITS } from '../src/report/limits.ts';
import { TCP_SHAPES } from '../protocols/shape/tcp.ts';
import { UDP_SHAPES } from '../protocols/shape/udp.ts';
import { APPS } from '../src/core/apps.ts';
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

const ALL_SHAPES = [
  ...TCP_SHAPES.map((shape) => ({ ...shape, over: 'TCP' })),
  ...UDP_SHAPES.map((shape) => ({ ...shape, over: 'UDP' })),
];

function services(): string {
  const rows = SERVICE_ROWS.map((row) => {
    const place = `${row.host}${row.path ?? ''}${row.query === undefined ? '' : `?…${row.query}…`}`;
    const spoken = !row.web ? 'TLS' : row.path === undefined ? 'HTTP, TLS' : 'HTTP';
    const confidence = row.ignore === true ? 'says nothing' : row.confidence;
    const kind = row.confidence === 'high' ? 'own domain' : 'shared';
    return `| \`${place}\` | ${row.service} | ${row.role} | ${spoken} | ${confidence} | ${kind} | ${row.source} | ${row.date} |`;
  });
  return [
    '# Services',
    '',
    MADE,
    '',
    'Hosts, and places on them, by which IM networks are recognised where their protocol cannot be read: by the server name or the certificate of TLS, by the request of plain HTTP, by what a proxy was asked for and refused. A host stands for all names below it; the longest host wins, and of its places the longest path. Where other software uses a host, too, the confidence is medium; where no source was at hand, low. The file is `src/sdk/services/rows.ts`.',
    '',
    'A name of a messenger of today counts in QUIC too, and in DNS at low confidence. In a certificate it counts where no other name stands beside it. A row that would match what is no messenger’s is refused at load (`src/sdk/services/check.ts`).',
    '',
    '| place | `im.service` | what for | seen in | confidence | evidence | source | looked at |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    '## Messengers',
    '',
    'Recognised by metadata alone, one verdict a client address and messenger; by default they are not authorised, like the networks that are read (alert 9000008, as grave as the sighting is sure).',
    '',
    '| `im.service` | messenger | names | first bytes |',
    '| --- | --- | --- | --- |',
    ...[...APPS].map(([service, title]) => {
      const names = SERVICE_ROWS.filter((row) => row.service === service && row.ignore !== true).length;
      const shapes = ALL_SHAPES.filter((shape) => shape.service === service);
      return `| ${service} | ${title} | ${names || ''} | ${shapes.map((shape) => shape.name).join('; ')} |`;
    }),
    '',
    '## First bytes',
    '',
    'Magic bytes and shapes of transport (`protocols/shape`), and attributes of STUN (`protocols/stun/marks.ts`).',
    '',
    '| shape | `im.service` | over | confidence | source | looked at |',
    '| --- | --- | --- | --- | --- | --- |',
    ...ALL_SHAPES.map(
      (s) => `| ${s.name} | ${s.service} | ${s.over} | ${s.confidence} | ${s.source} | ${s.date} |`,
    ),
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
      ...[policyCommand(), namesCommand(), alertsCommand(), reportCommand()],
      ...[configCommand(), doctorCommand(), fingerprintCommand(), spoolCommand()],
      ...[sensorsCommand(), bundleCommand()],
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

function metrics(): string {
  const figures = Object.values(FIGURES).map(
    ({ title, unit, definition, uncertainty }) => `| ${title} | ${unit} | ${definition} | ${uncertainty} |`,
  );
  const assumptions = Object.entries(ASSUMPTIONS).map(
    ([name, { value, min, max, unit, what }]) =>
      `| \`${name}\` | ${value} | ${min} to ${max} | ${unit} | ${what} |`,
  );
  const limits = Object.values(REPORT_LIMITS).map(
    (limit) => `${limit.default.toLocaleString('en-US')} ${limit.what}`,
  );
  return [
    '# Metrics',
    '',
    MADE,
    '',
    'What each figure of `imspan report` is, and how far it may be off. All are counted from the events of the logs that are given; days and hours are those of `--time-zone`. With `--from`, each is compared with the same number of days before.',
    '',
    '| figure | unit | how it comes about | how sure it is |',
    '| --- | --- | --- | --- |',
    ...figures,
    '',
    '## Assumptions',
    '',
    'What cannot be seen on the wire. None of these numbers was measured; replace them with `--assumptions FILE` (YAML, a line each). The report shows those that it used.',
    '',
    '| name | default | may be | unit | what |',
    '| --- | --- | --- | --- | --- |',
    ...assumptions,
    '',
    '## The forecast',
    '',
    'Messages a day, 30 days ahead: least squares through the days (`linearRegression` of the library simple-statistics), each day divided by the share of its day of the week where there are four weeks. The interval holds 80% of the days if what is left over is normally distributed. The back-test foretells the last third of the days from the first two and says how far it was off and how many days lay in the interval. With fewer than 14 days, or where a third of the days is missing, no forecast is made, and the report says why.',
    '',
    '## Small groups',
    '',
    'Departments with fewer than `smallest_group` active people are added up, and where even their sum is smaller it is not shown. Only the table of accounts with the most findings names accounts.',
    '',
    '## Limits',
    '',
    `At most ${limits.join(', ')} are kept of a period; the report says what was left out.`,
    '',
  ].join('\n');
}

function configuration(): string {
  const rows = settingRows({ sniff: sniffCommand(), replay: replayCommand() }).map(
    ({ key, where, meaning }) => `| \`${key}\` | ${where} | ${meaning.replaceAll('|', '\\|')} |`,
  );
  return [
    '# Configuration file',
    '',
    MADE,
    '',
    'What the command line says can stand in a file: `--config FILE`, or `/etc/imspan/imspan.yaml`, which `imspan sniff` (and nothing else) reads where it is there. The command line wins; then the section `sniff` or `replay`; then `all`. A list on the command line replaces that of the file.',
    '',
    '```yaml',
    'version: 1',
    'all:',
    '  policy: /etc/imspan/policy.yaml',
    '  limit: { im_flows: 20000 }',
    'sniff:',
    '  interface: [eth1]',
    '  eve: /var/log/imspan/eve.json',
    '```',
    '',
    'Keys are the long names of the options without dashes (`--no-promisc` is `promisc: false`), values are what the option takes. `imspan config check FILE` tells every mistake with line and column and ends with 2; `imspan config show` prints what holds and where each setting comes from; `imspan config init` prints a file with every setting as a comment. A file to which everybody may write, or that belongs to another user than root or ourselves, is not used: it can name a command to run.',
    '',
    '| key | sections | what it is |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function runbook(): string {
  const rows = ALL_SIGNATURES.map(
    ({ id, name, whatToDo }) => `| [${id}](ALERTS.md#${id}) | ${name.replace('IMSPAN ', '')} | ${whatToDo} |`,
  );
  return [
    '# Runbook',
    '',
    MADE,
    '',
    'What to do about each alert, the most often needed part of [ALERTS.md](ALERTS.md) on one page. What imspan, its sensor or its collectors need is in [OPERATIONS.md](OPERATIONS.md).',
    '',
    '| signature | alert | what to do |',
    '| --- | --- | --- |',
    ...rows,
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
  'docs/CONFIGURATION.md': configuration,
  'docs/RUNBOOK.md': runbook,
  'docs/PROTOCOLS.md': protocolsPage,
  'docs/SERVICES.md': services,
  'docs/METRICS.md': metrics,
  'docs/sample-report.html': sampleReport,
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

/** The report on all shipped captures, as a user makes it. */
function sampleReport(): string {
  const run = (args: readonly string[], input?: string): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/imspan.js', ...args], {
      ...{ encoding: 'utf8', cwd: root, maxBuffer: 1 << 28 },
      ...(input === undefined ? {} : { input }),
    });
    if (status !== 0) throw new Error(`the sample report failed: ${stderr}`);
    return stdout;
  };
  const folder = mkdtempSync(join(tmpdir(), 'imspan-'));
  try {
    const path = join(folder, 'report.html');
    run(['report', '-', '--html', path], run(['replay', 'captures', '--json']));
    return readFileSync(path, 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Names of pages that are not current. */
export async function stalePages(write: boolean): Promise<string[]> {
  const stale: string[] = [];
  const options = (await resolveConfig(join(root, 'package.json'))) ?? {};
  for (const [name, render] of Object.entries(PAGES)) {
    const path = join(root, name);
    const made = render();
    const text = name.endsWith('.md') ? await format(made, { ...options, parser: 'markdown' }) : made;
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    stale.push(name);
    if (write) writeFileSync(path, text);
  }
  for (const [name, made] of Object.entries(integrationFiles())) {
    const path = join(root, name);
    const text = name.endsWith('.yml') ? await format(made, { ...options, parser: 'yaml' }) : made;
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
