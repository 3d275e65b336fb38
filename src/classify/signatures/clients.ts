import { APPS } from '../../core/apps.ts';
import { PRIVACY_VIOLATION } from '../signature.ts';
import type { Signature } from '../signature.ts';

/** Networks by `im.service`, as people call them. */
export const NETWORKS = {
  aim: 'AIM',
  icq: 'ICQ',
  msn: 'MSN',
  yahoo: 'Yahoo',
  xmpp: 'XMPP',
  gtalk: 'Google Talk',
  irc: 'IRC',
} as const satisfies Record<string, string>;

function unauthorized(id: number, network: string, falsePositives: string): Signature {
  return {
    id,
    rev: 1,
    name: `IMSPAN Unauthorized consumer IM client (${network})`,
    category: PRIVACY_VIOLATION,
    severity: 1,
    meaning: `A client of the network ${network} runs on this network, and the policy does not allow it. It is told once for each client address, account and server. Where no more was seen than that a host of the network was asked for (\`im.kind: service\`), it is as grave as the sighting is sure: severity 2 at medium confidence, 3 at low; a severity in the policy stands.`,
    evidence:
      'The bytes by which the protocol was recognised, each with its place, or the server name, protocol or certificate that a TLS handshake showed (`tls: ...`; nothing was decrypted); the account and the client software where they were seen; the policy line that decided.',
    falsePositives,
    whatToDo:
      'Ask the user of the client address. Where the use is wanted, allow it in the policy file by server, domain, client or subnet; else have the client removed.',
  };
}

const OWN_PROTOCOL =
  'Hardly any: the protocol is recognised by its bytes, not by its port. With TLS only the host is seen: a link, a scanner or a page that names it can open a connection without a client. A gateway, an archive or a test system that speaks it on purpose is to be allowed in the policy.';

/** Clients that the policy does not allow: 9000001 to 9000019. */
export const CLIENT_SIGNATURES = {
  unauthorizedAim: unauthorized(9_000_001, 'AIM', OWN_PROTOCOL),
  unauthorizedIcq: unauthorized(9_000_002, 'ICQ', OWN_PROTOCOL),
  unauthorizedMsn: unauthorized(9_000_003, 'MSN', OWN_PROTOCOL),
  unauthorizedYahoo: unauthorized(9_000_004, 'Yahoo', OWN_PROTOCOL),
  unauthorizedXmpp: unauthorized(
    9_000_005,
    'XMPP',
    'An own Jabber server, a partner that is federated with it, or a product that uses XMPP inside (conferencing, push, games): allow its servers or domains in the policy.',
  ),
  unauthorizedGtalk: unauthorized(9_000_006, 'Google Talk', OWN_PROTOCOL),
  unauthorizedIrc: unauthorized(
    9_000_007,
    'IRC',
    'Developers and operators use IRC for work: allow its servers in the policy.',
  ),
  unauthorizedApp: {
    ...unauthorized(
      9_000_008,
      'recognised by metadata',
      'A page that embeds something of the messenger, a link that was opened, a program that looks up its name; media of meetings that are work. What shares its hosts with other software of its maker is told at medium confidence, what only DNS shows at low.',
    ),
    meaning: `A messenger whose content cannot be read (${[...APPS.values()].join(', ')}) is used on this network, and the policy does not allow it. It is told once for each client address and messenger, however many connections and servers. It is as grave as the recognition is sure: severity 1 at high confidence, 2 at medium, 3 at low; a severity in the policy stands.`,
    evidence:
      'Names in TLS, QUIC and DNS, certificates, attributes of STUN, first bytes of its protocol; nothing was decrypted but what QUIC sends under keys that everybody knows. Each with its source and date.',
  },
  unauthorizedOther: unauthorized(9_000_019, 'other network', OWN_PROTOCOL),
} as const satisfies Record<string, Signature>;

const UNAUTHORIZED: ReadonlyMap<string, Signature> = new Map<string, Signature>([
  ['aim', CLIENT_SIGNATURES.unauthorizedAim],
  ['icq', CLIENT_SIGNATURES.unauthorizedIcq],
  ['msn', CLIENT_SIGNATURES.unauthorizedMsn],
  ['yahoo', CLIENT_SIGNATURES.unauthorizedYahoo],
  ['xmpp', CLIENT_SIGNATURES.unauthorizedXmpp],
  ['gtalk', CLIENT_SIGNATURES.unauthorizedGtalk],
  ['irc', CLIENT_SIGNATURES.unauthorizedIrc],
]);

/** The signature for an unauthorized client of that network. */
export function unauthorizedSignature(service: string): Signature {
  if (APPS.has(service)) return CLIENT_SIGNATURES.unauthorizedApp;
  return UNAUTHORIZED.get(service) ?? CLIENT_SIGNATURES.unauthorizedOther;
}
