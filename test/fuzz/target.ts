import type { Random } from './random.ts';

/** Something to be fed with damaged input. */
export interface FuzzTarget {
  readonly name: string;
  /** What is broken if it fails. */
  readonly claim: string;
  /** Rounds of the default run, where they are dear. */
  readonly rounds?: number;
  /** Makes one input from the generator, feeds it, and throws where the claim does not hold. */
  run(random: Random): void;
}
