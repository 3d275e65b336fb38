import { randomInt } from 'node:crypto';
import type { Frame } from '../capture/frame.ts';
import type { Limits } from '../core/limits.ts';
import { decodeFrame } from '../decode/link.ts';
import { DECODE, DECODE_COUNT } from '../decode/result.ts';
import { PacketView } from '../decode/view.ts';
import { Detection } from '../detect/detection.ts';
import { makePrefilter } from '../detect/prefilter.ts';
import { Dissection } from '../dissect/dissection.ts';
import type { FlowRun } from '../dissect/run.ts';
import type { EveEvent } from '../event/eve.ts';
import type { Place } from '../event/factory.ts';
import { FlowTable } from '../flow/table.ts';
import { FlowTracker } from '../flow/tracker.ts';
import type { Protocol } from '../sdk/index.ts';
import { SessionStage } from '../session/session.ts';

export interface PipelineOptions {
  readonly protocols: readonly Protocol[];
  readonly limits: Limits;
  /** Tell flows that are not IM as well. */
  readonly allFlows: boolean;
  readonly emit: (event: EveEvent) => void;
  readonly onVerdict?: (run: FlowRun, place: Place) => void;
  /** Sensor name. */
  readonly host?: string | undefined;
  /** An empty flow table of `limits.flows` to use again: making one costs more than reading a small capture. */
  readonly table?: FlowTable | undefined;
}

/** A flow table for pipelines that run one after the other. */
export function makeFlowTable(limits: Limits): FlowTable {
  return new FlowTable(limits.flows, randomInt(2 ** 31));
}

/**
 * From frames to events: decode, flow, detect, dissect, session. One pipeline reads one world: a
 * capture, or the rotated captures of one tap.
 */
export class Pipeline {
  readonly tracker: FlowTracker;
  readonly detection: Detection;
  readonly dissection: Dissection;
  readonly session: SessionStage;
  /** Frames by what became of them, indexed by `DECODE`. */
  readonly decoded = new Float64Array(DECODE_COUNT);
  frames = 0;
  bytes = 0;
  ipv6 = 0;
  vlan = 0;
  /** Link types seen that are not read. */
  readonly unknownLinks = new Set<number>();
  readonly #view = new PacketView();
  /** Names of the files by index, for the events. */
  #files: readonly string[] = [];
  readonly #host: string | undefined;

  constructor(options: PipelineOptions) {
    const { protocols, limits, allFlows } = options;
    const prefilter = makePrefilter(protocols);
    this.#host = options.host;
    const place = (): Place => this.#place();
    this.session = new SessionStage({
      limits,
      place,
      now: () => this.tracker.clock.seconds,
      emit: options.emit,
      ...(options.onVerdict ? { onVerdict: options.onVerdict } : {}),
    });
    // Detection and dissection need the tracker's stamp, and the tracker needs them: it is set below.
    this.detection = new Detection(protocols, prefilter, this.#decisions(), limits);
    this.tracker = new FlowTracker(this.detection, {
      limits,
      prefilter,
      allFlows,
      table: options.table ?? makeFlowTable(limits),
    });
    this.dissection = new Dissection(this.session, { limits, stamp: this.tracker.stamp, allFlows });
    this.dissection.detect = this.detection;
    this.detection.stamp = this.tracker.stamp;
    this.detection.onIm = (flow) => {
      this.tracker.markIm(flow);
    };
    this.detection.onGiveUp = (flow) => {
      this.tracker.giveUpFlow(flow);
    };
  }

  /** Names the files that frames will come from, by `file` index; none live. */
  files(names: readonly string[]): void {
    this.#files = names;
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
    tracker.time(frame.seconds, frame.nanos);
    const view = this.#view;
    const result = decodeFrame(view, frame.bytes, frame.start, frame.end, frame.wireLength, frame.linkType);
    this.decoded[result] = (this.decoded[result] ?? 0) + 1;
    if (result <= DECODE.UDP) {
      if (view.ipVersion === 6) this.ipv6++;
      if (view.vlanCount > 0) this.vlan++;
      tracker.packet(view, result === DECODE.TCP, frame.wireLength);
    } else if (result === DECODE.UNKNOWN_LINK && this.unknownLinks.size < 16) {
      this.unknownLinks.add(frame.linkType);
    }
  }

  /** The input is over: every flow, session and conversation ends. */
  finish(): void {
    this.tracker.finish();
    this.session.finish();
  }

  #place(): Place {
    const { seconds, nanos, frame, file } = this.tracker.stamp;
    const name = this.#files.length === 1 ? this.#files[0] : this.#files[file];
    // A frame number says nothing without its file.
    const known = name !== undefined || this.#files.length === 0;
    return { seconds, nanos, frame: known ? frame : 0, file: name, host: this.#host };
  }

  #decisions(): ConstructorParameters<typeof Detection>[2] {
    return {
      begin: (flow, protocol, verdict) => this.dissection.begin(flow, protocol, verdict),
      plain: (records, at, reason) => {
        this.dissection.plain(records, at, reason);
      },
      undecided: (flow, reason) => {
        this.dissection.undecided(flow, reason);
      },
    };
  }
}
