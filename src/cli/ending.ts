import { Chalk } from 'chalk';
import type { ReplayResult } from '../app/replay.ts';
import type { InputProblem } from '../capture/problem.ts';
import type { AlertState } from '../classify/alerts/state.ts';
import { EXIT } from '../core/errors.ts';
import { colourLevel } from '../sink/colour.ts';
import { neutralise } from '../sink/neutralise.ts';
import type { EngineFlags } from './options.ts';
import { saveState } from './rulebook.ts';
import type { Sinks } from './sinks.ts';
import { renderSummary } from './summary.ts';

/** Tells the end of a run: problems, the summary, what an output did not take. The exit code. */
export async function endRun(
  result: ReplayResult,
  sinks: Sinks,
  flags: EngineFlags,
  { skipped = 0, state }: { skipped?: number; state?: AlertState | undefined },
): Promise<number> {
  let failed = result.problems.length > 0;
  for (const problem of result.problems) complain(problem);
  const { keepProblem } = result.counters ?? {};
  if (keepProblem !== undefined) {
    failed = true;
    process.stderr.write(`imspan: ${keepProblem}\n`);
  }
  const unsaved = saveState(state);
  if (unsaved !== undefined) {
    failed = true;
    process.stderr.write(`imspan: ${neutralise(unsaved, 1_000)}\n`);
  }
  if (result.evidence?.problem !== undefined) {
    failed = true;
    process.stderr.write(`imspan: ${result.evidence.problem}\n`);
  }
  if (!sinks.signal.aborted) {
    const last = summaryOf(result, flags, skipped);
    if (flags.json) process.stderr.write(last);
    else sinks.print(last);
  }
  for (const failure of await sinks.close()) {
    failed = true;
    process.stderr.write(`imspan: ${failure}\n`);
  }
  return exitCode({ ...result, alerts: result.alerts + sinks.malware() }, failed, flags);
}

function exitCode(result: ReplayResult, failed: boolean, flags: EngineFlags): number {
  if ((result.counters?.failures.length ?? 0) > 0) return EXIT.BUG;
  if (failed) return EXIT.IO;
  return flags.failOnAlert && result.alerts > 0 ? EXIT.ALERT : EXIT.OK;
}

/** One clear line about an input. */
function complain(problem: InputProblem): void {
  process.stderr.write(`imspan: ${neutralise(problem.path, 500)}: ${problem.message}\n`);
}

function summaryOf(result: ReplayResult, flags: EngineFlags, skipped: number): string {
  const stream = flags.json ? process.stderr : process.stdout;
  const colour = new Chalk({ level: colourLevel(stream, process.env) });
  return renderSummary(result, colour, { privacyHides: flags.privacy !== 'full', skipped });
}
