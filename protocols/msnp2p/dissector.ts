import { ANSWER, Keep, SLP, SlpJoiner } from '../../src/sdk/index.ts';
import type { Cursor, Direction, Dissector, FlowContext } from '../../src/sdk/index.ts';
import { FileSessions } from './sessions.ts';
import {
  HANDSHAKE_V2,
  LENGTH_FIELD,
  MAX_FRAME,
  OPENING,
  V1_HEADER,
  isShortVersion2,
  readVersion1,
  readVersion2,
} from './wire.ts';
import type { Packet } from './wire.ts';

/** Reads a direct connection: texts are parsed, data is carved. */
export class DirectDissector implements Dissector {
  readonly #flow: FlowContext;
  readonly #files: FileSessions;
  /** Bytes of data to pass over, by direction. */
  readonly #skip: [number, number] = [0, 0];
  /** The packet whose data these bytes are. */
  readonly #packets: [Packet | undefined, Packet | undefined] = [undefined, undefined];
  /** Frames read so far, by direction: the first ones are the handshake. */
  readonly #frames: [number, number] = [0, 0];
  readonly #texts: SlpJoiner;
  #version = 1;

  constructor(flow: FlowContext) {
    this.#flow = flow;
    const keep = new Keep((bytes) => flow.reserve(bytes));
    this.#files = new FileSessions(flow, keep);
    this.#texts = new SlpJoiner(keep);
  }

  data(direction: Direction, cursor: Cursor): number {
    for (;;) {
      if (!this.#passOver(direction, cursor)) return ANSWER.DONE;
      if (!cursor.has(LENGTH_FIELD)) return ANSWER.DONE;
      const start = cursor.pos;
      const size = cursor.u32le();
      if (size > MAX_FRAME) {
        this.#flow.anomaly(direction, cursor.base + start, 'msnp2p_frame_too_long');
        return ANSWER.BAD;
      }
      const need = this.#frame(direction, cursor, start, size);
      if (need > 0) {
        cursor.pos = start;
        return need;
      }
    }
  }

  /** Inside data that is passed over a gap costs nothing; elsewhere the frames cannot be found again. */
  gap(direction: Direction, length: number): void {
    const left = this.#skip[direction] - length;
    this.#lose(direction, length);
    this.#skip[direction] = left >= 0 ? left : Number.MAX_SAFE_INTEGER;
  }

  /** Bytes of a packet's data were lost. */
  #lose(direction: Direction, length: number): void {
    const packet = this.#packets[direction];
    if (!packet) return;
    const lost = Math.min(packet.length, length);
    packet.length -= lost;
    if (packet.offset >= 0) packet.offset += lost;
    if (packet.length === 0) this.#packets[direction] = undefined;
  }

  end(): void {
    // What is open is told as cut by the engine.
  }

  /** False where more of what is passed over must come. */
  #passOver(direction: Direction, cursor: Cursor): boolean {
    const n = Math.min(this.#skip[direction], cursor.left);
    const packet = this.#packets[direction];
    if (packet && n > 0) this.#data(direction, cursor, packet, n);
    cursor.skip(n);
    this.#skip[direction] -= n;
    return this.#skip[direction] === 0;
  }

  /** `n` bytes of a packet's data, or of what stands behind it. */
  #data(direction: Direction, cursor: Cursor, packet: Packet, n: number): void {
    const length = Math.min(n, packet.length);
    packet.length -= length;
    const remaining = packet.remaining + packet.length;
    const { sessionId, offset } = packet;
    if (packet.offset >= 0) packet.offset += length;
    const end = cursor.pos + length;
    this.#files.data(direction, { sessionId, offset, remaining }, cursor.bytes, cursor.pos, end);
    if (remaining === 0) this.#files.dataEnded(direction, cursor.tell() + length, sessionId);
    if (packet.length === 0) this.#packets[direction] = undefined;
  }

  /** Reads the frame of `size` bytes at the cursor; answers how many bytes from `start` it lacks, else 0. */
  #frame(direction: Direction, cursor: Cursor, start: number, size: number): number {
    if (this.#isHandshake(direction, size)) {
      if (!cursor.has(size)) return LENGTH_FIELD + size;
      cursor.skip(size);
      this.#frames[direction]++;
      return 0;
    }
    if (size === 0) return 0;
    // A version 2 header has no fixed length; its frames are short.
    const header = this.#version === 2 ? size : Math.min(size, V1_HEADER);
    if (!cursor.has(header)) return LENGTH_FIELD + header;
    const from = cursor.pos;
    const packet = this.#version === 2 ? readVersion2(cursor, size) : readVersion1(cursor, size);
    if (!packet) {
      cursor.reset(cursor.bytes, from, cursor.end, cursor.base);
      this.#flow.anomaly(direction, cursor.base + start, this.#wrongWith(cursor, size));
    } else if (packet.sessionId === 0 && packet.length > 0) {
      if (!cursor.has(from + size - cursor.pos)) return LENGTH_FIELD + size;
      this.#text(direction, cursor.base + start, cursor, packet);
    } else if (packet.length > 0 && packet.isData) this.#packets[direction] = packet;
    if (packet?.overstated) this.#flow.anomaly(direction, cursor.base + start, 'msnp2p_overstated_length');
    this.#skip[direction] = from + size - cursor.pos;
    this.#frames[direction]++;
    return 0;
  }

  /** What is wrong with the header at the cursor. */
  #wrongWith(cursor: Cursor, size: number): string {
    return this.#version === 2 && isShortVersion2(cursor, size) ? 'msnp2p_short' : 'msnp2p_bad_header';
  }

  /** The client's first two frames and the server's first; a handshake of 16 bytes is that of version 2. */
  #isHandshake(direction: Direction, size: number): boolean {
    const opens = direction === 0 && this.#frames[0] === 0;
    if (opens && size === OPENING.length - LENGTH_FIELD) return true;
    if (this.#frames[direction] !== (direction === 0 ? 1 : 0)) return false;
    if (size === HANDSHAKE_V2) this.#version = 2;
    return size === HANDSHAKE_V2;
  }

  /** Joins the parts of a text. */
  #text(direction: Direction, offset: number, cursor: Cursor, packet: Packet): void {
    const { bytes, pos } = cursor;
    const texts = this.#texts;
    const answer = texts.add(`${direction} ${packet.message}`, packet, bytes, pos, pos + packet.length);
    if (answer === SLP.TEXT) this.#files.text(direction, offset, texts.bytes, texts.start, texts.end);
    else if (answer === SLP.TOO_LONG) this.#flow.anomaly(direction, offset, 'msnp2p_slp_too_long');
    else if (answer === SLP.LIES) this.#flow.anomaly(direction, offset, 'msnp2p_slp_parts_differ');
  }
}
