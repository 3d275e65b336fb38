import { MISC_ACTIVITY } from '../signature.ts';
import type { Signature } from '../signature.ts';

/** What imspan has to say of its own alerts: 9000060 to 9000069. */
export const OPERATION_SIGNATURES = {
  alertStorm: {
    id: 9_000_060,
    rev: 1,
    name: 'IMSPAN Alert storm: alerts held back',
    category: MISC_ACTIVITY,
    severity: 2,
    meaning:
      'More alerts were due within one minute of packet time than are let through (`alerts: storm:` of the policy, else the limit `alert_storm`); the rest was held back. It is told at the end of the minute, with what was held back, and counts on with every such minute. A finding that was held back is told when it is seen again.',
    evidence: 'How many alerts of which signature were held back, the most frequent first.',
    falsePositives:
      'The first minute of a capture of a large network, in which everybody who is signed on shows at once.',
    whatToDo:
      'Look at the signatures that it names: a worm, a new client on every desk, or a policy that is too strict. Allow what is wanted, set a threshold, or let more through.',
  },
} as const satisfies Record<string, Signature>;
