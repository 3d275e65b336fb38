import { measure, median, type Usage } from './measure.ts';
import type { Tool } from './tools.ts';

/** Where a tool's usage has to be scaled: of how many packets the slice is, how many the whole has, and a capture of none. */
export interface Scale {
  readonly packets: number;
  readonly whole: number;
  readonly empty: string;
}

/** A tool on a file. */
export interface Entry {
  readonly tool: Tool;
  /** Shown instead of the tool's name. */
  readonly label?: string;
  readonly path: string;
  readonly scale?: Scale;
}

/** Medians over the runs of one entry. */
export interface Result {
  readonly label: string;
  readonly tool: string;
  readonly runs: number;
  readonly wall: number;
  readonly cpu: number;
  readonly peak?: number;
  /** Exit code of the first run that failed; 0 where none did. */
  readonly code: number;
  /** Share of the packets that were really read, where the numbers are scaled from a slice. */
  readonly scaledFrom?: number;
}

type Measure = (entry: Entry) => Usage;
const really: Measure = ({ tool, path }) => measure(tool.command(path));

/**
 * Runs the entries in turn (A B A B ...), so that a change of the machine's pace meets all of them.
 * A tool that is only run once runs in the first round.
 */
export function compete(entries: readonly Entry[], rounds: number, run: Measure = really): Result[] {
  const usages = entries.map((): Usage[] => []);
  for (let round = 0; round < rounds; round++) {
    entries.forEach((entry, i) => {
      if (round === 0 || !entry.tool.once) usages[i]?.push(run(entry));
    });
  }
  return entries.map((entry, i) => summarise(entry, usages[i] ?? [], run));
}

function summarise(entry: Entry, usages: readonly Usage[], run: Measure): Result {
  const peaks = usages.flatMap(({ peak }) => (peak === undefined ? [] : [peak]));
  const result: Result = {
    label: entry.label ?? entry.tool.name,
    tool: entry.tool.name,
    runs: usages.length,
    wall: median(usages.map(({ wall }) => wall)),
    cpu: median(usages.map(({ cpu }) => cpu)),
    ...(peaks.length > 0 ? { peak: median(peaks) } : {}),
    code: usages.find(({ code }) => code !== 0)?.code ?? 0,
  };
  return entry.scale === undefined
    ? result
    : scaled(result, entry.scale, run({ ...entry, path: entry.scale.empty }));
}

/** What the whole would take: starting costs once, the rest grows with the packets. */
function scaled(result: Result, { packets, whole }: Scale, start: Usage): Result {
  const grow = (part: number, fixed: number) => fixed + (Math.max(0, part - fixed) * whole) / packets;
  return {
    ...result,
    cpu: grow(result.cpu, start.cpu),
    wall: grow(result.wall, start.wall),
    scaledFrom: packets / whole,
  };
}
