import type { Cursor, Direction } from '../../src/sdk/index.ts';
import { PAYLOAD } from './commands.ts';
import { LineScan, MAX_LINE, MAX_PAYLOAD, SCAN, isName, opensPayload, parseLine } from './wire.ts';
import type { Line } from './wire.ts';

/** Bytes that may be searched for the next command before the direction is given up. */
const MAX_SEARCH = 262_144;
/** The longest argument that names a user: an address of 320 characters, its network and its endpoint. */
const MAX_USER = 384;
/** In a search, the longest line that is believed where no line end is before it. */
const MAX_INNER_LINE = 256;

/** What `CommandReader.read` answers. */
export const READ = {
  /** `reader.command` holds the next command. */
  COMMAND: 0,
  /** More bytes are needed: `reader.need` says how many, or is 0. */
  MORE: 1,
  /** Too much was searched without finding a command. */
  HOPELESS: 2,
} as const;
export type ReadAnswer = (typeof READ)[keyof typeof READ];

/** A whole command. Reused: keep nothing of it but its strings. */
export interface Command extends Line {
  direction: Direction;
  /** Stream offset of the line's first byte. */
  offset: number;
  bytes: Uint8Array;
  /** The payload, `start` to `end` in `bytes`; empty where there is none. */
  start: number;
  end: number;
}

/**
 * Cuts one direction of a stream into commands. Survives what lies and what is lost: a line that
 * is no command makes it search for the next plausible one; a gap inside a payload whose length is
 * known costs that payload only.
 */
export class CommandReader {
  readonly command: Command;
  need = 0;
  readonly #scan = new LineScan();
  readonly #trouble: (offset: number, code: string) => void;
  /** The next command must be searched for. */
  #lost: boolean;
  /** The byte at the cursor begins a line, as far as is known. */
  #begins: boolean;
  #searched = 0;
  /** Stream offset of the end of the payload that is waited for; 0: none. */
  #awaited = 0;
  /** Everything before this stream offset belongs to a payload that a gap made worthless. */
  #skipTo = 0;

  constructor(direction: Direction, midstream: boolean, trouble: (offset: number, code: string) => void) {
    this.command = {
      name: '',
      args: [],
      direction,
      offset: 0,
      bytes: new Uint8Array(0),
      start: 0,
      end: 0,
    };
    this.#trouble = trouble;
    this.#lost = midstream;
    this.#begins = true;
  }

  /** Reads the next whole command from the cursor, or leaves the cursor before it. */
  read(cursor: Cursor): ReadAnswer {
    this.need = 0;
    if (this.#skipTo > 0 && !this.#skip(cursor)) return READ.MORE;
    for (;;) {
      if (this.#lost && !this.#search(cursor)) {
        return this.#searched > MAX_SEARCH ? READ.HOPELESS : READ.MORE;
      }
      const eol = cursor.find(0x0a);
      const length = (eol < 0 ? cursor.end : eol) - cursor.pos;
      if (length > MAX_LINE) {
        this.#lose(cursor, 'msnp_line_too_long', cursor.pos + 1);
        continue;
      }
      if (eol < 0) return READ.MORE;
      const answer = this.#line(cursor, eol);
      if (answer >= 0) return answer as ReadAnswer;
    }
  }

  /** Bytes were lost: what a payload still had to bring is skipped, else the next command is searched for. */
  gap(): void {
    if (this.#awaited > 0) this.#skipTo = this.#awaited;
    else if (this.#skipTo === 0) this.#searchFromHere();
    this.#awaited = 0;
  }

  /** Reads the line that ends at `eol`: a `READ` answer, or −1 to go on with what the cursor is at now. */
  #line(cursor: Cursor, eol: number): number {
    const { bytes, pos } = cursor;
    const end = eol > pos && bytes[eol - 1] === 0x0d ? eol - 1 : eol;
    if (end === pos) {
      cursor.pos = eol + 1;
      return -1;
    }
    const scanned = this.#scan.scan(this.command.direction, bytes, pos, end);
    if (scanned === SCAN.COMMAND && this.#scan.size <= MAX_PAYLOAD) return this.#take(cursor, end, eol + 1);
    if (scanned === SCAN.COMMAND) this.#lose(cursor, 'msnp_payload_too_long', eol + 1);
    else if (scanned === SCAN.NONE) this.#lose(cursor, 'msnp_bad_line', pos + 1);
    else if (scanned === SCAN.BAD && this.#scan.spec.payload !== PAYLOAD.NONE) {
      this.#lose(cursor, 'msnp_bad_arguments', eol + 1);
    } else {
      this.#trouble(cursor.tell(), scanned === SCAN.BAD ? 'msnp_bad_arguments' : 'msnp_unknown_command');
      cursor.pos = eol + 1;
    }
    return -1;
  }

  /** Hands on the command whose line ends at `end` and whose payload begins at `next`, if it is all there. */
  #take(cursor: Cursor, end: number, next: number): number {
    const whole = next - cursor.pos + this.#scan.size;
    if (cursor.left < whole) {
      this.need = whole;
      this.#awaited = cursor.tell() + whole;
      return READ.MORE;
    }
    const { command } = this;
    const line = parseLine(this.#scan.name, cursor.bytes, cursor.pos, end);
    command.name = line.name;
    command.args = line.args;
    command.offset = cursor.tell();
    if (next - cursor.pos > MAX_USER) this.#checkUser(command);
    command.bytes = cursor.bytes;
    command.start = next;
    command.end = cursor.pos + whole;
    cursor.pos = command.end;
    this.#awaited = 0;
    this.#searched = 0;
    return READ.COMMAND;
  }

  /** Reports a user whose name is longer than any address with its network and endpoint. */
  #checkUser({ args, offset }: Command): void {
    const at = this.#scan.spec.shape.indexOf('u');
    if (at >= 0 && (args[at]?.length ?? 0) > MAX_USER) this.#trouble(offset, 'msnp_user_too_long');
  }

  #lose(cursor: Cursor, code: string, next: number): void {
    this.#trouble(cursor.tell(), code);
    this.#searched += next - cursor.pos;
    cursor.pos = next;
    this.#lost = true;
    this.#begins = cursor.bytes[next - 1] === 0x0a;
  }

  #searchFromHere(): void {
    this.#lost = true;
    this.#begins = true;
  }

  /** Passes over the rest of a payload that a gap cut; false where more of it must come. */
  #skip(cursor: Cursor): boolean {
    const rest = this.#skipTo - cursor.tell();
    if (rest > cursor.left) {
      cursor.pos = cursor.end;
      return false;
    }
    if (rest >= 0) cursor.pos += rest;
    else this.#searchFromHere();
    this.#skipTo = 0;
    return true;
  }

  /**
   * Moves the cursor to the next plausible command; false where none is in sight. A payload may end
   * without a line end, so every offset is a candidate: one at a line's begin needs the shape of its
   * command, one elsewhere must also be a short and telling line; a payload must begin as it should.
   */
  #search(cursor: Cursor): boolean {
    const { bytes, end, pos } = cursor;
    let eol = cursor.find(0x0a);
    for (let at = pos; at < end; at++) {
      if (eol >= 0 && eol < at) {
        eol = bytes.indexOf(0x0a, at);
        if (eol >= end) eol = -1;
      }
      const begins = at === pos ? this.#begins : bytes[at - 1] === 0x0a;
      const limit = begins ? MAX_LINE : MAX_INNER_LINE;
      if ((eol < 0 ? end : eol) - at > limit || !mayBegin(bytes, at, eol < 0 ? end : eol)) continue;
      const verdict = eol < 0 ? -1 : this.#plausible(bytes, at, eol, end, begins);
      if (verdict === 0) continue;
      this.#moveTo(cursor, at);
      this.#lost = verdict < 0;
      return verdict > 0;
    }
    this.#moveTo(cursor, end);
    return false;
  }

  #moveTo(cursor: Cursor, at: number): void {
    if (at > cursor.pos) this.#begins = cursor.bytes[at - 1] === 0x0a;
    this.#searched += at - cursor.pos;
    cursor.pos = at;
  }

  /** 1 yes, 0 no, −1 the payload's first bytes are still to come. */
  #plausible(bytes: Uint8Array, at: number, eol: number, end: number, begins: boolean): number {
    const scan = this.#scan;
    const lineEnd = bytes[eol - 1] === 0x0d ? eol - 1 : eol;
    if (scan.scan(this.command.direction, bytes, at, lineEnd) !== SCAN.COMMAND) return 0;
    if (scan.spec.weight < (begins ? 1 : 2) || scan.size > MAX_PAYLOAD) return 0;
    return scan.size === 0 ? 1 : opensPayload(scan.spec, bytes, eol + 1, end);
  }
}

/** A cheap first look at what is there of a line: a command's name and a blank or the line's end after it. */
function mayBegin(bytes: Uint8Array, at: number, end: number): boolean {
  const left = end - at;
  if (left > 3) return (bytes[at + 3] === 0x20 || bytes[at + 3] === 0x0d) && isName(bytes, at);
  for (let i = at; i < end; i++) {
    const c = bytes[i] ?? 0;
    if (c < 0x30 || c > 0x5a || (c > 0x39 && c < 0x41)) return false;
  }
  return true;
}
