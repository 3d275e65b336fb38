import type { ReadRule } from '../policy-file.ts';
import type { Severity } from '../policy.ts';
import { parseVersionTest } from '../version.ts';
import type { Entry, YamlReader } from '../yaml-reader.ts';
import { withClients } from './conditions.ts';

const KEYS = ['version', 'severity', 'reason'] as const;
const DEFAULT_SEVERITY = 2;

/** `minimum_versions`: by the client's name (a pattern), the oldest version that is not told. */
export function readMinimums(
  reader: YamlReader,
  file: string,
  section: Entry | undefined,
  severities: Readonly<Record<string, Severity>>,
): ReadRule[] {
  const rules: ReadRule[] = [];
  for (const entry of section ? (reader.named(section.value, '"minimum_versions"') ?? []) : []) {
    const { key, keyNode, value } = entry;
    const entries = reader.isMapping(value) ? reader.entries(value, 'a minimum version', KEYS) : undefined;
    const versionNode = entries === undefined ? value : entries.get('version')?.value;
    if (versionNode === undefined) {
      reader.complain(value, 'a minimum version is to have a "version"');
      continue;
    }
    const version = reader.text(versionNode, 'a minimum version');
    if (version === undefined) continue;
    const isOlder = /^\d/.test(version) ? parseVersionTest(`<${version}`) : '';
    if (typeof isOlder === 'string') {
      reader.complain(versionNode, `"${version}" is no version number such as 2.10`);
      continue;
    }
    const choice = entries?.get('severity');
    const severity = choice && reader.choice(choice.value, '"severity"', Object.keys(severities));
    const stated = entries?.get('reason');
    const reason = (stated && reader.text(stated.value, '"reason"')) ?? `older than ${version}`;
    rules.push({
      node: keyNode,
      rule: {
        verdict: 'alert',
        severity: severities[severity ?? ''] ?? DEFAULT_SEVERITY,
        line: `${file}:${reader.lineOf(keyNode)} minimum_versions "${key}": ${reason}`,
        outdated: true,
        conditions: [withClients([{ name: key, version: isOlder }])],
      },
    });
  }
  return rules;
}
