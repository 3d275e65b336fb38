import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { goldenCaptures } from '../golden/replay.ts';
import { imspan, PATIENCE, ROOT, Scratch, startImspan, finished } from './program.ts';

jest.setTimeout(2 * PATIENCE);

const scratch = new Scratch();
afterAll(() => {
  scratch.remove();
});

const json = (args: readonly string[], input?: Uint8Array): string => {
  const run = imspan(['replay', '--json', '--no-progress', ...args], input ? { input } : {});
  expect(run.stderr).not.toContain('bug of ours');
  return run.stdout;
};
const captures = goldenCaptures().map((path) => path.replace(`${ROOT}/`, ''));

/** More than the shipped captures, where they are there. */
const shared = join(ROOT, '..', 'shared', 'captures', 'recorded');
const sharedFolders = ((): string[] => {
  try {
    return readdirSync(shared).filter((name) => !name.includes('.'));
  } catch {
    return [];
  }
})();

describe('the events are the same byte for byte with one, two and eight workers', () => {
  test('of all shipped captures, one after the other', () => {
    const one = json(['--workers', '1', ...captures]);
    expect(one.split('\n').length).toBeGreaterThan(500);
    expect(json(['--workers', '2', ...captures])).toBe(one);
    expect(json(['--workers', '8', ...captures])).toBe(one);
  });

  test('of one tap whose captures are merged, all connections told', () => {
    const args = ['--merge', '--flows', 'all', ...captures];
    const one = json(['--workers', '1', ...args]);
    expect(one).toContain('"event_type":"flow"');
    expect(json(['--workers', '2', ...args])).toBe(one);
    expect(json(['--workers', '8', ...args])).toBe(one);
  });

  test('of captures with files, which are kept (`--extract`): the files too', () => {
    const some = captures.filter((name) => /buddy-icon|file-ymsg16|msnftp/.test(name));
    const [one, other] = [1, 3].map((workers) => {
      const folder = scratch.file(`kept-${workers}`);
      const told = json(['--workers', String(workers), '--extract', folder, ...some]);
      const names = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort();
      const files = names.map((name) => [name.replace(folder, ''), readFileSync(name, 'base64')]);
      return { told: told.replaceAll(folder, 'FOLDER'), files };
    });
    expect(one?.told).toContain('"event_type":"fileinfo"');
    expect(one?.files.length).toBeGreaterThan(1);
    expect(other).toEqual(one);
  });

  test('of standard input', () => {
    for (const capture of captures.slice(0, 4)) {
      const input = readFileSync(join(ROOT, capture));
      const one = json(['--workers', '1', '-'], input);
      expect(one).toContain('"event_type":"im"');
      expect(json(['--workers', '2', '-'], input)).toBe(one);
      expect(json(['--workers', '8', '-'], input)).toBe(one);
    }
  });

  test('with so little room that flows are given up', () => {
    const args = [
      '--merge',
      '--flows',
      'all',
      '--limit',
      'flows=64',
      '--limit',
      'stream_buffer=100',
      ...captures,
    ];
    const one = json(['--workers', '1', ...args]);
    expect(one).toContain('"reason":"forced"');
    expect(json(['--workers', '3', ...args])).toBe(one);
  });

  (sharedFolders.length > 0 ? test : test.skip)('of the recorded captures (where ../shared is there)', () => {
    for (const folder of sharedFolders) {
      const path = join(shared, folder);
      const one = json(['--workers', '1', '--flows', 'all', path]);
      expect(json(['--workers', '2', '--flows', 'all', path])).toBe(one);
    }
  });
});

test('a live pipe is told as its packets arrive', async () => {
  const child = startImspan(['replay', '--json', '--workers', '2', '-']);
  const capture = readFileSync(join(ROOT, captures[0] ?? ''));
  const first = new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
  const done = finished(child);
  child.stdin.write(capture);
  await first;
  child.stdin.end();
  expect((await done).status).toBe(0);
});

describe('what goes wrong is told as with one worker', () => {
  test('a capture that is cut, and one that is missing', () => {
    const whole = readFileSync(join(ROOT, captures[0] ?? ''));
    const cut = scratch.write('cut.pcap', whole.subarray(0, whole.length - 7));
    for (const workers of ['1', '2']) {
      const run = imspan(['replay', '--json', '--workers', workers, cut, scratch.file('missing.pcap')]);
      expect(run.status).toBe(3);
      expect(run.stderr).toMatch(/cut\.pcap: cut short in .* at byte \d+/);
      expect(run.stderr).toContain('missing.pcap');
      expect(run.stdout).toContain('"event_type":"stats"');
    }
  });

  test('a number that makes no sense', () => {
    for (const workers of ['0', '65', 'x']) {
      expect(imspan(['replay', '--workers', workers, captures[0] ?? '']).status).toBe(2);
    }
  });
});

test.each(['1', '3'])(
  'a signal ends the reading, and what was read is told, with %s workers',
  async (workers) => {
    const child = startImspan(['replay', '--json', '--workers', workers, '-']);
    const done = finished(child);
    const first = new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
    child.stdin.write(readFileSync(join(ROOT, 'captures/msn/multichat-msnp9.pcap')));
    await first;
    child.kill('SIGINT');
    const { status, stdout, stderr } = await done;
    expect(status).toBe(130);
    expect(stdout).toContain('"event_type":"stats"');
    expect(stderr).toContain('reading was interrupted: the rest of the input was not read');
  },
);
