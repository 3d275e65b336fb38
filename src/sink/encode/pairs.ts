import type { EveEvent } from '../../event/eve.ts';
import { cutEscaped, neutralise } from '../neutralise.ts';
import { VALUE_WIDTH } from './told.ts';

/** A key of CEF or LEEF with its value; what is undefined is left out. */
export type Pair = readonly [key: string, value: string | number | undefined];

/** Bytes that are left for the last pair, the line for people, where the others take all. */
const LINE_ROOM = 120;

/**
 * The pairs that fit into `room` bytes, in their order, and `last` behind them, cut to what is left: it is
 * the line for people, and what it says stands in the other pairs, too.
 */
export function joinPairs(
  pairs: readonly Pair[],
  last: readonly [key: string, line: string],
  room: number,
  separator: string,
  escape: (text: string) => string,
): string {
  const [key, line] = last;
  const lastRoom = key.length + 1 + separator.length;
  let left = room - lastRoom - LINE_ROOM;
  let out = '';
  for (const [name, value] of pairs) {
    if (value === undefined) continue;
    const pair = `${name}=${escape(neutralise(String(value), VALUE_WIDTH))}${separator}`;
    const bytes = Buffer.byteLength(pair);
    if (bytes > left) continue;
    left -= bytes;
    out += pair;
  }
  const lineRoom = room - Buffer.byteLength(out) - key.length - 1;
  if (lineRoom < 8) return out.slice(0, Math.max(0, out.length - separator.length));
  return `${out}${key}=${cutEscaped(line, lineRoom, escape)}`;
}

/** Sizes of what a file event is about; undefined where it is none. */
export function fileOf({ fileinfo, im }: EveEvent): { name?: string; hash?: string; size?: number } {
  const name = fileinfo?.['filename'] ?? im?.file?.name;
  const hash = fileinfo?.['sha256'];
  const size = fileinfo?.['size'] ?? im?.file?.size;
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof hash === 'string' ? { hash } : {}),
    ...(typeof size === 'number' ? { size } : {}),
  };
}
