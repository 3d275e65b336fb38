/** A short run of every fuzz target with a fixed seed; `npm run fuzz` goes on for longer. */
import { expect, test } from '@jest/globals';
import { Random } from './random.ts';
import { makeTargets } from './targets.ts';

const ROUNDS = 3_000;

test.each(makeTargets())('$name: $claim', (target) => {
  const random = new Random(1);
  const wanted = target.rounds ?? ROUNDS;
  let rounds = 0;
  for (; rounds < wanted; rounds++) target.run(random);
  expect(rounds).toBe(wanted);
});
