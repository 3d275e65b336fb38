import type { ReadRule } from '../policy-file.ts';
import type { Severity } from '../policy.ts';
import { parseVersionTest } from '../version.ts';
import type { Entry, YamlReader } from '../yaml-reader.ts';
import { withClients } from './conditions.ts';

const KEYS = ['version', 'severity', 'reason'] as const;
const DEFAULT_SEVERITY = 2;

type Severities = Readonly<Record<string, Severity>>;

/** `minimum_versions`: by the client's name (a pattern), the oldest version that is not told. */
export function readMinimums(
  reader: YamlReader,
  file: string,
  section: Entry | undefined,
  severities: Severities,
): ReadRule[] {
  if (section === undefined) return [];
  const named = reader.named(section.value, '"minimum_versions"') ?? [];
  return named
    .map((entry) => readMinimum(reader, file, entry, severities))
    .filter((rule) => rule !== undefined);
}

function readMinimum(
  reader: YamlReader,
  file: string,
  { key, keyNode, value }: Entry,
  severities: Severities,
): ReadRule | undefined {
  const entries = reader.isMapping(value) ? reader.entries(value, 'a minimum version', KEYS) : undefined;
  const versionNode = entries === undefined ? value : entries.get('version')?.value;
  if (versionNode === undefined) return reader.complain(value, 'a minimum version is to have a "version"');
  const version = reader.text(versionNode, 'a minimum version');
  if (version === undefined) return undefined;
  const isOlder = /^\d/.test(version) ? parseVersionTest(`<${version}`) : '';
  if (typeof isOlder === 'string')
    return reader.complain(versionNode, `"${version}" is no version number such as 2.10`);
  const choice = entries?.get('severity');
  const severity = choice && reader.choice(choice.value, '"severity"', Object.keys(severities));
  const stated = entries?.get('reason');
  const reason = (stated && reader.text(stated.value, '"reason"')) ?? `older than ${version}`;
  const condition = { ...withClients([{ name: key, version: isOlder }]), asked: `${key} below ${version}` };
  return {
    node: keyNode,
    rule: {
      verdict: 'alert',
      severity: severities[severity ?? ''] ?? DEFAULT_SEVERITY,
      line: `${file}:${reader.lineOf(keyNode)} minimum_versions "${key}": ${reason}`,
      outdated: true,
      conditions: [condition],
    },
  };
}
