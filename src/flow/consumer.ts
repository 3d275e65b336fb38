import type { Flow } from './flow.ts';
import type { Oddity } from './oddity.ts';
import type { TunnelEnds } from './tunnel-ends.ts';

/** Why a flow is over: EVE's words. */
export type EndReason = 'timeout' | 'forced' | 'shutdown' | 'tcp_reuse';

/** What the flow stage hands its bytes to. Directions are those of the wire: 0 from the originator. */
export interface FlowConsumer {
  /** In-order bytes; valid during the call only. */
  data(flow: Flow, direction: 0 | 1, bytes: Uint8Array, start: number, end: number): void;
  /** Bytes that were not captured; `cut` when the snap length ended them. */
  gap(flow: Flow, direction: 0 | 1, length: number, cut: boolean): void;
  /** The flow has an object, but no bytes to hand on yet: its first ones are missing, or not believed. */
  waits(flow: Flow): void;
  /** The packets show something odd: a trick, or damage. */
  odd(flow: Flow, direction: 0 | 1, code: Oddity): void;
  /** No more bytes of this direction will come. */
  end(flow: Flow, direction: 0 | 1): void;
  /** The flow is over and its object goes. */
  finish(flow: Flow, reason: EndReason): void;
  /** A flow without an object is over; called only where all flows are wanted. `at` is its record, `tunnel` what its first packet came in. */
  plain(records: Int32Array, at: number, reason: EndReason, tunnel: TunnelEnds | undefined): void;
}

/** The frame that events are told of: its number, file and time. One object, changed in place. */
export class Stamp {
  file = 0;
  frame = 0;
  seconds = 0;
  nanos = 0;
  /** The table's record of its packet's flow. */
  record = 0;
}

/** `Stamp.file` of what cannot be told of a certain file. */
export const NO_FILE = -1;
