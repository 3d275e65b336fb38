import { expect, test } from '@jest/globals';
import { PacketClock } from '../core/clock.ts';
import { LiveClock } from './live-clock.ts';

test('silence moves time on, behind real time, and packets take over again', () => {
  const clock = new LiveClock(3);
  expect(clock.tick(0, -1, 0, false)).toBeUndefined();
  expect(clock.tick(0, -1, 60_000, false)).toBeUndefined();
  expect(clock.tick(5, 1_000, 61_000, false)).toBeUndefined();
  expect(clock.tick(5, 1_000, 64_000, false)).toBeUndefined();
  expect(clock.tick(5, 1_000, 65_000, false)).toBe(1_001);
  expect(clock.tick(5, 1_001, 75_000, false)).toBe(1_011);
  expect(clock.tick(6, 1_012, 76_000, false)).toBeUndefined();
});

test('time stands while frames wait for a slow output', () => {
  const clock = new LiveClock(3);
  clock.tick(5, 1_000, 0, false);
  expect(clock.tick(5, 1_000, 60_000, true)).toBeUndefined();
  expect(clock.tick(5, 1_000, 62_000, false)).toBeUndefined();
});

test('a clock without a packet does not begin by itself, and never goes back', () => {
  const clock = new PacketClock();
  expect(clock.advance(5)).toBe(false);
  clock.observe(10, 0);
  expect(clock.advance(9)).toBe(false);
  expect(clock.advance(12)).toBe(true);
  expect(clock.seconds).toBe(12);
});
