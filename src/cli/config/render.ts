import type { Command } from 'commander';
import type { Config, ConfigCommands } from './config-file.ts';
import { SECTIONS, settingsFor, settingsOfSection } from './schema.ts';
import type { Section, Setting } from './schema.ts';

/** What holds for a command: a line a setting, with where it comes from. */
export interface Held {
  readonly key: string;
  readonly value: unknown;
  /** The file with its line, or that it is the default. */
  readonly from: string;
}

/** What a command whose options were set by `applyConfig` will work with, in the order of its help. */
export function heldBy(command: Command, config: Config | undefined): Held[] {
  const held: Held[] = [];
  for (const { key, attribute } of settingsFor(command).values()) {
    const value: unknown = command.getOptionValue(attribute);
    if (value === undefined || (Array.isArray(value) && value.length === 0) || value === '') continue;
    const set = config?.values.filter(({ setting }) => setting.attribute === attribute);
    const own =
      set?.find(({ section }) => section === command.name()) ?? set?.find(({ section }) => section === 'all');
    const from = own === undefined ? 'default' : `${config?.path ?? ''}:${own.line}`;
    held.push({ key, value, from });
  }
  return held;
}

/** The same as YAML, fit to be a file's section. */
export function renderHeld(command: Command, held: readonly Held[]): string {
  const lines = held.map(({ key, value, from }) => `  ${key}: ${yamlOf(value)}  # ${from}`);
  return ['version: 1', `${command.name()}:`, ...lines].join('\n');
}

/** JSON is YAML, too; what needs no quotes has none. */
function yamlOf(value: unknown): string {
  if (typeof value === 'string' && /^[A-Za-z0-9/][A-Za-z0-9/._-]*$/.test(value)) return value;
  return JSON.stringify(value);
}

const TITLES: Readonly<Record<Section, string>> = {
  all: 'What holds for imspan sniff and imspan replay.',
  sniff: 'Of imspan sniff alone; stands above what "all" says.',
  replay: 'Of imspan replay alone (which reads this file only with --config).',
};

/** A file with every setting, each as a comment with its default: of use as it is. */
export function renderTemplate(commands: ConfigCommands): string {
  const shared = settingsOfSection('all', commands);
  const sections = SECTIONS.flatMap((section) => {
    const settings = [...settingsOfSection(section, commands).values()];
    const own = section === 'all' ? settings : settings.filter(({ key }) => !shared.has(key));
    return ['', `# ${TITLES[section]}`, `${section}:`, ...own.flatMap(templateLines)];
  });
  return [
    '# imspan.yaml: what the command line says; the command line wins.',
    '# A setting is a line that begins with # alone: take that away.',
    '# imspan config check tells every mistake with its line. Paths are best written in full.',
    'version: 1',
    ...sections,
    '',
  ].join('\n');
}

function templateLines(setting: Setting): string[] {
  const { key, option } = setting;
  return [`  # ${option.description}`, `  #${key}: ${sampleOf(setting)}`];
}

function sampleOf({ kind, option }: Setting): string {
  const fallback: unknown = option.defaultValue;
  if (kind === 'switch') return String(option.negate);
  const what = /<(.+)>/.exec(option.flags)?.[1] ?? 'value';
  if (kind === 'mapping') return `{ ${what.toUpperCase().replace('=', ': ')} }`;
  if (kind === 'list') return `[${what.toUpperCase()}]`;
  if ((typeof fallback === 'string' && fallback !== '') || typeof fallback === 'number')
    return yamlOf(fallback);
  return option.argChoices?.[0] ?? what.toUpperCase();
}

/** Rows of the reference page: key, section, what it is. */
export function settingRows(commands: ConfigCommands): { key: string; where: string; meaning: string }[] {
  const shared = settingsOfSection('all', commands);
  const rows = [...shared.values()].map((setting) => ({ setting, where: 'all, sniff, replay' }));
  for (const section of ['sniff', 'replay'] as const)
    for (const setting of settingsOfSection(section, commands).values())
      if (!shared.has(setting.key)) rows.push({ setting, where: section });
  return rows.map(({ setting, where }) => ({
    key: setting.key,
    where,
    meaning: `${setting.option.description}${KIND_WORDS[setting.kind]}`,
  }));
}

const KIND_WORDS: Readonly<Record<Setting['kind'], string>> = {
  switch: ' (true or false)',
  value: '',
  list: ' (one, or a list)',
  mapping: ' (a mapping of names to values)',
};
