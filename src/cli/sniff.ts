import { Command, InvalidArgumentError, Option } from 'commander';
import { Live } from '../app/live.ts';
import { ENGINE_NAMES } from '../capture/live/engine.ts';
import type { Engine, EngineName, TapOptions } from '../capture/live/engine.ts';
import { isThere } from '../capture/live/interfaces.ts';
import { pickEngine } from '../capture/live/pick.ts';
import type { AlertState } from '../classify/alerts/state.ts';
import { OperatorError } from '../core/errors.ts';
import { neutralise } from '../sink/neutralise.ts';
import { endRun } from './ending.ts';
import { collect, coresToUse, engineOptions, settingsOf, workersOption } from './options.ts';
import type { EngineFlags } from './options.ts';
import { loadRulebook, openState, saveState } from './rulebook.ts';
import { openSinks } from './sinks.ts';
import { StatusLine } from './status-line.ts';
import { endOnSignals } from './stopping.ts';

interface SniffFlags extends EngineFlags {
  interface: string[];
  engine: EngineName | 'auto';
  filter: string;
  snaplen: number;
  buffer?: number;
  promisc: boolean;
  stats: number;
  duration?: number;
  count?: number;
}

/** `imspan sniff`. */
export function sniffCommand(): Command {
  const command = new Command('sniff')
    .description('watch network interfaces and tell who uses which IM client, with whom, and what is said')
    .requiredOption(
      '-i, --interface <name>',
      'capture on this interface (repeatable); see imspan interfaces',
      collect,
      [],
    )
    .addOption(
      new Option('--engine <name>', 'what captures; auto: the first of these that is there')
        .choices(['auto', ...ENGINE_NAMES])
        .default('auto'),
    )
    .option(
      '-f, --filter <bpf>',
      'only packets that pass this filter (pcap-filter(7)); checked before the start',
      '',
    )
    .option(
      '--snaplen <bytes>',
      'bytes of a packet that are kept; less than all loses text',
      whole(64, 262_144),
      262_144,
    )
    .option('--buffer <mib>', 'kernel buffer of each interface; 64 MiB, for cap 256', whole(1, 2_047))
    .option('--no-promisc', 'only packets for this machine (not with cap)')
    .option(
      '--stats <seconds>',
      'a stats event so often, and one at the end; 0: only that',
      whole(0, 86_400),
      60,
    )
    .option('--duration <seconds>', 'end by itself after so long', whole(1, 31_536_000))
    .option('--count <packets>', 'end by itself after so many packets', whole(1, Number.MAX_SAFE_INTEGER));
  return engineOptions(command)
    .addOption(workersOption(''))
    .addHelpText('after', HELP)
    .action(async (flags: SniffFlags) => {
      process.exitCode = await runSniff(flags);
    });
}

const HELP = `
Engines:
  tcpdump  a child process; kernel times, drops counted while it runs. The default where it is there.
  dumpcap  a child process; kernel times, drops known only at the end. May capture for a group without root.
  cap      npm module in this process: no kernel times, drops cannot be counted, 64 KiB of buffer a packet,
           snap length (65,535) and promiscuous mode fixed, a slow output cannot slow it down. Root only.

Ctrl-C ends and prints the summary; a second one ends at once.
Exit codes: 0 ended as told, 1 alerts (with --fail-on-alert), 2 usage, 3 capture or an output failed, 4 a bug.

Examples:
  sudo imspan sniff -i eth1
  imspan sniff -i eth1 -i eth2 --filter 'not port 443' --json > events.jsonl`;

/** A parser of whole numbers within bounds. */
function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`a whole number from ${least} to ${most} is needed`);
    return value;
  };
}

const MIB = 1_048_576;
/** MiB. At 64 KiB a packet the in-process engine needs more for as many packets. */
const BUFFER = { tcpdump: 64, dumpcap: 64, cap: 256 } as const;

async function runSniff(flags: SniffFlags): Promise<number> {
  const rules = await loadRulebook(flags);
  const interfaces = checkedInterfaces(flags.interface);
  const engine = await pickEngine(flags.engine);
  const tap = {
    filter: flags.filter.trim(),
    snapLength: flags.snaplen,
    buffer: (flags.buffer ?? BUFFER[engine.name]) * MIB,
    promiscuous: flags.promisc,
  };
  await checkTap(engine, interfaces, tap);
  const state = openState(flags.state);
  const rulebook = { ...rules, memory: state?.memory };
  const sinks = openSinks(flags, true, rules.policy);
  const status = new StatusLine(flags);
  say(`${engine.name} on ${interfaces.map((name) => neutralise(name, 50)).join(', ')}: ${engine.counts}`);
  const live = new Live({
    engine,
    interfaces,
    tap,
    rulebook,
    ...settingsOf(flags),
    evidence: flags.evidence,
    workers: flags.workers ?? coresToUse(),
    host: flags.host,
    sinks: sinks.all,
    gone: sinks.signal,
    statsSeconds: flags.stats,
    duration: flags.duration,
    count: flags.count,
    notice: (line) => {
      status.clear();
      say(neutralise(line, 1_000));
    },
  });
  const signals = endOnSignals(live);
  status.start(() => live.status());
  const keeping = state && keepState(state);
  try {
    const result = await live.run();
    status.stop();
    return await endRun(result, sinks, flags, { state });
  } finally {
    clearInterval(keeping);
    status.stop();
    signals.release();
  }
}

/** Saves what was told now and then, so that a crash loses little, and takes over what people said meanwhile. */
function keepState(state: AlertState): NodeJS.Timeout {
  let told: string | undefined;
  return setInterval(() => {
    state.readMarks();
    const unsaved = saveState(state);
    if (unsaved !== undefined && unsaved !== told) say(neutralise(unsaved, 1_000));
    told = unsaved;
  }, KEEP_MS).unref();
}

const KEEP_MS = 60_000;

function say(line: string): void {
  process.stderr.write(`imspan: ${line}\n`);
}

/** The interfaces that were named, each once; throws where one is not there. */
function checkedInterfaces(names: readonly string[]): string[] {
  for (const name of names) {
    // The engines would take it for an option or a list.
    if (name === '' || name.startsWith('-') || !isThere(name))
      throw new OperatorError(
        `${neutralise(name, 50)}: no such interface; imspan interfaces lists what there is`,
      );
  }
  return [...new Set(names)];
}

/** Throws where the engine cannot do what was asked, or the filter is wrong. */
async function checkTap(
  engine: Engine,
  interfaces: readonly string[],
  tap: Omit<TapOptions, 'iface'>,
): Promise<void> {
  const options = { ...tap, iface: interfaces[0] ?? 'any' };
  const refused = engine.refuses(options);
  if (refused.length > 0)
    throw new OperatorError(`${engine.name} cannot do that: ${refused.join('; ')}; take another --engine`);
  const wrong = tap.filter === '' ? undefined : await engine.checkFilter(options);
  if (wrong !== undefined)
    throw new OperatorError(`--filter ${neutralise(tap.filter, 200)}: ${neutralise(wrong, 300)}`);
}
