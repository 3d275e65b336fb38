import { AlertState } from '../classify/alerts/state.ts';
import { makeClassifyLimits } from '../classify/limits.ts';
import { loadPolicy } from '../classify/policy-file.ts';
import { defaultRulebook } from '../classify/rulebook.ts';
import type { Rulebook } from '../classify/rulebook.ts';
import { OperatorError } from '../core/errors.ts';
import { neutralise } from '../sink/neutralise.ts';

/** Flags that name what the operator has to say of what is judged how. */
export interface RulebookFlags {
  policy?: string;
  state?: string;
}

/** Reads the files that the flags name; throws an OperatorError with every complaint. */
export async function loadRulebook(flags: RulebookFlags): Promise<Rulebook> {
  const rulebook = defaultRulebook();
  if (flags.policy === undefined) return rulebook;
  return { ...rulebook, policy: await loadPolicy(flags.policy) };
}

/** Opens the state folder of the run, if it has one, and tells in a line what of it cannot be used. */
export function openState(folder: string | undefined): AlertState | undefined {
  if (folder === undefined) return undefined;
  return new AlertState(folder, makeClassifyLimits(), (line) => {
    process.stderr.write(`imspan: ${neutralise(line, 1_000)}\n`);
  });
}

/** Writes what was told until now; why that could not be, in words. */
export function saveState(state: AlertState | undefined): string | undefined {
  try {
    state?.saveFindings();
    return undefined;
  } catch (error) {
    if (error instanceof OperatorError) return error.message;
    throw error;
  }
}
