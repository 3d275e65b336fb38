import type { ContentLists } from './content/content.ts';
import { defaultPolicy } from './policy.ts';
import type { Policy } from './policy.ts';

/** All that the operator has said of what is to be judged how. The same for all captures of a run. */
export interface Rulebook {
  readonly policy: Policy;
  /** What `--hashes` and `--domains` name. */
  readonly lists?: ContentLists;
}

/** What holds where the operator said nothing. */
export function defaultRulebook(): Rulebook {
  return { policy: defaultPolicy() };
}
