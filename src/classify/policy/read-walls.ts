import type { Severity } from '../policy.ts';
import type { Entry, YamlNode, YamlReader } from '../yaml-reader.ts';
import type { Departments } from './accounts.ts';
import type { ListReader } from './read-lists.ts';
import { Walls } from './walls.ts';
import type { Wall } from './walls.ts';

const KEYS = ['name', 'between', 'outside_of', 'except', 'networks', 'severity', 'reason'] as const;

interface WallSource {
  readonly reader: YamlReader;
  readonly lists: ListReader;
  readonly file: string;
  readonly networks: readonly string[];
  readonly severities: Readonly<Record<string, Severity>>;
  readonly entry: Entry | undefined;
  /** Domains whose accounts are the organisation's. */
  readonly inside: readonly string[] | undefined;
  readonly directory: Departments | undefined;
}

/** `walls`: who may not talk to whom. */
export function readWalls(source: WallSource): Walls | undefined {
  const { entry, reader, lists, inside, directory } = source;
  if (entry === undefined) return undefined;
  let number = 0;
  const walls = reader.list(entry, (node) => readWall(source, node, ++number));
  const groups = [...lists.names.groups.values()];
  return new Walls(walls, { domains: inside ?? [], groups, directory });
}

function readWall(source: WallSource, node: YamlNode, number: number): Wall | undefined {
  const { reader, lists, file } = source;
  const entries = reader.entries(node, 'a wall', KEYS);
  if (entries === undefined) return undefined;
  const textOf = (key: string): string | undefined => {
    const entry = entries.get(key);
    return entry && reader.text(entry.value, `"${key}"`);
  };
  const between = entries.get('between');
  const alone = entries.get('outside_of');
  const sides = between ?? alone;
  if (sides === undefined || (between !== undefined && alone !== undefined)) {
    return reader.complain(
      node,
      'a wall is to have "between" (two groups or more) or "outside_of" (one group)',
    );
  }
  const groups = lists.groupList(sides);
  checkSides(reader, sides, groups.length, new Set(groups).size);
  const except = entries.get('except');
  const choice = entries.get('severity');
  const severity = choice && reader.choice(choice.value, '"severity"', Object.keys(source.severities));
  const name = textOf('name');
  const reason = textOf('reason');
  const title = name === undefined ? `wall ${number}` : `wall "${name}"`;
  const place = `${file}:${reader.lineOf(node)} ${title}`;
  const wall: Wall = {
    line: reason === undefined ? place : `${place}: ${reason}`,
    severity: source.severities[severity ?? ''] ?? 1,
    groups,
    except: except === undefined ? [] : lists.groupList(except),
  };
  const networks = entries.get('networks');
  if (networks === undefined) return wall;
  return {
    ...wall,
    networks: new Set(reader.list(networks, (each) => reader.choice(each, 'network', source.networks))),
  };
}

function checkSides(reader: YamlReader, { key, keyNode }: Entry, listed: number, different: number): void {
  const alone = key === 'outside_of';
  if (!reader.sound || (alone ? listed === 1 : different >= 2)) return;
  reader.complain(keyNode, `"${key}" is to list ${alone ? 'one group' : 'two groups or more'}`);
}
