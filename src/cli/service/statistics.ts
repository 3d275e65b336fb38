import type { LiveStatus } from '../../app/live.ts';
import { lossOf } from '../../app/stats.ts';
import { neutralise } from '../../sink/neutralise.ts';
import { sizeText } from '../units.ts';

/** How a live run stands, for SIGUSR1: lines without end. */
export function statisticsText(status: LiveStatus): string {
  const n = (value: number): string => value.toLocaleString('en-US');
  const { uptime, frames, flows, events, alerts, memory, backlog, interfaces, counters, gapBytes } = status;
  const lines = [
    `running for ${n(uptime)} s: ${n(frames)} packets, ${n(flows)} connections in the table, ${n(events)} events, ${n(alerts)} alerts`,
    `memory ${sizeText(memory)}, ${sizeText(backlog)} of packets wait for the workers`,
  ];
  for (const { name, frames: own, packets, drops, queueDrops = 0, restarts } of interfaces) {
    const kernel = packets === undefined ? 'unknown to the kernel' : `${n(packets)} in the kernel`;
    const lost = drops === undefined ? 'drops unknown' : `${n(drops)} dropped there`;
    lines.push(
      `${neutralise(name, 50)}: ${n(own)} packets (${kernel}, ${lost}), ${n(queueDrops)} dropped by us, begun again ${n(restarts)} times`,
    );
  }
  const loss = counters ? ` (${(lossOf(counters) * 100).toFixed(3)}% of IM)` : '';
  lines.push(`${n(gapBytes)} bytes missing${loss}`);
  const hit = Object.entries(counters?.limits ?? {}).filter(([, times]) => times > 0);
  if (hit.length > 0)
    lines.push(`limits hit: ${hit.map(([name, times]) => `${name} ${n(times)}`).join(', ')}`);
  return lines.join('\n');
}
