import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NameTable } from './name-table.ts';
import type { NameEntry } from './registry.ts';

test('finds what a map finds: every row of a name, in order, and nothing of another network', () => {
  const word = fc.stringMatching(/^[ab]{1,3}$/);
  const network = fc.constantFrom('aim', 'msn', '*');
  const row = fc.record({
    network,
    name: fc.oneof(
      word,
      word.map((w) => `${w}*`),
    ),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
      const entries = rows.map((each, i): NameEntry => {
        const none = { person: undefined, department: undefined, from: undefined, to: undefined };
        return { ...each, ...none, state: 'approved', line: i + 1 };
      });
      const table = new NameTable(entries);
      for (const { network: on, name } of [
        ...rows,
        { network: 'xmpp', name: 'a' },
        { network: 'aim', name: '' },
      ]) {
        const plain = entries.filter((e) => e.network === on && e.name === name && !name.includes('*'));
        expect(table.rows(on, name)).toEqual(plain);
      }
      const named = entries.filter(({ name }) => !name.includes('*'));
      expect(table.networks).toEqual([...new Set(named.map((e) => e.network))]);
    }),
    { numRuns: 200, seed: 7 },
  );
});
