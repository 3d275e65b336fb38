/**
 * Webcam connections, to port 5100 of a server or to a peer. They begin with one of four words in angle
 * brackets, a header and `x=value` lines; then messages with such headers go both ways, pictures
 * among them. A header: its own length u8 (8, or 13 and more), reason u8, two bytes, the length of what follows
 * u32, and where it is long enough the message's kind u8 and its time u32.
 */
import { ANSWER, decodeUtf8, TO_CLIENT, TO_SERVER } from '../../src/sdk/index.ts';
import type { Cursor, Direction, Dissector, FlowContext, ImFacts } from '../../src/sdk/index.ts';
import { normalId } from './wire.ts';

/** The words, and what who writes them is up to. */
const WORDS: readonly (readonly [word: string, does: 'asks' | 'watches' | 'shows'])[] = [
  ['<RVWCFG>', 'asks'],
  ['<RUPCFG>', 'asks'],
  ['<REQIMG>', 'watches'],
  ['<SNDIMG>', 'shows'],
];
export const WEBCAM_FIRST_BYTE = 0x3c;
const WORD = 8;
const SHORT_HEADER = 8;
const LONG_HEADER = 13;
const MAX_HEADER = 32;
/** The lines behind the word. */
const MAX_LINES = 4096;
/** The largest picture that is believed. */
const MAX_PICTURE = 1 << 20;
/** Bytes of a picture that are looked at. */
const PICTURE_HEAD = 42;
/** The answer to a question for a server: a header, the longest name of DNS, and zeros. */
const LONGEST_ANSWER = MAX_HEADER + 255 + 8;
const CONNECTION = 0;
const PICTURE = 2;
const CLOSED = 7;
const WATCHER_CAME = 0x0c;
const WATCHER_LEFT = 0x0d;
const ADDRESSES = 0x13;

/** How much bytes are the beginning of such a connection: no, perhaps, surely. */
export const LOOK_WEBCAM = { NO: 0, OPEN: 1, SURE: 2 } as const;

/** Judges the first bytes of the client: the word, then the first bytes of a header of it. */
export function webcamLook(bytes: Uint8Array, start: number, end: number): 0 | 1 | 2 {
  if (wordAt(bytes, start, end) < 0) return LOOK_WEBCAM.NO;
  const at = start + WORD;
  if (!isHeaderStart(bytes, at, end)) return LOOK_WEBCAM.NO;
  if (end - at < SHORT_HEADER) return LOOK_WEBCAM.OPEN;
  return u32(bytes, at + 4) <= MAX_LINES ? LOOK_WEBCAM.SURE : LOOK_WEBCAM.NO;
}

/** Which of the words the bytes are, or may become; −1 for none. */
function wordAt(bytes: Uint8Array, start: number, end: number): number {
  for (let i = 0; i < WORDS.length; i++) if (startsWith(bytes, start, end, WORDS[i]?.[0] ?? '')) return i;
  return -1;
}

/** True when the bytes are the text, or its beginning where they end first. */
export function startsWith(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  for (let i = 0; i < text.length && start + i < end; i++)
    if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** 08 00 01 00, 0D 00 01 00 or 0D 00 05 00, as far as it is there. */
function isHeaderStart(bytes: Uint8Array, at: number, end: number): boolean {
  return (
    (at >= end || bytes[at] === SHORT_HEADER || bytes[at] === LONG_HEADER) &&
    (at + 1 >= end || bytes[at + 1] === 0) &&
    (at + 2 >= end || bytes[at + 2] === 1 || bytes[at + 2] === 5) &&
    (at + 3 >= end || bytes[at + 3] === 0)
  );
}

interface Side {
  began: boolean;
  /** Bytes of a picture that are still to come. */
  left: number;
}

export class WebcamDissector implements Dissector {
  readonly #flow: FlowContext;
  readonly #sides: readonly [Side, Side] = [
    { began: false, left: 0 },
    { began: false, left: 0 },
  ];
  #does = '';
  #account: string | undefined;
  #peer: string | undefined;
  #over = false;
  #ended = 0;
  /** Bytes of the answer to a question for a server. */
  #answered = 0;

  constructor(flow: FlowContext) {
    this.#flow = flow;
  }

  data(direction: Direction, cursor: Cursor): number {
    const side = this.#sides[direction];
    for (;;) {
      if (side.left > 0) {
        const skipped = Math.min(side.left, cursor.left);
        cursor.skip(skipped);
        side.left -= skipped;
      }
      if (cursor.left === 0) return ANSWER.DONE;
      const answer =
        side.began || direction === TO_CLIENT
          ? this.#message(direction, side, cursor)
          : this.#begin(side, cursor);
      if (answer !== GO_ON) return answer;
    }
  }

  gap(direction: Direction, length: number): void {
    const side = this.#sides[direction];
    // Nothing marks where the next message begins, so only a gap within a picture can be got over.
    if (side.left >= length) side.left -= length;
    else side.left = Infinity;
  }

  end(): void {
    if (++this.#ended === 2) this.#finish(TO_SERVER, 0);
  }

  /** The word and its lines. */
  #begin(side: Side, cursor: Cursor): number {
    const { bytes, pos, end } = cursor;
    if (cursor.left < WORD + SHORT_HEADER) return WORD + SHORT_HEADER;
    if (webcamLook(bytes, pos, end) !== LOOK_WEBCAM.SURE) return ANSWER.BAD;
    const header = bytes[pos + WORD] ?? SHORT_HEADER;
    const size = WORD + header + u32(bytes, pos + WORD + 4);
    if (cursor.left < size) return size;
    const lines = linesOf(bytes, pos + WORD + header, pos + size);
    this.#does = WORDS[wordAt(bytes, pos, end)]?.[1] ?? '';
    this.#account = normalId(lines.get('u') ?? '');
    this.#peer = normalId(lines.get('g') ?? '');
    // What the service connection's packet 50 handed out.
    const ticket = lines.get('t');
    if (ticket !== undefined && ticket !== '') this.#flow.present('yahoo-webcam', ticket);
    const offset = cursor.tell();
    this.#tellCall(TO_SERVER, offset, this.#does === 'asks' ? 'request' : 'start');
    this.#tellAddress(TO_SERVER, offset, this.#account, lines.get('i'));
    side.began = true;
    cursor.skip(size);
    return GO_ON;
  }

  #message(direction: Direction, side: Side, cursor: Cursor): number {
    const { bytes, pos } = cursor;
    const header = bytes[pos] ?? 0;
    // The answer to a question names a server and has no other form: nothing follows it.
    if (this.#does === 'asks') {
      if (direction === TO_CLIENT) this.#noteServer(cursor);
      cursor.skip(cursor.left);
      return ANSWER.DONE;
    }
    if (header < SHORT_HEADER || header > MAX_HEADER) return this.#bad(direction, cursor);
    if (cursor.left < header) return header;
    const length = u32(bytes, pos + 4);
    if (length > MAX_PICTURE) return this.#bad(direction, cursor);
    const kind = header >= LONG_HEADER ? (bytes[pos + 8] ?? 0) : CONNECTION;
    if (kind === PICTURE) return this.#picture(direction, side, cursor, header, length);
    if (length > MAX_LINES) return this.#bad(direction, cursor);
    if (cursor.left < header + length) return header + length;
    this.#note(direction, kind, cursor, header, length);
    cursor.skip(header + length);
    return GO_ON;
  }

  /** The answer to a question: a header of its own, then the server's name. */
  #noteServer(cursor: Cursor): void {
    const told = this.#answered > LONGEST_ANSWER;
    this.#answered += cursor.left;
    if (!told && this.#answered > LONGEST_ANSWER)
      this.#flow.anomaly(TO_CLIENT, cursor.tell(), 'ymsg_webcam_long_server');
  }

  #note(direction: Direction, kind: number, cursor: Cursor, header: number, length: number): void {
    const { bytes, pos } = cursor;
    const from = pos + header;
    if (kind === CLOSED) {
      this.#finish(direction, cursor.tell());
    } else if (kind === WATCHER_CAME || kind === WATCHER_LEFT) {
      const watcher = normalId(decodeUtf8(bytes, from, from + length));
      if (watcher === undefined) return;
      const facts = this.#facts('call');
      facts.from = watcher;
      if (this.#account !== undefined) facts.to = [this.#account];
      facts.call = { media: 'webcam', state: kind === WATCHER_CAME ? 'join' : 'leave' };
      this.#flow.emit(direction, cursor.tell(), facts);
    } else if (kind === ADDRESSES) {
      const lines = linesOf(bytes, from, from + length);
      this.#tellAddress(direction, cursor.tell(), this.#peer, lines.get('i'), lines.get('j'));
    }
  }

  #picture(direction: Direction, side: Side, cursor: Cursor, header: number, length: number): number {
    const looked = header + Math.min(length, PICTURE_HEAD);
    if (cursor.left < looked) return looked;
    const { bytes, pos } = cursor;
    if (!isSoundPicture(bytes, pos + header, pos + looked))
      this.#flow.anomaly(direction, cursor.tell(), 'ymsg_webcam_bad_picture');
    cursor.skip(header);
    side.left = length;
    return GO_ON;
  }

  #bad(direction: Direction, cursor: Cursor): number {
    this.#flow.anomaly(direction, cursor.tell(), 'ymsg_webcam_bad_header');
    this.#sides[direction].left = Infinity;
    return GO_ON;
  }

  #finish(direction: Direction, offset: number): void {
    if (this.#over || this.#does === '' || this.#does === 'asks') return;
    this.#over = true;
    this.#tellCall(direction, offset, 'end');
  }

  #facts(kind: ImFacts['kind']): ImFacts {
    const facts: ImFacts = { kind, service: 'yahoo' };
    if (this.#account !== undefined) facts.account = this.#account;
    return facts;
  }

  #tellCall(direction: Direction, offset: number, state: string): void {
    const facts = this.#facts('call');
    if (this.#account !== undefined) facts.from = this.#account;
    if (this.#peer !== undefined) facts.to = [this.#peer];
    facts.call = { media: 'webcam', state };
    this.#flow.emit(direction, offset, facts);
  }

  /** The addresses that a side says are its own, as it and as the server sees it. */
  #tellAddress(
    direction: Direction,
    offset: number,
    from: string | undefined,
    ip: string | undefined,
    outside?: string,
  ): void {
    const profile: Record<string, unknown> = {};
    if (isAddress(ip)) profile['ip'] = ip;
    if (isAddress(outside)) profile['external_ip'] = outside;
    if (Object.keys(profile).length === 0) return;
    const facts = this.#facts('profile');
    if (from !== undefined) facts.from = from;
    facts.profile = profile;
    this.#flow.emit(direction, offset, facts);
  }
}

const GO_ON = -100;

/** Lines `x=value` with one letter before the sign. */
function linesOf(bytes: Uint8Array, start: number, end: number): Map<string, string> {
  const lines = new Map<string, string>();
  for (const line of decodeUtf8(bytes, start, end).split(/\r?\n/)) {
    if (line[1] === '=' && !lines.has(line.slice(0, 1))) lines.set(line.slice(0, 1), line.slice(2).trim());
  }
  return lines;
}

function isAddress(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) && text !== '0.0.0.0';
}

/**
 * A JPEG 2000 code stream (SOC, then SIZ: capabilities u16, size, offset, tile size and tile offset of two u32
 * each, components u16) whose sizes can be a picture's; what is no code stream is not judged.
 */
export function isSoundPicture(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < PICTURE_HEAD || u32(bytes, start) !== 0xff4fff51) return true;
  const marker = (bytes[start + 4] ?? 0) * 256 + (bytes[start + 5] ?? 0);
  const components = (bytes[start + 40] ?? 0) * 256 + (bytes[start + 41] ?? 0);
  const [width, height] = [u32(bytes, start + 8), u32(bytes, start + 12)];
  const [left, top] = [u32(bytes, start + 16), u32(bytes, start + 20)];
  const [tileWidth, tileHeight] = [u32(bytes, start + 24), u32(bytes, start + 28)];
  const [tileLeft, tileTop] = [u32(bytes, start + 32), u32(bytes, start + 36)];
  const isWhole = components >= 1 && components <= 4 && marker === 38 + 3 * components;
  const isShown = width > left && height > top && Math.max(width, height) <= MAX_SIDE;
  return isWhole && isShown && Math.min(tileWidth, tileHeight) > 0 && tileLeft <= left && tileTop <= top;
}

/** Pixels; the client's camera has 320 by 240. */
const MAX_SIDE = 8192;

function u32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) * 0x1000000 +
    ((bytes[at + 1] ?? 0) << 16) +
    ((bytes[at + 2] ?? 0) << 8) +
    (bytes[at + 3] ?? 0)
  );
}
