import type { Signature } from './signature.ts';
import { BEHAVIOUR_SIGNATURES } from './signatures/behaviour.ts';
import { CLIENT_SIGNATURES } from './signatures/clients.ts';
import { CONTENT_SIGNATURES } from './signatures/content.ts';
import { EXPOSURE_SIGNATURES } from './signatures/exposure.ts';
import { OPERATION_SIGNATURES } from './signatures/operation.ts';
import { HEALTH_SIGNATURES } from './signatures/health.ts';
import { NAME_SIGNATURES } from './signatures/names.ts';
import { POLICY_SIGNATURES } from './signatures/policy.ts';

export { NETWORKS, unauthorizedSignature } from './signatures/clients.ts';

/** Every alert that imspan can raise, by the name that the code has for it. A class of findings adds its table here. */
export const SIGNATURES = {
  ...CLIENT_SIGNATURES,
  ...EXPOSURE_SIGNATURES,
  ...POLICY_SIGNATURES,
  ...OPERATION_SIGNATURES,
  ...NAME_SIGNATURES,
  ...CONTENT_SIGNATURES,
  ...BEHAVIOUR_SIGNATURES,
  ...HEALTH_SIGNATURES,
} as const satisfies Record<string, Signature>;

/** The same, by id. */
export const ALL_SIGNATURES: readonly Signature[] = Object.values<Signature>(SIGNATURES).sort(
  (a, b) => a.id - b.id,
);

/** docs/ALERTS.md. */
export function renderAlertsDoc(): string {
  const all = ALL_SIGNATURES;
  const lines = [
    '# Alerts',
    '',
    'Made from `src/classify/signatures/`; change it there and run `npm run docs`.',
    '',
    'Ids and names are stable: they never change their meaning. Severity is 1 (high) to 3 (low); a policy',
    'file can set another. Each alert carries in `alert.metadata` the policy line that decided',
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
