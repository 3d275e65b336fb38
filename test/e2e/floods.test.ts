import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { line } from '../../protocols/msnp/build.ts';
import { accepted, answer, auth, challenge, list, raw, received } from '../../protocols/ymsg/build.ts';
import { fragmentsOf } from '../support/carry.ts';
import { ACK, Conversation, PSH, SYN, pcapOf, tcpFrame, udpFrame } from '../support/packets.ts';
import type { Endpoint, Packet } from '../support/packets.ts';
import { eventsOf, imspan, PATIENCE, Scratch } from './program.ts';

jest.setTimeout(2 * PATIENCE);

const START = 1_110_290_591;
const CROWD = 2_000;
const SERVER: Endpoint = { ip: '198.51.100.20', port: 5050 };
const scratch = new Scratch();
afterAll(() => {
  scratch.remove();
});

/** One of the strangers that flood: their addresses are spread over all shards. */
function stranger(i: number): Endpoint {
  return { ip: `10.7.${i >> 8}.${i & 255}`, port: 1024 + i };
}

/** So many connections of strangers, all within two seconds. */
function crowd(each: (talk: Conversation, i: number) => Conversation, count = CROWD): Packet[] {
  return Array.from({ length: count }, (_, i) =>
    each(new Conversation({ client: stranger(i), server: SERVER, seconds: START + 2, stepNanos: 1e6 }), i),
  ).flatMap((talk) => talk.packets);
}

function signedOn(talk: Conversation, name: string): Conversation {
  return talk
    .open()
    .send(0, auth(name))
    .send(1, challenge(name, 1))
    .send(0, answer(name))
    .send(1, list(name, 'Friends:peer\n'))
    .send(1, accepted(name));
}

/** A segment of a stranger that leaves a hole before it. */
function ahead(i: number): Packet {
  const payload = new Uint8Array(1_400).fill(65);
  const bytes = tcpFrame(stranger(i), SERVER, { seq: 3_000, ack: 5_000_001, flags: PSH | ACK, payload });
  return { seconds: START + 2, nanos: 0, bytes };
}

const names = (i: number): string => `stranger${i}`;
const begun = (talk: Conversation): Conversation => talk.open().send(0, auth('someone'));

/** What floods, the limits set, and the counters that tell of it. */
const FLOODS: readonly [
  what: string,
  limits: readonly string[],
  counters: readonly string[],
  flood: () => Packet[],
][] = [
  [
    'connections',
    ['flows=1024'],
    ['flow_limit'],
    () =>
      Array.from({ length: CROWD }, (_, i) => ({
        seconds: START + 2,
        nanos: 0,
        bytes: tcpFrame(stranger(i), SERVER, { seq: i, flags: SYN }),
      })),
  ],
  ['IM connections', ['im_flows=256'], ['im_flow_limit'], () => crowd(begun)],
  [
    'IM connections that were closed',
    ['im_flows=256'],
    ['im_flow_limit'],
    () => crowd((talk) => begun(talk).close()),
  ],
  [
    'bytes out of order',
    ['stream_buffer=1024', 'stream_buffer_total=131072'],
    ['stream_buffer_limit'],
    () => [...crowd(begun, 500), ...Array.from({ length: 500 }, (_, i) => ahead(i))],
  ],
  [
    'bytes out of order in many connections',
    ['stream_buffer_total=65536'],
    ['stream_buffer_total_limit'],
    () => [...crowd(begun, 500), ...Array.from({ length: 500 }, (_, i) => ahead(i))],
  ],
  [
    'messages that do not end',
    ['message_buffer_total=65536'],
    ['message_buffer_total_limit'],
    () => crowd((talk) => begun(talk).send(1, raw(6, new Uint8Array(1_300), { length: 9_000 })), 500),
  ],
  [
    'connections that begin like IM',
    ['detect_buffer_total=655360'],
    ['detect_buffer_total_limit'],
    () => crowd((talk) => talk.open().send(0, Buffer.from('16030100c8010000c40303', 'hex'))),
  ],
  [
    'connections whose first bytes are missing',
    ['detect_buffer_total=655360'],
    ['detect_buffer_total_limit'],
    () => [...crowd((talk) => talk.open()), ...Array.from({ length: CROWD }, (_, i) => ahead(i))],
  ],
  [
    'fragments',
    ['fragment_packets=16'],
    ['fragment_limit'],
    () =>
      Array.from({ length: 500 }, (_, i) => ({
        seconds: START + 2,
        nanos: 0,
        bytes:
          fragmentsOf(udpFrame(stranger(i), SERVER, new Uint8Array(1_200)), 512, i)[0] ?? new Uint8Array(0),
      })),
  ],
  ['accounts', ['sessions=64'], ['session_limit'], () => crowd((talk, i) => signedOn(talk, names(i)), 300)],
  [
    'conversations',
    ['conversations=16'],
    ['conversation_limit'],
    () => crowd((talk, i) => signedOn(talk, names(i)).send(1, received('peer', names(i), 'hi')), 300),
  ],
  [
    'tokens',
    ['join_tokens=64'],
    ['join_token_limit'],
    () =>
      crowd((talk, i) => {
        talk
          .open()
          .send(0, line('VER', 1, 'MSNP9', 'MSNP8', 'CVR0'))
          .send(1, line('VER', 1, 'MSNP9'))
          .send(0, line('USR', 3, 'TWN', 'I', `${names(i)}@example.test`))
          .send(1, line('USR', 3, 'OK', `${names(i)}@example.test`, 'name', 1, 0));
        for (let k = 0; k < 10; k++) {
          talk.send(0, line('XFR', k + 4, 'SB'));
          talk.send(1, line('XFR', k + 4, 'SB', '192.0.2.7:1863', 'CKI', `key.${i}.${k}`));
        }
        return talk;
      }, 50),
  ],
];

describe('a flood', () => {
  test.each(FLOODS)(
    'of %s hits its limit, and the IM connection in it is read on',
    (what, limits, counters, flood) => {
      const im = signedOn(new Conversation({ server: SERVER, seconds: START, stepNanos: 1e6 }), 'alice');
      im.send(1, received('bob', 'alice', 'before the flood'));
      const before = im.packets.length;
      im.wait(10).send(1, received('bob', 'alice', 'after the flood'));
      const packets = [...im.packets.slice(0, before), ...flood(), ...im.packets.slice(before)];
      const file = scratch.write(`${what}.pcap`, pcapOf(packets));
      const run = imspan(['replay', '--json', ...limits.flatMap((limit) => ['--limit', limit]), file]);
      expect(run.status).toBe(0);
      const events = eventsOf(run.stdout);
      const stats = events.at(-1)?.im?.stats as Record<string, Record<string, number>> | undefined;
      const counted = { ...stats?.['anomalies'], ...stats?.['limits_hit'] };
      for (const counter of counters) expect([counter, counted[counter] ?? 0]).not.toContain(0);
      const texts = JSON.stringify(events);
      expect(texts).toContain('before the flood');
      expect(texts).toContain('after the flood');
      expect(counted['dissector_failed'] ?? 0).toBe(0);
    },
  );
});

test('which IM connections go does not depend on the number of workers', () => {
  const file = scratch.write('workers.pcap', pcapOf(crowd(begun)));
  const read = (workers: string): string =>
    imspan(['replay', '--json', '--limit', 'im_flows=256', '--workers', workers, file]).stdout;
  const one = read('1');
  expect(one).toContain('im_flow_limit');
  expect(read('3')).toBe(one);
});
