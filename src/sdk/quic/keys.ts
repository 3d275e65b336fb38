/**
 * Keys of QUIC's Initial packets (RFC 9001, 5.2; RFC 9369, 3.3): made of the client's first destination connection id and
 * a salt that everybody knows. They hide nothing; they keep middle boxes from changing what they do not understand.
 */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';

interface Version {
  readonly name: string;
  readonly salt: Uint8Array;
  /** Before the words `key`, `iv`, `hp`. */
  readonly label: string;
  /** The two bits of an Initial packet. */
  readonly initial: number;
}

const VERSIONS: ReadonlyMap<number, Version> = new Map([
  [0x0000_0001, version('QUIC v1', '38762cf7f55934b34d179ae6a4c80cadccbb7f0a', 'quic ', 0)],
  [0x6b33_43cf, version('QUIC v2', '0dede3def700a6db819381be6e269dcbf9bd2ed9', 'quicv2 ', 1)],
  // The drafts of RFC 9001 that browsers spoke in 2020 and 2021.
  [0xff00_001d, version('QUIC draft-29', 'afbfec289993d24c9e9786f19c6111e04390a899', 'quic ', 0)],
]);

function version(name: string, salt: string, label: string, initial: number): Version {
  return { name, salt: Buffer.from(salt, 'hex'), label, initial };
}

/** What the version is called; undefined where its packets cannot be read. */
export function quicVersion(number: number): string | undefined {
  return VERSIONS.get(number)?.name;
}

/** True where a long header's first byte is that of an Initial packet in this version. */
export function isInitial(first: number, number: number): boolean {
  return ((first >> 4) & 3) === VERSIONS.get(number)?.initial;
}

export interface InitialKeys {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly hp: Uint8Array;
}

/** The client's keys; undefined for a version that is not known, or where the machine's rules forbid them. */
export function initialKeys(number: number, connectionId: Uint8Array): InitialKeys | undefined {
  const known = VERSIONS.get(number);
  if (!known) return undefined;
  try {
    const secret = hmac(known.salt, connectionId);
    const client = expand(secret, 'client in', 32);
    return {
      key: expand(client, `${known.label}key`, 16),
      iv: expand(client, `${known.label}iv`, 12),
      hp: expand(client, `${known.label}hp`, 16),
    };
  } catch {
    return undefined;
  }
}

/** The mask of a packet's first byte and number (RFC 9001, 5.4.3). */
export function headerMask(hp: Uint8Array, sample: Uint8Array): Uint8Array {
  return createCipheriv('aes-128-ecb', hp, null).update(sample);
}

/** The payload; undefined where it was not encrypted with these keys, or was changed. */
export function openPayload(
  { key, iv }: InitialKeys,
  number: number,
  header: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  if (sealed.length < TAG) return undefined;
  const nonce = Uint8Array.from(iv);
  for (let i = 0; i < 4; i++) nonce[11 - i] = (nonce[11 - i] ?? 0) ^ ((number >>> (8 * i)) & 0xff);
  try {
    const cipher = createDecipheriv('aes-128-gcm', key, nonce);
    cipher.setAAD(header);
    cipher.setAuthTag(sealed.subarray(sealed.length - TAG));
    const text = cipher.update(sealed.subarray(0, sealed.length - TAG));
    cipher.final();
    return text;
  } catch {
    return undefined;
  }
}

/** Bytes of AEAD_AES_128_GCM's tag. */
export const TAG = 16;

function hmac(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  const h = createHmac('sha256', key);
  for (const part of parts) h.update(part);
  return h.digest();
}

/** HKDF-Expand-Label (RFC 8446, 7.1) of at most 32 bytes: one block. */
function expand(secret: Uint8Array, label: string, length: number): Uint8Array {
  const name = Buffer.from(`tls13 ${label}`, 'latin1');
  const info = Buffer.concat([Uint8Array.of(0, length, name.length), name, Uint8Array.of(0, 1)]);
  return hmac(secret, info).subarray(0, length);
}
