import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readSteps } from '../../scripts/dockerfile.ts';
import { stableSbom } from '../../scripts/sbom.ts';
import { parseConfig } from '../../src/cli/config/config-file.ts';
import { replayCommand } from '../../src/cli/replay.ts';
import { sniffCommand } from '../../src/cli/sniff.ts';

const UNIT = readFileSync('packaging/systemd/imspan.service', 'utf8');
const analyze = spawnSync('systemd-analyze', ['--version']).error === undefined;
if (!analyze) process.stderr.write('the unit is not verified: no systemd-analyze\n');
const withSystemd = analyze ? test : test.skip;

test('the configuration that is shipped is good', async () => {
  const text = readFileSync('packaging/etc/imspan.yaml', 'utf8');
  const commands = { sniff: sniffCommand(), replay: replayCommand() };
  const { values } = await parseConfig(text, 'imspan.yaml', commands);
  expect(values.map(({ setting }) => setting.key)).toEqual(
    expect.arrayContaining(['policy', 'interface', 'state', 'eve']),
  );
  // What is commented out is good, too.
  const open = text.replaceAll(/^ {2}# ([a-z]+: [[/].*)$/gm, '  $1');
  expect((await parseConfig(open, 'imspan.yaml', commands)).values.length).toBe(values.length + 5);
});

withSystemd('systemd finds nothing wrong with the unit, and it is confined', () => {
  const folder = mkdtempSync(join(tmpdir(), 'imspan-unit-'));
  try {
    const unit = join(folder, 'imspan.service');
    // The program is where the package puts it; here it need not be.
    writeFileSync(unit, UNIT.replace('ExecStart=/usr/bin/imspan ', 'ExecStart=/bin/true '));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=25', unit], {
      encoding: 'utf8',
    });
    const [, exposure = '10'] = /exposure level for imspan\.service: ([\d.]+)/.exec(stdout) ?? [];
    expect(Number(exposure)).toBeLessThanOrEqual(2.5);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the unit gives one right, tells when it is ready, and does not start a wrong configuration again', () => {
  const lines = UNIT.split('\n');
  for (const line of [
    'Type=notify',
    'NotifyAccess=all',
    'AmbientCapabilities=CAP_NET_RAW',
    'CapabilityBoundingSet=CAP_NET_RAW',
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    'RestartPreventExitStatus=2',
  ])
    expect(lines).toContain(line);
});

test('the layout is laid out, and what an operator has changed is kept by an upgrade', () => {
  const folder = mkdtempSync(join(tmpdir(), 'imspan-layout-'));
  const source = join(folder, 'source');
  const dest = join(folder, 'dest');
  try {
    // The libraries are not what is tested: a folder stands for them.
    for (const part of [
      'bin',
      'dist',
      'docs',
      'packaging',
      'package.json',
      'README.md',
      'CHANGELOG.md',
      'LICENSE',
    ])
      spawnSync('cp', ['-R', part, join(folder, part)]);
    spawnSync('mkdir', ['-p', source, join(source, 'node_modules', 'old')]);
    for (const part of [
      'bin',
      'dist',
      'docs',
      'packaging',
      'package.json',
      'README.md',
      'CHANGELOG.md',
      'LICENSE',
    ])
      spawnSync('mv', [join(folder, part), source]);
    // The program of the source tree makes the policy: a copy would miss its libraries.
    const node = join(folder, 'node');
    writeFileSync(
      node,
      `#!/bin/sh\nshift\nexec "${process.execPath}" "${process.cwd()}/bin/imspan.js" "$@"\n`,
      { mode: 0o755 },
    );
    const install = (): string =>
      spawnSync('sh', [join(source, 'packaging', 'install.sh'), dest], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], NODE: node },
      }).stdout;
    expect(install()).toBe('');
    const mode = (path: string): string => (statSync(join(dest, path)).mode & 0o777).toString(8);
    expect(['etc/imspan', 'etc/imspan/imspan.yaml', 'var/lib/imspan', 'var/log/imspan'].map(mode)).toEqual([
      ...['750', '640', '700', '700'],
    ]);
    expect(existsSync(join(dest, 'usr/bin/imspan'))).toBe(true);
    expect(readFileSync(join(dest, 'etc/imspan/policy.yaml'), 'utf8')).toContain('version: 2');
    writeFileSync(join(dest, 'etc/imspan/imspan.yaml'), 'mine');
    rmSync(join(source, 'node_modules', 'old'), { recursive: true });
    expect(install()).toBe(`${join(dest, 'etc/imspan/imspan.yaml')} is kept as it is\n`);
    expect(readFileSync(join(dest, 'etc/imspan/imspan.yaml'), 'utf8')).toBe('mine');
    expect(existsSync(join(dest, 'usr/lib/imspan/node_modules/old'))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the Dockerfile is one that npm run image can run, ends as the user, and gives node no right', () => {
  const steps = readSteps(readFileSync('packaging/Dockerfile', 'utf8'));
  expect(steps.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['FROM', 'RUN', 'COPY', 'USER', 'ENTRYPOINT']),
  );
  expect(steps.findLast(({ name }) => name === 'USER')?.rest).toBe('imspan');
  for (const { rest } of steps.filter(({ name }) => name === 'COPY'))
    for (const from of rest.split(' ').slice(0, -1)) expect(existsSync(from)).toBe(true);
  expect(steps.some(({ rest }) => /setcap.*node/.test(rest))).toBe(false);
  expect(() => readSteps('ADD http://example.com/x /\n')).toThrow('not understood');
  expect(readSteps('# a\nRUN a \\\n  b\n')).toEqual([{ name: 'RUN', rest: 'a  b' }]);
});

test('the bill of materials is the same for the same libraries, and has no component without a licence', () => {
  const bom = (serial: string, time: string, reversed = false, licenses: unknown[] = [{}]): string => {
    const components = [
      { name: 'a', version: '1', 'bom-ref': 'a@1', licenses },
      { name: 'b', version: '2', 'bom-ref': 'b@2', licenses },
    ];
    if (reversed) components.reverse();
    return JSON.stringify({
      bomFormat: 'CycloneDX',
      serialNumber: serial,
      metadata: { timestamp: time, component: { name: serial, 'bom-ref': '@x/imspan@1' } },
      components,
    });
  };
  const one = stableSbom(bom('urn:uuid:1', 'now'), 86_400);
  expect(stableSbom(bom('urn:uuid:2', 'later', true), 86_400)).toBe(one);
  expect(stableSbom(bom('urn:uuid:1', 'now'), 0)).not.toBe(one);
  expect(JSON.parse(one)).toMatchObject({
    serialNumber: expect.stringMatching(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/,
    ),
    metadata: { timestamp: '1970-01-02T00:00:00.000Z', component: { name: '@x/imspan' } },
  });
  expect(() => stableSbom(bom('', '', false, []), 0)).toThrow('a 1 tells no licence');
});
