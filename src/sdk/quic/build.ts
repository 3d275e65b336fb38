/** Builds Initial packets of clients, for tests. */
import { createCipheriv } from 'node:crypto';
import { joinBytes } from '../../core/bytes.ts';
import { headerMask, initialKeys } from './keys.ts';

export const V1 = 0x0000_0001;
export const V2 = 0x6b33_43cf;

export interface InitialParts {
  readonly version?: number;
  /** Destination connection id that is written, and the one that the keys are made of where it is another. */
  readonly id?: Uint8Array;
  readonly keyId?: Uint8Array;
  readonly number?: number;
  readonly token?: Uint8Array;
  readonly frames: readonly Uint8Array[];
  /** Bytes of the datagram: padding fills it. */
  readonly size?: number;
}

export const ID = Uint8Array.from([0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08]);

/** A number in as few bytes as it takes (RFC 9000, 16). */
export function quicNumber(value: number): Uint8Array {
  if (value < 64) return Uint8Array.of(value);
  if (value < 16_384) return Uint8Array.of(0x40 | (value >> 8), value & 255);
  return Uint8Array.of(0x80 | (value >> 24), (value >> 16) & 255, (value >> 8) & 255, value & 255);
}

/** A CRYPTO frame (RFC 9000, 19.6). */
export function cryptoFrame(offset: number, data: Uint8Array): Uint8Array {
  return joinBytes(Uint8Array.of(6), quicNumber(offset), quicNumber(data.length), data);
}

/** A datagram with one protected Initial packet. */
export function initialPacket(parts: InitialParts): Uint8Array {
  const { version = V1, id = ID, number = 2, token = new Uint8Array(0), size = 1_200 } = parts;
  const keys = initialKeys(version, parts.keyId ?? id);
  if (!keys) throw new Error('a version that is not known');
  const first = 0xc0 | (version === V2 ? 0x10 : 0) | 3;
  const word = (n: number): Uint8Array => Uint8Array.of(n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);
  const head = joinBytes(
    Uint8Array.of(first),
    word(version),
    Uint8Array.of(id.length),
    id,
    Uint8Array.of(0),
    quicNumber(token.length),
    token,
  );
  const frames = joinBytes(...parts.frames);
  const room = size - head.length - 2 - 4 - 16;
  const text = joinBytes(frames, new Uint8Array(Math.max(0, room - frames.length)));
  const length = 4 + text.length + 16;
  const header = joinBytes(head, Uint8Array.of(0x40 | (length >> 8), length & 255), word(number));
  const nonce = Uint8Array.from(keys.iv);
  word(number).forEach((byte, i) => (nonce[8 + i] = (nonce[8 + i] ?? 0) ^ byte));
  const cipher = createCipheriv('aes-128-gcm', keys.key, nonce);
  cipher.setAAD(header);
  const sealed = joinBytes(cipher.update(text), cipher.final(), cipher.getAuthTag());
  const mask = headerMask(keys.hp, sealed.subarray(0, 16));
  const packet = joinBytes(header, sealed);
  packet[0] = first ^ ((mask[0] ?? 0) & 0x0f);
  for (let i = 0; i < 4; i++) packet[header.length - 4 + i]! ^= mask[1 + i] ?? 0;
  return packet;
}
