/** The built program in child processes, as an operator runs it. `npm test` has built it. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EveEvent } from '../../src/event/eve.ts';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const PROGRAM = join(ROOT, 'bin', 'imspan.js');

/** What a run may take on a machine that is busy with other things. */
export const PATIENCE = 120_000;

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

/** The command line of the program: for shells and pseudo-terminals. */
export function commandOf(args: readonly string[]): [command: string, args: string[]] {
  return [process.execPath, [PROGRAM, ...args]];
}

/** An environment in which nothing speaks for or against colours. */
export function environment(set: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', TERM: 'xterm-256color', ...set };
}

/** Runs the program from the project's root to its end. */
export function imspan(args: readonly string[], options: RunOptions = {}): Run {
  const [command, all] = commandOf(args);
  const done = spawnSync(command, all, {
    cwd: ROOT,
    env: environment(options.env),
    input: options.input ?? '',
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    timeout: PATIENCE,
  });
  if (done.error) throw done.error;
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}

/** Starts the program and leaves its ends open. */
export function startImspan(args: readonly string[]): ChildProcessWithoutNullStreams {
  const [command, all] = commandOf(args);
  return spawn(command, all, { cwd: ROOT, env: environment() });
}

/** All of a child that was started: resolves at its end. */
export function finished(child: ChildProcessWithoutNullStreams): Promise<Run> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      resolve({ status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
  });
}

/** An event as it was written, whatever is in it. */
export type Written = EveEvent & Readonly<Record<string, unknown>>;

/** The events of an output of JSON lines; throws on anything else in it. */
export function eventsOf(output: string): Written[] {
  if (output !== '' && !output.endsWith('\n'))
    throw new Error(`the last line has no end: ${output.slice(-200)}`);
  return output
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const value: unknown = JSON.parse(line);
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw new Error(`no JSON object: ${line}`);
      return value as Written;
    });
}

/** The events without where they were read: what two readings of the same packets have in common. */
export function withoutPlace(events: readonly Written[]): Record<string, unknown>[] {
  return events
    .filter((event) => event.event_type !== 'stats')
    .map((event) => ({ ...event, pcap_filename: undefined, pcap_cnt: undefined }));
}

/** A folder for the files of one test file. */
export class Scratch {
  readonly path = mkdtempSync(join(tmpdir(), 'imspan-e2e-'));

  file(name: string): string {
    return join(this.path, name);
  }

  write(name: string, bytes: Uint8Array): string {
    writeFileSync(this.file(name), bytes);
    return this.file(name);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
