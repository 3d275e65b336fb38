import { formatIPv4, formatIPv6 } from '../../core/address.ts';
import { formatMac, macNumber } from '../../core/mac.ts';
import type { PacketView } from '../../decode/view.ts';
import type { HostFact } from '../../core/host-fact.ts';

const ETHERTYPE_ARP = 0x0806;
const TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
const ARP_LENGTH = 28;
const ICMPV6 = 58;
const ND = { SOLICITATION: 135, ADVERTISEMENT: 136 } as const;
const OPTION = { SOURCE: 1, TARGET: 2 } as const;
/** Options of one message that are looked at. */
const MAX_OPTIONS = 8;

/**
 * Who says of an IPv4 address that it is his: the sender of an ARP request or reply (RFC 826) in the Ethernet frame
 * `bytes[start..end)`. Undefined for any other frame, for probes (RFC 5227), and where the frame's own sender is another.
 */
export function readArp(bytes: Uint8Array, start: number, end: number): HostFact | undefined {
  let at = start + 12;
  for (let tags = 0; tags < 3 && TAGS.has(u16(bytes, at)); tags++) at += 4;
  if (u16(bytes, at) !== ETHERTYPE_ARP || end - at < 2 + ARP_LENGTH) return undefined;
  at += 2;
  const operation = u16(bytes, at + 6);
  const shape = u16(bytes, at) === 1 && u16(bytes, at + 2) === 0x0800 && u16(bytes, at + 4) === 0x0604;
  if (!shape || (operation !== 1 && operation !== 2)) return undefined;
  const mac = macNumber(bytes, at + 8);
  if (mac === 0 || mac !== macNumber(bytes, start + 6)) return undefined;
  const ip = formatIPv4(bytes, at + 14);
  return ip === '0.0.0.0' ? undefined : { source: 'arp', ip, mac: formatMac(mac) };
}

/**
 * The same for IPv6 (RFC 4861): the sender of a neighbour solicitation, or the target of an advertisement, that the
 * view shows. `end` is the end of the captured bytes.
 */
export function readNeighbour(view: PacketView, end: number): HostFact | undefined {
  const b = view.bytes;
  const ip = view.sourceAt - 8;
  const message = ip + 40;
  // What was not sent on this link has another hop limit (RFC 4861, 7.1).
  if (view.ipVersion !== 6 || b[ip + 6] !== ICMPV6 || view.hopLimit !== 255) return undefined;
  if (view.sourceMacAt < 0 || end - message < 24 || b[message + 1] !== 0) return undefined;
  const type = b[message];
  if (type !== ND.SOLICITATION && type !== ND.ADVERTISEMENT) return undefined;
  const wanted = type === ND.SOLICITATION ? OPTION.SOURCE : OPTION.TARGET;
  const mac = linkOption(b, message + 24, end, wanted);
  if (mac === 0 || mac !== macNumber(b, view.sourceMacAt)) return undefined;
  const address = formatIPv6(b, type === ND.SOLICITATION ? view.sourceAt : message + 8);
  return address === '::' ? undefined : { source: 'nd', ip: address, mac: formatMac(mac) };
}

/** The link address in the option of that type; 0 where there is none. */
function linkOption(b: Uint8Array, start: number, end: number, wanted: number): number {
  let at = start;
  for (let n = 0; n < MAX_OPTIONS && at + 8 <= end; n++) {
    const length = (b[at + 1] ?? 0) * 8;
    if (length === 0) return 0;
    if (b[at] === wanted && length === 8) return macNumber(b, at + 2);
    at += length;
  }
  return 0;
}

function u16(b: Uint8Array, at: number): number {
  return ((b[at] ?? 0) << 8) | (b[at + 1] ?? 0);
}
