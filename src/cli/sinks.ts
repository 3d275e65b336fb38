import { join } from 'node:path';
import { makeFolder } from '../app/pipeline.ts';
import { openArchive } from './archive-sink.ts';
import type { ArchiveMode } from '../classify/policy/archive-modes.ts';
import type { Policy } from '../classify/policy.ts';
import type { EveEvent, EventSink } from '../event/eve.ts';
import { OperatorError } from '../core/errors.ts';
import { makeLimits } from '../core/limits.ts';
import type { Limits } from '../core/limits.ts';
import { neutralise } from '../sink/neutralise.ts';
import { colourLevel } from '../sink/colour.ts';
import { ConsoleSink } from '../sink/console.ts';
import { EveFile } from '../sink/eve-file.ts';
import { EveSink } from '../sink/eve.ts';
import { gate, parseEmit } from '../sink/filter.ts';
import { clamdScan, commandScan } from '../sink/scan/engine.ts';
import type { Scan } from '../sink/scan/engine.ts';
import { Scanner } from '../sink/scan/scanner.ts';
import { SyslogSink } from '../sink/syslog/sink.ts';
import { parseSyslogUrl } from '../sink/syslog/target.ts';
import { version } from './version.ts';
import type { PrivacyMode } from '../sink/privacy.ts';

export interface SinkOptions {
  json?: boolean;
  eve?: string;
  eveRotate?: number;
  eveRotateEvery?: number;
  eveKeep?: number;
  syslog?: string[];
  spool?: string;
  limit?: Partial<Limits>;
  emit?: string;
  privacy: PrivacyMode;
  verbose?: boolean;
  quiet?: boolean;
  extract?: string;
  scanClamd?: string;
  scanCommand?: string;
  archive?: string;
  archiveKeys?: string;
  archivePrivacy?: ArchiveMode;
}

/** Rotated files that are kept where nothing else is said. */
export const KEEP_FILES = 10;

/** The sinks of one run. */
export interface Sinks {
  readonly all: readonly EventSink[];
  /** Aborted once the reader of standard output has gone: there is no use in going on. */
  readonly signal: AbortSignal;
  /** Writes to the console, behind the events. */
  print(text: string): void;
  /** Opens again what somebody may have moved away. */
  reopen(): void;
  /** Files that a scanner called malware, until now. */
  malware(): number;
  /** Each `--syslog`: what it sent, what waits, what is lost. */
  readonly syslog: readonly SyslogSink[];
  /** Hands over what is left; what failed, in words. */
  close(): Promise<string[]>;
}

/** Opens what the flags name; throws an OperatorError where that cannot be. */
export function openSinks(
  flags: SinkOptions,
  live = false,
  policy?: Policy,
  notice: (line: string) => void = tell,
): Sinks {
  const emit = flags.emit === undefined ? undefined : parseEmit(flags.emit);
  const opened: EventSink[] = [];
  const gone = new AbortController();
  const onClosed = (): void => gone.abort();
  let console: ConsoleSink | undefined;
  if (flags.json) {
    const sink = EveSink.toStream(process.stdout, 'standard output', { onClosed });
    opened.push(gate(sink, flags.privacy, emit));
  } else {
    console = new ConsoleSink(process.stdout, {
      level: colourLevel(process.stdout, process.env),
      verbose: flags.verbose ?? false,
      onClosed,
    });
    opened.push(flags.quiet ? silent(console) : gate(console, flags.privacy, emit));
  }
  const eve = flags.eve === undefined ? undefined : openEve(flags.eve, flags, live);
  if (eve) opened.push(gate(eve, flags.privacy, emit));
  if (flags.extract !== undefined) opened.push(manifest(flags.extract, flags.privacy));
  const archive = openArchive(flags, policy);
  if (archive !== undefined) opened.push(gate(archive, flags.privacy));
  const syslog = openSyslog(flags, live, notice);
  opened.push(...syslog.map((sink) => gate(sink, flags.privacy)));
  const outputs = [...opened];
  const scanners = openScanners(flags, live, (alert) => {
    for (const sink of outputs) sink.write(alert);
  });
  return {
    all: [...opened, ...scanners],
    signal: gone.signal,
    print(text) {
      console?.print(text);
    },
    reopen: () => eve?.reopen(),
    syslog,
    malware: () => scanners.reduce((n, { found }) => n + found, 0),
    async close() {
      // What they find at the end goes to the outputs, which are still open.
      const scanned = await Promise.allSettled(scanners.map((sink) => sink.close()));
      const closed = await Promise.allSettled(opened.map((sink) => sink.close()));
      const ends = [...scanned, ...closed];
      for (const { left } of syslog) if (left !== undefined) notice(left);
      return ends.flatMap((end) => (end.status === 'rejected' ? [words(end.reason)] : []));
    },
  };
}

/** The file of `--eve`: of a live run it goes on behind what is there. */
function openEve(
  path: string,
  { eveRotate, eveRotateEvery, eveKeep = KEEP_FILES }: SinkOptions,
  live: boolean,
): EveFile {
  return new EveFile(path, {
    append: live,
    bytes: eveRotate,
    seconds: eveRotateEvery,
    keep: eveKeep,
    say: tell,
  });
}

/** Collectors that one run sends to; the memory for what waits is shared among them. */
const MOST_COLLECTORS = 16;

function openSyslog(flags: SinkOptions, live: boolean, notice: (line: string) => void): SyslogSink[] {
  const { syslog = [], spool } = flags;
  if (syslog.length > MOST_COLLECTORS)
    throw new OperatorError(`at most ${MOST_COLLECTORS} --syslog can be given`);
  if (spool !== undefined && syslog.length === 0)
    throw new OperatorError('--spool keeps messages for --syslog: give that too');
  const { syslog_queue: queue, syslog_spool: spoolLimit } = makeLimits(flags.limit);
  // All are read before one is opened, so that a mistake in the last opens none.
  return syslog
    .map((url) => parseSyslogUrl(url))
    .map(
      (target) =>
        new SyslogSink(target, {
          ...{ version: version(), hold: !live, events: live ? ['alert', 'stats'] : ['alert'] },
          ...{ queue: Math.floor(queue / syslog.length), spoolLimit, notice },
          ...(spool === undefined ? {} : { spool }),
        }),
    );
}

function tell(line: string): void {
  process.stderr.write(`imspan: ${neutralise(line, 1_000)}\n`);
}

/** What was kept: the `fileinfo` of each file whose bytes are in the folder, behind what earlier runs wrote. */
function manifest(folder: string, privacy: PrivacyMode): EventSink {
  makeFolder(folder);
  const path = join(folder, 'manifest.jsonl');
  const sink = gate(EveSink.toFile(path, { append: true, nofollow: true }), privacy);
  return {
    ...sink,
    write(event) {
      if (event.fileinfo?.['stored'] === true) sink.write(event);
    },
  };
}

/** What scans the files that are kept; off unless a flag names it. */
function openScanners(flags: SinkOptions, live: boolean, tell: (alert: EveEvent) => void): Scanner[] {
  const { extract, scanClamd, scanCommand } = flags;
  if (scanClamd === undefined && scanCommand === undefined) return [];
  if (extract === undefined)
    throw new OperatorError('--scan-clamd and --scan-command scan the files of --extract: give that too');
  const scans: Scan[] = [];
  if (scanClamd !== undefined) scans.push(clamdScan(scanClamd));
  if (scanCommand !== undefined) scans.push(commandScan(scanCommand));
  return scans.map((scan) => new Scanner({ folder: extract, scan, tell, hold: !live }));
}

/** The console of a quiet run: it only takes the summary. */
function silent(sink: ConsoleSink): EventSink {
  return { write: () => undefined, drained: () => sink.drained(), close: () => sink.close() };
}

function words(error: unknown): string {
  if (error instanceof OperatorError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
