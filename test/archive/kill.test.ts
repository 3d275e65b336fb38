import { expect, jest, test } from '@jest/globals';
import { killWriters } from './kill.ts';

jest.setTimeout(120_000);

// A hundred times: npm run test:kill.
test('a writer killed with SIGKILL loses nothing that was written, and the next goes on', async () => {
  const { problems, events } = await killWriters(2, 1);
  expect(problems).toEqual([]);
  expect(events).toBeGreaterThan(2);
});
