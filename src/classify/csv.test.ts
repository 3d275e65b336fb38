import { describe, expect, test } from '@jest/globals';
import { csvCell, readCsv, textOfCell } from './csv.ts';

const rows = (text: string): unknown[] =>
  [...readCsv(text)].map(({ line, cells, problem }) => [line, ...(problem === undefined ? cells : ['bad'])]);

test.each([
  [
    'commas',
    'a,b\n1,2\n',
    [
      [1, 'a', 'b'],
      [2, '1', '2'],
    ],
  ],
  [
    'semicolons, a byte order mark, CRLF, no last line end',
    '\ufeffa;b\r\n1,5;2',
    [
      [1, 'a', 'b'],
      [2, '1,5', '2'],
    ],
  ],
  [
    'tabs, empty lines, comments',
    'a\tb\n\n# "x\ny\n \n1\t2\n',
    [
      [1, 'a', 'b'],
      [4, 'y'],
      [6, '1', '2'],
    ],
  ],
  [
    'quotes, also in a last cell before CRLF',
    'a,b\n"x, ""y""",z\r\n1,"2"\r\n',
    [
      [1, 'a', 'b'],
      [2, 'x, "y"', 'z'],
      [3, '1', '2'],
    ],
  ],
  [
    'line ends in quotes',
    'a,b\n"1\n2",3\n4,5\n',
    [
      [1, 'a', 'b'],
      [2, '1\n2', '3'],
      [4, '4', '5'],
    ],
  ],
  [
    'a quote within a cell',
    'a,b\n5" disk,6\n',
    [
      [1, 'a', 'b'],
      [2, '5" disk', '6'],
    ],
  ],
])('%s', (_what, text, expected) => {
  expect(rows(text)).toEqual(expected);
});

describe('a quote that is not closed', () => {
  test('at the end of the text is that row’s trouble alone', () => {
    expect(rows('a,b\n"1,2\n3,4\n5,6\n')).toEqual([
      [1, 'a', 'b'],
      [2, 'bad'],
      [3, '3', '4'],
      [4, '5', '6'],
    ]);
  });

  test('far before the next quote too, and costs no more than a cell may have', () => {
    const text = `a,b\n"1,2\n${'3,4\n'.repeat(2_000)}"5",6\n`;
    const read = rows(text);
    expect(read.slice(0, 3)).toEqual([
      [1, 'a', 'b'],
      [2, 'bad'],
      [3, '3', '4'],
    ]);
    expect(read.at(-1)).toEqual([2_003, '5', '6']);
  });
});

test.each(['=1+1', '+x', '-x', '@x', "'=x", 'a,b', 'a"b', '#x', ' x'])(
  'a cell with %j is harmless',
  (text) => {
    const cell = csvCell(text);
    const [row] = readCsv(`${cell},z`);
    expect(textOfCell(row?.cells[0] ?? '')).toBe(text.trim());
    expect(row?.cells[0]).not.toMatch(/^[=+\-@]/);
  },
);
