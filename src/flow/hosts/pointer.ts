import { formatIPv6 } from '../../core/address.ts';
import type { HostFact } from '../../core/host-fact.ts';
import { pastDnsName } from '../../core/dns-name.ts';
import { endOfLabels, isAnswer } from '../dns.ts';
import { dnsName } from './host-name.ts';

const HEADER = 12;
const TYPE_PTR = 12;
const MAX_RECORDS = 16;

/** The address and name that an answer of DNS to a reverse question tells (RFC 1035, 3.5; RFC 3596, 2.5). */
export function readPointer(bytes: Uint8Array, start: number, end: number): HostFact | undefined {
  if (end - start < HEADER + 5 || !isAnswer(bytes, start)) return undefined;
  const question = start + HEADER;
  const behind = endOfLabels(bytes, question, end);
  if (behind <= question || behind + 5 > end || u16(bytes, behind + 1) !== TYPE_PTR) return undefined;
  const asked = dnsName(bytes, question, end, start);
  const ip = asked === undefined ? undefined : addressOfReverse(asked);
  if (ip === undefined) return undefined;
  let at = behind + 5;
  for (let left = Math.min(u16(bytes, start + 6), MAX_RECORDS); left > 0; left--) {
    at = pastDnsName(bytes, at, end);
    if (at < 0 || at + 10 > end) return undefined;
    const data = at + 10;
    const to = data + u16(bytes, at + 8);
    if (to > end) return undefined;
    if (u16(bytes, at) === TYPE_PTR && u16(bytes, at + 2) === 1) {
      const name = dnsName(bytes, data, to, start);
      return name === undefined ? undefined : { source: 'ptr', ip, name };
    }
    at = to;
  }
  return undefined;
}

function addressOfReverse(name: string): string | undefined {
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/.exec(name);
  if (four) {
    const bytes = four.slice(1, 5).map(Number).reverse();
    return bytes.every((byte) => byte <= 255) ? bytes.join('.') : undefined;
  }
  if (!/^(?:[0-9a-f]\.){32}ip6\.arpa$/.test(name)) return undefined;
  const digits = [...name.slice(0, 64).replaceAll('.', '')].reverse().join('');
  return formatIPv6(Uint8Array.from(Buffer.from(digits, 'hex')), 0);
}

function u16(b: Uint8Array, at: number): number {
  return ((b[at] ?? 0) << 8) | (b[at + 1] ?? 0);
}
