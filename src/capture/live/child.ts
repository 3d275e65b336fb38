import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { openStream } from '../source.ts';
import type { FrameSink } from '../source.ts';
import type { EngineUser, Tap, TapCounters, TapEnd, TapTrouble } from './engine.ts';
import { endWithUs } from './guard.ts';
import { toolEnvironment } from './run-tool.ts';

/** A program that writes a capture to its standard output and tells of itself on standard error. */
export interface ChildProgram {
  readonly command: string;
  readonly args: readonly string[];
  /** The user that it becomes by itself; we are root until then. */
  readonly user?: EngineUser | undefined;
  /** What it says once it captures. */
  readonly up: RegExp;
  /** Takes the counters out of a line that it printed. */
  readonly count: (line: string, counters: TapCounters) => void;
  /** Makes it print its counters. */
  readonly askSignal?: NodeJS.Signals;
  /** Makes it write what it holds back. */
  readonly flushSignal?: NodeJS.Signals;
}

/** How often what the child holds back is asked for: what it gathers until then costs one write. */
const FLUSH_MS = 250;
/** What a child that was told to end may take. */
const END_MS = 3_000;
/** Lines of its that are kept, the first ones, for advice comes behind; a longer line is cut. */
const LINES = 8;
const LINE = 2_000;

const TROUBLES: readonly (readonly [TapTrouble, RegExp])[] = [
  ['permission', /permission|not permitted|EPERM|EACCES/i],
  ['gone', /no such device|no device named|disappeared|no longer attached|went down|not up|doesn't exist/i],
];

/** One run of such a program. */
export class ChildTap implements Tap {
  readonly counters: TapCounters = { packets: undefined, drops: undefined };
  readonly #program: ChildProgram;
  readonly #iface: string;
  readonly #said: string[] = [];
  #child: ChildProcess | undefined = undefined;
  #running = false;
  #stopped = false;
  #deadline: NodeJS.Timeout | undefined = undefined;
  #onUp: () => void = () => undefined;

  constructor(iface: string, program: ChildProgram) {
    this.#iface = iface;
    this.#program = program;
  }

  async capture(sink: FrameSink, up: () => void): Promise<TapEnd> {
    if (this.#stopped) return { trouble: 'stopped', message: 'stopped' };
    this.#onUp = up;
    const { command, args } = this.#program;
    // A session of its own: a Ctrl-C at the terminal is ours alone, and we end it in order.
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: toolEnvironment(),
      detached: true,
    });
    this.#child = child;
    const ended = endOf(child);
    // Beside what `endOf` hears: a signal that it may not be sent.
    child.on('error', () => undefined);
    const callOff = child.pid === undefined ? undefined : endWithUs(child.pid, this.#program.user);
    const told = this.#listen(child.stderr);
    const flush = this.#flushing(child.stdout);
    try {
      const { problem } = await openStream(this.#iface, child.stdout).read(sink);
      // Its output is over (or was no capture): nothing else will come of it.
      this.#end(child);
      const failure = await ended;
      await told;
      return this.#verdict(failure, problem?.message);
    } finally {
      clearInterval(flush);
      clearTimeout(this.#deadline);
      this.#running = false;
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      callOff?.();
    }
  }

  ask(): void {
    if (this.#running && this.#program.askSignal) this.#child?.kill(this.#program.askSignal);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#child) this.#end(this.#child);
  }

  #end(child: ChildProcess): void {
    this.#running = false;
    child.kill('SIGTERM');
    this.#deadline ??= setTimeout(() => child.kill('SIGKILL'), END_MS);
  }

  kill(): void {
    this.#stopped = true;
    this.#child?.kill('SIGKILL');
  }

  /**
   * Only a child that is idle is asked. tcpdump writes in its signal handler: in the middle of a write that waits for
   * us, that garbles what it writes.
   */
  #flushing(stdout: Readable): NodeJS.Timeout | undefined {
    const { flushSignal } = this.#program;
    if (flushSignal === undefined) return undefined;
    const socket = stdout as Readable & { readonly bytesRead: number };
    let before = -1;
    return setInterval(() => {
      const was = before;
      before = socket.bytesRead;
      if (socket.bytesRead !== was) return;
      // What is in the pipe is read first, where we were too busy for it: then the child may be writing.
      setImmediate(() => {
        const idle = socket.bytesRead === was && socket.readableLength === 0;
        // Before it says that it captures it may not have set its handlers: the signal would end it.
        if (idle && this.#running) this.#child?.kill(flushSignal);
      });
    }, FLUSH_MS);
  }

  /** Reads the child's words to their end, a line at a time. */
  async #listen(stderr: Readable): Promise<void> {
    let rest = '';
    try {
      for await (const chunk of stderr) {
        const lines = `${rest}${String(chunk)}`.split(/\r?\n|\r/);
        rest = (lines.pop() ?? '').slice(0, LINE);
        for (const line of lines) this.#line(line.slice(0, LINE));
      }
    } catch {
      // It ended in a way that closed its output too: what it said before is kept.
    }
    this.#line(rest);
  }

  #line(line: string): void {
    const text = line.trim();
    if (text === '') return;
    this.#program.count(text, this.counters);
    if (this.#program.up.test(text)) {
      if (!this.#stopped) this.#running = true;
      this.#onUp();
      return;
    }
    if (this.#said.length < LINES && !NO_REASON.test(text)) this.#said.push(text);
  }

  #verdict(failure: Error | undefined, problem: string | undefined): TapEnd {
    if (failure) {
      const missing = (failure as { code?: string }).code === 'ENOENT';
      return { trouble: missing ? 'missing' : 'failed', message: failure.message };
    }
    if (this.#stopped) return { trouble: 'stopped', message: 'stopped' };
    const said = this.#said;
    for (const [trouble, pattern] of TROUBLES) {
      const line = said.find((text) => pattern.test(text));
      if (line !== undefined) return { trouble, message: plain(line) };
    }
    if (said.length === 0 && this.#child?.exitCode === 0 && problem !== undefined)
      return { trouble: 'failed', message: `what it wrote: ${problem}` };
    const status = this.#child?.signalCode ?? `status ${this.#child?.exitCode}`;
    return {
      trouble: 'failed',
      message: said.length > 0 ? plain(said.join('; ')) : `it ended with ${status}`,
    };
  }
}

/** Lines that say how much, or what it does, not why it ended. */
const NO_REASON =
  /^\d+ packets?|packets (captured|received)|^(Truncated|Retried) packets|^File: |^Capturing on|dropped privs|data link type|verbose output suppressed/i;

function plain(line: string): string {
  return line.replace(/^(tcpdump|dumpcap): */, '');
}

/** Resolves at the child's end, with why it could not be started. */
function endOf(child: ChildProcess): Promise<Error | undefined> {
  return new Promise((resolve) => {
    child.once('error', resolve);
    child.once('exit', () => resolve(undefined));
  });
}
