import { Command, Option } from 'commander';
import { Live } from '../app/live.ts';
import type { LiveOptions } from '../app/live.ts';
import { ENGINE_NAMES } from '../capture/live/engine.ts';
import type { Engine, EngineName, TapOptions } from '../capture/live/engine.ts';
import { isThere } from '../capture/live/interfaces.ts';
import { pickEngine } from '../capture/live/pick.ts';
import { OperatorError } from '../core/errors.ts';
import { neutralise } from '../sink/neutralise.ts';
import { configured } from './config/config-file.ts';
import { endRun } from './ending.ts';
import { collect, coresToUse, engineOptions, settingsOf, workersOption } from './options.ts';
import { loadRulebook, openState } from './rulebook.ts';
import { setQuota } from './service/keeping.ts';
import { parseMetricsPlace } from './service/metrics.ts';
import { asUser, identityOf } from './service/privilege.ts';
import { Service } from './service/service.ts';
import type { ServiceFlags } from './service/service.ts';
import { openSinks } from './sinks.ts';
import { StatusLine, statusText } from './status-line.ts';
import { endOnSignals } from './stopping.ts';
import { parseSize, whole } from './units.ts';

interface SniffFlags extends ServiceFlags {
  interface: string[];
  engine: EngineName | 'auto';
  filter: string;
  snaplen: number;
  buffer?: number;
  promisc: boolean;
  stats: number;
  duration?: number;
  count?: number;
  deadMan: number;
  heartbeat?: boolean;
  user?: string;
}

/** `imspan sniff`. */
export function sniffCommand(): Command {
  const command = new Command('sniff')
    .description('watch network interfaces and tell who uses which IM client, with whom, and what is said')
    .option(
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
  return engineOptions(serviceOptions(command))
    .addOption(workersOption(''))
    .addHelpText('after', HELP)
    .action(async (_flags: unknown, self: Command) => {
      process.exitCode = await runSniff(await configured<SniffFlags>(self));
    });
}

/** What a run of months needs. */
function serviceOptions(command: Command): Command {
  return command
    .option(
      '--dead-man <seconds>',
      'alert when an interface is silent, or shows one direction only, for so long; 0: never',
      whole(0, 604_800),
      300,
    )
    .option('--heartbeat', 'a line on standard error with each stats event')
    .option(
      '--metrics <place>',
      'serve metrics for Prometheus at PORT (loopback) or HOST:PORT',
      parseMetricsPlace,
    )
    .option('--user <name>', 'started by root: become this user once the interfaces are open')
    .option(
      '--quota <what=size>',
      'disk space of extract, evidence or logs (rotated files of --eve), the oldest go (repeatable): evidence=20G',
      setQuota,
    )
    .option(
      '--min-free <size>',
      'disk space that is to stay free: the oldest files go, of extract first, then evidence, then logs',
      parseSize,
    );
}

const HELP = `
Engines:
  tcpdump  a child process; kernel times, drops counted while it runs. The default where it is there.
  dumpcap  a child process; kernel times, drops known only at the end. May capture for a group without root.
  cap      npm module in this process: no kernel times, drops cannot be counted, 64 KiB of buffer a packet,
           snap length (65,535) and promiscuous mode fixed, a slow output cannot slow it down. Root only.

Ctrl-C and SIGTERM end and print the summary; a second one ends at once. SIGHUP reads policy, names and lists
again and opens the --eve file anew (from a terminal it ends); SIGUSR1 prints statistics.
Exit codes: 0 ended as told, 1 alerts (with --fail-on-alert), 2 usage, 3 capture or an output failed, 4 a bug.

Examples:
  sudo imspan sniff -i eth1
  imspan sniff -i eth1 -i eth2 --filter 'not port 443' --json > events.jsonl`;

const MIB = 1_048_576;
/** MiB. At 64 KiB a packet the in-process engine needs more for as many packets. */
const BUFFER = { tcpdump: 64, dumpcap: 64, cap: 256 } as const;

async function runSniff(flags: SniffFlags): Promise<number> {
  const rules = await loadRulebook(flags);
  const interfaces = checkedInterfaces(flags.interface);
  const engine = await pickEngine(flags.engine);
  const identity = flags.user === undefined ? undefined : identityOf(flags.user);
  const tap = {
    user: identity,
    filter: flags.filter.trim(),
    snapLength: flags.snaplen,
    buffer: (flags.buffer ?? BUFFER[engine.name]) * MIB,
    promiscuous: flags.promisc,
  };
  await checkTap(engine, interfaces, tap);
  const state = asUser(identity, () => openState(flags.state));
  const rulebook = { ...rules, memory: state?.memory, firstSeen: state?.firstSeen };
  const status = new StatusLine(flags);
  const notice = (line: string): void => {
    status.clear();
    say(neutralise(line, 1_000));
  };
  const sinks = asUser(identity, () => openSinks(flags, true, rules.policy, notice));
  say(`${engine.name} on ${interfaces.map((name) => neutralise(name, 50)).join(', ')}: ${engine.counts}`);
  const service = new Service({ flags, sinks, state, engine: engine.name, identity, say: notice });
  const options: LiveOptions = {
    ...{ engine, interfaces, tap, rulebook, notice },
    ...settingsOf(flags),
    evidence: flags.evidence,
    workers: flags.workers ?? coresToUse(),
    host: flags.host,
    sinks: sinks.all,
    gone: sinks.signal,
    statsSeconds: flags.stats,
    duration: flags.duration,
    count: flags.count,
    deadMan: flags.deadMan,
    ready: service.ready,
    heartbeat: (now) => {
      if (flags.heartbeat === true)
        notice(`heartbeat: ${statusText(now, Math.round(now.frames / Math.max(1, now.uptime)))}`);
      service.heartbeat();
    },
    cannotReturn: () => (identity === undefined ? undefined : CANNOT_RETURN),
  };
  await service.listen();
  const live = asUser(identity, () => new Live(options));
  const signals = endOnSignals(stoppable(live, service), endingSignals());
  status.start(() => live.status());
  try {
    service.start(live);
    const result = await live.run();
    status.stop();
    return await endRun(result, sinks, flags, { state });
  } finally {
    service.end();
    status.stop();
    signals.release();
  }
}

const CANNOT_RETURN =
  'its capture ended, and root was given up: it has to be begun by a new start (Restart=on-failure)';

/** A hang-up ends what a person watches; to a service it says: read your files again. */
function endingSignals(): readonly NodeJS.Signals[] {
  const watched = process.stdout.isTTY || process.stderr.isTTY;
  return ['SIGINT', 'SIGTERM', ...(watched ? ['SIGHUP' as const] : [])];
}

function stoppable(live: Live, service: Service): { stop: () => void; kill: () => void } {
  return {
    stop: () => {
      service.stopping();
      live.stop();
    },
    kill: () => live.kill(),
  };
}

function say(line: string): void {
  process.stderr.write(`imspan: ${line}\n`);
}

/** The interfaces that were named, each once; throws where one is not there. */
function checkedInterfaces(names: readonly string[]): string[] {
  if (names.length === 0)
    throw new OperatorError(
      'give the interface: -i NAME (or "interface" in imspan.yaml); imspan interfaces lists them',
    );
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
