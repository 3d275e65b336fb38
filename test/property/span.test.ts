/** What a span port delivers: copies, other orders, one direction, loss, floods. */
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openCapture } from '../../src/capture/source.ts';
import { countersOf, lossOf, statsEvent } from '../../src/app/stats.ts';
import type { EveEvent } from '../../src/event/eve.ts';
import { goldenCaptures, ROOT } from '../golden/replay.ts';
import { lineProtocol, runPackets } from '../support/engine.ts';
import { some } from '../support/thorough.ts';
import type { Ran } from '../support/engine.ts';
import { Conversation, SYN, tcpFrame, udpFrame } from '../support/packets.ts';
import type { Packet } from '../support/packets.ts';

const echo = [lineProtocol()];
const line = (text: string): Uint8Array => Buffer.from(`ECHO ${text}\n`);
const texts = (events: readonly EveEvent[]): string[] =>
  events.filter((e) => e.im?.kind === 'message').map((e) => e.im?.text ?? '');

interface Captured {
  packets: Packet[];
  linkType: number;
}

async function framesOf(path: string): Promise<Captured> {
  const out: Captured = { packets: [], linkType: 1 };
  await openCapture(join(ROOT, path)).read({
    frame({ bytes, start, end, seconds, nanos, linkType, wireLength }) {
      if (wireLength === end - start)
        out.packets.push({ seconds, nanos, bytes: Uint8Array.from(bytes.subarray(start, end)) });
      out.linkType = linkType;
    },
  });
  return out;
}

/** Events without what names the frame. */
function told(ran: Ran): unknown[] {
  return ran.events.map((e) => ({ ...e, pcap_cnt: undefined }));
}

/** A small generator: the same order in every run. */
function random(seed: number): () => number {
  let x = seed;
  return () => (x = (x * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** What was said and done, whatever the order and the frame. */
function facts(ran: Ran): string[] {
  return ran.events
    .filter((e) => e.event_type === 'im' && e.im?.kind === 'message')
    .map(({ im }) => [im?.service, im?.from, im?.to?.join(), im?.text].join('|'))
    .sort();
}

describe('shipped captures', () => {
  const captures = goldenCaptures().filter((path) => !/\.gz$/.test(path));

  test.each(some(captures, 2))('%s: each packet twice tells the same events', async (path) => {
    const { packets, linkType } = await framesOf(path);
    const once = runPackets(packets, { linkType });
    const next = random(packets.length + 1);
    // A copy comes at once, or behind the packet that follows where that is within the window.
    const twice: Packet[] = [];
    let late: Packet | undefined;
    for (const p of packets) {
      twice.push(p);
      if (late) {
        const soon = msOf(p) - msOf(late) <= 10 && msOf(p) >= msOf(late);
        twice.push(soon ? { ...p, bytes: late.bytes } : late);
      }
      late = next() < 0.5 ? p : undefined;
      if (!late) twice.push(p);
    }
    expect(facts(runPackets(twice, { linkType }))).toEqual(facts(once));
    const atOnce = packets.flatMap((p) => [p, p]);
    expect(told(runPackets(atOnce, { linkType }))).toEqual(told(once));
  });

  test.each(some(captures, 2, 1))(
    '%s: neighbours of one direction in the other order tell the same messages',
    async (path) => {
      const { packets, linkType } = await framesOf(path);
      const next = random(packets.length + 7);
      const swapped = [...packets];
      for (let i = 0; i + 1 < swapped.length; i++) {
        const [a, b] = [swapped[i], swapped[i + 1]];
        if (!a || !b || !sameDirection(a, b) || msOf(b) - msOf(a) > 10 || next() < 0.5) continue;
        swapped[i] = { ...b, seconds: a.seconds, nanos: a.nanos };
        swapped[i + 1] = { ...a, seconds: b.seconds, nanos: b.nanos };
        i++;
      }
      expect(facts(runPackets(swapped, { linkType }))).toEqual(facts(runPackets(packets, { linkType })));
    },
  );
});

const msOf = (p: Packet): number => p.seconds * 1000 + p.nanos / 1e6;

/** TCP segments with payload of the same IPv4 addresses and ports, in Ethernet; no SYN, FIN or RST. */
function sameDirection(a: Packet, b: Packet): boolean {
  const key = (p: Packet): string => Buffer.from(p.bytes.subarray(26, 38)).toString('hex');
  const plain = (p: Packet): boolean =>
    p.bytes[12] === 8 &&
    p.bytes[13] === 0 &&
    p.bytes[14] === 0x45 &&
    p.bytes[23] === 6 &&
    ((p.bytes[47] ?? 0) & 7) === 0;
  return plain(a) && plain(b) && key(a) === key(b);
}

describe('copies', () => {
  const [a, b] = [
    { ip: '192.0.2.1', port: 4000 },
    { ip: '192.0.2.2', port: 7007 },
  ] as const;
  const datagrams = [{ ...lineProtocol(), transport: 'udp' as const }];
  const at = (ms: number, bytes: Uint8Array): Packet => ({ seconds: 10, nanos: ms * 1e6, bytes });
  const hi = udpFrame(a, b, line('hi'));

  test.each([
    ['within the window', [0, 10], {}, ['hi']],
    ['behind the window', [0, 12], {}, ['hi', 'hi']],
    ['where nothing is left out', [0, 0], { dedupe: 0 }, ['hi', 'hi']],
    ['in a longer window', [0, 400], { dedupe: 500 }, ['hi']],
  ] as const)('of a datagram, %s', (_, times, options, expected) => {
    const { events, pipeline } = runPackets(
      times.map((ms) => at(ms, hi)),
      { protocols: datagrams, ...options },
    );
    expect(texts(events)).toEqual(expected);
    expect(pipeline.tracker.counters.duplicates).toBe(2 - expected.length);
  });

  test('may have passed a router', () => {
    const copy = Uint8Array.from(hi);
    copy[22] = 63;
    copy[24] = (copy[24] ?? 0) + 1;
    copy[0] = 0xaa;
    expect(texts(runPackets([at(0, hi), at(1, copy)], { protocols: datagrams }).events)).toEqual(['hi']);
  });

  test('another identification, or another byte with the same checksum, is no copy', () => {
    const another = Uint8Array.from(hi);
    another[19] = 9;
    another[25] = (another[25] ?? 0) - 9;
    // Two words exchanged: the sum stays.
    const same = udpFrame(a, b, Buffer.from('ECHO abcd\n'));
    const swapped = udpFrame(a, b, Buffer.from('ECHO cbad\n'));
    expect(Buffer.from(same.subarray(40, 42))).toEqual(Buffer.from(swapped.subarray(40, 42)));
    const run = (...all: Uint8Array[]): string[] =>
      texts(
        runPackets(
          all.map((x) => at(0, x)),
          { protocols: datagrams },
        ).events,
      );
    expect(run(hi, another)).toEqual(['hi', 'hi']);
    expect(run(same, swapped)).toEqual(['abcd', 'cbad']);
  });

  test('a datagram with a wrong checksum is left out once its side has shown a right one', () => {
    const wrong = udpFrame(a, b, line('no'));
    wrong[41] = (wrong[41] ?? 0) ^ 0x55;
    const { events } = runPackets(
      [at(0, wrong), at(1, hi), at(2, wrong)].map((p, i) => at(i * 50, p.bytes)),
      {
        protocols: datagrams,
      },
    );
    expect(texts(events)).toEqual(['no', 'hi']);
    expect(events.find((e) => e.event_type === 'anomaly')?.anomaly?.event).toBe('udp_bad_checksum_insert');
  });
});

describe('capture loss', () => {
  const talk = (): Conversation => {
    const c = new Conversation().open();
    for (let i = 0; i < 100; i++) c.send(0, line(`number ${String(i).padStart(3, '0')}`));
    return c.wait(3).send(0, line('the last')).close();
  };
  const measure = (packets: Packet[]): Record<string, unknown> => {
    const { events, pipeline } = runPackets(packets, { protocols: echo });
    const counters = countersOf(pipeline);
    const stats = statsEvent(counters, new Map(), 0, {
      seconds: 0,
      nanos: 0,
      file: undefined,
      host: undefined,
    });
    const flow = events.find((e) => e.event_type === 'flow');
    return {
      ...(stats.im?.stats?.['capture_loss'] as object),
      seen: flow?.im?.seen,
      oneSided: stats.im?.stats?.['one_sided_flows'],
      loss: lossOf(counters),
    };
  };
  const from = (ip: string) => (p: Packet) => Buffer.from(p.bytes.subarray(26, 30)).join('.') === ip;

  test('is the share of bytes that were acknowledged and never seen', () => {
    const all = talk().packets;
    expect(measure(all)).toEqual({
      bytes_seen: 1614,
      bytes_lost: 0,
      share: 0,
      seen: 'both',
      oneSided: 0,
      loss: 0,
    });
    const lossy = all.filter((p) => !Buffer.from(p.bytes).includes('number 050'));
    expect(measure(lossy)).toMatchObject({ bytes_seen: 1598, bytes_lost: 16, share: 0.009913 });
  });

  test('a direction that the tap does not see is no loss: the flow is one-sided', () => {
    const packets = talk().packets.filter(from('192.0.2.10'));
    expect(measure(packets)).toMatchObject({ bytes_lost: 0, seen: 'client', oneSided: 1 });
    const c = new Conversation().open().send(1, line('unseen answer')).send(0, line('seen')).close();
    expect(measure(c.packets.filter(from('192.0.2.10')))).toMatchObject({
      bytes_lost: 0,
      seen: 'client',
      oneSided: 1,
    });
  });

  test('one side only says something, the other acknowledges: both were seen', () => {
    expect(measure(talk().packets)).toMatchObject({ seen: 'both', oneSided: 0 });
  });
});

test('200,000 connections that only begin leave the IM among them alone, in a bounded table', () => {
  const ims = Array.from({ length: 20 }, (_, i) =>
    new Conversation({ client: { ip: `192.0.2.${i + 1}`, port: 40_000 + i } }).open(),
  );
  const packets: Packet[] = ims.flatMap((c) => c.packets.splice(0));
  const server = { ip: '198.51.100.20', port: 5190 };
  for (let i = 0; i < 200_000; i++) {
    const client = { ip: `10.${(i >> 14) & 255}.${(i >> 6) & 255}.${i & 63}`, port: 1024 + (i % 60_000) };
    packets.push({
      seconds: 1_110_290_592,
      nanos: i * 1_000,
      bytes: tcpFrame(client, server, { seq: i, flags: SYN }),
    });
    if (i % 10_000 !== 0) continue;
    const c = ims[i / 10_000];
    packets.push(...(c?.send(0, line(`in the flood ${i / 10_000}`)).packets.splice(0) ?? []));
  }
  const { events, pipeline } = runPackets(packets, { protocols: echo, limits: { flows: 32_768 } });
  expect(texts(events)).toEqual(ims.map((_, i) => `in the flood ${i}`));
  const { counters, table } = pipeline.tracker;
  expect(table.peak).toBeLessThanOrEqual(32_768);
  expect(counters.syns).toBe(200_020);
  expect(counters.evictedIm).toBe(0);
  expect(table.count).toBe(0);
}, 60_000);
