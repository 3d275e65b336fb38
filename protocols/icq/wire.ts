import { Cursor } from '../../src/sdk/index.ts';
import type { Direction } from '../../src/sdk/index.ts';
import {
  CHECK_V4,
  CHECK_V5,
  checkCodeV4,
  checkCodeV5,
  checkFits,
  unscrambleV4,
  unscrambleV5,
} from './crypt.ts';

/** Datagrams of ICQ before OSCAR: versions 2 to 5, all integers little-endian. */

export const VERSION_MIN = 2;
export const VERSION_MAX = 5;

/** Commands of clients. */
export const CMD = {
  ACK: 0x000a,
  SEND_MESSAGE: 0x010e,
  RECONNECT: 0x015e,
  LOGIN: 0x03e8,
  PRE_LOGIN: 0x03f2,
  REGISTER: 0x03fc,
  CONTACT_LIST: 0x0406,
  SEARCH_UIN: 0x041a,
  SEARCH_USER: 0x0424,
  KEEP_ALIVE: 0x042e,
  TEXT_CODE: 0x0438,
  ACK_MESSAGES: 0x0442,
  GET_MESSAGES: 0x044c,
  AUTHORIZE: 0x0456,
  INFO_REQUEST: 0x0460,
  EXT_INFO_REQUEST: 0x046a,
  CHANGE_PASSWORD: 0x049c,
  NEW_USER_INFO: 0x04a6,
  UPDATE_EXT_INFO: 0x04b0,
  QUERY_SERVERS: 0x04ba,
  QUERY_ADDONS: 0x04c4,
  LOGIN_INFO: 0x04ce,
  STATUS_CHANGE: 0x04d8,
  FIRST_LOGIN: 0x04ec,
  UPDATE_INFO: 0x050a,
  AUTH_UPDATE: 0x0514,
  KEEP_ALIVE_2: 0x051e,
  LOGIN_2: 0x0528,
  ADD_USER: 0x053c,
  RANDOM_SET: 0x0564,
  RANDOM_SEARCH: 0x056e,
  SEARCH_START: 0x05c8,
  REGISTER_REQUEST: 0x05dc,
  REGISTER_INFO: 0x05e6,
  GET_INFO: 0x05fa,
  META_USER: 0x064a,
  INVISIBLE_LIST: 0x06a4,
  VISIBLE_LIST: 0x06ae,
  UPDATE_LIST: 0x06b8,
} as const;
export const CLIENT_COMMANDS: ReadonlySet<number> = new Set(Object.values(CMD));

/** Commands of servers. */
export const SRV = {
  ACK: 0x000a,
  GO_AWAY: 0x0028,
  PRE_LOGIN_REPLY: 0x0032,
  NEW_UIN: 0x0046,
  LOGIN_REPLY: 0x005a,
  BAD_PASSWORD: 0x0064,
  USER_ONLINE: 0x006e,
  USER_OFFLINE: 0x0078,
  QUERY: 0x0082,
  USER_FOUND: 0x008c,
  END_OF_SEARCH: 0x00a0,
  NEW_USER: 0x00b4,
  UPDATE_EXT: 0x00c8,
  OFFLINE_MESSAGE: 0x00dc,
  OFFLINE_END: 0x00e6,
  NOT_CONNECTED: 0x00f0,
  TRY_AGAIN: 0x00fa,
  MESSAGE: 0x0104,
  INFO_REPLY: 0x0118,
  EXT_INFO_REPLY: 0x0122,
  INVALID_UIN: 0x012c,
  STATUS_UPDATE: 0x01a4,
  SYSTEM_MESSAGE: 0x01c2,
  UPDATE_SUCCESS: 0x01e0,
  UPDATE_FAIL: 0x01ea,
  AUTH_UPDATE: 0x01f4,
  MULTI: 0x0212,
  LIST_DONE: 0x021c,
  RANDOM_USER: 0x024e,
  LOGIN_ERROR: 0x0370,
  REGISTER_INFO: 0x037a,
  REGISTER_DONE: 0x0384,
  META_USER: 0x03de,
} as const;
export const SERVER_COMMANDS: ReadonlySet<number> = new Set(Object.values(SRV));

/** Kinds of messages; the upper byte says to how many it went. */
export const MESSAGE = {
  TEXT: 0x01,
  URL: 0x04,
  AUTH_REQUEST: 0x06,
  AUTH_DENIED: 0x07,
  AUTH_GRANTED: 0x08,
  SERVER: 0x09,
  ADDED: 0x0c,
  WEB_PAGER: 0x0d,
  EMAIL: 0x0e,
  CONTACTS: 0x13,
} as const;
/** Between the parts of messages that have several. */
export const SEPARATOR = 0xfe;

/** Status bits, those that say most first. */
const STATUS: readonly (readonly [bit: number, show: string])[] = [
  [0x0100, 'invisible'],
  [0x0002, 'dnd'],
  [0x0010, 'occupied'],
  [0x0004, 'na'],
  [0x0001, 'away'],
  [0x0020, 'chat'],
];

export function showOf(status: number): string {
  if (status === 0xffffffff) return 'offline';
  return STATUS.find(([bit]) => (status & bit) !== 0)?.[1] ?? 'online';
}

/** Lengths of headers by version; version 2 of a server has no account in it. */
export const CLIENT_HEADER: readonly number[] = [0, 0, 10, 16, 20, 24];
export const SERVER_HEADER: readonly number[] = [0, 0, 6, 16, 16, 21];

/** A datagram in clear. */
export interface Datagram {
  direction: Direction;
  version: number;
  command: number;
  /** Both sequence numbers: a datagram that is sent again has the same. */
  sequence: string;
  /** The account, 0 where the header has none. */
  uin: number;
  /** What follows the header. */
  body: Cursor;
  /** False where a scrambled datagram's check code does not fit. */
  genuine: boolean;
}

/** The version of a datagram, or 0 where it has none of ours. */
export function versionAt(bytes: Uint8Array, start: number, end: number): number {
  const version = end - start >= 6 && bytes[start + 1] === 0 ? (bytes[start] ?? 0) : 0;
  return version >= VERSION_MIN && version <= VERSION_MAX ? version : 0;
}

/** In version 5 a client has four zeros where a server has one and then a session number. */
export function isClientV5(bytes: Uint8Array, start: number): boolean {
  return bytes[start + 2] === 0 && bytes[start + 3] === 0 && bytes[start + 4] === 0 && bytes[start + 5] === 0;
}

/** Reads the datagram at the cursor; undefined where it is too short or of no version known. */
export function readDatagram(direction: Direction, cursor: Cursor): Datagram | undefined {
  const { bytes, pos, end } = cursor;
  const version = versionAt(bytes, pos, end);
  if (version === 0) return undefined;
  const sender = version === 5 ? (isClientV5(bytes, pos) ? 0 : 1) : direction;
  const header = (sender === 0 ? CLIENT_HEADER : SERVER_HEADER)[version] ?? 0;
  if (end - pos < header) return undefined;
  if (sender === 1) return readServer(version, cursor);
  if (version === 4) return readClient(version, unscrambleV4(bytes, pos, end), checkCodeV4(bytes, pos));
  if (version === 5) return readClient(version, unscrambleV5(bytes, pos, end), checkCodeV5(bytes, pos));
  return version === 2 ? readClientV2(cursor) : readClientV3(cursor);
}

/** version u16, command u16, sequence u16, UIN u32. Registration has no UIN. */
function readClientV2(cursor: Cursor): Datagram {
  cursor.skip(2);
  const command = cursor.u16le();
  const sequence = String(cursor.u16le());
  const uin = command === CMD.REGISTER ? 0 : cursor.u32le();
  return { direction: 0, version: 2, command, sequence, uin, body: rest(cursor), genuine: true };
}

/** version u16, command u16, sequences u16 u16, UIN u32, check code u32. */
function readClientV3(cursor: Cursor): Datagram {
  cursor.skip(2);
  const command = cursor.u16le();
  const sequence = `${cursor.u16le()} ${cursor.u16le()}`;
  const uin = cursor.u32le();
  cursor.skip(4);
  return { direction: 0, version: 3, command, sequence, uin, body: rest(cursor), genuine: true };
}

/**
 * In clear. Version 4: version u16, random u16, zero u16, command u16, sequences u16 u16, UIN u32, check code u32.
 * Version 5: version u16, zero u32, UIN u32, session u32, command u16, sequences u16 u16, check code u32.
 */
function readClient(version: 4 | 5, clear: Uint8Array, code: number): Datagram {
  const cursor = new Cursor(clear, 6);
  let uin = 0;
  if (version === 5) {
    uin = cursor.u32le();
    cursor.skip(4);
  }
  const command = cursor.u16le();
  const sequence = `${cursor.u16le()} ${cursor.u16le()}`;
  if (version === 4) uin = cursor.u32le();
  cursor.pos = (version === 5 ? CHECK_V5 : CHECK_V4) + 4;
  const genuine = checkFits(version, clear, code);
  return { direction: 0, version, command, sequence, uin, body: cursor, genuine };
}

/**
 * Version 2: version u16, command u16, sequence u16. Versions 3 and 4: the same with a second
 * sequence, UIN u32, check code u32. Version 5: version u16, zero u8, session u32, command u16,
 * sequences u16 u16, UIN u32, check code u32.
 */
function readServer(version: number, cursor: Cursor): Datagram {
  cursor.skip(version === 5 ? 7 : 2);
  const command = cursor.u16le();
  let sequence = String(cursor.u16le());
  let uin = 0;
  if (version > 2) {
    sequence += ` ${cursor.u16le()}`;
    uin = cursor.u32le();
    cursor.skip(4);
  }
  return { direction: 1, version, command, sequence, uin, body: rest(cursor), genuine: true };
}

function rest(cursor: Cursor): Cursor {
  return cursor.sub(cursor.left);
}

/** A text with its length u16 before it, which counts the NUL at its end; as the bytes without that NUL. */
export function readText(cursor: Cursor): Uint8Array {
  const bytes = cursor.take(cursor.u16le());
  return bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes;
}

/**
 * Whether sign-on data hold a password: behind the port u32, or behind time u32 and port u32,
 * stands its length and then the password, to the NUL that the length leads to. It is not read.
 * Undefined where no place fits.
 */
export function hasPassword(body: Cursor, places: readonly number[] = [4, 8]): boolean | undefined {
  for (const at of places) {
    const length = u16At(body, at);
    const end = at + 2 + length;
    if (length < 1 || length > LONGEST_PASSWORD || end > body.left || body.peek(end - 1) !== 0) continue;
    let text = 0;
    while (body.peek(at + 2 + text) > 0) text++;
    if (text === length - 1) return text > 0;
  }
  return undefined;
}

const LONGEST_PASSWORD = 32;

function u16At(cursor: Cursor, at: number): number {
  return cursor.has(at + 2) ? cursor.peek(at) | (cursor.peek(at + 1) << 8) : 0;
}
