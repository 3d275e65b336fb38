/** Bytes of a receiver's number. */
export const ACK = 4;

/** Scopes the token that the offer on IRC announced: the same words as there. */
export const DCC_REALM = 'irc-dcc';

/** What the offer announced: where the sender listens. */
export function dccToken(ip: string, port: number): string {
  return `${ip} ${port}`;
}

/** Big-endian. */
export function u32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0
  );
}
