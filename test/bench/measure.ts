import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A program to run, found on the path, with its arguments. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** It may use every core; else it is held to one. */
  readonly allCores?: boolean;
}

/** What a whole process used: seconds and MiB. */
export interface Usage {
  readonly wall: number;
  /** User and system time together. */
  readonly cpu: number;
  /** Peak resident memory; absent where nothing here can tell. */
  readonly peak?: number;
  /** Exit code; -1 where a signal ended it. */
  readonly code: number;
}

/** Makes a command report its usage into a file, and reads it there. */
interface Meter {
  wrap(command: Command, out: string): Command;
  read(report: string): { cpu: number; peak?: number };
}

const GNU_TIME = '/usr/bin/time';
const USAGE_HOOK = fileURLToPath(new URL('usage.mjs', import.meta.url));
/** Runs the rest of its arguments, then writes the shell's and its children's times into the first. */
const TIMES = 'out=$1; shift; "$@"; code=$?; times >"$out"; exit $code';

/** GNU time. */
export const timeMeter: Meter = {
  wrap: ({ program, args }, out) => ({
    program: GNU_TIME,
    args: ['-f', '%U %S %M', '-o', out, program, ...args],
  }),
  read: (report) => {
    const [user = 0, system = 0, kilobytes = 0] = numbers(report.trim().split('\n').at(-1) ?? '');
    return { cpu: user + system, peak: kilobytes / 1024 };
  },
};

/** Node's own account, for commands that are Node programs. */
export const nodeMeter: Meter = {
  wrap: ({ program, args }, out) => ({
    program: 'env',
    args: [`BENCH_USAGE=${out}`, program, '--import', USAGE_HOOK, ...args],
  }),
  read: (report) => {
    const [user = 0, system = 0, kilobytes = 0] = numbers(report);
    return { cpu: user + system, peak: kilobytes / 1024 };
  },
};

/** The shell's account: processor time only. */
export const shellMeter: Meter = {
  wrap: ({ program, args }, out) => ({ program: 'sh', args: ['-c', TIMES, 'sh', out, program, ...args] }),
  read: (report) => {
    const children = report.trim().split('\n')[1] ?? '';
    const times = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
    return {
      cpu: times.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0),
    };
  },
};

/** Runs a command, on one core unless it may have all, its output thrown away. */
export function measure(command: Command, meter = meterFor(command)): Usage {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const out = join(folder, 'usage');
  try {
    const whole = meter.wrap(command, out);
    const wrapped = command.allCores ? whole : pinned(whole);
    const start = process.hrtime.bigint();
    const { status } = spawnSync(wrapped.program, wrapped.args, {
      stdio: 'ignore',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const wall = Number(process.hrtime.bigint() - start) / 1e9;
    const report = existsSync(out) ? readFileSync(out, 'utf8') : '';
    return { wall, code: status ?? -1, ...meter.read(report) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Whether a program is installed. */
export function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program], { stdio: 'ignore' }).status === 0;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

function meterFor({ program }: Command): Meter {
  if (existsSync(GNU_TIME)) return timeMeter;
  return program === process.execPath ? nodeMeter : shellMeter;
}

let core: string | undefined;

/** The last core that we may use, empty where a command cannot be bound to one. */
function lastCore(): string {
  if (core !== undefined) return core;
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const allowed = /Cpus_allowed_list:\s*\S*?(\d+)\s/.exec(status)?.[1] ?? '';
  core = allowed !== '' && isInstalled('taskset') ? allowed : '';
  return core;
}

function pinned(command: Command): Command {
  const last = lastCore();
  if (last === '') return command;
  return { program: 'taskset', args: ['-c', last, command.program, ...command.args] };
}

function numbers(line: string): number[] {
  return line.trim().split(/\s+/).map(Number);
}
