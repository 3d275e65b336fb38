import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { loadLeases } from '../classify/hosts/leases.ts';
import { namesCsv, namesJson, readNames } from '../classify/names/registry-file.ts';
import { NameRegistry } from '../classify/names/registry.ts';
import type { NameEntry } from '../classify/names/registry.ts';
import { proposalOf, SeenNames } from '../classify/names/seen.ts';
import { EXIT, OperatorError } from '../core/errors.ts';
import { neutralise } from '../sink/neutralise.ts';
import { EventLog } from './event-log.ts';

interface NamesFlags {
  names?: string;
  leases?: string;
  out?: string;
}

/** `imspan names`: the registry of screen names, and what is missing in it. */
export function namesCommand(): Command {
  const command = new Command('names').description('whose the screen names are: see docs/NAMES.md');
  command
    .command('check')
    .description('say what is wrong with a registry, row by row')
    .argument('<file>', 'CSV or JSON')
    .action((file: string) => {
      process.exitCode = check(file);
    });
  command
    .command('convert')
    .description('write a registry anew: as JSON where OUT ends in .json, else as CSV')
    .argument('<file>', 'CSV or JSON')
    .argument('<out>', 'the file to write')
    .action((file: string, out: string) => {
      write(readNames(file).entries, out);
    });
  withFiles(command.command('seen'))
    .description('list the names in event logs that have no owner')
    .action(async (logs: string[], flags: NamesFlags) => {
      await tellSeen(logs, flags);
    });
  withFiles(command.command('propose'))
    .description('write the registry with a row (state pending) for each name that has no owner')
    .option('--out <file>', 'CSV, or JSON where it ends in .json; standard output where not given')
    .action(async (logs: string[], flags: NamesFlags) => {
      const seen = await gather(logs, flags);
      const known = flags.names === undefined ? [] : readNames(flags.names).entries;
      write([...known, ...seen.list().map(proposalOf)], flags.out);
    });
  return command;
}

function withFiles(command: Command): Command {
  return command
    .argument('<logs...>', 'event logs (JSON lines)')
    .option('--names <file>', 'the registry in force')
    .option('--leases <file>', 'who had which address when');
}

function check(file: string): number {
  const { entries, bad, badCount } = readNames(file);
  for (const { line, problem } of bad) say(`${file}:${line}: ${problem}`);
  if (badCount > bad.length) say(`${file}: and ${badCount - bad.length} more`);
  say(`${file}: ${entries.length} rows are good, ${badCount} are not`);
  return badCount === 0 ? EXIT.OK : EXIT.USAGE;
}

async function gather(logs: readonly string[], { names, leases }: NamesFlags): Promise<SeenNames> {
  const registry = names === undefined ? undefined : new NameRegistry(readNames(names).entries);
  const seen = new SeenNames(registry, leases === undefined ? undefined : loadLeases(leases));
  const log = new EventLog(logs);
  await log.each((event) => {
    seen.take(event);
  });
  log.complain();
  if (seen.dropped > 0) process.stderr.write(`imspan: too many names; left out: ${seen.dropped} events\n`);
  return seen;
}

async function tellSeen(logs: readonly string[], flags: NamesFlags): Promise<void> {
  const all = (await gather(logs, flags)).list();
  for (const { network, name, hosts, sessions, first, last, suggestion } of all) {
    const may = suggestion
      ? `; may be ${suggestion.person}, who ${suggestion.why} (${suggestion.confidence})`
      : '';
    const where = [...hosts].slice(0, 4).join(', ');
    say(`${network} ${name}: ${sessions.size} sessions at ${where}, ${first} to ${last}${may}`);
  }
  say(all.length === 0 ? 'every name has an owner' : `${all.length} names have no owner`);
}

function write(entries: readonly NameEntry[], out: string | undefined): void {
  const text = out?.endsWith('.json') === true ? namesJson(entries) : namesCsv(entries);
  if (out === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(out, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OperatorError(`cannot write ${out}: ${code ?? String(error)}`, EXIT.IO);
  }
}

function say(line: string): void {
  process.stdout.write(`${neutralise(line, 2_000)}\n`);
}
