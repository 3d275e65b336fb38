import type { Frame } from '../../capture/frame.ts';
import { formatIPv4, formatIPv6 } from '../../core/address.ts';
import type { Limits } from '../../core/limits.ts';
import { formatTime } from '../../core/time.ts';
import { Decoder } from '../../decode/decoder.ts';
import { flowKeyOf, FLOW_KEY } from '../../decode/flow-key.ts';
import { DECODE } from '../../decode/result.ts';
import type { PacketView } from '../../decode/view.ts';
import type { Overlap } from '../../core/overlap.ts';
import type { Part, Parts } from './parts.ts';
import { FragmentTrail } from './trail.ts';
import { portsOf, tupleOf } from './wanted.ts';
import type { WantedFlow } from './wanted.ts';

/** A frame of the input, as the manifest names it. */
export interface FramePlace {
  readonly file: string | undefined;
  readonly number: number;
  readonly time: string;
}

/** What was kept of one wanted flow. */
export interface Excerpt {
  readonly flow: WantedFlow;
  /** By link type. */
  readonly parts: Map<number, Part>;
  first: FramePlace | undefined;
  last: FramePlace | undefined;
  /** Packets that were found. */
  packets: number;
  begun: boolean;
  over: boolean;
  key: number;
}

export interface ExcerptOptions {
  readonly limits: Limits;
  readonly flowKey: number | undefined;
  readonly overlap: Overlap | undefined;
  /** Names of the inputs by `file` index. */
  readonly files: readonly string[];
  /** The frames come from a ring: the first of a flow may be gone, and their numbers are no places in a file. */
  readonly ring: boolean;
  readonly parts: Parts;
}

/**
 * Picks the frames of wanted flows out of all frames of their input. A flow is told by addresses, ports and flow key, from
 * the frame at which its event says that it began to the one at which it ended: another connection of the same ports is
 * left out. The decoder says what a frame is part of, so tunnels and fragments are followed.
 */
export class Excerpts {
  readonly all: readonly Excerpt[];
  readonly #trail: FragmentTrail;
  readonly #options: ExcerptOptions;
  readonly #decoder: Decoder;
  readonly #mode: number;
  readonly #byTuple = new Map<string, Excerpt[]>();
  /** A bit for each value of `portsOf` that is wanted. */
  readonly #ports = new Uint8Array(65_536);
  #open: number;

  constructor(flows: readonly WantedFlow[], options: ExcerptOptions) {
    this.#options = options;
    this.#mode = options.flowKey ?? FLOW_KEY.NONE;
    this.#decoder = new Decoder(options.limits, this.#mode, options.overlap);
    this.#trail = new FragmentTrail(options.limits.evidence_fragments);
    this.#decoder.witness = this.#trail;
    this.all = flows.map((flow) => ({
      ...{ flow, parts: new Map<number, Part>(), first: undefined, last: undefined },
      ...{ packets: 0, begun: false, over: false, key: 0 },
    }));
    this.#open = flows.length;
    for (const excerpt of this.all) {
      const { tuple, ports } = excerpt.flow;
      this.#ports[ports] = 1;
      const same = this.#byTuple.get(tuple);
      if (same) same.push(excerpt);
      else this.#byTuple.set(tuple, [excerpt]);
    }
  }

  /** No frame of any wanted flow can come any more. */
  get done(): boolean {
    return this.#open === 0;
  }

  /** The next frame of the input. */
  frame(frame: Frame): void {
    this.#trail.begin(frame);
    const { bytes, start, end, wireLength, linkType, seconds } = frame;
    const result = this.#decoder.frame(bytes, start, end, wireLength, linkType, seconds);
    if (result > DECODE.UDP) return;
    const { view } = this.#decoder;
    if (this.#ports[portsOf(view.sourcePort, view.destinationPort)] === 0) return;
    const excerpts = this.#byTuple.get(tupleIn(view, result === DECODE.TCP));
    if (!excerpts) return;
    const key = flowKeyOf(view, this.#mode);
    const time = formatTime(seconds, frame.nanos);
    for (const excerpt of excerpts) {
      if (!excerpt.over && this.#belongs(excerpt, frame, time, key)) this.#take(excerpt, frame, time);
    }
  }

  #belongs(excerpt: Excerpt, frame: Frame, time: string, key: number): boolean {
    const { span } = excerpt.flow;
    if (!span) return true;
    if (!excerpt.begun) {
      const begins = this.#options.ring ? time >= span.start : time === span.start;
      if (!begins) return false;
      excerpt.begun = true;
      excerpt.key = key;
    }
    if (key !== excerpt.key) return false;
    const name = this.#options.files[frame.file];
    if (span.number === undefined || span.file !== name) return time <= span.end;
    if (frame.number >= span.number) {
      excerpt.over = true;
      this.#open--;
    }
    // What ended it may have been another connection's first packet.
    return frame.number < span.number || (frame.number === span.number && time === span.end);
  }

  #take(excerpt: Excerpt, frame: Frame, time: string): void {
    const { parts, files } = this.#options;
    const place = { file: files[frame.file], number: frame.number, time };
    excerpt.packets++;
    excerpt.first ??= place;
    excerpt.last = place;
    for (const piece of this.#trail.pieces) parts.write(excerpt.parts, piece);
    parts.write(excerpt.parts, frame);
  }
}

function tupleIn(view: PacketView, tcp: boolean): string {
  const { bytes, sourceAt, destinationAt, sourcePort, destinationPort } = view;
  const format = view.ipVersion === 6 ? formatIPv6 : formatIPv4;
  return tupleOf(tcp, format(bytes, sourceAt), sourcePort, format(bytes, destinationAt), destinationPort);
}
