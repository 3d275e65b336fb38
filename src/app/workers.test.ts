import { describe, expect, jest, test } from '@jest/globals';
import { makeLimits } from '../core/limits.ts';
import { OperatorError } from '../core/errors.ts';
import { Workers } from './workers.ts';
import type { WorldRead } from './workers.ts';
import { Stamp } from '../flow/consumer.ts';
import type { World } from './world.ts';

jest.setTimeout(60_000);

/** What becomes of a run whose second worker runs this program. */
async function runWith(program: string): Promise<WorldRead> {
  const captures = { paths: ['none'] };
  const workers = new Workers({
    workers: 2,
    settings: { limits: makeLimits(), allFlows: false },
    worlds: [captures],
    pause: () => undefined,
    heap: 64,
    program: new URL(`data:text/javascript,${encodeURIComponent(program)}`),
  });
  const world = { stamp: new Stamp(), clock: { seconds: 0, nanos: 0 } } as unknown as World;
  try {
    return await workers.tell(world, captures);
  } finally {
    await workers.close();
  }
}

const BOTH = `import { parentPort, workerData } from 'node:worker_threads';
const second = workerData.share.index === 1;
`;

describe('a worker that ends before its work is done ends the run', () => {
  test('of an error', async () => {
    await expect(
      runWith(`${BOTH} if (second) throw new TypeError('a hole'); parentPort.ref();`),
    ).rejects.toThrow('worker 2 of 2 ended of: a hole');
  });

  test('of a rejection', async () => {
    await expect(
      runWith(`${BOTH} if (second) void Promise.reject(new Error('a hole')); parentPort.ref();`),
    ).rejects.toThrow('worker 2 of 2 ended of: a hole');
  });

  test.each([0, 7])('of process.exit(%i)', async (code) => {
    await expect(runWith(`${BOTH} if (second) process.exit(${code}); parentPort.ref();`)).rejects.toThrow(
      `worker 2 of 2 ended with ${code} before its work was done`,
    );
  });

  test('of a lack of memory, with what to do', async () => {
    const ended = runWith(
      `${BOTH} const all = []; if (second) for (;;) all.push(new Array(100000).fill(all.length + 0.5)); parentPort.ref();`,
    );
    await expect(ended).rejects.toThrow(OperatorError);
    await expect(ended).rejects.toThrow(/^worker 2 of 2 ran out of memory: .*--max-old-space-size=MIB$/);
    await expect(ended).rejects.toMatchObject({ exitCode: 4 });
  });
});
