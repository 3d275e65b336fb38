import { parseArgs } from 'node:util';

/** What was asked of the bench. */
export interface Options {
  readonly lines: readonly string[];
  readonly runs: number;
  /** Size of the mix in GB; the other workloads follow it. */
  readonly size: number;
  /** MB of a capture that tshark reads; the rest is scaled. */
  readonly tsharkSlice: number;
  /** tshark reads the whole IM load. */
  readonly full: boolean;
  readonly json?: string;
}

export const USAGE = `usage: npm run bench -- [big] [options]
  --only LINE       only this line, several with commas: mix, scale, im, oscar, msnp, ymsg, xmpp,
                    workers, checks, gzip, folder, big
  --runs N          rounds, of which the median counts (5)
  --size GB         size of the mix; the other workloads follow it (1)
  --tshark-slice MB how much of a capture tshark reads before its time is scaled (30)
  --full            let tshark read the whole IM load
  --json FILE       write the results there too
  live              only the live engines, over a veth pair (needs root, ip, tcpreplay, tcpdump)
  big               add the line that needs a mix of ten times the size
`;

/** The lines that are run where none is asked for. */
const DEFAULT_LINES = ['mix', 'scale', 'im', 'gzip', 'folder'];

/** Reads the command line; throws with what is wrong. */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      runs: { type: 'string', default: '5' },
      size: { type: 'string', default: '1' },
      'tshark-slice': { type: 'string', default: '30' },
      full: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  // Live capture measures the machine as well: nothing else runs beside it.
  const alone = positionals.length > 0 && positionals.every((line) => line === 'live');
  const only = values.only?.split(',') ?? (alone ? [] : [...DEFAULT_LINES]);
  const lines = [...only, ...positionals];
  const strange = lines.find((line) => !known.includes(line));
  if (strange !== undefined) throw new Error(`no such line: ${strange}`);
  return {
    lines: known.filter((line) => lines.includes(line)),
    runs: Math.ceil(positive('runs', values.runs)),
    size: positive('size', values.size),
    tsharkSlice: positive('tshark-slice', values['tshark-slice']),
    full: values.full,
    ...(values.json === undefined ? {} : { json: values.json }),
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0) || value === Infinity) throw new Error(`--${name} needs a number above 0, not ${text}`);
  return value;
}
