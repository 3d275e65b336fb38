import { expect, test } from '@jest/globals';
import { Keep } from '../../src/sdk/index.ts';
import { RoomBook } from './room-book.ts';
import { offered } from './transfer-book.ts';

test('what is remembered of an offer is bounded', () => {
  const long = 'n'.repeat(100_000);
  const { name = '', mime = '', hash = '' } = offered(long, '1', long, long) ?? {};
  expect([name.length, mime.length, hash.length]).toEqual([1_024, 256, 256]);
});

test('rooms give back what they held when they are forgotten', () => {
  const taken = { bytes: 0 };
  const keep = new Keep((bytes) => {
    taken.bytes += bytes;
    return true;
  });
  const rooms = new RoomBook(keep);
  for (let i = 0; i < 1000; i++) {
    const room = rooms.open(`room${i}@rooms.test`);
    for (let k = 0; k < 20; k++) room.occupants.set(`nick ${i} ${k}`, 'somebody@corp.test');
    rooms.sent(`room${i}@rooms.test`, 'x'.repeat(200));
  }
  expect(rooms.find('room0@rooms.test')).toBeUndefined();
  expect(rooms.find('room999@rooms.test')?.occupants.size).toBe(20);
  // 64 rooms of some 5 KiB: without giving back it would be 1,000 of them.
  expect(taken.bytes).toBeLessThan(600_000);
  expect(rooms.reflected('room999@rooms.test', 'x'.repeat(200))).toBe(true);
});
