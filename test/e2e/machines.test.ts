import { afterAll, expect, jest, test } from '@jest/globals';
import { accepted, answer, auth, challenge } from '../../protocols/ymsg/build.ts';
import { arpFrame, dhcpFrame, macBytes, neighbourFrame } from '../support/machines.ts';
import { Conversation, pcapOf } from '../support/packets.ts';
import type { Packet } from '../support/packets.ts';
import { eventsOf, imspan, PATIENCE, Scratch } from './program.ts';

jest.setTimeout(PATIENCE);

const START = 1_110_290_591;
const ROUTER = '02:00:00:00:00:fe';
const scratch = new Scratch();
afterAll(() => {
  scratch.remove();
});

const mac = (n: number): string => `02:00:00:00:01:${n.toString(16).padStart(2, '0')}`;

/** A sign-on from an address of machine `n`, its frames between the machine and the router. */
function signOn(n: number, client: string, server: string, second: number): Packet[] {
  const talk = new Conversation({
    client: { ip: client, port: 1024 + n },
    server: { ip: server, port: 5050 },
    seconds: START + second,
  });
  const who = `user${n}${client.includes(':') ? 'six' : ''}`;
  talk.open().send(0, auth(who)).send(1, challenge(who)).send(0, answer(who)).send(1, accepted(who)).close();
  for (const { bytes } of talk.packets) {
    // The source port, behind Ethernet and the fixed header of IP.
    const port = client.includes(':') ? 54 : 34;
    const fromClient = (((bytes[port] ?? 0) << 8) | (bytes[port + 1] ?? 0)) === 1024 + n;
    bytes.set(macBytes(fromClient ? ROUTER : mac(n)), 0);
    bytes.set(macBytes(fromClient ? mac(n) : ROUTER), 6);
  }
  return talk.packets;
}

/** Twelve machines with an address of each family, half of which DHCP has named. */
function office(): Packet[] {
  const packets: Packet[] = [];
  for (let n = 1; n <= 12; n++) {
    const at = { seconds: START, nanos: n * 1_000 };
    const four = `10.0.0.${n}`;
    const name = new TextEncoder().encode(`pc${n}`);
    if (n % 2 === 0) packets.push({ ...at, bytes: dhcpFrame(mac(n), 5, { given: four }, [[12, name]]) });
    packets.push({ ...at, bytes: arpFrame(mac(n), four) });
    packets.push({ ...at, bytes: neighbourFrame(mac(n), `2001:db8::${n}`, 136) });
  }
  for (let n = 1; n <= 12; n++) {
    packets.push(...signOn(n, `10.0.0.${n}`, '198.51.100.20', 2));
    packets.push(...signOn(n, `2001:db8::${n}`, '2001:db8:5::20', 4));
  }
  // Behind a router all have its link address, which is none of theirs.
  for (let n = 40; n < 46; n++)
    packets.push(
      ...signOn(n, `10.9.0.${n}`, '198.51.100.20', 6).map(({ bytes, ...at }) => {
        const copy = Uint8Array.from(bytes);
        const side = copy.subarray(6, 12).join() === macBytes(mac(n)).join() ? 6 : 0;
        copy.set(macBytes('02:00:00:00:00:aa'), side);
        return { ...at, bytes: copy };
      }),
    );
  return packets.sort((a, b) => a.seconds - b.seconds || a.nanos - b.nanos);
}

test('a machine is one over both families, named by DHCP, and the same with any number of workers', () => {
  const file = scratch.write('office.pcap', pcapOf(office()));
  const names = scratch.write(
    'names.csv',
    new TextEncoder().encode(
      'network,name,person,department,state\nyahoo,user2,Ann Two,Sales,approved\nyahoo,user3,,,left\n',
    ),
  );
  const [one, three] = ['1', '3'].map(
    (workers) => imspan(['replay', '--json', '--names', names, '--workers', workers, file]).stdout,
  );
  expect(three).toBe(one);
  const events = eventsOf(one ?? '');
  const alerts = events.filter((event) => event.event_type === 'alert');
  const hostOf = (ip: string): unknown => alerts.find((alert) => alert.src_ip === ip)?.im?.host;
  for (let n = 1; n <= 12; n++) {
    const named = n % 2 === 0 ? { names: [`pc${n}`] } : {};
    expect(hostOf(`10.0.0.${n}`)).toEqual({ id: expect.any(String), mac: mac(n), ...named });
    expect(hostOf(`2001:db8::${n}`)).toEqual(hostOf(`10.0.0.${n}`));
  }
  expect(hostOf('10.9.0.45')).toEqual({ id: expect.any(String) });
  const of = (account: string): unknown[] =>
    events
      .filter(({ event_type, im }) => event_type === 'im' && im?.account === account)
      .map(({ im }) => im?.person);
  expect(of('user2').length).toBeGreaterThan(1);
  expect(new Set(of('user2'))).toEqual(new Set(['Ann Two']));
  expect(new Set(of('user4'))).toEqual(new Set([undefined]));
  // The machine is told on alerts alone.
  expect(events.filter(({ event_type, im }) => event_type !== 'alert' && im?.host !== undefined)).toEqual([]);
});
