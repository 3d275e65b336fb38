import { decodeGuess } from '../../src/sdk/index.ts';

/**
 * MSNP framing: `CMD [TrID] arg... CRLF`, for some commands followed by a payload whose length in
 * bytes is the last argument. Bytes only: what a command means is said in the other files.
 */

/** The longest command line; the longest seen is a `USR SSO S` or `USR SHA A` with its ticket (about 2 KiB). */
export const MAX_LINE = 8192;
/** The longest payload; clients keep to 1,664 bytes a message and 7,500 a contact list. */
export const MAX_PAYLOAD = 65_536;

/** What a connection is for. */
export const ROLE = { UNKNOWN: 0, NOTIFICATION: 1, SWITCHBOARD: 2 } as const;
export type Role = (typeof ROLE)[keyof typeof ROLE];

/** Presence codes and what is told as `im.status.show`. */
export const PRESENCE: Readonly<Record<string, string>> = {
  NLN: 'online',
  BSY: 'busy',
  IDL: 'idle',
  BRB: 'brb',
  AWY: 'away',
  PHN: 'phone',
  LUN: 'lunch',
  HDN: 'invisible',
  FLN: 'offline',
};

/** Contact lists as bits of `LST`, `ADL` and `RML`: forward, allow, block, reverse, pending. */
export const LIST = { FL: 1, AL: 2, BL: 4, RL: 8, PL: 16 } as const;

/** Whether a payload follows: never, always, or where the last argument is a number. */
const PAYLOAD = { NONE: 0, ALWAYS: 1, OPTIONAL: 2 } as const;

export interface CommandSpec {
  /** One letter an argument (see `ARGUMENT`); `+` at the end: any more, `?`: one more at most. */
  readonly shape: string;
  readonly payload: 0 | 1 | 2;
  readonly role: Role;
  /** How much a line of this shape says about the stream: 0 nothing, 1 something, 2 a lot. */
  readonly weight: 0 | 1 | 2;
  /** What the payload begins with, the first four bytes; absent: anything. */
  readonly opens?: readonly string[];
}

const { UNKNOWN, NOTIFICATION: NS, SWITCHBOARD: SB } = ROLE;
const MIME = ['MIME', 'Mess', 'Cont'];
const XML = ['<'];
const ROUTING = ['Rout'];

function line(shape: string, role: Role = UNKNOWN, weight: 0 | 1 | 2 = 0): CommandSpec {
  return { shape, payload: PAYLOAD.NONE, role, weight };
}

function payload(
  shape: string,
  opens: readonly string[] | undefined,
  role: Role,
  weight: 0 | 1 | 2,
  optional = false,
): CommandSpec {
  const kind = optional ? PAYLOAD.OPTIONAL : PAYLOAD.ALWAYS;
  return opens ? { shape, payload: kind, role, weight, opens } : { shape, payload: kind, role, weight };
}

/** Client to server, all dialects. `QRY`, `UUX` and `ADL` have a payload only in this direction (as requests). */
const FROM_CLIENT: Readonly<Record<string, CommandSpec>> = {
  VER: line('tv+', NS, 2),
  CVR: line('t******+', NS, 2),
  INF: line('t', NS, 1),
  USR: line('t**+', UNKNOWN, 1),
  SYN: line('t*+', NS, 1),
  CHG: line('tp+', NS, 2),
  ADD: line('tl*+', NS, 2),
  ADC: line('tl*+', NS, 2),
  REM: line('tl*+', NS, 2),
  ADG: line('t*+', NS),
  RMG: line('t*+', NS),
  REG: line('t**+', NS),
  REA: line('tu*', NS, 2),
  PRP: line('t*+', NS, 1),
  SBP: line('t**+', NS),
  BLP: line('t*', NS, 1),
  GTC: line('t*', NS, 1),
  GCF: line('t*+', NS),
  LST: line('tl', NS, 1),
  SND: line('t*+', NS),
  FND: line('t*+', NS),
  URL: line('t*+', NS),
  IMS: line('t*', NS),
  XFR: line('t*', NS, 1),
  PNG: line('', NS, 1),
  ADL: payload('td', XML, NS, 2),
  RML: payload('td', XML, NS, 2),
  FQY: payload('td', XML, NS, 2),
  UUX: payload('td', XML, NS, 2),
  QRY: payload('t*d', undefined, NS, 1),
  UUN: payload('t*+', undefined, NS, 1),
  UUM: payload('tu+', undefined, NS, 2),
  PUT: payload('td', ROUTING, NS, 2),
  DEL: payload('td', ROUTING, NS, 2),
  SDG: payload('td', ROUTING, NS, 2),
  PAG: payload('t*+', undefined, NS, 0),
  NOT: payload('*+', undefined, NS, 0),
  VAS: payload('t*+', undefined, NS, 0),
  SDC: payload('tu+', undefined, NS, 0),
  OUT: line('?', UNKNOWN, 1),
  ANS: line('tu**', SB, 2),
  CAL: line('tu', SB, 1),
  MSG: payload('tmd', MIME, SB, 2),
};

/** Server to client. `ADL 7 OK` has no payload, `ADL 0 70` has one; `QNG 48` has none (seconds), nor has `QRY 7`. */
const FROM_SERVER: Readonly<Record<string, CommandSpec>> = {
  VER: line('t*+', NS, 2),
  CVR: line('t*+', NS, 1),
  INF: line('t*', NS, 1),
  USR: line('t*+', UNKNOWN, 1),
  SYN: line('t*+', NS, 1),
  GTC: line('*+', NS, 1),
  BLP: line('*+', NS, 1),
  PRP: line('*+', NS),
  BPR: line('*+', NS),
  LSG: line('*+', NS),
  LST: line('*+', NS),
  ADD: line('tl*+', NS, 2),
  ADC: line('tl*+', NS, 2),
  REM: line('tl*+', NS, 2),
  ADG: line('t*+', NS),
  RMG: line('t*+', NS),
  REG: line('t*+', NS),
  REA: line('t*u*', NS, 2),
  SBP: line('t*+', NS),
  CHG: line('tp+', NS, 2),
  ILN: line('tpu+', NS, 2),
  NLN: line('pu+', NS, 2),
  FLN: line('u+', NS, 1),
  RNG: line('*a**u+', NS, 2),
  XFR: line('t*a+', NS, 2),
  CHL: line('t*', NS, 1),
  QRY: line('t', NS),
  QNG: line('?', NS, 1),
  SBS: line('*+', NS),
  URL: line('t*+', NS),
  IMS: line('t*+', NS),
  SND: line('t*', NS),
  FND: line('t*+', NS),
  NOT: payload('d', XML, NS, 2),
  IPG: payload('d', XML, NS, 2),
  UBX: payload('ud+', XML, NS, 2),
  UBN: payload('u*+', undefined, NS, 1),
  UBM: payload('u*+', undefined, NS, 2),
  GCF: payload('t*+', XML, NS, 1, true),
  NFY: payload('*d', ROUTING, NS, 2),
  ADL: payload('t*+', XML, NS, 1, true),
  RML: payload('t*+', XML, NS, 1, true),
  FQY: payload('t*+', XML, NS, 1, true),
  UUX: payload('td', XML, NS, 1, true),
  PUT: payload('t*+', ROUTING, NS, 1, true),
  DEL: payload('t*+', ROUTING, NS, 1, true),
  SDG: payload('t*+', ROUTING, NS, 1, true),
  OUT: line('?', UNKNOWN, 1),
  MSG: payload('**+', MIME, UNKNOWN, 2),
  JOI: line('u*+', SB, 2),
  IRO: line('tddu+', SB, 2),
  ANS: line('t*', SB, 1),
  CAL: line('t**', SB, 1),
  BYE: line('u+', SB, 1),
  ACK: line('t', SB, 1),
  NAK: line('t', SB, 1),
};

/** An error reply: three digits and the TrID; some of the 2xx carry an XML payload from MSNP13 on. */
const ERROR: CommandSpec = payload('t?', XML, UNKNOWN, 1, true);

/** Specifications by direction. */
export const COMMANDS: readonly [
  Readonly<Record<string, CommandSpec>>,
  Readonly<Record<string, CommandSpec>>,
] = [FROM_CLIENT, FROM_SERVER];

/** The specification of a command name in a direction. */
export function specOf(direction: 0 | 1, name: string): CommandSpec | undefined {
  const table = COMMANDS[direction];
  if (Object.hasOwn(table, name)) return table[name];
  return direction === 1 && isErrorName(name) ? ERROR : undefined;
}

function isErrorName(name: string): boolean {
  return name >= '200' && name <= '999' && isNumber(name);
}

/** Decimal digits only, at most ten. */
export function isNumber(text: string): boolean {
  if (text.length === 0 || text.length > 10) return false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x30 || c > 0x39) return false;
  }
  return true;
}

function isUser(text: string): boolean {
  const at = text.indexOf('@');
  return (at > 0 && at < text.length - 1) || text.startsWith('tel:');
}

function isAddress(text: string): boolean {
  const colon = text.lastIndexOf(':');
  return colon > 0 && isNumber(text.slice(colon + 1));
}

/** What one letter of a shape accepts. */
const ARGUMENT: Readonly<Record<string, (text: string) => boolean>> = {
  '*': () => true,
  t: isNumber,
  d: isNumber,
  u: isUser,
  a: isAddress,
  p: (text) => Object.hasOwn(PRESENCE, text),
  m: (text) => text === 'U' || text === 'N' || text === 'A' || text === 'D',
  l: (text) => Object.hasOwn(LIST, text),
  v: (text) => text.startsWith('MSNP') && isNumber(text.slice(4)),
};

/** Whether the arguments have the shape of the command. */
export function hasShape(spec: CommandSpec, args: readonly string[]): boolean {
  const { shape } = spec;
  const last = shape.charAt(shape.length - 1);
  const fixed = last === '+' || last === '?' ? shape.length - 1 : shape.length;
  const most = last === '+' ? args.length : shape.length;
  if (args.length < fixed || args.length > most) return false;
  for (let i = 0; i < fixed; i++) {
    const accepts = ARGUMENT[shape.charAt(i)];
    if (!accepts?.(args[i] ?? '')) return false;
  }
  return true;
}

/** A payload's length; 0 where there is none, −1 where the line must name one and does not. */
export function payloadLength(spec: CommandSpec, name: string, args: readonly string[]): number {
  if (spec.payload === PAYLOAD.NONE) return 0;
  const last = args[args.length - 1] ?? '';
  if (spec.payload === PAYLOAD.ALWAYS) return isNumber(last) ? Number(last) : -1;
  if (spec === ERROR) return name < '300' && args.length === 2 && isNumber(last) ? Number(last) : 0;
  return args.length >= 2 && isNumber(last) ? Number(last) : 0;
}

/** Whether the bytes at `at` may open the payload: 1 yes, 0 no, −1 more bytes are needed. */
export function opensPayload(spec: CommandSpec, bytes: Uint8Array, at: number, end: number): number {
  if (!spec.opens) return 1;
  let more = false;
  for (const word of spec.opens) {
    let i = 0;
    while (i < word.length && at + i < end && bytes[at + i] === word.charCodeAt(i)) i++;
    if (i === word.length) return 1;
    if (at + i >= end) more = true;
  }
  return more ? -1 : 0;
}

/** A command line in parts: three characters, then the arguments as they are on the wire. */
export interface Line {
  name: string;
  args: string[];
}

/**
 * Parses a line without its end. Undefined where it is no command line: the name is not three capital
 * letters or digits, no blank follows it, or a control character is inside.
 */
export function parseLine(bytes: Uint8Array, start: number, end: number): Line | undefined {
  if (end - start < 3 || !isName(bytes, start)) return undefined;
  if (end - start > 3 && bytes[start + 3] !== 0x20) return undefined;
  for (let i = start + 3; i < end; i++) {
    if ((bytes[i] ?? 0) < 0x20) return undefined;
  }
  const parts = decodeGuess(bytes, start, end).split(' ');
  const name = parts[0] ?? '';
  const args: string[] = [];
  for (let i = 1; i < parts.length; i++) {
    const part = parts[i];
    if (part) args.push(part);
  }
  return { name, args };
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
