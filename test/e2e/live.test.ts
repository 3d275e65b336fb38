/**
 * Live capture by the real program, in network namespaces that are made here and removed: no packet
 * leaves them. Skipped where they cannot be made (not root, no ip or tcpreplay).
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { commandOf, environment, eventsOf, finished, imspan, PATIENCE, ROOT } from './program.ts';
import type { Run, Written } from './program.ts';

jest.setTimeout(2 * PATIENCE);

const ENV = { ...environment(), PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
const SPAN = `imspan-t${process.pid}a`;
const MONITOR = `imspan-t${process.pid}b`;
const CAPTURE = 'captures/yahoo/basic-ymsg12.pcap';

function run(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { env: ENV, cwd: ROOT, timeout: PATIENCE }).status === 0;
}

function has(command: string, args: readonly string[] = ['--version']): boolean {
  return spawnSync(command, args, { env: ENV }).error === undefined;
}

/** Two ends of a cable: `va` in one namespace, where packets are sent, `vb` in the other, where we listen. */
function lay(): boolean {
  const laid = run('ip', [
    '-n',
    SPAN,
    'link',
    'add',
    'va',
    'type',
    'veth',
    'peer',
    'name',
    'vb',
    'netns',
    MONITOR,
  ]);
  // Neither end may speak by itself.
  run('ip', ['netns', 'exec', SPAN, 'sysctl', '-qw', 'net.ipv6.conf.va.disable_ipv6=1']);
  run('ip', ['netns', 'exec', MONITOR, 'sysctl', '-qw', 'net.ipv6.conf.vb.disable_ipv6=1']);
  return (
    laid &&
    run('ip', ['-n', MONITOR, 'link', 'set', 'vb', 'up']) &&
    run('ip', ['-n', SPAN, 'link', 'set', 'va', 'up'])
  );
}

function remove(): void {
  for (const name of [SPAN, MONITOR]) run('ip', ['netns', 'del', name]);
}

function why(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  for (const tool of ['ip', 'tcpreplay', 'tcpdump']) if (!has(tool)) return `no ${tool}`;
  const made = run('ip', ['netns', 'add', SPAN]) && run('ip', ['netns', 'add', MONITOR]) && lay();
  if (made) return undefined;
  remove();
  return 'network namespaces cannot be made here';
}

const skipped = why();
if (skipped !== undefined) process.stderr.write(`live tests are skipped: ${skipped}\n`);
const live = skipped === undefined ? describe : describe.skip;

function hasCap(): boolean {
  try {
    createRequire(import.meta.url)('cap');
    return true;
  } catch {
    return false;
  }
}

const ENGINES = [...['tcpdump'], ...(has('dumpcap') ? ['dumpcap'] : []), ...(hasCap() ? ['cap'] : [])];

function sniff(args: readonly string[]): ChildProcessWithoutNullStreams {
  const [command, all] = commandOf(['sniff', '-i', 'vb', ...args]);
  return spawn('ip', ['netns', 'exec', MONITOR, command, ...all], { cwd: ROOT, env: ENV });
}

/** Waits until standard error has said it. */
async function said(child: ChildProcessWithoutNullStreams, what: RegExp): Promise<void> {
  let text = '';
  const until = new AbortController();
  child.stderr.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (what.test(text)) until.abort();
  });
  await sleep(PATIENCE / 2, undefined, { signal: until.signal }).catch(() => undefined);
  expect(text).toMatch(what);
}

function play(capture: string, args: readonly string[] = []): void {
  expect(
    run('ip', ['netns', 'exec', SPAN, 'tcpreplay', '-q', '-i', 'va', ...args, join(ROOT, capture)]),
  ).toBe(true);
}

/** Promiscuous mode is on once the engine listens. */
async function listening(): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const shown = spawnSync('ip', ['-n', MONITOR, '-d', 'link', 'show', 'vb'], {
      env: ENV,
      encoding: 'utf8',
    });
    if (/promiscuity [1-9]/.test(shown.stdout)) break;
    await sleep(50);
  }
  // An engine opens the interface before it begins to read it, on a busy machine a second or more before.
  await sleep(2_500);
}

const OWN = new Set([
  'timestamp',
  'start',
  'end',
  'first_seen',
  'last_seen',
  'age',
  'pcap_filename',
  'pcap_cnt',
  'in_iface',
]);

/** The events without when and where: what a live run and a replay have in common. */
function common(events: readonly Written[]): unknown[] {
  return events
    .filter((event) => event.event_type !== 'stats')
    .map((event): unknown =>
      JSON.parse(JSON.stringify(event, (key, value: unknown) => (OWN.has(key) ? undefined : value))),
    );
}

async function capture(engine: string, what: string): Promise<Run> {
  const child = sniff(['--engine', engine, '--json']);
  const end = finished(child);
  await listening();
  play(what);
  // The kernel hands on what it gathered within a second.
  await sleep(2_000);
  child.kill('SIGINT');
  return end;
}

live('live capture', () => {
  afterAll(remove);

  test.each(ENGINES)('%s tells what a replay of the same packets tells', async (engine) => {
    const { stdout, stderr, status } = await capture(engine, CAPTURE);
    const events = eventsOf(stdout);
    expect(stderr).toContain(`imspan: ${engine} on vb: `);
    expect(stderr).toContain('vb: packets are arriving');
    expect(status).toBe(0);
    expect(common(events)).toEqual(common(eventsOf(imspan(['replay', '--json', CAPTURE]).stdout)));
    expect(events.every((event) => event.event_type === 'stats' || event.in_iface === 'vb')).toBe(true);
    expect(events.some((event) => event.pcap_cnt !== undefined)).toBe(false);
    const stats = events.at(-1);
    expect(stats?.event_type).toBe('stats');
    const counted = engine === 'cap' ? {} : { kernel_packets: 88, kernel_drops: 0 };
    expect(stats?.stats?.['capture']).toEqual(counted);
    expect(stderr.includes('kernel drops unknown')).toBe(engine === 'cap');
  });

  test('loss and reordering are told as in a replay', async () => {
    const what = 'captures/xmpp/loss-reorder.pcap';
    const { stdout } = await capture('tcpdump', what);
    expect(common(eventsOf(stdout))).toEqual(common(eventsOf(imspan(['replay', '--json', what]).stdout)));
  });

  test('an interface that goes is waited for', async () => {
    const child = sniff(['--engine', 'tcpdump', '--quiet', '--duration', '60']);
    const end = finished(child);
    await listening();
    run('ip', ['-n', SPAN, 'link', 'del', 'va']);
    await said(child, /vb: capture ended .*trying again in 1 s/);
    expect(lay()).toBe(true);
    await said(child, /vb: capturing again/);
    await listening();
    play(CAPTURE, ['--topspeed']);
    await sleep(2_000);
    child.kill('SIGTERM');
    const { stdout, status } = await end;
    expect(status).toBe(0);
    expect(stdout).toContain('alice_y');
    expect(stdout).toMatch(/vb: capture had to begin again 1 time/);
  });

  test('a silent wire is told of, with what it may come from', async () => {
    const child = sniff(['--engine', 'tcpdump', '--quiet', '--filter', 'tcp port 1']);
    const end = finished(child);
    await said(child, /vb: no packets for 5 seconds: nothing passes the filter \(tcp port 1\)/);
    child.kill('SIGINT');
    expect((await end).stdout).toContain('vb: not one packet was seen');
  });

  test.each(['tcpdump', ...(has('dumpcap') ? ['dumpcap'] : [])])(
    '%s does not outlive a program that was killed',
    async (engine) => {
      const child = sniff(['--engine', engine, '--quiet']);
      const end = finished(child);
      await listening();
      child.kill('SIGKILL');
      await end;
      let left = ' ';
      for (let i = 0; i < 100 && left !== ''; i++) {
        await sleep(50);
        left = spawnSync('ip', ['netns', 'pids', MONITOR], { env: ENV, encoding: 'utf8' }).stdout.trim();
      }
      expect(left).toBe('');
    },
  );

  test('it ends by itself after so many packets', async () => {
    const child = sniff(['--engine', 'tcpdump', '--json', '--count', '50']);
    const end = finished(child);
    await listening();
    play(CAPTURE, ['--topspeed']);
    const stats = eventsOf((await end).stdout).at(-1);
    expect(stats?.stats?.['decoder']).toMatchObject({ pkts: 50 });
  });

  test.each(ENGINES)('%s: a wrong filter is told before the start', async (engine) => {
    const { status, stderr } = await finished(sniff(['--engine', engine, '--filter', 'tcp porrt 80']));
    expect(status).toBe(2);
    expect(stderr).toContain('--filter tcp porrt 80: ');
    expect(stderr).toContain('syntax error');
  });
});
