import type { ClassifyLimits } from '../limits.ts';
import { FirstSeen } from '../hosts/first-seen.ts';
import { FindingMemory, MARKS, MAX_FACTS } from './memory.ts';
import type { Kept, Mark, Told } from './memory.ts';
import { isRecord, makeStateFolder, readState, writeState } from './state-file.ts';

/** Written by runs alone. */
const FINDINGS = 'findings.json';
const FIRST = 'first-seen.json';
/** Written by people's commands alone, so that neither overwrites what the other has to say. */
const MARKED = 'marks.json';

const ID = /^[0-9a-f]{32}$/;
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+0000$/;

/** The state folder: what was told, and what people said of it, over all runs. */
export class AlertState {
  readonly memory: FindingMemory;
  readonly firstSeen: FirstSeen;
  readonly #folder: string;
  readonly #limits: ClassifyLimits;
  readonly #say: (line: string) => void;

  /** Opens or makes the folder; `say` is told in a line of what cannot be used. Throws an OperatorError. */
  constructor(folder: string, limits: ClassifyLimits, say: (line: string) => void) {
    this.#folder = folder;
    this.#limits = limits;
    this.#say = say;
    this.memory = new FindingMemory(limits.told_findings, true);
    makeStateFolder(folder);
    const rows = readState(folder, FINDINGS, (content) => readRows(content, limits), say) ?? [];
    for (const [id, told] of rows) this.memory.told.set(id, told);
    this.firstSeen =
      readState(folder, FIRST, (content) => readFirst(content, limits), say) ??
      new FirstSeen(limits.first_seen);
    this.readMarks();
  }

  /** Reads again what people said: they may have said more meanwhile. */
  readMarks(): void {
    const marks = readState(this.#folder, MARKED, (content) => readMarks(content, this.#limits), this.#say);
    this.memory.marks.clear();
    for (const [id, mark] of marks ?? []) this.memory.marks.set(id, mark);
  }

  /** Writes what a run has learnt: findings, and what was seen first when. */
  save(): void {
    this.#saveFindings();
    const { since } = this.firstSeen;
    if (since === undefined) return;
    const first = [...this.firstSeen.entries()].map(([key, seconds]) => ({ key, seconds }));
    writeState(this.#folder, FIRST, { since, first });
  }

  /** The findings seen last, the least recent of them first. */
  #saveFindings(): void {
    const all = [...this.memory.told.entries()].slice(0, this.#limits.state_findings).reverse();
    const findings = all.map(([id, told]) => (told === true ? { id } : { id, ...told }));
    writeState(this.#folder, FINDINGS, { findings });
  }

  saveMarks(): void {
    // Of what is forgotten a mark says nothing any more; the last ones are kept.
    const marks = [...this.memory.marks].slice(-this.#limits.state_findings);
    writeState(this.#folder, MARKED, { marks: marks.map(([id, mark]) => ({ id, ...mark })) });
  }
}

function readRows({ findings }: Record<string, unknown>, limits: ClassifyLimits): [string, Told | true][] {
  return rowsOf(findings, limits).map((row) => [row.id, readTold(row)]);
}

function readTold(row: Record<string, unknown>): Told | true {
  if (row['count'] === undefined) return true;
  const { due, kept } = row;
  const told: Told = {
    signature: whole(row, 'signature'),
    count: whole(row, 'count'),
    firstSeen: text(row, 'firstSeen', STAMP),
    lastSeen: text(row, 'lastSeen', STAMP),
    alerts: whole(row, 'alerts'),
    toldAt: whole(row, 'toldAt'),
    next: whole(row, 'next'),
    due: due === true,
  };
  return isRecord(kept) ? { ...told, kept: readKept(kept) } : told;
}

function readKept(row: Record<string, unknown>): Kept {
  const severity = whole(row, 'severity');
  if (severity !== 1 && severity !== 2 && severity !== 3) throw new Error('a severity is none');
  return {
    severity,
    what: text(row, 'what'),
    facts: text(row, 'facts', ID),
    seen: factsIn(row, 'seen', MAX_FACTS),
  };
}

function readMarks({ marks }: Record<string, unknown>, limits: ClassifyLimits): [string, Mark][] {
  return rowsOf(marks, limits).map((row) => {
    const mark: Mark = { at: text(row, 'at') };
    const status = MARKS.find((one) => one === row['status']);
    if (status !== undefined) mark.status = status;
    if (row['facts'] !== undefined) mark.facts = factsIn(row, 'facts', MAX_FACTS + 1);
    if (row['note'] !== undefined) mark.note = text(row, 'note');
    return [row.id, mark];
  });
}

function readFirst({ since, first }: Record<string, unknown>, limits: ClassifyLimits): FirstSeen {
  const seen = new FirstSeen(limits.first_seen);
  const rows = listOf(first, limits.first_seen).map(
    (row) => [text(row, 'key'), whole(row, 'seconds')] as const,
  );
  for (const [key, seconds] of rows) seen.see(key, seconds);
  seen.knownSince(whole({ since }, 'since'));
  return seen;
}

type Row = Record<string, unknown> & { id: string };

function rowsOf(list: unknown, { state_findings }: ClassifyLimits): Row[] {
  return listOf(list, state_findings).map((row) => ({ ...row, id: text(row, 'id', ID) }));
}

function listOf(list: unknown, most: number): Record<string, unknown>[] {
  if (!Array.isArray(list) || list.length > most) throw new Error('its list is not as we write it');
  return list.map((row: unknown) => {
    if (!isRecord(row)) throw new Error('a row is no JSON object');
    return row;
  });
}

function factsIn(row: Record<string, unknown>, key: string, most: number): string[] {
  const list = row[key];
  if (!Array.isArray(list) || list.length > most) throw new Error(`"${key}" of a row is no list of facts`);
  return list.map((facts: unknown) => text({ [key]: facts }, key, ID));
}

function whole(row: Record<string, unknown>, key: string): number {
  const value = row[key];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`"${key}" of a row is no whole number`);
}

function text(row: Record<string, unknown>, key: string, form = /^/): string {
  const value = row[key];
  if (typeof value === 'string' && value.length <= MAX_TEXT && form.test(value)) return value;
  throw new Error(`"${key}" of a row is not as we write it`);
}

/** Characters of any text in a row. */
const MAX_TEXT = 4_096;
