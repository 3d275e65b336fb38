import type { Writable } from 'node:stream';
import type { OperatorError } from '../core/errors.ts';
import type { EveEvent, EventSink } from '../event/eve.ts';
import { eventJson } from '../event/factory.ts';
import { openFileOutput, streamOutput } from './output.ts';
import type { FileOptions, OutputOptions, TextOutput } from './output.ts';

/**
 * EVE JSON: one event a line. Characters that could act on a terminal or split a line (DEL, C1
 * controls, bidirectional controls, line separators) leave as JSON's `\u` escapes: the same JSON, safe to look at.
 */
export class EveSink implements EventSink {
  readonly #output: TextOutput;
  /** Events that could not be written because the output had failed or its reader had gone. */
  lost = 0;

  private constructor(output: TextOutput) {
    this.#output = output;
  }

  /** Writes to the file at `path`; throws an OperatorError where it cannot be opened. */
  static toFile(path: string, options: FileOptions = {}): EveSink {
    return new EveSink(openFileOutput(path, { ...options, mend: escapeActive }));
  }

  /** Writes to a stream, which is never ended. */
  static toStream(stream: Writable, name = 'standard output', options: OutputOptions = {}): EveSink {
    return new EveSink(streamOutput(stream, name, { ...options, mend: escapeActive }));
  }

  get closedByReader(): boolean {
    return this.#output.closedByReader;
  }

  get failure(): OperatorError | undefined {
    return this.#output.failure;
  }

  /** Bytes that were taken. */
  get written(): number {
    return this.#output.written;
  }

  write(event: EveEvent): void {
    if (!this.#output.write(`${eventJson(event)}\n`)) this.lost++;
  }

  flush(): void {
    this.#output.flush();
  }

  drained(): Promise<void> | undefined {
    return this.#output.drained();
  }

  close(): Promise<void> {
    return this.#output.close();
  }
}

/** What `JSON.stringify` leaves as it is and a terminal or a line reader may act on. */
const ACTIVE = /[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

function escapeActive(lines: string): string {
  return lines.replace(ACTIVE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
