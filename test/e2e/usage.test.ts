import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { commandOf, environment, eventsOf, imspan, PATIENCE, ROOT, Scratch } from './program.ts';

jest.setTimeout(2 * PATIENCE);

const CAPTURE = 'captures/yahoo/port-80-ymsg12.pcap';
const scratch = new Scratch();
afterAll(() => {
  scratch.remove();
});

describe('a wrong command line: exit code 2, and what was probably meant', () => {
  test.each([
    ['a command', ['replai', CAPTURE], /unknown command 'replai'[^]*replay/],
    ['an option', ['replay', '--jsom', CAPTURE], /unknown option '--jsom'[^]*--json/],
    ['no capture', ['replay'], /missing required argument 'captures'/],
    ['a privacy mode', ['replay', '--privacy', 'meta', CAPTURE], /'meta' is invalid[^]*metadata/],
    ['an event type', ['replay', '--emit', 'im,alrt', CAPTURE], /"alrt" is no event type[^]*alert/],
    ['a limit', ['replay', '--limit', 'flow=10', CAPTURE], /no limit of that name[^]*flows/],
    ['a syslog address', ['replay', '--syslog', 'udp:/collector', CAPTURE], /udp:\/\/HOST/i],
  ])('%s', (_, args, complaint) => {
    const run = imspan(args);
    expect(run.status).toBe(2);
    expect(run.stdout).toBe('');
    expect(run.stderr).toMatch(complaint);
    expect(run.stderr).not.toMatch(/^ +at /m);
    expect(run.stderr).not.toContain('bug of ours');
  });
});

describe('--policy', () => {
  test('a broken policy: exit code 2, every complaint with its line and column', () => {
    const path = scratch.file('policy.yaml');
    writeFileSync(path, ['version: 1', 'rules:', '  - network: xmp', '    verdict: allowed', ''].join('\n'));
    const run = imspan(['replay', '--policy', path, CAPTURE]);
    const places = [...run.stderr.matchAll(/policy\.yaml:(\d+):(\d+): /g)].map((m) => `${m[1]}:${m[2]}`);
    expect(run.status).toBe(2);
    expect(run.stdout).toBe('');
    expect(places.length).toBeGreaterThanOrEqual(2);
    expect(places).toContain('4:14');
    expect(run.stderr).not.toMatch(/^ +at /m);
  });

  test('a policy that cannot be read: one line with its name', () => {
    const path = scratch.file('nowhere.yaml');
    const run = imspan(['replay', '--policy', path, CAPTURE]);
    expect(run.status).toBe(3);
    expect(run.stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(path)]);
  });

  test('what a policy allows raises no alert, so --fail-on-alert has nothing to fail on', () => {
    const path = scratch.file('allow.yaml');
    writeFileSync(path, 'version: 1\ndefault: {verdict: allow}\n');
    const allowed = imspan(['replay', '--json', '--fail-on-alert', '--policy', path, CAPTURE]);
    expect(allowed.status).toBe(0);
    expect(eventsOf(allowed.stdout).filter((event) => event.event_type === 'alert')).toEqual([]);
    expect(imspan(['replay', '--json', '--fail-on-alert', CAPTURE]).status).toBe(1);
  });
});

describe('outputs', () => {
  test('an output that cannot be opened: one line, exit code 3', () => {
    const path = scratch.file('no/such/folder/eve.json');
    const run = imspan(['replay', '--eve', path, CAPTURE]);
    expect(run.status).toBe(3);
    expect(run.stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(`cannot write ${path}`)]);
  });

  const shell = process.platform === 'win32' ? test.skip : test;
  shell('a reader that goes (`| head -1`) ends the run quietly', () => {
    const [err, code] = [scratch.file('head.err'), scratch.file('head.code')];
    const pipeline = `{ "$@" 2>'${err}'; echo $? >'${code}'; } | head -n 1`;
    const [command, args] = commandOf(['replay', '--json', '--flows', 'all', 'captures', 'captures']);
    const done = spawnSync('sh', ['-c', pipeline, 'sh', command, ...args], {
      cwd: ROOT,
      env: environment(),
      encoding: 'utf8',
      timeout: PATIENCE,
    });
    expect(eventsOf(done.stdout)).toHaveLength(1);
    expect(readFileSync(err, 'utf8')).toBe('');
    expect(readFileSync(code, 'utf8').trim()).toBe('0');
  });
});

test('--version and --help go to standard output and are no error', () => {
  const version = (
    JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
  ).version;
  const told = imspan(['--version']);
  expect([told.status, told.stdout.trim(), told.stderr]).toEqual([0, version, '']);
  const help = imspan(['replay', '--help']);
  expect([help.status, help.stderr]).toEqual([0, '']);
  for (const option of ['--json', '--policy', '--privacy', '--fail-on-alert'])
    expect(help.stdout).toContain(option);
});
