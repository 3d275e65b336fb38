import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isLike, likenessOf } from './likeness.ts';
import type { Likeness } from './likeness.ts';

const VOCABULARY = 'the a lol look at this photo of you is funny hey check out my new site pics here'.split(
  ' ',
);
const word = fc.constantFrom(...VOCABULARY);
/** A text, and a copy of it with some words replaced. */
const copies = fc.array(fc.tuple(word, word, fc.nat(9)), { maxLength: 80 }).chain((words) =>
  fc.nat(9).map((share) => {
    const text = words.map(([first]) => first).join(' ');
    return [text, words.map(([first, second, lot]) => (lot < share ? second : first)).join(' ')] as const;
  }),
);
const nobody = (): boolean => false;

/** The definition, without the short cuts. */
function sharesEnough(a: Likeness, b: Likeness): boolean {
  const words = new Set([...a.words, ...b.words]);
  const shared = [...a.words].filter((word) => b.words.includes(word)).length;
  if (a.words.length === 0 || b.words.length === 0) return false;
  if (Math.min(a.words.length, b.words.length) < 4) return shared === words.size;
  return shared / words.size >= 0.6;
}

test('texts are told apart by bits only where their words do so too', () => {
  let [alike, different] = [0, 0];
  fc.assert(
    fc.property(copies, ([one, other]) => {
      const [a, b] = [likenessOf(one, [], nobody), likenessOf(other, [], nobody)];
      const expected = sharesEnough(a, b);
      if (expected) alike++;
      else different++;
      expect(isLike(a, b)).toBe(expected);
    }),
    { numRuns: 3_000, seed: 11 },
  );
  expect(alike).toBeGreaterThan(500);
  expect(different).toBeGreaterThan(500);
});

test('the words of a text are found once each, in ASCII and beyond it', () => {
  const ascii = likenessOf('one two 33 two one x1y22', [], nobody);
  const beyond = likenessOf('öne two 33 two öne x1y22', [], nobody);
  expect(ascii.words).toHaveLength(4);
  expect(beyond.words).toHaveLength(4);
  expect([...ascii.words].filter((word) => beyond.words.includes(word))).toHaveLength(3);
});
