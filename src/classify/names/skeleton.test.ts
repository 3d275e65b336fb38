import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hashOf, lookOf, someNeighbour } from './skeleton.ts';

test('the hash that is asked about is that of the look which is one step away; none is left out', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z26@-]{1,12}$/), (name) => {
      const codes = lookOf(name);
      let asked = 0;
      const seen = new Set<string>();
      someNeighbour(
        codes,
        (hash) => {
          asked = hash;
          return true;
        },
        (near) => {
          expect(hashOf(near)).toBe(asked);
          seen.add(near.join());
          return false;
        },
      );
      const one = 'k'.charCodeAt(0);
      for (let i = 0; i <= codes.length; i++) {
        expect(seen.has(codes.toSpliced(i, 0, one).join())).toBe(true);
        if (i === codes.length) continue;
        expect(seen.has(codes.toSpliced(i, 1).join())).toBe(true);
        if (codes[i] !== one) expect(seen.has(codes.toSpliced(i, 1, one).join())).toBe(true);
      }
    }),
    { numRuns: 60, seed: 11 },
  );
});

test('nothing is built of what cannot be', () => {
  let built = 0;
  expect(
    someNeighbour(
      lookOf('alicesmith'),
      () => false,
      () => {
        built++;
        return true;
      },
    ),
  ).toBe(false);
  expect(built).toBe(0);
});
