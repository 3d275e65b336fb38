import type { Entry, YamlReader } from '../yaml-reader.ts';
import type { Group } from './accounts.ts';
import type { ListReader } from './read-lists.ts';

/** What an archive keeps of people, the least first; docs/ARCHIVE.md, "Privacy". */
export const ARCHIVE_MODES = ['none', 'hashed', 'metadata', 'redacted', 'full'] as const;
export type ArchiveMode = (typeof ARCHIVE_MODES)[number];

/** Modes of groups of a policy, and of who is in none (`metadata` where the policy does not say). */
export interface ArchiveModes {
  readonly fallback: ArchiveMode;
  readonly groups: readonly { readonly group: Group; readonly mode: ArchiveMode }[];
}

/** `archive`: what an archive keeps of whom. Groups must be read before. */
export function readArchiveModes(
  reader: YamlReader,
  lists: ListReader,
  entry: Entry | undefined,
): ArchiveModes | undefined {
  const entries = entry && reader.entries(entry.value, '"archive"', ['default', 'groups']);
  if (entries === undefined) return undefined;
  const mode = (of: Entry): ArchiveMode | undefined => reader.choice(of.value, 'mode', ARCHIVE_MODES);
  const fallback = entries.get('default');
  const groups: { group: Group; mode: ArchiveMode }[] = [];
  const named = entries.get('groups');
  for (const each of named ? (reader.named(named.value, '"groups"') ?? []) : []) {
    const group = lists.names.groups.get(each.key);
    const own = mode(each);
    if (group === undefined) reader.complain(each.keyNode, `the policy has no group "${each.key}"`);
    else if (own !== undefined) groups.push({ group, mode: own });
    lists.names.used.add(`group ${each.key}`);
  }
  return { fallback: (fallback && mode(fallback)) ?? 'metadata', groups };
}
