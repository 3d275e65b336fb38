import type { Decisions, FlowReader } from '../detect/decisions.ts';
import { askedEvidence } from '../core/asked-name.ts';
import type { AskedName } from '../core/asked-name.ts';
import type { Limits } from '../core/limits.ts';
import type { Verdict } from '../event/im.ts';
import type { EndReason, Stamp } from '../flow/consumer.ts';
import type { Flow } from '../flow/flow.ts';
import type { NameCache } from '../flow/names.ts';
import { SHARDS } from '../flow/table.ts';
import type { TunnelEnds } from '../flow/tunnel-ends.ts';
import { FileRoom } from '../files/room.ts';
import type { Quarantine } from '../files/quarantine.ts';
import type { Protocol } from '../sdk/index.ts';
import { CarrierRun, carriedVerdict } from './inner.ts';
import type { InnerDetection } from './inner.ts';
import { FlowRun } from './run.ts';
import { Spans } from './spans.ts';
import { isCaptured, shardOf } from './told.ts';
import type { DissectionOutput } from './told.ts';

export interface DissectionOptions {
  readonly limits: Limits;
  readonly stamp: Stamp;
  readonly allFlows: boolean;
  /** Where streams inside flows are counted, by shard. */
  readonly carried: Int32Array;
  /** Names by which servers were looked up. */
  readonly names?: NameCache | undefined;
  /** Where the bytes of files are kept, if they are. */
  readonly quarantine?: Quarantine | undefined;
}

/** Runs the plug-ins of the flows that were recognised. */
export class Dissection implements Decisions {
  readonly output: DissectionOutput;
  readonly stamp: Stamp;
  /** Anomalies by code, all of them (an event is written once a code and flow). */
  readonly anomalies = new Map<string, number>();
  /** Connections whose reading stopped before their end, by `protocol reason`. */
  readonly stopped = new Map<string, number>();
  /** What plug-ins threw: our bugs; of the first few, what the operator can report. */
  readonly failures: string[] = [];
  failureCount = 0;
  /** How much of the IM was captured; bytes of directions that were not captured at all are in none of them. */
  readonly capture = { seen: 0, lost: 0, oneSided: 0 };
  /** Where the streams inside carriers go; set by the composition root. */
  detect: InnerDetection | undefined;
  readonly limits: Limits;
  /** Sessions over several connections. */
  readonly spans: Spans;
  readonly #names: NameCache | undefined;
  readonly files: FileRoom;
  readonly #allFlows: boolean;
  readonly #held = new Float64Array(SHARDS);
  readonly #carried: Int32Array;
  /** Of them, those of carriers in which no IM was found yet, and how many a shard may have. */
  readonly #waiting = new Int32Array(SHARDS);
  readonly #mostWaiting: number;

  constructor(output: DissectionOutput, options: DissectionOptions) {
    this.output = output;
    this.stamp = options.stamp;
    this.limits = options.limits;
    this.spans = new Spans(options.limits);
    this.files = new FileRoom(options.limits, SHARDS, options.quarantine);
    this.#allFlows = options.allFlows;
    this.#carried = options.carried;
    // Streams that may never be IM leave half of the room to what is, but for one carrier's.
    const half = Math.floor(options.limits.im_flows / SHARDS / 2);
    this.#mostWaiting = Math.max(half, options.limits.carrier_streams);
    this.#names = options.names;
  }

  begin(flow: Flow, protocol: Protocol, verdict: Verdict): FlowReader {
    if (protocol.carrier) return new CarrierRun(this, flow, protocol, verdict);
    const run = new FlowRun(this, flow, protocol, this.#named(flow, verdict));
    flow.clientName = this.#names?.ofClient(flow);
    this.output.verdict(run);
    const outer = flow.carriage?.outer.state;
    if (outer instanceof CarrierRun) outer.found(run);
    return run;
  }

  /** The name by which the flow's server was looked up; of a stream inside a carrier none is known. */
  asked(flow: Flow): AskedName | undefined {
    return this.#names?.of(flow);
  }

  /** A verdict with what else is known of how the flow came to be. */
  #named(flow: Flow, verdict: Verdict): Verdict {
    const asked = this.asked(flow);
    if (!asked) return carriedVerdict(flow, verdict);
    const told = askedEvidence(asked);
    return verdict.evidence.includes(told) ? verdict : { ...verdict, evidence: [...verdict.evidence, told] };
  }

  plain(records: Int32Array, at: number, reason: EndReason, tunnel: TunnelEnds | undefined): void {
    this.output.plain(records, at, false, reason, tunnel);
  }

  undecided(flow: Flow, reason: EndReason): void {
    if (this.#allFlows && !flow.carriage) {
      this.output.plain(flow.records, flow.at, flow.flipped, reason, flow.tunnel);
    }
  }

  finished(run: FlowRun, reason: EndReason): void {
    if (run.stopped) {
      const key = `${run.protocol.name} ${run.stopped}`;
      this.stopped.set(key, (this.stopped.get(key) ?? 0) + 1);
    }
    this.#account(run);
    this.output.finished(run, reason);
  }

  /** Bytes that the receiver acknowledged, or the sender went on behind, and that were never seen. */
  #account(run: FlowRun): void {
    const { capture } = this;
    // The bytes of a stream inside another are counted with the outer one's.
    if (run.flow.carriage) return;
    let sides = 0;
    for (const d of [0, 1] as const) {
      if (!isCaptured(run, d)) continue;
      sides++;
      capture.seen += run.seen[d];
      capture.lost += run.lost[d] - run.cut[d];
    }
    if (sides === 1) capture.oneSided++;
  }

  countAnomaly(code: string): void {
    this.anomalies.set(code, (this.anomalies.get(code) ?? 0) + 1);
  }

  failed(error: unknown, protocol: string): void {
    this.failureCount++;
    if (this.failures.length >= MAX_FAILURES) return;
    this.failures.push(`${protocol}: ${traceOf(error)}`);
  }

  /** Accounts for another stream inside a flow, in which IM was found or not; false where there is no room for it. */
  openStream(flow: Flow, im: boolean): boolean {
    const shard = shardOf(flow);
    const waiting = this.#waiting[shard] ?? 0;
    if (!im && waiting >= this.#mostWaiting) return false;
    this.#carried[shard] = (this.#carried[shard] ?? 0) + 1;
    if (!im) this.#waiting[shard] = waiting + 1;
    return true;
  }

  /** IM was found in a flow with so many streams. */
  streamsFound(flow: Flow, count: number): void {
    const shard = shardOf(flow);
    this.#waiting[shard] = (this.#waiting[shard] ?? 0) - count;
  }

  closeStreams(flow: Flow, count: number, im: boolean): void {
    const shard = shardOf(flow);
    this.#carried[shard] = (this.#carried[shard] ?? 0) - count;
    if (!im) this.streamsFound(flow, count);
  }

  /** Bytes that are kept of unfinished messages, and that dissectors account for themselves. */
  get held(): number {
    return this.#held.reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Accounts for bytes kept of an unfinished message; false when its shard has no room for them. */
  hold(flow: Flow, bytes: number): boolean {
    return this.holdIn(shardOf(flow), bytes);
  }

  holdIn(shard: number, bytes: number): boolean {
    const held = (this.#held[shard] ?? 0) + bytes;
    this.#held[shard] = held;
    return held <= this.limits.message_buffer_total / SHARDS;
  }

  release(flow: Flow, bytes: number): void {
    this.releaseIn(shardOf(flow), bytes);
  }

  releaseIn(shard: number, bytes: number): void {
    this.#held[shard] = (this.#held[shard] ?? 0) - bytes;
  }
}

const MAX_FAILURES = 10;

/** Class and stack frames of what was thrown. Not its message, which may quote what a stranger wrote. */
export function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return `threw a value of type ${typeof error}`;
  const stack = error.stack ?? '';
  const message = stack.indexOf(error.message);
  const frames = message < 0 ? stack : stack.slice(message + error.message.length);
  const lines = frames.split('\n').filter((line) => line.startsWith('    at '));
  return [error.constructor.name, ...lines].join('\n');
}
