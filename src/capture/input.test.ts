import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileInput } from './input.ts';
import { LIMITS } from './wire.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'imspan-input-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Reads from so many other files that those opened before them are closed. */
function crowd(): FileInput[] {
  const path = file('other', 'other');
  return Array.from({ length: LIMITS.OPEN_FILES }, () => {
    const input = new FileInput(path);
    input.read(new Uint8Array(1), 0);
    return input;
  });
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

test('a file whose descriptor was needed elsewhere goes on where it was', () => {
  const input = new FileInput(file('one', '0123456789'));
  const bytes = new Uint8Array(10);
  expect(input.read(bytes.subarray(0, 4), 0)).toBe(4);
  const others = crowd();
  expect(input.read(bytes, 4)).toBe(6);
  expect(text(bytes)).toBe('0123456789');
  expect([input.position, input.total, input.problem]).toEqual([10, 10, undefined]);
  expect(others.map((other) => other.read(new Uint8Array(9), 0))).toEqual(others.map(() => 4));
  for (const other of [input, ...others]) other.close();
});

test('a file that was replaced meanwhile is not read on', () => {
  const path = file('two', '0123456789');
  const input = new FileInput(path);
  expect(input.read(new Uint8Array(4), 0)).toBe(4);
  const others = crowd();
  renameSync(file('three', 'abcdefghij'), path);
  expect(input.read(new Uint8Array(4), 0)).toBe(0);
  expect(input.problem).toEqual({
    kind: 'unreadable',
    message: 'cannot be read (replaced while it was read)',
    offset: 4,
  });
  for (const other of [input, ...others]) other.close();
});

test('a closed input has no more bytes', () => {
  const input = new FileInput(file('four', '0123456789'));
  input.close();
  expect(input.read(new Uint8Array(4), 0)).toBe(0);
  expect(input.problem).toBeUndefined();
});
