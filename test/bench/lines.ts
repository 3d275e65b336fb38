import { judgements } from './checks.ts';
import { emptyOf, folderOf, gzipOf, sliceOf, type Cache, type Capture } from './cache.ts';
import { compete, type Entry, type Result } from './contest.ts';
import type { Options } from './options.ts';
import type { Summary } from './generate/statistics.ts';
import type { Network, Parameters } from './generate/workload.ts';
import { shareRecognised } from './recognised.ts';
import { TARGETS } from './targets.ts';
import { ENGINE_NAMES } from '../../src/capture/live/engine.ts';
import { sendLive, whyNotLive } from './live.ts';
import {
  floor,
  gunzip,
  imspan,
  imspanJudging,
  imspanJson,
  imspanWith,
  ndpiReader,
  tcpdump,
  tcpflow,
  tshark,
  tsharkJson,
  tsharkOf,
  type Tool,
} from './tools.ts';

const GIGABYTE = 1e9;
const IM_SHARE = 0.3;
const NETWORK_SHARE = 0.1;
const GZIP_SHARE = 0.2;
const LIVE_SHARE = 0.1;
const FOLDER_SHARE = 0.1;
const CHECKS_SHARE = 0.06;
const FOLDER_FILE = 100_000;
const BIG = 10;
const SEED = 20_050_308;

/** A number with its bound; without one it is only told. */
export interface Check {
  readonly what: string;
  /** Absent where a tool it needs is missing or failed. */
  readonly value?: number;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** One line of the bench: what was run on what, and what follows. */
export interface Report {
  readonly line: string;
  readonly about: string;
  /** What the workload holds, where the line is the first on it. */
  readonly summary?: Summary;
  readonly results: readonly Result[];
  readonly checks: readonly Check[];
}

export interface Context {
  readonly options: Options;
  readonly cache: Cache;
  readonly note: (text: string) => void;
}

type Line = (context: Context) => Promise<Report>;

/** The lines by name, in the order in which they are run. */
export const LINES: Readonly<Record<string, Line>> = {
  mix: mixLine,
  scale: scaleLine,
  im: imLine,
  oscar: (context) => networkLine(context, 'oscar'),
  msnp: (context) => networkLine(context, 'msnp'),
  ymsg: (context) => networkLine(context, 'ymsg'),
  xmpp: (context) => networkLine(context, 'xmpp'),
  workers: workersLine,
  checks: checksLine,
  live: liveLine,
  gzip: gzipLine,
  folder: folderLine,
  big: bigLine,
};

async function mixLine(context: Context): Promise<Report> {
  const capture = obtain(context, 'mix', 1);
  const others = [tcpdump, ndpiReader, tcpflow].map((tool) => ({ tool, path: capture.path }));
  const slow = await slowEntry(context, capture, tshark, false);
  const results = run(context, [...ours(capture), ...others, slow]);
  const { floor: toFloor, peak, recognised, ...toTools } = TARGETS.mix;
  return {
    line: 'mix',
    about: describe(capture),
    summary: capture.summary,
    results,
    checks: [
      ratio(results, 'imspan', 'floor', toFloor),
      ratio(results, 'imspan', 'tcpdump'),
      ...Object.entries(toTools).map(([tool, target]) => ratio(results, 'imspan', tool, target)),
      memory(results, 'imspan', peak),
      { ...check('IM flows told / written', await shareRecognised(capture)), atLeast: recognised },
    ],
  };
}

async function scaleLine(context: Context): Promise<Report> {
  const capture = obtain(context, 'mix', 1);
  const half = await sliceOf(capture, capture.summary.bytes / 2);
  const results = run(context, [
    { tool: imspan, label: 'start', path: await emptyOf(capture) },
    { tool: imspan, label: 'half', path: half.path },
    { tool: imspan, label: 'whole', path: capture.path },
  ]);
  const packets = capture.summary.packets / half.packets;
  const [start, first, whole] = ['start', 'half', 'whole'].map((label) => cpuOf(results, label));
  return {
    line: 'scale',
    about: `the mix and its first half: ${packets.toFixed(2)} times the packets, start-up taken off`,
    results,
    checks: [
      check('whole / half, CPU', over(difference(whole, start), difference(first, start)), TARGETS.scale),
    ],
  };
}

async function imLine(context: Context): Promise<Report> {
  const capture = obtain(context, 'im', IM_SHARE);
  const others = [{ tool: tcpdump, path: capture.path }];
  const slow = await slowEntry(context, capture, tsharkJson, context.options.full);
  const results = run(context, [...ours(capture, imspanJson), ...others, slow]);
  return {
    line: 'im',
    about: describe(capture),
    summary: capture.summary,
    results,
    checks: [
      ratio(results, 'imspan', 'floor', TARGETS.im.floor),
      ratio(results, 'imspan', 'tcpdump'),
      ratio(results, 'imspan', 'tshark', TARGETS.im.tshark),
      memory(results, 'imspan', TARGETS.im.peak),
    ],
  };
}

/** One network alone, on its usual port. */
async function networkLine(context: Context, network: Network): Promise<Report> {
  const capture = obtain(context, network, NETWORK_SHARE);
  const slow = await slowEntry(context, capture, tsharkOf(network), context.options.full);
  const start = { tool: imspan, label: 'start', path: await emptyOf(capture) };
  const results = run(context, [...ours(capture), start, slow]);
  const read = difference(cpuOf(results, 'imspan'), cpuOf(results, 'start'));
  return {
    line: network,
    about: describe(capture),
    summary: capture.summary,
    results,
    checks: [
      ratio(results, 'imspan', 'tshark', TARGETS.network.tshark),
      check('imspan without its start / tshark, CPU', over(read, cpuOf(results, 'tshark'))),
      memory(results, 'imspan', TARGETS.network.peak),
    ],
  };
}

/** How much sooner two workers are done than one: wall time, on a machine that has two cores to itself. */
async function workersLine(context: Context): Promise<Report> {
  const mix = obtain(context, 'mix', 1);
  const im = obtain(context, 'im', IM_SHARE);
  const results = run(context, [
    { tool: imspanWith(1), label: 'mix, one', path: mix.path },
    { tool: imspanWith(2), label: 'mix, two', path: mix.path },
    { tool: imspanWith(1), label: 'IM, one', path: im.path },
    { tool: imspanWith(2), label: 'IM, two', path: im.path },
  ]);
  const gain = (load: string, atLeast: number): Check => ({
    ...check(
      `${load}, one / two, wall`,
      over(find(results, `${load}, one`)?.wall, find(results, `${load}, two`)?.wall),
    ),
    atLeast,
  });
  return {
    line: 'workers',
    about: 'one worker and two, on the mix and on the IM load',
    results,
    checks: [gain('mix', TARGETS.workers.mix), gain('IM', TARGETS.workers.im)],
  };
}

/** What judging costs: none, all, and with long lists. Start-up, which loads the lists, is measured on a capture of no packets. */
async function checksLine(context: Context): Promise<Report> {
  const capture = obtain(context, 'im', CHECKS_SHARE);
  const start = await emptyOf(capture);
  const ways = Object.entries(judgements(context.cache.folder('checks')));
  const entries = ways.flatMap(([way, judgement]) => {
    const tool = imspanJudging(way, judgement);
    return [
      { tool, label: `${way}, start`, path: start },
      { tool, label: way, path: capture.path },
    ];
  });
  const results = run(context, entries);
  const cost = (way: string): number | undefined =>
    difference(cpuOf(results, way), cpuOf(results, `${way}, start`));
  const { every, lists, rules, load } = TARGETS.checks;
  return {
    line: 'checks',
    about: `${describe(capture)}; judged in several ways`,
    results,
    checks: [
      check('every check / none, CPU', over(cost('every'), cost('none')), every),
      check('hashes and domains / without, CPU', over(cost('lists'), cost('every')), lists),
      check('rules and names / without, CPU', over(cost('rules'), cost('every')), rules),
      check('start with hashes and domains, CPU s', cpuOf(results, 'lists, start'), load),
      check('start with rules and names, CPU s', cpuOf(results, 'rules, start'), load),
    ],
  };
}

/** Every engine at the rate of `tcpreplay --topspeed`; see live.ts. */
async function liveLine(context: Context): Promise<Report> {
  const report = { line: 'live', about: 'the mix, as fast as it can be sent', results: [] };
  const why = whyNotLive();
  if (why !== undefined) {
    context.note(`live: ${why}`);
    return { ...report, checks: [{ what: 'live capture', atMost: 0 }] };
  }
  const capture = await sliceOf(obtain(context, 'mix', 1), context.options.size * GIGABYTE * LIVE_SHARE);
  const checks: Check[] = [];
  for (const engine of ENGINE_NAMES) {
    const { sent, rate, bareLost, lost, told } = await sendLive(capture.path, engine);
    // What even a capture that writes nothing loses is the machine's loss.
    const bound = engine === 'tcpdump' && bareLost === 0 ? { atMost: 0 } : {};
    checks.push(
      { what: `${engine}: packets sent`, value: sent },
      { what: `${engine}: packets a second`, value: rate },
      { what: `${engine}: lost beside it by tcpdump -w /dev/null`, value: bareLost },
      { what: `${engine}: lost`, value: lost, ...bound },
      {
        what: `${engine}: told as in a replay`,
        value: told,
        ...(lost === 0 && engine === 'tcpdump' ? { atLeast: 1 } : {}),
      },
    );
  }
  return { ...report, checks };
}

async function gzipLine(context: Context): Promise<Report> {
  const capture = obtain(context, 'mix', 1);
  const slice = await sliceOf(capture, capture.summary.bytes * GZIP_SHARE);
  const packed = await gzipOf(slice);
  const results = run(context, [
    { tool: gunzip, path: packed },
    { tool: imspan, label: 'plain', path: slice.path },
    { tool: imspan, label: 'gzip', path: packed },
  ]);
  const parts = sum(cpuOf(results, 'plain'), cpuOf(results, 'gunzip'));
  return {
    line: 'gzip',
    about: `the first ${slice.packets} packets of the mix, plain and compressed`,
    results,
    checks: [check('gzip / (plain + gunzip), CPU', over(cpuOf(results, 'gzip'), parts), TARGETS.gzip)],
  };
}

async function folderLine(context: Context): Promise<Report> {
  const capture = obtain(context, 'mix', 1);
  const slice = await sliceOf(capture, capture.summary.bytes * FOLDER_SHARE);
  const results = run(context, [
    { tool: imspan, label: 'one file', path: slice.path },
    { tool: imspan, label: 'folder', path: await folderOf(slice, FOLDER_FILE) },
  ]);
  return {
    line: 'folder',
    about: `the first ${slice.packets} packets of the mix in one file, and in files of ${FOLDER_FILE / 1000} KB`,
    results,
    checks: [ratio(results, 'folder', 'one file', TARGETS.folder)],
  };
}

async function bigLine(context: Context): Promise<Report> {
  const big = obtain(context, 'mix', BIG);
  const small = await sliceOf(big, big.summary.bytes / BIG);
  const results = compete(
    [
      { tool: imspan, label: 'one', path: small.path },
      { tool: imspan, label: 'ten', path: big.path },
    ].filter(({ tool }) => tool.available),
    1,
  );
  const [one, ten] = ['one', 'ten'].map((label) => find(results, label)?.peak);
  return {
    line: 'big',
    about: `${describe(big)}; and its first tenth`,
    results,
    checks: [
      check('ten / one, peak memory', over(ten, one), TARGETS.big.growth),
      check('ten, peak MiB', ten, TARGETS.big.peak),
    ],
  };
}

function obtain({ cache, options, note }: Context, workload: Parameters['workload'], share: number): Capture {
  const bytes = Math.round(options.size * share * GIGABYTE);
  return cache.obtain({ workload, seed: SEED, bytes }, note);
}

function ours({ path }: Capture, own = imspan): Entry[] {
  return [floor, own].map((tool) => ({ tool, path }));
}

/** A tool that is too slow for the whole capture: it reads a slice, unless `whole` is asked for. */
async function slowEntry({ options }: Context, capture: Capture, tool: Tool, whole: boolean): Promise<Entry> {
  const bytes = options.tsharkSlice * 1e6;
  if (whole || capture.summary.bytes <= bytes) return { tool, path: capture.path };
  const { path, packets } = await sliceOf(capture, bytes);
  return { tool, path, scale: { packets, whole: capture.summary.packets, empty: await emptyOf(capture) } };
}

function run({ options }: Context, entries: readonly Entry[]): Result[] {
  return compete(
    entries.filter(({ tool }) => tool.available),
    options.runs,
  );
}

function describe({ summary }: Capture): string {
  const { bytes, packets, flows, imPackets } = summary;
  return `${(bytes / GIGABYTE).toFixed(2)} GB, ${packets} packets (${(imPackets * 100).toFixed(1)}% IM), ${flows} flows`;
}

function find(results: readonly Result[], label: string): Result | undefined {
  return results.find((result) => result.label === label && result.code === 0);
}

function cpuOf(results: readonly Result[], label: string): number | undefined {
  return find(results, label)?.cpu;
}

function ratio(results: readonly Result[], label: string, base: string, target?: number): Check {
  return check(`${label} / ${base}, CPU`, over(cpuOf(results, label), cpuOf(results, base)), target);
}

function memory(results: readonly Result[], label: string, target: number): Check {
  return check(`${label}, peak MiB`, find(results, label)?.peak, target);
}

function check(what: string, value: number | undefined, atMost?: number): Check {
  return { what, ...(value === undefined ? {} : { value }), ...(atMost === undefined ? {} : { atMost }) };
}

function over(value: number | undefined, base: number | undefined): number | undefined {
  return value === undefined || base === undefined || base <= 0 ? undefined : value / base;
}

function difference(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b;
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}
