/**
 * What each known trick against a passive reader does here: a row of docs/EVASION.md each. "client says" are
 * the lines that the protocol was handed, "told" the anomalies of the connection.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OVERLAPS } from '../../src/core/overlap.ts';
import type { Overlap } from '../../src/core/overlap.ts';
import { ROOT } from '../golden/replay.ts';
import { lineProtocol, runPackets } from '../support/engine.ts';
import { Forger, URG } from '../support/forge.ts';
import { ACK, FIN, PSH, RST, SYN } from '../support/packets.ts';

/** Kind 19 (TCP MD5), 18 bytes: a signature that no key gives; two bytes of padding. */
const SIGNED = new Uint8Array([19, 18, ...new Array<number>(16).fill(0xaa), 1, 1]);

interface Row {
  name: string;
  packets: (f: Forger) => Forger;
  says: string[];
  told?: string[];
  overlap?: Overlap;
  /** What the server's side says, where it does. */
  answers?: string[];
  counters?: Record<string, number>;
}

const HI = 'ECHO hi\n';
const ROWS: Row[] = [
  {
    name: 'every packet twice (both directions of a span port)',
    packets: (f) => {
      f.open().again().put(0, 0, HI).again().acked(0, 8).again();
      return f.put(0, 8, 'two\n').again((b) => (b[22] = 63));
    },
    says: ['hi', 'two'],
    counters: { duplicates: 4, retransmitted: 0 },
  },
  {
    name: 'retransmission with the same bytes',
    packets: (f) => f.open().put(0, 0, HI).put(0, 0, HI).put(0, 8, 'two\n'),
    says: ['hi', 'two'],
    counters: { duplicates: 0, retransmitted: 1 },
  },
  {
    name: 'retransmission with other bytes',
    packets: (f) => f.open().put(0, 0, HI).put(0, 0, 'ECHO no\n').put(0, 8, 'two\n'),
    says: ['hi', 'two'],
    told: ['stream_overlap_conflict'],
  },
  {
    name: 'overlap with other bytes behind a hole, first',
    packets: (f) => f.open().put(0, 6, 'AAAA\n').put(0, 4, ' BBBB').put(0, 0, 'ECHO'),
    says: ['BAAAA'],
    told: ['stream_overlap_conflict'],
    overlap: 'first',
  },
  {
    name: 'overlap with other bytes behind a hole, last',
    packets: (f) => f.open().put(0, 6, 'AAAA\n').put(0, 7, 'BB').put(0, 0, 'ECHO  '),
    says: [' ABBA'],
    told: ['stream_overlap_conflict'],
    overlap: 'last',
  },
  {
    name: 'overlap with other bytes behind a hole, linux',
    packets: (f) => f.open().put(0, 6, 'AAAA\n').put(0, 4, ' BBBB').put(0, 0, 'ECHO'),
    says: ['BBBBA'],
    told: ['stream_overlap_conflict'],
    overlap: 'linux',
  },
  {
    name: 'overlap with other bytes behind a hole, windows',
    packets: (f) => f.open().put(0, 6, 'AAAA').put(0, 4, ' BBBB').put(0, 5, 'CCCCCC\n').put(0, 0, 'ECHO'),
    says: ['BCCCCC'],
    told: ['stream_overlap_conflict'],
    overlap: 'windows',
  },
  {
    name: 'bytes in the SYN, acknowledged',
    packets: (f) => {
      f.put(0, -1, HI, { flags: SYN, ack: -f.first[1] - 1 });
      return f.put(1, -1, '', { flags: SYN | ACK, ack: 8 }).put(0, 8, 'two\n');
    },
    says: ['hi', 'two'],
  },
  {
    name: 'bytes in the SYN, not acknowledged and sent again',
    packets: (f) => {
      f.put(0, -1, HI, { flags: SYN, ack: -f.first[1] - 1 });
      return f
        .put(1, -1, '', { flags: SYN | ACK })
        .put(0, 0, HI)
        .put(0, 8, 'two\n');
    },
    says: ['hi', 'two'],
  },
  {
    name: 'wrong checksum, then the real bytes',
    packets: (f) =>
      f.open().put(0, 0, HI).put(0, 8, 'no!\n', { wrong: true }).put(0, 8, 'two\n').acked(0, 12),
    says: ['hi', 'two'],
    told: ['tcp_bad_checksum_insert'],
  },
  {
    name: 'wrong checksum, and nobody acknowledges it',
    packets: (f) =>
      f.open().put(0, 0, HI).acked(0, 8).put(0, 8, 'no!\n', { wrong: true }).wait(20_000).acked(0, 8),
    says: ['hi'],
    told: ['tcp_bad_checksum_insert'],
  },
  {
    name: 'wrong checksum, but the receiver acknowledges it (merged by a card)',
    packets: (f) => f.open().put(0, 0, HI).put(0, 8, 'two\n', { wrong: true }).acked(0, 12),
    says: ['hi', 'two'],
  },
  {
    name: 'all checksums of a direction wrong (offload on the sender)',
    packets: (f) => {
      for (const [at, text] of [
        [0, HI],
        [8, 'two\n'],
        [12, 'three\n'],
      ] as const)
        f.put(0, at, text, { wrong: true });
      return f;
    },
    says: ['hi', 'two', 'three'],
  },
  {
    name: 'low TTL, then the real bytes',
    packets: (f) => f.open().put(0, 0, HI).put(0, 8, 'no!\n', { ttl: 3 }).put(0, 8, 'two\n').acked(0, 12),
    says: ['hi', 'two'],
    told: ['tcp_low_ttl_insert'],
  },
  {
    name: 'low TTL on the first bytes of a connection',
    packets: (f) => f.open().put(0, 0, 'nothing\n', { ttl: 3 }).put(0, 0, HI).acked(0, 8),
    says: ['hi'],
    told: ['tcp_low_ttl_insert'],
  },
  {
    name: 'wrong checksum on the first bytes of a connection',
    packets: (f) => f.open().put(0, 0, 'nothing\n', { wrong: true }).put(0, 0, HI).acked(0, 8),
    says: ['hi'],
    told: ['tcp_bad_checksum_insert'],
  },
  {
    name: 'low TTL, but the receiver acknowledges it (another route)',
    packets: (f) => {
      f.open().put(0, 0, HI).put(0, 8, 'two\n', { ttl: 40 }).acked(0, 12);
      return f.put(0, 12, 'three\n', { ttl: 40 });
    },
    says: ['hi', 'two', 'three'],
  },
  {
    name: 'urgent data',
    packets: (f) =>
      f
        .open()
        .put(0, 0, HI)
        .put(0, 8, 'tw!o\n', { flags: PSH | ACK | URG, urgent: 3 }),
    says: ['hi', 'tw!o'],
    told: ['tcp_urgent'],
  },
  {
    name: 'RST outside the window',
    packets: (f) =>
      f.open().put(0, 0, HI).put(0, 0x1000_0000, '', { flags: RST }).wait(30_000).put(0, 8, 'two\n'),
    says: ['hi', 'two'],
  },
  {
    name: 'RST inside the window, not at the expected number',
    packets: (f) => f.open().put(0, 0, HI).put(0, 90, '', { flags: RST }).put(0, 8, 'two\n'),
    says: ['hi', 'two'],
    told: ['tcp_data_after_rst', 'tcp_rst_inexact'],
  },
  {
    name: 'RST at the expected number, and its side sends on',
    packets: (f) => {
      f.open().put(0, 0, HI).put(0, 8, '', { flags: RST }).put(0, 8, 'two\n');
      return f.wait(30_000).put(0, 12, 'three\n');
    },
    says: ['hi', 'two', 'three'],
    told: ['tcp_data_after_rst'],
  },
  {
    name: 'RST with a wrong checksum or a low TTL',
    packets: (f) => {
      f.open().put(0, 0, HI).put(0, 8, '', { flags: RST, wrong: true }).put(0, 8, '', { flags: RST, ttl: 2 });
      return f.wait(30_000).put(0, 8, 'two\n');
    },
    says: ['hi', 'two'],
    told: ['tcp_bad_checksum_insert', 'tcp_low_ttl_insert'],
  },
  {
    name: 'FIN with a wrong checksum or a low TTL',
    packets: (f) => {
      f.open()
        .put(0, 0, HI)
        .put(0, 8, '', { flags: FIN | ACK, ttl: 2 });
      return f.put(0, 8, '', { flags: FIN | ACK, wrong: true }).put(0, 8, 'two\n');
    },
    says: ['hi', 'two'],
    told: ['tcp_bad_checksum_insert', 'tcp_low_ttl_insert'],
  },
  {
    name: 'bytes beyond the FIN',
    packets: (f) =>
      f
        .open()
        .put(0, 0, HI, { flags: FIN | PSH | ACK })
        .put(0, 8, 'more\n')
        .put(0, 9, 'ore\n'),
    says: ['hi'],
    told: ['tcp_data_after_fin'],
  },
  {
    name: 'a SYN with another number on an open connection',
    packets: (f) => f.open().put(0, 0, HI).put(0, 700_000, '', { flags: SYN }).put(0, 8, 'two\n'),
    says: ['hi', 'two'],
  },
  {
    name: 'one segment far ahead of the stream',
    packets: (f) =>
      f.open().put(0, 0, HI).put(0, 0x2000_0000, 'no!\n').put(0, 8, 'two\n').acked(0, 12).wait(20_000),
    says: ['hi', 'two'],
  },
  {
    name: 'an acknowledgement of what was never sent',
    packets: (f) => f.open().put(0, 0, HI).acked(0, 0x2000_0000).wait(5_000).put(0, 8, 'two\n'),
    says: ['hi', 'two'],
  },
  {
    name: 'keep-alive with a byte of garbage',
    packets: (f) => f.open().put(0, 0, HI).acked(0, 8).put(0, 7, 'x', { flags: ACK }).put(0, 8, 'two\n'),
    says: ['hi', 'two'],
  },
  {
    name: 'zero window and its probes',
    packets: (f) => {
      f.open().put(0, 0, HI).put(1, 0, '', { flags: ACK, ack: 8, window: 0 });
      f.put(0, 8, 't', { flags: ACK }).put(1, 0, '', { flags: ACK, ack: 8, window: 0 });
      return f
        .put(0, 8, 't', { flags: ACK })
        .put(1, 0, '', { flags: ACK, ack: 8 })
        .put(0, 8, 'two\n')
        .acked(0, 12);
    },
    says: ['hi', 'two'],
  },
  {
    name: 'one byte a segment, in reverse order',
    packets: (f) => {
      f.open();
      for (let i = HI.length - 1; i >= 0; i--) f.put(0, i, HI[i] ?? '');
      return f;
    },
    says: ['hi'],
  },
  {
    name: 'sequence numbers that wrap',
    packets: (f) => {
      const wrapping = Object.assign(f, { first: [0xffff_fffa, 0xffff_fff0] as const });
      return wrapping.open().put(0, 8, 'two\n').put(0, 0, HI);
    },
    says: ['hi', 'two'],
  },
  {
    name: 'old timestamps (PAWS) are not looked at',
    packets: (f) => f.open().put(0, 0, HI).put(0, 8, 'old\n').put(0, 8, 'two\n'),
    says: ['hi', 'old'],
    told: ['stream_overlap_conflict'],
  },
  {
    name: 'TCP MD5 and TCP-AO signatures are not checked',
    packets: (f) => f.open().put(0, 0, HI).put(0, 8, 'bad\n', { options: SIGNED }).put(0, 8, 'two\n'),
    says: ['hi', 'bad'],
    told: ['stream_overlap_conflict'],
  },
  {
    name: 'flags that no sender sets (none, or all)',
    packets: (f) => f.open().put(0, 0, HI).put(0, 8, '', { flags: 0 }).put(0, 8, 'two\n', { flags: 0 }),
    says: ['hi', 'two'],
  },
];

function play(row: Row): {
  says: string[];
  answers: string[];
  told: string[];
  counters: Record<string, number>;
} {
  const f = row.packets(new Forger());
  const { events, pipeline } = runPackets(f.packets, {
    protocols: [lineProtocol()],
    ...(row.overlap ? { overlap: row.overlap } : {}),
  });
  const said = (d: string): string[] =>
    events.filter((e) => e.im?.kind === 'message' && e.direction === d).map((e) => e.im?.text ?? '');
  const told = events.flatMap((e) => (e.event_type === 'anomaly' ? [e.anomaly?.event ?? ''] : [])).sort();
  expect(pipeline.tracker.watched).toBe(0);
  expect(events.filter((e) => e.event_type === 'flow')).toHaveLength(1);
  return {
    says: said('to_server'),
    answers: said('to_client'),
    told,
    counters: { ...pipeline.tracker.counters },
  };
}

test('any forged packets: never throws, all is given back, whatever the policy', () => {
  const step = fc.record({
    d: fc.constantFrom(0 as const, 1 as const),
    place: fc.oneof(fc.integer({ min: -2, max: 40 }), fc.integer()),
    text: fc.oneof(fc.constantFrom('ECHO a\n', '', 'x', 'ECHO '), fc.string({ maxLength: 30 })),
    flags: fc.constantFrom(SYN, SYN | ACK, ACK, PSH | ACK, PSH | ACK, FIN | ACK, RST, URG | ACK, 0, 255),
    ack: fc.integer({ min: -2, max: 60 }),
    ttl: fc.constantFrom(64, 64, 64, 3, 60, 255),
    wrong: fc.boolean(),
    id: fc.nat(3),
    wait: fc.constantFrom(0, 1, 20, 1_500, 40_000),
  });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 50 }),
      fc.constantFrom(...OVERLAPS),
      fc.boolean(),
      (steps, overlap, opens) => {
        const f = new Forger();
        if (opens) f.open();
        for (const { d, place, text, wait, ...set } of steps) f.wait(wait).put(d, place, text, set);
        const { pipeline } = runPackets(f.packets, {
          protocols: [lineProtocol()],
          overlap,
          limits: { flows: 1024 },
        });
        expect(pipeline.tracker.table.count).toBe(0);
        expect(pipeline.tracker.watched).toBe(0);
        expect(pipeline.detection.held).toBe(0);
        expect(pipeline.dissection.failures).toEqual([]);
      },
    ),
    { seed: 9, numRuns: 400 },
  );
});

describe('evasions', () => {
  test.each(ROWS)('$name', (row) => {
    const { counters, ...seen } = play(row);
    expect(seen).toEqual({ says: row.says, answers: row.answers ?? [], told: row.told ?? [] });
    expect(counters).toMatchObject(row.counters ?? {});
  });

  test('docs/EVASION.md has a line for each of them, and for nothing else', () => {
    const page = readFileSync(join(ROOT, 'docs', 'EVASION.md'), 'utf8');
    const rows = page
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| trick') && !line.startsWith('| ---'))
      .map((line) => line.split('|')[1]?.trim());
    expect(rows).toEqual(ROWS.map((row) => row.name));
  });
});
