import type { Result } from './contest.ts';
import type { Check, Report } from './lines.ts';
import type { Summary } from './generate/statistics.ts';

/** `ok`, `over` (or `under`), `missing` where it could not be told, `-` where there is no bound. */
export function verdict({ value, atMost, atLeast }: Check): string {
  if (atMost === undefined && atLeast === undefined) return '-';
  if (value === undefined) return 'missing';
  if (atMost !== undefined && value > atMost) return 'over';
  return atLeast !== undefined && value < atLeast ? 'under' : 'ok';
}

/** Whether a report misses a bound, or imspan failed in it. */
export function isMissed({ checks, results }: Report): boolean {
  const failed = results.some(({ tool, code }) => tool === 'imspan' && code !== 0);
  return failed || checks.some((check) => ['over', 'under'].includes(verdict(check)));
}

/** A report as text: a row a tool, a row a check. */
export function formatReport({ line, about, summary, results, checks }: Report): string {
  const rows = results.map((result) => [
    nameOf(result),
    result.code === 0 ? result.cpu.toFixed(2) : `failed (${result.code})`,
    result.wall.toFixed(2),
    result.peak === undefined ? '' : result.peak.toFixed(0),
    String(result.runs),
  ]);
  const judged = checks.map((check) => [
    check.what,
    check.value === undefined ? '' : check.value.toFixed(2),
    bound(check),
    verdict(check),
  ]);
  return [
    `${line}: ${about}`,
    ...(summary === undefined ? [] : [formatSummary(summary)]),
    columns([['', 'CPU s', 'wall s', 'peak MiB', 'runs'], ...rows]),
    '',
    columns(judged),
    '',
  ].join('\n');
}

function bound({ atMost, atLeast }: Check): string {
  if (atMost !== undefined) return `at most ${atMost}`;
  return atLeast === undefined ? '' : `at least ${atLeast}`;
}

/** What a workload holds, as text. */
function formatSummary(summary: Summary): string {
  const kinds = Object.entries(summary.kinds).map(([kind, { flows, packets, bytes }]) => [
    kind,
    String(flows),
    String(packets),
    (bytes / 1e6).toFixed(1),
  ]);
  const percent = (share: number) => `${(share * 100).toFixed(2)}%`;
  const { flowBytes, flowPackets } = summary;
  return [
    `${summary.packets} packets, ${summary.bytes} bytes, ${summary.flows} flows in ${summary.seconds.toFixed(0)} s; at most ${summary.mostConcurrent} flows at a time`,
    `IM ${percent(summary.imPackets)} of the packets, ${percent(summary.imFlows)} of the flows, IPv6 ${percent(summary.ipv6Flows)}, VLAN ${percent(summary.vlanFlows)}, begun before ${percent(summary.midstreamFlows)}, never closed ${percent(summary.unclosedFlows)}`,
    `segments lost ${percent(summary.lost)}, reordered ${percent(summary.reordered)}; ${summary.tlsHellos} distinct TLS hellos, ${summary.httpExchanges} distinct HTTP exchanges`,
    `flow bytes: half up to ${flowBytes.p50}, 90% ${flowBytes.p90}, 99% ${flowBytes.p99}, largest ${flowBytes.max}; packets ${flowPackets.p50}, ${flowPackets.p90}, ${flowPackets.p99}, ${flowPackets.max}`,
    columns([['', 'flows', 'packets', 'MB'], ...kinds]),
    '',
  ].join('\n');
}

function nameOf({ label, scaledFrom }: Result): string {
  return scaledFrom === undefined
    ? label
    : `${label} (scaled from ${(scaledFrom * 100).toFixed(1)}% of the packets)`;
}

/** Rows in columns: the first to the left, the others to the right. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  const pad = (cell: string, i: number) =>
    i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);
  return rows.map((row) => `  ${row.map(pad).join('  ')}`.trimEnd()).join('\n');
}
