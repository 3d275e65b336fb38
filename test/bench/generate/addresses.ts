import { Path, PROTOCOL, type Endpoint } from './path.ts';
import type { Random } from './random.ts';

const CLIENTS = 4000;
const TAGGED_SHARE = 0.15;
const DOUBLE_TAGGED_SHARE = 0.01;
const IPV6_SHARE = 0.1;
/** Segments of the inside network that are tagged, one VLAN a segment. */
const VLANS = 8;
const ROUTER_MAC = Uint8Array.of(0x02, 0x00, 0x5e, 0x00, 0x01, 0x01);

/** Where a server stands: a block of addresses of its own (RFC 2544's and RFC 5737's, which belong to nobody). */
export const SERVERS = { WEB: 0, NAMES: 1, MAIL: 2, DATABASE: 3, IM: 4, ANY: 5 } as const;

export interface PathWish {
  readonly servers: number;
  /** Which server of the block. */
  readonly index: number;
  readonly port: number;
  readonly protocol?: number;
  /** Keep this inside host (a number that `client` gave) and IPv4. */
  readonly host?: number;
  readonly v4?: boolean;
}

/** Hands out the paths of flows: inside hosts, outside servers, VLANs, and source ports in turn. */
export class Addresses {
  private readonly random: Random;
  private nextPort = 0;

  constructor(random: Random) {
    this.random = random;
  }

  /** One of the inside hosts. */
  host(): number {
    return this.random.below(CLIENTS);
  }

  path(wish: PathWish): Path {
    const host = wish.host ?? this.host();
    const v6 = this.random.chance(IPV6_SHARE) && wish.v4 !== true;
    const client: Endpoint = { mac: hostMac(host), ip: hostIp(host, v6), port: this.port() };
    const server: Endpoint = { mac: ROUTER_MAC, ip: serverIp(wish.servers, wish.index, v6), port: wish.port };
    return new Path(client, server, wish.protocol ?? PROTOCOL.TCP, vlansOf(host));
  }

  private port(): number {
    this.nextPort = (this.nextPort + 1) % 28_000;
    return 32_768 + this.nextPort;
  }
}

/** The text form of an IPv4 server's address. */
export function serverText(servers: number, index: number): string {
  return serverIp(servers, index, false).join('.');
}

export function hostText(host: number): string {
  return hostIp(host, false).join('.');
}

function hostMac(host: number): Uint8Array {
  return Uint8Array.of(0x02, 0x00, 0x00, 0x20, host >> 8, host);
}

function hostIp(host: number, v6: boolean): Uint8Array {
  return v6 ? documentationIp(0x20, host) : Uint8Array.of(10, 20, host >> 8, host);
}

function serverIp(servers: number, index: number, v6: boolean): Uint8Array {
  if (v6) return documentationIp(0x100 + servers, index);
  if (servers === SERVERS.IM) return Uint8Array.of(203, 0, 113, 1 + (index % 250));
  return Uint8Array.of(198, 18 + (servers & 1), (servers << 5) | ((index >> 8) & 31), index);
}

/** 2001:db8:SUBNET::HOST (RFC 3849). */
function documentationIp(subnet: number, host: number): Uint8Array {
  const ip = new Uint8Array(16);
  const view = new DataView(ip.buffer);
  view.setUint32(0, 0x20010db8);
  view.setUint16(4, subnet);
  view.setUint16(14, host & 0xffff);
  return ip;
}

function vlansOf(host: number): readonly number[] {
  if (host < CLIENTS * DOUBLE_TAGGED_SHARE) return [900, 100 + (host % VLANS)];
  return host < CLIENTS * TAGGED_SHARE ? [100 + (host % VLANS)] : [];
}
