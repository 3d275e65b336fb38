import { loadPolicy } from '../classify/policy-file.ts';
import { defaultRulebook } from '../classify/rulebook.ts';
import type { Rulebook } from '../classify/rulebook.ts';

/** Flags that name what the operator has to say of what is judged how. */
export interface RulebookFlags {
  policy?: string;
}

/** Reads the files that the flags name; throws an OperatorError with every complaint. */
export async function loadRulebook(flags: RulebookFlags): Promise<Rulebook> {
  const rulebook = defaultRulebook();
  if (flags.policy === undefined) return rulebook;
  return { ...rulebook, policy: await loadPolicy(flags.policy) };
}
