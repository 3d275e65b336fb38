import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { packetCount, recordOffsets } from './cut.ts';
import {
  commandOf,
  environment,
  eventsOf,
  finished,
  imspan,
  PATIENCE,
  ROOT,
  Scratch,
  startImspan,
} from './program.ts';

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
    ['a limit that no object has', ['replay', '--limit', 'toString=10', CAPTURE], /no limit of that name/],
    [
      'more flows than fit into a table',
      ['replay', '--limit', 'flows=99999999999', CAPTURE],
      /the most that flows can be is 8,388,608 flows/,
    ],
    [
      'a time-out of centuries',
      ['replay', '--limit', 'timeout_im=99999999999', CAPTURE],
      /the most that timeout_im can be is 315,360,000 seconds/,
    ],
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

  test.each([
    ['named', (tap: string) => [join(tap, 'b.pcap')]],
    ['in a folder that is named', (tap: string) => [CAPTURE, tap]],
    ['on standard input', () => ['-']],
  ])('an output onto an input that is %s is refused before anything is written', (_, args) => {
    const tap = mkdtempSync(scratch.file('tap-'));
    const input = join(tap, 'b.pcap');
    copyFileSync(join(ROOT, CAPTURE), input);
    const alias = `${tap}-alias`;
    symlinkSync(input, alias);
    const [command, all] = commandOf(['replay', '--eve', alias, ...args(tap)]);
    const stdin = openSync(input, 'r');
    const run = spawnSync(command, all, { cwd: ROOT, stdio: [stdin, 'pipe', 'pipe'], encoding: 'utf8' });
    closeSync(stdin);
    expect(run.status).toBe(2);
    expect(run.stdout).toBe('');
    expect(run.stderr).toMatch(
      /^imspan: --eve .*-alias is the same file as the input .*; write somewhere else\n$/,
    );
    expect(readFileSync(input)).toEqual(readFileSync(join(ROOT, CAPTURE)));
  });

  test('standard output that is appended to an input is refused too', () => {
    const input = scratch.file('appended.pcap');
    copyFileSync(join(ROOT, CAPTURE), input);
    const [command, all] = commandOf(['replay', '--json', input]);
    const stdout = openSync(input, 'a');
    const run = spawnSync(command, all, { cwd: ROOT, stdio: ['ignore', stdout, 'pipe'], encoding: 'utf8' });
    closeSync(stdout);
    expect([run.status, run.stderr]).toEqual([
      2,
      `imspan: standard output is the same file as the input ${input}; write somewhere else\n`,
    ]);
    expect(readFileSync(input)).toEqual(readFileSync(join(ROOT, CAPTURE)));
  });

  test('an output among other inputs of its folder replaces the output of an earlier run', () => {
    const tap = mkdtempSync(scratch.file('tap-'));
    copyFileSync(join(ROOT, CAPTURE), join(tap, 'b.pcap'));
    const eve = join(tap, 'eve.json');
    for (let run = 0; run < 2; run++) expect(imspan(['replay', '--quiet', '--eve', eve, tap]).status).toBe(0);
    expect(eventsOf(readFileSync(eve, 'utf8')).filter((event) => event.event_type === 'stats')).toHaveLength(
      1,
    );
  });

  test('standard error that nobody reads changes neither the output nor the exit code', async () => {
    const missing = scratch.file('missing.pcap');
    const child = startImspan(['replay', '--json', missing, '-']);
    child.stderr.destroy();
    const run = finished(child);
    child.stdin.end(readFileSync(join(ROOT, CAPTURE)));
    const { status, stdout } = await run;
    expect(status).toBe(3);
    expect(eventsOf(stdout).at(-1)?.event_type).toBe('stats');
  });

  test('a complaint about the command line to nobody is no crash', async () => {
    const child = startImspan(['replay', '--limit', 'flows=0', CAPTURE]);
    child.stderr.destroy();
    expect((await finished(child)).status).toBe(2);
  });

  test.each([
    ['events', ['--json', '-']],
    ['lines', ['--verbose', '-']],
    ['merged captures', ['--json', '--merge', CAPTURE, '-']],
  ])('a reader of %s that goes ends the run though standard input stays open', async (_, args) => {
    const capture = readFileSync(join(ROOT, CAPTURE));
    const half = recordOffsets(capture)[Math.floor(packetCount(capture) / 2)] ?? 0;
    const child = startImspan(['replay', ...args]);
    // Once the run is over, what is still written to it fails.
    child.stdin.on('error', () => undefined);
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    child.stdin.write(capture.subarray(0, half));
    await once(child.stdout, 'data');
    child.stdout.destroy();
    child.stdin.write(capture.subarray(half));
    expect(await ended).toBe(0);
    expect(child.stdin.writableEnded).toBe(false);
    child.stdin.destroy();
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
