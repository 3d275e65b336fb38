import type { Frame } from './frame.ts';
import type { Trouble } from './problem.ts';

/** What `FrameReader.next` answers. */
export const READ = {
  /** The frame is set. */
  FRAME: 0,
  /** Show a window with `want` bytes from `pos` on. */
  MORE: 1,
  /** All was read. */
  END: 2,
  /** No further frame can be found: see `problem`. */
  BAD: 3,
} as const;
export type Read = (typeof READ)[keyof typeof READ];

const EMPTY = new Uint8Array(0);

/**
 * Finds the frames of a capture in a window of bytes that its owner moves along the input.
 *
 * `next` is the packet path: it allocates nothing, copies nothing and never throws; the frame is a
 * view of the window. Each window begins where the last one left off: the owner keeps the bytes from
 * `pos` on. `pos` may lie beyond `end`: what is between is not needed and may be dropped unread.
 * `want` is at most `LIMITS.BLOCK`.
 */
export abstract class FrameReader {
  protected bytes: Uint8Array = EMPTY;
  protected bigEndian = false;
  /** Next byte to read, in the window. */
  pos = 0;
  protected end = 0;
  /** Offset in the input of the window's byte 0. */
  protected base = 0;
  protected last = false;
  /** After MORE: bytes from `pos` on without which there is no progress. */
  want = 0;
  /** Frames so far, over all sections. */
  frames = 0;
  /** Link types the capture declares, in order of appearance. */
  readonly linkTypes: number[] = [];
  problem: Trouble | undefined = undefined;

  /** Shows `bytes[pos..end)`; `last` says that no byte follows it. */
  window(bytes: Uint8Array, pos: number, end: number, base: number, last: boolean): void {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
    this.base = base;
    this.last = last;
  }

  abstract next(frame: Frame): Read;

  /** What is being read, and where it begins. */
  protected abstract unfinished(): { what: string; offset: number };

  /** The window ends before the next `want` bytes do: wait for more, or that was all, or it is cut. */
  protected short(want: number): Read {
    if (this.last && this.pos === this.end) return READ.END;
    return this.unclosed(want);
  }

  /** The same inside something that has begun. */
  protected unclosed(want: number): Read {
    if (!this.last) {
      this.want = want;
      return READ.MORE;
    }
    const { what, offset } = this.unfinished();
    this.problem = { kind: 'cut', message: `cut short in ${what}`, offset };
    return READ.BAD;
  }

  protected bad(kind: 'damaged' | 'foreign', message: string): Read {
    this.problem = { kind, message, offset: this.unfinished().offset };
    return READ.BAD;
  }

  /** Four bytes in the input's byte order. One method that branches is inlined; a choice of two is not. */
  protected u32(at: number): number {
    const b = this.bytes;
    return this.bigEndian
      ? ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0
      : ((b[at + 3]! << 24) | (b[at + 2]! << 16) | (b[at + 1]! << 8) | b[at]!) >>> 0;
  }

  protected u16(at: number): number {
    const b = this.bytes;
    return this.bigEndian ? (b[at]! << 8) | b[at + 1]! : (b[at + 1]! << 8) | b[at]!;
  }

  protected declare(linkType: number): void {
    if (!this.linkTypes.includes(linkType)) this.linkTypes.push(linkType);
  }
}
