/** Limits of the TLS reader. They bound memory and time whatever a handshake claims to hold. */
export const TLS_LIMITS = {
  /** Bytes of a record's content: 2^14 and what old ciphers may add (RFC 5246, 6.2.3). */
  record: 16_384 + 2_048,
  /** Bytes of a handshake message that are kept; the rest is passed over, and the message is told as cut. */
  message: 16_384,
  /** Bytes of a certificate list that are kept; the leaf stands first. */
  certificates: 65_536,
  /** Messages of one direction that are read before the handshake is taken for something else. */
  messages: 16,
  /** Names of a certificate, and application protocols of a hello, that are told. */
  names: 16,
  /** Characters of a name; a longer one is no name (RFC 1035, 2.3.4). */
  name: 255,
  /** Characters of a distinguished name; what is longer is cut. */
  subject: 512,
} as const;
