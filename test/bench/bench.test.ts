import { describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { compete, type Entry } from './contest.ts';
import { LINES, type Check, type Report } from './lines.ts';
import { measure, median, nodeMeter, shellMeter, timeMeter, type Usage } from './measure.ts';
import { readOptions } from './options.ts';
import { formatReport, isMissed, verdict } from './table.ts';
import type { Tool } from './tools.ts';

const BUSY = 'const end = Date.now() + 150; while (Date.now() < end);';

function tool(name: string, traits: Partial<Tool> = {}): Tool {
  return {
    name,
    once: false,
    available: true,
    command: (path) => ({ program: name, args: [path] }),
    ...traits,
  };
}

const usage = (cpu: number, code = 0): Usage => ({ wall: cpu * 2, cpu, peak: cpu * 100, code });

describe('compete', () => {
  test('runs in turn, and a slow tool in the first round only', () => {
    const order: string[] = [];
    const entries = [tool('a'), tool('slow', { once: true }), tool('b')].map((one) => ({
      tool: one,
      path: 'x',
    }));
    const results = compete(entries, 3, ({ tool: { name } }) => {
      order.push(name);
      return usage(order.length);
    });
    expect(order).toEqual(['a', 'slow', 'b', 'a', 'b', 'a', 'b']);
    expect(results.map(({ runs }) => runs)).toEqual([3, 1, 3]);
    expect(results.map(({ cpu }) => cpu)).toEqual([4, 2, 5]);
    expect(results[0]).toMatchObject({ label: 'a', wall: 8, peak: 400, code: 0 });
  });

  test('scales what a slice took, but not the start', () => {
    const entry: Entry = {
      tool: tool('t'),
      path: 'slice',
      scale: { packets: 10, whole: 100, empty: 'none' },
    };
    const [result] = compete([entry], 1, ({ path }) => usage(path === 'none' ? 1 : 3));
    expect(result).toMatchObject({ cpu: 21, wall: 42, scaledFrom: 0.1 });
  });

  test('tells a failure', () => {
    const codes = [0, 3, 0];
    const [result] = compete([{ tool: tool('t'), path: 'x' }], 3, () => usage(1, codes.shift()));
    expect(result?.code).toBe(3);
  });
});

describe('measure', () => {
  const command = { program: process.execPath, args: ['-e', `${BUSY} process.exitCode = 7;`] };
  const meters = { 'GNU time': timeMeter, Node: nodeMeter, 'the shell': shellMeter };
  for (const [name, meter] of Object.entries(meters)) {
    const runs = name !== 'GNU time' || existsSync('/usr/bin/time') ? test : test.skip;
    runs(`reads ${name}'s account${name === 'GNU time' ? ' (needs /usr/bin/time)' : ''}`, () => {
      const { wall, cpu, peak, code } = measure(command, meter);
      expect(code).toBe(7);
      expect(wall).toBeGreaterThan(0.15);
      expect(cpu).toBeGreaterThan(0.03);
      expect(cpu).toBeLessThan(wall + 0.1);
      if (meter === shellMeter) expect(peak).toBeUndefined();
      else expect(peak).toBeGreaterThan(10);
    });
  }

  test('takes medians', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 9, 6])).toBe(5);
  });
});

describe('options', () => {
  const read = (...args: string[]) => readOptions(args, Object.keys(LINES));

  test('default to all lines but the big one', () => {
    expect(read()).toEqual({
      lines: ['mix', 'scale', 'im', 'gzip', 'folder'],
      runs: 5,
      size: 1,
      tsharkSlice: 30,
      full: false,
    });
  });

  test('choose lines, in the order of the bench', () => {
    expect(read('--only', 'im,mix', '--runs', '3', '--size', '0.1')).toMatchObject({
      lines: ['mix', 'im'],
      runs: 3,
      size: 0.1,
    });
    expect(read('big').lines.at(-1)).toBe('big');
    expect(read('--only', 'big').lines).toEqual(['big']);
  });

  test('refuse what makes no sense', () => {
    expect(() => read('--only', 'mixed')).toThrow('no such line: mixed');
    expect(() => read('--size', 'large')).toThrow('--size needs a number above 0');
    expect(() => read('--runs', '0')).toThrow('--runs needs a number above 0');
    expect(() => read('--fast')).toThrow('--fast');
  });
});

describe('the table', () => {
  const over: Check = { what: 'imspan / floor, CPU', value: 3.5, atMost: 3 };
  const report = (checks: readonly Check[], code = 0): Report => ({
    line: 'mix',
    about: 'a capture',
    results: [{ label: 'imspan', tool: 'imspan', runs: 5, wall: 2.5, cpu: 2.25, peak: 90, code }],
    checks,
  });

  test('judges numbers by their bounds', () => {
    expect(verdict({ what: 'x', value: 3, atMost: 3 })).toBe('ok');
    expect(verdict(over)).toBe('over');
    expect(verdict({ what: 'x', value: 0.97, atLeast: 0.98 })).toBe('under');
    expect(verdict({ what: 'x', value: 0.98, atLeast: 0.98 })).toBe('ok');
    expect(verdict({ what: 'x', value: 9 })).toBe('-');
    expect(verdict({ what: 'x', atMost: 3 })).toBe('missing');
  });

  test('misses nothing where a tool is missing, but where a bound is or imspan fails', () => {
    expect(isMissed(report([{ what: 'x', atMost: 3 }]))).toBe(false);
    expect(isMissed(report([over]))).toBe(true);
    expect(isMissed(report([], 4))).toBe(true);
  });

  test('shows a row a tool and a row a check', () => {
    expect(formatReport(report([over]))).toBe(
      [
        'mix: a capture',
        '          CPU s  wall s  peak MiB  runs',
        '  imspan   2.25    2.50        90     5',
        '',
        '  imspan / floor, CPU  3.50  at most 3  over',
        '',
      ].join('\n'),
    );
    expect(formatReport(report([], 4))).toContain('failed (4)');
  });
});
