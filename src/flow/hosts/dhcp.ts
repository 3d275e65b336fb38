import { formatIPv4, formatIPv6 } from '../../core/address.ts';
import { formatMac, macNumber } from '../../core/mac.ts';
import type { HostFact } from '../../core/host-fact.ts';
import { hostName, nameOfLabels } from './host-name.ts';

/** Options of one message that are looked at. */
const MAX_OPTIONS = 64;

// DHCP for IPv4 (RFC 2131, 2132, 4702)

const BOOTP = { HARDWARE: 1, CIADDR: 12, YIADDR: 16, CHADDR: 28, COOKIE: 236, OPTIONS: 240 } as const;
const COOKIE = 0x63825363;
const OPTION = { PAD: 0, NAME: 12, LEASE: 51, TYPE: 53, FQDN: 81, END: 255 } as const;
const TYPE = { REQUEST: 3, ACK: 5, RELEASE: 7, INFORM: 8 } as const;

/** What a message of DHCP in `bytes[start..end)` tells of its client; undefined for messages that settle nothing. */
export function readDhcp(bytes: Uint8Array, start: number, end: number): HostFact | undefined {
  if (end - start < BOOTP.OPTIONS || u32(bytes, start + BOOTP.COOKIE) !== COOKIE) return undefined;
  if (bytes[start + 1] !== BOOTP.HARDWARE || bytes[start + 2] !== 6) return undefined;
  const mac = macNumber(bytes, start + BOOTP.CHADDR);
  if (mac === 0) return undefined;
  const told = readOptions(bytes, start + BOOTP.OPTIONS, end);
  const { type, name, lease } = told;
  const own = address4(bytes, start + BOOTP.CIADDR);
  const owner = { source: 'dhcp', mac: formatMac(mac) } as const;
  const named = name === undefined ? owner : { ...owner, name };
  return settled(type, named, own, address4(bytes, start + BOOTP.YIADDR), lease);
}

/** What a message of that type settles. */
function settled(
  type: number | undefined,
  named: HostFact,
  own: string | undefined,
  given: string | undefined,
  lease: number | undefined,
): HostFact | undefined {
  switch (type) {
    case TYPE.ACK: {
      const ip = given ?? own;
      return ip === undefined ? undefined : { ...named, ip, ...(lease === undefined ? {} : { lease }) };
    }
    case TYPE.REQUEST:
      return named.name === undefined ? undefined : named;
    case TYPE.INFORM:
      return own === undefined ? undefined : { ...named, ip: own };
    case TYPE.RELEASE:
      return own === undefined ? undefined : { ...named, ip: own, released: true };
    default:
      return undefined;
  }
}

interface Options {
  type?: number;
  name?: string;
  lease?: number;
}

function readOptions(b: Uint8Array, start: number, end: number): Options {
  const told: Options = {};
  let at = start;
  for (let n = 0; n < MAX_OPTIONS && at < end; n++) {
    const code = b[at] ?? OPTION.END;
    if (code === OPTION.PAD) {
      at++;
      continue;
    }
    const length = b[at + 1] ?? 0;
    const data = at + 2;
    if (code === OPTION.END || data + length > end) break;
    if (code === OPTION.TYPE && length === 1) told.type = b[data] ?? 0;
    else if (code === OPTION.LEASE && length === 4) told.lease = u32(b, data);
    else if (code === OPTION.NAME) setName(told, hostName(b, data, data + length));
    else if (code === OPTION.FQDN && length > 3) setName(told, fullName(b, data, data + length));
    at = data + length;
  }
  return told;
}

/** A full name comes in labels, or from old clients as plain text (RFC 4702, 2.3.1). */
function fullName(b: Uint8Array, data: number, end: number): string | undefined {
  const canonical = ((b[data] ?? 0) & 4) !== 0;
  return canonical ? nameOfLabels(b, data + 3, end) : hostName(b, data + 3, end);
}

function setName(told: { name?: string }, name: string | undefined): void {
  if (name !== undefined) told.name ??= name;
}

function address4(b: Uint8Array, at: number): string | undefined {
  return u32(b, at) === 0 ? undefined : formatIPv4(b, at);
}

// DHCP for IPv6 (RFC 8415, 4704)

const TYPE6 = { REQUEST: 3, RENEW: 5, REBIND: 6, REPLY: 7, RELAY_FORWARD: 12, RELAY_REPLY: 13 } as const;
const OPTION6 = { CLIENT: 1, IA_NA: 3, IA_TA: 4, ADDRESS: 5, RELAYED: 9, FQDN: 39 } as const;
/** Relays in one another. */
const MAX_RELAYS = 8;
const DUID = { LINK_AND_TIME: 1, LINK: 3, ETHERNET: 1 } as const;

/** What a message of DHCPv6 in `bytes[start..end)` tells of its client: a fact for each address, or one for its name. */
export function readDhcp6(bytes: Uint8Array, start: number, end: number): HostFact[] {
  const message = unrelayed(bytes, start, end);
  if (!message) return [];
  const { start: at, end: behind } = message;
  const type = bytes[at];
  const asks = type === TYPE6.REQUEST || type === TYPE6.RENEW || type === TYPE6.REBIND;
  if (behind - at < 4 || (!asks && type !== TYPE6.REPLY)) return [];
  const client = optionOf(bytes, at + 4, behind, OPTION6.CLIENT);
  const mac = client ? macOfDuid(bytes, client.start, client.end) : undefined;
  if (mac === undefined) return [];
  const full = optionOf(bytes, at + 4, behind, OPTION6.FQDN);
  const name = full && full.end - full.start > 1 ? nameOfLabels(bytes, full.start + 1, full.end) : undefined;
  const owner = { source: 'dhcp', mac, ...(name === undefined ? {} : { name }) } as const;
  if (asks) return name === undefined ? [] : [owner];
  return leases6(bytes, at + 4, behind).map((lease) => ({ ...owner, ...lease }));
}

/** The client's own message inside those of relays. */
function unrelayed(b: Uint8Array, start: number, end: number): { start: number; end: number } | undefined {
  let message: { start: number; end: number } | undefined = { start, end };
  for (let relays = 0; message && isRelayed(b[message.start]); relays++) {
    if (relays === MAX_RELAYS) return undefined;
    message = optionOf(b, message.start + 34, message.end, OPTION6.RELAYED);
  }
  return message;
}

function isRelayed(type: number | undefined): boolean {
  return type === TYPE6.RELAY_FORWARD || type === TYPE6.RELAY_REPLY;
}

function leases6(b: Uint8Array, start: number, end: number): { ip: string; lease: number }[] {
  const leases: { ip: string; lease: number }[] = [];
  eachOption(b, start, end, (code, from, to) => {
    const head = code === OPTION6.IA_NA ? 12 : code === OPTION6.IA_TA ? 4 : undefined;
    if (head === undefined || to - from < head) return;
    eachOption(b, from + head, to, (inner, data, behind) => {
      if (inner !== OPTION6.ADDRESS || behind - data < 24) return;
      const lease = u32(b, data + 20);
      if (lease > 0 && leases.length < MAX_OPTIONS) leases.push({ ip: formatIPv6(b, data), lease });
    });
  });
  return leases;
}

/** The client's link address, where its identifier is made of one (RFC 8415, 11). */
function macOfDuid(b: Uint8Array, start: number, end: number): string | undefined {
  const type = u16(b, start);
  const at = start + (type === DUID.LINK_AND_TIME ? 8 : 4);
  const ethernet = u16(b, start + 2) === DUID.ETHERNET && end - at === 6;
  if (!ethernet || (type !== DUID.LINK && type !== DUID.LINK_AND_TIME)) return undefined;
  const mac = macNumber(b, at);
  return mac === 0 ? undefined : formatMac(mac);
}

function optionOf(
  b: Uint8Array,
  start: number,
  end: number,
  wanted: number,
): { start: number; end: number } | undefined {
  let found: { start: number; end: number } | undefined;
  eachOption(b, start, end, (code, from, to) => {
    if (code === wanted) found ??= { start: from, end: to };
  });
  return found;
}

function eachOption(
  b: Uint8Array,
  start: number,
  end: number,
  take: (code: number, from: number, to: number) => void,
): void {
  let at = start;
  for (let n = 0; n < MAX_OPTIONS && at + 4 <= end; n++) {
    const from = at + 4;
    const to = from + u16(b, at + 2);
    if (to > end) return;
    take(u16(b, at), from, to);
    at = to;
  }
}

function u16(b: Uint8Array, at: number): number {
  return ((b[at] ?? 0) << 8) | (b[at + 1] ?? 0);
}

function u32(b: Uint8Array, at: number): number {
  return u16(b, at) * 0x1_0000 + u16(b, at + 2);
}
