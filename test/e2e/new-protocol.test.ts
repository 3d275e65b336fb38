import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';

const root = process.cwd();
const copy = mkdtempSync(join(tmpdir(), 'imspan-new-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Runs the scaffold in a copy of the project, so that the project itself is left alone. */
function scaffold(name: string): { status: number | null; out: string } {
  const run = spawnSync(
    process.execPath,
    ['node_modules/tsx/dist/cli.mjs', 'scripts/new-protocol.ts', name, copy],
    {
      encoding: 'utf8',
      cwd: root,
    },
  );
  return { status: run.status, out: run.stdout + run.stderr };
}

test('lays down a plug-in that is registered and whose tests pass', () => {
  mkdirSync(join(copy, 'protocols'));
  cpSync(join(root, 'protocols', 'index.ts'), join(copy, 'protocols', 'index.ts'));
  for (const shared of ['src', 'node_modules', 'tsconfig.json', 'package.json'])
    symlinkSync(join(root, shared), join(copy, shared));
  expect(scaffold('zephyr')).toMatchObject({ status: 0 });
  const files = readdirSync(join(copy, 'protocols', 'zephyr')).sort();
  expect(files).toEqual([
    'README.md',
    'anomalies.ts',
    'build.ts',
    'detect.ts',
    'dissector.ts',
    'index.ts',
    'wire.ts',
    'zephyr.test.ts',
  ]);
  for (const file of files)
    expect(readFileSync(join(copy, 'protocols', 'zephyr', file), 'utf8')).not.toMatch(/example/i);
  const registry = readFileSync(join(copy, 'protocols', 'index.ts'), 'utf8');
  expect(registry).toContain("import zephyr from './zephyr/index.ts';");
  expect(registry).toMatch(/\[[^\]]*\bzephyr\]/);
  cpSync(join(root, 'jest.config.js'), join(copy, 'jest.config.mjs'));
  const jest = spawnSync(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--no-warnings',
      'node_modules/jest/bin/jest.js',
      '--config',
      'jest.config.mjs',
      '--roots',
      join(copy, 'protocols', 'zephyr'),
      '--ci',
    ],
    { encoding: 'utf8', cwd: copy, env: { ...process.env, NODE_OPTIONS: '' } },
  );
  expect(jest.stderr).toMatch(/Tests: +12 passed/);
  expect(jest.status).toBe(0);
}, 120_000);

test.each(['', 'Zephyr', '../x', 'a b', 'x'])(
  'refuses the name "%s"',
  (name) => {
    expect(scaffold(name)).toMatchObject({ status: 2 });
  },
  30_000,
);

test('never writes over a protocol that is there', () => {
  expect(scaffold('zephyr')).toMatchObject({ status: 2, out: expect.stringContaining('is there already') });
}, 30_000);
