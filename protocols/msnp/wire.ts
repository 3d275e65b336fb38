import type { Direction } from '../../src/sdk/index.ts';
import { COMMANDS, ERROR, LIST, PAYLOAD, PRESENCE } from './commands.ts';
import type { CommandSpec } from './commands.ts';
import { decodeLine } from './text.ts';

/**
 * MSNP framing: `CMD [TrID] arg... CRLF`, for some commands followed by a payload whose length in
 * bytes is the last argument. Bytes only: what a command means is said in the other files.
 */

/** The longest command line; the longest seen is a `USR SSO S` or `USR SHA A` with its ticket (about 2 KiB). */
export const MAX_LINE = 8192;
/** The longest payload; clients keep to 1,664 bytes a message and 7,500 a contact list. */
export const MAX_PAYLOAD = 65_536;

const SPACE = 0x20;
const MAX_DIGITS = 10;

/** Three characters as one number. */
function pack(text: string): number {
  return (text.charCodeAt(0) << 16) | (text.charCodeAt(1) << 8) | text.charCodeAt(2);
}

function packTable<V>(table: Readonly<Record<string, V>>): ReadonlyMap<number, V> {
  return new Map(Object.entries(table).map(([name, value]) => [pack(name), value]));
}

/** A command's specification, and its name as one string for all. */
interface Known {
  readonly name: string;
  readonly spec: CommandSpec;
}

function packCommands(table: Readonly<Record<string, CommandSpec>>): ReadonlyMap<number, Known> {
  return new Map(Object.entries(table).map(([name, spec]) => [pack(name), { name, spec }]));
}

const SPECS = [packCommands(COMMANDS[0]), packCommands(COMMANDS[1])] as const;
const PRESENCE_CODES = packTable(PRESENCE);

/** What `LineScan.scan` answers. */
export const SCAN = {
  /** No command line: no name, or a control character inside. */
  NONE: 0,
  /** The form of a command, but not one of this direction. */
  UNKNOWN: 1,
  /** A command with arguments that it cannot have. */
  BAD: 2,
  /** A command: `spec` and `size` tell what. */
  COMMAND: 3,
} as const;
export type ScanAnswer = (typeof SCAN)[keyof typeof SCAN];

/** Judges command lines in place, without making strings. Reused. */
export class LineScan {
  spec: CommandSpec = ERROR;
  /** The command's name; empty for an error reply. */
  name = '';
  /** Length of the payload that follows, 0 where none does. */
  size = 0;

  /** The line is `start` to `end`, without its end of line. */
  scan(direction: Direction, bytes: Uint8Array, start: number, end: number): ScanAnswer {
    if (end - start < 3 || !isName(bytes, start)) return SCAN.NONE;
    if (end - start > 3 && bytes[start + 3] !== SPACE) return SCAN.NONE;
    for (let i = start + 3; i < end; i++) {
      if ((bytes[i] ?? 0) < SPACE) return SCAN.NONE;
    }
    const name = nameAt(bytes, start);
    const known = SPECS[direction].get(name);
    const spec = known?.spec ?? (direction === 1 ? errorSpec(name) : undefined);
    if (!spec) return SCAN.UNKNOWN;
    this.spec = spec;
    this.name = known?.name ?? '';
    this.size = 0;
    return this.#arguments(bytes, start + 3, end, name) ? SCAN.COMMAND : SCAN.BAD;
  }

  #arguments(bytes: Uint8Array, start: number, end: number, name: number): boolean {
    const { shape, payload } = this.spec;
    const last = shape.charCodeAt(shape.length - 1);
    const fixed = last === PLUS || last === QUESTION ? shape.length - 1 : shape.length;
    let count = 0;
    let value = -1;
    for (let at = start; at < end;) {
      if (bytes[at] === SPACE) {
        at++;
        continue;
      }
      const next = findByte(bytes, at, end, SPACE);
      if (count < fixed && !accepts(shape.charCodeAt(count), bytes, at, next)) return false;
      count++;
      if (payload !== PAYLOAD.NONE) value = readNumber(bytes, at, next);
      at = next;
    }
    if (count < fixed || (last !== PLUS && count > shape.length)) return false;
    return this.#payload(payload, value, count, name);
  }

  /** Takes the payload's length from the last argument. */
  #payload(payload: CommandSpec['payload'], value: number, count: number, name: number): boolean {
    if (payload === PAYLOAD.ALWAYS) {
      this.size = value;
      return value >= 0;
    }
    const optional = payload === PAYLOAD.OPTIONAL && count >= 2 && value >= 0;
    if (optional && (this.spec !== ERROR || name < FIRST_PLAIN_ERROR)) this.size = value;
    return true;
  }
}

const PLUS = 0x2b;
const QUESTION = 0x3f;
/** Error replies from 300 on never have a payload. */
const FIRST_PLAIN_ERROR = pack('300');

function nameAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}

function errorSpec(name: number): CommandSpec | undefined {
  return name >= pack('200') && name <= pack('999') ? ERROR : undefined;
}

/** Three capital letters, or three digits, at `at`. */
export function isName(bytes: Uint8Array, at: number): boolean {
  let letters = 0;
  let digits = 0;
  for (let i = at; i < at + 3; i++) {
    const c = bytes[i] ?? 0;
    if (c >= 0x41 && c <= 0x5a) letters++;
    else if (c >= 0x30 && c <= 0x39) digits++;
  }
  return letters === 3 || digits === 3;
}

/** The number that the bytes are, or −1. */
function readNumber(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > MAX_DIGITS) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const c = bytes[i] ?? 0;
    if (c < 0x30 || c > 0x39) return -1;
    value = value * 10 + c - 0x30;
  }
  return value;
}

/** Whether an argument is of the kind that a letter of a shape stands for. */
function accepts(kind: number, bytes: Uint8Array, start: number, end: number): boolean {
  const test = ARGUMENT_KINDS.get(kind);
  return test === undefined || test(bytes, start, end);
}

type ArgumentTest = (bytes: Uint8Array, start: number, end: number) => boolean;

const isDigits: ArgumentTest = (bytes, start, end) => readNumber(bytes, start, end) >= 0;

const isUser: ArgumentTest = (bytes, start, end) => {
  const at = findByte(bytes, start, end, 0x40);
  return (at > start && at < end - 1) || beginsWith(bytes, start, end, 'tel:');
};

const isAddress: ArgumentTest = (bytes, start, end) => {
  const colon = findByte(bytes, start, end, 0x3a);
  return colon > start && readNumber(bytes, colon + 1, end) >= 0;
};

const isPresence: ArgumentTest = (bytes, start, end) =>
  end - start === 3 && PRESENCE_CODES.has(nameAt(bytes, start));

/** `U`, `N`, `A` or `D`. */
const isAcknowledgement: ArgumentTest = (bytes, start, end) => {
  const c = bytes[start];
  return end - start === 1 && (c === 0x55 || c === 0x4e || c === 0x41 || c === 0x44);
};

const LISTS = Object.keys(LIST);

const isList: ArgumentTest = (bytes, start, end) =>
  end - start === 2 && LISTS.some((list) => beginsWith(bytes, start, end, list));

const isDialect: ArgumentTest = (bytes, start, end) =>
  (beginsWith(bytes, start, end, 'MSNP') && readNumber(bytes, start + 4, end) >= 0) ||
  readNumber(bytes, start, end) === 0;

const isNoNumber: ArgumentTest = (bytes, start, end) => readNumber(bytes, start, end) < 0;

const ARGUMENT_KINDS: ReadonlyMap<number, ArgumentTest> = new Map(
  Object.entries({
    t: isDigits,
    d: isDigits,
    u: isUser,
    a: isAddress,
    p: isPresence,
    m: isAcknowledgement,
    l: isList,
    v: isDialect,
    n: isNoNumber,
  }).map(([letter, test]) => [letter.charCodeAt(0), test]),
);

/** Index of the first `byte` from `start` on, `end` where there is none. */
export function findByte(bytes: Uint8Array, start: number, end: number, byte: number): number {
  let at = start;
  while (at < end && bytes[at] !== byte) at++;
  return at;
}

function beginsWith(bytes: Uint8Array, start: number, end: number, word: string): boolean {
  if (end - start < word.length) return false;
  for (let i = 0; i < word.length; i++) {
    if (bytes[start + i] !== word.charCodeAt(i)) return false;
  }
  return true;
}

/** Whether the bytes at `at` may open the payload: 1 yes, 0 no, −1 more bytes are needed. */
export function opensPayload(spec: CommandSpec, bytes: Uint8Array, at: number, end: number): number {
  if (!spec.opens) return 1;
  let more = false;
  for (const word of spec.opens) {
    if (beginsWith(bytes, at, end, word)) return 1;
    const left = end - at;
    if (left < word.length && beginsWith(bytes, at, end, word.slice(0, left))) more = true;
  }
  return more ? -1 : 0;
}

/** A command line in parts: three characters, then the arguments as they are on the wire. */
export interface Line {
  name: string;
  args: string[];
}

/** Cuts a line that was scanned into its parts; `name` is what the scan says. */
export function parseLine(name: string, bytes: Uint8Array, start: number, end: number): Line {
  const args: string[] = [];
  for (let at = start + 3; at < end;) {
    const next = findByte(bytes, at, end, SPACE);
    if (next > at) args.push(decodeLine(bytes, at, next));
    at = next + 1;
  }
  return { name: name || decodeLine(bytes, start, start + 3), args };
}

/** Whether an argument is a number as commands have them. */
export function isNumber(text: string): boolean {
  if (text.length === 0 || text.length > MAX_DIGITS) return false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x30 || c > 0x39) return false;
  }
  return true;
}
