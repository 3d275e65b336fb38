import { TCP_ACK } from '../decode/view.ts';
import { LISTS, META_TCP, SHARDS, W } from './table.ts';
import type { FlowTable } from './table.ts';

/** Connections that are looked at: enough for a verdict on the tap, and it stays a moment's work. */
const MOST = 20_000;

export interface Directions {
  readonly both: number;
  readonly one: number;
}

/**
 * TCP connections in the table that went beyond their opening, by how many of their directions were
 * seen. A tap that shows one direction of everything is set up wrong.
 */
export function directionsSeen(table: FlowTable): Directions {
  const r = table.records;
  let both = 0;
  let one = 0;
  for (let shard = 0; shard < SHARDS; shard++) {
    for (let list = 0; list < LISTS; list++) {
      for (let at = table.oldest(shard, list); at !== 0 && both + one < MOST; at = r[at + W.NEWER]!) {
        if ((r[at + W.META]! & META_TCP) === 0) continue;
        const flags = r[at + W.FLAGS]!;
        const first = flags & 0xff;
        const second = (flags >> 8) & 0xff;
        if (first !== 0 && second !== 0) both++;
        // One that was only asked for and never answered says nothing of the tap.
        else if (((first | second) & TCP_ACK) !== 0) one++;
      }
    }
  }
  return { both, one };
}
