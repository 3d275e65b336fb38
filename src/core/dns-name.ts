/** A name on the wire has at most 255 bytes (RFC 1035, 2.3.4). */
export const LONGEST_DNS_NAME = 255;

/** Behind a name that may end in a pointer (RFC 1035, 4.1.4); −1 where it does not end. */
export function pastDnsName(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && at - start < LONGEST_DNS_NAME) {
    const length = bytes[at] ?? 0;
    if (length >= 0xc0) return at + 2;
    if (length > 63) return -1;
    at += 1 + length;
    if (length === 0) return at;
  }
  return -1;
}
