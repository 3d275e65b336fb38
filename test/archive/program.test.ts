/** The archive's commands in the real program. DuckDB is tried where IMSPAN_DUCKDB names a folder that has it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { eventsOf, imspan, PATIENCE, Scratch } from '../e2e/program.ts';

jest.setTimeout(PATIENCE);

const scratch = new Scratch();
const folder = scratch.file('arc');
const CAPTURE = 'captures/yahoo/basic-ymsg12.pcap';
const duckdb = process.env.IMSPAN_DUCKDB;

afterAll(() => {
  scratch.remove();
});

test('init, replay, verify, search, transcript', () => {
  expect(imspan(['archive', 'init', folder, '--purpose', 'test']).status).toBe(0);
  const eve = scratch.file('eve.jsonl');
  const args = ['--quiet', '--eve', eve, '--archive', folder, '--archive-privacy', 'full'];
  expect(imspan(['replay', ...args, CAPTURE]).status).toBe(0);
  const checked = imspan(['archive', 'verify', folder]);
  expect([checked.status, checked.stdout]).toEqual([
    0,
    expect.stringMatching(/^whole: 2 entries, 1 sealed segments/),
  ]);
  const query = ['--kind', 'message', '--json'];
  const found = eventsOf(imspan(['search', folder, ...query]).stdout);
  expect(found.length).toBeGreaterThan(3);
  // Sealed, kept and opened, they are what was told at once, and how long the texts are.
  const told = eventsOf(imspan(['search', eve, ...query]).stdout);
  expect(found).toMatchObject(told);
  const conversation = found[0]?.im?.conversation ?? '';
  const said = imspan(['transcript', folder, '--conversation', conversation]);
  expect(said.stdout).toContain(found[0]?.im?.text?.split('\n')[0]);
});

test('what is missing is said in words', () => {
  const none = imspan(['replay', '--quiet', '--archive', scratch.file('none'), CAPTURE]);
  expect([none.status, none.stderr]).toEqual([
    2,
    expect.stringContaining('make one with imspan archive init'),
  ]);
  expect(imspan(['search', folder]).stderr).toContain('say what to search for');
});

(duckdb === undefined ? test : test.skip)('without DuckDB it is said how to install it', () => {
  const run = imspan(['archive', 'compact', folder]);
  expect([run.status, run.stderr]).toEqual([
    2,
    expect.stringContaining('npm install --no-save @duckdb/node-api@'),
  ]);
});

(duckdb === undefined ? describe.skip : describe)('the lake (skipped: IMSPAN_DUCKDB is not set)', () => {
  const env = { IMSPAN_DUCKDB: duckdb ?? '' };
  const lake = join(folder, 'lake');

  test('has what the archive has', () => {
    expect(imspan(['archive', 'compact', folder], { env }).status).toBe(0);
    expect(readdirSync(lake).sort()).toEqual(['events', 'names']);
    const [someone] = eventsOf(imspan(['search', folder, '--kind', 'message', '--json']).stdout);
    for (const query of [
      ['--kind', 'message'],
      ['--name', someone?.im?.from ?? ''],
      ['--text', someone?.im?.text ?? ''],
      ['--name', 'nobody'],
    ]) {
      const ids = (place: string): unknown[] =>
        eventsOf(imspan(['search', place, ...query, '--json'], { env }).stdout)
          .map(({ im }) => im?.id)
          .sort();
      expect(ids(lake)).toEqual(ids(folder));
    }
    expect(imspan(['archive', 'compact', folder], { env }).stdout).toMatch(/^0 segments/);
    expect(imspan(['archive', 'verify', folder]).status).toBe(0);
  });

  test('loses the rows of what is purged', () => {
    const purge = imspan(['archive', 'purge', folder, '--reason', 'x', '--before', '2100']);
    expect(purge.stdout).toMatch(/purged: \d+ events before 2100 \(segments 1\), [1-9]\d* files of the lake/);
    expect(imspan(['archive', 'verify', folder]).stdout).toMatch(/whole: /);
  });
});
