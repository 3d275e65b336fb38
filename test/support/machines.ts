/** Frames by which machines tell who they are: ARP, neighbour discovery, DHCP, DHCPv6, reverse DNS. */
import { joinBytes } from '../../src/core/bytes.ts';
import { addressBytes, udpFrame } from './packets.ts';

const GROUP = 'ff:ff:ff:ff:ff:ff';

export function macBytes(mac: string): Uint8Array {
  return Uint8Array.from(mac.split(':').map((digits) => Number.parseInt(digits, 16)));
}

/** The same frame as sent by the machine of that link address. */
export function sentBy(mac: string, frame: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(frame);
  copy.set(macBytes(mac), 6);
  return copy;
}

/** An ARP request (1) or reply (2) by `mac` for its own address (RFC 826). */
export function arpFrame(mac: string, ip: string, operation = 2, tag = new Uint8Array(0)): Uint8Array {
  const body = [0, 1, 8, 0, 6, 4, 0, operation];
  return joinBytes(
    ...[macBytes(GROUP), macBytes(mac), tag, Uint8Array.of(8, 6), Uint8Array.from(body)],
    ...[macBytes(mac), addressBytes(ip), new Uint8Array(6), addressBytes('10.0.0.1')],
  );
}

/** A neighbour solicitation (135) or advertisement (136) by `mac` (RFC 4861, 4.3 and 4.4). */
export function neighbourFrame(mac: string, ip: string, type: 135 | 136, hops = 255): Uint8Array {
  const option = joinBytes(Uint8Array.of(type === 135 ? 1 : 2, 1), macBytes(mac));
  const target = addressBytes(type === 135 ? '2001:db8::1' : ip);
  const message = joinBytes(Uint8Array.of(type, 0, 0, 0, 0, 0, 0, 0), target, option);
  const head = Uint8Array.of(0x60, 0, 0, 0, 0, message.length, 58, hops);
  return joinBytes(
    ...[macBytes(GROUP), macBytes(mac), Uint8Array.of(0x86, 0xdd), head],
    ...[addressBytes(ip), addressBytes('ff02::1'), message],
  );
}

/** Option codes of DHCP and their data. */
type Options = readonly (readonly [code: number, data: Uint8Array])[];

/** A DHCP message of a type to the client `mac` (RFC 2131, 2); `own` and `given`: its address before, and the new one. */
export function dhcpFrame(
  mac: string,
  type: number,
  addresses: { own?: string; given?: string },
  options: Options,
): Uint8Array {
  const fixed = new Uint8Array(240);
  fixed.set([type === 5 ? 2 : 1, 1, 6]);
  if (addresses.own !== undefined) fixed.set(addressBytes(addresses.own), 12);
  if (addresses.given !== undefined) fixed.set(addressBytes(addresses.given), 16);
  fixed.set(macBytes(mac), 28);
  fixed.set([0x63, 0x82, 0x53, 0x63], 236);
  const all: Options = [[53, Uint8Array.of(type)], ...options];
  const packed = all.map(([code, data]) => joinBytes(Uint8Array.of(code, data.length), data));
  return udpFrame(
    { ip: '10.0.0.1', port: type === 5 ? 67 : 68 },
    { ip: '10.0.0.9', port: type === 5 ? 68 : 67 },
    joinBytes(fixed, ...packed, Uint8Array.of(255)),
  );
}

export function option6(code: number, ...data: Uint8Array[]): Uint8Array {
  const body = joinBytes(...data);
  return joinBytes(Uint8Array.of(code >> 8, code & 255, body.length >> 8, body.length & 255), body);
}

/** A DHCPv6 reply (RFC 8415) that leases an address to `mac` for so many seconds; `name` in labels (RFC 4704). */
export function dhcp6Reply(mac: string, ip: string, seconds: number, name: string): Uint8Array {
  const client = option6(1, Uint8Array.of(0, 3, 0, 1), macBytes(mac));
  const lease = Uint8Array.of(0, 0, seconds >> 8, seconds & 255);
  const address = option6(5, addressBytes(ip), lease, lease);
  return joinBytes(
    ...[Uint8Array.of(7, 1, 2, 3), client, option6(3, new Uint8Array(12), address)],
    option6(39, Uint8Array.of(1), labels(name)),
  );
}

/** The message within that of a relay (RFC 8415, 9). */
export function relayed(message: Uint8Array): Uint8Array {
  return joinBytes(Uint8Array.of(13), new Uint8Array(33), option6(9, message));
}

export function dhcp6Frame(message: Uint8Array): Uint8Array {
  return udpFrame({ ip: 'fe80::1', port: 547 }, { ip: 'fe80::2', port: 546 }, message);
}

/** An answer of DNS to a reverse question (RFC 1035, 3.5), its owner a pointer to the question. */
export function pointerFrame(reverse: string, name: string): Uint8Array {
  const head = Uint8Array.of(0, 7, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0);
  const question = joinBytes(labels(reverse), Uint8Array.of(0, 0, 12, 0, 1));
  const data = joinBytes(labels(name), Uint8Array.of(0));
  const answer = Uint8Array.of(0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60, 0, data.length);
  const message = joinBytes(head, question, answer, data);
  return udpFrame({ ip: '10.0.0.1', port: 53 }, { ip: '10.0.0.9', port: 40_000 }, message);
}

/** Labels behind their lengths, without the root. */
export function labels(name: string): Uint8Array {
  return joinBytes(...name.split('.').map((label) => joinBytes(Uint8Array.of(label.length), label)));
}
