import type { Command, Option } from 'commander';
import { collect, setLimit } from '../options.ts';
import { setQuota } from '../service/keeping.ts';

/** Sections of the file: what `sniff` and `replay` share, and what is of one of them. */
export const SECTIONS = ['all', 'sniff', 'replay'] as const;
export type Section = (typeof SECTIONS)[number];

/** One setting: an option of the command line. */
export interface Setting {
  /** Its key in the file: the option's long name without dashes. */
  readonly key: string;
  /** Commander's name of its value. */
  readonly attribute: string;
  readonly option: Option;
  /** `switch`: true or false; `list`: one or many; `mapping`: names with values; else one value. */
  readonly kind: 'switch' | 'value' | 'list' | 'mapping';
}

/** Options that a file cannot set. */
const NOT_SETTABLE: ReadonlySet<string> = new Set(['config', 'help', 'version']);

/** The settings of a command, by key. */
export function settingsFor(command: Command): Map<string, Setting> {
  const settings = new Map<string, Setting>();
  for (const option of command.options) {
    const attribute = option.attributeName();
    // `--no-promisc` is told as `promisc: false`.
    const key = option.name().replace(/^no-/, '');
    if (!NOT_SETTABLE.has(key)) settings.set(key, { key, attribute, option, kind: kindOf(option) });
  }
  return settings;
}

function kindOf(option: Option): Setting['kind'] {
  if (option.isBoolean() || option.negate) return 'switch';
  if (option.parseArg === setLimit || option.parseArg === setQuota) return 'mapping';
  return option.parseArg === collect ? 'list' : 'value';
}

/** The settings that a section may have: in `all` those that both commands know. */
export function settingsOfSection(
  section: Section,
  commands: Readonly<Record<'sniff' | 'replay', Command>>,
): Map<string, Setting> {
  if (section !== 'all') return settingsFor(commands[section]);
  const replay = settingsFor(commands.replay);
  return new Map([...settingsFor(commands.sniff)].filter(([key]) => replay.has(key)));
}
