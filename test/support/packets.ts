/** Packets for tests and capture generators: Ethernet, IPv4 or IPv6, TCP or UDP, with right checksums. */

export interface Endpoint {
  ip: string;
  port: number;
}

export interface Packet {
  seconds: number;
  nanos: number;
  bytes: Uint8Array;
}

export interface TcpFields {
  seq: number;
  ack?: number;
  flags: number;
  payload?: Uint8Array;
  window?: number;
}

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;

/** A TCP segment in an Ethernet frame. */
export function tcpFrame(from: Endpoint, to: Endpoint, fields: TcpFields): Uint8Array {
  const payload = fields.payload ?? new Uint8Array(0);
  const segment = Buffer.alloc(20 + payload.length);
  segment.writeUInt16BE(from.port, 0);
  segment.writeUInt16BE(to.port, 2);
  segment.writeUInt32BE(fields.seq >>> 0, 4);
  segment.writeUInt32BE((fields.ack ?? 0) >>> 0, 8);
  segment[12] = 5 << 4;
  segment[13] = fields.flags;
  segment.writeUInt16BE(fields.window ?? 65_535, 14);
  segment.set(payload, 20);
  return ipFrame(from.ip, to.ip, 6, segment, 16);
}

/** A UDP datagram in an Ethernet frame. */
export function udpFrame(from: Endpoint, to: Endpoint, payload: Uint8Array): Uint8Array {
  const datagram = Buffer.alloc(8 + payload.length);
  datagram.writeUInt16BE(from.port, 0);
  datagram.writeUInt16BE(to.port, 2);
  datagram.writeUInt16BE(datagram.length, 4);
  datagram.set(payload, 8);
  return ipFrame(from.ip, to.ip, 17, datagram, 6);
}

/** An IP packet in an Ethernet frame; the transport checksum at `checksumAt` is filled in. */
function ipFrame(
  source: string,
  destination: string,
  protocol: number,
  segment: Buffer,
  checksumAt: number,
): Uint8Array {
  const s = addressBytes(source);
  const d = addressBytes(destination);
  const pseudo = Buffer.alloc(s.length * 2 + 8);
  pseudo.set(s, 0);
  pseudo.set(d, s.length);
  pseudo.writeUInt16BE(segment.length, s.length * 2 + 2);
  pseudo[s.length * 2 + 7] = protocol;
  segment.writeUInt16BE(checksum(Buffer.concat([pseudo, segment])), checksumAt);
  const head =
    s.length === 4 ? ipv4Header(s, d, protocol, segment.length) : ipv6Header(s, d, protocol, segment.length);
  const ethernet = Buffer.from([
    2,
    0,
    0,
    0,
    0,
    1,
    2,
    0,
    0,
    0,
    0,
    2,
    ...(s.length === 4 ? [8, 0] : [0x86, 0xdd]),
  ]);
  return Buffer.concat([ethernet, head, segment]);
}

function ipv4Header(s: Uint8Array, d: Uint8Array, protocol: number, length: number): Buffer {
  const head = Buffer.alloc(20);
  head[0] = 0x45;
  head.writeUInt16BE(20 + length, 2);
  head[8] = 64;
  head[9] = protocol;
  head.set(s, 12);
  head.set(d, 16);
  head.writeUInt16BE(checksum(head), 10);
  return head;
}

function ipv6Header(s: Uint8Array, d: Uint8Array, protocol: number, length: number): Buffer {
  const head = Buffer.alloc(40);
  head[0] = 0x60;
  head.writeUInt16BE(length, 4);
  head[6] = protocol;
  head[7] = 64;
  head.set(s, 8);
  head.set(d, 24);
  return head;
}

/** The Internet checksum (RFC 1071). */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Dotted IPv4, or IPv6 with at most one `::`. */
export function addressBytes(address: string): Uint8Array {
  if (!address.includes(':')) return Uint8Array.from(address.split('.').map(Number));
  const [left = '', right] = address.split('::');
  const words = (text: string | undefined): number[] =>
    text ? text.split(':').map((w) => Number.parseInt(w, 16)) : [];
  const head = words(left);
  const tail = words(right);
  const all =
    right === undefined
      ? head
      : [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
  return Uint8Array.from(all.flatMap((w) => [w >> 8, w & 0xff]));
}

export interface ConversationOptions {
  client?: Endpoint;
  server?: Endpoint;
  /** Initial sequence numbers. */
  clientSeq?: number;
  serverSeq?: number;
  /** Of the first packet. */
  seconds?: number;
  /** Between packets. */
  stepNanos?: number;
}

/** One TCP connection, packet by packet. */
export class Conversation {
  readonly packets: Packet[] = [];
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly #seq: [number, number];
  #seconds: number;
  #nanos = 0;
  readonly #step: number;

  constructor(options: ConversationOptions = {}) {
    this.client = options.client ?? { ip: '192.0.2.10', port: 49_152 };
    this.server = options.server ?? { ip: '198.51.100.20', port: 5190 };
    this.#seq = [options.clientSeq ?? 1_000, options.serverSeq ?? 5_000_000];
    this.#seconds = options.seconds ?? 1_110_290_591;
    this.#step = options.stepNanos ?? 10_000_000;
  }

  open(): this {
    this.#segment(0, SYN);
    this.#seq[0]++;
    this.#segment(1, SYN | ACK);
    this.#seq[1]++;
    this.#segment(0, ACK);
    return this;
  }

  /** Bytes of a direction (0 from the client), cut into segments of at most `mss`. */
  send(direction: 0 | 1, bytes: Uint8Array, mss = 1_460): this {
    for (let at = 0; at < bytes.length; at += mss) {
      const payload = bytes.slice(at, at + mss);
      this.#segment(direction, PSH | ACK, payload);
      this.#seq[direction] += payload.length;
      this.#segment(direction === 0 ? 1 : 0, ACK);
    }
    return this;
  }

  /** The time of the next packet. */
  setTime(seconds: number, nanos: number): this {
    this.#seconds = seconds;
    this.#nanos = nanos;
    return this;
  }

  /** Lets packet time pass. */
  wait(seconds: number): this {
    this.#seconds += seconds;
    return this;
  }

  close(): this {
    this.#segment(0, FIN | ACK);
    this.#seq[0]++;
    this.#segment(1, FIN | ACK);
    this.#seq[1]++;
    this.#segment(0, ACK);
    return this;
  }

  reset(direction: 0 | 1): this {
    this.#segment(direction, RST);
    return this;
  }

  #segment(direction: 0 | 1, flags: number, payload?: Uint8Array): void {
    const [from, to] = direction === 0 ? [this.client, this.server] : [this.server, this.client];
    const bytes = tcpFrame(from, to, {
      seq: this.#seq[direction],
      ack: flags & ACK ? this.#seq[direction === 0 ? 1 : 0] : 0,
      flags,
      ...(payload ? { payload } : {}),
    });
    this.packets.push({ seconds: this.#seconds, nanos: this.#nanos, bytes });
    this.#nanos += this.#step;
    if (this.#nanos >= 1e9) {
      this.#nanos -= 1e9;
      this.#seconds++;
    }
  }
}

/** A pcap (microseconds, little-endian, Ethernet) of the packets. */
export function pcapOf(packets: readonly Packet[], linkType = 1): Uint8Array {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(262_144, 16);
  head.writeUInt32LE(linkType, 20);
  const records = packets.map(({ seconds, nanos, bytes }) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(seconds, 0);
    record.writeUInt32LE(Math.floor(nanos / 1000), 4);
    record.writeUInt32LE(bytes.length, 8);
    record.writeUInt32LE(bytes.length, 12);
    return Buffer.concat([record, bytes]);
  });
  return Buffer.concat([head, ...records]);
}
