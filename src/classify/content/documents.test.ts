import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DocumentList, writeDocuments } from './documents.ts';
import { RUN, WINDOW, winnow } from './winnow.ts';

function printsOf(text: string): Set<number> {
  const prints = new Set<number>();
  winnow(text, (print) => prints.add(print));
  return prints;
}

const list = (documents: Record<string, string>): DocumentList =>
  new DocumentList(
    Buffer.from(
      writeDocuments(
        Object.entries(documents).map(([name, text]) => ({
          name,
          sha256: 'a'.repeat(64),
          prints: printsOf(text),
        })),
      ),
    ),
  );

/** Words without end, another row of them for each seed. */
function words(seed: number, count: number): string {
  let state = seed;
  const next = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 8;
  return Array.from({ length: count }, () => next().toString(36)).join(' ');
}

test('texts with a long enough passage in common have a fingerprint in common, wherever it stands', () => {
  const letter = fc.constantFrom(...'abcdefghijklmnop0123456789äж');
  const long = fc.string({ unit: letter, minLength: RUN + WINDOW - 1, maxLength: 80 });
  fc.assert(
    fc.property(long, fc.string({ maxLength: 60 }), fc.string({ maxLength: 60 }), (passage, a, b) => {
      const [one, other] = [printsOf(`${a} ${passage}`), printsOf(`${passage.toUpperCase()}! ${b}`)];
      expect([...one].some((print) => other.has(print))).toBe(true);
    }),
    { seed: 2003, numRuns: 300 },
  );
  expect(printsOf('a'.repeat(RUN + WINDOW - 2)).size).toBe(0);
});

test('the document of which most is there; other texts are none', () => {
  const documents = list({ one: words(1, 400), two: words(2, 400) });
  expect(
    documents.passageIn(`fyi: ${words(2, 400).slice(500, 700)} and ${words(1, 400).slice(0, 90)}`),
  ).toMatchObject({
    document: 'two',
  });
  for (let seed = 3; seed < 40; seed++) expect(documents.passageIn(words(seed, 300))).toBeUndefined();
});

test('what many documents have in common is of no use', () => {
  const notice = words(9, 40);
  const of = (n: number): DocumentList =>
    list(
      Object.fromEntries(Array.from({ length: n }, (_, i) => [`d${i}`, `${words(50 + i, 60)} ${notice}`])),
    );
  expect(of(4).passageIn(notice)).toBeDefined();
  expect(of(5).passageIn(notice)).toBeUndefined();
});

test('bad rows are counted, and no row breaks the load', () => {
  const rows = [
    '0123456789abc',
    '= one',
    'sha256 xyz',
    'nothing',
    '0123456789abc 1',
    `= ${'n'.repeat(9_000)}`,
    '\u0000',
  ];
  const loaded = new DocumentList(Buffer.from(rows.join('\n')));
  expect([loaded.rows, loaded.skipped, loaded.firstSkipped]).toEqual([2, 5, 1]);
  expect(new DocumentList(Buffer.alloc(0)).passageIn(words(1, 99))).toBeUndefined();
});
