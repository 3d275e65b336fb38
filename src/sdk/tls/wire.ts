/** Numbers of TLS as RFC 5246 and RFC 8446 give them. */

/** Types of a record. */
export const RECORD = { CHANGE_CIPHER_SPEC: 20, ALERT: 21, HANDSHAKE: 22, DATA: 23, HEARTBEAT: 24 } as const;

/** Types of a handshake message. */
export const HANDSHAKE = {
  CLIENT_HELLO: 1,
  SERVER_HELLO: 2,
  CERTIFICATE: 11,
  SERVER_HELLO_DONE: 14,
} as const;

/** Extensions that are looked into. */
export const EXTENSION = {
  SERVER_NAME: 0,
  GROUPS: 10,
  POINT_FORMATS: 11,
  SIGNATURES: 13,
  ALPN: 16,
  VERSIONS: 43,
  ENCRYPTED_CLIENT_HELLO: 0xfe0d,
} as const;

export const TLS13 = 0x0304;

/** A record's header, and a handshake message's. */
export const RECORD_HEAD = 5;
export const MESSAGE_HEAD = 4;

/** Values that clients mix in so that servers stay tolerant (RFC 8701): 0x0A0A, 0x1A1A, ... 0xFAFA. */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}

const VERSIONS: ReadonlyMap<number, string> = new Map([
  [0x0002, 'SSLv2'],
  [0x0300, 'SSLv3'],
  [0x0301, 'TLSv1'],
  [0x0302, 'TLS 1.1'],
  [0x0303, 'TLS 1.2'],
  [TLS13, 'TLS 1.3'],
]);

/** A version as Suricata writes it; undefined for one that is none. */
export function versionName(version: number): string | undefined {
  return VERSIONS.get(version);
}
