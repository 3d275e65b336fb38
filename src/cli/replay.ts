import { statSync } from 'node:fs';
import { Command } from 'commander';
import { Replay } from '../app/replay.ts';
import { expandInputs } from '../capture/expand.ts';
import { configured } from './config/config-file.ts';
import { endRun } from './ending.ts';
import { coresToUse, engineOptions, settingsOf, workersOption } from './options.ts';
import type { EngineFlags } from './options.ts';
import { refuseOverwriting } from './overwriting.ts';
import { makeProgress } from './progress.ts';
import { loadRulebook, openState } from './rulebook.ts';
import { openSinks } from './sinks.ts';
import { endOnSignals } from './stopping.ts';

interface ReplayFlags extends EngineFlags {
  merge?: boolean;
  progress: boolean;
}

/** `imspan replay`. */
export function replayCommand(): Command {
  const command = new Command('replay')
    .description('read capture files and tell who uses which IM client, with whom, and what was said')
    .argument(
      '<captures...>',
      'capture files (pcap, pcapng, either in gzip), folders of them, or - for standard input',
    )
    .option('--merge', 'the files are the rotated captures of one tap: join them by packet time');
  return engineOptions(command)
    .addOption(workersOption(', and 1 where there is little to read'))
    .option('--no-progress', 'no progress bar')
    .addHelpText('after', EXIT_HELP)
    .action(async (paths: string[], _flags: unknown, self: Command) => {
      process.exitCode = await runReplay(paths, await configured<ReplayFlags>(self));
    });
}

const EXIT_HELP = `
Ctrl-C ends the reading and tells what was read until then; a second one ends at once.
Exit codes: 0 all was read, 1 alerts (with --fail-on-alert), 2 usage, 3 an input or output failed, 4 a bug,
128 and the signal's number where one ended it (130 for Ctrl-C).

Examples:
  imspan replay office.pcap
  imspan replay --json captures/ | jq 'select(.event_type == "alert")'
  tcpdump -i eth1 -w - | imspan replay --syslog udp://siem.example.org -`;

/** Below so many bytes, starting threads takes longer than they save. */
const WORTH_THREADS = 64 * 1024 * 1024;

function workersFor(paths: readonly string[]): number {
  const size = (path: string): number =>
    path === '-' ? WORTH_THREADS : (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  const total = paths.reduce((n, path) => n + size(path), 0);
  return total >= WORTH_THREADS ? coresToUse() : 1;
}

async function runReplay(args: readonly string[], flags: ReplayFlags): Promise<number> {
  const rules = await loadRulebook(flags);
  const inputs = expandInputs(args);
  refuseOverwriting(inputs.paths, flags.eve);
  const state = openState(flags.state);
  const rulebook = { ...rules, memory: state?.memory, firstSeen: state?.firstSeen };
  const sinks = openSinks(flags, false, rules.policy);
  const progress = makeProgress(flags, inputs.paths);
  const replay = new Replay({
    paths: inputs.paths,
    merge: flags.merge ?? false,
    rulebook,
    ...settingsOf(flags),
    evidence: flags.evidence,
    workers: flags.workers ?? workersFor(inputs.paths),
    host: flags.host,
    sinks: sinks.all,
    signal: sinks.signal,
    ...(progress ? { progress: progress.update } : {}),
  });
  const signals = endOnSignals(replay);
  try {
    const result = await replay.run();
    progress?.stop();
    const problems = [...inputs.problems, ...result.problems];
    const status = await endRun({ ...result, problems }, sinks, flags, {
      skipped: inputs.skipped,
      state,
    });
    return result.interrupted ? (signals.status ?? status) : status;
  } finally {
    signals.release();
  }
}
