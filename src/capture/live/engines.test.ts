import { describe, expect, test } from '@jest/globals';
import { refusedByCap } from './cap.ts';
import { countDumpcap, dumpcapArguments } from './dumpcap.ts';
import type { TapCounters, TapOptions } from './engine.ts';
import { parseDeviceList } from './interfaces.ts';
import { countTcpdump, flushesOnSignal, tcpdumpArguments } from './tcpdump.ts';

const OPTIONS: TapOptions = {
  iface: 'eth1',
  filter: '',
  snapLength: 262_144,
  buffer: 67_108_864,
  promiscuous: true,
};

function counted(
  count: (line: string, counters: TapCounters) => void,
  lines: readonly string[],
): TapCounters {
  const counters: TapCounters = { packets: undefined, drops: undefined };
  for (const line of lines) count(line, counters);
  return counters;
}

describe('tcpdump', () => {
  test.each([
    [
      'asked for',
      ['tcpdump: 9 packets captured, 12 packets received by filter, 3 packets dropped by kernel'],
    ],
    ['at the end', ['9 packets captured', '12 packets received by filter', '3 packets dropped by kernel']],
  ])('counters %s', (_when, lines) => {
    expect(counted(countTcpdump, lines)).toEqual({ packets: 12, drops: 3 });
  });

  test('other lines count nothing', () => {
    expect(counted(countTcpdump, ['listening on eth1'])).toEqual({ packets: undefined, drops: undefined });
  });

  test.each([
    ['tcpdump version 4.99.3', true],
    ['tcpdump version 5.0.0', true],
    ['tcpdump version 4.9.3', false],
    ['', false],
  ])('%s writes out on a signal: %s', (version, flushes) => {
    expect(flushesOnSignal(version)).toBe(flushes);
  });

  test('a filter that looks like an option is none', () => {
    expect(tcpdumpArguments({ ...OPTIONS, filter: '-w x', promiscuous: false }, false)).toEqual(
      '-i eth1 -n -w - -s 262144 -B 65536 -p -U --'.split(' ').concat('-w x'),
    );
  });
});

test('dumpcap: arguments and counters', () => {
  expect(dumpcapArguments({ ...OPTIONS, filter: 'tcp' }).join(' ')).toBe(
    '-i eth1 -f tcp -q -P -w - -s 262144 -B 64',
  );
  const line =
    "Packets received/dropped on interface 'vb': 2188/3 (pcap:3/dumpcap:0/flushed:0/ps_ifdrop:0) (99.9%)";
  expect(counted(countDumpcap, [line])).toEqual({ packets: 2191, drops: 3 });
});

test('cap refuses what it cannot do', () => {
  expect(refusedByCap(OPTIONS)).toEqual([]);
  expect(refusedByCap({ ...OPTIONS, snapLength: 96, promiscuous: false })).toHaveLength(2);
});

test('the list of devices', () => {
  const found = parseDeviceList(
    '1.en0 (Wi-Fi) [Up, Running]\n2.lo0 [Up, Running, Loopback]\n3. en1 (x)\nrubbish',
  );
  expect(found.map(({ name, state, link }) => `${name} ${state} ${link}`)).toEqual([
    'en0 up unknown',
    'lo0 up loopback',
    'en1 unknown unknown',
  ]);
});
