import { foldChecksum, sumWords } from './block.ts';

export const CLIENT = 0;
export const SERVER = 1;
export type Side = typeof CLIENT | typeof SERVER;

export interface Endpoint {
  readonly mac: Uint8Array;
  /** 4 or 16 bytes; both ends of a path have the same family. */
  readonly ip: Uint8Array;
  readonly port: number;
}

const ETHERTYPE = { IPV4: 0x0800, IPV6: 0x86dd, VLAN: 0x8100, SERVICE_VLAN: 0x88a8 } as const;
export const PROTOCOL = { TCP: 6, UDP: 17 } as const;

/** Everything below the transport header between two ends: Ethernet, VLAN tags, IPv4 or IPv6. */
export class Path {
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly isV6: boolean;
  readonly isTagged: boolean;
  /** Bytes before the transport header. */
  readonly headerLength: number;
  /** Sum of the pseudo header's addresses and protocol (RFC 9293, section 3.1; RFC 8200, section 8.1). */
  readonly pseudoSum: number;
  private readonly linkLength: number;
  private readonly headers: readonly [Uint8Array, Uint8Array];
  private readonly headerSums: readonly [number, number];
  private identification: number;

  constructor(client: Endpoint, server: Endpoint, protocol: number, vlans: readonly number[]) {
    this.client = client;
    this.server = server;
    this.isV6 = client.ip.length === 16;
    this.isTagged = vlans.length > 0;
    this.linkLength = 14 + vlans.length * 4;
    this.headerLength = this.linkLength + (this.isV6 ? 40 : 20);
    this.headers = [
      this.template(client, server, protocol, vlans, 64),
      this.template(server, client, protocol, vlans, 52),
    ];
    this.headerSums = [
      sumWords(this.headers[CLIENT], this.linkLength, this.headerLength),
      sumWords(this.headers[SERVER], this.linkLength, this.headerLength),
    ];
    this.pseudoSum =
      sumWords(client.ip, 0, client.ip.length) + sumWords(server.ip, 0, server.ip.length) + protocol;
    this.identification = (client.port * 31) & 0xffff;
  }

  /** Writes the headers of a packet with `length` bytes of transport; returns where the transport header goes. */
  write(out: Uint8Array, at: number, from: Side, length: number): number {
    out.set(this.headers[from], at);
    const ip = at + this.linkLength;
    if (this.isV6) {
      out[ip + 4] = length >>> 8;
      out[ip + 5] = length;
      return ip + 40;
    }
    const total = length + 20;
    this.identification = (this.identification + 1) & 0xffff;
    const checksum = foldChecksum(this.headerSums[from] + total + this.identification);
    out[ip + 2] = total >>> 8;
    out[ip + 3] = total;
    out[ip + 4] = this.identification >>> 8;
    out[ip + 5] = this.identification;
    out[ip + 10] = checksum >>> 8;
    out[ip + 11] = checksum;
    return ip + 20;
  }

  private template(
    from: Endpoint,
    to: Endpoint,
    protocol: number,
    vlans: readonly number[],
    hops: number,
  ): Uint8Array {
    const out = new Uint8Array(this.headerLength);
    const view = new DataView(out.buffer);
    out.set(to.mac, 0);
    out.set(from.mac, 6);
    vlans.forEach((vlan, i) => {
      const outer = vlans.length > 1 && i === 0;
      view.setUint16(12 + i * 4, outer ? ETHERTYPE.SERVICE_VLAN : ETHERTYPE.VLAN);
      view.setUint16(14 + i * 4, vlan);
    });
    const ip = this.linkLength;
    view.setUint16(ip - 2, this.isV6 ? ETHERTYPE.IPV6 : ETHERTYPE.IPV4);
    if (this.isV6) {
      out[ip] = 0x60;
      out[ip + 6] = protocol;
      out[ip + 7] = hops;
      out.set(from.ip, ip + 8);
      out.set(to.ip, ip + 24);
    } else {
      out[ip] = 0x45;
      out[ip + 6] = 0x40; // don't fragment
      out[ip + 8] = hops;
      out[ip + 9] = protocol;
      out.set(from.ip, ip + 12);
      out.set(to.ip, ip + 16);
    }
    return out;
  }
}
