import { describe, expect, test } from '@jest/globals';
import { costOfText, Keep, KeptMap } from './keep.ts';
import { MAX_SLP, SLP, SlpJoiner } from './slp-joiner.ts';
import type { SlpPart } from './slp-joiner.ts';

/** A budget of so many bytes, and what was taken of it. */
function budget(most: number) {
  const taken = { bytes: 0, calls: 0 };
  const keep = new Keep((bytes) => {
    taken.calls++;
    if (taken.bytes + bytes > most) return false;
    taken.bytes += bytes;
    return true;
  });
  return { keep, taken };
}

describe('what a flow keeps', () => {
  test('is reserved in steps, once, however often it comes and goes', () => {
    const { keep, taken } = budget(1e6);
    for (let i = 0; i < 1000; i++) {
      expect(keep.hold(10_000)).toBe(true);
      keep.release(10_000);
    }
    expect(taken).toEqual({ bytes: 5904, calls: 1 });
  });

  test('a map makes room where memory is short, and forgets what does not fit alone', () => {
    const { keep, taken } = budget(0);
    const map = new KeptMap<string>(100, keep, costOfText);
    for (let i = 0; i < 100; i++) map.set(`key ${i}`, 'x'.repeat(500));
    expect(map.size).toBe(3);
    expect([...map.keys()]).toEqual(['key 97', 'key 98', 'key 99']);
    map.set('large', 'x'.repeat(5000));
    expect(map.size).toBe(0);
    // Refused once: it is not asked for again.
    expect(taken).toEqual({ bytes: 0, calls: 1 });
    map.set('small', 'y');
    expect(map.take('small')).toBe('y');
    expect(map.take('small')).toBeUndefined();
  });

  test('a map holds its most and gives back what it forgets', () => {
    const { keep, taken } = budget(1e6);
    const map = new KeptMap<true>(8, keep);
    for (let i = 0; i < 10_000; i++) map.set(`key ${i}`, true);
    map.set('key 9995', true);
    expect([...map.keys()].at(-1)).toBe('key 9995');
    expect(map.size).toBe(8);
    map.clear();
    expect([...map.values(), ...map.entries()]).toEqual([]);
    expect(taken.bytes).toBe(0);
  });
});

describe('texts in parts', () => {
  const joiner = (most = 1e9) => {
    const { keep, taken } = budget(most);
    return { texts: new SlpJoiner(keep), taken };
  };
  const part = (offset: number, remaining: number): SlpPart => ({ first: offset === 0, offset, remaining });
  const bytes = Uint8Array.from({ length: MAX_SLP }, (_, i) => i % 251);

  test('the largest text, a byte at a time: the room doubles and is not copied for each part', () => {
    const { texts, taken } = joiner();
    for (let i = 0; i < MAX_SLP - 1; i++)
      expect(texts.add('a', part(i, MAX_SLP - 1 - i), bytes, i, i + 1)).toBe(SLP.MORE);
    expect(texts.add('a', part(MAX_SLP - 1, 0), bytes, MAX_SLP - 1, MAX_SLP)).toBe(SLP.TEXT);
    expect(Buffer.compare(texts.bytes.subarray(texts.start, texts.end), bytes)).toBe(0);
    expect(taken.calls).toBeLessThan(8);
    expect(taken.bytes).toBeLessThanOrEqual(MAX_SLP);
  });

  test('so many at once, however many are begun: what is reserved does not grow', () => {
    const { texts, taken } = joiner();
    for (let i = 0; i < 100; i++) texts.add(`text ${i}`, part(0, 100), bytes, 0, MAX_SLP - 100);
    expect(taken.bytes).toBeLessThanOrEqual(4 * MAX_SLP);
    const end = part(MAX_SLP - 100, 0);
    expect(texts.add('text 95', end, bytes, 0, 100)).toBe(SLP.MORE);
    for (const i of [96, 97, 98, 99]) expect(texts.add(`text ${i}`, end, bytes, 0, 100)).toBe(SLP.TEXT);
  });

  test.each<[string, SlpPart, number, number]>([
    ['overlaps', part(5, 85), 10, SLP.LIES],
    ['names another total', part(10, 500), 10, SLP.LIES],
    ['names less than was there', part(10, 0), 10, SLP.LIES],
    ['leaves a hole', part(20, 70), 10, SLP.MORE],
  ])('a part that %s drops the text', (_, odd, length, answer) => {
    const { texts } = joiner();
    texts.add('a', part(0, 90), bytes, 0, 10);
    expect(texts.add('a', odd, bytes, 0, length)).toBe(answer);
    expect(texts.add('a', part(10, 0), bytes, 0, 90)).toBe(SLP.MORE);
  });

  test('without memory a text is dropped, and a whole one read', () => {
    const { texts } = joiner(0);
    texts.add('a', part(0, 10_000), bytes, 0, 8000);
    expect(texts.add('a', part(8000, 0), bytes, 0, 10_000)).toBe(SLP.MORE);
    expect(texts.add('b', part(0, 0), bytes, 0, 10_000)).toBe(SLP.TEXT);
    expect(texts.add('c', part(0, 1), bytes, 0, MAX_SLP)).toBe(SLP.TOO_LONG);
  });
});
