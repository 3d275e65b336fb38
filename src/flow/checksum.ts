import type { PacketView } from '../decode/view.ts';

/** What a transport checksum says. `UNKNOWN`: not all was captured, none was sent, or a network card was to fill it in. */
export const CHECKSUM = { UNKNOWN: 0, GOOD: 1, BAD: 2 } as const;
export type Checksum = (typeof CHECKSUM)[keyof typeof CHECKSUM];

const TCP = 6;
const UDP = 17;

/** Judges the TCP or UDP checksum of a packet, and the IPv4 header's (RFC 9293 section 3.1, RFC 768, RFC 8200 section 8.1). */
export function checksumOf(view: PacketView, tcp: boolean): Checksum {
  const { bytes: b, transportAt: at, payloadEnd: end } = view;
  if (end - view.payloadStart !== view.payloadLength) return CHECKSUM.UNKNOWN;
  const field = at + (tcp ? 16 : 6);
  const sent = (b[field]! << 8) | b[field + 1]!;
  if (!tcp && sent === 0) return CHECKSUM.UNKNOWN;
  if (view.ipVersion === 4 && isWrongHeader(b, view.sourceAt - 12)) return CHECKSUM.BAD;
  const addresses = view.ipVersion === 6 ? 32 : 8;
  const pseudo = fold(sumOf(b, view.sourceAt, view.sourceAt + addresses) + (tcp ? TCP : UDP) + end - at);
  // A checksum that a card is to finish holds the sum of the pseudo header (as Linux leaves it).
  if (sent === pseudo) return CHECKSUM.UNKNOWN;
  return fold(pseudo + sumOf(b, at, end)) === 0xffff ? CHECKSUM.GOOD : CHECKSUM.BAD;
}

/** The checksum of an IPv4 header (RFC 791 section 3.1); zero: a network card was to fill it in. */
function isWrongHeader(b: Uint8Array, at: number): boolean {
  if (b[at + 10] === 0 && b[at + 11] === 0) return false;
  return fold(sumOf(b, at, at + ((b[at]! & 15) << 2))) !== 0xffff;
}

/** Sum of 16-bit words, the last one filled up with zero. At most 64 KiB: it stays far below 2^53. */
function sumOf(b: Uint8Array, start: number, end: number): number {
  let sum = 0;
  const even = end - 1;
  let i = start;
  for (; i < even; i += 2) sum += (b[i]! << 8) | b[i + 1]!;
  return i < end ? sum + (b[i]! << 8) : sum;
}

function fold(sum: number): number {
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return sum;
}
