import { decodeTarget } from './decode.ts';
import type { FuzzTarget } from './target.ts';

/** Every target, made anew: a line each. */
export function makeTargets(): FuzzTarget[] {
  return [decodeTarget()];
}
