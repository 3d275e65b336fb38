import { readFileSync, statSync } from 'node:fs';
import { OperatorError } from '../../core/errors.ts';
import { csvCell, readCsv, textOfCell } from '../csv.ts';
import { nearest } from '../suggest.ts';
import { NAMES_LIMITS } from './limits.ts';
import { MAX_PATTERNS, NameRegistry, normaliseName, STATES } from './registry.ts';
import type { NameEntry, NameState } from './registry.ts';

/** Columns of a registry, in the order in which they are written, and other names under which they are read. */
export const COLUMNS = ['network', 'name', 'person', 'department', 'state', 'from', 'to'] as const;
type Column = (typeof COLUMNS)[number];

const ALIASES: Readonly<Record<string, Column>> = {
  service: 'network',
  screen_name: 'name',
  screenname: 'name',
  account: 'name',
  employee: 'person',
  owner: 'person',
  status: 'state',
  valid_from: 'from',
  valid_to: 'to',
};

const NETWORKS = ['aim', 'icq', 'msn', 'yahoo', 'xmpp', 'gtalk', 'facebook', 'irc', '*'] as const;

/** What is wrong with a row. */
export interface BadRow {
  readonly line: number;
  readonly problem: string;
}

export interface ReadNames {
  readonly entries: NameEntry[];
  readonly bad: BadRow[];
  /** Bad rows in all; the first of them are in `bad`. */
  readonly badCount: number;
}

/** Where in a row each column stands; -1 where it has none. */
type Places = Readonly<Record<Column, number>>;

/** Reads a registry, CSV or JSON; throws an OperatorError where it is neither or cannot be read. Bad rows are told and left out. */
export function readNames(file: string): ReadNames {
  return parseNames(readText(file), file);
}

export function loadNames(file: string): { registry: NameRegistry; read: ReadNames } {
  const read = readNames(file);
  return { registry: new NameRegistry(read.entries), read };
}

/** The bytes of an operator's file as text, no more of them than one string should have. */
export function readText(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > NAMES_LIMITS.file)
      throw new OperatorError(`${file}: larger than ${NAMES_LIMITS.file.toLocaleString('en-US')} bytes`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(
      `${file}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
    );
  }
}

export function parseNames(text: string, file: string): ReadNames {
  const reader = new RowReader(file);
  const first = /\S/.exec(text)?.[0];
  if (first === '{' || first === '[') readJson(text, file, reader);
  else readCsvNames(text, file, reader);
  return reader;
}

/** Takes rows one by one: as few new objects for each as can be, of a million. */
class RowReader implements ReadNames {
  readonly entries: NameEntry[] = [];
  readonly bad: BadRow[] = [];
  badCount = 0;
  readonly #file: string;
  readonly #networks = new Map(NETWORKS.map((network): [string, string] => [network, network]));
  readonly #states = new Map<string, NameState>([
    ['', 'approved'],
    ...STATES.map((state): [string, NameState] => [state, state]),
  ]);
  readonly #departments = new Map<string, string>();
  readonly #from = new Dates(false);
  readonly #to = new Dates(true);
  #patterns = 0;

  constructor(file: string) {
    this.#file = file;
  }

  complain(line: number, problem: string): undefined {
    this.badCount++;
    if (this.bad.length < NAMES_LIMITS.complaints) this.bad.push({ line, problem });
    return undefined;
  }

  take(cells: readonly string[], at: Places, line: number): void {
    if (this.entries.length >= NAMES_LIMITS.names)
      throw new OperatorError(
        `${this.#file}:${line}: more than ${NAMES_LIMITS.names.toLocaleString('en-US')} names`,
      );
    const entry = this.#entryOf(cells, at, line);
    if (entry) this.entries.push(entry);
  }

  #entryOf(cells: readonly string[], at: Places, line: number): NameEntry | undefined {
    const network = known(this.#networks, textAt(cells, at.network));
    if (network === undefined)
      return this.complain(line, unknownWord('network', textAt(cells, at.network), NETWORKS));
    const name = normaliseName(network, textAt(cells, at.name));
    if (name === '') return this.complain(line, 'the name is empty');
    if (name.length > NAMES_LIMITS.name)
      return this.complain(line, `the name is longer than ${NAMES_LIMITS.name}`);
    const state = known(this.#states, textAt(cells, at.state));
    if (state === undefined)
      return this.complain(line, unknownWord('state', textAt(cells, at.state), STATES));
    const from = this.#from.read(textAt(cells, at.from));
    const to = this.#to.read(textAt(cells, at.to));
    if (from === null || to === null)
      return this.complain(
        line,
        `"${from === null ? 'from' : 'to'}" is to be a date such as 2005-03-08, or a time in UTC`,
      );
    if (from !== undefined && to !== undefined && to < from)
      return this.complain(line, '"to" is before "from"');
    if (name.includes('*') && !this.#roomForPattern(name))
      return this.complain(line, `more than ${MAX_PATTERNS} patterns that do not end in a domain`);
    const person = optional(textAt(cells, at.person));
    const department = this.#once(optional(textAt(cells, at.department)));
    return { network, name, person, department, state, from, to, line };
  }

  #roomForPattern(name: string): boolean {
    if (name.startsWith('*@') && !name.slice(2).includes('*')) return true;
    return ++this.#patterns <= MAX_PATTERNS;
  }

  /** Departments repeat: one string is enough. */
  #once(text: string | undefined): string | undefined {
    if (text === undefined) return undefined;
    const first = this.#departments.get(text);
    if (first === undefined && this.#departments.size < 10_000) this.#departments.set(text, text);
    return first ?? text;
  }
}

/** Reads one column of dates: neighbours are often alike. */
class Dates {
  readonly #end: boolean;
  #text = '';
  #seconds: ReturnType<typeof readDate> = undefined;

  constructor(end: boolean) {
    this.#end = end;
  }

  read(text: string): ReturnType<typeof readDate> {
    if (text !== this.#text) {
      this.#seconds = readDate(text, this.#end);
      this.#text = text;
    }
    return this.#seconds;
  }
}

function textAt(cells: readonly string[], place: number): string {
  return textOfCell(cells[place] ?? '');
}

/** The word of a column that has a few known ones, in any case. */
function known<T>(words: ReadonlyMap<string, T>, text: string): T | undefined {
  return words.get(text) ?? words.get(text.toLowerCase());
}

function optional(text: string): string | undefined {
  return text === '' ? undefined : text.slice(0, NAMES_LIMITS.name);
}

function unknownWord(what: string, word: string, words: readonly string[]): string {
  if (word === '') return `the ${what} is empty; known: ${words.join(', ')}`;
  return `${what} "${word.slice(0, 64)}" is not known${nearest(word.toLowerCase(), words)}; known: ${words.join(', ')}`;
}

function readCsvNames(text: string, file: string, reader: RowReader): void {
  let header: (Column | undefined)[] | undefined;
  let places: Places | undefined;
  for (const { line, cells, problem } of readCsv(text)) {
    if (!header || !places) {
      header = cells.map((cell) => columnOf(cell));
      if (!header.includes('network') || !header.includes('name'))
        throw new OperatorError(
          `${file}:${line}:1: the first line is to name the columns, "network" and "name" among them; known: ${COLUMNS.join(', ')}`,
        );
      places = placesOf(header);
    } else if (problem !== undefined) reader.complain(line, problem);
    else if (cells.length > header.length)
      reader.complain(line, `${cells.length} cells in a table of ${header.length} columns`);
    else reader.take(cells, places, line);
  }
  if (!header) throw new OperatorError(`${file}: is empty; the first line is to name the columns`);
}

/** Of a column that is named twice, the last one. */
function placesOf(header: readonly (Column | undefined)[]): Places {
  return Object.fromEntries(
    COLUMNS.map((column) => [column, header.lastIndexOf(column)]),
  ) as unknown as Places;
}

function columnOf(cell: string): Column | undefined {
  const word = cell
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
  return (
    COLUMNS.find((column) => column === word) ?? (Object.hasOwn(ALIASES, word) ? ALIASES[word] : undefined)
  );
}

/** `[{…}, …]`, or `{"names": [{…}, …]}`. The line of a row is its number in the list. */
function readJson(text: string, file: string, reader: RowReader): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const said = error instanceof Error ? error.message : 'unknown';
    throw new OperatorError(`${file}: is not JSON (${said.slice(0, 200)})`);
  }
  const rows = Array.isArray(value) ? value : (value as { names?: unknown }).names;
  if (!Array.isArray(rows)) throw new OperatorError(`${file}: is to be a list of rows, or {"names": [rows]}`);
  const places = placesOf(COLUMNS);
  for (const [i, row] of (rows as unknown[]).entries()) {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      reader.complain(i + 1, 'a row is to be an object');
      continue;
    }
    const cells = COLUMNS.map(() => '');
    for (const [key, cell] of Object.entries(row)) {
      const column = columnOf(key);
      if (column !== undefined && (typeof cell === 'string' || typeof cell === 'number'))
        cells[places[column]] = String(cell);
    }
    reader.take(cells, places, i + 1);
  }
}

/** Seconds of a date (`to`: of its end) or of a time in UTC; undefined where there is none, null where it is neither. */
export function readDate(text: string | undefined, end: boolean): number | undefined | null {
  if (text === undefined || text === '') return undefined;
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text);
  if (!day && !/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z|\+00:?00)?$/.test(text))
    return null;
  const iso = day ? `${text}T00:00:00Z` : `${text.replace(' ', 'T').replace(/Z$|\+00:?00$/, '')}Z`;
  const seconds = Date.parse(iso) / 1000;
  // 31 February is read as 3 March otherwise.
  if (!Number.isFinite(seconds) || new Date(seconds * 1000).toISOString().slice(0, 10) !== text.slice(0, 10))
    return null;
  return day && end ? seconds + 86_399 : seconds;
}

/** Rows as CSV, each cell made harmless. */
export function namesCsv(entries: readonly NameEntry[]): string {
  const rows = entries.map((entry) => COLUMNS.map((column) => csvCell(cellOf(entry, column))).join(','));
  return `${[COLUMNS.join(','), ...rows].join('\n')}\n`;
}

/** Rows as JSON, one a line. */
export function namesJson(entries: readonly NameEntry[]): string {
  const rows = entries.map((entry) => {
    const cells = COLUMNS.map((column) => [column, cellOf(entry, column)] as const);
    return `  ${JSON.stringify(Object.fromEntries(cells.filter(([, cell]) => cell !== '')))}`;
  });
  return `[\n${rows.join(',\n')}\n]\n`;
}

function cellOf(entry: NameEntry, column: Column): string {
  const value = entry[column];
  if (typeof value !== 'number') return value ?? '';
  return new Date(value * 1000).toISOString().replace('.000', '');
}
