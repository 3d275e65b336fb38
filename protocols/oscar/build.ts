/** Builders of OSCAR frames, blocks and conversations for tests and capture generators. */
import type { Direction } from '../../src/sdk/index.ts';
import type { Step } from '../../src/sdk/testing.ts';
import { CHANNEL, ROAST, SNAC } from './numbers.ts';
import { roast } from './wire.ts';

const encoder = new TextEncoder();

export type Part = Uint8Array | readonly number[] | string;

/** Joins bytes, arrays of byte values and strings (UTF-8). */
export function bytes(...parts: Part[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => [...(typeof part === 'string' ? encoder.encode(part) : part)]),
  );
}

export function u16(value: number): number[] {
  return [(value >> 8) & 0xff, value & 0xff];
}

export function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value & 0xffff)];
}

export function u16le(value: number): number[] {
  return u16(value).reverse();
}

export function u32le(value: number): number[] {
  return u32(value).reverse();
}

export function fromHex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (two) => Number.parseInt(two, 16));
}

export function tlv(type: number, ...value: Part[]): Uint8Array {
  const joined = bytes(...value);
  return bytes(u16(type), u16(joined.length), joined);
}

/** Length u8, name. */
export function name(text: string): Uint8Array {
  return bytes([encoder.encode(text).length], text);
}

/** A user-info block. */
export function userInfo(screenName: string, ...tlvs: Uint8Array[]): Uint8Array {
  return bytes(name(screenName), u16(0), u16(tlvs.length), ...tlvs);
}

export function utf16be(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length * 2 }, (_, i) => {
    const unit = text.charCodeAt(i >> 1);
    return i % 2 === 0 ? unit >> 8 : unit & 0xff;
  });
}

/** TLV 2 of a message: features, then a fragment a text. */
export function fragments(...texts: { charset?: number; text: Part }[]): Uint8Array {
  const parts = texts.map(({ charset = 0, text }) => {
    const body = bytes(u16(charset), u16(0), text);
    return bytes([1, 1], u16(body.length), body);
  });
  return tlv(0x02, [5, 1], u16(2), [1, 1], ...parts);
}

/** Head of an ICBM: cookie, channel, name. */
export function icbmHead(cookie: string, channel: number, peer: string): Uint8Array {
  return bytes(fromHex(cookie), u16(channel), name(peer));
}

/** TLV 5 of a rendezvous. */
export function rendezvous(
  type: number,
  cookie: string,
  capability: string,
  ...tlvs: Uint8Array[]
): Uint8Array {
  return tlv(0x05, u16(type), fromHex(cookie), fromHex(capability), ...tlvs);
}

/** Service data of a file: count, size, name. */
export function fileData(size: number, fileName: Part): Uint8Array {
  return tlv(0x2711, u16(1), u16(1), u32(size), fileName, [0]);
}

/** An item of the stored contact list. */
export function item(
  text: string,
  group: number,
  id: number,
  type: number,
  ...tlvs: Uint8Array[]
): Uint8Array {
  const body = bytes(...tlvs);
  return bytes(
    u16(encoder.encode(text).length),
    text,
    u16(group),
    u16(id),
    u16(type),
    u16(body.length),
    body,
  );
}

/** A room's description. */
export function roomInfo(exchange: number, id: string, ...tlvs: Uint8Array[]): Uint8Array {
  return bytes(u16(exchange), name(id), u16(0), [2], u16(tlvs.length), ...tlvs);
}

/** A chat line: cookie, channel, TLVs; TLV 5 holds text and charset name. */
export function chatLine(cookie: string, charset: string, text: Part, ...tlvs: Uint8Array[]): Uint8Array {
  const message = tlv(0x05, tlv(0x01, text), tlv(0x02, charset), tlv(0x03, 'en'));
  return bytes(fromHex(cookie), u16(3), tlv(0x01), ...tlvs, message);
}

/** TLV 1 of family 15: an ICQ block with its own length. */
export function icqBlock(uin: number, type: number, sequence: number, ...data: Part[]): Uint8Array {
  const body = bytes(u32le(uin), u16le(type), u16le(sequence), ...data);
  return tlv(0x01, u16le(body.length), body);
}

/** A string of ICQ: length u16le with its final zero. */
export function lnts(text: string): Uint8Array {
  return bytes(u16le(encoder.encode(text).length + 1), text, [0]);
}

/** The TLVs with which a client describes itself. */
export function clientTLVs(
  text: string,
  id: number,
  numbers: readonly number[],
  distribution: number,
): Uint8Array {
  return bytes(
    tlv(0x03, text),
    tlv(0x16, u16(id)),
    ...numbers.map((n, i) => tlv(0x17 + i, u16(n))),
    tlv(0x14, u32(distribution)),
    tlv(0x0f, 'en'),
    tlv(0x0e, 'us'),
  );
}

/** A password as a roasted sign-on carries it. */
export function roasted(password: string, table: readonly number[] = ROAST.COMMON): Uint8Array {
  return roast(encoder.encode(password), table);
}

interface Options {
  flags?: number;
  requestId?: number;
}

/** One side of a connection: numbers its frames. */
export class Sender {
  readonly direction: Direction;
  #sequence: number;
  #requestId = 0;

  constructor(direction: Direction, sequence = 0x10) {
    this.direction = direction;
    this.#sequence = sequence;
  }

  frame(channel: number, ...payload: Part[]): Step & { bytes: Uint8Array } {
    const body = bytes(...payload);
    const sequence = u16(this.#sequence++ & 0xffff);
    return { direction: this.direction, bytes: bytes([0x2a, channel], sequence, u16(body.length), body) };
  }

  /** A channel-1 frame. */
  signOn(...tlvs: Part[]): Step & { bytes: Uint8Array } {
    return this.frame(CHANNEL.SIGNON, u32(1), ...tlvs);
  }

  /** A channel-4 frame. */
  signOff(...tlvs: Part[]): Step & { bytes: Uint8Array } {
    return this.frame(CHANNEL.SIGNOFF, ...tlvs);
  }

  snac(code: number, body: Part = [], options: Options = {}): Step & { bytes: Uint8Array } {
    const requestId = options.requestId ?? ++this.#requestId;
    const head = bytes(u16(code >>> 16), u16(code & 0xffff), u16(options.flags ?? 0), u32(requestId));
    return this.frame(CHANNEL.DATA, head, body);
  }
}

export const COOKIE = 'a1b2c3d4e5f60708';

/** A BOS connection up to the own user info. */
export function bosStart(
  client: Sender,
  server: Sender,
  account: string,
  cookie: Part = 'cookie bytes',
): Step[] {
  return [
    server.signOn(),
    client.signOn(tlv(0x06, cookie)),
    server.snac(SNAC.OSERVICE_HOST_ONLINE, bytes(u16(1), u16(2), u16(3), u16(4), u16(0x13))),
    server.snac(SNAC.OSERVICE_USER_INFO, userInfo(account)),
  ];
}

export const END: Step[] = [
  { direction: 0, end: true },
  { direction: 1, end: true },
];
