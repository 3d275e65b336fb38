import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LiveStatus } from '../../app/live.ts';
import type { Rulebook } from '../../classify/rulebook.ts';
import { parsePeriod, parseSize, sizeText } from '../units.ts';
import { setQuota } from './keeping.ts';
import { ServiceManager } from './manager.ts';
import { Metrics, parseMetricsPlace, serveMetrics } from './metrics.ts';
import { identityOf } from './privilege.ts';
import { Reloader } from './reload.ts';
import { statisticsText } from './statistics.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'imspan-service-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const STATUS: LiveStatus = {
  ...{ frames: 1_234, drops: 5, queueDrops: 0, gapBytes: 77, alerts: 2, events: 50, flows: 9, uptime: 60 },
  ...{ memory: 123_456_789, backlog: 4_096, counters: undefined },
  interfaces: [
    { name: 'eth1', frames: 1_000, restarts: 1, packets: 1_005, drops: 5, partly: false, queueDrops: 3 },
    { name: 'e"\n2', frames: 234, restarts: 0, packets: undefined, drops: undefined, partly: false },
  ],
};

test.each<[string, number]>([
  ['500', 500],
  ['2K', 2_048],
  ['10G', 10 * 2 ** 30],
])('a size: %s', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each<[string, number]>([
  ['90', 90],
  ['15m', 900],
  ['1h', 3_600],
  ['7d', 604_800],
])('a period: %s', (text, seconds) => {
  expect(parsePeriod(text)).toBe(seconds);
});

test.each(['', '0', '-1', '1.5G', '1X', '1e3', 'G', '9999999999999T'])('no size: %s', (text) => {
  expect(() => parseSize(text)).toThrow('write bytes');
});

test.each(['', '0', '1y', '400d', '-3m'])('no period: %s', (text) => {
  expect(() => parsePeriod(text)).toThrow('write seconds');
});

test('sizes for people', () => {
  expect([0, 1_023, 1_536, 5 * 2 ** 30].map(sizeText)).toEqual([
    '0 bytes',
    '1023 bytes',
    '1.5 KiB',
    '5.0 GiB',
  ]);
});

test('quotas add up, and only of what is kept', () => {
  expect(setQuota('logs=1G', setQuota('evidence=2M'))).toEqual({ evidence: 2 ** 21, logs: 2 ** 30 });
  expect(() => setQuota('spool=1G')).toThrow('one of: extract, evidence, logs');
});

describe('metrics', () => {
  test.each([
    ['9464', '127.0.0.1', 9_464],
    ['0.0.0.0:80', '0.0.0.0', 80],
    ['[::1]:9464', '::1', 9_464],
  ])('a place: %s', (text, host, port) => {
    expect(parseMetricsPlace(text)).toEqual({ host, port });
  });

  test.each(['', 'host', '70000', '1.2.3.4:', 'a:b:1', '::1:9464'])('no place: %s', (text) => {
    expect(() => parseMetricsPlace(text)).toThrow('write PORT');
  });

  test('are told in the form of Prometheus; what is unknown is left out, names are escaped', async () => {
    const metrics = await Metrics.open(() => STATUS, { version: '1', engine: 'tcpdump' });
    const text = await metrics.text();
    expect(text).toContain('\nimspan_packets_total{interface="eth1"} 1000\n');
    expect(text).toContain('\nimspan_packets_total{interface="e\\"\\n2"} 234\n');
    expect(text).toContain('\nimspan_kernel_drops_total{interface="eth1"} 5\n');
    expect(text).not.toContain('imspan_kernel_drops_total{interface="e\\"');
    expect(text).toContain('\nimspan_flows 9\n');
    expect(text).toContain('\nimspan_info{version="1",engine="tcpdump"} 1\n');
    // Totals are those of the run however often they are asked for.
    expect(await metrics.text()).toBe(text);
  });

  test('are not there before the run is', async () => {
    const metrics = await Metrics.open(() => undefined, { version: '1' });
    const server = await serveMetrics({ host: '127.0.0.1', port: 0 }, metrics);
    try {
      const { port } = server.address() as AddressInfo;
      expect(await fetched(port, '/metrics')).toMatchObject({ status: 503, text: 'not yet\n' });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  test('are served where asked for and nowhere else; a place that is taken is told', async () => {
    const metrics = await Metrics.open(() => STATUS, { version: '1', engine: 'cap' });
    const server = await serveMetrics({ host: '127.0.0.1', port: 0 }, metrics);
    const { address, port } = server.address() as AddressInfo;
    try {
      expect(address).toBe('127.0.0.1');
      const answers = await Promise.all(
        ['/metrics', '/health', '/../etc/passwd'].map((path) => fetched(port, path)),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 404]);
      expect(answers[0]?.text).toContain('imspan_events_total 50');
      expect(answers[0]?.type).toMatch(/^text\/plain; version=0\.0\.4/);
      expect((await fetched(port, '/metrics', 'POST')).status).toBe(405);
      await expect(serveMetrics({ host: '127.0.0.1', port }, metrics)).rejects.toMatchObject({
        message: `--metrics 127.0.0.1:${port}: something else listens there; take another port`,
        exitCode: 3,
      });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

interface Fetched {
  status: number | undefined;
  type: string | undefined;
  text: string;
}

function fetched(port: number, path: string, method = 'GET'): Promise<Fetched> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, method }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () =>
        resolve({ status: response.statusCode, type: response.headers['content-type'], text }),
      );
    });
    request.on('error', reject);
    request.end();
  });
}

test('statistics tell every interface in a line, and what is not known as unknown', () => {
  expect(statisticsText(STATUS).split('\n')).toEqual([
    'running for 60 s: 1,234 packets, 9 connections in the table, 50 events, 2 alerts',
    'memory 117.7 MiB, 4.0 KiB of packets wait for the workers',
    'eth1: 1,000 packets (1,005 in the kernel, 5 dropped there), 3 dropped by us, begun again 1 times',
    expect.stringMatching(
      /^e".*2: 234 packets \(unknown to the kernel, drops unknown\), 0 dropped by us, begun again 0 times$/,
    ),
    '77 bytes missing',
  ]);
});

test('the service manager is told through its own tool, where it asks for it', async () => {
  const log = join(folder, 'log');
  const tool = join(folder, 'systemd-notify');
  writeFileSync(tool, `#!/bin/sh\necho "$@" >> ${log}\n`);
  chmodSync(tool, 0o755);
  const env = { PATH: `${folder}:/usr/bin:/bin` };
  new ServiceManager(env, () => undefined).ready('x');
  const manager = new ServiceManager(
    { ...env, NOTIFY_SOCKET: '/x', WATCHDOG_USEC: '40000' },
    () => undefined,
  );
  const lines = (): string[] => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []);
  const until = async (line: string): Promise<void> => {
    for (let n = 0; n < 400 && !lines().includes(line); n++) await new Promise((go) => setTimeout(go, 5));
    expect(lines()).toContain(line);
  };
  manager.ready('capturing with tcpdump');
  await until('--ready --status=capturing with tcpdump');
  await until('WATCHDOG=1');
  manager.stopping();
  await until('STOPPING=1 --status=ending');
  expect(lines().filter((line) => line.startsWith('--ready'))).toHaveLength(1);
});

test('where its tool is not there, that is told once', async () => {
  const said: string[] = [];
  const manager = new ServiceManager({ PATH: '/nonexistent', NOTIFY_SOCKET: '/x' }, (line) =>
    said.push(line),
  );
  manager.ready('a');
  for (let n = 0; n < 400 && said.length === 0; n++) await new Promise((go) => setTimeout(go, 5));
  manager.status('b');
  await new Promise((go) => setTimeout(go, 20));
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/^systemd-notify cannot be run \(.*ENOENT\)/);
});

test('files that are read again are taken as a whole; a broken one changes nothing and says where it is broken', async () => {
  const policy = join(folder, 'policy.yaml');
  const taken: Rulebook[] = [];
  const said: string[] = [];
  const reloader = new Reloader(
    { policy },
    (rulebook) => taken.push(rulebook),
    (line) => said.push(line),
  );
  writeFileSync(policy, 'version: 2\ndefault: { verdict: allow }\n');
  await reloader.reload();
  expect([taken.length, taken[0]?.policy.rules.length]).toEqual([1, 0]);
  writeFileSync(policy, 'version: 2\ndefault: { verdict: alow }\n');
  await reloader.reload();
  expect(taken).toHaveLength(1);
  expect(said).toEqual([
    `read again: ${policy}`,
    expect.stringContaining(`${policy}:2:21: "verdict" "alow" is not known`),
    'nothing was changed: what held before still holds',
  ]);
  rmSync(policy);
  await reloader.reload();
  expect(said.at(-2)).toContain('cannot read the policy');
  // Asked again and again while it reads: once more is enough.
  writeFileSync(policy, 'version: 2\n');
  await Promise.all(Array.from({ length: 20 }, () => reloader.reload()));
  expect(taken).toHaveLength(3);
});

test('root becomes a user that is there, and no root', () => {
  if (process.getuid?.() !== 0) {
    expect(() => identityOf('nobody')).toThrow('only root can become another user');
    return;
  }
  const passwd = join(folder, 'passwd');
  writeFileSync(passwd, 'root:x:0:0::/root:/bin/sh\nimspan:x:991:990::/:/bin/false\nbad:x:-1:0::/:\n');
  expect(identityOf('imspan', passwd)).toEqual({ name: 'imspan', uid: 991, gid: 990 });
  expect(() => identityOf('root', passwd)).toThrow('that user is root itself');
  for (const name of ['nobody2', 'bad', ''])
    expect(() => identityOf(name, passwd)).toThrow('there is no user');
});
