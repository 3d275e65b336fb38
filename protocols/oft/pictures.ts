import type { FileTransfer, FileWriter } from '../../src/sdk/index.ts';
import type { Peers, Place } from './peer.ts';

/**
 * The pictures of one direct IM: the text names each by number, file name and size, and the bytes behind it hold
 * `<BINARY><DATA ID="number" SIZE="bytes">...</DATA>...</BINARY>`. They are carved as they pass, none is held.
 */

const MOST_PICTURES = 16;
/** A tag between pictures longer than this is none: the rest is passed over. */
const TAG_MAX = 256;
const TAG_END = 0x3e;

interface Picture {
  readonly id: string;
  /** The number by which text and bytes name it. */
  readonly mark: string | undefined;
  readonly name: string;
  readonly size: number;
  /** Bytes of it that passed, unseen ones too. */
  position: number;
  holed: boolean;
  writer: FileWriter | undefined;
}

export class Pictures {
  readonly #peers: Peers;
  readonly #at: Place;
  readonly #pictures: Picture[];
  /** Bytes behind the text that are still to come. */
  #left: number;
  /** What stands between pictures, up to the end of a tag; undefined once it cannot be followed. */
  #tag: string | undefined = '';
  /** The picture whose bytes come next, if the text names it, and how many there are. */
  #current: Picture | undefined;
  #data = 0;

  /** `length`: bytes behind the text. */
  constructor(peers: Peers, at: Place, text: string, length: number) {
    this.#peers = peers;
    this.#at = at;
    this.#left = length;
    this.#pictures = namedIn(text, length).map((picture, i) => ({
      ...picture,
      id: peers.flow.hash('odc', peers.flow.id, at.direction, at.offset, i),
      ...{ position: 0, holed: false, writer: undefined },
    }));
  }

  /** Bytes behind the text, in order. */
  pass(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end && this.#tag !== undefined;) {
      if (this.#data === 0) {
        at = this.#readTag(bytes, at, end);
        continue;
      }
      const length = Math.min(this.#data, end - at);
      this.#write(bytes, at, at + length);
      at += length;
    }
  }

  /** Bytes behind the text that were not captured. Behind a hole that is not inside of one picture nothing is found again. */
  miss(length: number): void {
    const lost = Math.min(this.#data, length);
    if (this.#current && lost > 0) {
      this.#current.holed = true;
      this.#current.position += lost;
    }
    this.#data -= lost;
    this.#left -= lost;
    if (lost === length) return;
    this.#tag = undefined;
    for (const picture of this.#pictures) if (picture.position < picture.size) picture.holed = true;
  }

  /** The message has passed: tells its pictures and what was carved of them. */
  tell(): void {
    const parties = this.#peers.between(this.#at.direction);
    for (const { id, name, size, holed } of this.#pictures) {
      const file: FileTransfer = { id, name, size, method: 'odc', state: holed ? 'failed' : 'complete' };
      this.#peers.tell(this.#at, { kind: 'file', ...parties, file });
    }
    for (const { writer, position, size } of this.#pictures) {
      writer?.close(this.#at.direction, this.#at.offset, { complete: position === size });
    }
  }

  /** Where reading goes on: behind the tag's end, or at the end. */
  #readTag(bytes: Uint8Array, start: number, end: number): number {
    const found = bytes.subarray(start, end).indexOf(TAG_END);
    const stop = found < 0 ? end : start + found + 1;
    let tag = this.#tag ?? '';
    if (tag.length + stop - start > TAG_MAX) {
      this.#tag = undefined;
      return end;
    }
    for (let at = start; at < stop; at++) tag += String.fromCharCode(bytes[at] ?? 0);
    this.#left -= stop - start;
    this.#tag = found < 0 ? tag : '';
    if (found >= 0) this.#onTag(tag);
    return stop;
  }

  #onTag(tag: string): void {
    if (!/^<data\s/i.test(tag)) return;
    const size = Number(attribute(tag, 'size'));
    if (!Number.isInteger(size) || size <= 0 || size > this.#left) {
      this.#tag = undefined;
      return;
    }
    const mark = attribute(tag, 'id');
    this.#data = size;
    this.#current = this.#pictures.find((p) => p.mark === mark && p.size === size && p.position === 0);
  }

  #write(bytes: Uint8Array, start: number, end: number): void {
    const picture = this.#current;
    if (picture) {
      picture.writer ??= this.#carve(picture);
      picture.writer.write(picture.position, bytes, start, end);
      picture.position += end - start;
    }
    this.#data -= end - start;
    this.#left -= end - start;
  }

  #carve({ id, name, size }: Picture): FileWriter {
    const { from, to } = this.#peers.between(this.#at.direction);
    return this.#peers.flow.carve({
      ...{ id, name, size, service: this.#peers.service },
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    });
  }
}

/** The pictures that the text names with their size and that the bytes after it have room for. */
function namedIn(text: string, length: number): Pick<Picture, 'mark' | 'name' | 'size'>[] {
  const pictures: Pick<Picture, 'mark' | 'name' | 'size'>[] = [];
  let room = length;
  for (const [tag] of length === 0 ? [] : text.matchAll(/<img\s[^<>]{1,1000}>/gi)) {
    const name = attribute(tag, 'src');
    const size = Number(attribute(tag, 'datasize'));
    if (name === undefined || !Number.isInteger(size) || size <= 0 || size > room) continue;
    room -= size;
    if (pictures.push({ mark: attribute(tag, 'id'), name, size }) === MOST_PICTURES) break;
  }
  return pictures;
}

function attribute(tag: string, name: string): string | undefined {
  const at = tag.toLowerCase().indexOf(` ${name}="`);
  if (at < 0) return undefined;
  const start = at + name.length + 3;
  const end = tag.indexOf('"', start);
  return end > start ? tag.slice(start, end) : undefined;
}
