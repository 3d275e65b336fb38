import { Command, InvalidArgumentError } from 'commander';
import { EXIT, OperatorError } from '../core/errors.ts';
import { makeLimits } from '../core/limits.ts';
import { neutralise } from '../sink/neutralise.ts';
import { listSpool } from '../sink/syslog/spool-list.ts';
import { SyslogSink } from '../sink/syslog/sink.ts';
import { parseSyslogUrl } from '../sink/syslog/target.ts';
import { collect, SYSLOG_HELP } from './options.ts';

interface SpoolFlags {
  spool: string;
  syslog: string[];
  json?: boolean;
  patience: number;
}

const FOLDER = ['--spool <folder>', 'the folder that sniff or replay were given'] as const;

/** `imspan spool`. */
export function spoolCommand(): Command {
  return new Command('spool')
    .description('show or send the syslog messages that wait in a spool folder')
    .addCommand(
      new Command('list')
        .description('what waits for which collector')
        .requiredOption(...FOLDER)
        .option('--json', 'one JSON object a line')
        .action((flags: SpoolFlags) => list(flags)),
    )
    .addCommand(
      new Command('flush')
        .description('send what waits for these collectors; exit code 3 where something is left')
        .requiredOption(...FOLDER)
        .requiredOption('--syslog <url>', SYSLOG_HELP, collect, [])
        .option('--patience <seconds>', 'how long it is tried', seconds, 30)
        .action(async (flags: SpoolFlags) => {
          process.exitCode = await flush(flags);
        }),
    );
}

function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 86_400)
    throw new InvalidArgumentError('a whole number from 1 to 86400 is needed');
  return value;
}

function list({ spool, json }: SpoolFlags): void {
  for (const each of listSpool(spool)) {
    const { place, messages, bytes, damaged, holder, first } = each;
    if (json) {
      process.stdout.write(`${JSON.stringify(each)}\n`);
      continue;
    }
    const bad = damaged === 0 ? '' : `, ${damaged} files damaged`;
    const held = holder === undefined ? '' : `, in use by process ${holder}`;
    const oldest = first === undefined ? '' : `\n    first: ${neutralise(first, 200)}`;
    process.stdout.write(
      `${neutralise(place, 300)}: ${messages} messages, ${bytes} bytes${bad}${held}${oldest}\n`,
    );
  }
}

async function flush({ spool, syslog, patience }: SpoolFlags): Promise<number> {
  if (syslog.length === 0) throw new OperatorError('--syslog is missing: where to send what waits');
  const targets = syslog.map((url) => parseSyslogUrl(url));
  const say = (line: string): void => void process.stderr.write(`imspan: ${neutralise(line, 1_000)}\n`);
  let isLeft = false;
  for (const target of targets) {
    const sink = new SyslogSink(target, {
      ...{ spool, notice: say, patience: patience * 1_000 },
      spoolLimit: makeLimits().syslog_spool,
    });
    const waited = sink.waiting;
    try {
      await sink.close();
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      say(error.message);
      isLeft = true;
    }
    if (sink.left !== undefined) {
      say(sink.left);
      isLeft = true;
    }
    process.stdout.write(`${neutralise(target.url, 300)}: ${waited} messages waited, ${sink.sent} sent\n`);
  }
  return isLeft ? EXIT.IO : EXIT.OK;
}
