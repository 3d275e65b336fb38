import { ChildTap } from './child.ts';
import type { Engine, TapCounters, TapOptions } from './engine.ts';
import { runTool } from './run-tool.ts';

/** From this version on SIGUSR2 writes out what is held back; an older one would end of it. */
const FLUSHES = [4, 99] as const;

/** The engine, or undefined where there is no tcpdump. */
export async function findTcpdump(command = 'tcpdump'): Promise<Engine | undefined> {
  const { status, text } = await runTool(command, ['--version']);
  if (status === undefined) return undefined;
  return tcpdumpEngine(command, flushesOnSignal(text));
}

/** Whether the tcpdump that says this of itself writes out what it holds back on SIGUSR2. */
export function flushesOnSignal(version: string): boolean {
  const [, major = '0', minor = '0'] = /tcpdump version (\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) > FLUSHES[0] || (Number(major) === FLUSHES[0] && Number(minor) >= FLUSHES[1]);
}

function tcpdumpEngine(command: string, flushes: boolean): Engine {
  return {
    name: 'tcpdump',
    counts: 'kernel times; kernel drops are counted while it runs',
    drops: 'running',
    refuses: () => [],
    async checkFilter({ filter }) {
      if (filter === '') return undefined;
      const { status, text } = await runTool(command, ['-y', 'EN10MB', '-d', '--', filter]);
      return status === 0 ? undefined : lastLine(text).replace(/^tcpdump: */, '');
    },
    open: (options) =>
      new ChildTap(options.iface, {
        ...{ command, user: options.user },
        args: tcpdumpArguments(options, flushes),
        up: /listening on /,
        count: countTcpdump,
        askSignal: 'SIGUSR1',
        ...(flushes ? { flushSignal: 'SIGUSR2' } : {}),
      }),
  };
}

/**
 * Not `-U` (a write a packet) where the output can be asked for instead, and not `--immediate-mode`
 * (a wake-up a packet): at full rate both lose packets that the plain way does not.
 */
export function tcpdumpArguments(options: TapOptions, flushes: boolean): string[] {
  const { iface, filter, snapLength, buffer, promiscuous, user } = options;
  return [
    ...['-i', iface, '-n', '-w', '-'],
    ...['-s', String(snapLength), '-B', String(Math.ceil(buffer / 1024))],
    ...(promiscuous ? [] : ['-p']),
    ...(user === undefined ? [] : ['-Z', user.name]),
    ...(flushes ? [] : ['-U']),
    ...(filter === '' ? [] : ['--', filter]),
  ];
}

/** `12 packets received by filter`, `3 packets dropped by kernel`: a line each, or all in one. */
export function countTcpdump(line: string, counters: TapCounters): void {
  const packets = /(\d+) packets? received by filter/.exec(line);
  if (packets) counters.packets = Number(packets[1]);
  const drops = /(\d+) packets? dropped by kernel/.exec(line);
  if (drops) counters.drops = Number(drops[1]);
}

/** The last line that says something. */
export function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim() ?? '';
}
