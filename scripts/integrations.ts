/** The parts of integrations/ that are made from the table of alerts: Wazuh rules and Sigma rules. `npm run docs` writes them. */
import { ALL_SIGNATURES } from '../src/classify/signatures.ts';
import type { Signature } from '../src/classify/signature.ts';
import { hash128 } from '../src/event/ids.ts';

const MADE = 'Made from src/classify/signatures by `npm run docs`; change it there.';
const FIRST = 9_000_000;
/** Wazuh leaves 100000 to 120000 to rules of the site. */
const WAZUH_FIRST = 110_000;
const WAZUH_LEVELS = [12, 8, 5] as const;
const SIGMA_LEVELS = ['high', 'medium', 'low'] as const;

/** Texts of the files by their path from the root of the project. */
export function integrationFiles(): Record<string, string> {
  const files: Record<string, string> = { 'integrations/wazuh/imspan_rules.xml': wazuhRules() };
  for (const signature of ALL_SIGNATURES)
    files[`integrations/sigma/imspan_${signature.id}.yml`] = sigmaRule(signature);
  return files;
}

/** Number of the Wazuh rule of a signature. */
export function wazuhId({ id }: Signature): number {
  return WAZUH_FIRST + id - FIRST;
}

function wazuhRules(): string {
  const rules = ALL_SIGNATURES.flatMap((signature) => [
    `  <rule id="${wazuhId(signature)}" level="${WAZUH_LEVELS[signature.severity - 1]}">`,
    `    <if_sid>${WAZUH_FIRST - 2}, ${WAZUH_FIRST - 1}</if_sid>`,
    `    <field name="alert.signature_id">^${signature.id}$</field>`,
    `    <description>${xml(signature.name)}: $(im.account) at $(src_ip)</description>`,
    ...(signature.mitre === undefined
      ? []
      : ['    <mitre>', ...signature.mitre.map(({ id }) => `      <id>${xml(id)}</id>`), '    </mitre>']),
    '  </rule>',
    '',
  ]);
  return [
    `<!-- ${MADE} -->`,
    '<group name="imspan,">',
    '  <!-- EVE JSON that Wazuh reads as a file (log_format json): its own rules for Suricata take it first. -->',
    `  <rule id="${WAZUH_FIRST - 2}" level="3">`,
    '    <if_sid>86601</if_sid>',
    '    <field name="alert.signature">^IMSPAN </field>',
    '    <description>imspan: $(alert.signature)</description>',
    '  </rule>',
    '',
    '  <!-- EVE JSON that comes as syslog (?rfc=3164 and ?format=eve): see imspan_decoders.xml. -->',
    `  <rule id="${WAZUH_FIRST - 1}" level="3">`,
    '    <decoded_as>imspan</decoded_as>',
    '    <field name="event_type">^alert$</field>',
    '    <description>imspan: $(alert.signature)</description>',
    '  </rule>',
    '',
    ...rules,
    '</group>',
    '',
  ].join('\n');
}

function sigmaRule(signature: Signature): string {
  const tags = signature.mitre?.map(({ id }) => `attack.${id.toLowerCase()}`) ?? [];
  return [
    `# ${MADE}`,
    `title: ${yaml(signature.name.replace(/^IMSPAN /, ''))}`,
    `id: ${uuidOf(signature.id)}`,
    'status: experimental',
    `description: ${yaml(signature.meaning)}`,
    'references:',
    `  - ${yaml(`docs/ALERTS.md#${signature.id}`)}`,
    'author: imspan',
    ...(tags.length === 0 ? [] : ['tags:', ...tags.map((tag) => `  - ${tag}`)]),
    'logsource:',
    '  product: imspan',
    '  service: alert',
    'detection:',
    '  selection:',
    '    event_type: alert',
    `    alert.signature_id: ${signature.id}`,
    '  condition: selection',
    'fields:',
    ...['src_ip', 'dest_ip', 'dest_port', 'im.service', 'im.account', 'im.id'].map((name) => `  - ${name}`),
    'falsepositives:',
    `  - ${yaml(signature.falsePositives)}`,
    `level: ${SIGMA_LEVELS[signature.severity - 1]}`,
    '',
  ].join('\n');
}

/** A UUID of version 8 (RFC 9562): our own digits, the same each time. */
function uuidOf(id: number): string {
  const hex = hash128('sigma', id);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
}

function yaml(text: string): string {
  return JSON.stringify(text);
}

function xml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
