import { describe, expect, test } from '@jest/globals';
import { LIVE } from './live-times.ts';
import { TrafficWatch } from './traffic-watch.ts';

/** A watch over one interface; what it told. */
function watch(filter = '', state?: 'down' | 'no carrier'): { watch: TrafficWatch; told: string[] } {
  const told: string[] = [];
  const look = (): never => (state === undefined ? undefined : { state }) as never;
  return {
    told,
    watch: new TrafficWatch({ interfaces: ['eth1'], filter, look, notice: (line) => told.push(line) }),
  };
}
const pass = (one: TrafficWatch, seconds: number, frames: (second: number) => number): void => {
  for (let s = 1; s <= seconds; s++) one.second([frames(s)], [true]);
};
const MANY = LIVE.ENOUGH_CONNECTIONS;

describe('connections of which one direction is seen', () => {
  test('are told once, with what to do', () => {
    const { watch: one, told } = watch();
    pass(one, LIVE.LOOK_SECONDS, (s) => s);
    told.length = 0;
    one.directions({ both: 1, one: 10 * MANY });
    one.directions({ both: 1, one: 20 * MANY });
    expect(told).toEqual([
      `only one direction is seen of ${10 * MANY} of ${10 * MANY + 1} connections: set the span session to both (rx and tx), or give the other interface with a second -i`,
    ]);
  });

  test.each([
    ['some are, as behind every asymmetric route', { both: MANY, one: 9 * MANY }],
    ['too few to say', { both: 0, one: MANY - 1 }],
    ['both are', { both: 10 * MANY, one: 0 }],
  ])('not where %s', (_, seen) => {
    const { watch: one, told } = watch();
    pass(one, LIVE.LOOK_SECONDS, (s) => s);
    told.length = 0;
    one.directions(seen);
    expect(told).toEqual([]);
  });

  test('nor before there was time to look', () => {
    const { watch: one, told } = watch();
    pass(one, LIVE.LOOK_SECONDS - 1, (s) => s);
    told.length = 0;
    one.directions({ both: 0, one: 10 * MANY });
    expect(told).toEqual([]);
    one.second([99_999], [true]);
    one.directions({ both: 0, one: 10 * MANY });
    expect(told).toHaveLength(1);
  });
});

describe('silence', () => {
  test('at the beginning, its end, and silence later, each once', () => {
    const { watch: one, told } = watch();
    pass(one, 2 * LIVE.SILENT_AT_START, () => 0);
    expect(told).toEqual([expect.stringContaining(`eth1: no packets for ${LIVE.SILENT_AT_START} seconds`)]);
    pass(one, 3, (s) => s);
    expect(told.slice(1)).toEqual(['eth1: packets are arriving']);
    pass(one, 2 * LIVE.SILENT_LATER, () => 3);
    pass(one, 1, () => 4);
    expect(told.slice(2)).toEqual([
      expect.stringContaining(`eth1: no packets for ${LIVE.SILENT_LATER} seconds`),
      'eth1: packets are arriving again',
    ]);
  });

  test.each([
    ['', 'down', 'sudo ip link set eth1 up'],
    ['', 'no carrier', 'is the cable in'],
    ['', undefined, 'is its session on'],
    ['tcp port 9', undefined, 'nothing passes the filter (tcp port 9)'],
  ] as const)('filter %j, interface %s: %s', (filter, state, advice) => {
    const { watch: one, told } = watch(filter, state);
    pass(one, LIVE.SILENT_AT_START, () => 0);
    expect(told[0]).toContain(advice);
  });

  test('of an interface that does not capture is not told', () => {
    const { watch: one, told } = watch();
    for (let s = 0; s < 2 * LIVE.SILENT_AT_START; s++) one.second([0], [false]);
    expect(told).toEqual([]);
  });
});
