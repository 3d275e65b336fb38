import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ACTIVE, HOSTILE, hostileCapture } from './hostile.ts';
import { commandOf, environment, eventsOf, imspan, PATIENCE, ROOT, Scratch } from './program.ts';
import type { Run } from './program.ts';

jest.setTimeout(2 * PATIENCE);

const CAPTURE = 'captures/yahoo/port-80-ymsg12.pcap';
const ESCAPE = '\x1b';
const scratch = new Scratch();
afterAll(() => {
  scratch.remove();
});

describe('the console', () => {
  test('is plain text in a pipe, even where colours are asked for by TERM', () => {
    const run = imspan(['replay', '--verbose', CAPTURE], { env: { COLORTERM: 'truecolor' } });
    expect(run.status).toBe(0);
    expect(run.stderr).toBe('');
    expect(run.stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ ALERT +yahoo /m);
    expect(run.stdout).toContain('What was seen');
    expect(run.stdout).not.toMatch(ACTIVE);
  });

  test('--quiet leaves the summary alone', () => {
    const run = imspan(['replay', '--quiet', CAPTURE]);
    expect(run.stdout).toMatch(/^\nWhat was seen\n/);
  });

  const terminal = existsSync('/usr/bin/script') && process.platform === 'linux' ? test : test.skip;
  terminal('has colours on a terminal, but not under NO_COLOR (skipped without script(1) of Linux)', () => {
    const onTerminal = (env: Record<string, string>): string => {
      const [command, args] = commandOf(['replay', CAPTURE]);
      const line = [command, ...args].map((word) => `'${word}'`).join(' ');
      const done = spawnSync('/usr/bin/script', ['-qec', line, '/dev/null'], {
        cwd: ROOT,
        env: environment({ ...env, SHELL: '/bin/sh' }),
        encoding: 'utf8',
        timeout: PATIENCE,
      });
      expect(done.status).toBe(0);
      expect(done.stdout).toContain('What was seen');
      return done.stdout;
    };
    expect(onTerminal({})).toContain(`${ESCAPE}[`);
    expect(onTerminal({ NO_COLOR: '1' })).not.toContain(ESCAPE);
  });
});

describe('names and words that try to act on the reader', () => {
  let shown: Run;
  let eve: string;
  beforeAll(() => {
    const capture = scratch.file('hostile.pcap');
    const path = scratch.file('hostile.jsonl');
    const nowhere = scratch.file(`gone${ESCAPE}[2J\r\nimspan: forged.pcap`);
    writeFileSync(capture, hostileCapture());
    shown = imspan(['replay', '--verbose', '--eve', path, capture, nowhere]);
    eve = readFileSync(path, 'utf8');
  });

  test('do not reach the console or the summary as they are', () => {
    expect(shown.status).toBe(3);
    expect(shown.stdout).not.toMatch(ACTIVE);
    expect(shown.stderr).not.toMatch(ACTIVE);
    expect(shown.stdout).toContain('\\x1b[');
    expect(shown.stdout).toContain('\\u202e');
  });

  test('begin no line of their own', () => {
    const lines = `${shown.stdout}${shown.stderr}`.split('\n');
    expect(lines.filter((line) => /^(?:root|2005-03-08 00:00:00Z|imspan: forged)/.test(line))).toEqual([]);
    expect(shown.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('are whole in JSON, where nothing raw can act either', () => {
    const said = eventsOf(eve).filter((event) => event.im?.kind === 'message');
    expect(eve).not.toMatch(ACTIVE);
    expect(said.length).toBe(2);
    for (const { im } of said) {
      expect(im?.text).toContain('2005-03-08 00:00:00Z ALERT forged line\u2028and \u2066another\u2069');
      expect([im?.from, ...(im?.to ?? [])].sort()).toEqual([HOSTILE.name.toLowerCase(), HOSTILE.peer].sort());
    }
  });
});
