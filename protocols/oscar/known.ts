/**
 * TLV types that are known, a set a kind of block: whatever else stands in one is told as `oscar_tlv_unknown`. From
 * Open OSCAR Server, libpurple and Wireshark, and from what the recorded clients and servers send.
 */

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

export const KNOWN = {
  /** Sign-ons, their answers, redirections and sign-offs. */
  SIGNON: new Set([
    ...range(0x01, 0x1b),
    0x24,
    0x25,
    ...range(0x40, 0x4c),
    ...range(0x54, 0x5e),
    ...range(0x8b, 0x8e),
    0x94,
    0x98,
    0x115,
    0x128,
    0x12a,
    0x8003,
  ]),
  /** User info. */
  USER: new Set([...range(0x01, 0x40), 0x6000, 0x6001, 0x6002]),
  /** Behind the head of a message. */
  ICBM: new Set([...range(0x01, 0x1c), 0x23, 0x2711, 0x8000]),
  /** A rendezvous. */
  RENDEZVOUS: new Set([...range(0x01, 0x19), 0x1d, ...range(0x2710, 0x2716)]),
  /** Profiles and away texts. */
  LOCATE: new Set([...range(0x01, 0x10), 0x4e5f]),
  /** A chat line. */
  CHAT: new Set(range(0x01, 0x0b)),
  /** Attributes of a stored contact. */
  FEEDBAG: new Set([
    0x01,
    ...range(0x5c, 0x70),
    ...range(0xc8, 0xdb),
    ...range(0x12c, 0x170),
    0x6d01,
    0x01f7,
  ]),
} as const;
