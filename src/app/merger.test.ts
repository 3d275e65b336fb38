import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Stamp } from '../flow/consumer.ts';
import { Merger } from './merger.ts';
import { COLUMN, COLUMNS, OP } from './recorder.ts';
import type { Batch, FlowIntroduction } from './recorder.ts';
import type { World } from './world.ts';

/** One row: at `order`, of flow `flow`; `end` is what sorts flows that end together. */
interface Row {
  order: number;
  end: number;
  flow: number;
}

function batchOf(rows: readonly Row[], upTo: number): Batch {
  const numbers = new Float64Array(rows.length * COLUMNS);
  rows.forEach((row, i) => {
    const at = i * COLUMNS;
    numbers[at + COLUMN.ORDER] = row.order;
    numbers[at + COLUMN.END_FRAME] = row.end;
    numbers[at + COLUMN.OP] = OP.VERDICT;
    numbers[at + COLUMN.FLOW] = row.flow;
  });
  const payloads = rows.map(({ flow }): FlowIntroduction => ({
    id: String(flow),
    header: {
      flow_id: flow,
      community_id: '',
      src_ip: '',
      src_port: 0,
      dest_ip: '',
      dest_port: 0,
      proto: 'TCP',
    },
    protocol: 'none',
    verdict: { protocol: 'none', confidence: 'low', evidence: [] },
    midstream: false,
    carrier: undefined,
    clientLink: undefined,
  }));
  return { rows: numbers, payloads, upTo };
}

/** A world that writes down in which order flows were told. */
function listening(): { world: World; told: string[] } {
  const told: string[] = [];
  const session = { verdict: (flow: { id: string }) => told.push(flow.id) };
  return {
    world: { stamp: new Stamp(), clock: { seconds: 0, nanos: 0 }, session } as unknown as World,
    told,
  };
}

describe('the order in which workers are told', () => {
  test('a row waits while another worker may still tell an earlier one', () => {
    const { world, told } = listening();
    const merger = new Merger(world, 2, [], () => undefined);
    merger.add(0, batchOf([{ order: 5, end: 0, flow: 1 }], 7));
    merger.pump(100);
    expect(told).toEqual([]);
    merger.add(1, batchOf([], 4));
    merger.pump(100);
    expect(told).toEqual([]);
    merger.add(1, batchOf([{ order: 5, end: 0, flow: 2 }], 7));
    merger.pump(100);
    expect(told).toEqual(['1', '2']);
  });

  test('a batch is acknowledged once it is taken whole, an empty one at once', () => {
    const { world } = listening();
    const taken: number[] = [];
    const merger = new Merger(world, 2, [], (worker) => taken.push(worker));
    merger.add(0, batchOf([{ order: 1, end: 0, flow: 1 }], 3));
    expect(taken).toEqual([]);
    merger.add(1, batchOf([], 3));
    expect(taken).toEqual([1]);
    merger.pump(100);
    expect(taken).toEqual([1, 0]);
  });

  test('however the rows are spread over workers and batches, they are told in one order', () => {
    const rows = fc.uniqueArray(fc.record({ order: fc.nat(30), end: fc.nat(5) }), {
      selector: (row) => row.order * 10 + row.end,
      maxLength: 60,
    });
    fc.assert(
      fc.property(
        rows,
        fc.integer({ min: 1, max: 5 }),
        fc.infiniteStream(fc.nat(4)),
        (all, workers, chance) => {
          const random = chance[Symbol.iterator]();
          const draw = (n: number): number => (random.next().value as number) % n;
          const sorted = all
            .sort((a, b) => a.order - b.order || a.end - b.end)
            .map((row, flow): Row => ({ ...row, flow }));
          const lanes: Row[][] = Array.from({ length: workers }, () => []);
          for (const row of sorted) lanes[draw(workers)]?.push(row);
          const { world, told } = listening();
          const merger = new Merger(world, workers, [], () => undefined);
          const open = lanes.map((lane, worker) => ({ lane, worker }));
          while (open.length > 0) {
            const at = draw(open.length);
            const { lane, worker } = open[at] ?? { lane: [], worker: 0 };
            const some = lane.splice(0, draw(5));
            const done = lane.length === 0 && draw(2) === 0;
            const next = lane[0]?.order ?? (some.at(-1)?.order ?? -1) + 1;
            merger.add(worker, batchOf(some, done ? Infinity : next - 1));
            if (done) open.splice(at, 1);
            while (merger.pump(3));
          }
          expect(told).toEqual(sorted.map(({ flow }) => String(flow)));
        },
      ),
      { seed: 4, numRuns: 300 },
    );
  });
});
