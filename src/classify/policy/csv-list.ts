/** One row of a list; `line` is that of its beginning, from 1. */
interface Row {
  readonly line: number;
  readonly cells: string[];
}

/** Longest row that is read, characters. */
const MAX_ROW = 65_536;

/**
 * Rows of comma, semicolon or tab separated text (by its first line), quoted as RFC 4180 has it; no line end inside
 * quotes. Empty rows and comments (`#`) are passed over.
 */
export function* splitCsv(text: string): Generator<Row, undefined> {
  const start = text.startsWith('\ufeff') ? 1 : 0;
  const firstEnd = text.indexOf('\n', start);
  const head = text.slice(start, firstEnd < 0 ? text.length : firstEnd);
  const separator = [',', ';', '\t'].find((each) => head.includes(each)) ?? ',';
  let line = 0;
  for (let at = start; at < text.length;) {
    const found = text.indexOf('\n', at);
    const end = found < 0 ? text.length : found;
    const row = text.slice(at, Math.min(end, at + MAX_ROW)).replace(/\r$/, '');
    at = end + 1;
    line++;
    if (row.trim() === '' || row.startsWith('#')) continue;
    yield { line, cells: row.includes('"') ? quoted(row, separator) : row.split(separator) };
  }
  return undefined;
}

function quoted(row: string, separator: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let inside = false;
  for (let i = 0; i < row.length; i++) {
    const c = row[i] ?? '';
    if (c === '"') {
      if (inside && row[i + 1] === '"') cell += row[++i] ?? '';
      else inside = !inside;
    } else if (c === separator && !inside) {
      cells.push(cell);
      cell = '';
    } else cell += c;
  }
  cells.push(cell);
  return cells;
}
