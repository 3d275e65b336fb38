import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Frame } from '../../capture/frame.ts';
import { Handshakes } from './handshakes.ts';
import { removeStaleRings } from './ring.ts';

function frameOf(number: number, length = 60): Frame {
  const frame = new Frame();
  frame.bytes = new Uint8Array(length + 2).fill(number & 255);
  Object.assign(frame, { start: 1, end: length + 1, seconds: number, nanos: 7, wireLength: length, number });
  return frame;
}

function taken(from: Handshakes, hash: number): number[] {
  const numbers: number[] = [];
  from.take(hash, ({ number, start, end, bytes, seconds }) => {
    expect([seconds, end - start, bytes[start], bytes[end - 1]]).toEqual([
      number,
      60,
      number & 255,
      number & 255,
    ]);
    numbers.push(number);
  });
  return numbers;
}

/** Another connection of the same slot. */
const OTHER = 5 + (1 << 20);

test('hands on the opening packets of a connection in their order, once', () => {
  const openings = new Handshakes();
  for (const number of [1, 2, 3]) openings.add(frameOf(number), 5);
  openings.add(frameOf(4, 300), 5);
  expect(taken(openings, 6)).toEqual([]);
  expect(taken(openings, 5)).toEqual([1, 2, 3]);
  expect(taken(openings, 5)).toEqual([]);
});

test('another connection of the same slot keeps its own', () => {
  const openings = new Handshakes();
  for (let number = 1; number <= 6; number++) openings.add(frameOf(number), number % 2 === 0 ? 5 : OTHER);
  expect(taken(openings, 5)).toEqual([2, 4, 6]);
  openings.add(frameOf(7), OTHER);
  openings.add(frameOf(8), 5);
  expect(taken(openings, OTHER)).toEqual([1, 3, 5, 7]);
  expect(taken(openings, OTHER)).toEqual([]);
  expect(taken(openings, 5)).toEqual([8]);
});

test('of more than are kept the newest are handed on, and what was overwritten is gone', () => {
  const openings = new Handshakes();
  for (let number = 1; number <= 12; number++) openings.add(frameOf(number), 5);
  expect(taken(openings, 5)).toEqual([5, 6, 7, 8, 9, 10, 11, 12]);
  openings.add(frameOf(1), OTHER);
  for (let number = 0; number < 60_000; number++) openings.add(frameOf(number), number << 4);
  expect(taken(openings, OTHER)).toEqual([]);
});

test('rings that runs left behind are removed, those of runs that live are not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'imspan-rings-'));
  try {
    const dead = 2 ** 31 - 1;
    for (const pid of [dead, process.pid, process.ppid])
      writeFileSync(join(folder, `.ring-${pid}.ab-0-0-0`), '');
    writeFileSync(join(folder, '.ring-x'), '');
    removeStaleRings(folder);
    expect(readdirSync(folder).sort()).toEqual([`.ring-${process.ppid}.ab-0-0-0`, '.ring-x'].sort());
  } finally {
    rmSync(folder, { recursive: true });
  }
});
