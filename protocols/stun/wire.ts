/** STUN (RFC 8489) and TURN (RFC 8656): a header of 20 bytes, then attributes, each padded to four bytes. */

export const PORTS = [3478, 3479, 3480, 3481];
export const HEADER = 20;
/** Attributes of one message that are looked at. */
const MAX_ATTRIBUTES = 32;
/** Characters of a realm, or of what a client calls itself. */
export const LONGEST_TEXT = 128;

export const ATTRIBUTE = { REALM: 0x0014, SOFTWARE: 0x8022 } as const;

/** True for a whole STUN message: its two zero bits, its magic cookie and a length that is the datagram's. */
export function isStun(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < HEADER || ((bytes[start] ?? 0) & 0xc0) !== 0) return false;
  if (
    bytes[start + 4] !== 0x21 ||
    bytes[start + 5] !== 0x12 ||
    bytes[start + 6] !== 0xa4 ||
    bytes[start + 7] !== 0x42
  )
    return false;
  const length = u16(bytes, start + 2);
  // WhatsApp's last attribute is not padded, so the length need not be one of whole words.
  return HEADER + length === end - start;
}

/** Method and class of a message. */
export function typeOf(bytes: Uint8Array, start: number): number {
  return u16(bytes, start);
}

/** Calls `each` for every whole attribute. */
export function attributes(
  bytes: Uint8Array,
  start: number,
  end: number,
  each: (type: number, from: number, to: number) => void,
): void {
  let at = start + HEADER;
  for (let n = 0; n < MAX_ATTRIBUTES && at + 4 <= end; n++) {
    const from = at + 4;
    const to = from + u16(bytes, at + 2);
    if (to > end) return;
    each(u16(bytes, at), from, to);
    at = from + ((to - from + 3) & ~3);
  }
}

/**
 * True for what carries voice or video beside STUN: RTP of version 2, in clear or encrypted (RFC 3550, RFC 3711), or
 * ChannelData of TURN (RFC 8656, 12.4).
 */
export function isMedia(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start] ?? 0;
  return end - start >= 12 && ((first >= 0x80 && first < 0xc0) || (first >= 0x40 && first < 0x50));
}

export function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
