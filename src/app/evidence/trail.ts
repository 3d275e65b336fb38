import { Frame } from '../../capture/frame.ts';
import type { FragmentWitness } from '../../decode/decoder.ts';

/** Frames kept of one packet, at most: no honest packet comes in more fragments of 256 bytes and up. */
const MOST_FRAMES = 256;

/** A copy of a frame that outlives the call which handed it on. */
function copyOf(frame: Frame): Frame {
  const copy = new Frame();
  Object.assign(copy, frame);
  copy.bytes = frame.bytes.slice(frame.start, frame.end);
  copy.start = 0;
  copy.end = copy.bytes.length;
  return copy;
}

/**
 * Keeps the frames of fragments until their packet is whole, so that who writes the packet's frame can write those
 * before it. Bounded in bytes: at the bound the packet that began first goes.
 */
export class FragmentTrail implements FragmentWitness {
  /** The earlier frames of the packet that was put together in this frame; none for a packet that came whole. */
  pieces: readonly Frame[] = NONE;
  /** Frames that were forgotten to bound memory. */
  forgotten = 0;
  readonly #most: number;
  /** By packet, the one that began first in front. */
  readonly #held = new Map<object, Frame[]>();
  #bytes = 0;
  #frame: Frame | undefined = undefined;

  /** `most`: bytes of all frames held. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The frame that is decoded next. */
  begin(frame: Frame): void {
    this.#frame = frame;
    this.pieces = NONE;
  }

  joined(datagram: object, whole: boolean): void {
    const frame = this.#frame;
    if (frame === undefined) return;
    const held = this.#held.get(datagram) ?? [];
    const before = this.pieces;
    if (whole) {
      this.#forget(datagram);
      this.pieces = [...held, ...before];
      return;
    }
    this.#held.set(datagram, held);
    this.pieces = NONE;
    for (const piece of [...before, copyOf(frame)]) {
      if (held.length >= MOST_FRAMES) this.forgotten++;
      else {
        held.push(piece);
        this.#bytes += piece.bytes.length;
      }
    }
    this.#bound();
  }

  #forget(datagram: object): void {
    for (const { bytes } of this.#held.get(datagram) ?? []) this.#bytes -= bytes.length;
    this.#held.delete(datagram);
  }

  #bound(): void {
    for (const [oldest, frames] of this.#held) {
      if (this.#bytes <= this.#most) return;
      this.forgotten += frames.length;
      this.#forget(oldest);
    }
  }
}

const NONE: readonly Frame[] = [];
