/**
 * Live capture by the real program, in network namespaces that are made here and removed: no packet
 * leaves them. Skipped where they cannot be made (not root, no ip or tcpreplay).
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
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
function lay(from = 'va', to = 'vb'): boolean {
  const laid = run('ip', [
    '-n',
    SPAN,
    'link',
    'add',
    from,
    'type',
    'veth',
    'peer',
    'name',
    to,
    'netns',
    MONITOR,
  ]);
  // Neither end may speak by itself.
  run('ip', ['netns', 'exec', SPAN, 'sysctl', '-qw', `net.ipv6.conf.${from}.disable_ipv6=1`]);
  run('ip', ['netns', 'exec', MONITOR, 'sysctl', '-qw', `net.ipv6.conf.${to}.disable_ipv6=1`]);
  return (
    laid &&
    run('ip', ['-n', MONITOR, 'link', 'set', to, 'up']) &&
    run('ip', ['-n', SPAN, 'link', 'set', from, 'up'])
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

function sniff(
  args: readonly string[],
  interfaces: readonly string[] = ['vb'],
): ChildProcessWithoutNullStreams {
  const [command, all] = commandOf(['sniff', ...interfaces.flatMap((name) => ['-i', name]), ...args]);
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

/** An engine has the interface open once it says so: what is sent from then on is in the kernel's buffer. */
async function listening(child: ChildProcessWithoutNullStreams, iface = 'vb'): Promise<void> {
  await said(child, new RegExp(`imspan: ${iface}: capturing$`, 'm'));
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
  await listening(child);
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
    await listening(child);
    run('ip', ['-n', SPAN, 'link', 'del', 'va']);
    await said(child, /vb: capture ended .*trying again in 1 s/);
    expect(lay()).toBe(true);
    await said(child, /vb: capturing again/);
    play(CAPTURE, ['--topspeed']);
    await sleep(2_000);
    child.kill('SIGTERM');
    const { stdout, status } = await end;
    expect(status).toBe(0);
    expect(stdout).toContain('alice_y');
    expect(stdout).toMatch(/vb: capture had to begin again 1 time/);
  });

  test('an interface that is set down keeps its capture and goes on when it is up again', async () => {
    const child = sniff(['--engine', 'tcpdump', '--json', '--workers', '2']);
    const end = finished(child);
    await listening(child);
    run('ip', ['-n', MONITOR, 'link', 'set', 'vb', 'down']);
    await sleep(1_500);
    run('ip', ['-n', MONITOR, 'link', 'set', 'vb', 'up']);
    // tcpdump may end of it: then it is begun again within seconds.
    await sleep(3_000);
    play(CAPTURE);
    await sleep(2_000);
    child.kill('SIGINT');
    expect(common(eventsOf((await end).stdout))).toEqual(
      common(eventsOf(imspan(['replay', '--json', CAPTURE]).stdout)),
    );
  });

  (has('tcpprep') ? test : test.skip)(
    'a tap of two interfaces, one direction each, tells what one of both tells',
    async () => {
      expect(lay('va2', 'vb2')).toBe(true);
      const cache = join(tmpdir(), `imspan-split-${process.pid}`);
      expect(run('tcpprep', ['-a', 'client', '-i', join(ROOT, CAPTURE), '-o', cache])).toBe(true);
      const child = sniff(['--engine', 'tcpdump', '--json'], ['vb', 'vb2']);
      const end = finished(child);
      await Promise.all([listening(child), listening(child, 'vb2')]);
      play(CAPTURE, ['-c', cache, '-I', 'va2']);
      await sleep(2_500);
      child.kill('SIGINT');
      rmSync(cache, { force: true });
      run('ip', ['-n', SPAN, 'link', 'del', 'va2']);
      const { stdout, stderr } = await end;
      const events = eventsOf(stdout);
      // Which of two packets of the same moment comes first is not known: the order of what is told may differ.
      const messages = (of: readonly Written[]): unknown[] =>
        of.filter(({ im }) => im?.kind === 'message').map(({ im }) => [im?.from, im?.to, im?.text]);
      expect(messages(events).sort()).toEqual(
        messages(eventsOf(imspan(['replay', '--json', CAPTURE]).stdout)).sort(),
      );
      expect(new Set(events.map(({ in_iface }) => in_iface))).toEqual(new Set(['vb', 'vb2', undefined]));
      expect(events.filter(({ event_type }) => event_type === 'flow').map(({ im }) => im?.seen)).toEqual(
        expect.arrayContaining(['both']),
      );
      expect(stderr).not.toContain('only one direction');
    },
  );

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
      await listening(child);
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
    await listening(child);
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
