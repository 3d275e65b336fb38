import { asciiBytes, rowOfRequest } from '../../src/sdk/index.ts';
import type { ServiceRow } from '../../src/sdk/index.ts';
import { placeOfBytes } from './place.ts';
import type { FilePlace } from './place.ts';
import { LOOK, METHODS } from './wire.ts';

/** What the first bytes of a client are. */
export const SEEN = {
  /** No request of HTTP, or one that says nothing. */
  NO: 0,
  /** The beginning of a request whose host is still to come. */
  PART: 1,
  /** A request to a place of an IM network: `row`. */
  ROW: 2,
  /** A request to a place where a messenger leaves files: `place`. */
  FILE: 3,
} as const;

const SPACE = 0x20;
const CR = 0x0d;
const LF = 0x0a;
const SLASH = 0x2f;
const COLON = 0x3a;
const METHOD_BYTES = METHODS.map((method) => asciiBytes(`${method} `));
const HTTP_URI = asciiBytes('http://');
const HOST = asciiBytes('host:');

/** Finds in place to whom the request goes that begins a stream; allocates nothing. */
export class RequestSight {
  row: ServiceRow | undefined;
  place: FilePlace | undefined;
  #hostStart = 0;
  #hostEnd = 0;

  look(bytes: Uint8Array, start: number, all: number): number {
    this.row = undefined;
    this.place = undefined;
    const end = Math.min(all, start + LOOK);
    const target = afterMethod(bytes, start, end);
    if (target < 0) return SEEN.NO;
    if (target === 0) return SEEN.PART;
    const space = bytes.indexOf(SPACE, target);
    if (space < 0 || space >= end) return unfinished(start, all);
    let path = target;
    if (begins(bytes, target, space, HTTP_URI)) {
      path = this.#authority(bytes, target + HTTP_URI.length, space);
    }
    this.place = placeOfBytes(bytes, path, space);
    if (this.place) return SEEN.FILE;
    if (path === target) {
      const found = this.#field(bytes, space, end);
      if (found !== SEEN.ROW) return found === SEEN.PART ? unfinished(start, all) : SEEN.NO;
    }
    this.row = rowOfRequest(bytes, this.#hostStart, this.#hostEnd, path, space);
    return this.row === undefined ? SEEN.NO : SEEN.ROW;
  }

  /** The host of an absolute target, as proxies are asked; where its path begins. */
  #authority(bytes: Uint8Array, start: number, end: number): number {
    let path = bytes.indexOf(SLASH, start);
    if (path < 0 || path > end) path = end;
    this.#host(bytes, start, path);
    return path;
  }

  /** The `Host` field. */
  #field(bytes: Uint8Array, start: number, end: number): number {
    for (let eol = bytes.indexOf(LF, start); eol >= 0 && eol < end; eol = bytes.indexOf(LF, eol + 1)) {
      const line = eol + 1;
      if (line >= end) return SEEN.PART;
      if (bytes[line] === LF || bytes[line] === CR) return SEEN.NO;
      if (!begins(bytes, line, end, HOST)) continue;
      const last = bytes.indexOf(LF, line);
      if (last < 0 || last >= end) return SEEN.PART;
      this.#host(bytes, line + HOST.length, last);
      return SEEN.ROW;
    }
    return SEEN.PART;
  }

  /** Without blanks around it and its port. */
  #host(bytes: Uint8Array, start: number, end: number): void {
    let from = start;
    let to = end;
    while (from < to && isBlank(bytes[from] ?? 0)) from++;
    while (to > from && isBlank(bytes[to - 1] ?? 0)) to--;
    const colon = bytes.indexOf(COLON, from);
    this.#hostStart = from;
    this.#hostEnd = colon >= from && colon < to ? colon : to;
  }
}

function unfinished(start: number, all: number): number {
  return all - start < LOOK ? SEEN.PART : SEEN.NO;
}

/** Where the target begins; 0 where the method is not whole, −1 where there is none. */
function afterMethod(bytes: Uint8Array, start: number, end: number): number {
  for (const method of METHOD_BYTES) {
    if (
      bytes[start] !== method[0] ||
      !begins(bytes, start, Math.min(end, start + method.length), method, true)
    )
      continue;
    return end - start < method.length ? 0 : start + method.length;
  }
  return -1;
}

/** The bytes begin with a text, in whatever case; `part`: as far as they are there. */
function begins(bytes: Uint8Array, start: number, end: number, text: Uint8Array, part = false): boolean {
  if (end - start < text.length && !part) return false;
  for (let i = 0; i < text.length && start + i < end; i++) {
    const byte = bytes[start + i] ?? 0;
    if (byte !== text[i] && (byte < 0x41 || byte > 0x5a || (byte | 0x20) !== text[i])) return false;
  }
  return true;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === 0x09 || byte === CR;
}
