import { ANSWER, MAX_DEFLATED, MessageInflater, WINDOW } from '../../src/sdk/index.ts';
import type { Cursor, Keep } from '../../src/sdk/index.ts';
import { FIN, LENGTH_16, LENGTH_64, LONGEST_CONTROL, MASKED, OPCODE, RESERVED, RSV1 } from './wire.ts';

export type FrameTrouble = 'websocket_bad_frame' | 'websocket_bad_compression';

/** Where unmasked bytes stand while they are handed on; one piece at a time, for all connections. */
const SCRATCH = new Uint8Array(16_384);

/**
 * Reads the frames of one direction (RFC 6455, 5.2) and hands on the text of its messages: in pieces as
 * they come, or whole where they are compressed.
 */
export class FrameReader {
  readonly #text: (bytes: Uint8Array, from: number, to: number) => void;
  readonly #trouble: (code: FrameTrouble, offset: number) => void;
  readonly #room: Keep;
  /** Set where permessage-deflate was agreed. */
  #inflater: MessageInflater | undefined;
  #keepsWindow = true;
  #mask = 0;
  #left = 0;
  #done = 0;
  #inFrame = false;
  #control = false;
  #final = true;
  /** The message being read is compressed: what is there of it. */
  #packed: Uint8Array | undefined;
  #packedLength = 0;
  /** After a loss: frames are looked for where segments begin, and compressed ones are not read. */
  #lost = false;

  /** `room` accounts for what waits: compressed messages that are not whole, and what the next one may refer to. */
  constructor(
    room: Keep,
    text: (bytes: Uint8Array, from: number, to: number) => void,
    trouble: (code: FrameTrouble, offset: number) => void,
  ) {
    this.#room = room;
    this.#text = text;
    this.#trouble = trouble;
  }

  /** permessage-deflate was agreed; `keepsWindow` false where each message stands alone. */
  compressed(keepsWindow: boolean): void {
    this.#keepsWindow = keepsWindow;
    if (!keepsWindow || this.#room.hold(WINDOW)) this.#inflater = new MessageInflater();
  }

  data(cursor: Cursor): number {
    for (;;) {
      if (this.#inFrame) {
        if (this.#left > 0 && cursor.left === 0) return ANSWER.DONE;
        this.#payload(cursor);
      } else {
        const need = headerLength(cursor);
        if (cursor.left < need) return cursor.left === 0 ? ANSWER.DONE : need;
        if (!this.#header(cursor)) {
          this.#trouble('websocket_bad_frame', cursor.tell());
          if (!this.#lost) return ANSWER.BAD;
          cursor.pos = cursor.end;
          return ANSWER.DONE;
        }
      }
    }
  }

  gap(length: number): void {
    if (this.#inFrame && length <= this.#left) {
      this.#left -= length;
      this.#done += length;
    } else {
      this.#inFrame = false;
      this.#lost = true;
    }
    // What follows refers to what was lost, unless each message stands alone.
    if (this.#keepsWindow) this.#inflater = undefined;
    this.#forget();
  }

  #forget(): void {
    if (this.#packed) this.#room.release(this.#packed.length);
    this.#packed = undefined;
  }

  #header(cursor: Cursor): boolean {
    const start = cursor.pos;
    const first = cursor.u8();
    const second = cursor.u8();
    const opcode = first & 0x0f;
    const short = second & 0x7f;
    let length = short;
    if (short === LENGTH_16) length = cursor.u16();
    if (short === LENGTH_64) length = cursor.u64();
    this.#mask = (second & MASKED) === 0 ? 0 : cursor.u32();
    this.#control = opcode >= OPCODE.CLOSE;
    const known = opcode <= OPCODE.BINARY || (this.#control && opcode <= OPCODE.PONG);
    const badControl = this.#control && (length > LONGEST_CONTROL || (first & FIN) === 0);
    if (!known || badControl || (first & RESERVED) !== 0 || !Number.isSafeInteger(length)) {
      cursor.pos = start;
      return false;
    }
    this.#inFrame = true;
    this.#left = length;
    this.#done = 0;
    if (this.#control) return true;
    this.#final = (first & FIN) !== 0;
    if (opcode !== OPCODE.CONTINUE) {
      this.#forget();
      this.#packed = (first & RSV1) === 0 ? undefined : NOTHING;
      this.#packedLength = 0;
    }
    return true;
  }

  #payload(cursor: Cursor): void {
    const offset = cursor.tell();
    while (this.#left > 0 && cursor.left > 0) {
      const length = Math.min(this.#left, cursor.left, SCRATCH.length);
      if (!this.#control) this.#piece(cursor.bytes, cursor.pos, length);
      cursor.pos += length;
      this.#left -= length;
      this.#done += length;
    }
    if (this.#left > 0) return;
    this.#inFrame = false;
    if (!this.#control && this.#final && this.#packed) this.#unpack(offset);
  }

  /** A piece of a message: unmasked where it is masked, kept where it is compressed. */
  #piece(bytes: Uint8Array, from: number, length: number): void {
    let source = bytes;
    let start = from;
    if (this.#mask !== 0) {
      for (let i = 0; i < length; i++) {
        const shift = 24 - (((this.#done + i) & 3) << 3);
        SCRATCH[i] = (bytes[from + i] ?? 0) ^ ((this.#mask >>> shift) & 0xff);
      }
      source = SCRATCH;
      start = 0;
    }
    if (this.#packed) this.#keep(source, start, length);
    else this.#text(source, start, start + length);
  }

  #keep(bytes: Uint8Array, from: number, length: number): void {
    const total = this.#packedLength + length;
    const packed = this.#packed ?? NOTHING;
    if (this.#packedLength <= MAX_DEFLATED && total <= MAX_DEFLATED) {
      let room = packed;
      if (room.length < total) {
        const size = Math.max(512, total, packed.length * 2);
        if (!this.#room.hold(size - packed.length)) {
          // No room: as one that is too long.
          this.#packedLength = MAX_DEFLATED + 1;
          return;
        }
        room = new Uint8Array(size);
        room.set(packed);
        this.#packed = room;
      }
      room.set(bytes.subarray(from, from + length), this.#packedLength);
    }
    this.#packedLength = total;
  }

  #unpack(offset: number): void {
    const packed = this.#packed ?? NOTHING;
    this.#forget();
    const whole = this.#packedLength <= MAX_DEFLATED;
    const text = whole
      ? this.#inflater?.inflate(packed.subarray(0, this.#packedLength), this.#keepsWindow)
      : undefined;
    if (text) {
      this.#text(text, 0, text.length);
      return;
    }
    this.#trouble('websocket_bad_compression', offset);
    // Later messages would be inflated against a window that is not the sender's: wrong text, told as right.
    if (this.#keepsWindow) this.#inflater = undefined;
  }
}

const NOTHING = new Uint8Array(0);

/** Bytes of the frame header at the cursor, as far as it says. */
function headerLength(cursor: Cursor): number {
  const second = cursor.peek(1);
  if (second < 0) return 2;
  const short = second & 0x7f;
  const extended = short === LENGTH_16 ? 2 : short === LENGTH_64 ? 8 : 0;
  return 2 + extended + ((second & MASKED) === 0 ? 0 : 4);
}
