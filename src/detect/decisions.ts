import type { Verdict } from '../event/im.ts';
import type { EndReason } from '../flow/consumer.ts';
import type { Flow } from '../flow/flow.ts';
import type { Oddity } from '../flow/oddity.ts';
import type { TunnelEnds } from '../flow/tunnel-ends.ts';
import type { Protocol } from '../sdk/index.ts';

/** What reads a flow once its protocol is known. Directions are the protocol's: 0 to the server. */
export interface FlowReader {
  data(direction: 0 | 1, bytes: Uint8Array, start: number, end: number): void;
  gap(direction: 0 | 1, length: number, cut: boolean): void;
  end(direction: 0 | 1): void;
  finish(reason: EndReason): void;
  odd(direction: 0 | 1, code: Oddity): void;
  /** Of a carrier: a stream inside it was given up. */
  settle?(): void;
  /** Of a carrier: it is given up, and what is inside. */
  abandon?(): void;
}

/** What follows detection. */
export interface Decisions {
  /** The flow speaks this protocol. */
  begin(flow: Flow, protocol: Protocol, verdict: Verdict): FlowReader;
  /** A flow that never had an object, where all flows are wanted. */
  plain(records: Int32Array, at: number, reason: EndReason, tunnel: TunnelEnds | undefined): void;
  /** A flow that was held for the detectors to its end without a verdict. */
  undecided(flow: Flow, reason: EndReason): void;
}
