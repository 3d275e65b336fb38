import { MISC_ACTIVITY } from '../signature.ts';
import type { Signature } from '../signature.ts';

/** What the policy wants to hear of: 9000040 to 9000059. */
export const POLICY_SIGNATURES = {
  clientNoticed: {
    id: 9_000_040,
    rev: 1,
    name: 'IMSPAN IM client noticed by policy',
    category: MISC_ACTIVITY,
    severity: 3,
    meaning:
      'A client runs on this network of which the policy wants to be told without calling it unauthorized (verdict "notice"). It does not count as an alert for --fail-on-alert.',
    evidence: 'As for an unauthorized client.',
    falsePositives: 'None: the policy asked for it.',
    whatToDo: 'Nothing at once. Change the rule to "allow" when there is no more need to hear of it.',
  },
} as const satisfies Record<string, Signature>;
