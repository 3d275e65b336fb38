import type { Limits } from '../core/limits.ts';
import type { Verdict } from '../event/im.ts';
import type { EndReason, FlowConsumer, Stamp } from '../flow/consumer.ts';
import type { Flow } from '../flow/flow.ts';
import type { NameCache } from '../flow/names.ts';
import type { Oddity } from '../flow/oddity.ts';
import { SHARDS } from '../flow/table.ts';
import type { TunnelEnds } from '../flow/tunnel-ends.ts';
import { PROBE, Probe } from '../sdk/index.ts';
import type { Protocol } from '../sdk/index.ts';
import { Candidate, setStamp, SPAN_COST } from './candidate.ts';
import type { Decisions, FlowReader } from './decisions.ts';
import { rootOf, shardOf, turned } from './flows.ts';

const RANK = { low: 0, medium: 1, high: 2 } as const;

/**
 * Finds out which protocol a flow speaks, from the first bytes of both directions. Ports only say
 * which end is more likely the server where the beginning is missing.
 */
export class Detection implements FlowConsumer {
  /** Flows given up because the detectors' buffers were full. */
  bufferLimit = 0;
  readonly #protocols: readonly Protocol[];
  readonly #masks: Record<'tcp' | 'udp', number> = { tcp: 0, udp: 0 };
  readonly #table: Record<'tcp' | 'udp', Int32Array>;
  readonly #ports = new Set<number>();
  readonly #next: Decisions;
  readonly #limits: Limits;
  readonly #probe = new Probe();
  /** The flow that the probe shows. */
  #shown: Flow | undefined;
  /** Undecided flows of each shard, the oldest first, and what they hold in bytes. */
  readonly #undecided: Set<Flow>[] = Array.from({ length: SHARDS }, () => new Set());
  readonly #held = new Float64Array(SHARDS);
  /** The frame being told of, and what to do once a flow is IM; set by the composition root. */
  stamp: Stamp | undefined;
  onIm: ((flow: Flow) => void) | undefined;
  /** What to do where a flow other than the one being fed is given up. */
  onGiveUp: ((flow: Flow) => void) | undefined;

  constructor(
    protocols: readonly Protocol[],
    tables: Record<'tcp' | 'udp', Int32Array>,
    next: Decisions,
    limits: Limits,
    names?: NameCache,
  ) {
    this.#protocols = protocols;
    this.#table = tables;
    this.#next = next;
    this.#limits = limits;
    this.#probe.lookup = () => this.#shown && names?.of(this.#shown);
    protocols.forEach((protocol, i) => {
      this.#masks[protocol.transport] |= 1 << i;
      for (const port of protocol.ports) this.#ports.add(port);
    });
  }

  data(flow: Flow, direction: 0 | 1, bytes: Uint8Array, start: number, end: number): void {
    if (flow.dropped) return;
    const state = flow.state;
    if (state !== undefined && !(state instanceof Candidate)) {
      (state as FlowReader).data(turned(flow, direction), bytes, start, end);
      return;
    }
    if (end > start)
      this.#look(
        flow,
        (state as Candidate | undefined) ?? this.#newCandidate(flow),
        direction,
        bytes,
        start,
        end,
      );
  }

  gap(flow: Flow, direction: 0 | 1, length: number, cut: boolean): void {
    if (flow.dropped) return;
    const state = flow.state;
    if (state instanceof Candidate) {
      // What follows a gap starts anywhere: judge what there is, else begin again behind it.
      if (this.#decide(flow, state, true)) {
        if (!flow.dropped) (flow.state as FlowReader).gap(turned(flow, direction), length, cut);
      } else this.#restart(flow, state);
    } else if (state === undefined) {
      // Lost before the first byte: what comes begins anywhere.
      flow.midstream = true;
    } else {
      (state as FlowReader).gap(turned(flow, direction), length, cut);
    }
  }

  end(flow: Flow, direction: 0 | 1): void {
    if (flow.dropped) return;
    const state = flow.state;
    if (state instanceof Candidate) {
      const other = direction === 0 ? 1 : 0;
      if (!flow.ended[other]) return;
      if (this.#decide(flow, state, true)) {
        for (const d of [0, 1] as const) if (!flow.dropped) (flow.state as FlowReader).end(d);
      }
    } else if (state !== undefined) {
      (state as FlowReader).end(turned(flow, direction));
    }
  }

  /** Its object is bounded like that of a flow that the detectors look at. */
  waits(flow: Flow): void {
    const shard = shardOf(flow);
    if (this.#undecided[shard]?.has(flow)) return;
    this.#await(flow);
    this.#makeRoom(shard, flow);
  }

  odd(flow: Flow, direction: 0 | 1, code: Oddity): void {
    const state = flow.state;
    if (state !== undefined && !(state instanceof Candidate)) {
      (state as FlowReader).odd(turned(flow, direction), code);
      return;
    }
    // Told once the flow is known to be IM. There are few codes: the list stays short.
    const told = (flow.oddities ??= []);
    if (!told.some((o) => o.code === code && o.direction === direction)) told.push({ direction, code });
  }

  finish(flow: Flow, reason: EndReason): void {
    const state = flow.state;
    if (state instanceof Candidate) {
      this.#forget(flow, state.held);
      this.#next.undecided(flow, reason);
    } else if (state !== undefined) {
      this.#forget(flow, 0);
      (state as FlowReader).finish(reason);
    } else {
      this.#forget(flow, 0);
      this.#next.undecided(flow, reason);
    }
  }

  plain(records: Int32Array, at: number, reason: EndReason, tunnel: TunnelEnds | undefined): void {
    this.#next.plain(records, at, reason, tunnel);
  }

  #newCandidate(flow: Flow): Candidate {
    if (!flow.synSeen && this.#ports.has(flow.clientPort) && !this.#ports.has(flow.serverPort)) {
      flow.flipped = true;
    }
    return this.#remember(flow, flow.midstream);
  }

  /** Bytes were lost before a verdict: what follows is judged like a flow whose beginning is missing. */
  #restart(flow: Flow, old: Candidate): void {
    this.#forget(flow, old.held);
    flow.midstream = true;
    this.#remember(flow, true);
  }

  #remember(flow: Flow, midstream: boolean): Candidate {
    // It may have waited for its first bytes.
    this.#forget(flow, 0);
    const candidate = new Candidate(this.#masks[flow.tcp ? 'tcp' : 'udp'], midstream);
    const shard = shardOf(flow);
    flow.state = candidate;
    this.#undecided[shard]?.add(flow);
    this.#held[shard] = (this.#held[shard] ?? 0) + CANDIDATE_COST;
    return candidate;
  }

  #forget(flow: Flow, bytes: number): void {
    const shard = shardOf(flow);
    if (!this.#undecided[shard]?.delete(flow)) return;
    this.#held[shard] = (this.#held[shard] ?? 0) - CANDIDATE_COST - bytes;
  }

  /** Bytes held for undecided flows, all shards together; zero once all flows are over. */
  get held(): number {
    return this.#held.reduce((sum, n) => sum + n, 0);
  }

  /** New bytes of an undecided flow: judged in place, copied only when more are needed. */
  #look(flow: Flow, c: Candidate, direction: 0 | 1, bytes: Uint8Array, start: number, end: number): void {
    const first = c.lengths[direction] === 0 || !flow.tcp;
    if (first) {
      this.#sieve(flow, c, direction, bytes[start] ?? 0);
      if (c.mask !== 0) {
        this.#show(flow, c, direction, bytes, start, end);
        if (this.#ask(flow, c, false)) {
          this.#begin(flow, c);
          if (!flow.dropped) (flow.state as FlowReader).data(turned(flow, direction), bytes, start, end);
          this.#tellEnded(flow);
          return;
        }
      }
    }
    if (c.mask === 0) {
      this.#reject(flow, c);
      return;
    }
    this.#hold(flow, c, direction, bytes, start, end);
    if (!first && c.isDue() && this.#decide(flow, c, false)) {
      this.#tellEnded(flow);
      return;
    }
    if (c.mask !== 0 && !this.#isDeep(c)) {
      this.#makeRoom(shardOf(flow), flow);
      return;
    }
    if (c.mask !== 0 && this.#decide(flow, c, true)) this.#tellEnded(flow);
    else this.#reject(flow, c);
  }

  /** The first byte of a direction rules out most detectors. */
  #sieve(flow: Flow, c: Candidate, direction: 0 | 1, byte: number): void {
    const table = this.#table[flow.tcp ? 'tcp' : 'udp'];
    const side = turned(flow, direction);
    const own = table[(side << 8) | byte] ?? 0;
    c.mask &= c.midstream ? own | (table[((side ^ 1) << 8) | byte] ?? 0) : own;
  }

  /** Enough was held: the detectors must decide. */
  #isDeep(c: Candidate): boolean {
    const { detect_depth: depth, detect_spans: spans } = this.#limits;
    return c.lengths[0] >= depth || c.lengths[1] >= depth || c.spans.length >= spans;
  }

  /** The shard holds too much: its oldest undecided flows are judged by what there is of them. */
  #makeRoom(shard: number, fed: Flow): void {
    const room = this.#limits.detect_buffer_total / SHARDS;
    for (const flow of this.#undecided[shard] ?? []) {
      if ((this.#held[shard] ?? 0) <= room) return;
      if (rootOf(flow) === rootOf(fed)) continue;
      this.bufferLimit++;
      const c = flow.state;
      if (c instanceof Candidate && this.#decide(flow, c, true)) {
        this.#tellEnded(flow);
        if (!rootOf(flow).dropped) continue;
      } else if (!flow.dropped) this.drop(flow);
      const root = rootOf(flow);
      if (root.dropped) this.onGiveUp?.(root);
    }
  }

  /** What ended before the verdict is told after the bytes that led to it. */
  #tellEnded(flow: Flow): void {
    for (const d of [0, 1] as const) {
      if (flow.ended[d] && flow.feeding && !flow.dropped) (flow.state as FlowReader).end(turned(flow, d));
    }
  }

  #hold(flow: Flow, c: Candidate, direction: 0 | 1, bytes: Uint8Array, start: number, end: number): void {
    const span = c.append(direction, bytes, start, end);
    const shard = shardOf(flow);
    this.#held[shard] = (this.#held[shard] ?? 0) + end - start + SPAN_COST;
    const stamp = this.stamp;
    if (!stamp) return;
    span.file = stamp.file;
    span.frame = stamp.frame;
    span.seconds = stamp.seconds;
    span.nanos = stamp.nanos;
  }

  /** Asks the candidates about what is held; begins reading where one says yes. */
  #decide(flow: Flow, c: Candidate, final: boolean): boolean {
    this.#show(flow, c, 0, c.bytes(0), 0, c.lengths[0]);
    if (!this.#ask(flow, c, final)) return false;
    this.#begin(flow, c);
    return true;
  }

  /** Points the probe at the held bytes, and at `bytes` for one direction. */
  #show(flow: Flow, c: Candidate, direction: 0 | 1, bytes: Uint8Array, start: number, end: number): void {
    const probe = this.#probe;
    this.#shown = flow;
    const other = direction === 0 ? 1 : 0;
    const asClient = turned(flow, direction) === 0;
    const held = c.bytes(other);
    probe.clientBytes = asClient ? bytes : held;
    probe.clientStart = asClient ? start : 0;
    probe.clientEnd = asClient ? end : c.lengths[other];
    probe.serverBytes = asClient ? held : bytes;
    probe.serverStart = asClient ? 0 : start;
    probe.serverEnd = asClient ? c.lengths[other] : end;
    probe.midstream = c.midstream;
    probe.clientPort = flow.clientPort;
    probe.serverPort = flow.serverPort;
  }

  #winner: Protocol | undefined;
  #verdict: Verdict | undefined;

  /** True when a candidate says yes: the surest one is kept in `#winner`. Clears the bits of those that say no. */
  #ask(flow: Flow, c: Candidate, final: boolean): boolean {
    const probe = this.#probe;
    probe.final = final;
    this.#winner = undefined;
    let flip = false;
    for (let i = 0, bit = 1; i < this.#protocols.length; i++, bit <<= 1) {
      if ((c.mask & bit) === 0) continue;
      const protocol = this.#protocols[i];
      if (!protocol) continue;
      probe.flip = false;
      const answer = protocol.detector.probe(probe);
      if (answer === PROBE.NO) c.mask &= ~bit;
      if (answer !== PROBE.YES) continue;
      if (this.#winner && RANK[probe.confidence] <= RANK[this.#verdict?.confidence ?? 'low']) continue;
      this.#winner = protocol;
      this.#verdict = { protocol: protocol.name, confidence: probe.confidence, evidence: probe.evidence };
      flip = probe.flip;
    }
    if (flip && !flow.synSeen) flow.flipped = !flow.flipped;
    return this.#winner !== undefined;
  }

  /** Hands the flow to its dissector and replays what was held, each span as of its own frame. */
  #begin(flow: Flow, c: Candidate): void {
    const protocol = this.#winner;
    const verdict = this.#verdict;
    if (!protocol || !verdict) return;
    this.#forget(flow, c.held);
    if (protocol.carrier) this.#await(flow);
    else this.keep(flow);
    const reader = this.#next.begin(flow, protocol, verdict);
    flow.state = reader;
    for (const { direction, code } of flow.oddities ?? []) reader.odd(turned(flow, direction), code);
    flow.oddities = undefined;
    const stamp = this.stamp;
    if (!stamp || c.spans.length === 0) return;
    const { file, frame, seconds, nanos } = stamp;
    for (const span of c.spans) {
      setStamp(stamp, span);
      if (flow.feeding && !flow.dropped)
        reader.data(turned(flow, span.direction), c.bytes(span.direction), span.from, span.to);
    }
    setStamp(stamp, { file, frame, seconds, nanos });
  }

  #reject(flow: Flow, c: Candidate): void {
    this.#forget(flow, c.held);
    flow.state = undefined;
    this.#dropped(flow);
  }

  #dropped(flow: Flow): void {
    flow.dropped = true;
    const outer = flow.carriage?.outer.state;
    if (outer !== undefined && !(outer instanceof Candidate)) (outer as FlowReader).settle?.();
  }

  // Carriers: what is inside them comes back here as flows of their own

  /** A carrier in which nothing was found yet, or a flow of which nothing can be read yet, is bounded like a flow that the detectors wait for. */
  #await(flow: Flow): void {
    const shard = shardOf(flow);
    this.#undecided[shard]?.add(flow);
    this.#held[shard] = (this.#held[shard] ?? 0) + CANDIDATE_COST;
  }

  /** A flow is told of: it and what carries it are undecided no more. */
  keep(flow: Flow): void {
    this.onIm?.(flow);
    for (let f: Flow | undefined = flow; f; f = f.carriage?.outer) this.#forget(f, 0);
  }

  /** A flow that waits is given up: held bytes of a candidate, or a carrier without IM inside. */
  drop(flow: Flow): void {
    if (flow.dropped) return;
    const state = flow.state;
    const waits = state instanceof Candidate;
    this.#forget(flow, waits ? state.held : 0);
    flow.dropped = true;
    if (!waits) (state as FlowReader | undefined)?.abandon?.();
    this.#dropped(flow);
  }

  /** Begins to read an inner stream of which its carrier says what it is. */
  adopt(flow: Flow, name: string): boolean {
    const protocol = this.#protocols.find((p) => p.name === name);
    if (!protocol) return false;
    this.keep(flow);
    flow.state = this.#next.begin(flow, protocol, {
      protocol: protocol.name,
      confidence: 'high',
      evidence: [],
    });
    return true;
  }
}

/** What an undecided flow costs beside the bytes that it holds: its objects and least buffer. */
const CANDIDATE_COST = 2_560;
