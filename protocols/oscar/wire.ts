import type { Cursor } from '../../src/sdk/index.ts';

/** Numbers, names and framing of OSCAR: FLAP frames and the SNACs inside them. Bytes only, no meaning. */

/** First byte of each FLAP frame: `*`. */
export const FLAP_START = 0x2a;
/** Start, channel, sequence (u16), length (u16). */
export const FLAP_HEADER = 6;
/** Family, subtype, flags (u16 each), request id (u32). */
export const SNAC_HEADER = 10;

export const CHANNEL = { SIGNON: 1, DATA: 2, ERROR: 3, SIGNOFF: 4, KEEP_ALIVE: 5 } as const;

/** The version in a channel-1 frame. */
export const FLAP_VERSION = 1;

export const SNAC_FLAG = {
  MORE: 0x0001,
  /** A block with its own u16 length precedes the body. */
  EXTENDED: 0x8000,
} as const;

/** Families (foodgroups) by the names of the specification. */
export const FAMILY = {
  OSERVICE: 0x0001,
  LOCATE: 0x0002,
  BUDDY: 0x0003,
  ICBM: 0x0004,
  ADVERT: 0x0005,
  INVITE: 0x0006,
  ADMIN: 0x0007,
  POPUP: 0x0008,
  PERMIT_DENY: 0x0009,
  USER_LOOKUP: 0x000a,
  STATS: 0x000b,
  TRANSLATE: 0x000c,
  CHAT_NAV: 0x000d,
  CHAT: 0x000e,
  ODIR: 0x000f,
  BART: 0x0010,
  FEEDBAG: 0x0013,
  ICQ: 0x0015,
  BUCP: 0x0017,
  ALERT: 0x0018,
  PLUGIN: 0x0022,
  MDIR: 0x0025,
} as const;

/** SNACs with a meaning here: family in the high half, subtype in the low half. */
export const SNAC = {
  OSERVICE_HOST_ONLINE: 0x00010003,
  OSERVICE_CLIENT_ONLINE: 0x00010002,
  OSERVICE_SERVICE_RESPONSE: 0x00010005,
  OSERVICE_RATE_CHANGE: 0x0001000a,
  OSERVICE_USER_INFO: 0x0001000f,
  OSERVICE_EVIL_NOTIFICATION: 0x00010010,
  OSERVICE_IDLE: 0x00010011,
  OSERVICE_MIGRATE: 0x00010012,
  OSERVICE_MOTD: 0x00010013,
  OSERVICE_SET_STATUS: 0x0001001e,
  LOCATE_SET_INFO: 0x00020004,
  LOCATE_USER_INFO: 0x00020006,
  LOCATE_SET_DIRECTORY: 0x00020009,
  LOCATE_GET_DIRECTORY: 0x0002000b,
  LOCATE_DIRECTORY: 0x0002000c,
  BUDDY_ADD: 0x00030004,
  BUDDY_REMOVE: 0x00030005,
  BUDDY_ARRIVED: 0x0003000b,
  BUDDY_DEPARTED: 0x0003000c,
  ICBM_SEND: 0x00040006,
  ICBM_RECEIVE: 0x00040007,
  ICBM_EVIL_REQUEST: 0x00040008,
  ICBM_EVIL_REPLY: 0x00040009,
  ICBM_MISSED: 0x0004000a,
  ICBM_CLIENT_EVENT: 0x0004000b,
  ICBM_HOST_ACK: 0x0004000c,
  ICBM_TYPING: 0x00040014,
  INVITE_FRIEND: 0x00060002,
  ADMIN_CHANGE: 0x00070004,
  ADMIN_CHANGE_REPLY: 0x00070005,
  POPUP_DISPLAY: 0x00080002,
  DENY_ADD: 0x00090007,
  DENY_REMOVE: 0x00090008,
  LOOKUP_BY_EMAIL: 0x000a0002,
  LOOKUP_REPLY: 0x000a0003,
  CHAT_NAV_INFO: 0x000d0009,
  CHAT_ROOM_INFO: 0x000e0002,
  CHAT_JOINED: 0x000e0003,
  CHAT_LEFT: 0x000e0004,
  CHAT_SEND: 0x000e0005,
  CHAT_RECEIVE: 0x000e0006,
  ODIR_SEARCH: 0x000f0002,
  ODIR_REPLY: 0x000f0003,
  FEEDBAG_LIST: 0x00130006,
  FEEDBAG_ADD: 0x00130008,
  FEEDBAG_UPDATE: 0x00130009,
  FEEDBAG_DELETE: 0x0013000a,
  FEEDBAG_STATUS: 0x0013000e,
  FEEDBAG_PRE_AUTHORIZE: 0x00130014,
  FEEDBAG_PRE_AUTHORIZED: 0x00130015,
  FEEDBAG_REQUEST: 0x00130018,
  FEEDBAG_REQUESTED: 0x00130019,
  FEEDBAG_ANSWER: 0x0013001a,
  FEEDBAG_ANSWERED: 0x0013001b,
  FEEDBAG_YOU_WERE_ADDED: 0x0013001c,
  ICQ_REQUEST: 0x00150002,
  ICQ_REPLY: 0x00150003,
  BUCP_LOGIN: 0x00170002,
  BUCP_LOGIN_REPLY: 0x00170003,
  BUCP_REGISTER: 0x00170004,
  BUCP_KEY_REQUEST: 0x00170006,
} as const;

/** Subtype 1 of every family is its error answer. */
export const SUBTYPE_ERROR = 1;

/** The highest subtype of each family that any known dialect uses; a family without an entry is none. */
const HIGHEST_SUBTYPE: readonly (readonly [family: number, subtype: number])[] = [
  [FAMILY.OSERVICE, 0x28],
  [FAMILY.LOCATE, 0x19],
  [FAMILY.BUDDY, 0x16],
  [FAMILY.ICBM, 0x24],
  [FAMILY.ADVERT, 0x04],
  [FAMILY.INVITE, 0x03],
  [FAMILY.ADMIN, 0x09],
  [FAMILY.POPUP, 0x02],
  [FAMILY.PERMIT_DENY, 0x0b],
  [FAMILY.USER_LOOKUP, 0x04],
  [FAMILY.STATS, 0x05],
  [FAMILY.TRANSLATE, 0x03],
  [FAMILY.CHAT_NAV, 0x0a],
  [FAMILY.CHAT, 0x0b],
  [FAMILY.ODIR, 0x05],
  [FAMILY.BART, 0x09],
  [FAMILY.FEEDBAG, 0x36],
  [FAMILY.ICQ, 0x04],
  [FAMILY.BUCP, 0x0d],
  [FAMILY.ALERT, 0x20],
  [FAMILY.PLUGIN, 0x06],
  [FAMILY.MDIR, 0x09],
];

const highest = new Uint8Array(0x40);
for (const [family, subtype] of HIGHEST_SUBTYPE) highest[family] = subtype;

/** True where these can begin a SNAC: a known family, a subtype in its range, no unknown flag. */
export function isSNAC(family: number, subtype: number, flags: number): boolean {
  return family < 0x40 && subtype > 0 && subtype <= (highest[family] ?? 0) && (flags & 0x7ffe) === 0;
}

/** True where these can begin a FLAP frame. */
export function isFLAP(start: number, channel: number): boolean {
  return start === FLAP_START && channel >= CHANNEL.SIGNON && channel <= CHANNEL.KEEP_ALIVE;
}

/** A channel without SNACs holds little: more than this is no frame of them (only believed while searching). */
const CONTROL_LENGTH = 0x200;

/**
 * Moves the cursor to the next bytes that can only be a frame (section 1.1, resynchronisation).
 * Returns 0 when it stands on one, else how many bytes from the cursor it takes to tell.
 */
export function findFrame(cursor: Cursor): number {
  while (cursor.left > 0) {
    if (cursor.peek() === FLAP_START) {
      const need = judgeFrame(cursor);
      if (need >= 0) return need;
    }
    cursor.skip(1);
  }
  return FLAP_HEADER;
}

/** 0: a frame for sure; more: bytes needed to tell; negative: none. */
function judgeFrame(cursor: Cursor): number {
  const channel = cursor.peek(1);
  if (channel >= 0 && !isFLAP(FLAP_START, channel)) return -1;
  if (cursor.left < FLAP_HEADER) return FLAP_HEADER;
  const length = peek16(cursor, 4);
  if (channel === CHANNEL.DATA) {
    if (length < SNAC_HEADER) return -1;
    if (cursor.left < FLAP_HEADER + 6) return FLAP_HEADER + 6;
    return isSNAC(peek16(cursor, 6), peek16(cursor, 8), peek16(cursor, 10)) ? 0 : -1;
  }
  if (channel === CHANNEL.SIGNON) {
    if (length < 4) return -1;
    if (cursor.left < FLAP_HEADER + 4) return FLAP_HEADER + 4;
    return peek16(cursor, 6) === 0 && peek16(cursor, 8) === FLAP_VERSION ? 0 : -1;
  }
  return judgeControl(cursor, length);
}

/** Channels 3 to 5 have no fields to check: the next frame must follow, with the next sequence number. */
function judgeControl(cursor: Cursor, length: number): number {
  if (length > CONTROL_LENGTH) return -1;
  const next = FLAP_HEADER + length;
  if (cursor.left < next + 4) return next + 4;
  const follows = isFLAP(cursor.peek(next), cursor.peek(next + 1));
  return follows && peek16(cursor, next + 2) === ((peek16(cursor, 2) + 1) & 0xffff) ? 0 : -1;
}

/** The u16 `at` places ahead; the caller knows that it is there. */
export function peek16(cursor: Cursor, at: number): number {
  return (cursor.peek(at) << 8) | cursor.peek(at + 1);
}

/** Roast tables (section 1.4): the password is XORed with one of them, repeated. */
export const ROAST = {
  COMMON: [0xf3, 0x26, 0x81, 0xc4, 0x39, 0x86, 0xdb, 0x92, 0x71, 0xa3, 0xb9, 0xe6, 0x53, 0x7a, 0x95, 0x7c],
  JAVA: [0xf3, 0xb3, 0x6c, 0x99, 0x95, 0x3f, 0xac, 0xb6, 0xc5, 0xfa, 0x6b, 0x63, 0x69, 0x6c, 0xc3, 0x9a],
} as const;

/** XORs with a roast table; the same call roasts and unroasts. */
export function roast(bytes: Uint8Array, table: readonly number[]): Uint8Array {
  return bytes.map((byte, i) => byte ^ (table[i % table.length] ?? 0));
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal, two digits a byte. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte] ?? '';
  return text;
}
