import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { EveEvent } from '../../src/event/eve.ts';
import { lineProtocol, runPackets } from '../support/engine.ts';
import { ACK, Conversation, FIN, PSH, RST, SYN, tcpFrame, udpFrame } from '../support/packets.ts';
import type { Packet } from '../support/packets.ts';

const echo = [lineProtocol()];
const line = (text: string): Uint8Array => Buffer.from(`ECHO ${text}\n`);

function texts(events: readonly EveEvent[], kind = 'message'): string[] {
  return events.filter((e) => e.im?.kind === kind).map((e) => e.im?.text ?? '');
}

function run(packets: readonly Packet[], limits = {}): EveEvent[] {
  return runPackets(packets, { protocols: echo, limits }).events;
}

describe('connections', () => {
  test('one conversation: events, then its flow', () => {
    const packets = new Conversation().open().send(0, line('hello')).send(1, line('hi')).close().packets;
    const events = run(packets);
    expect(texts(events)).toEqual(['hello', 'hi']);
    const flow = events.find((e) => e.event_type === 'flow');
    expect(flow?.flow).toMatchObject({
      pkts_toserver: 6,
      pkts_toclient: 4,
      state: 'closed',
      reason: 'shutdown',
    });
    expect(flow?.im).toMatchObject({ seen: 'both', verdict: { protocol: 'echo', confidence: 'high' } });
    expect(flow?.im?.midstream).toBeUndefined();
    expect(flow?.tcp).toMatchObject({ syn: true, fin: true, tcp_flags: '1b' });
  });

  test('a message is told of the frame that completed it', () => {
    const packets = new Conversation().open().send(0, line('in three segments'), 8).packets;
    const [message] = run(packets).filter((e) => e.im?.kind === 'message');
    // 23 bytes in segments of 8: data frames 4, 6 and 8 (each is acknowledged).
    expect(message?.pcap_cnt).toBe(8);
    expect(message?.direction).toBe('to_server');
  });

  test('the same four-tuple used again is another flow, with another id', () => {
    const first = new Conversation().open().send(0, line('one')).close();
    const second = new Conversation({ clientSeq: 77_000, serverSeq: 88_000, seconds: 1_110_290_595 });
    const packets = [...first.packets, ...second.open().send(0, line('two')).close().packets];
    const events = run(packets);
    expect(texts(events)).toEqual(['one', 'two']);
    const flows = events.filter((e) => e.event_type === 'flow');
    expect(flows.map((f) => f.flow?.reason)).toEqual(['tcp_reuse', 'shutdown']);
    expect(new Set(flows.map((f) => f.flow_id)).size).toBe(2);
  });

  test('a SYN that nobody answers does not end an open connection', () => {
    const c = new Conversation().open().send(0, line('before'));
    const forged = {
      seconds: 1_110_290_592,
      nanos: 0,
      bytes: tcpFrame(c.client, c.server, { seq: 999_999, flags: SYN }),
    };
    const packets = [...c.packets, forged];
    c.send(0, line('after'));
    expect(texts(run([...packets, ...c.packets.slice(packets.length - 1)]))).toEqual(['before', 'after']);
  });

  test('a SYN that is answered does', () => {
    const c = new Conversation().open().send(0, line('before'));
    const again = new Conversation({ clientSeq: 999_999, serverSeq: 5, seconds: 1_110_290_600 })
      .open()
      .send(0, line('after'));
    const events = run([...c.packets, ...again.packets]);
    expect(texts(events)).toEqual(['before', 'after']);
    expect(events.filter((e) => e.event_type === 'flow')).toHaveLength(2);
  });

  test('a reset far from the expected sequence number ends nothing', () => {
    const c = new Conversation().open().send(0, line('before'));
    const n = c.packets.length;
    c.wait(20).send(0, line('after'));
    const forged = {
      seconds: 1_110_290_591,
      nanos: 500_000_000,
      bytes: tcpFrame(c.client, c.server, { seq: 0x7000_0000, flags: RST }),
    };
    const packets = [...c.packets.slice(0, n), forged, ...c.packets.slice(n)];
    const events = run(packets);
    expect(texts(events)).toEqual(['before', 'after']);
    expect(events.filter((e) => e.event_type === 'flow')).toHaveLength(1);
  });

  test('an address that talks to itself', () => {
    const same = { client: { ip: '192.0.2.1', port: 4000 }, server: { ip: '192.0.2.1', port: 7007 } };
    expect(texts(run(new Conversation(same).open().send(0, line('a')).send(1, line('b')).packets))).toEqual([
      'a',
      'b',
    ]);
  });

  test('IPv6', () => {
    const six = { client: { ip: '2001:db8::1', port: 4000 }, server: { ip: '2001:db8:0:1::2', port: 7007 } };
    const events = run(new Conversation(six).open().send(0, line('six')).close().packets);
    expect(texts(events)).toEqual(['six']);
    expect(events[0]).toMatchObject({ src_ip: '2001:db8::1', dest_ip: '2001:db8:0:1::2' });
  });
});

describe('UDP', () => {
  const ends = [
    { ip: '192.0.2.1', port: 5000 },
    { ip: '2001:db8::9', port: 53 },
  ] as const;

  test('a conversation of datagrams is one flow, told where all flows are wanted', () => {
    const [a] = ends;
    const b = { ip: '192.0.2.2', port: 53 };
    const packets = [udpFrame(a, b, Buffer.from('ask')), udpFrame(b, a, Buffer.from('answer'))];
    const { events } = runPackets(
      packets.map((bytes, i) => ({ seconds: 10 + i, nanos: 0, bytes })),
      { protocols: echo, allFlows: true },
    );
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      proto: 'UDP',
      src_port: 5000,
      flow: { pkts_toserver: 1, pkts_toclient: 1, age: 1, state: 'established' },
    });
    expect(events[0]?.im).toEqual({ v: 1, id: expect.stringMatching(/^[0-9a-f]{32}$/) });
  });

  test('is not told otherwise', () => {
    const [, b] = ends;
    const bytes = udpFrame({ ip: '2001:db8::1', port: 1 }, b, Buffer.from('x'));
    expect(run([{ seconds: 1, nanos: 0, bytes }])).toEqual([]);
  });
});

describe('what began before the capture', () => {
  test('is picked up, and says so', () => {
    const c = new Conversation().open().send(0, line('unseen')).send(0, line('seen'));
    const events = run(c.packets.slice(5));
    expect(texts(events)).toEqual(['seen']);
    expect(events.find((e) => e.event_type === 'flow')?.im?.midstream).toBe(true);
  });

  test('also when the first segment begins inside a message', () => {
    const c = new Conversation().open().send(0, Buffer.from('rest of a message\n'));
    c.send(0, line('whole'));
    expect(texts(run(c.packets.slice(3)))).toEqual(['whole']);
  });

  test('the end on a known port is taken for the server, whoever is seen first', () => {
    const c = new Conversation({ server: { ip: '198.51.100.20', port: 7007 } })
      .open()
      .send(1, line('first words'))
      .send(0, line('answer'));
    const events = run(c.packets.slice(3));
    expect(events[0]).toMatchObject({ src_ip: '192.0.2.10', dest_port: 7007, direction: 'to_client' });
  });

  test('a flow whose every segment is something else is given up after a stated number', () => {
    const c = new Conversation().open();
    for (let i = 0; i < 20; i++) c.send(0, Buffer.from('noise'));
    c.send(0, line('too late'));
    const { events, pipeline } = runPackets(c.packets.slice(3), { protocols: echo });
    expect(texts(events)).toEqual([]);
    expect(pipeline.tracker.watched).toBe(0);
  });
});

describe('one direction only', () => {
  test.each([0, 1] as const)('direction %i', (d) => {
    const c = new Conversation()
      .open()
      .send(0, line('from the client'))
      .send(1, line('from the server'))
      .close();
    const from = d === 0 ? c.client.ip : c.server.ip;
    const mine = c.packets.filter((p) => Buffer.from(p.bytes.subarray(26, 30)).join('.') === from);
    const events = run(mine);
    expect(texts(events)).toEqual([d === 0 ? 'from the client' : 'from the server']);
    expect(events.find((e) => e.event_type === 'flow')?.im?.seen).toBe(d === 0 ? 'client' : 'server');
    expect(events[0]).toMatchObject({ src_ip: c.client.ip });
  });
});

describe('loss', () => {
  test('a lost segment is a gap that the dissector is told of, and reading goes on', () => {
    const c = new Conversation()
      .open()
      .send(0, line('one'))
      .send(0, line('lost'))
      .wait(2)
      .send(0, line('three'));
    const packets = c.packets.filter((p) => !Buffer.from(p.bytes).includes('lost'));
    const events = run(packets);
    expect(texts(events)).toEqual(['one', 'three']);
    expect(texts(events, 'notice')).toEqual(['gap 10']);
    expect(events.find((e) => e.event_type === 'anomaly')?.anomaly).toMatchObject({
      event: 'stream_gap',
      type: 'stream',
    });
    expect(events.find((e) => e.event_type === 'flow')?.tcp?.ts_gap).toBe(true);
  });

  test('a FIN that was not captured is no gap', () => {
    const c = new Conversation().open().send(0, line('one')).close();
    const packets = c.packets.filter((_, i) => i !== c.packets.length - 3);
    expect(texts(run(packets), 'notice')).toEqual([]);
  });
});

describe('what was given up stays given up', () => {
  test('segments that waited behind a rejected beginning are not read, and nothing is held', () => {
    const c = new Conversation();
    const at = (seq: number, text: string): Packet => ({
      seconds: 1_110_290_591,
      nanos: 0,
      bytes: tcpFrame(c.client, c.server, {
        seq: 1_001 + seq,
        ack: 1,
        flags: PSH | ACK,
        payload: Buffer.from(text),
      }),
    });
    const { events, pipeline } = runPackets(
      [...c.open().packets, at(3, 'ECHO late\n'), at(0, 'xyz'), at(13, 'ECHO later\n')],
      { protocols: echo },
    );
    expect(events).toEqual([]);
    expect(pipeline.detection.held).toBe(0);
    expect(pipeline.tracker.watched).toBe(0);
  });

  test('undecided flows are bounded: the oldest are given up, and the newcomer is read', () => {
    const flood: Packet[] = [];
    for (let i = 0; i < 3_000; i++) {
      const from = { ip: `10.0.${i >> 8}.${i & 255}`, port: 2_000 };
      flood.push({
        seconds: 1,
        nanos: 0,
        bytes: tcpFrame(
          from,
          { ip: '198.51.100.20', port: 5190 },
          { seq: 1, flags: ACK, payload: Buffer.from('E') },
        ),
      });
    }
    const c = new Conversation({ seconds: 2 }).open().send(0, line('among the flood'), 2).close();
    const { events, pipeline } = runPackets([...flood, ...c.packets], {
      protocols: echo,
      limits: { detect_buffer_total: 64 * 16_384 },
    });
    expect(texts(events)).toEqual(['among the flood']);
    expect(pipeline.detection.bufferLimit).toBeGreaterThan(2_000);
    expect(pipeline.detection.held).toBe(0);
  });
});

describe('a beginning that was lost', () => {
  test('after a seen SYN: later segments are tried as they are without it', () => {
    const c = new Conversation()
      .open()
      .send(0, Buffer.from('lost'.repeat(50)))
      .send(0, Buffer.from('rest of it\n'))
      .wait(3);
    for (let i = 0; i < 5; i++) c.send(0, line(`message ${i}`));
    const events = run(c.packets.filter((p) => !Buffer.from(p.bytes).includes('lost')));
    expect(texts(events)).toContain('message 4');
    expect(events.find((e) => e.event_type === 'flow')?.im?.midstream).toBe(true);
    expect(events[0]).toMatchObject({ src_ip: c.client.ip });
  });
});

describe('the same ports again, seen from one side', () => {
  const twice = (direction: 0 | 1, close: boolean): EveEvent[] => {
    const first = new Conversation().open().send(direction, line('first'));
    if (close) first.close();
    const second = new Conversation({ clientSeq: 90_000_000, serverSeq: 95_000_000, seconds: 1_110_290_600 });
    second.open().send(direction, line('second'));
    const ip = direction === 0 ? first.client.ip : first.server.ip;
    const mine = [...first.packets, ...second.packets].filter(
      (p) => Buffer.from(p.bytes.subarray(26, 30)).join('.') === ip,
    );
    return run(mine);
  };

  test.each([
    [0, false],
    [0, true],
    [1, false],
    [1, true],
  ] as const)('direction %i, closed before: %s', (direction, close) => {
    const events = twice(direction, close);
    expect(texts(events)).toEqual(['first', 'second']);
    expect(texts(events, 'notice')).toEqual([]);
    const flows = events.filter((e) => e.event_type === 'flow');
    expect(flows).toHaveLength(2);
    expect(new Set(flows.map((f) => f.flow_id)).size).toBe(2);
  });
});

test('a FIN at another place ends nothing', () => {
  const c = new Conversation().open().send(0, line('before'));
  const n = c.packets.length;
  c.wait(200).send(0, line('after'));
  const forged = {
    seconds: 1_110_290_592,
    nanos: 0,
    bytes: tcpFrame(c.client, c.server, { seq: 0x7000_0000, ack: 1, flags: FIN | ACK }),
  };
  const events = run([...c.packets.slice(0, n), forged, ...c.packets.slice(n)]);
  expect(texts(events)).toEqual(['before', 'after']);
});

describe('time', () => {
  test('an idle IM connection ends by packet time, and is told of its last frame', () => {
    const a = new Conversation().open().send(0, line('going quiet'));
    const b = new Conversation({
      client: { ip: '192.0.2.99', port: 1 },
      seconds: 1_110_290_591 + 5_000,
    }).open();
    const events = run([...a.packets, ...b.packets]);
    const flow = events.find((e) => e.event_type === 'flow');
    expect(flow?.flow?.reason).toBe('timeout');
    expect(flow?.pcap_cnt).toBe(a.packets.length);
  });

  test('one packet with a stamp in the far future times nothing out', () => {
    const c = new Conversation().open().send(0, line('one'));
    const wild = new Conversation({ client: { ip: '192.0.2.99', port: 1 }, seconds: 2_000_000_000 })
      .open()
      .packets.slice(0, 1);
    const n = c.packets.length;
    c.send(0, line('two'));
    const { events, pipeline } = runPackets([...c.packets.slice(0, n), ...wild, ...c.packets.slice(n)], {
      protocols: echo,
    });
    expect(texts(events)).toEqual(['one', 'two']);
    expect(pipeline.tracker.clock.jumps).toBe(1);
    expect(pipeline.tracker.clock.jumpsBelieved).toBe(0);
  });
});

describe('limits', () => {
  test('a flood of connections leaves the IM connection that is active alone', () => {
    const im = new Conversation().open().send(0, line('before the flood'));
    const flood: Packet[] = [];
    for (let i = 0; i < 20_000; i++) {
      const from = { ip: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, port: 1024 + (i % 60_000) };
      flood.push({
        seconds: 1_110_290_592,
        nanos: 0,
        bytes: tcpFrame(from, { ip: '198.51.100.20', port: 5190 }, { seq: i, flags: SYN }),
      });
    }
    const n = im.packets.length;
    im.wait(2).send(0, line('after the flood'));
    const { events, pipeline } = runPackets([...im.packets.slice(0, n), ...flood, ...im.packets.slice(n)], {
      protocols: echo,
      limits: { flows: 4096 },
    });
    expect(texts(events)).toEqual(['before the flood', 'after the flood']);
    expect(pipeline.tracker.counters.evicted).toBeGreaterThan(10_000);
    expect(pipeline.tracker.counters.evictedIm).toBe(0);
    expect(pipeline.tracker.table.peak).toBeLessThanOrEqual(4096);
  });

  test('every record is given back', () => {
    const { pipeline } = runPackets(new Conversation().open().send(0, line('x')).close().packets, {
      protocols: echo,
    });
    expect(pipeline.tracker.table.count).toBe(0);
    expect(pipeline.tracker.watched).toBe(0);
  });
});

test('any order, duplication and re-segmentation of both directions tells the same messages', () => {
  const said = ['alpha', 'beta', 'gamma delta', 'epsilon'];
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 100_000 }),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(0xffff_ffff),
      (mss, seed, spread, isn) => {
        const c = new Conversation({ clientSeq: isn, stepNanos: 1_000 }).open();
        for (const text of said) c.send(0, line(text), mss).send(1, line(text.toUpperCase()), mss);
        const head = c.packets.slice(0, 3);
        const body = c.packets.slice(3);
        let x = seed;
        const next = (): number => (x = (x * 48_271) % 2_147_483_647);
        // Local reordering as a network makes it, and every fourth packet twice.
        const shuffled = body
          .flatMap((p) => (next() % 4 === 0 ? [p, p] : [p]))
          .map((p, i) => ({ p, key: i + (next() % (spread * 4)) }))
          .sort((a, b) => a.key - b.key)
          .map((o) => o.p);
        const events = run([...head, ...shuffled]);
        const byDirection = (d: string): string[] => texts(events.filter((e) => e.direction === d));
        expect(byDirection('to_server')).toEqual(said);
        expect(byDirection('to_client')).toEqual(said.map((t) => t.toUpperCase()));
        expect(events.filter((e) => e.event_type === 'anomaly')).toEqual([]);
      },
    ),
    { seed: 11, numRuns: 150 },
  );
});

test('any packets at all: never throws, every record and object is given back', () => {
  const ends = [
    { ip: '192.0.2.1', port: 1000 },
    { ip: '192.0.2.2', port: 7007 },
  ] as const;
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          d: fc.integer({ min: 0, max: 1 }),
          seq: fc.oneof(fc.nat(40), fc.nat(0xffff_ffff)),
          ack: fc.oneof(fc.nat(40), fc.nat(0xffff_ffff)),
          flags: fc.constantFrom(SYN, SYN | ACK, ACK, PSH | ACK, FIN | ACK, RST, RST | ACK, 0, 255),
          text: fc.oneof(fc.constant('ECHO a\n'), fc.constant(''), fc.string({ maxLength: 12 })),
          at: fc.integer({ min: 0, max: 9_000 }),
        }),
        { maxLength: 60 },
      ),
      (steps) => {
        const packets = steps.map((s) => ({
          seconds: 1_000_000 + s.at,
          nanos: 0,
          bytes: tcpFrame(ends[s.d] ?? ends[0], ends[1 - s.d] ?? ends[1], {
            seq: s.seq,
            ack: s.ack,
            flags: s.flags,
            payload: Buffer.from(s.text, 'latin1'),
          }),
        }));
        const { pipeline } = runPackets(packets, { protocols: echo, limits: { flows: 1024 } });
        expect(pipeline.tracker.table.count).toBe(0);
        expect(pipeline.tracker.watched).toBe(0);
        expect(pipeline.dissection.failures).toEqual([]);
      },
    ),
    { seed: 3, numRuns: 400 },
  );
});
