import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { LiveStatus } from '../app/live.ts';
import { StatusLine, statusText } from './status-line.ts';

const STATUS: LiveStatus = {
  ...{ frames: 1_234_567, drops: 3, queueDrops: 0 },
  ...{ gapBytes: 4_321, events: 56, alerts: 7, flows: 0, uptime: 0, memory: 0, backlog: 0 },
  ...{ interfaces: [], counters: undefined },
};

describe('its text', () => {
  test('counts, and a rate', () => {
    expect(statusText(STATUS, 98_765)).toBe(
      '1,234,567 packets (98,765/s), 3 dropped by the kernel, 4,321 bytes missing, 56 events, 7 alerts',
    );
  });

  test('drops that nobody knows are unknown, not none; our own are told apart', () => {
    const text = statusText({ ...STATUS, drops: undefined, queueDrops: 12_000 }, 0);
    expect(text).toContain(', kernel drops unknown, 12,000 dropped by us, ');
  });
});

describe('where it is shown', () => {
  const terminals = [process.stdout.isTTY, process.stderr.isTTY];
  let written = '';
  beforeEach(() => {
    written = '';
    jest.useFakeTimers();
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      written += String(text);
      return true;
    });
  });
  afterEach(() => {
    [process.stdout.isTTY, process.stderr.isTTY] = terminals as [boolean, boolean];
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  /** Runs one for some seconds; what it wrote. */
  function shown(out: boolean, err: boolean, quiet: boolean): string {
    process.stdout.isTTY = out;
    process.stderr.isTTY = err;
    const line = new StatusLine({ quiet });
    line.start(() => STATUS);
    jest.advanceTimersByTime(4_500);
    line.stop();
    return written;
  }

  test('on a terminal that events do not use: drawn anew, and taken away at the end', () => {
    const text = shown(false, true, false);
    expect(text.split('1,234,567 packets')).toHaveLength(3);
    expect(text.endsWith('\r\u001b[K')).toBe(true);
  });

  test('beside events on the same terminal only where those are quiet', () => {
    expect(shown(true, true, false)).toBe('');
    expect(shown(true, true, true)).toContain('packets');
  });

  test('never in a file or pipe', () => {
    expect(shown(false, false, false)).toBe('');
  });

  test('makes room for another line', () => {
    process.stdout.isTTY = false;
    process.stderr.isTTY = true;
    const line = new StatusLine({});
    line.clear();
    expect(written).toBe('');
    line.start(() => STATUS);
    jest.advanceTimersByTime(2_100);
    written = '';
    line.clear();
    line.clear();
    expect(written).toBe('\r\u001b[K');
    line.stop();
  });
});
