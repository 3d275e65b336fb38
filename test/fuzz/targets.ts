import { appTargets } from './apps.ts';
import { decodeTarget } from './decode.ts';
import { dissectTargets } from './dissect.ts';
import type { FuzzTarget } from './target.ts';
import { ymsgTarget } from './ymsg.ts';

/** Every target, made anew. */
export function makeTargets(): FuzzTarget[] {
  return [decodeTarget(), ...dissectTargets(), ymsgTarget(), ...appTargets()];
}
