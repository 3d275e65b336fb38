/** CSV (RFC 4180) of what people and spreadsheets write: comma, semicolon or tab between, quotes where needed. */

/** One row; `line` is that of its beginning, from 1. */
export interface CsvRow {
  readonly line: number;
  readonly cells: string[];
  /** What is wrong with it, in words; such a row is worth nothing. */
  readonly problem?: string;
}

/** Cells of one row; what has more is cut. */
const MAX_CELLS = 64;
/** Characters of one cell in quotes; in one that has more, a quote was left open. */
const MAX_CELL = 4_096;

const OPEN_QUOTE = `a quote is not closed within ${MAX_CELL.toLocaleString('en-US')} characters`;

/**
 * Reads rows one by one; empty lines and comments (`#` at the beginning of a line) are passed over. A row of which a quote
 * is not closed ends with its first line, so that it spoils no other.
 */
export function* readCsv(text: string): Generator<CsvRow, undefined> {
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const separator = separatorOf(text, start);
  let at = start;
  let line = 1;
  let quote = -1;
  while (at < text.length) {
    let end = text.indexOf('\n', at);
    if (end < 0) end = text.length;
    const first = line;
    // Looked for once, not from each row on.
    if (quote < at) quote = nextQuote(text, at);
    const comment = text[at] === '#';
    // Most rows have no quotes: cutting them is all there is to do.
    if (comment || quote >= end) {
      const row = comment ? '' : text.slice(at, text.charCodeAt(end - 1) === 13 ? end - 1 : end);
      at = end + 1;
      line++;
      if (row.trim() !== '') yield { line: first, cells: row.split(separator, MAX_CELLS) };
      continue;
    }
    const quoted = quotedRow(text, at, separator);
    at = quoted?.next ?? end + 1;
    line += quoted?.lines ?? 1;
    yield quoted ? { line: first, cells: quoted.cells } : { line: first, cells: [], problem: OPEN_QUOTE };
  }
  return undefined;
}

function nextQuote(text: string, at: number): number {
  const quote = text.indexOf('"', at);
  return quote < 0 ? Infinity : quote;
}

/** What stands between the cells of the first line. */
function separatorOf(text: string, start: number): string {
  const end = text.indexOf('\n', start);
  const head = text.slice(start, end < 0 ? text.length : end);
  for (const separator of [',', ';', '\t']) if (head.includes(separator)) return separator;
  return ',';
}

/** The row that begins at `from`; undefined where a quote stays open. */
function quotedRow(
  text: string,
  from: number,
  separator: string,
): { cells: string[]; next: number; lines: number } | undefined {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  let lines = 1;
  let at = from;
  const push = (): void => {
    if (cells.length < MAX_CELLS) cells.push(cell);
    cell = '';
  };
  for (; at < text.length; at++) {
    const c = text[at] ?? '';
    if (quoted) {
      if (c === '"' && text[at + 1] === '"') at++;
      else if (c === '"') {
        quoted = false;
        continue;
      } else if (c === '\n') lines++;
      if (cell.length >= MAX_CELL) return undefined;
      cell += c;
      continue;
    }
    if (c === '\n') break;
    if (c === separator) push();
    else if (c === '"' && cell === '') quoted = true;
    else cell += c;
  }
  if (quoted) return undefined;
  if (cell.endsWith('\r')) cell = cell.slice(0, -1);
  push();
  return { cells, next: at + 1, lines };
}

/** What makes a spreadsheet take a cell for a formula. */
const FORMULA = /^[=+\-@\t\r]/;
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * A cell that no reader takes for anything but text: an apostrophe before what a spreadsheet would calculate, no line
 * ends or controls, and quotes where the text has separators or quotes.
 */
export function csvCell(text: string): string {
  const plain = text.replace(CONTROL, '\ufffd');
  const safe = FORMULA.test(plain) || /^'+[=+\-@\t\r]/.test(plain) ? `'${plain}` : plain;
  return /[",;\t]|^\s|\s$|^#/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const APOSTROPHE = 39;

/** The text of a cell as `csvCell` wrote it. */
export function textOfCell(cell: string): string {
  const text = cell.trim();
  return text.charCodeAt(0) === APOSTROPHE && /^'+[=+\-@\t\r]/.test(text) ? text.slice(1) : text;
}
