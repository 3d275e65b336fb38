import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InterfaceInfo } from '../../capture/live/interfaces.ts';
import { runTool } from '../../capture/live/run-tool.ts';
import type { ToolRun } from '../../capture/live/run-tool.ts';
import { bad, good, unknown, warning } from './check.ts';
import type { Check } from './check.ts';

/** Runs a program; another one in tests. */
export type Run = (command: string, args: readonly string[]) => Promise<ToolRun>;

/** What joins packets, so that they are longer than those on the wire (names of ethtool). */
const JOINING = ['generic-receive-offload', 'large-receive-offload', 'rx-gro-hw', 'rx-gro-list'];
const SHORT: Readonly<Record<string, string>> = {
  'generic-receive-offload': 'gro',
  'large-receive-offload': 'lro',
};
/** Of the packets that a card received, those that it dropped. */
const DROP_SHARE = 0.001;

/** Whether it is there, up, and like a span port. */
export function checkInterface(name: string, info: InterfaceInfo | undefined): Check[] {
  const title = `interface ${name}`;
  if (name === 'any')
    return [warning(title, 'all interfaces at once, not promiscuous', 'name the interface of the span port')];
  if (!info) return [bad(title, 'there is none', 'imspan interfaces lists what there is')];
  if (info.state === 'down') return [bad(title, 'it is down', `sudo ip link set ${name} up`)];
  if (info.state === 'no carrier')
    return [bad(title, 'it has no carrier', 'is the cable in, and the span port of the switch on?')];
  if (info.addresses.length > 0 && info.link === 'ethernet')
    return [
      warning(
        title,
        `up, with the address ${info.addresses.join(', ')}`,
        'a span port needs none: take another interface for the management of the sensor, or remove it',
      ),
    ];
  return [
    good(title, `${info.state}, ${info.link}${info.speed === undefined ? '' : `, ${info.speed} Mbit/s`}`),
  ];
}

/** Whether the card, or the kernel, joins packets. */
export async function checkOffloads(name: string, run: Run = runTool): Promise<Check> {
  const title = `offloads ${name}`;
  const { status, text } = await run('ethtool', ['-k', name]);
  if (status === undefined) return unknown(title, 'ethtool is not there', 'apt install ethtool');
  if (status !== 0) return unknown(title, 'the interface does not say');
  const on = JOINING.filter((each) => new RegExp(`^\\s*${each}: on\\b`, 'm').test(text));
  if (on.length === 0) return good(title, 'nothing joins packets');
  const switches = on.map((each) => `${SHORT[each] ?? each} off`).join(' ');
  return warning(
    title,
    `${on.join(', ')}: packets are joined to longer ones than those on the wire`,
    `sudo ethtool -K ${name} ${switches}`,
  );
}

/** Whether the ring of the card is as large as it can be. */
export async function checkRing(name: string, run: Run = runTool): Promise<Check> {
  const title = `ring ${name}`;
  const { status, text } = await run('ethtool', ['-g', name]);
  if (status !== 0) return unknown(title, 'the interface has none, or does not say');
  const [most, now] = [...text.matchAll(/^RX:\s+(\d+)/gm)].map(([, n]) => Number(n));
  if (most === undefined || now === undefined) return unknown(title, 'the interface does not say');
  if (now >= most) return good(title, `${now} packets, the most that it takes`);
  return warning(title, `${now} of ${most} packets`, `sudo ethtool -G ${name} rx ${most}`);
}

/** Whether the card has dropped packets since the machine started: the kernel never saw them. */
export function checkCardDrops(name: string, sys = '/sys/class/net'): Check {
  const title = `card ${name}`;
  const count = (leaf: string): number => {
    try {
      return Number(readFileSync(join(sys, name, 'statistics', leaf), 'utf8'));
    } catch {
      return NaN;
    }
  };
  const received = count('rx_packets');
  const lost = count('rx_missed_errors') + count('rx_fifo_errors');
  if (!Number.isFinite(received + lost)) return unknown(title, 'it does not count what it drops');
  if (lost <= received * DROP_SHARE)
    return good(title, `${received} packets received, ${lost} dropped by the card`);
  return bad(
    title,
    `${lost} packets dropped by the card, ${received} received`,
    'give it a larger ring (ethtool -G), more queues, or less to mirror',
  );
}
