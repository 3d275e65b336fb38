import { randomInt } from 'node:crypto';
import type { Limits } from '../core/limits.ts';
import type { Overlap } from '../core/overlap.ts';
import { Fragments } from './fragments.ts';
import { decodeFrame, decodeWhole } from './link.ts';
import { DECODE } from './result.ts';
import { PacketView } from './view.ts';

/** Who wants to know which frames a packet came in. */
export interface FragmentWitness {
  /** The frame being decoded holds a fragment of this packet (told apart by identity), the last one where `whole`. */
  joined(datagram: object, whole: boolean): void;
}

/** The decode stage: frames down to TCP and UDP, through tunnels and fragments. */
export class Decoder {
  /** What was found in the last frame; valid until the next. */
  readonly view = new PacketView();
  readonly fragments: Fragments;
  /** Told of each fragment that is kept; nobody by default. */
  witness: FragmentWitness | undefined = undefined;

  /** `keyMode` is of `FLOW_KEY`. */
  constructor(limits: Limits, keyMode: number, overlap?: Overlap) {
    this.fragments = new Fragments(limits, keyMode, randomInt(2 ** 31), overlap);
  }

  /** One frame, `now` being the packet time in seconds. Sets `view`; returns a `DECODE` value. See `decodeFrame`. */
  frame(
    bytes: Uint8Array,
    start: number,
    end: number,
    wireLength: number,
    linkType: number,
    now: number,
  ): number {
    const result = decodeFrame(this.view, bytes, start, end, wireLength, linkType);
    return result === DECODE.FRAGMENT ? this.#reassemble(now) : result;
  }

  /** The view's fragment, and what its packet says once it is whole: that may be a fragment in a tunnel again. */
  #reassemble(now: number): number {
    const { view, fragments } = this;
    for (;;) {
      const taken = fragments.add(view, now);
      if (fragments.joined !== undefined) this.witness?.joined(fragments.joined, taken === DECODE.TCP);
      if (taken !== DECODE.TCP) return taken;
      const result = decodeWhole(view, fragments.whole, fragments.wholeLength);
      if (result !== DECODE.FRAGMENT) return result;
    }
  }
}
