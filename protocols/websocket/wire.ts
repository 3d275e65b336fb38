/** RFC 6455 (frames) and RFC 7395 (XMPP in them). */
export const SUBPROTOCOL = 'xmpp';
export const OPCODE = { CONTINUE: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;
export const FIN = 0x80;
/** The first bit an extension may use; permessage-deflate (RFC 7692) says "compressed" with it. */
export const RSV1 = 0x40;
export const RESERVED = 0x30;
export const MASKED = 0x80;
export const LENGTH_16 = 126;
export const LENGTH_64 = 127;
export const LONGEST_CONTROL = 125;
export const PORTS: readonly number[] = [5280, 5281];

/** First byte of a text frame that is a whole message and not compressed (RFC 6455, 5.2). */
export const TEXT_FRAME = 0x81;
