import { availableParallelism } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { DEFAULT_DEDUPE, DEFAULT_OVERLAP, OVERLAPS, SHARDS } from '../app/pipeline.ts';
import type { EngineSettings, Overlap } from '../app/pipeline.ts';
import { LIMITS, makeLimits } from '../core/limits.ts';
import type { LimitName, Limits } from '../core/limits.ts';
import { FLOW_KEY } from '../decode/flow-key.ts';
import { PRIVACY_MODES } from '../sink/privacy.ts';
import type { PrivacyMode } from '../sink/privacy.ts';
import type { RulebookFlags } from './rulebook.ts';
import { KEEP_FILES } from './sinks.ts';
import { archiveOptions } from './archive-sink.ts';
import type { SinkOptions } from './sinks.ts';
import { parsePeriod, parseSize, whole } from './units.ts';

/** Flags of every command that turns packets into events. */
export interface EngineFlags extends SinkOptions, RulebookFlags {
  privacy: PrivacyMode;
  flows: 'im' | 'all';
  failOnAlert?: boolean;
  host?: string;
  limit?: Partial<Limits>;
  flowKey?: number;
  overlap: Overlap;
  dedupe: number;
  workers?: number;
  extract?: string;
  evidence?: string;
}

export const SYSLOG_HELP =
  'send alerts to a collector: udp://, tcp:// or tls://HOST[:PORT], or local:, each with ?options (repeatable); see docs/SYSLOG.md';
export const SPOOL_HELP =
  'keep messages for --syslog in this folder until their collector has them, over restarts; see imspan spool';

/** Adds these flags to a command. */
export function engineOptions(command: Command): Command {
  const told = command
    .option('--json', 'write EVE JSON lines to standard output, and nothing else there')
    .option('--eve <file>', 'write EVE JSON lines to a file')
    .option('--eve-rotate <size>', 'begin another --eve file at this size: 500M, 1G', parseSize)
    .option(
      '--eve-rotate-every <period>',
      'begin another --eve file at each multiple of this, packet time UTC: 1h, 1d',
      parsePeriod,
    )
    .option('--eve-keep <files>', 'rotated files that are kept, compressed', whole(0, 10_000), KEEP_FILES)
    .option('--syslog <url>', SYSLOG_HELP, collect, [])
    .option('--spool <folder>', SPOOL_HELP);
  return archiveOptions(keepingOptions(readingOptions(rulebookOptions(told))))
    .option('--config <file>', 'what the command line does not say (YAML); see docs/CONFIGURATION.md')
    .option('--verbose', 'show presence, typing, flows and anomalies on the console too')
    .option('--quiet', 'no events on the console, only the summary');
}

/** What the operator has to say of what is judged how. */
function rulebookOptions(command: Command): Command {
  return command
    .option('--policy <file>', 'what is allowed here (YAML); the default allows no consumer network')
    .option('--names <file>', 'whose the screen names are (CSV or JSON); see docs/NAMES.md')
    .option('--leases <file>', 'who had which address when: dhcpd.leases, dnsmasq.leases, RADIUS, CSV')
    .option(
      '--state <folder>',
      'remember over runs which findings were told, and what people said of them (imspan alerts)',
    )
    .option(
      '--hashes <file>',
      'checksums of files that are known to be bad (a row each; ! before it: known to be good)',
    )
    .option(
      '--domains <file>',
      'domains that are known to be bad (a row each; ! before it: known to be good)',
    )
    .option('--documents <file>', 'documents that are not to leave, as imspan fingerprint wrote them');
}

/** What is read how, and what of it is told. */
function readingOptions(command: Command): Command {
  return command
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
    .addOption(
      new Option(
        '--overlap <policy>',
        'whose bytes are read where segments, or fragments of a packet, differ',
      )
        .choices(OVERLAPS)
        .default(DEFAULT_OVERLAP),
    )
    .option(
      '--dedupe <ms>',
      'leave out packets seen twice within MS milliseconds; 0: none',
      setDedupe,
      DEFAULT_DEDUPE,
    );
}

/** What is kept beside the events. */
function keepingOptions(command: Command): Command {
  return command
    .option(
      '--extract <folder>',
      'keep the bytes of files that pass, named by their SHA-256; manifest.jsonl there tells what they are',
    )
    .option(
      '--evidence <folder>',
      'keep the frames of each flow that was alerted on as a pcap file; evidence.jsonl there tells what they are. They may hold passwords and private messages',
    )
    .option('--scan-clamd <where>', 'hand the files of --extract to clamd at this socket, or HOST:PORT')
    .option(
      '--scan-command <command>',
      'run this with the path of each file of --extract; exit status 1: malware',
    );
}

/** The `--workers` option; `when` says what its default depends on. */
export function workersOption(when: string): Option {
  return new Option(
    '--workers <n>',
    `threads that share the work; the default is the number of cores${when}`,
  ).argParser(parseWorkers);
}

/** A worker for each core, as far as there are shards for them. */
export function coresToUse(): number {
  return Math.min(availableParallelism(), SHARDS);
}

function parseWorkers(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > SHARDS)
    throw new InvalidArgumentError(`a whole number from 1 to ${SHARDS}`);
  return number;
}

/** What they set of the engine. */
export function settingsOf(flags: EngineFlags): EngineSettings {
  const { limit, flows, overlap, dedupe, flowKey, extract } = flags;
  return { limits: makeLimits(limit), allFlows: flows === 'all', overlap, dedupe, flowKey, extract };
}

/** An option that may be given again. */
export function collect(value: string, all: string[]): string[] {
  return [...all, value];
}

/** `--limit NAME=VALUE`, into what was set before. */
export function setLimit(text: string, set: Partial<Limits> = {}): Partial<Limits> {
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

function readFlowKey(text: string): number {
  let mode: number = FLOW_KEY.NONE;
  for (const part of text.split(',')) {
    if (part === 'vlan') mode |= FLOW_KEY.VLAN;
    else if (part === 'tunnel') mode |= FLOW_KEY.TUNNEL;
    else throw new InvalidArgumentError('write vlan, tunnel or vlan,tunnel');
  }
  return mode;
}

function setDedupe(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > MAX_DEDUPE)
    throw new InvalidArgumentError(`write milliseconds, a whole number from 0 to ${MAX_DEDUPE}`);
  return number;
}

const MAX_DEDUPE = 10_000;
