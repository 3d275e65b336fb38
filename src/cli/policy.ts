import { writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { knownHosts } from '../app/known-hosts.ts';
import { checkPolicy, loadPolicy } from '../classify/policy-file.ts';
import { defaultPolicy } from '../classify/policy.ts';
import { BLOCKLIST_FORMATS, Blocklist, renderBlocklist } from '../classify/policy/blocklist.ts';
import type { BlocklistFormat } from '../classify/policy/blocklist.ts';
import { SubjectOfEvents, explainDecision } from '../classify/policy/explain.ts';
import { Retrial, Told, differenceOf } from '../classify/policy/simulate.ts';
import { POLICY_TEMPLATE } from '../classify/policy/template.ts';
import { EXIT, OperatorError } from '../core/errors.ts';
import type { EveEvent } from '../event/eve.ts';
import { EventLog } from './event-log.ts';
import { renderDifference, renderExplanation, show } from './policy-text.ts';

/** `imspan policy`. */
export function policyCommand(): Command {
  const command = new Command('policy').description(
    'check, explain and try out policy files; see docs/POLICY.md',
  );
  command.addCommand(checkCommand());
  command.addCommand(explainCommand());
  command.addCommand(simulateCommand());
  command.addCommand(blocklistCommand());
  command.addCommand(initCommand());
  for (const each of command.commands) each.exitOverride();
  return command;
}

function checkCommand(): Command {
  return new Command('check')
    .description(
      'read a policy file: every mistake with line and column (exit code 2), and what cannot have been meant',
    )
    .argument('<file>', 'policy file')
    .action(async (file: string) => {
      const options = { complaints: Infinity, today: Math.floor(Date.now() / 1000) };
      const { policy, warnings } = await checkPolicy(file, options);
      for (const warning of warnings) say(`${show(warning)} (warning)`);
      const walls = policy.walls?.list.length ?? 0;
      say(`${show(file)}: good; ${policy.rules.length} rules, ${walls} walls, ${warnings.length} warnings`);
    });
}

interface ExplainFlags {
  event?: string;
  log?: string;
  id?: string;
  json?: boolean;
  lines: string;
}

function explainCommand(): Command {
  return new Command('explain')
    .description('say what a policy decides about an event or an alert: which line, and why none before it')
    .argument('<file>', 'policy file')
    .option(
      '--event <file>',
      'an event as EVE JSON, - for standard input; several lines: those of one connection',
    )
    .option(
      '--log <file>',
      'an event log in which to look for --id, with all that it tells of the connection',
    )
    .option('--id <hex>', 'im.id of an event or alert, or im.finding of an alert')
    .option('--lines <n>', 'lines before the deciding one that are told', '20')
    .option('--json', 'as one JSON object')
    .action(async (file: string, flags: ExplainFlags) => {
      const policy = await loadPolicy(file);
      const most = Number(flags.lines);
      if (!Number.isInteger(most) || most < 0)
        throw new OperatorError('--lines: write a whole number from 0');
      const { subject, asked } = await subjectAsked(flags);
      const explanations = subject.subjects().map((each) => explainDecision(policy, each, most));
      if (explanations.length === 0)
        throw new OperatorError(
          'the event is of no connection (flow_id, addresses and ports): no policy is asked',
        );
      const { evidence } = subject;
      const said = asked.alert?.metadata?.policy?.[0];
      if (flags.json === true) say(JSON.stringify({ explanations, evidence, told: said }));
      else for (const each of explanations) say(renderExplanation(each, evidence, said));
    });
}

/** The connection that is asked about, and the event of it that was named. */
async function subjectAsked(flags: ExplainFlags): Promise<{ subject: SubjectOfEvents; asked: EveEvent }> {
  const subject = new SubjectOfEvents();
  let asked: EveEvent | undefined;
  if (flags.event !== undefined && flags.log === undefined) {
    const log = new EventLog([flags.event]);
    await log.each((event) => {
      asked = event;
      subject.take(event);
    });
    if (asked === undefined) throw new OperatorError(`${flags.event}: no event in it`);
    return { subject, asked };
  }
  const { log: path, id } = flags;
  if (path === undefined || path === '-' || id === undefined || !/^[0-9a-f]{32}$/.test(id))
    throw new OperatorError('give --event FILE, or --log FILE with --id and 32 hex digits');
  const log = new EventLog([path]);
  await log.each((event) => {
    if (event.im?.id === id || event.im?.finding === id) asked ??= event;
  });
  log.complain();
  const found: EveEvent | undefined = asked;
  if (found === undefined) throw new OperatorError(`${path}: no event or alert has the id ${id}`);
  // All that was known of the connection until then.
  let over = false;
  await new EventLog([path]).each((event) => {
    if (over || event.flow_id === undefined || event.flow_id !== found.flow_id) return;
    if (event.im?.id === found.im?.id) over = true;
    else if (event.event_type === 'im') subject.take(event);
  });
  subject.take(found);
  return { subject, asked: found };
}

interface SimulateFlags {
  old?: string;
  merge?: boolean;
  json?: boolean;
}

function simulateCommand(): Command {
  return new Command('simulate')
    .description('say what a policy would have told of an event log, as a difference from what was told')
    .argument('<file>', 'the new policy')
    .argument('<events...>', 'event logs (EVE JSON lines), - for standard input')
    .option('--old <file>', 'compare with this policy instead of with the alerts of the log')
    .option('--merge', 'the captures of the log are parts of one, as they were for replay --merge')
    .option('--json', 'as one JSON object')
    .action(async (file: string, paths: string[], flags: SimulateFlags) => {
      const merged = flags.merge === true;
      const after = new Retrial(await loadPolicy(file), { merged });
      const before =
        flags.old === undefined ? undefined : new Retrial(await loadPolicy(flags.old), { merged });
      const told = before?.told ?? new Told();
      const log = new EventLog(paths);
      let judged = 0;
      await log.each((event) => {
        if (event.event_type === 'im' || event.event_type === 'flow') judged++;
        if (before === undefined && event.event_type === 'alert') told.add(event);
        before?.on(event);
        after.on(event);
      });
      before?.end();
      after.end();
      log.complain();
      if (judged === 0)
        throw new OperatorError(
          'no im or flow events in the log: there is nothing to judge (was it written with --emit?)',
        );
      const difference = differenceOf(told, after.told);
      say(flags.json === true ? JSON.stringify(difference) : renderDifference(difference));
    });
}

function blocklistCommand(): Command {
  return new Command('blocklist')
    .description(
      'print the servers of messengers that a policy does not allow, for a firewall to load; imspan itself never blocks',
    )
    .argument('[file]', 'policy file; the default policy where not given')
    .option('--from <events...>', 'servers that these event logs saw, instead of those that are known')
    .addOption(new Option('--format <format>', 'of the list').choices(BLOCKLIST_FORMATS).default('plain'))
    .action(async (file: string | undefined, flags: { from?: string[]; format: BlocklistFormat }) => {
      const list = new Blocklist(file === undefined ? defaultPolicy() : await loadPolicy(file));
      if (flags.from === undefined) list.known(knownHosts());
      else {
        const log = new EventLog(flags.from);
        await log.each((event) => {
          list.on(event);
        });
        log.complain();
      }
      process.stdout.write(renderBlocklist(list.end(), flags.format));
      if (list.leftOut > 0)
        process.stderr.write(`imspan: ${list.leftOut} were no address or name, or too many\n`);
    });
}

function initCommand(): Command {
  return new Command('init')
    .description(
      'write a policy file with comments, which is of use as it is; to standard output without a name',
    )
    .argument('[file]', 'the file to write; one that is there is left alone')
    .action((file: string | undefined) => {
      if (file === undefined || file === '-') {
        process.stdout.write(POLICY_TEMPLATE);
        return;
      }
      try {
        writeFileSync(file, POLICY_TEMPLATE, { flag: 'wx' });
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EEXIST') throw new OperatorError(`${file} is there already and was left alone`);
        throw new OperatorError(`cannot write ${file}: ${code ?? String(error)}`, EXIT.IO);
      }
      say(`${show(file)}: written; look at home_networks, then: imspan policy check ${show(file)}`);
    });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
