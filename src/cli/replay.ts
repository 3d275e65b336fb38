import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { Chalk } from 'chalk';
import { Replay } from '../app/replay.ts';
import { SHARDS } from '../app/pipeline.ts';
import type { ReplayResult } from '../app/replay.ts';
import { expandInputs } from '../capture/expand.ts';
import type { InputProblem } from '../capture/problem.ts';
import { loadPolicy } from '../classify/policy-file.ts';
import { defaultPolicy } from '../classify/policy.ts';
import { EXIT } from '../core/errors.ts';
import { FLOW_KEY } from '../decode/flow-key.ts';
import { LIMITS, makeLimits } from '../core/limits.ts';
import type { LimitName, Limits } from '../core/limits.ts';
import { DEFAULT_DEDUPE } from '../flow/dedupe.ts';
import { DEFAULT_OVERLAP, OVERLAPS } from '../flow/overlap.ts';
import type { Overlap } from '../flow/overlap.ts';
import { colourLevel } from '../sink/colour.ts';
import { neutralise } from '../sink/neutralise.ts';
import { PRIVACY_MODES } from '../sink/privacy.ts';
import type { PrivacyMode } from '../sink/privacy.ts';
import { refuseOverwriting } from './overwriting.ts';
import { makeProgress } from './progress.ts';
import { openSinks } from './sinks.ts';
import type { SinkOptions } from './sinks.ts';
import { renderSummary } from './summary.ts';

export interface ReplayFlags extends SinkOptions {
  merge?: boolean;
  policy?: string;
  privacy: PrivacyMode;
  flows: 'im' | 'all';
  flowKey?: number;
  failOnAlert?: boolean;
  host?: string;
  limit?: Partial<Limits>;
  workers?: number;
  overlap: Overlap;
  dedupe: number;
  progress: boolean;
}

/** `imspan replay`. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('read capture files and tell who uses which IM client, with whom, and what was said')
    .argument(
      '<captures...>',
      'capture files (pcap, pcapng, either in gzip), folders of them, or - for standard input',
    )
    .option('--merge', 'the files are the rotated captures of one tap: join them by packet time')
    .option('--json', 'write EVE JSON lines to standard output, and nothing else there')
    .option('--eve <file>', 'write EVE JSON lines to a file')
    .option('--syslog <url>', 'send alerts to syslog, udp://HOST[:PORT] (repeatable)', collect, [])
    .option('--policy <file>', 'what is allowed here (YAML); the default allows no consumer network')
    .addOption(
      new Option('--privacy <mode>', 'full: texts are told; metadata: their length only')
        .choices(PRIVACY_MODES)
        .default('full'),
    )
    .option('--emit <types>', 'only these event types or kinds of im, comma separated')
    .addOption(
      new Option('--flows <which>', 'flow events of IM or of all connections')
        .choices(['im', 'all'])
        .default('im'),
    )
    .option(
      '--flow-key <parts>',
      'vlan, tunnel or both: connections with the same addresses in other VLANs or tunnels are others',
      readFlowKey,
    )
    .option('--fail-on-alert', 'exit with 1 when an alert was raised')
    .option('--host <name>', 'sensor name, told in every event')
    .option('--limit <name=value>', 'set a limit of the engine (repeatable); see docs/LIMITS.md', setLimit)
    .option(
      '--workers <n>',
      'threads that share the work; the default is the number of cores, and 1 where there is little to read',
      parseWorkers,
    )
    .addOption(
      new Option('--overlap <policy>', 'whose bytes are read where segments differ')
        .choices(OVERLAPS)
        .default(DEFAULT_OVERLAP),
    )
    .option(
      '--dedupe <ms>',
      'leave out packets seen twice within MS milliseconds; 0: none',
      setDedupe,
      DEFAULT_DEDUPE,
    )
    .option('--verbose', 'show presence, typing, flows and anomalies on the console too')
    .option('--quiet', 'no events on the console, only the summary')
    .option('--no-progress', 'no progress bar')
    .addHelpText('after', EXIT_HELP)
    .action(async (paths: string[], flags: ReplayFlags) => {
      process.exitCode = await runReplay(paths, flags);
    });
}

const EXIT_HELP = `
Exit codes: 0 all was read, 1 alerts (with --fail-on-alert), 2 usage, 3 an input or output failed, 4 a bug.

Examples:
  imspan replay office.pcap
  imspan replay --json captures/ | jq 'select(.event_type == "alert")'
  tcpdump -i eth1 -w - | imspan replay --syslog udp://siem.example.org -`;

function collect(value: string, all: string[]): string[] {
  return [...all, value];
}

function readFlowKey(text: string): number {
  let mode: number = FLOW_KEY.NONE;
  for (const part of text.split(',')) {
    if (part === 'vlan') mode |= FLOW_KEY.VLAN;
    else if (part === 'tunnel') mode |= FLOW_KEY.TUNNEL;
    else throw new InvalidArgumentError('write vlan, tunnel or vlan,tunnel');
  }
  return mode;
}

function setLimit(text: string, set: Partial<Limits> = {}): Partial<Limits> {
  const [name = '', value = ''] = text.split('=', 2);
  if (!Object.hasOwn(LIMITS, name))
    throw new InvalidArgumentError(`no limit of that name; there are: ${Object.keys(LIMITS).join(', ')}`);
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('write NAME=VALUE, VALUE a whole number from 1');
  const { max, unit } = LIMITS[name as LimitName];
  if (number > max)
    throw new InvalidArgumentError(`the most that ${name} can be is ${max.toLocaleString('en-US')} ${unit}`);
  return { ...set, [name as LimitName]: number };
}

function parseWorkers(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > SHARDS)
    throw new InvalidArgumentError(`a whole number from 1 to ${SHARDS}`);
  return number;
}

/** Below so many bytes, starting threads takes longer than they save. */
const WORTH_THREADS = 64 * 1024 * 1024;

function workersFor(paths: readonly string[]): number {
  const size = (path: string): number =>
    path === '-' ? WORTH_THREADS : (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  const total = paths.reduce((n, path) => n + size(path), 0);
  return total >= WORTH_THREADS ? Math.min(availableParallelism(), SHARDS) : 1;
}
function setDedupe(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > MAX_DEDUPE)
    throw new InvalidArgumentError(`write milliseconds, a whole number from 0 to ${MAX_DEDUPE}`);
  return number;
}

const MAX_DEDUPE = 10_000;

async function runReplay(args: readonly string[], flags: ReplayFlags): Promise<number> {
  const policy = flags.policy === undefined ? defaultPolicy() : await loadPolicy(flags.policy);
  const inputs = expandInputs(args);
  refuseOverwriting(inputs.paths, flags.eve);
  const sinks = openSinks(flags);
  const progress = makeProgress(flags, inputs.paths);
  const replay = new Replay({
    paths: inputs.paths,
    merge: flags.merge ?? false,
    policy,
    limits: makeLimits(flags.limit),
    allFlows: flags.flows === 'all',
    workers: flags.workers ?? workersFor(inputs.paths),
    flowKey: flags.flowKey,
    host: flags.host,
    overlap: flags.overlap,
    dedupe: flags.dedupe,
    sinks: sinks.all,
    signal: sinks.signal,
    ...(progress ? { progress: progress.update } : {}),
  });
  const result = await replay.run();
  progress?.stop();
  const problems = [...inputs.problems, ...result.problems];
  let failed = problems.length > 0;
  for (const problem of problems) complain(problem);
  if (!sinks.signal.aborted) {
    const last = summaryOf({ ...result, problems }, flags, inputs.skipped);
    if (flags.json) process.stderr.write(last);
    else sinks.print(last);
  }
  for (const failure of await sinks.close()) {
    failed = true;
    process.stderr.write(`imspan: ${failure}\n`);
  }
  return exitCode(result, failed, flags);
}

function exitCode(result: ReplayResult, failed: boolean, flags: ReplayFlags): number {
  if ((result.counters?.failures.length ?? 0) > 0) return EXIT.BUG;
  if (failed) return EXIT.IO;
  return flags.failOnAlert && result.alerts > 0 ? EXIT.ALERT : EXIT.OK;
}

/** One clear line about an input. */
function complain(problem: InputProblem): void {
  process.stderr.write(`imspan: ${neutralise(problem.path, 500)}: ${problem.message}\n`);
}

function summaryOf(result: ReplayResult, flags: ReplayFlags, skipped: number): string {
  const stream = flags.json ? process.stderr : process.stdout;
  const colour = new Chalk({ level: colourLevel(stream, process.env) });
  return renderSummary(result, colour, { privacyHides: flags.privacy !== 'full', skipped });
}
