import type { FindingMemory } from './alerts/memory.ts';
import { defaultPolicy } from './policy.ts';
import type { Policy } from './policy.ts';

/** All that the operator has said of what is to be judged how. The same for all captures of a run. */
export interface Rulebook {
  readonly policy: Policy;
  /** What was told in runs before, and in this one, over all its captures; each capture is told alone where not given. */
  readonly memory?: FindingMemory | undefined;
}

/** What holds where the operator said nothing. */
export function defaultRulebook(): Rulebook {
  return { policy: defaultPolicy() };
}
