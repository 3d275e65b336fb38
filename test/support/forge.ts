import { ACK, PSH, tcpFrame } from './packets.ts';
import type { Endpoint, Packet } from './packets.ts';

/** What a forger can set of a segment beside its place and bytes. */
export interface Forged {
  flags?: number;
  ack?: number;
  ttl?: number;
  /** IP identification. */
  id?: number;
  urgent?: number;
  /** The transport checksum is made wrong. */
  wrong?: boolean;
  window?: number;
  options?: Uint8Array;
}

export const URG = 0x20;

const IP = 14;
const TCP = IP + 20;

/** Both ends of a connection whose packets are written one by one, at any place of their streams. */
export class Forger {
  readonly client: Endpoint = { ip: '192.0.2.10', port: 49_152 };
  readonly server: Endpoint = { ip: '198.51.100.20', port: 5190 };
  readonly packets: Packet[] = [];
  /** Initial sequence numbers. */
  readonly first = [1_000, 5_000_000] as const;
  /** Milliseconds since the first packet. */
  ms = 0;
  #id = 1;

  /** A packet of direction `d` whose first byte is the stream's `place`-th; every millisecond one. */
  put(d: 0 | 1, place: number, text: string, set: Forged = {}): this {
    const [from, to] = d === 0 ? [this.client, this.server] : [this.server, this.client];
    const bytes = tcpFrame(from, to, {
      seq: (this.first[d] ?? 0) + 1 + place,
      ack: (this.first[d === 0 ? 1 : 0] ?? 0) + 1 + (set.ack ?? 0),
      flags: set.flags ?? PSH | ACK,
      payload: Buffer.from(text, 'latin1'),
      ...(set.window === undefined ? {} : { window: set.window }),
      ...(set.options === undefined ? {} : { options: set.options }),
    });
    const b = Buffer.from(bytes);
    b.writeUInt16BE(set.id ?? this.#id++, IP + 4);
    b[IP + 8] = set.ttl ?? 64;
    b.writeUInt16BE(0, IP + 10);
    b.writeUInt16BE(complement(b.subarray(IP, TCP)), IP + 10);
    if (set.urgent !== undefined) {
      // The pointer changes the sum by itself.
      b.writeUInt16BE(set.urgent, TCP + 18);
      const sum = (~b.readUInt16BE(TCP + 16) & 0xffff) + set.urgent;
      b.writeUInt16BE(~((sum & 0xffff) + (sum >>> 16)) & 0xffff, TCP + 16);
    }
    if (set.wrong) b.writeUInt16BE(b.readUInt16BE(TCP + 16) ^ 0x5555, TCP + 16);
    this.packets.push(this.#at(b));
    this.ms++;
    return this;
  }

  open(): this {
    this.put(0, -1, '', { flags: 2, ack: -this.first[1] - 1 });
    this.put(1, -1, '', { flags: 0x12 });
    return this.put(0, 0, '', { flags: ACK });
  }

  /** The receiver of direction `d` acknowledges up to `place`. */
  acked(d: 0 | 1, place: number): this {
    const other = d === 0 ? 1 : 0;
    const sent = other === 0 ? this.sent[0] : this.sent[1];
    return this.put(other, sent, '', { flags: ACK, ack: place });
  }

  /** Where the acknowledging side stands; set by a test that lets it speak. */
  readonly sent: [number, number] = [0, 0];

  /** The last packet comes once more. */
  again(change: (bytes: Uint8Array) => void = () => undefined, afterMs = 0): this {
    const last = this.packets.at(-1);
    if (!last) return this;
    const bytes = Uint8Array.from(last.bytes);
    change(bytes);
    this.ms += afterMs;
    this.packets.push({ ...this.#at(bytes), bytes });
    return this;
  }

  wait(ms: number): this {
    this.ms += ms;
    return this;
  }

  #at(bytes: Uint8Array): Packet {
    const seconds = 1_110_290_591 + Math.floor(this.ms / 1000);
    return { seconds, nanos: (this.ms % 1000) * 1_000_000, bytes };
  }
}

/** The Internet checksum of a header whose own field is zero. */
function complement(header: Buffer): number {
  let sum = 0;
  for (let i = 0; i < header.length; i += 2) sum += header.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
