import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cutBytes, neutralise } from './neutralise.ts';

/** Characters that may reach a terminal: nothing that acts, hides or turns. */
const VISIBLE = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u;

describe('neutralise', () => {
  test.each([
    ['plain text', 'plain text'],
    ['größer, 日本語, 😀', 'größer, 日本語, 😀'],
    ['a\nb\r\n\tc', 'a\\nb\\r\\n\\tc'],
    ['\x1b[31mred\x1b[0m', '\\x1b[31mred\\x1b[0m'],
    ['\x1b]0;title\x07', '\\x1b]0;title\\x07'],
    ['\x9b2J \x7f \x00 \x85', '\\x9b2J \\x7f \\x00 \\x85'],
    ['a\u202egpj.exe', 'a\\u202egpj.exe'],
    ['\u2066\u2067\u2068\u2069\u200e\u200f\u061c', '\\u2066\\u2067\\u2068\\u2069\\u200e\\u200f\\u061c'],
    ['pay\u200bpal\ufeff\u2060\u00ad', 'pay\\u200bpal\\ufeff\\u2060\\xad'],
    ['one\u2028two\u2029', 'one\\u2028two\\u2029'],
    ['\u{e0041}\u{e007f}', '\\u{e0041}\\u{e007f}'],
    ['\u115f\u3164\uffa0', '\\u115f\\u3164\\uffa0'],
    ['lone \ud800 half', 'lone \\ud800 half'],
  ])('%j', (text, shown) => {
    expect(neutralise(text)).toBe(shown);
  });

  test.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['abcdef', 1, '…'],
    ['abcdef', 0, ''],
    ['ab\x1bcd', 5, 'ab…'],
    ['ab\x1bcd', 8, 'ab\\x1bcd'],
    ['a\x1bZ', 5, 'a…'],
    ['😀😀😀', 2, '😀…'],
    ['😀😀', 2, '😀😀'],
    ['', 3, ''],
  ])('%j at %d characters is %j', (text, max, shown) => {
    expect(neutralise(text, max)).toBe(shown);
  });

  test('whatever comes in, what goes out is visible, bounded, and no start of an escape', () => {
    const any = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 30 }), (text, max) => {
        const shown = neutralise(text, max);
        expect(shown).toMatch(VISIBLE);
        expect([...shown].length).toBeLessThanOrEqual(max);
        const whole = neutralise(text);
        expect(shown === whole || whole.startsWith(shown.slice(0, -1))).toBe(true);
      }),
    );
  });

  test('a long text costs no more than what is shown of it', () => {
    const long = '\u202e'.repeat(5_000_000);
    const before = performance.now();
    expect(neutralise(long, 20)).toBe('\\u202e\\u202e\\u202e…');
    expect(performance.now() - before).toBeLessThan(500);
  });
});

describe('cutBytes', () => {
  test.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'ab...'],
    ['ääää', 7, 'ää...'],
    ['ääää', 6, 'ä...'],
    ['ab\\x1bcdef', 8, 'ab...'],
    ['ab\\u{e0041}cdef', 13, 'ab...'],
    ['ab\\u202ecdef', 11, 'ab\\u202e...'],
    ['abcdef', 2, 'ab'],
    ['日', 2, ''],
    ['abc', 0, ''],
    ['abc', -4, ''],
  ])('%j in %d bytes is %j', (text, max, cut) => {
    expect(cutBytes(text, max)).toBe(cut);
  });

  test('never too long, never a torn character or escape', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(90), (text, max) => {
        const whole = neutralise(text);
        const cut = cutBytes(whole, max);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(max);
        if (cut === whole) return;
        const kept = max > 3 ? cut.slice(0, -3) : cut;
        expect(whole.startsWith(kept)).toBe(true);
        expect(cut).toMatch(VISIBLE);
      }),
    );
  });
});
