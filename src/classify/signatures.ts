import { NAME_SIGNATURES } from './names/signatures.ts';
import type { Severity } from './policy.ts';

/**
 * Every alert that imspan can raise. An id, a revision and a name never change their meaning once
 * released: a changed test of the same thing is a new `rev`, another thing is a new id.
 * docs/ALERTS.md is made from this table.
 */
export interface Signature {
  readonly id: number;
  readonly rev: number;
  /** `alert.signature`. */
  readonly name: string;
  /** The description of Suricata's classification.config that fits. */
  readonly category: string;
  /** Where no policy says otherwise. */
  readonly severity: Severity;
  readonly meaning: string;
  readonly evidence: string;
  readonly falsePositives: string;
  readonly whatToDo: string;
  /** MITRE ATT&CK techniques that the finding itself shows or enables. */
  readonly mitre?: readonly { readonly id: string; readonly name: string }[];
}

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

const PRIVACY_VIOLATION = 'Potential Corporate Privacy Violation';

function unauthorized(id: number, network: string, falsePositives: string): Signature {
  return {
    id,
    rev: 1,
    name: `IMSPAN Unauthorized consumer IM client (${network})`,
    category: PRIVACY_VIOLATION,
    severity: 1,
    meaning: `A client of the network ${network} runs on this network, and the policy does not allow it. It is told once for each client address, account and server.`,
    evidence:
      'The bytes by which the protocol was recognised, each with its place, or the server name, protocol or certificate that a TLS handshake showed (`tls: ...`; nothing was decrypted); the account and the client software where they were seen; the policy line that decided.',
    falsePositives,
    whatToDo:
      'Ask the user of the client address. Where the use is wanted, allow it in the policy file by server, domain, client or subnet; else have the client removed.',
  };
}

const OWN_PROTOCOL =
  'Hardly any: the protocol is recognised by its bytes, not by its port. With TLS only the host is seen: a link, a scanner or a page that names it can open a connection without a client. A gateway, an archive or a test system that speaks it on purpose is to be allowed in the policy.';

export const SIGNATURES = {
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
  unauthorizedOther: unauthorized(9_000_019, 'other network', OWN_PROTOCOL),
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
  clientNoticed: {
    id: 9_000_040,
    rev: 1,
    name: 'IMSPAN IM client noticed by policy',
    category: 'Misc activity',
    severity: 3,
    meaning:
      'A client runs on this network of which the policy wants to be told without calling it unauthorized (verdict "notice"). It does not count as an alert for --fail-on-alert.',
    evidence: 'As for an unauthorized client.',
    falsePositives: 'None: the policy asked for it.',
    whatToDo: 'Nothing at once. Change the rule to "allow" when there is no more need to hear of it.',
  },
  ...NAME_SIGNATURES,
} as const satisfies Record<string, Signature>;

const UNAUTHORIZED: ReadonlyMap<string, Signature> = new Map<string, Signature>([
  ['aim', SIGNATURES.unauthorizedAim],
  ['icq', SIGNATURES.unauthorizedIcq],
  ['msn', SIGNATURES.unauthorizedMsn],
  ['yahoo', SIGNATURES.unauthorizedYahoo],
  ['xmpp', SIGNATURES.unauthorizedXmpp],
  ['gtalk', SIGNATURES.unauthorizedGtalk],
  ['irc', SIGNATURES.unauthorizedIrc],
]);

/** The signature for an unauthorized client of that network. */
export function unauthorizedSignature(service: string): Signature {
  return UNAUTHORIZED.get(service) ?? SIGNATURES.unauthorizedOther;
}

/** Where an alert's documentation is, for `alert.references`. */
export function referenceOf(signature: Signature): string {
  return `docs/ALERTS.md#${signature.id}`;
}

/** docs/ALERTS.md. */
export function renderAlertsDoc(): string {
  const all: readonly Signature[] = Object.values(SIGNATURES);
  const lines = [
    '# Alerts',
    '',
    'Made from `src/classify/signatures.ts`; change it there and run `npm run docs`.',
    '',
    'Ids and names are stable: they never change their meaning. Severity is 1 (high) to 3 (low); a policy',
    'file can set another for clients. Each alert carries in `alert.metadata` the policy line that decided',
    '(`policy`), what was seen (`evidence`) and how sure it is (`confidence`); it never carries what people wrote.',
    '',
    ...renderTable([
      ['id', 'signature', 'severity'],
      ...all.map((s) => [`[${s.id}](#${s.id})`, s.name, String(s.severity)]),
    ]),
    ...all.flatMap(renderSignature),
  ];
  return `${lines.join('\n')}\n`;
}

/** A Markdown table with its columns in line, as the formatter of this project leaves it. */
function renderTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const padded = rows.map((row) => line(row.map((cell, i) => cell.padEnd(widths[i] ?? 0))));
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [...padded.slice(0, 1), rule, ...padded.slice(1)];
}

function renderSignature(signature: Signature): string[] {
  const mitre: Signature['mitre'] = signature.mitre;
  const techniques = mitre?.map(
    ({ id, name }) => `[${id}](https://attack.mitre.org/techniques/${id}/) ${name}`,
  );
  return [
    '',
    `## ${signature.id}`,
    '',
    `**${signature.name}** (revision ${signature.rev}, severity ${signature.severity}, category "${signature.category}")`,
    '',
    signature.meaning,
    '',
    `- **Evidence**: ${signature.evidence}`,
    `- **False positives**: ${signature.falsePositives}`,
    `- **What to do**: ${signature.whatToDo}`,
    `- **MITRE ATT&CK**: ${techniques?.join(', ') ?? 'no technique: the use of a chat client is none by itself'}`,
  ];
}
