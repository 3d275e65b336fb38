import { expect, test } from '@jest/globals';
import { offered } from './transfer-book.ts';

test('what is remembered of an offer is bounded', () => {
  const long = 'n'.repeat(100_000);
  const { name = '', mime = '', hash = '' } = offered(long, '1', long, long) ?? {};
  expect([name.length, mime.length, hash.length]).toEqual([1_024, 256, 256]);
});
