import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

test('a packet of a connection that is not IM allocates nothing', () => {
  const run = spawnSync(
    process.execPath,
    [
      '--import=tsx',
      '--expose-gc',
      '--max-semi-space-size=64',
      '--min-semi-space-size=64',
      'test/e2e/allocation.mjs',
    ],
    { encoding: 'utf8' },
  );
  expect(run.stderr).toBe('');
  const [bytesPerPacket, watched, flows] = run.stdout.trim().split(' ').map(Number);
  expect(watched).toBe(0);
  expect(flows).toBe(64);
  // The smallest object is 16 bytes. What is left below is what the JIT itself keeps, spread over all packets.
  expect(bytesPerPacket).toBeLessThan(8);
}, 60_000);
