import { join } from 'node:path';
import { makeFolder } from '../app/pipeline.ts';
import type { EventSink } from '../event/eve.ts';
import { OperatorError } from '../core/errors.ts';
import { colourLevel } from '../sink/colour.ts';
import { ConsoleSink } from '../sink/console.ts';
import { EveSink } from '../sink/eve.ts';
import { gate, parseEmit } from '../sink/filter.ts';
import { SyslogSink } from '../sink/syslog.ts';
import { parseSyslogUrl } from '../sink/syslog-target.ts';
import type { PrivacyMode } from '../sink/privacy.ts';

export interface SinkOptions {
  json?: boolean;
  eve?: string;
  syslog?: string[];
  emit?: string;
  privacy: PrivacyMode;
  verbose?: boolean;
  quiet?: boolean;
  extract?: string;
}

/** The sinks of one run. */
export interface Sinks {
  readonly all: readonly EventSink[];
  /** Aborted once the reader of standard output has gone: there is no use in going on. */
  readonly signal: AbortSignal;
  /** Writes to the console, behind the events. */
  print(text: string): void;
  /** Hands over what is left; what failed, in words. */
  close(): Promise<string[]>;
}

/** Opens what the flags name; throws an OperatorError where that cannot be. */
export function openSinks(flags: SinkOptions): Sinks {
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
  if (flags.eve !== undefined) opened.push(gate(EveSink.toFile(flags.eve), flags.privacy, emit));
  if (flags.extract !== undefined) opened.push(manifest(flags.extract, flags.privacy));
  for (const url of flags.syslog ?? []) opened.push(gate(new SyslogSink(parseSyslogUrl(url)), flags.privacy));
  return {
    all: opened,
    signal: gone.signal,
    print(text) {
      console?.print(text);
    },
    async close() {
      const ends = await Promise.allSettled(opened.map((sink) => sink.close()));
      return ends.flatMap((end) => (end.status === 'rejected' ? [words(end.reason)] : []));
    },
  };
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

/** The console of a quiet run: it only takes the summary. */
function silent(sink: ConsoleSink): EventSink {
  return { write: () => undefined, drained: () => sink.drained(), close: () => sink.close() };
}

function words(error: unknown): string {
  if (error instanceof OperatorError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
