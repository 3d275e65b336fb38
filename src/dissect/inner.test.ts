import { describe, expect, test } from '@jest/globals';
import { protocols } from '../../protocols/index.ts';
import { bosStart, bytes, COOKIE, Sender } from '../../protocols/oscar/build.ts';
import { lineProtocol, runPackets } from '../../test/support/engine.ts';
import type { Ran } from '../../test/support/engine.ts';
import { Conversation } from '../../test/support/packets.ts';
import type { Packet } from '../../test/support/packets.ts';
import type { Limits } from '../core/limits.ts';
import { SHARDS } from '../flow/table.ts';

type Say = readonly [direction: 0 | 1, part: string | readonly number[] | Uint8Array];

const CONNECT: Say[] = [
  [0, 'CONNECT im.example:7007 HTTP/1.1\r\nProxy-Authorization: Basic dXNlcjpzM2NyM3Q=\r\n\r\n'],
  [1, 'HTTP/1.1 200 Connection established\r\n\r\n'],
];
const SOCKS5: Say[] = [
  [0, [5, 1, 0]],
  [1, [5, 0]],
  [0, [5, 1, 0, 3, 2, 0x69, 0x6d, 0x1b, 0x5f]],
  [1, [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]],
];
const ECHO: Say[] = [
  [0, 'ECHO hello\n'],
  [1, 'ECHO and to you\n'],
];
const REGISTRY = [...protocols, lineProtocol()];

interface Options {
  mss?: number;
  allFlows?: boolean;
  limits?: Partial<Limits>;
}

function run(says: readonly Say[], options: Options = {}): Ran {
  const conversation = new Conversation({ server: { ip: '198.51.100.20', port: 3128 } }).open();
  for (const [direction, part] of says) conversation.send(direction, bytes(part), options.mss);
  return runPackets(conversation.close().packets, {
    protocols: REGISTRY,
    allFlows: options.allFlows ?? false,
    ...(options.limits ? { limits: options.limits } : {}),
  });
}

/** Carrier and text of each message. */
function messages({ events }: Ran): (string | undefined)[][] {
  return events.filter((e) => e.im?.kind === 'message').map((e) => [e.im?.carrier, e.im?.text]);
}

describe('streams inside carriers', () => {
  test.each([
    ['HTTP CONNECT', CONNECT, 'http-connect'],
    ['SOCKS5', SOCKS5, 'socks5'],
    ['SOCKS5 in CONNECT', [...CONNECT, ...SOCKS5], 'http-connect+socks5'],
    ['CONNECT in SOCKS5', [...SOCKS5, ...CONNECT], 'socks5+http-connect'],
    [
      'four levels',
      [...CONNECT, ...CONNECT, ...SOCKS5, ...CONNECT],
      'http-connect+http-connect+socks5+http-connect',
    ],
  ])('%s', (_, around, carrier) => {
    for (const mss of [1_460, 1, 7]) {
      const ran = run([...around, ...ECHO], { mss });
      expect(messages(ran)).toEqual([
        [carrier, 'hello'],
        [carrier, 'and to you'],
      ]);
      const flows = ran.events.filter((e) => e.event_type === 'flow');
      expect(flows).toHaveLength(1);
      expect(flows[0]).toMatchObject({ app_proto: 'echo', dest_port: 3128, im: { carrier, seen: 'both' } });
      expect(flows[0]?.im?.verdict?.evidence.at(-1)).toBe('ECHO at byte 0');
    }
  });

  test('OSCAR in SOCKS in CONNECT, without a line of code in OSCAR', () => {
    const signOn = bosStart(new Sender(0), new Sender(1), 'Nobody', COOKIE).flatMap((step): Say[] =>
      'bytes' in step ? [[step.direction, step.bytes]] : [],
    );
    const ran = run([...CONNECT, ...SOCKS5, ...signOn]);
    expect(ran.events.find((e) => e.event_type === 'flow')).toMatchObject({
      app_proto: 'oscar',
      im: { service: 'aim', carrier: 'http-connect+socks5', proxy_user: 'user' },
    });
    expect(JSON.stringify(ran.events)).not.toMatch(new RegExp(`s3cr3t|dXNlcjp|${COOKIE}`));
  });

  test('ids do not depend on segments, and differ between levels', () => {
    const ids = (ran: Ran): (string | undefined)[] => ran.events.map((e) => e.im?.id);
    const whole = ids(run([...CONNECT, ...ECHO]));
    expect(ids(run([...CONNECT, ...ECHO], { mss: 3 }))).toEqual(whole);
    const deeper = ids(run([...CONNECT, ...CONNECT, ...ECHO]));
    expect(deeper.filter((id) => whole.includes(id))).toEqual([]);
    expect(ids(run(ECHO)).filter((id) => whole.includes(id))).toEqual([]);
  });

  test('an exposed proxy password is told once IM is inside, never shown', () => {
    const { events } = run([...CONNECT, ...ECHO]);
    expect(events.filter((e) => e.event_type === 'anomaly').map((e) => e.anomaly?.event)).toEqual([
      'proxy_password_exposed',
    ]);
    expect(JSON.stringify(events)).not.toContain('s3cr3t');
  });

  test('deeper than the limit nothing is read', () => {
    expect(run([...CONNECT, ...CONNECT, ...ECHO], { limits: { carrier_depth: 1 } }).events).toEqual([]);
  });
});

describe('carriers without IM', () => {
  const WEB: Say[] = [
    [0, [0x16, 3, 1, 0, 1, 1]],
    [1, [0x16, 3, 3, 0, 1, 2]],
  ];
  test.each([
    ['a web shop', [...CONNECT, ...WEB]],
    ['a page', [...CONNECT, [0, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'], [1, 'HTTP/1.1 200 OK\r\n\r\n']]],
    ['mail in SOCKS5', [...SOCKS5, [1, '220 mail.example ESMTP\r\n'], [0, 'EHLO me\r\n']]],
    ['nothing', CONNECT],
    ['half a handshake', SOCKS5.slice(0, 2)],
    ['a refusal', [CONNECT[0], [1, 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno']]],
  ] as [string, Say[]][])('%s: silence, and nothing is kept', (_, says) => {
    for (const mss of [1_460, 1]) {
      const { events, pipeline } = run(says, { mss });
      expect(events).toEqual([]);
      expect(pipeline.detection.held).toBe(0);
    }
    const all = run(says, { allFlows: true }).events;
    expect(all.map((e) => [e.event_type, e.app_proto])).toEqual([['flow', undefined]]);
  });

  test('many that wait are bounded', () => {
    const packets = Array.from({ length: 2_000 }, (_, i) => {
      const client = { ip: '192.0.2.10', port: 10_000 + i };
      const one = new Conversation({ client, server: { ip: '198.51.100.20', port: 3128 } }).open();
      for (const [direction, part] of CONNECT) one.send(direction, bytes(part));
      // Half a first line inside: the detectors wait.
      return one.send(0, bytes('ECH')).packets;
    }).flat();
    const { pipeline } = runPackets(packets, {
      protocols: REGISTRY,
      limits: { detect_buffer_total: 1_048_576 },
    });
    expect(pipeline.detection.bufferLimit).toBeGreaterThan(0);
    expect(pipeline.detection.held).toBe(0);
  });
});

describe('streams inside count as IM connections', () => {
  /** Connections of one pair of addresses, hence of one shard, one stream inside each. */
  const crowd = (
    count: number,
    says: readonly Say[],
    end: (one: Conversation) => Conversation,
    port = 40_000,
  ): Packet[] =>
    Array.from({ length: count }, (_, i) => {
      const one = new Conversation({
        client: { ip: '192.0.2.10', port: port + i },
        server: { ip: '198.51.100.20', port: 3128 },
        seconds: 1_110_290_591 + i,
      }).open();
      for (const [direction, part] of says) one.send(direction, bytes(part));
      return end(one).packets;
    }).flat();
  const limits = { im_flows: 8 * SHARDS, carrier_streams: 1 };
  const carried = ({ pipeline }: Ran): number[] => [...pipeline.tracker.carried];
  const open = (one: Conversation): Conversation => one;

  test('carriers that hold streams, none of them IM yet, take half of the room and no more', () => {
    const waiting: Say[] = [...CONNECT, [0, 'ECH']];
    const after = (held: number): number =>
      messages(
        runPackets([...crowd(held, waiting, open), ...crowd(1, [...CONNECT, ...ECHO], open, 50_000)], {
          protocols: REGISTRY,
          limits,
        }),
      ).length;
    expect([0, 3, 4, 20].map(after)).toEqual([2, 2, 0, 0]);
    // What is IM without a carrier has its own half.
    const beside = [...crowd(20, waiting, open), ...crowd(4, ECHO, open, 50_000)];
    const { pipeline } = runPackets(beside, { protocols: REGISTRY, limits });
    expect(pipeline.tracker.counters.imLimit).toBe(0);
  });

  test('IM in carriers takes two places each: the least recently used connection goes', () => {
    const packets = crowd(20, [...CONNECT, ...ECHO], open);
    const plain = runPackets(crowd(20, ECHO, open), { protocols: REGISTRY, limits });
    const ran = runPackets(packets, { protocols: REGISTRY, limits });
    expect(plain.pipeline.tracker.counters.imLimit).toBe(12);
    expect(ran.pipeline.tracker.counters.imLimit).toBe(16);
    expect(messages(ran)).toHaveLength(40);
  });

  test('every place is given back: at the end, when it is given up, however deep', () => {
    const dropped: Say[] = [...CONNECT, [0, 'GET / HTTP/1.1\r\n\r\n'], [1, 'HTTP/1.1 200 OK\r\n\r\n']];
    for (const says of [[...CONNECT, ...ECHO], [...SOCKS5, ...CONNECT, ...ECHO], dropped]) {
      for (const end of [open, (one: Conversation) => one.close()]) {
        const ran = runPackets(crowd(30, says, end), { protocols: REGISTRY, limits });
        expect(carried(ran)).toEqual(new Array<number>(SHARDS).fill(0));
      }
    }
  });
});

describe('refused attempts', () => {
  test.each([
    ['CONNECT login.oscar.aol.com:5190', 'aim', 'medium'],
    ['CONNECT messenger.hotmail.com:1863', 'msn', 'medium'],
    ['CONNECT 192.0.2.7:5222', 'xmpp', 'low'],
  ])('%s', (line, service, confidence) => {
    const { events } = run([
      [0, `${line} HTTP/1.0\r\n\r\n`],
      [1, 'HTTP/1.0 403 Forbidden\r\n\r\n<html>'],
    ]);
    expect(events.map((e) => e.event_type)).toEqual(['im', 'flow']);
    expect(events[0]).toMatchObject({
      app_proto: 'http',
      im: { kind: 'service', service, confidence, code: 403, carrier: 'http-connect' },
    });
    expect(events[1]?.im?.verdict).toEqual({
      protocol: 'http',
      confidence,
      evidence: [`http: ${line}`, 'proxy: refused (403)'],
    });
  });

  test('after a 407 the same connection gets through', () => {
    const asked: Say = [1, 'HTTP/1.1 407 No\r\nContent-Length: 5\r\n\r\nlogin'];
    const ran = run([[0, 'CONNECT im:7007 HTTP/1.1\r\n\r\n'], asked, ...CONNECT, ...ECHO]);
    expect(messages(ran)).toHaveLength(2);
  });
});
