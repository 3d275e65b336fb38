/**
 * `npm run test:service`: the program as a service, in network namespaces that are made here and removed; no packet leaves
 * them. Apart from `npm test` because its runs take real time. Skipped where they cannot be made (not root, no ip, tcpreplay or setpriv).
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { commandOf, environment, eventsOf, finished, imspan, PATIENCE, ROOT } from '../e2e/program.ts';
import type { Written } from '../e2e/program.ts';

jest.setTimeout(60_000);

const ENV = { ...environment(), PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
const SPAN = `imspan-s${process.pid}a`;
const MONITOR = `imspan-s${process.pid}b`;
const CAPTURE = 'captures/yahoo/basic-ymsg12.pcap';
const USER = 'nobody';

function run(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { env: ENV, cwd: ROOT, timeout: PATIENCE }).status === 0;
}

function lay(): boolean {
  const quiet = (space: string, iface: string): boolean =>
    run('ip', ['netns', 'exec', space, 'sysctl', '-qw', `net.ipv6.conf.${iface}.disable_ipv6=1`]) &&
    run('ip', ['-n', space, 'link', 'set', iface, 'up']);
  return (
    run('ip', ['-n', SPAN, 'link', 'add', 'va', 'type', 'veth', 'peer', 'name', 'vb', 'netns', MONITOR]) &&
    quiet(MONITOR, 'vb') &&
    quiet(SPAN, 'va')
  );
}

function remove(): void {
  for (const name of [SPAN, MONITOR]) run('ip', ['netns', 'del', name]);
}

function why(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  for (const tool of ['ip', 'tcpreplay', 'tcpdump', 'setpriv'])
    if (spawnSync(tool, ['--version'], { env: ENV }).error !== undefined) return `no ${tool}`;
  if (run('ip', ['netns', 'add', SPAN]) && run('ip', ['netns', 'add', MONITOR]) && lay()) return undefined;
  remove();
  return 'network namespaces cannot be made here';
}

const skipped = why();
if (skipped !== undefined) process.stderr.write(`service tests are skipped: ${skipped}\n`);
const live = skipped === undefined ? describe : describe.skip;

let folder = '';
let uid = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'imspan-service-'));
  chmodSync(folder, 0o755);
  uid = Number(spawnSync('id', ['-u', USER], { encoding: 'utf8' }).stdout);
  mkdirSync(join(folder, 'log'));
  chownSync(join(folder, 'log'), uid, 0);
});
const started: ChildProcessWithoutNullStreams[] = [];
afterEach(() => {
  // What a test that failed has left behind.
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
afterAll(remove);

const at = (...parts: string[]): string => join(folder, ...parts);

interface Service {
  readonly child: ChildProcessWithoutNullStreams;
  readonly end: ReturnType<typeof finished>;
  /** Waits until standard error has said it, so many times. */
  said(what: RegExp, times?: number): Promise<void>;
}

function start(
  args: readonly string[],
  env: Record<string, string> = {},
  before: readonly string[] = [],
): Service {
  const [command, all] = commandOf(['sniff', '-i', 'vb', '--engine', 'tcpdump', '--quiet', ...args]);
  const child = spawn('ip', ['netns', 'exec', MONITOR, ...before, command, ...all], {
    cwd: ROOT,
    env: { ...ENV, ...env },
  });
  started.push(child);
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return {
    child,
    end: finished(child),
    async said(what, times = 1) {
      const count = (): number => text.match(new RegExp(what, 'gm'))?.length ?? 0;
      for (let n = 0; n < 600 && count() < times; n++) await sleep(50);
      if (count() < times) throw new Error(`not said: ${String(what)}\n${text}`);
    },
  };
}

function play(args: readonly string[] = ['--topspeed']): void {
  expect(
    run('ip', ['netns', 'exec', SPAN, 'tcpreplay', '-q', '-i', 'va', ...args, join(ROOT, CAPTURE)]),
  ).toBe(true);
}

const statusOf = (pid: number, key: string): string =>
  new RegExp(`^${key}:\\s+(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';

function childrenOf(pid: number): number[] {
  return spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
    .stdout.trim()
    .split(/\s+/)
    .map(Number);
}

const written = (...names: string[]): Written[] =>
  eventsOf(names.map((name) => readFileSync(at('log', name), 'utf8')).join(''));
const signatures = (events: readonly Written[]): unknown[] =>
  events.flatMap(({ alert }) => alert?.signature_id ?? []);

/** Who wrote what to whom. */
const messages = (events: readonly Written[]): unknown[] =>
  events.filter(({ im }) => im?.kind === 'message').map(({ im }) => [im?.id, im?.text]);

live('the service', () => {
  test('root is given up for good once it captures; the service manager is told; SIGTERM ends with 0', async () => {
    const tool = at('systemd-notify');
    writeFileSync(tool, `#!/bin/sh\necho "$@" >> ${at('log', 'notified')}\n`);
    chmodSync(tool, 0o755);
    const env = { PATH: `${folder}:${ENV.PATH}`, NOTIFY_SOCKET: '/unused', WATCHDOG_USEC: '1000000' };
    const service = start(
      [
        '--user',
        USER,
        '--eve',
        at('log', 'eve.json'),
        '--state',
        at('log', 'state'),
        '--evidence',
        at('log', 'evidence'),
      ],
      env,
    );
    await service.said(/root was given up: this is nobody now/);
    const pid = service.child.pid ?? 0;
    const everyone = [pid, ...childrenOf(pid)];
    expect(everyone.length).toBeGreaterThanOrEqual(3);
    for (const each of everyone) {
      expect(statusOf(each, 'Uid').split(/\s+/)).toEqual(Array.from({ length: 4 }, () => String(uid)));
      expect(statusOf(each, 'CapEff')).toMatch(/^0+$/);
    }
    play();
    await sleep(2_000);
    service.child.kill('SIGTERM');
    const { status, stderr } = await service.end;
    expect([status, stderr.includes('bug')]).toEqual([0, false]);
    expect(messages(written('eve.json'))).toEqual(
      messages(eventsOf(imspan(['replay', '--json', CAPTURE]).stdout)),
    );
    for (const name of ['eve.json', 'state/findings.json', 'state/health.json', 'evidence/evidence.jsonl'])
      expect(statSync(at('log', name)).uid).toBe(uid);
    const told = readFileSync(at('log', 'notified'), 'utf8').split('\n');
    expect(told[0]).toBe('--ready --status=capturing with tcpdump');
    expect(told).toEqual(expect.arrayContaining(['WATCHDOG=1', 'STOPPING=1 --status=ending']));
  });

  test('a capture that ends behind that ends the run with 3, for the manager to start it anew', async () => {
    const service = start(['--user', USER]);
    await service.said(/root was given up/);
    run('ip', ['-n', SPAN, 'link', 'del', 'va']);
    const { status, stderr } = await service.end;
    expect(lay()).toBe(true);
    expect(status).toBe(3);
    expect(stderr).toContain(
      'vb: its capture ended, and root was given up: it has to be begun by a new start',
    );
  });

  test('one capability that is inherited is enough, without a way to more', async () => {
    const rights = [
      '--inh-caps=-all,+net_raw',
      '--ambient-caps=-all,+net_raw',
      '--bounding-set=-all,+net_raw',
      '--no-new-privs',
    ];
    const service = start(['--eve', at('log', 'eve.json'), '--workers', '2'], {}, [
      'setpriv',
      '--reuid',
      USER,
      '--regid',
      '65534',
      '--clear-groups',
      ...rights,
    ]);
    await service.said(/vb: capturing$/);
    expect(statusOf(service.child.pid ?? 0, 'CapEff')).toBe('0000000000002000');
    play();
    await sleep(2_000);
    service.child.kill('SIGTERM');
    expect((await service.end).status).toBe(0);
    expect(messages(written('eve.json')).length).toBeGreaterThan(10);
  });

  test('without a right it says what to do, and ends with 3', async () => {
    const service = start([], {}, [
      'setpriv',
      '--reuid',
      USER,
      '--regid',
      '65534',
      '--clear-groups',
      '--inh-caps=-all',
      '--bounding-set=-all',
    ]);
    const { status, stderr } = await service.end;
    expect(status).toBe(3);
    expect(stderr).toMatch(/vb: tcpdump cannot capture: .*permission[^]*sudo setcap cap_net_raw/);
  });

  test.each(['1', '2'])(
    'read again under load, with %s threads, nothing is lost and no connection forgotten',
    async (workers) => {
      const policy = at('policy.yaml');
      writeFileSync(policy, 'version: 2\ndefault: { verdict: allow }\n');
      const service = start([
        '--policy',
        policy,
        '--eve',
        at('log', 'eve.json'),
        '--eve-rotate',
        '20K',
        '--eve-keep',
        '50',
        '--workers',
        workers,
      ]);
      await service.said(/vb: capturing$/);
      const playing = spawn(
        'ip',
        ['netns', 'exec', SPAN, 'tcpreplay', '-q', '-i', 'va', '--pps', '30', join(ROOT, CAPTURE)],
        { env: ENV, stdio: 'ignore' },
      );
      const over = new Promise((resolve) => playing.on('close', resolve));
      for (let n = 0; n < 10; n++) {
        await sleep(100);
        // Every other time it is broken.
        writeFileSync(
          policy,
          n % 2 === 0
            ? 'version: 2\ndefault: { verdict: alow }\n'
            : 'version: 2\ndefault: { verdict: allow }\n',
        );
        service.child.kill('SIGHUP');
      }
      await service.said(/nothing was changed/, 1);
      // While its connections are open the client is forbidden.
      writeFileSync(policy, 'version: 2\ndefault: { verdict: alert, reason: new }\n');
      service.child.kill('SIGHUP');
      await service.said(/read again: /, 2);
      await over;
      await sleep(2_000);
      service.child.kill('SIGUSR1');
      await service.said(/vb: 88 packets \(88 in the kernel, 0 dropped there\), 0 dropped by us/);
      service.child.kill('SIGTERM');
      const { status, stderr } = await service.end;
      expect(status).toBe(0);
      expect(stderr).toContain(`${policy}:2:21: "verdict" "alow" is not known`);
      const files = readdirSync(at('log')).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
      const text = files.map((name) =>
        name.endsWith('.gz')
          ? spawnSync('gzip', ['-dc', at('log', name)]).stdout.toString()
          : readFileSync(at('log', name), 'utf8'),
      );
      const events = eventsOf(text.join(''));
      expect(messages(events).sort()).toEqual(
        messages(eventsOf(imspan(['replay', '--json', CAPTURE]).stdout)).sort(),
      );
      expect(new Set(signatures(events))).toContain(9_000_004);
    },
  );

  test('what logrotate has moved away is opened anew by SIGHUP', async () => {
    const service = start(['--eve', at('log', 'eve.json')]);
    await service.said(/vb: capturing$/);
    play();
    await sleep(2_000);
    renameSync(at('log', 'eve.json'), at('log', 'old'));
    service.child.kill('SIGHUP');
    await service.said(/read again: no policy, names or lists were given/);
    service.child.kill('SIGTERM');
    expect((await service.end).status).toBe(0);
    expect(messages(written('old')).length).toBeGreaterThan(10);
    expect(written('eve.json').at(-1)?.event_type).toBe('stats');
  });

  test('a silent span is an alert, heartbeats go on, and metrics can be asked for', async () => {
    const service = start([
      '--eve',
      at('log', 'eve.json'),
      '--dead-man',
      '2',
      '--stats',
      '1',
      '--heartbeat',
      '--metrics',
      '19464',
    ]);
    run('ip', ['-n', MONITOR, 'link', 'set', 'lo', 'up']);
    await service.said(/heartbeat: 0 packets/, 4);
    const ask =
      'fetch("http://127.0.0.1:19464/metrics").then((r) => r.text()).then((t) => process.stdout.write(t))';
    const asked = spawnSync('ip', ['netns', 'exec', MONITOR, process.execPath, '-e', ask], {
      env: ENV,
      encoding: 'utf8',
    });
    expect(asked.stdout).toContain('imspan_packets_total{interface="vb"} 0');
    service.child.kill('SIGTERM');
    expect((await service.end).status).toBe(0);
    const events = written('eve.json');
    expect(signatures(events)).toEqual([9_000_160]);
    const stats = events
      .filter(({ event_type }) => event_type === 'stats')
      .map(({ im }) => im?.stats?.['health']);
    expect(stats.at(-1)).toBeUndefined();
    expect(stats[0]).toMatchObject({ backlog: 0, flows: 0 });
  });

  test.each(['1', '2'])(
    'a port for metrics that is taken ends it with 3 before it captures, with %s threads',
    async (workers) => {
      run('ip', ['-n', MONITOR, 'link', 'set', 'lo', 'up']);
      const first = start(['--metrics', '19465']);
      await first.said(/vb: capturing$/);
      const { status, stderr } = await start(['--metrics', '19465', '--workers', workers]).end;
      first.child.kill('SIGTERM');
      await first.end;
      expect(status).toBe(3);
      expect(stderr).toContain('--metrics 127.0.0.1:19465: something else listens there; take another port');
      expect(stderr).not.toContain('capturing');
    },
  );

  test('a configuration file that is wrong ends it with 2, with line and column', async () => {
    writeFileSync(at('imspan.yaml'), 'version: 1\nsniff:\n  statts: 3\n');
    const service = start(['--config', at('imspan.yaml')]);
    const { status, stderr } = await service.end;
    expect(status).toBe(2);
    expect(stderr).toContain(
      `${at('imspan.yaml')}:3:3: unknown key "statts" in "sniff" (did you mean "stats"?)`,
    );
  });

  test('a state folder whose files are damaged is told of, and the run goes on', async () => {
    mkdirSync(at('log', 'state'));
    for (const name of ['findings.json', 'marks.json', 'health.json'])
      writeFileSync(at('log', 'state', name), '{"version":1,');
    const service = start(['--state', at('log', 'state')]);
    await service.said(/is not used: it is no JSON\. It was moved to/, 3);
    await service.said(/vb: capturing$/);
    service.child.kill('SIGTERM');
    expect((await service.end).status).toBe(0);
    expect(readdirSync(at('log', 'state')).sort()).toEqual([
      ...[
        'findings.json',
        'findings.json.aside-1',
        'health.json',
        'health.json.aside-1',
        'marks.json.aside-1',
      ],
    ]);
  });
});
