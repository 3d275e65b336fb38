import type { LRUCache } from 'lru-cache';
import { boundedCache } from '../../core/cache.ts';
import type { HostFact, HostSource } from '../../core/host-fact.ts';
import type { ImObject } from '../../event/eve.ts';
import { hash128 } from '../../event/ids.ts';
import type { ClassifyLimits } from '../limits.ts';
import type { LeaseLog } from './leases.ts';

/** What is known of the client's end of a flow. */
export interface ClientEnd {
  readonly mac?: string;
  readonly name?: string;
}

/** How sure a binding of an address to a machine is: a packet's own sender, a neighbour's word, the server's. */
const RANK = { frame: 1, ptr: 0, arp: 2, nd: 2, dhcp: 3 } as const satisfies Record<
  HostSource | 'frame',
  number
>;

/** What is known of one address. */
interface Place {
  mac: string | undefined;
  rank: number;
  /** Packet time until which the binding holds. */
  until: number;
  readonly names: string[];
}

/** What is known of one link address. */
interface Machine {
  readonly names: string[];
  /** Addresses that it was seen with, as the router test counts them, and when last. */
  readonly seen: Map<string, number>;
  /** It hands on the packets of others until then. */
  routesUntil: number;
}

/** Names of one machine that are told. */
const MAX_NAMES = 4;
/** Seconds within which a machine that uses many addresses is a router. */
const ROUTER_WINDOW = 3_600;
const ROUTER_MEMORY = 86_400;
/** Seconds for which a binding without a lease is believed. */
const BINDING = 14_400;

/**
 * Which machine has an address: by the operator's lease log, DHCP, ARP, neighbour discovery and the sender of the
 * client's own frames. Addresses of one link address are one machine, IPv4 and IPv6 alike. A link address that many
 * addresses share is a router's and says nothing. Bounded; deterministic in the order of what it is told.
 */
export class Hosts {
  readonly #places: LRUCache<string, Place>;
  readonly #machines: LRUCache<string, Machine>;
  /** The operator's log of leases. */
  leases: LeaseLog | undefined;
  readonly #most: number;

  constructor(limits: ClassifyLimits, leases: LeaseLog | undefined) {
    this.#places = boundedCache(limits.hosts);
    this.#machines = boundedCache(limits.hosts);
    this.#most = limits.host_addresses;
    this.leases = leases;
  }

  /** The wire told of a machine. */
  learn({ source, ip, mac, name, lease, released }: HostFact, now: number): void {
    if (released) {
      const place = ip === undefined ? undefined : this.#places.get(ip);
      if (place && place.mac === mac) place.until = now;
      return;
    }
    if (ip !== undefined && mac !== undefined)
      this.#bind(ip, mac, RANK[source], now + (lease ?? BINDING), now);
    if (name === undefined) return;
    if (mac !== undefined) addName(this.#machineOf(mac).names, name);
    else if (ip !== undefined) addName(this.#placeOf(ip).names, name);
  }

  /** A flow of IM has this client. */
  client(ip: string, end: ClientEnd, now: number): void {
    if (end.mac !== undefined) this.#bind(ip, end.mac, RANK.frame, now + BINDING, now);
    if (end.name !== undefined) addName(this.#placeOf(ip).names, end.name);
  }

  /** The machine that has the address now. */
  of(ip: string, now: number): NonNullable<ImObject['host']> {
    const lease = this.leases?.at(ip, now);
    const place = this.#places.get(ip);
    const mac = lease?.mac ?? this.#macOf(place, now);
    const names: string[] = [];
    if (lease?.name !== undefined) addName(names, lease.name);
    for (const name of (mac !== undefined && this.#machines.get(mac)?.names) || []) addName(names, name);
    for (const name of place?.names ?? []) addName(names, name);
    return {
      id: hash128('host', mac ?? ip),
      ...(mac === undefined ? {} : { mac }),
      ...(names.length === 0 ? {} : { names }),
    };
  }

  /** What tells machines apart: the link address, else the address. Costs no hash. */
  key(ip: string, now: number): string {
    return this.leases?.at(ip, now)?.mac ?? this.#macOf(this.#places.get(ip), now) ?? ip;
  }

  /** Who was signed on at the address by the operator's log. */
  userOf(ip: string, now: number): string | undefined {
    return this.leases?.at(ip, now)?.user;
  }

  #macOf(place: Place | undefined, now: number): string | undefined {
    if (place?.mac === undefined || now > place.until) return undefined;
    // A server of DHCP names the machine itself, whoever hands its packets on.
    if (place.rank < RANK.dhcp && (this.#machines.get(place.mac)?.routesUntil ?? 0) > now) return undefined;
    return place.mac;
  }

  #bind(ip: string, mac: string, rank: number, until: number, now: number): void {
    const place = this.#placeOf(ip);
    if (rank < RANK.dhcp) this.#count(this.#machineOf(mac), ip, now);
    if (place.mac !== undefined && place.rank > rank && place.until >= now && place.mac !== mac) return;
    if (place.mac === mac && place.rank >= rank && place.until >= until) return;
    place.rank = place.mac === mac && place.until >= now ? Math.max(place.rank, rank) : rank;
    place.mac = mac;
    place.until = until;
  }

  /** A router is known by the many hosts (IPv4) or networks (IPv6, whose privacy addresses are many) that it speaks for. */
  #count(machine: Machine, ip: string, now: number): void {
    const linkLocal = ip.startsWith('fe80:') || ip.startsWith('169.254.');
    if (linkLocal) return;
    const { seen } = machine;
    seen.set(ip.includes(':') ? prefix64(ip) : ip, now);
    if (seen.size <= this.#most) return;
    for (const [known, at] of seen) if (now - at > ROUTER_WINDOW) seen.delete(known);
    if (seen.size <= this.#most) return;
    machine.routesUntil = now + ROUTER_MEMORY;
    const [oldest] = seen.keys();
    if (oldest !== undefined) seen.delete(oldest);
  }

  #placeOf(ip: string): Place {
    let place = this.#places.get(ip);
    if (!place) this.#places.set(ip, (place = { mac: undefined, rank: 0, until: 0, names: [] }));
    return place;
  }

  #machineOf(mac: string): Machine {
    let machine = this.#machines.get(mac);
    if (!machine) this.#machines.set(mac, (machine = { names: [], seen: new Map(), routesUntil: 0 }));
    return machine;
  }
}

/** The newest names stay. */
function addName(names: string[], name: string): void {
  if (names.includes(name)) return;
  if (names.length >= MAX_NAMES) names.shift();
  names.push(name);
}

/** The first four groups of an IPv6 address as text. */
function prefix64(ip: string): string {
  const [head = '', tail] = ip.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [
    ...left,
    ...new Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'),
    ...right,
  ];
  return `${groups.slice(0, 4).join(':')}/64`;
}
