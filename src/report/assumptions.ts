import { readFile } from 'node:fs/promises';
import { YamlReader } from '../classify/yaml-reader.ts';
import { EXIT, OperatorError } from '../core/errors.ts';

interface Assumption {
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly what: string;
}

function of(value: number, min: number, max: number, unit: string, what: string): Assumption {
  return { value, min, max, unit, what };
}

/**
 * What cannot be seen on the wire and has to be assumed to put a value on use. None of the numbers was measured: they
 * are there to be replaced, and the report shows them beside what follows from them.
 */
export const ASSUMPTIONS = {
  workday_starts: of(8, 0, 23, 'h', 'first hour of business, local time'),
  workday_ends: of(18, 1, 24, 'h', 'hour by which business ends'),
  conversations_for_mail: of(0.3, 0, 1, 'share', 'conversations that would have been mails'),
  mails_a_conversation: of(3, 0, 100, 'mails', 'mails that such a conversation replaces'),
  minutes_a_mail: of(4, 0, 120, 'min', 'time to write and read a mail'),
  conversations_for_calls: of(0.2, 0, 1, 'share', 'conversations that would have been calls'),
  minutes_a_call: of(5, 0, 240, 'min', 'time of such a call, for each of the two'),
  minutes_a_conversation: of(3, 0, 240, 'min', 'time that a conversation takes each of the two'),
  cost_an_hour: of(60, 0, 10_000, 'currency', 'what an hour of work costs'),
  cost_a_month: of(0, 0, 1e9, 'currency', 'what IM costs a month: charged back by use'),
  smallest_group: of(5, 1, 1_000, 'people', 'groups of fewer people are not shown by themselves'),
  what_if_users: of(0, 0, 1e8, 'people', 'people in the what-if; 0: those seen'),
  what_if_messages: of(0, 0, 1e6, 'messages', 'messages of each on a working day; 0: as seen'),
  what_if_bytes: of(0, 0, 1e9, 'bytes', 'bytes on the wire for a message; 0: as seen'),
} as const satisfies Record<string, Assumption>;

export type AssumptionName = keyof typeof ASSUMPTIONS;
export type Assumptions = Readonly<Record<AssumptionName, number>>;

const NAMES = Object.keys(ASSUMPTIONS) as AssumptionName[];

export function defaultAssumptions(): Assumptions {
  return Object.fromEntries(NAMES.map((name) => [name, ASSUMPTIONS[name].value])) as Assumptions;
}

/** Reads a YAML file of assumptions. Throws an OperatorError with every mistake and its place. */
export async function loadAssumptions(path: string): Promise<Assumptions> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OperatorError(`cannot read the assumptions ${path}: ${code ?? String(error)}`, EXIT.IO);
  }
  return parseAssumptions(text, path);
}

/** The same of a text; `file` is named in complaints. */
export async function parseAssumptions(text: string, file: string): Promise<Assumptions> {
  const reader = await YamlReader.open(text);
  const set: Record<string, number> = { ...defaultAssumptions() };
  if (reader.root !== undefined) {
    for (const [key, { value }] of reader.entries(reader.root, 'the assumptions', NAMES) ?? []) {
      const { min, max, unit } = ASSUMPTIONS[key as AssumptionName];
      const written = reader.text(value, `"${key}"`);
      if (written === undefined) continue;
      const number = /^\d{1,12}(?:\.\d{1,6})?$/.test(written) ? Number(written) : NaN;
      if (number >= min && number <= max) set[key] = number;
      else reader.complain(value, `"${key}" is to be a number from ${min} to ${max} (${unit})`);
    }
    if ((set['workday_ends'] ?? 0) <= (set['workday_starts'] ?? 0))
      reader.complain(reader.root, '"workday_ends" is to be later than "workday_starts"');
  }
  reader.finish(file);
  return set as Assumptions;
}
