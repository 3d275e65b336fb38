import type { Frame } from './frame.ts';
import { FrameReader, READ } from './reader.ts';
import type { Read } from './reader.ts';
import { TimeUnit } from './time-unit.ts';
import { BLOCK, DEFAULT_TSRESOL, IF_OPTION, LIMITS, PCAPNG } from './wire.ts';

/** A block was read that holds no frame. */
const SKIPPED = -1;
type Step = Read | typeof SKIPPED;

/** An Interface Description Block. */
interface Interface {
  readonly linkType: number;
  /** 0: no limit. */
  readonly snapLength: number;
  readonly unit: TimeUnit;
}

/**
 * Reads pcapng (draft-ietf-opsawg-pcapng): sections of either byte order one after another, their
 * interfaces with their own link types and time units, enhanced, simple and obsolete packet blocks.
 * Blocks of other types are skipped unread, whatever their length. A simple packet has no time: the frame
 * keeps the one it had.
 */
export class PcapngReader extends FrameReader {
  #interfaces: Interface[] = [];
  /** Offset in the input of the block that is being read. */
  #block = 0;
  #packetBlock = false;
  /** Length, as it claims, of a block that is skipped to its last word; 0: none is. */
  #skipped = 0;

  override next(frame: Frame): Read {
    for (;;) {
      if (this.#skipped !== 0) {
        const step = this.#endOfSkipped();
        if (step !== SKIPPED) return step;
      }
      this.#block = this.base + this.pos;
      this.#packetBlock = false;
      const left = this.end - this.pos;
      if (left < PCAPNG.BLOCK_OVERHEAD) return this.short(PCAPNG.BLOCK_OVERHEAD);
      const type = this.u32(this.pos);
      const step = type === BLOCK.SHB ? this.#sectionHeader(left) : this.#body(frame, type, left);
      if (step !== SKIPPED) return step;
    }
  }

  #body(frame: Frame, type: number, left: number): Step {
    const length = this.#blockLength();
    if (length < PCAPNG.BLOCK_OVERHEAD) return this.#badLength(type, length);
    this.#packetBlock = type === BLOCK.EPB || type === BLOCK.SPB || type === BLOCK.PB;
    if (!this.#packetBlock && type !== BLOCK.IDB) return this.#skip(length);
    if (length > LIMITS.BLOCK) return this.#badLength(type, length);
    if (left < length) return this.short(length);
    if (!this.#closed(length)) return this.#badTrailer();
    if (type === BLOCK.IDB) return this.#interface(length);
    return type === BLOCK.SPB ? this.#simplePacket(frame, length) : this.#packet(frame, type, length);
  }

  #skip(length: number): Step {
    this.#skipped = this.u32(this.pos + 4);
    this.pos += length - 4;
    return SKIPPED;
  }

  /** Checked whenever it arrives, so that the outcome does not depend on the windows. */
  #endOfSkipped(): Step {
    if (this.end - this.pos < 4) return this.unclosed(4);
    if (this.u32(this.pos) !== this.#skipped) return this.#badTrailer();
    this.pos += 4;
    this.#skipped = 0;
    return SKIPPED;
  }

  /** An EPB or a PB: they differ in the width of the interface index (and a drop count). */
  #packet(frame: Frame, type: number, length: number): Read {
    const at = this.pos;
    if (length < PCAPNG.EPB_LENGTH) return this.#badLength(type, length);
    const id = type === BLOCK.PB ? this.u16(at + 8) : this.u32(at + 8);
    const captured = this.u32(at + 20);
    if (captured > LIMITS.CAPTURED || captured > length - PCAPNG.EPB_LENGTH)
      return this.#badCaptured(captured);
    if (id >= this.#interfaces.length) return this.#badInterface(id);
    const face = this.#interfaces[id]!;
    face.unit.stamp(frame, this.u32(at + 12), this.u32(at + 16));
    const wire = this.u32(at + 24);
    return this.#found(frame, face.linkType, id, at + PCAPNG.EPB_DATA, captured, wire, length);
  }

  #simplePacket(frame: Frame, length: number): Read {
    const at = this.pos;
    if (length < PCAPNG.SPB_LENGTH) return this.#badLength(BLOCK.SPB, length);
    const face = this.#interfaces[0];
    if (face === undefined) return this.#badInterface(0);
    const wire = this.u32(at + 8);
    // Its captured length is not told: the least of what is known, less the padding that then shows.
    let captured = Math.min(wire, length - PCAPNG.SPB_LENGTH);
    if (face.snapLength !== 0) captured = Math.min(captured, face.snapLength);
    if (captured > LIMITS.CAPTURED) return this.#badCaptured(captured);
    return this.#found(frame, face.linkType, 0, at + PCAPNG.SPB_DATA, captured, wire, length);
  }

  #found(
    frame: Frame,
    linkType: number,
    interfaceId: number,
    start: number,
    captured: number,
    wire: number,
    length: number,
  ): Read {
    frame.bytes = this.bytes;
    frame.start = start;
    frame.end = start + captured;
    frame.wireLength = wire < captured ? captured : wire;
    frame.linkType = linkType;
    frame.number = ++this.frames;
    frame.interfaceId = interfaceId;
    this.pos += length;
    return READ.FRAME;
  }

  /** Interfaces do not outlive their section. */
  #sectionHeader(left: number): Step {
    const at = this.pos;
    this.bigEndian = this.bytes[at + 8] === PCAPNG.BYTE_ORDER >>> 24;
    if (this.u32(at + 8) !== PCAPNG.BYTE_ORDER) {
      return this.bad('damaged', 'a section header without a byte-order magic');
    }
    if (left < PCAPNG.SHB_LENGTH) return this.short(PCAPNG.SHB_LENGTH);
    const length = this.#blockLength();
    if (length < PCAPNG.SHB_LENGTH) return this.#badLength(BLOCK.SHB, length);
    const major = this.u16(at + 12);
    if (major !== PCAPNG.MAJOR) return this.bad('foreign', `pcapng version ${major} is not known`);
    this.#interfaces = [];
    return this.#skip(length);
  }

  /** Some writers leave the padding out of the length. */
  #blockLength(): number {
    const claimed = this.u32(this.pos + 4);
    return claimed + (-claimed & 3);
  }

  #interface(length: number): Step {
    const at = this.pos;
    if (length < PCAPNG.IDB_LENGTH) return this.#badLength(BLOCK.IDB, length);
    if (this.#interfaces.length >= LIMITS.INTERFACES) return this.bad('damaged', 'too many interfaces');
    const linkType = this.u16(at + 8);
    const snapLength = this.u32(at + 12);
    const unit = this.#timeUnit(at + PCAPNG.IDB_OPTIONS, at + length - 4);
    if (unit === undefined) return this.bad('damaged', 'an interface option is longer than its block');
    this.#interfaces.push({ linkType, snapLength, unit });
    this.declare(linkType);
    this.pos = at + length;
    return SKIPPED;
  }

  /** From the options in `[at, end)`; undefined where one runs past the end. */
  #timeUnit(at: number, end: number): TimeUnit | undefined {
    let resolution: number = DEFAULT_TSRESOL;
    let offset = 0;
    while (end - at >= 4) {
      const code = this.u16(at);
      const length = this.u16(at + 2);
      const value = at + 4;
      if (code === IF_OPTION.END) break;
      if (length > end - value) return undefined;
      if (code === IF_OPTION.TSRESOL && length >= 1) resolution = this.bytes[value]!;
      if (code === IF_OPTION.TSOFFSET && length >= 8) {
        const [high, low] = this.bigEndian ? [value, value + 4] : [value + 4, value];
        offset = (this.u32(high) | 0) * 0x1_0000_0000 + this.u32(low);
      }
      at = value + length + (-length & 3);
    }
    return new TimeUnit(resolution, offset);
  }

  /** A block's last word repeats its length. */
  #closed(length: number): boolean {
    return this.u32(this.pos + length - 4) === this.u32(this.pos + 4);
  }

  #badLength(type: number, length: number): Read {
    return this.bad('damaged', `a block of type 0x${type.toString(16)} claims ${length} bytes`);
  }

  #badTrailer(): Read {
    return this.bad('damaged', 'a block whose two lengths differ');
  }

  #badCaptured(captured: number): Read {
    return this.bad('damaged', `packet ${this.frames + 1} claims ${captured} captured bytes`);
  }

  #badInterface(id: number): Read {
    return this.bad('damaged', `packet ${this.frames + 1} names interface ${id}, which is not described`);
  }

  protected override unfinished(): { what: string; offset: number } {
    return { what: this.#packetBlock ? `packet ${this.frames + 1}` : 'a block', offset: this.#block };
  }
}
