import type { Flow } from '../flow/flow.ts';
import { W } from '../flow/table.ts';

/** The flow of the wire that carries this one. */
export function rootOf(flow: Flow): Flow {
  let root = flow;
  while (root.carriage) root = root.carriage.outer;
  return root;
}

/** The shard of the flow's record. */
export function shardOf(flow: Flow): number {
  return ((flow.records[flow.at + W.META] ?? 0) >> 8) & 0xff;
}

/** A direction of the wire as the protocol's: 0 to the server. */
export function turned(flow: Flow, direction: 0 | 1): 0 | 1 {
  return flow.flipped ? (direction === 0 ? 1 : 0) : direction;
}
