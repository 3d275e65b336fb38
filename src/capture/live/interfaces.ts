import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { runTool } from './run-tool.ts';

/** A network interface as the operator needs to know it. */
export interface InterfaceInfo {
  readonly name: string;
  /** `up`, `down`, `no carrier`, or `unknown` where the system does not say. */
  readonly state: 'up' | 'down' | 'no carrier' | 'unknown';
  /** `ethernet`, `loopback`, `none` (IP without a link layer), `any`, or the number that Linux gives to it. */
  readonly link: string;
  readonly addresses: readonly string[];
  readonly mac?: string;
  /** Mbit/s, where it is known. */
  readonly speed?: number;
  readonly promiscuous?: boolean;
  /** Packets that it has received since it exists. */
  readonly received?: number;
}

const SYS = '/sys/class/net';
const IFF_UP = 0x1;
const IFF_PROMISC = 0x100;
/** ARPHRD_ numbers (linux/if_arp.h). */
const LINKS: Readonly<Record<string, string>> = { 1: 'ethernet', 772: 'loopback', 65534: 'none' };

/** All interfaces, by name; on Linux the pseudo-interface `any` last. */
export async function listInterfaces(sys = SYS): Promise<InterfaceInfo[]> {
  const addresses = addressesByName();
  if (!existsSync(sys)) return listByTool(addresses);
  const names = readdirSync(sys).filter((name) => existsSync(join(sys, name, 'flags')));
  const found = names.sort().map((name) => read(sys, name, addresses.get(name) ?? []));
  return [...found, { name: 'any', state: 'up', link: 'any', addresses: [] }];
}

/** One interface on Linux; undefined where it is not there. */
export function interfaceNow(name: string, sys = SYS): InterfaceInfo | undefined {
  if (!isName(name) || !existsSync(join(sys, name, 'flags'))) return undefined;
  return read(sys, name, []);
}

/** Whether the interface is there; true where that cannot be known. */
export function isThere(name: string, sys = SYS): boolean {
  return name === 'any' || !existsSync(sys) || !isName(name) || existsSync(join(sys, name));
}

/** No name that leaves the folder. */
function isName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/');
}

function read(sys: string, name: string, addresses: readonly string[]): InterfaceInfo {
  const file = (leaf: string): string | undefined => textOf(join(sys, name, leaf));
  const flags = Number(file('flags') ?? 0);
  const type = file('type') ?? '';
  const mac = file('address');
  const speed = Number(file('speed') ?? -1);
  const received = Number(file('statistics/rx_packets') ?? NaN);
  return {
    name,
    state: (flags & IFF_UP) === 0 ? 'down' : file('carrier') === '0' ? 'no carrier' : 'up',
    link: LINKS[type] ?? (type === '' ? 'unknown' : type),
    addresses,
    ...(mac !== undefined && mac !== '' && !/^[0:]*$/.test(mac) ? { mac } : {}),
    ...(speed > 0 ? { speed } : {}),
    promiscuous: (flags & IFF_PROMISC) !== 0,
    ...(Number.isFinite(received) ? { received } : {}),
  };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // Some of them cannot be read while the interface is down.
    return undefined;
  }
}

function addressesByName(): Map<string, string[]> {
  const all = new Map<string, string[]>();
  for (const [name, of] of Object.entries(networkInterfaces()))
    all.set(
      name,
      (of ?? []).map((address) => address.cidr ?? address.address),
    );
  return all;
}

/** Where there is no /sys: what tcpdump or dumpcap lists, else only those with addresses. */
async function listByTool(addresses: ReadonlyMap<string, readonly string[]>): Promise<InterfaceInfo[]> {
  for (const tool of ['tcpdump', 'dumpcap']) {
    const { status, text } = await runTool(tool, ['-D']);
    const found = status === 0 ? parseDeviceList(text) : [];
    if (found.length > 0)
      return found.map((each) => ({ ...each, addresses: addresses.get(each.name) ?? [] }));
  }
  return [...addresses].map(([name, of]) => ({ name, state: 'unknown', link: 'unknown', addresses: of }));
}

/** Lines of `tcpdump -D`: `1.en0 (Wi-Fi) [Up, Running]`, of `dumpcap -D`: `1. en0 (Wi-Fi)`. */
export function parseDeviceList(text: string): InterfaceInfo[] {
  return text.split('\n').flatMap((line): InterfaceInfo[] => {
    const [, name, rest = ''] = /^\d+\. ?(\S+)(.*)$/.exec(line.trim()) ?? [];
    if (name === undefined) return [];
    const flags = /\[(.*)\]/.exec(rest)?.[1]?.toLowerCase();
    const state = flags === undefined ? 'unknown' : /\bup\b/.test(flags) ? 'up' : 'down';
    const link = name === 'any' ? 'any' : /loopback/.test(flags ?? '') ? 'loopback' : 'unknown';
    return [{ name, state, link, addresses: [] }];
  });
}
