/** Numbers of SOCKS 4 (and 4A) and 5: RFC 1928, RFC 1929. */
export const VERSION_4 = 4;
export const VERSION_5 = 5;
export const COMMAND = { CONNECT: 1, BIND: 2, UDP: 3 } as const;
/** As evidence names them. */
export const COMMAND_NAMES: Readonly<Record<number, string>> = {
  [COMMAND.CONNECT]: 'CONNECT',
  [COMMAND.BIND]: 'BIND',
  [COMMAND.UDP]: 'UDP ASSOCIATE',
};
export const METHOD = { NONE: 0, GSSAPI: 1, PASSWORD: 2, REFUSED: 0xff } as const;
export const ADDRESS = { IPV4: 1, NAME: 3, IPV6: 4 } as const;
/** First byte of a reply of version 4, and its code for "granted". */
export const REPLY_4 = 0;
export const GRANTED_4 = 90;
export const PASSWORD_VERSION = 1;
/** Lengths: of a version 4 request before its texts, and of its reply. */
export const REQUEST_4 = 8;
export const REPLY_4_LENGTH = 8;
/** Texts of version 4 end with a NUL; longer ones are none. */
export const LONGEST_TEXT = 255;
/** Registered methods lie below 10; above 0x80 they are private. */
export const METHODS = 10;
export const PRIVATE_METHODS = 0x80;
export const PORTS: readonly number[] = [1080];
