import type { Frame } from './frame.ts';
import { FrameReader, READ } from './reader.ts';
import type { Read } from './reader.ts';
import { LIMITS, LINK_TYPE_MASK, PCAP } from './wire.ts';
import type { PcapVariant } from './wire.ts';

/**
 * Reads pcap files (draft-ietf-opsawg-pcap) of either byte order, with microseconds or nanoseconds,
 * and Kuznetzov's variant. The snap length is not relied on: writers get it wrong.
 */
export class PcapReader extends FrameReader {
  readonly #recordHeader: number;
  /** Fractions in a second, and nanoseconds in a fraction. */
  readonly #perSecond: number;
  readonly #nanosPerFraction: number;
  #started = false;
  #linkType = 0;
  #swappedLengths = false;

  constructor(variant: PcapVariant) {
    super();
    this.bigEndian = variant.bigEndian;
    this.#recordHeader = variant.recordHeader;
    this.#perSecond = variant.nanos ? 1_000_000_000 : 1_000_000;
    this.#nanosPerFraction = variant.nanos ? 1 : 1000;
  }

  override next(frame: Frame): Read {
    if (!this.#started) {
      const answer = this.#fileHeader();
      if (answer !== READ.FRAME) return answer;
    }
    const bytes = this.bytes;
    const at = this.pos;
    const left = this.end - at;
    const header = this.#recordHeader;
    if (left < header) return this.short(header);
    let captured = this.u32(at + 8);
    let wire = this.u32(at + 12);
    if (captured > wire) {
      const other = wire;
      wire = captured;
      if (this.#swappedLengths) captured = other;
    }
    if (captured > LIMITS.CAPTURED) return this.#absurd(captured);
    if (left < header + captured) return this.short(header + captured);
    this.#stamp(frame, this.u32(at), this.u32(at + 4));
    const start = at + header;
    const end = start + captured;
    this.pos = end;
    frame.bytes = bytes;
    frame.start = start;
    frame.end = end;
    frame.wireLength = wire;
    frame.linkType = this.#linkType;
    frame.number = ++this.frames;
    frame.interfaceId = 0;
    return READ.FRAME;
  }

  #stamp(frame: Frame, seconds: number, fraction: number): void {
    if (fraction >= this.#perSecond) {
      const carry = Math.floor(fraction / this.#perSecond);
      frame.seconds = seconds + carry;
      frame.nanos = (fraction - carry * this.#perSecond) * this.#nanosPerFraction;
      return;
    }
    frame.seconds = seconds;
    frame.nanos = fraction * this.#nanosPerFraction;
  }

  #fileHeader(): Read {
    if (this.end - this.pos < PCAP.FILE_HEADER) return this.short(PCAP.FILE_HEADER);
    const at = this.pos;
    const major = this.u16(at + 4);
    const minor = this.u16(at + 6);
    if (major !== PCAP.MAJOR && major !== PCAP.DGUX_MAJOR) {
      return this.bad('foreign', `pcap version ${major}.${minor} is not known`);
    }
    this.#swappedLengths = major === PCAP.DGUX_MAJOR || minor <= PCAP.SWAPPED_LENGTHS_MINOR;
    this.#linkType = this.u32(at + 20) & LINK_TYPE_MASK;
    this.declare(this.#linkType);
    this.pos = at + PCAP.FILE_HEADER;
    this.#started = true;
    return READ.FRAME;
  }

  #absurd(captured: number): Read {
    return this.bad('damaged', `packet ${this.frames + 1} claims ${captured} captured bytes`);
  }

  protected override unfinished(): { what: string; offset: number } {
    const what = this.#started ? `packet ${this.frames + 1}` : 'the file header';
    return { what, offset: this.base + this.pos };
  }
}
