/**
 * YMSG over HTTP: `POST /notify` with one packet as its body; the response's body is the number of packets in
 * it, four bytes with the least first, and the packets. The header of YMSG, and that of the protocol before it,
 * has the session's id at the same place.
 */

/** Bytes of a packet up to its session id's end. */
export const PACKET_START = 20;
export const SESSION_AT = 16;
/** Before a response's packets. */
export const COUNT = 4;
export const PORTS: readonly number[] = [];
export const PATH = /^(?:http:\/\/([A-Za-z0-9._-]{1,255})(?::(\d{1,5}))?)?\/notify\/?$/;

const MAGICS: readonly (readonly number[])[] = ['YMSG', 'YPNS', 'YHOO'].map((text) =>
  Array.from(text, (c) => c.charCodeAt(0)),
);

/** True where a packet begins at `at`, as far as the bytes are there. */
export function isPacket(bytes: Uint8Array, at: number, end: number): boolean {
  return MAGICS.some((magic) => magic.every((byte, i) => at + i >= end || bytes[at + i] === byte));
}
