import { DomainList, HashList, loadList } from '../classify/content/lists.ts';
import type { Loaded } from '../classify/content/lists.ts';
import { loadPolicy } from '../classify/policy-file.ts';
import { defaultRulebook } from '../classify/rulebook.ts';
import type { Rulebook } from '../classify/rulebook.ts';

/** Flags that name what the operator has to say of what is judged how. */
export interface RulebookFlags {
  policy?: string;
  hashes?: string;
  domains?: string;
}

/** Reads the files that the flags name; throws an OperatorError with every complaint. */
export async function loadRulebook(flags: RulebookFlags): Promise<Rulebook> {
  const { policy, hashes, domains } = flags;
  const rulebook = defaultRulebook();
  return {
    ...rulebook,
    ...(policy !== undefined && { policy: await loadPolicy(policy) }),
    lists: {
      ...(hashes !== undefined && { hashes: told(hashes, await loadList(hashes, HashList)) }),
      ...(domains !== undefined && { domains: told(domains, await loadList(domains, DomainList)) }),
    },
  };
}

/** Says on standard error what of a list was skipped. */
function told<T extends Loaded>(path: string, list: T): T {
  const { skipped, rows, firstSkipped } = list;
  if (skipped > 0)
    process.stderr.write(
      `imspan: ${path}: ${skipped} of ${rows + skipped} rows are none and were skipped, the first on line ${firstSkipped ?? 1}\n`,
    );
  return list;
}
