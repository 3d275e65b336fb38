import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { InterfaceInfo } from '../capture/live/interfaces.ts';
import type { ToolRun } from '../capture/live/run-tool.ts';
import type { Check } from './doctor/check.ts';
import { checkCardDrops, checkInterface, checkOffloads, checkRing } from './doctor/interface-checks.ts';
import type { Run } from './doctor/interface-checks.ts';
import {
  checkClock,
  checkCollector,
  checkEngines,
  checkFolder,
  checkMemory,
  checkNode,
  checkUser,
} from './doctor/system-checks.ts';
import { exitCodeOf, renderChecks } from './doctor.ts';

/** What a program says, by its name. */
function runs(says: Readonly<Record<string, ToolRun>>): Run {
  return (command) => Promise.resolve(says[command] ?? { status: undefined, text: '' });
}

const state = ({ state: is, todo }: Check): unknown[] => [is, todo];
const INTERFACE: InterfaceInfo = { name: 'eth1', state: 'up', link: 'ethernet', addresses: [], speed: 1_000 };

test.each<[string, InterfaceInfo | undefined, string, RegExp | undefined]>([
  ['as it should be', INTERFACE, 'good', undefined],
  ['not there', undefined, 'bad', /imspan interfaces/],
  ['down', { ...INTERFACE, state: 'down' }, 'bad', /ip link set eth1 up/],
  ['without carrier', { ...INTERFACE, state: 'no carrier' }, 'bad', /span port of the switch/],
  ['with an address', { ...INTERFACE, addresses: ['10.0.0.1/24'] }, 'warning', /needs none/],
])('an interface that is %s', (_what, info, is, todo) => {
  const [check] = checkInterface('eth1', info);
  expect(check?.state).toBe(is);
  if (todo) expect(check?.todo).toMatch(todo);
});

test('offloads that join packets are told with the command that ends them', async () => {
  const says = (text: string, status: number | undefined = 0): Run => runs({ ethtool: { status, text } });
  const on =
    'Features for eth1:\ngeneric-receive-offload: on\nlarge-receive-offload: on\nrx-gro-hw: off [fixed]\n';
  expect(state(await checkOffloads('eth1', says(on)))).toEqual([
    'warning',
    'sudo ethtool -K eth1 gro off lro off',
  ]);
  expect(state(await checkOffloads('eth1', says(on.replaceAll(': on', ': off'))))).toEqual([
    'good',
    undefined,
  ]);
  expect((await checkOffloads('eth1', says('', 1))).state).toBe('unknown');
  expect(state(await checkOffloads('eth1', runs({})))).toEqual(['unknown', 'apt install ethtool']);
});

test('a ring that could be larger is told', async () => {
  const ring = (most: number, now: number): Run => {
    const text = `Ring parameters for eth1:\nPre-set maximums:\nRX:\t\t${most}\nTX:\t\t9\nCurrent hardware settings:\nRX:\t\t${now}\n`;
    return runs({ ethtool: { status: 0, text } });
  };
  expect(state(await checkRing('eth1', ring(4_096, 512)))).toEqual([
    'warning',
    'sudo ethtool -G eth1 rx 4096',
  ]);
  expect((await checkRing('eth1', ring(512, 512))).state).toBe('good');
  expect((await checkRing('eth1', runs({ ethtool: { status: 80, text: '' } }))).state).toBe('unknown');
});

test('what the card has dropped is told beyond one packet in a thousand', () => {
  const sys = mkdtempSync(join(tmpdir(), 'imspan-doctor-'));
  try {
    const statistics = join(sys, 'eth1', 'statistics');
    mkdirSync(statistics, { recursive: true });
    const set = (rx: number, missed: number): Check => {
      for (const [leaf, n] of Object.entries({ rx_packets: rx, rx_missed_errors: missed, rx_fifo_errors: 0 }))
        writeFileSync(join(statistics, leaf), `${n}\n`);
      return checkCardDrops('eth1', sys);
    };
    expect([set(100_000, 50).state, set(100_000, 500).state, checkCardDrops('eth9', sys).state]).toEqual([
      ...['good', 'bad', 'unknown'],
    ]);
  } finally {
    rmSync(sys, { recursive: true });
  }
});

test('a clock that is kept, that is not, that was never set, and of which nobody knows', async () => {
  const now = new Date('2026-11-24T00:00:00Z');
  const is = async (says: Readonly<Record<string, ToolRun>>, at = now): Promise<string> =>
    (await checkClock(runs(says), at)).state;
  expect(await is({ timedatectl: { status: 0, text: 'yes\n' } })).toBe('good');
  expect(await is({ timedatectl: { status: 0, text: 'no\n' } })).toBe('warning');
  expect(await is({ chronyc: { status: 0, text: 'Leap status     : Normal\n' } })).toBe('good');
  expect(await is({ chronyc: { status: 0, text: 'Leap status     : Not synchronised\n' } })).toBe('warning');
  expect(await is({})).toBe('unknown');
  expect(await is({ timedatectl: { status: 0, text: 'yes\n' } }, new Date(0))).toBe('bad');
});

test('the engine that would be taken is the one that is judged', () => {
  const probes = [
    {
      name: 'tcpdump',
      state: 'not permitted',
      note: 'not permitted: run imspan with sudo, or once: sudo setcap',
    },
    { name: 'dumpcap', state: 'ready', note: 'ready: kernel times' },
    { name: 'cap', state: 'missing', note: 'not there: install it' },
  ] as const;
  expect(checkEngines(probes, 'auto').map(state)).toEqual([
    ['bad', 'run imspan with sudo, or once: sudo setcap'],
  ]);
  expect(checkEngines(probes, 'dumpcap').map(state)).toEqual([['good', undefined]]);
  expect(checkEngines(probes, 'cap').map(state)).toEqual([['bad', 'install it']]);
});

test('the program, the user, the memory', () => {
  expect(['20.18.9', '20.19.0', '22.1.0', '18.20.0'].map((version) => checkNode(version).state)).toEqual([
    ...['bad', 'good', 'good', 'bad'],
  ]);
  expect(
    [checkUser(undefined, 0), checkUser('imspan', 0), checkUser(undefined, 9)].map((c) => c.state),
  ).toEqual([...['warning', 'good', 'good']]);
  const gib = 2 ** 30;
  expect(checkMemory(2, 8 * gib, gib, 0).state).toBe('good');
  expect(checkMemory(2, 8 * gib, gib, gib).state).toBe('warning');
  // What the system calls no bound is larger than the machine.
  expect(checkMemory(2, 8 * gib, gib, 2 ** 60).state).toBe('good');
});

test('folders that can be written, that will be made, and that cannot be', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'imspan-doctor-'));
  try {
    writeFileSync(join(folder, 'file'), '');
    const at = async (path: string): Promise<string> =>
      (await checkFolder('--state', join(folder, path))).state;
    expect([await at('.'), await at('new'), await at('file'), await at('no/such')]).toEqual([
      expect.stringMatching(/good|warning/),
      ...['good', 'bad', 'bad'],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a collector that takes connections, that refuses them, and that never answers', async () => {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  expect((await checkCollector(`tcp://127.0.0.1:${port}`)).state).toBe('good');
  await new Promise((resolve) => server.close(resolve));
  expect(await checkCollector(`tls://127.0.0.1:${port}`)).toMatchObject({
    state: 'bad',
    found: 'ECONNREFUSED',
  });
  expect((await checkCollector('udp://127.0.0.1')).found).toContain('UDP does not say');
  expect((await checkCollector('udp://no.such.host.invalid')).state).toBe('bad');
  expect(await checkCollector('siem')).toMatchObject({ state: 'bad', usage: true });
  expect((await checkCollector('local:')).state).toBe('unknown');
});

test('what is bad is told with what to do, and the exit code says which kind it is', () => {
  const good: Check = { name: 'a', state: 'good', found: 'x', todo: 'never shown' };
  const warning: Check = { name: 'b\u001b[31m', state: 'warning', found: 'y', todo: 'do this' };
  const failed: Check = { name: 'c', state: 'bad', found: 'z', todo: 'do that' };
  const text = renderChecks([good, warning, failed]);
  expect(text).toBe(
    'good     a: x\nWARNING  b<U+001B>[31m: y\n         to do: do this\nBAD      c: z\n         to do: do that\n3 checks: 1 bad, 1 warnings, 0 unknown\n'.replace(
      'b<U+001B>[31m',
      /b.*(?=: y)/.exec(text)?.[0] ?? '',
    ),
  );
  expect(text).not.toContain('\u001b');
  expect(
    [[good], [good, warning], [good, failed], [failed, { ...failed, usage: true }]].map(exitCodeOf),
  ).toEqual([...[0, 0, 3, 2]]);
});
