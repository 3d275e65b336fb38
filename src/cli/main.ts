import { Command, CommanderError } from 'commander';
import { EXIT, OperatorError } from '../core/errors.ts';
import { neutralise } from '../sink/neutralise.ts';
import { alertsCommand } from './alerts.ts';
import { configCommand } from './config.ts';
import { doctorCommand } from './doctor.ts';
import { fingerprintCommand } from './fingerprint.ts';
import { bundleCommand } from './bundle/bundle.ts';
import { archiveCommand } from './archive.ts';
import { interfacesCommand } from './interfaces.ts';
import { policyCommand } from './policy.ts';
import { namesCommand } from './names.ts';
import { replayCommand } from './replay.ts';
import { reportCommand } from './report.ts';
import { sensorsCommand } from './sensors.ts';
import { sniffCommand } from './sniff.ts';
import { spoolCommand } from './spool.ts';
import { searchCommand } from './search.ts';
import { transcriptCommand } from './transcript.ts';
import { version } from './version.ts';

/** Runs the command line. Sets `process.exitCode`; never calls `process.exit`, so that output drains. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('imspan')
    .description(
      'Watches for consumer instant messaging: AIM/ICQ, MSN, Yahoo, XMPP, IRC, and the messengers of today. Passive; never blocks, never decrypts what people say.',
    )
    .version(version())
    .exitOverride()
    .showSuggestionAfterError();
  program.addCommand(replayCommand());
  program.addCommand(sniffCommand());
  program.addCommand(interfacesCommand());
  program.addCommand(policyCommand());
  program.addCommand(namesCommand());
  program.addCommand(alertsCommand());
  program.addCommand(reportCommand());
  program.addCommand(configCommand());
  program.addCommand(doctorCommand());
  program.addCommand(fingerprintCommand());
  program.addCommand(spoolCommand());
  program.addCommand(sensorsCommand());
  program.addCommand(bundleCommand());
  program.addCommand(archiveCommand());
  program.addCommand(searchCommand());
  program.addCommand(transcriptCommand());
  for (const command of program.commands.flatMap((each) => [each, ...each.commands])) command.exitOverride();
  // A reader of either that has gone is no bug of ours, and no reason to end with another exit code. Whoever
  // writes events to standard output listens for its errors himself.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  try {
    await program.parseAsync(argv as string[]);
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Tells an error in one line; the exit code that it means. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed help, version or its complaint already.
    return error.exitCode === 0 ? EXIT.OK : EXIT.USAGE;
  }
  if (error instanceof OperatorError) {
    // It may quote what a program or a file of others says.
    const said = error.message.split('\n').map((line) => neutralise(line, 2_000));
    process.stderr.write(`imspan: ${said.join('\n')}\n`);
    return error.exitCode;
  }
  const what = error instanceof Error ? traceOf(error) : String(error);
  const lines = what.split('\n').map((line) => neutralise(line, 500));
  process.stderr.write(`imspan: a bug of ours; please report it with what follows\n${lines.join('\n')}\n`);
  return EXIT.BUG;
}

/** Where it happened: of an error of another thread, there. */
function traceOf(error: Error): string {
  const stack = (error.cause as { stack?: unknown } | undefined)?.stack;
  return typeof stack === 'string' ? `${error.message}\n${stack}` : (error.stack ?? error.message);
}
