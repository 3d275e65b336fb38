import { existsSync, readFileSync, statSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { YamlReader } from '../../classify/yaml-reader.ts';
import type { Entry, YamlNode } from '../../classify/yaml-reader.ts';
import { EXIT, OperatorError } from '../../core/errors.ts';
import { SECTIONS, settingsOfSection } from './schema.ts';
import type { Section, Setting } from './schema.ts';

/** Where `imspan sniff` looks for a file that was not named. */
export const DEFAULT_CONFIG = '/etc/imspan/imspan.yaml';
const VERSION = '1';
const MAX_BYTES = 1_048_576;

/** The commands whose options the file sets. */
export type ConfigCommands = Readonly<Record<'sniff' | 'replay', Command>>;

/** One thing that the file says. */
export interface ConfigValue {
  readonly section: Section;
  readonly setting: Setting;
  /** As the command line would have made it. */
  readonly value: unknown;
  readonly line: number;
}

export interface Config {
  readonly path: string;
  readonly values: readonly ConfigValue[];
}

/**
 * Reads the configuration at `path`. Throws an OperatorError with every complaint, each with line and column, or
 * where the file cannot be read or others may write to it.
 */
export async function loadConfig(path: string, commands: ConfigCommands, most?: number): Promise<Config> {
  return parseConfig(textOf(path), path, commands, most);
}

/** The same of a text; `path` is what complaints call it. */
export async function parseConfig(
  text: string,
  path: string,
  commands: ConfigCommands,
  most?: number,
): Promise<Config> {
  const reader = await YamlReader.open(text);
  const values = new ConfigReader(reader, commands).read();
  reader.finish(path, most);
  return { path, values };
}

/** The file that a command is to read: the one that was named, or for `sniff` the usual one where it is there. */
export function configPathOf(named: string | undefined, command: string): string | undefined {
  if (named !== undefined) return named;
  return command === 'sniff' && existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : undefined;
}

/** Sets on a parsed command what the file says and the command line does not. */
export function applyConfig(config: Config, command: Command): void {
  for (const { section, setting, value } of config.values) {
    if (section !== 'all' && section !== command.name()) continue;
    const source = command.getOptionValueSource(setting.attribute);
    // What is of this command alone stands above what is of both.
    if (source === 'cli' || (section === 'all' && source === 'config')) continue;
    command.setOptionValueWithSource(setting.attribute, value, 'config');
  }
}

/** The options of a command with what its configuration file says. Throws as `loadConfig` does. */
export async function configured<T>(command: Command): Promise<T> {
  const { config: named } = command.opts<{ config?: string }>();
  const path = configPathOf(named, command.name());
  if (path !== undefined) applyConfig(await loadConfig(path, siblingsOf(command)), command);
  return command.opts() as T;
}

/** The two commands, found beside this one. */
export function siblingsOf(command: Command): ConfigCommands {
  const all = (command.parent ?? command).commands;
  const find = (name: string): Command => all.find((each) => each.name() === name) ?? command;
  return { sniff: find('sniff'), replay: find('replay') };
}

function textOf(path: string): string {
  let bytes: Buffer;
  try {
    const { mode, size, uid } = statSync(path);
    refuseOthers(path, mode, uid);
    if (size > MAX_BYTES) throw new OperatorError(`${path}:1:1: is larger than ${MAX_BYTES} bytes`);
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new OperatorError(`cannot read the configuration ${path}: ${code}`, EXIT.IO);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new OperatorError(`${path}:1:1: is not UTF-8 text; save it as UTF-8`);
  }
}

/** It names a command to run and files to write: who may write to it may do what we may. */
function refuseOthers(path: string, mode: number, uid: number): void {
  const EVERYBODY_WRITES = 0o002;
  if (process.getuid === undefined) return;
  if ((mode & EVERYBODY_WRITES) !== 0)
    throw new OperatorError(`${path}: everybody may write to it, so it is not used; chmod o-w ${path}`);
  const us = process.getuid();
  if (uid !== 0 && uid !== us)
    throw new OperatorError(
      `${path}: it belongs to another user (${uid}), so it is not used; chown it to root or to who runs imspan`,
    );
}

class ConfigReader {
  readonly #reader: YamlReader;
  readonly #commands: ConfigCommands;
  readonly #values: ConfigValue[] = [];

  constructor(reader: YamlReader, commands: ConfigCommands) {
    this.#reader = reader;
    this.#commands = commands;
  }

  read(): ConfigValue[] {
    const reader = this.#reader;
    if (reader.root === undefined) {
      if (reader.sound) reader.complain(undefined, 'the file is empty; it begins with "version: 1"');
      return [];
    }
    const entries = reader.entries(reader.root, 'the configuration', ['version', ...SECTIONS]);
    if (entries === undefined) return [];
    this.#version(entries.get('version'), reader.root);
    for (const section of SECTIONS) {
      const entry = entries.get(section);
      if (entry !== undefined) this.#section(section, entry);
    }
    return this.#values;
  }

  #version(entry: Entry | undefined, root: YamlNode): void {
    if (entry === undefined) this.#reader.complain(root, '"version: 1" is missing');
    else {
      const version = this.#reader.text(entry.value, 'version');
      if (version !== undefined && version !== VERSION)
        this.#reader.complain(
          entry.value,
          `version ${version} is not known here; this program reads version ${VERSION}`,
        );
    }
  }

  #section(section: Section, entry: Entry): void {
    // A section whose lines are all comments.
    if (entry.value.kind === 'scalar' && entry.value.text === undefined) return;
    const settings = settingsOfSection(section, this.#commands);
    const entries = this.#reader.entries(entry.value, `"${section}"`, [...settings.keys()]);
    for (const [key, each] of entries ?? []) {
      const setting = settings.get(key);
      if (setting === undefined) continue;
      const value = this.#value(setting, each);
      if (value === undefined) continue;
      this.#values.push({ section, setting, value, line: this.#reader.lineOf(each.keyNode) });
    }
  }

  #value(setting: Setting, { key, keyNode, value }: Entry): unknown {
    const reader = this.#reader;
    if (setting.kind === 'switch') {
      const chosen = reader.choice(value, `"${key}"`, ['true', 'false']);
      return chosen && chosen === 'true';
    }
    if (setting.kind === 'mapping') {
      let all: unknown;
      for (const each of reader.named(value, `"${key}"`) ?? []) {
        const number = reader.text(each.value, `"${each.key}"`);
        if (number !== undefined) all = this.#parse(setting, each.keyNode, `${each.key}=${number}`, all);
      }
      return all;
    }
    if (setting.kind === 'list') {
      let all: unknown = [];
      reader.list({ key, keyNode, value }, (node) => {
        const text = this.#text(node, key);
        if (text !== undefined) all = this.#parse(setting, node, text, all);
        return text;
      });
      return all;
    }
    const text = this.#text(value, key);
    return text === undefined ? undefined : this.#parse(setting, value, text, undefined);
  }

  #text(node: YamlNode, key: string): string | undefined {
    const text = this.#reader.text(node, `"${key}"`);
    if (text === undefined || !/[\0\r\n]/.test(text)) return text;
    return this.#reader.complain(node, `"${key}" is to be one line`);
  }

  /** What the option makes of the text; its complaint has the place in the file. */
  #parse({ key, option }: Setting, node: YamlNode, text: string, previous: unknown): unknown {
    if (option.parseArg === undefined) return text;
    try {
      return option.parseArg(text, previous);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      this.#reader.complain(node, `"${key}": ${error.message}`);
      return previous;
    }
  }
}
