import { CryptoStream } from './crypto-stream.ts';
import { headerMask, initialKeys, isInitial, openPayload, quicVersion, TAG } from './keys.ts';
import type { InitialKeys } from './keys.ts';

/** What a datagram of the client was. */
export const QUIC = {
  /** The hello, or more of it: `hello` and `length` say. */
  HELLO: 0,
  /** Nothing of it: another packet, or one that these keys do not open. */
  NOTHING: 1,
  /** What nobody who speaks QUIC sends. */
  BAD: 2,
} as const;
export type QuicAnswer = (typeof QUIC)[keyof typeof QUIC];

const FRAME = { PADDING: 0, PING: 1, ACK: 2, ACK_ECN: 3, CRYPTO: 6, CLOSE: 0x1c } as const;
/** Times that keys are made for one connection: at its begin, after a Retry, in another version. */
const MAX_KEYS = 4;
/** Coalesced packets of one datagram that are looked at. */
const MAX_PACKETS = 8;
const LONGEST_ID = 20;
/** A client's first connection id has at least so many bytes (RFC 9000, 7.2). */
const SHORTEST_ID = 8;

/** True for a datagram that begins with a client's Initial packet in a version that is known. Allocates nothing. */
export function mayBeInitial(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 64) return false;
  const first = bytes[start] ?? 0;
  if ((first & 0xc0) !== 0xc0) return false;
  const version = u32(bytes, start + 1);
  const idLength = bytes[start + 5] ?? 0;
  return (
    quicVersion(version) !== undefined &&
    isInitial(first, version) &&
    idLength >= SHORTEST_ID &&
    idLength <= LONGEST_ID
  );
}

/** Opens the Initial packets of one client and puts together what they carry: its hello. */
export class QuicInitials {
  /** What the version is called that the client speaks. */
  version = '';
  readonly crypto = new CryptoStream();
  #keys: InitialKeys | undefined;
  #madeOf = '';
  #made = 0;

  /** Reads a datagram of the client. */
  datagram(bytes: Uint8Array, start: number, end: number): QuicAnswer {
    let answer: QuicAnswer = QUIC.NOTHING;
    let at = start;
    for (let n = 0; n < MAX_PACKETS && at < end; n++) {
      const next = this.#packet(bytes, at, end);
      if (next === BAD) return QUIC.BAD;
      if (this.#opened) answer = QUIC.HELLO;
      if (next <= at) return answer;
      at = next;
    }
    return answer;
  }

  #opened = false;

  /** One packet (RFC 9000, 17.2); where the next one begins, the same place where none can, BAD where it lies. */
  #packet(bytes: Uint8Array, start: number, end: number): number {
    this.#opened = false;
    const first = bytes[start] ?? 0;
    // A short header ends the datagram; so does padding outside of packets.
    if ((first & 0xc0) !== 0xc0 || end - start < 7) return start;
    const version = u32(bytes, start + 1);
    if (quicVersion(version) === undefined) return start;
    const ids = new Reader(bytes, start + 5, end);
    const id = ids.take(ids.u8());
    ids.take(ids.u8());
    if (!ids.ok || id.length > LONGEST_ID) return BAD;
    const initial = isInitial(first, version);
    if (initial) ids.take(ids.number());
    const length = ids.number();
    if (!ids.ok || ids.at + length > end) return BAD;
    const past = ids.at + length;
    if (!initial) return past;
    this.version = quicVersion(version) ?? '';
    return this.#open(bytes.subarray(start, past), ids.at - start, version, id) ? past : BAD;
  }

  /** Opens one Initial packet; false where what it holds cannot be in one. One that these keys do not open is passed over. */
  #open(packet: Uint8Array, numberAt: number, version: number, id: Uint8Array): boolean {
    if (packet.length < numberAt + 4 + TAG) return true;
    const name = `${version} ${Buffer.from(id).toString('hex')}`;
    // After the server's first answer the client names another id, and the keys stay.
    let frames = this.#keys && this.#decrypt(this.#keys, packet, numberAt);
    if (!frames && name !== this.#madeOf && this.#made < MAX_KEYS) {
      this.#made++;
      this.#madeOf = name;
      const keys = initialKeys(version, id);
      frames = keys && this.#decrypt(keys, packet, numberAt);
      if (frames) this.#keys = keys;
    }
    return frames ? this.#frames(frames) : true;
  }

  #decrypt(keys: InitialKeys, packet: Uint8Array, numberAt: number): Uint8Array | undefined {
    const sample = packet.subarray(numberAt + 4, numberAt + 4 + 16);
    if (sample.length < 16) return undefined;
    const mask = headerMask(keys.hp, sample);
    const first = (packet[0] ?? 0) ^ ((mask[0] ?? 0) & 0x0f);
    const length = (first & 3) + 1;
    const header = packet.slice(0, numberAt + length);
    header[0] = first;
    let number = 0;
    for (let i = 0; i < length; i++) {
      const byte = (header[numberAt + i] ?? 0) ^ (mask[1 + i] ?? 0);
      header[numberAt + i] = byte;
      number = number * 256 + byte;
    }
    return openPayload(keys, number, header, packet.subarray(numberAt + length));
  }

  /** Frames that an Initial packet may hold (RFC 9000, 12.4); false where others are there. */
  #frames(bytes: Uint8Array): boolean {
    const r = new Reader(bytes, 0, bytes.length);
    while (r.ok && r.at < r.end) {
      const type = r.u8();
      if (type === FRAME.PADDING || type === FRAME.PING) continue;
      if (type === FRAME.CRYPTO) {
        const offset = r.number();
        const data = r.take(r.number());
        if (!r.ok || !this.crypto.add(offset, data)) return false;
        this.#opened = true;
      } else if (type === FRAME.ACK || type === FRAME.ACK_ECN) skipAck(r, type === FRAME.ACK_ECN);
      else return type === FRAME.CLOSE;
    }
    return r.ok;
  }
}

/** An acknowledgement (RFC 9000, 19.3). */
function skipAck(r: Reader, ecn: boolean): void {
  r.number();
  r.number();
  let ranges = r.number();
  r.number();
  for (; ranges > 0 && r.ok; ranges--) {
    r.number();
    r.number();
  }
  if (!ecn) return;
  r.number();
  r.number();
  r.number();
}

/** A place behind which nothing can be read. */
const BAD = -1;

/** Reads QUIC's numbers; past its end it yields zero and is no more ok. */
class Reader {
  ok = true;
  at: number;
  readonly end: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes;
    this.at = at;
    this.end = end;
  }

  u8(): number {
    if (this.at >= this.end) return this.#fail();
    return this.#bytes[this.at++] ?? 0;
  }

  /** A number of 1, 2, 4 or 8 bytes (RFC 9000, 16). */
  number(): number {
    const first = this.u8();
    let value = first & 0x3f;
    for (let left = (1 << (first >> 6)) - 1; left > 0; left--) value = value * 256 + this.u8();
    return this.ok ? value : 0;
  }

  take(n: number): Uint8Array {
    if (this.end - this.at < n) {
      this.#fail();
      return EMPTY;
    }
    this.at += n;
    return this.#bytes.subarray(this.at - n, this.at);
  }

  #fail(): number {
    this.ok = false;
    this.at = this.end;
    return 0;
  }
}

const EMPTY = new Uint8Array(0);

function u32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0
  );
}
