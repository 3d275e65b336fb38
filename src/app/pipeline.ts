import { randomInt } from 'node:crypto';
import type { Frame } from '../capture/frame.ts';
import type { Limits } from '../core/limits.ts';
import { Decoder } from '../decode/decoder.ts';
import { FLOW_KEY } from '../decode/flow-key.ts';
import { LINK } from '../decode/link.ts';
import type { PacketView } from '../decode/view.ts';
import { DECODE, DECODE_COUNT } from '../decode/result.ts';
import { Detection } from '../detect/detection.ts';
import { makePrefilter } from '../detect/prefilter.ts';
import { Dissection } from '../dissect/dissection.ts';
import type { DissectionOutput } from '../dissect/told.ts';
import type { Overlap } from '../core/overlap.ts';
import { HostWatch, isDhcpPort } from '../flow/hosts/host-watch.ts';
import { DNS_PORT, NameCache } from '../flow/names.ts';
import { Quarantine } from '../files/quarantine.ts';
import { FlowTable, SHARDS, shardOf } from '../flow/table.ts';
import { FlowTracker } from '../flow/tracker.ts';
import type { Protocol } from '../sdk/index.ts';
import { CandidateRing } from './evidence/ring.ts';
import type { RingPlace } from './evidence/ring.ts';

/** What the operator can set of the engine: the same for one pipeline and for many that share the flows. */
export interface EngineSettings {
  readonly limits: Limits;
  /** Tell flows that are not IM as well. */
  readonly allFlows: boolean;
  /** What the flow stage does with overlaps and copies: see `TrackerOptions`. */
  readonly overlap?: Overlap | undefined;
  readonly dedupe?: number | undefined;
  /** What else than addresses and ports tells flows apart: bits of `FLOW_KEY`. */
  readonly flowKey?: number | undefined;
  /** A folder for the bytes of files that pass. */
  readonly extract?: string | undefined;
  /** Where frames of IM candidates wait for an alert, where the input can be read only once. */
  readonly ring?: RingPlace | undefined;
}

/** Which shards of the flow table are a pipeline's: those of which the number divided by `of` leaves `index`. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

/** Those of a larger set of options. */
export function engineSettings({
  limits,
  allFlows,
  overlap,
  dedupe,
  flowKey,
  extract,
  ring,
}: EngineSettings): EngineSettings {
  return { limits, allFlows, overlap, dedupe, flowKey, extract, ring };
}

export interface PipelineOptions extends Omit<EngineSettings, 'extract' | 'ring'> {
  /** Takes the frames of IM candidates. */
  readonly candidates?: CandidateRing | undefined;
  /** Where the bytes of files are kept; one a thread, for all worlds that it reads. */
  readonly quarantine?: Quarantine | undefined;
  readonly protocols: readonly Protocol[];
  /** Who takes what the dissectors tell; made when the tracker is there, whose stamp and clock say of when it is. */
  readonly output: (tracker: FlowTracker) => DissectionOutput;
  /** The packet clock moved to another second; `flows` are in the table after that second's first packet. */
  readonly second?: ((seconds: number, flows: number) => void) | undefined;
  /** Follow only a share of the flows: the others are another pipeline's over the same frames. */
  readonly share?: Share | undefined;
  /** An empty flow table of `limits.flows` to use again: making one costs more than reading a small capture. */
  readonly table?: FlowTable | undefined;
  /** What else tells flows apart: bits of `FLOW_KEY`, none by default. With a `table` it is the table's own. */
  readonly flowKey?: number | undefined;
}

/** What the operator may choose from. */
export { DEFAULT_DEDUPE } from '../flow/dedupe.ts';
export { DEFAULT_OVERLAP, OVERLAPS } from '../core/overlap.ts';
export type { Overlap } from '../core/overlap.ts';

/** Makes the folder for files, or says what is wrong with it. */
export { makeFolder } from '../files/quarantine.ts';

/** So many workers can share the flows at most. */
export { SHARDS } from '../flow/table.ts';

/** A flow table for pipelines that run one after the other; `flowKey` is of `FLOW_KEY`. */
export function makeFlowTable(limits: Limits, flowKey: number = FLOW_KEY.NONE): FlowTable {
  return new FlowTable(limits.flows, randomInt(2 ** 31), flowKey);
}

/** The ring for a thread's candidates in the input of this number, where these settings want one. */
export function openRing({ ring }: EngineSettings, world: number, thread: number): CandidateRing | undefined {
  return ring === undefined ? undefined : new CandidateRing(ring, world, thread);
}

/** The folder for files that these settings name, ready to be written to. Throws an OperatorError where it cannot be. */
export function openQuarantine({ extract, limits }: EngineSettings): Quarantine | undefined {
  return extract === undefined ? undefined : new Quarantine(extract, limits, SHARDS);
}

/**
 * From frames to what the dissectors tell: decode, flow, detect, dissect. One pipeline reads one world: a
 * capture, or the rotated captures of one tap.
 */
export class Pipeline {
  readonly tracker: FlowTracker;
  readonly detection: Detection;
  readonly dissection: Dissection;
  /** Frames by what became of them, indexed by `DECODE`. */
  readonly decoded = new Float64Array(DECODE_COUNT);
  frames = 0;
  bytes = 0;
  ipv6 = 0;
  vlan = 0;
  /** Packets that were in a tunnel. */
  tunnelled = 0;
  readonly decoder: Decoder;
  /** Link types seen that are not read. */
  readonly unknownLinks = new Set<number>();
  /**
   * Where in the input the pipeline is: what is told at one `order` comes of one frame (what timed out before
   * it, `order` even; its packet, odd), the same in every pipeline over the same frames.
   */
  order = 0;
  readonly share: Share | undefined;
  /** Frames and whatever else moves `order` on. */
  #steps = 0;
  readonly #names: NameCache;
  /** Of many pipelines over the same frames, one tells what they say of machines. */
  readonly #hosts: HostWatch | undefined;
  readonly #second: ((seconds: number, flows: number) => void) | undefined;
  readonly #quarantine: Quarantine | undefined;
  readonly #candidates: CandidateRing | undefined;
  readonly #refusedBefore: number;
  #lastSecond: number;

  constructor(options: PipelineOptions) {
    const { protocols, limits, allFlows } = options;
    const prefilter = makePrefilter(protocols);
    // Detection and dissection need the tracker's stamp, and the tracker needs them: it is set below.
    const table = options.table ?? makeFlowTable(limits, options.flowKey);
    this.#names = new NameCache(limits.dns_names, table.keyMode);
    this.detection = new Detection(protocols, prefilter, this.#decisions(), limits, this.#names);
    this.tracker = new FlowTracker(this.detection, {
      limits,
      prefilter,
      allFlows,
      table,
      overlap: options.overlap,
      dedupe: options.dedupe,
    });
    this.decoder = new Decoder(limits, this.tracker.table.keyMode, options.overlap);
    this.#candidates = options.candidates;
    this.decoder.witness = options.candidates?.trail;
    this.share = options.share;
    this.#second = options.second;
    this.#lastSecond = this.tracker.clock.seconds;
    const output = options.output(this.tracker);
    const { stamp, carried } = this.tracker;
    const { quarantine } = options;
    this.dissection = new Dissection(output, {
      ...{ limits, stamp, allFlows, carried, quarantine },
      names: this.#names,
    });
    this.#hosts = (this.share?.index ?? 0) === 0 ? new HostWatch((fact) => output.host(fact)) : undefined;
    this.#quarantine = quarantine;
    this.#refusedBefore = quarantine?.refused ?? 0;
    this.dissection.detect = this.detection;
    this.detection.stamp = this.tracker.stamp;
    this.detection.onIm = (flow) => {
      this.tracker.markIm(flow);
    };
    this.detection.onGiveUp = (flow) => {
      this.tracker.giveUpFlow(flow);
    };
  }

  /** Files of this world that a limit kept from being kept. */
  get notKept(): number {
    return (this.#quarantine?.refused ?? 0) - this.#refusedBefore;
  }

  /** Why files, or frames, are not kept, if they should be. */
  get keepProblem(): string | undefined {
    return this.#quarantine?.problem?.message ?? this.#candidates?.problem;
  }

  /** Packet time went on to this second though no packet came (live). */
  tick(seconds: number): void {
    this.order = ++this.#steps * 2;
    this.tracker.tick(seconds);
    this.order++;
  }

  /** A moment between frames that has an order of its own. */
  moment(): void {
    this.order = ++this.#steps * 2 + 1;
  }

  /** One frame. */
  frame(frame: Frame): void {
    const tracker = this.tracker;
    const stamp = tracker.stamp;
    stamp.file = frame.file;
    stamp.frame = frame.number;
    stamp.seconds = frame.seconds;
    stamp.nanos = frame.nanos;
    this.frames++;
    this.bytes += frame.wireLength;
    this.order = ++this.#steps * 2;
    tracker.time(frame.seconds, frame.nanos);
    this.order++;
    const { bytes, start, end, wireLength, linkType } = frame;
    this.#candidates?.trail.begin(frame);
    const result = this.decoder.frame(bytes, start, end, wireLength, linkType, tracker.clock.seconds);
    this.decoded[result] = (this.decoded[result] ?? 0) + 1;
    if (result <= DECODE.UDP) {
      this.#datagram(frame, result);
    } else if (result === DECODE.UNKNOWN_LINK && this.unknownLinks.size < 16) {
      this.unknownLinks.add(frame.linkType);
    } else {
      this.#learnNeighbour(frame, result);
    }
    if (tracker.clock.seconds !== this.#lastSecond) {
      this.#lastSecond = tracker.clock.seconds;
      this.#second?.(this.#lastSecond, tracker.table.count);
    }
  }

  /** A frame with TCP or UDP in it, which the decoder's view shows. */
  #datagram(frame: Frame, result: number): void {
    const { tracker, share } = this;
    const { view } = this.decoder;
    if (view.ipVersion === 6) this.ipv6++;
    if (view.vlanCount > 0) this.vlan++;
    if (view.tunnels > 0) this.tunnelled++;
    // In every share alike: a connection's server is another shard's than the resolver's.
    if (view.sourcePort === DNS_PORT) this.#learnNames(view, result === DECODE.TCP, frame.seconds);
    else if (result === DECODE.UDP && isDhcpPort(view.destinationPort))
      this.#hosts?.dhcp(view, frame.seconds);
    if (share === undefined || shardOf(view) % share.of === share.index) {
      tracker.packet(view, result === DECODE.TCP, frame.wireLength);
      this.#candidates?.packet(frame, tracker.table.records, tracker.stamp.record);
    }
  }

  #learnNames(view: PacketView, tcp: boolean, seconds: number): void {
    this.#names.learn(view, tcp, seconds);
    if (!tcp) this.#hosts?.dns(view, seconds);
  }

  #learnNeighbour({ bytes, start, end, seconds, linkType }: Frame, result: number): void {
    const { view } = this.decoder;
    if (result === DECODE.NOT_IP && linkType === LINK.ETHERNET && view.tunnels === 0)
      this.#hosts?.frame(bytes, start, end, seconds);
    else if (result === DECODE.OTHER_TRANSPORT && view.bytes === bytes)
      this.#hosts?.other(view, end, seconds);
  }

  /** The input is over: every flow ends. */
  finish(): void {
    this.decoder.fragments.finish();
    // One frame behind the last, whose second is told before what ends there.
    this.order = (this.#steps + 2) * 2 - 1;
    this.#second?.(this.tracker.clock.seconds, this.tracker.table.count);
    this.order++;
    this.tracker.finish();
  }

  #decisions(): ConstructorParameters<typeof Detection>[2] {
    return {
      begin: (flow, protocol, verdict) => this.dissection.begin(flow, protocol, verdict),
      plain: (records, at, reason, tunnel) => {
        this.dissection.plain(records, at, reason, tunnel);
      },
      undecided: (flow, reason) => {
        this.dissection.undecided(flow, reason);
      },
    };
  }
}
