import { ChildTap } from './child.ts';
import type { Engine, TapCounters, TapOptions } from './engine.ts';
import { runTool } from './run-tool.ts';

const MIB = 1_048_576;

/** The engine, or undefined where there is no dumpcap. */
export async function findDumpcap(command = 'dumpcap'): Promise<Engine | undefined> {
  const { status } = await runTool(command, ['--version']);
  if (status === undefined) return undefined;
  return {
    name: 'dumpcap',
    counts: 'kernel times; kernel drops are known only at the end',
    drops: 'end',
    refuses: ({ user }) =>
      user === undefined
        ? []
        : ['it does not become another user; give dumpcap the right and start imspan as that user'],
    async checkFilter({ filter, iface }) {
      if (filter === '') return undefined;
      // Its exit code is 0 either way; that it may not open the interface is told when it captures.
      const { text } = await runTool(command, ['-i', iface, '-f', filter, '-d']);
      return /invalid capture filter/i.test(text) ? filterComplaint(text) : undefined;
    },
    open: (options) =>
      new ChildTap(options.iface, {
        command,
        args: dumpcapArguments(options),
        // `Capturing on` comes before it has even tried.
        up: /^File: /,
        count: countDumpcap,
      }),
  };
}

export function dumpcapArguments(options: TapOptions): string[] {
  const { iface, filter, snapLength, buffer, promiscuous } = options;
  return [
    ...['-i', iface, ...(filter === '' ? [] : ['-f', filter])],
    ...['-q', '-P', '-w', '-'],
    ...['-s', String(snapLength), '-B', String(Math.max(1, Math.ceil(buffer / MIB)))],
    ...(promiscuous ? [] : ['-p']),
  ];
}

/** `Packets received/dropped on interface 'eth1': 2188/3 (pcap:3/dumpcap:0/...)`; the first leaves out the second. */
export function countDumpcap(line: string, counters: TapCounters): void {
  const [, received, dropped] = /Packets received\/dropped on interface .*: (\d+)\/(\d+)/.exec(line) ?? [];
  if (received === undefined || dropped === undefined) return;
  counters.drops = Number(dropped);
  counters.packets = Number(received) + Number(dropped);
}

/** What dumpcap says of a filter, without its advice. */
function filterComplaint(text: string): string {
  return /valid capture filter \((.*)\)/.exec(text)?.[1] ?? 'not a capture filter';
}
