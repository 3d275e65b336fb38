import type { FirstSeen } from './hosts/first-seen.ts';
import type { LeaseLog } from './hosts/leases.ts';
import type { NameRegistry } from './names/registry.ts';
import type { FindingMemory } from './alerts/memory.ts';
import type { ContentLists } from './content/content.ts';
import { defaultPolicy } from './policy.ts';
import type { Policy } from './policy.ts';

/** All that the operator has said of what is to be judged how. The same for all captures of a run. */
export interface Rulebook {
  readonly policy: Policy;
  /** Screen names and whose they are. */
  readonly names?: NameRegistry | undefined;
  /** Who had which address when. */
  readonly leases?: LeaseLog | undefined;
  /** Sightings that survive the run; those of the run alone where not given. */
  readonly firstSeen?: FirstSeen | undefined;
  /** What was told in runs before, and in this one, over all its captures; each capture is told alone where not given. */
  readonly memory?: FindingMemory | undefined;
  /** What `--hashes` and `--domains` name. */
  readonly lists?: ContentLists;
}

/** What holds where the operator said nothing. */
export function defaultRulebook(): Rulebook {
  return { policy: defaultPolicy() };
}
