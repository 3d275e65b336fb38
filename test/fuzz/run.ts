/**
 * Fuzzes every target for some seconds each: `npm run fuzz -- [SECONDS] [SEED] [NAME]`. The seed of a
 * round that failed is printed; `npm run fuzz -- 1 SEED NAME` begins with that round.
 */
import { Random } from './random.ts';
import { makeTargets } from './targets.ts';

const [seconds = '10', firstSeed = '1', only] = process.argv.slice(2);
/** Rounds with one seed. A target remembers: what fails may need the rounds before. */
const ROUNDS = 1_000;
let failed = 0;
for (const { name } of makeTargets()) {
  if (only !== undefined && name !== only) continue;
  const until = Date.now() + Number(seconds) * 1_000;
  let seed = Number(firstSeed);
  let rounds = 0;
  try {
    for (; Date.now() < until; seed++) {
      const target = makeTargets().find((t) => t.name === name);
      const random = new Random(seed);
      for (let i = 0; i < ROUNDS && Date.now() < until; i++, rounds++) target?.run(random);
    }
    process.stdout.write(`${name}: ${rounds} rounds, seeds ${firstSeed} to ${seed - 1}, nothing found\n`);
  } catch (error) {
    failed++;
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stdout.write(`${name}: seed ${seed}, round ${rounds % ROUNDS} of it: ${what}\n`);
  }
}
process.exitCode = failed > 0 ? 1 : 0;
