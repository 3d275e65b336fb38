import { Frame } from '../../capture/frame.ts';

/** Bytes of memory for opening packets, and how long one may be. */
const SIZE = 4_194_304;
const LONGEST = 256;
const SLOTS = 65_536;
/** Hash, previous record of its slot (two words), seconds (two), nanoseconds, link type, number, file, lengths. */
const HEAD = 48;
/** Opening packets of a connection: a repeated SYN has them too. */
const MOST = 8;
/** Records of one slot that are looked through: other connections have theirs among them. */
const LONGEST_CHAIN = 64;
/** Where a record has its frame's length; 0 once it was taken out. */
const LENGTH_AT = 36;

/**
 * The opening packets of connections that have not sent anything yet, in a ring of memory: nearly all turn out to be no
 * IM and are overwritten. Found again by the hash of their connection. Nothing is allocated until one is taken out.
 */
export class Handshakes {
  readonly #bytes = new Uint8Array(SIZE);
  readonly #view = new DataView(this.#bytes.buffer);
  /** By hash: 1 + place of the last record, counted since the beginning. */
  readonly #last = new Float64Array(SLOTS);
  /** Bytes written since the beginning; records never wrap. */
  #at = 0;

  add(frame: Frame, hash: number): void {
    const length = frame.end - frame.start;
    if (length > LONGEST) return;
    const room = SIZE - (this.#at % SIZE);
    if (room < HEAD + LONGEST) this.#at += room;
    const at = this.#at % SIZE;
    const view = this.#view;
    const slot = hash & (SLOTS - 1);
    view.setInt32(at, hash);
    view.setFloat64(at + 4, this.#last[slot] ?? 0);
    view.setFloat64(at + 12, frame.seconds);
    view.setUint32(at + 20, frame.nanos);
    view.setUint32(at + 24, frame.linkType);
    view.setUint32(at + 28, frame.number);
    view.setUint32(at + 32, frame.file);
    view.setUint32(at + LENGTH_AT, length);
    view.setUint32(at + 40, frame.wireLength);
    const { bytes, start } = frame;
    for (let i = 0; i < length; i++) this.#bytes[at + HEAD + i] = bytes[start + i] ?? 0;
    this.#last[slot] = this.#at + 1;
    this.#at += HEAD + length;
  }

  /** Hands on the packets of this connection, the first one first, and forgets them. */
  take(hash: number, sink: (frame: Frame) => void): void {
    const slot = hash & (SLOTS - 1);
    let place = (this.#last[slot] ?? 0) - 1;
    if (place < 0) return;
    let found: Frame[] | undefined;
    const view = this.#view;
    // The newest record that stays: the slot's other connections still need theirs.
    let last = 0;
    for (let i = 0; i < LONGEST_CHAIN && this.#isThere(place); i++) {
      const at = place % SIZE;
      const there = view.getUint32(at + LENGTH_AT) > 0;
      if (there && (found?.length ?? 0) < MOST && view.getInt32(at) === hash) {
        (found ??= []).push(this.#frame(at));
        view.setUint32(at + LENGTH_AT, 0);
      } else if (there && last === 0) last = place + 1;
      place = view.getFloat64(at + 4) - 1;
    }
    this.#last[slot] = last;
    for (const frame of found?.reverse() ?? []) sink(frame);
  }

  /** The record was written, and not overwritten since. */
  #isThere(place: number): boolean {
    return place >= 0 && this.#at - place <= SIZE - HEAD - LONGEST;
  }

  #frame(at: number): Frame {
    const view = this.#view;
    const frame = new Frame();
    frame.bytes = this.#bytes;
    frame.start = at + HEAD;
    frame.end = frame.start + view.getUint32(at + LENGTH_AT);
    frame.seconds = view.getFloat64(at + 12);
    frame.nanos = view.getUint32(at + 20);
    frame.linkType = view.getUint32(at + 24);
    frame.number = view.getUint32(at + 28);
    frame.file = view.getUint32(at + 32);
    frame.wireLength = view.getUint32(at + 40);
    return frame;
  }
}
