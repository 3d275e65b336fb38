import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  arpFrame,
  dhcp6Frame,
  dhcp6Reply,
  dhcpFrame,
  labels,
  neighbourFrame,
  pointerFrame,
  relayed,
  sentBy,
} from '../../../test/support/machines.ts';
import { joinBytes } from '../../core/bytes.ts';
import type { HostFact } from '../../core/host-fact.ts';
import { decodeFrame, LINK } from '../../decode/link.ts';
import { DECODE } from '../../decode/result.ts';
import { PacketView } from '../../decode/view.ts';
import { HostWatch, isDhcpPort } from './host-watch.ts';

const MAC = '02:00:00:00:00:05';
const OTHER = '02:00:00:00:00:06';
const LEASE = Uint8Array.of(0, 0, 2, 88);
const NAME = joinBytes('PC5');
const REVERSE6 = `${'5.0.0.0.'.padEnd(48, '0.')}8.b.d.0.1.0.0.2.ip6.arpa`;

/** What the frames tell, as the pipeline asks. */
function told(frames: readonly Uint8Array[], seconds: (n: number) => number = () => 1): HostFact[] {
  const facts: HostFact[] = [];
  const watch = new HostWatch((fact) => facts.push(fact));
  const view = new PacketView();
  for (const [n, bytes] of frames.entries()) {
    const result = decodeFrame(view, bytes, 0, bytes.length, bytes.length, LINK.ETHERNET);
    if (result === DECODE.NOT_IP) watch.frame(bytes, 0, bytes.length, seconds(n));
    else if (result === DECODE.OTHER_TRANSPORT) watch.other(view, bytes.length, seconds(n));
    else if (result !== DECODE.UDP) continue;
    else if (view.sourcePort === 53) watch.dns(view, seconds(n));
    else if (isDhcpPort(view.destinationPort)) watch.dhcp(view, seconds(n));
  }
  return facts;
}

const ack = dhcpFrame(MAC, 5, { given: '10.0.0.5' }, [
  [51, LEASE],
  [12, NAME],
]);
const reply = dhcp6Reply(MAC, '2001:db8::5', 600, 'pc5.corp.example');

/** One frame of each kind, and what it tells. */
const FRAMES: [string, Uint8Array, HostFact[]][] = [
  ['ARP reply', arpFrame(MAC, '10.0.0.5'), [{ source: 'arp', ip: '10.0.0.5', mac: MAC }]],
  ['ARP request', arpFrame(MAC, '10.0.0.5', 1), [{ source: 'arp', ip: '10.0.0.5', mac: MAC }]],
  [
    'ARP in a VLAN',
    arpFrame(MAC, '10.0.0.5', 2, Uint8Array.of(0x81, 0, 0, 7)),
    [{ source: 'arp', ip: '10.0.0.5', mac: MAC }],
  ],
  ...([135, 136] as const).map((type): [string, Uint8Array, HostFact[]] => [
    `neighbour discovery ${type}`,
    neighbourFrame(MAC, '2001:db8::5', type),
    [{ source: 'nd', ip: '2001:db8::5', mac: MAC }],
  ]),
  ['DHCP ACK', ack, [{ source: 'dhcp', ip: '10.0.0.5', mac: MAC, name: 'pc5', lease: 600 }]],
  [
    'DHCP REQUEST',
    dhcpFrame(MAC, 3, {}, [[81, joinBytes(Uint8Array.of(4, 0, 0), labels('pc5.corp.example'))]]),
    [{ source: 'dhcp', mac: MAC, name: 'pc5.corp.example' }],
  ],
  [
    'DHCP RELEASE',
    dhcpFrame(MAC, 7, { own: '10.0.0.5' }, []),
    [{ source: 'dhcp', ip: '10.0.0.5', mac: MAC, released: true }],
  ],
  [
    'DHCP INFORM',
    dhcpFrame(MAC, 8, { own: '10.0.0.5' }, [[12, NAME]]),
    [{ source: 'dhcp', ip: '10.0.0.5', mac: MAC, name: 'pc5' }],
  ],
  ...[reply, relayed(reply)].map((message, relays): [string, Uint8Array, HostFact[]] => [
    `DHCPv6 reply through ${relays} relays`,
    dhcp6Frame(message),
    [{ source: 'dhcp', ip: '2001:db8::5', mac: MAC, name: 'pc5.corp.example', lease: 600 }],
  ]),
  [
    'reverse DNS, IPv4',
    pointerFrame('5.0.0.10.in-addr.arpa', 'PC5.corp.example'),
    [{ source: 'ptr', ip: '10.0.0.5', name: 'pc5.corp.example' }],
  ],
  [
    'reverse DNS, IPv6',
    pointerFrame(REVERSE6, 'pc5.corp.example'),
    [{ source: 'ptr', ip: '2001:db8::5', name: 'pc5.corp.example' }],
  ],
];

describe.each(FRAMES)('%s', (_what, frame, facts) => {
  test('tells of the machine', () => {
    expect(told([frame])).toEqual(facts);
  });

  test('cut anywhere it tells nothing that the whole one does not', () => {
    const [whole] = facts;
    for (let length = 0; length < frame.length; length++)
      for (const fact of told([frame.slice(0, length)]))
        // A name or the lease may be lost with the end, an address never changes.
        expect({ ...whole, ...fact }).toEqual(whole);
  });

  test('changed anywhere it tells only whole and usual facts', () => {
    const change = fc.tuple(fc.nat(frame.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const copy = Uint8Array.from(frame);
        for (const [at, byte] of changes) copy[at] = byte;
        for (const { ip, mac, name, lease } of told([copy])) {
          expect(ip ?? '::').toMatch(/^[0-9a-f.:]+$/);
          expect(mac ?? MAC).toMatch(/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/);
          expect(name ?? 'x').toMatch(/^[a-z0-9_.-]{1,253}$/);
          expect(lease ?? 0).toBeLessThan(2 ** 32);
        }
      }),
      { numRuns: 400 },
    );
  });
});

test.each<[string, Uint8Array]>([
  ['ARP for somebody else', sentBy(OTHER, arpFrame(MAC, '10.0.0.5'))],
  ['an ARP probe', arpFrame(MAC, '0.0.0.0', 1)],
  ['an ARP sender that is a group', arpFrame('03:00:00:00:00:05', '10.0.0.5')],
  ['reverse ARP', arpFrame(MAC, '10.0.0.5', 3)],
  ['neighbour discovery from behind a router', neighbourFrame(MAC, '2001:db8::5', 136, 254)],
  ['neighbour discovery for somebody else', sentBy(OTHER, neighbourFrame(MAC, '2001:db8::5', 136))],
  ['detection of a double address', neighbourFrame(MAC, '::', 135)],
  ['a DHCP offer', dhcpFrame(MAC, 2, { given: '10.0.0.5' }, [[12, NAME]])],
  ['a refusal of DHCP', dhcpFrame(MAC, 6, {}, [])],
  ['nine relays in one another', dhcp6Frame(Array.from({ length: 9 }).reduce<Uint8Array>(relayed, reply))],
  ['a lease of no time', dhcp6Frame(dhcp6Reply(MAC, '2001:db8::5', 0, 'pc5'))],
  ['a name that is no host', pointerFrame('5.0.0.10.in-addr.arpa', 'pc5.\u001b[2J')],
  ['a question that is no address', pointerFrame('5.0.0.256.in-addr.arpa', 'pc5')],
])('%s tells nothing', (_what, frame) => {
  expect(told([frame])).toEqual([]);
});

test('what was told of late is not told again; another owner and a later time are', () => {
  const mine = arpFrame(MAC, '10.0.0.5');
  const theirs = arpFrame(OTHER, '10.0.0.5');
  expect(told([mine, mine, mine])).toHaveLength(1);
  expect(told([mine, theirs, mine])).toHaveLength(3);
  expect(told([mine, mine, mine], (n) => n * 200)).toHaveLength(2);
});
