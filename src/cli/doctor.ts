import { dirname } from 'node:path';
import { Command } from 'commander';
import { findEngine } from '../capture/live/pick.ts';
import { listInterfaces } from '../capture/live/interfaces.ts';
import { probeEngines } from '../capture/live/probe.ts';
import { ENGINE_NAMES } from '../capture/live/engine.ts';
import { checkPolicy } from '../classify/policy-file.ts';
import { EXIT, OperatorError } from '../core/errors.ts';
import { neutralise } from '../sink/neutralise.ts';
import { applyConfig, configPathOf, loadConfig, siblingsOf } from './config/config-file.ts';
import { good, warning } from './doctor/check.ts';
import type { Check } from './doctor/check.ts';
import { checkCardDrops, checkInterface, checkOffloads, checkRing } from './doctor/interface-checks.ts';
import {
  checkClock,
  checkCollector,
  checkEngines,
  checkFolder,
  checkMemory,
  checkNode,
  checkUser,
  checkWritable,
} from './doctor/system-checks.ts';
import { collect, coresToUse } from './options.ts';
import { loadRulebook } from './rulebook.ts';
import type { ServiceFlags } from './service/service.ts';

interface DoctorFlags {
  config?: string;
  interface: string[];
  policy?: string;
  syslog: string[];
  json?: boolean;
}

/** What `imspan sniff` would work with. */
interface Examined extends ServiceFlags {
  interface: string[];
  engine: string;
  filter: string;
  user?: string;
}

/** `imspan doctor`. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'look whether imspan sniff would work on this machine, and say what to do about what is not as it should be',
    )
    .option(
      '--config <file>',
      'the configuration of imspan sniff (default /etc/imspan/imspan.yaml where it is there)',
    )
    .option('-i, --interface <name>', 'this interface instead (repeatable)', collect, [])
    .option('--policy <file>', 'this policy instead')
    .option('--syslog <url>', 'this collector instead (repeatable)', collect, [])
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      '\nExit codes: 0 nothing is bad, 2 a configuration file is wrong, 3 something else is bad.',
    )
    .action(async (flags: DoctorFlags, command: Command) => {
      const checks = await examine(flags, command);
      process.stdout.write(flags.json === true ? `${JSON.stringify({ checks })}\n` : renderChecks(checks));
      process.exitCode = exitCodeOf(checks);
    });
}

async function examine(flags: DoctorFlags, command: Command): Promise<Check[]> {
  const { checks, examined } = await effective(flags, command);
  return [
    checkNode(),
    ...checks,
    ...(await ofRules(examined)),
    ...(await ofCapture(examined)),
    ...(await ofRest(examined)),
  ];
}

/** The options of `sniff` by its configuration, and what is said of that. */
async function effective(
  flags: DoctorFlags,
  command: Command,
): Promise<{ checks: Check[]; examined: Examined }> {
  const commands = siblingsOf(command);
  const path = configPathOf(flags.config, 'sniff');
  const checks: Check[] = [];
  if (path === undefined) checks.push(good('configuration', 'none; the command line says all'));
  else
    await complaining(checks, 'configuration', 'imspan config check tells every mistake', async () => {
      const config = await loadConfig(path, commands);
      applyConfig(config, commands.sniff);
      return good('configuration', `${path}, ${config.values.length} settings`);
    });
  const examined = { ...commands.sniff.opts<Examined>() };
  if (flags.interface.length > 0) examined.interface = flags.interface;
  if (flags.policy !== undefined) examined.policy = flags.policy;
  if (flags.syslog.length > 0) examined.syslog = flags.syslog;
  return { checks, examined };
}

/** Adds what `look` found, or what it complained about. */
async function complaining(
  checks: Check[],
  name: string,
  todo: string,
  look: () => Promise<Check>,
): Promise<void> {
  try {
    checks.push(await look());
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const found = error.message.split('\n').slice(0, 5).join('; ');
    checks.push({ name, state: 'bad', found, todo, usage: error.exitCode === EXIT.USAGE });
  }
}

async function ofRules(examined: Examined): Promise<Check[]> {
  const checks: Check[] = [];
  const { policy } = examined;
  if (policy === undefined)
    checks.push(
      warning(
        'policy',
        'the default: no consumer network is allowed',
        'imspan policy init writes one to begin with',
      ),
    );
  else
    await complaining(checks, 'policy', 'imspan policy check tells every mistake', async () => {
      const read = await checkPolicy(policy, { today: Math.floor(Date.now() / 1000) });
      const [first] = read.warnings;
      if (first !== undefined) return warning('policy', first, 'imspan policy check tells all of them');
      return good('policy', `${policy}, ${read.policy.rules.length} rules`);
    });
  if (examined.names ?? examined.leases ?? examined.hashes ?? examined.domains)
    await complaining(checks, 'names and lists', 'mend the file that is named', async () => {
      const rest = { ...examined };
      delete rest.policy;
      await loadRulebook(rest);
      return good('names and lists', 'all were read');
    });
  return checks;
}

async function ofCapture({ interface: names, engine, filter, user }: Examined): Promise<Check[]> {
  const interfaces = await listInterfaces();
  const checks = [...checkEngines(await probeEngines(interfaces), engine), checkUser(user)];
  if (names.length === 0)
    checks.push(warning('interface', 'none was named', 'give -i NAME, or "interface" in the configuration'));
  for (const name of names) {
    const info = interfaces.find((each) => each.name === name);
    checks.push(...checkInterface(name, info));
    if (info && name !== 'any')
      checks.push(await checkOffloads(name), await checkRing(name), checkCardDrops(name));
  }
  if (filter !== '') checks.push(await ofFilter(filter, names[0] ?? 'any', engine));
  return checks;
}

async function ofFilter(filter: string, iface: string, wanted: string): Promise<Check> {
  for (const name of ENGINE_NAMES) {
    if (wanted !== 'auto' && wanted !== name) continue;
    const engine = await findEngine(name);
    if (!engine) continue;
    const wrong = await engine.checkFilter({
      ...{ iface, filter, snapLength: 65_535 },
      buffer: 2 ** 20,
      promiscuous: false,
    });
    return wrong === undefined
      ? good('filter', filter)
      : { name: 'filter', state: 'bad', found: wrong, todo: 'see pcap-filter(7)', usage: true };
  }
  return { name: 'filter', state: 'unknown', found: 'nothing is here that could compile it' };
}

async function ofRest(examined: Examined): Promise<Check[]> {
  const { eve, extract, evidence, state, syslog = [] } = examined;
  const checks = [await checkClock(), checkMemory(examined.workers ?? coresToUse())];
  if (eve !== undefined) checks.push(await checkWritable('folder of --eve', dirname(eve)));
  for (const [what, folder] of Object.entries({ extract, evidence, state }))
    if (folder !== undefined) checks.push(await checkFolder(`--${what}`, folder));
  for (const url of syslog) checks.push(await checkCollector(url));
  return checks;
}

const SIGNS: Readonly<Record<Check['state'], string>> = {
  good: 'good   ',
  warning: 'WARNING',
  bad: 'BAD    ',
  unknown: 'unknown',
};

/** The list for people, with line ends. */
export function renderChecks(checks: readonly Check[]): string {
  const lines = checks.flatMap(({ name, state, found, todo }) => [
    `${SIGNS[state]}  ${neutralise(name, 100)}: ${neutralise(found, 500)}`,
    ...(todo === undefined || state === 'good' ? [] : [`         to do: ${neutralise(todo, 500)}`]),
  ]);
  const count = (state: Check['state']): number => checks.filter((check) => check.state === state).length;
  const sums = `${checks.length} checks: ${count('bad')} bad, ${count('warning')} warnings, ${count('unknown')} unknown`;
  return `${[...lines, sums].join('\n')}\n`;
}

/** The exit code that these checks mean. */
export function exitCodeOf(checks: readonly Check[]): number {
  const failed = checks.filter(({ state }) => state === 'bad');
  if (failed.length === 0) return EXIT.OK;
  return failed.some(({ usage }) => usage === true) ? EXIT.USAGE : EXIT.IO;
}
