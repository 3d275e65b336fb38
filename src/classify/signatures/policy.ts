import { MISC_ACTIVITY, PRIVACY_VIOLATION } from '../signature.ts';
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
  useForbidden: {
    id: 9_000_041,
    rev: 1,
    name: 'IMSPAN IM used for what the policy forbids',
    category: PRIVACY_VIOLATION,
    severity: 2,
    meaning:
      'A client was used for something (a file, a call, a room, remote control, ...) for which a rule with "features" has the verdict "alert", whether or not the client itself is allowed. It is told once for each client address, network, account, server, rule and feature.',
    evidence: 'The feature, the kind of the event that showed it, and the policy line that decided.',
    falsePositives: 'An offer counts, too, though nobody may have taken it.',
    whatToDo: 'Ask the user. Where the use is wanted, allow it by a rule before the one that decided.',
    mitre: [{ id: 'T1567', name: 'Exfiltration Over Web Service' }],
  },
  useNoticed: {
    id: 9_000_042,
    rev: 1,
    name: 'IMSPAN IM use noticed by policy',
    category: MISC_ACTIVITY,
    severity: 3,
    meaning:
      'A client was used for something of which a rule with "features" wants to be told (verdict "notice"). It does not count as an alert for --fail-on-alert.',
    evidence: 'As for a use that the policy forbids.',
    falsePositives: 'None: the policy asked for it.',
    whatToDo: 'Nothing at once.',
  },
  clientOutdated: {
    id: 9_000_043,
    rev: 1,
    name: 'IMSPAN IM client below the minimum version',
    category: PRIVACY_VIOLATION,
    severity: 2,
    meaning:
      'A client runs whose version is below what "minimum_versions" of the policy asks for. Old clients have known holes that a message is enough to use.',
    evidence: 'The client and its version where it told them; the policy line with the version asked for.',
    falsePositives:
      'A client can tell a version that is not its own, and a vendor can mend an old one without a new number.',
    whatToDo: 'Have the client updated or removed.',
    mitre: [{ id: 'T1203', name: 'Exploitation for Client Execution' }],
  },
  outsideHours: {
    id: 9_000_044,
    rev: 1,
    name: 'IMSPAN IM used outside the hours of the policy',
    category: PRIVACY_VIOLATION,
    severity: 2,
    meaning:
      'A connection that the policy allowed when it began is still used at a time at which it is not allowed: the rule that allowed it has hours, or has expired. It is told once a day (UTC) for each client address, network, account and server.',
    evidence: 'The line that allowed it at first, the kind of the event, and the line that decides now.',
    falsePositives:
      'Somebody who works late. Hours are in the time zone that the policy names, by the time of the packets.',
    whatToDo: 'Ask the user, or widen the hours.',
  },
  wallCrossed: {
    id: 9_000_045,
    rev: 1,
    name: 'IMSPAN Ethical wall crossed',
    category: PRIVACY_VIOLATION,
    severity: 1,
    meaning:
      'Two people whom a wall of the policy keeps apart were in contact: by message, file or call, or as members of one room. It is told once for each pair, network and wall.',
    evidence: 'How they were in contact, the groups that they are of, and the wall.',
    falsePositives: 'A list of a group that is not current. A message that was never read counts, too.',
    whatToDo:
      'Tell the compliance officer. What was said is in the messages of the conversation, where texts are kept.',
  },
  outsideContact: {
    id: 9_000_046,
    rev: 1,
    name: 'IMSPAN Group in contact with the outside',
    category: PRIVACY_VIOLATION,
    severity: 1,
    meaning:
      'Somebody of a group that may not talk to the outside was in contact with an account that is neither of "inside" nor of any group: by message, file or call (once for each pair), or in a room (once for each member and room).',
    evidence: 'How they were in contact, the group, and the wall.',
    falsePositives: 'A colleague under a name that no list has: add it to a group or to "inside".',
    whatToDo: 'Find out whose the other account is.',
    mitre: [{ id: 'T1567', name: 'Exfiltration Over Web Service' }],
  },
} as const satisfies Record<string, Signature>;
