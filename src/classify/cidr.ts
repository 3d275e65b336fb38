import { isIPv4, isIPv6 } from 'node:net';
import { formatIPv4, formatIPv6 } from '../core/address.ts';

/** An address as 32-bit words: one for IPv4, four for IPv6. IPv4 inside IPv6 (`::ffff:192.0.2.1`) is IPv4. */
type Words = readonly number[];

export interface Network {
  readonly words: Words;
  readonly prefix: number;
}

/** Reads `192.0.2.0/24`, `2001:db8::/32` or a single address; a complaint in words where it is none. */
export function parseNetwork(text: string): Network | string {
  const slash = text.indexOf('/');
  const words = wordsOf(slash < 0 ? text : text.slice(0, slash));
  if (words === undefined) return `"${text}" is no IP address or network`;
  const bits = words.length * 32;
  if (slash < 0) return { words, prefix: bits };
  const digits = text.slice(slash + 1);
  const mapped = bits === 32 && text.includes(':') ? 96 : 0;
  const prefix = /^(?:0|[1-9]\d{0,2})$/.test(digits) ? Number(digits) - mapped : -1;
  if (prefix < 0 || prefix > bits) {
    return `"${text}": the prefix length is to be a whole number from ${mapped} to ${bits + mapped}`;
  }
  const network = maskedWords(words, prefix);
  if (network.some((word, i) => word !== words[i])) {
    return `"${text}" has bits set beyond its prefix; write ${formatWords(network)}/${prefix}`;
  }
  return { words, prefix };
}

/** The address as events write it (IPv4 in IPv6 as IPv4); undefined for what is none. */
export function canonicalAddress(text: string): string | undefined {
  const words = wordsOf(text);
  return words && formatWords(words);
}

/** Addresses and networks to look addresses up in: one hash look-up for each prefix length that occurs. */
export class NetworkSet {
  readonly #v4 = new Map<number, Set<number>>();
  readonly #v6 = new Map<number, Set<string>>();

  constructor(networks: Iterable<Network> = []) {
    for (const { words, prefix } of networks) {
      if (words.length === 1) addTo(this.#v4, prefix, maskedWords(words, prefix)[0] ?? 0);
      else addTo(this.#v6, prefix, maskedWords(words, prefix).join());
    }
  }

  /** True when the address (in text; anything else is in no network) lies in one of the networks. */
  has(address: string): boolean {
    const words = wordsOf(address);
    if (words === undefined) return false;
    if (words.length === 1) {
      for (const [prefix, set] of this.#v4) if (set.has(maskedWords(words, prefix)[0] ?? 0)) return true;
      return false;
    }
    for (const [prefix, set] of this.#v6) if (set.has(maskedWords(words, prefix).join())) return true;
    return false;
  }
}

function addTo<T>(map: Map<number, Set<T>>, prefix: number, key: T): void {
  const set = map.get(prefix);
  if (set) set.add(key);
  else map.set(prefix, new Set([key]));
}

/** The words with all bits beyond the prefix cleared. */
export function maskedWords(words: Words, prefix: number): number[] {
  return words.map((word, i) => {
    const kept = Math.min(32, Math.max(0, prefix - i * 32));
    return kept === 0 ? 0 : (word & (-1 << (32 - kept))) >>> 0;
  });
}

/** An address in text as words; undefined where it is none. */
export function wordsOf(text: string): Words | undefined {
  if (isIPv4(text)) return [wordOfIPv4(text)];
  // A zone (`%eth0`) names an interface of some host; addresses off the wire have none.
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [head = '', tail] = text.split('::');
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const groups = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
  const words: number[] = [];
  for (let i = 0; i < 8; i += 2) words.push((((groups[i] ?? 0) << 16) | (groups[i + 1] ?? 0)) >>> 0);
  const [a, b, c, d = 0] = words;
  return a === 0 && b === 0 && c === 0xffff ? [d] : words;
}

function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const word = wordOfIPv4(group);
    return [word >>> 16, word & 0xffff];
  });
}

function wordOfIPv4(text: string): number {
  return text.split('.').reduce((word, part) => ((word << 8) | Number(part)) >>> 0, 0);
}

function formatWords(words: Words): string {
  const bytes = Uint8Array.from(words.flatMap((w) => [w >>> 24, w >>> 16, w >>> 8, w]));
  return words.length === 1 ? formatIPv4(bytes, 0) : formatIPv6(bytes, 0);
}
