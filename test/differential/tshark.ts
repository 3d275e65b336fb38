/** tshark as a second opinion, where it is installed. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../golden/replay.ts';

/** Its version line; undefined where it is not installed. */
export function tsharkVersion(): string | undefined {
  const done = spawnSync('tshark', ['--version'], { encoding: 'utf8' });
  return done.status === 0 ? done.stdout.split('\n')[0] : undefined;
}

export interface TsharkOptions {
  /** Display filter. */
  filter?: string;
  /** `-d` rules: `tcp.port==1863,xmpp`. */
  decodeAs?: readonly string[];
}

/** Enough for any shipped capture on a busy machine. */
const PATIENCE = 120_000;

function tshark(capture: string, options: TsharkOptions, output: readonly string[]): string {
  const args = ['-n', '-r', join(ROOT, capture)];
  for (const rule of options.decodeAs ?? []) args.push('-d', rule);
  if (options.filter !== undefined) args.push('-Y', options.filter);
  const done = spawnSync('tshark', [...args, ...output], {
    encoding: 'utf8',
    maxBuffer: 1 << 29,
    timeout: PATIENCE,
  });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`tshark: ${done.stderr}`);
  return done.stdout;
}

/** One row a packet, one text a field; of what is there more than once in a packet, all joined by commas. */
export function fields(capture: string, names: readonly string[], options: TsharkOptions = {}): string[][] {
  const output = ['-T', 'fields', '-E', 'separator=/t', ...names.flatMap((name) => ['-e', name])];
  return tshark(capture, options, output)
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));
}

/** A part of a dissected packet: texts, `_raw` arrays of hex and places, and parts of their own. */
export type Part = string | number | readonly Part[] | { readonly [name: string]: Part };

/** The dissection of each packet, its `layers`. Names that are there more than once hold lists. */
export function dissect(capture: string, layers: readonly string[], options: TsharkOptions = {}): Part[] {
  const output = ['-T', 'json', '-x', '--no-duplicate-keys', '-J', layers.join(' ')];
  const packets = JSON.parse(tshark(capture, options, output)) as { _source: { layers: Part } }[];
  return packets.map((packet) => packet._source.layers);
}

/** All values of a name anywhere in a part, in order. */
export function all(part: Part | undefined, name: string): Part[] {
  if (part === undefined || typeof part !== 'object') return [];
  if (isList(part)) return part.flatMap((entry) => all(entry, name));
  return Object.entries(part).flatMap(([key, value]) => {
    if (key !== name) return all(value, name);
    return isList(value) && !key.endsWith('_raw') ? value : [value];
  });
}

/** All texts of a name. */
export function texts(part: Part | undefined, name: string): string[] {
  return all(part, name).filter((value): value is string => typeof value === 'string');
}

/** All bytes of a name: `NAME_raw` is `[hex, offset, length, ...]`, or a list of such. */
export function bytes(part: Part, name: string): Buffer[] {
  return all(part, `${name}_raw`).flatMap((value) => rawOf(value));
}

function rawOf(value: Part): Buffer[] {
  if (!isList(value)) return [];
  const [first] = value;
  if (typeof first === 'string') return [Buffer.from(first, 'hex')];
  return value.flatMap((entry) => rawOf(entry));
}

function isList(part: Part): part is readonly Part[] {
  return Array.isArray(part);
}
