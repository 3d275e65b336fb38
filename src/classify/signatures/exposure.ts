import { PRIVACY_VIOLATION } from '../signature.ts';
import type { Signature } from '../signature.ts';

/** Secrets that anybody on the path can read: 9000020 to 9000039. */
export const EXPOSURE_SIGNATURES = {
  passwordExposed: {
    id: 9_000_020,
    rev: 1,
    name: 'IMSPAN Password exposed in IM sign-on',
    category: PRIVACY_VIOLATION,
    severity: 2,
    meaning:
      'An account signed on in a way from which anybody on the path can read its password: in clear, or masked by a method that needs no secret to undo. It is told once for each account and server, whether or not the policy allows the client.',
    evidence: 'The mechanism of the sign-on. The password itself is never shown, stored or logged.',
    falsePositives: 'None known. A sign-on that the server refused exposes what was typed all the same.',
    whatToDo:
      'Have the password changed, wherever else it is used too. Set the client to sign on through TLS or by a challenge, or retire it.',
    mitre: [{ id: 'T1040', name: 'Network Sniffing' }],
  },
} as const satisfies Record<string, Signature>;
