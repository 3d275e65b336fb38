import { createReadStream } from 'node:fs';
import { EXIT, OperatorError } from '../core/errors.ts';
import { readEvent } from '../classify/policy/read-event.ts';
import type { EveEvent } from '../event/eve.ts';

/** Longest line of a log that is read, characters. */
const MAX_LINE = 1_048_576;
/** Bad lines of which the place is told. */
const MAX_TOLD = 5;

/** Reads EVE JSON lines of files (`-`: standard input); lines that are no events are counted and passed over. */
export class EventLog {
  readonly #paths: readonly string[];
  /** Places of the first bad lines, and how many there were. */
  readonly badPlaces: string[] = [];
  bad = 0;
  events = 0;

  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  /** Hands on each event, in order. Throws an OperatorError where a file cannot be read. */
  async each(take: (event: EveEvent) => void): Promise<void> {
    for (const path of this.#paths) {
      const name = path === '-' ? 'standard input' : path;
      let line = 0;
      try {
        for await (const text of linesOf(path === '-' ? process.stdin : createReadStream(path))) {
          line++;
          if (text === '') continue;
          const event = text === undefined ? undefined : readEvent(text);
          if (event === undefined) this.#tellBad(`${name}:${line}`);
          else {
            this.events++;
            take(event);
          }
        }
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === undefined) throw error;
        throw new OperatorError(`cannot read the events of ${name}: ${code}`, EXIT.IO);
      }
    }
  }

  /** Says on standard error what was passed over. */
  complain(): void {
    if (this.bad === 0) return;
    const more = this.bad > this.badPlaces.length ? ', ...' : '';
    process.stderr.write(
      `imspan: ${this.bad} lines are no events and were left out: ${this.badPlaces.join(', ')}${more}\n`,
    );
  }

  #tellBad(place: string): void {
    this.bad++;
    if (this.badPlaces.length < MAX_TOLD) this.badPlaces.push(place);
  }
}

/** Lines without their ends; undefined for one that is too long. */
export async function* linesOf(stream: NodeJS.ReadableStream): AsyncGenerator<string | undefined> {
  stream.setEncoding('utf8');
  let rest = '';
  let tooLong = false;
  for await (const chunk of stream as AsyncIterable<string>) {
    let at = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', at)) {
      const line = rest + chunk.slice(at, end);
      yield tooLong || line.length > MAX_LINE ? undefined : line.replace(/\r$/, '');
      rest = '';
      tooLong = false;
      at = end + 1;
    }
    rest += chunk.slice(at);
    if (rest.length > MAX_LINE) {
      tooLong = true;
      rest = '';
    }
  }
  if (tooLong) yield undefined;
  else if (rest !== '') yield rest;
}
