import { Command } from 'commander';
import { OperatorError } from '../core/errors.ts';
import { neutralise } from '../sink/neutralise.ts';
import { applyConfig, configPathOf, DEFAULT_CONFIG, loadConfig, siblingsOf } from './config/config-file.ts';
import { heldBy, renderHeld, renderTemplate } from './config/render.ts';

/** `imspan config`. */
export function configCommand(): Command {
  const command = new Command('config').description(
    'check and show the configuration file (imspan.yaml); see docs/CONFIGURATION.md',
  );
  command.addCommand(checkCommand());
  command.addCommand(showCommand());
  command.addCommand(initCommand());
  for (const each of command.commands) each.exitOverride();
  return command;
}

function checkCommand(): Command {
  return new Command('check')
    .description('read a configuration file: every mistake with line and column (exit code 2)')
    .argument('[file]', 'configuration file', DEFAULT_CONFIG)
    .action(async (file: string, _flags: unknown, command: Command) => {
      const { values } = await loadConfig(file, commandsFor(command), Infinity);
      process.stdout.write(`${neutralise(file, 500)}: good; ${values.length} settings\n`);
    });
}

interface ShowFlags {
  config?: string;
  replay?: boolean;
  json?: boolean;
}

function showCommand(): Command {
  return new Command('show')
    .description('print what imspan sniff would work with, and where each setting comes from')
    .option('--config <file>', `configuration file (default ${DEFAULT_CONFIG} where it is there)`)
    .option('--replay', 'what imspan replay would work with')
    .option('--json', 'as one JSON object')
    .action(async (flags: ShowFlags, command: Command) => {
      const commands = commandsFor(command);
      const target = flags.replay === true ? commands.replay : commands.sniff;
      const path = configPathOf(flags.config, target.name());
      const config = path === undefined ? undefined : await loadConfig(path, commands);
      if (config) applyConfig(config, target);
      const held = heldBy(target, config);
      const text = flags.json === true ? JSON.stringify({ held }) : renderHeld(target, held);
      process.stdout.write(`${text}\n`);
    });
}

function initCommand(): Command {
  return new Command('init')
    .description('print a configuration file with every setting as a comment')
    .action((_flags: unknown, command: Command) => {
      process.stdout.write(renderTemplate(commandsFor(command)));
    });
}

function commandsFor(command: Command): ReturnType<typeof siblingsOf> {
  const { parent } = command;
  if (!parent) throw new OperatorError('no such command');
  return siblingsOf(parent);
}
