import { AlertState } from '../classify/alerts/state.ts';
import { DocumentList } from '../classify/content/documents.ts';
import { DomainList, HashList, loadList } from '../classify/content/lists.ts';
import type { Loaded } from '../classify/content/lists.ts';
import { loadLeases } from '../classify/hosts/leases.ts';
import type { BadRow } from '../classify/names/registry-file.ts';
import { loadNames } from '../classify/names/registry-file.ts';
import type { ContentLists } from '../classify/content/content.ts';
import type { NameRegistry } from '../classify/names/registry.ts';
import type { Departments } from '../classify/policy/accounts.ts';
import { loadPolicy } from '../classify/policy-file.ts';
import { makeClassifyLimits } from '../classify/limits.ts';
import { defaultRulebook } from '../classify/rulebook.ts';
import type { Rulebook } from '../classify/rulebook.ts';
import { OperatorError } from '../core/errors.ts';
import { neutralise } from '../sink/neutralise.ts';

/** Flags that name what the operator has to say of what is judged how. */
export interface RulebookFlags {
  policy?: string;
  names?: string;
  leases?: string;
  state?: string;
  hashes?: string;
  domains?: string;
  documents?: string;
}

/** Reads the files that the flags name; throws an OperatorError with every complaint. */
export async function loadRulebook(flags: RulebookFlags): Promise<Rulebook> {
  const rulebook = defaultRulebook();
  const names = namesOf(flags.names);
  const directory = { directory: names && departmentsOf(names) };
  const policy = flags.policy === undefined ? rulebook.policy : await loadPolicy(flags.policy, directory);
  const lists = await listsOf(flags);
  return { ...rulebook, policy, names, leases: leasesOf(flags.leases), lists };
}

async function listsOf({ hashes, domains, documents }: RulebookFlags): Promise<ContentLists> {
  return {
    ...(hashes !== undefined && { hashes: told(hashes, await loadList(hashes, HashList)) }),
    ...(documents !== undefined && { documents: told(documents, await loadList(documents, DocumentList)) }),
    ...(domains !== undefined && { domains: told(domains, await loadList(domains, DomainList)) }),
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

/** Departments by the registry's last word on an account. */
function departmentsOf(names: NameRegistry): Departments {
  return {
    departmentOf: (network, account) =>
      names.find(network, account, Number.MAX_SAFE_INTEGER)?.entry.department,
  };
}

function namesOf(file: string | undefined): Rulebook['names'] {
  if (file === undefined) return undefined;
  const { registry, read } = loadNames(file);
  tellBad(file, read.bad, read.badCount, `; imspan names check ${file} lists them`);
  return registry;
}

function leasesOf(file: string | undefined): Rulebook['leases'] {
  if (file === undefined) return undefined;
  const leases = loadLeases(file);
  tellBad(file, leases.bad, leases.badCount, '');
  return leases;
}

/** Says once how many rows were left out, and why the first. */
function tellBad(file: string, bad: readonly BadRow[], count: number, more: string): void {
  const [first] = bad;
  if (!first) return;
  const what = `${file}:${first.line}: ${first.problem}; rows left out: ${count}${more}`;
  process.stderr.write(`imspan: ${neutralise(what, 500)}\n`);
}

/** Opens the state folder of the run, if it has one, and tells in a line what of it cannot be used. */
export function openState(folder: string | undefined): AlertState | undefined {
  if (folder === undefined) return undefined;
  return new AlertState(folder, makeClassifyLimits(), (line) => {
    process.stderr.write(`imspan: ${neutralise(line, 1_000)}\n`);
  });
}

/** Writes what was told and seen until now; why that could not be, in words. */
export function saveState(state: AlertState | undefined): string | undefined {
  try {
    state?.save();
    return undefined;
  } catch (error) {
    if (error instanceof OperatorError) return error.message;
    throw error;
  }
}
