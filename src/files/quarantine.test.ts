import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeLimits } from '../core/limits.ts';
import { Carving } from './carving.ts';
import { Quarantine } from './quarantine.ts';

const SHARDS = 4;
let base = '';
let folder = '';

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'imspan-files-'));
  folder = join(base, 'kept');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const open = (limits = {}): Quarantine => new Quarantine(folder, makeLimits(limits), SHARDS);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function keep(quarantine: Quarantine, text: string, name = 'a.txt', complete = true): boolean {
  const room = { hold: () => true, release: () => undefined, enter: () => true, leave: () => undefined };
  const file = new Carving({ id: '1', name, service: 'aim' }, 100, room, quarantine.keep(0));
  const bytes = new TextEncoder().encode(text);
  file.write(0, bytes, 0, bytes.length);
  return file.close({ complete }).stored;
}

test.each([
  '../../etc/passwd',
  '/etc/passwd',
  'C:\\windows\\system32\\cmd.exe',
  'CON',
  'a\0b',
  '\u202egnp.exe',
  '\x1b[2J',
  '.',
  '',
  'n'.repeat(100_000),
])('a name never reaches the file system: %#', (name) => {
  expect(keep(open(), 'bytes', name)).toBe(true);
  expect(readdirSync(folder)).toEqual([`${sha256('bytes')}.bin`]);
  expect(readdirSync(base)).toEqual(['kept']);
});

test('kept for the owner only, nothing runs it', () => {
  keep(open(), 'bytes');
  const found = lstatSync(join(folder, `${sha256('bytes')}.bin`));
  expect(found.mode & 0o777).toBe(0o600);
  expect(lstatSync(folder).mode & 0o777).toBe(0o700);
});

test('the same content is kept once, by whoever', () => {
  expect([keep(open(), 'same'), keep(open(), 'same', 'b.txt')]).toEqual([true, true]);
  expect(readdirSync(folder)).toHaveLength(1);
});

test('a link in the place of a file is neither followed nor taken for it', () => {
  const victim = join(base, 'victim');
  writeFileSync(victim, 'bytes');
  const quarantine = open();
  symlinkSync(victim, join(folder, `${sha256('bytes')}.bin`));
  expect(keep(quarantine, 'bytes')).toBe(false);
  symlinkSync(join(base, 'nowhere'), join(folder, `${sha256('other')}.bin`));
  expect(keep(quarantine, 'other')).toBe(false);
  expect(readFileSync(victim, 'utf8')).toBe('bytes');
  expect(readdirSync(base).sort()).toEqual(['kept', 'victim']);
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('a file beyond its limit, and beyond that of all, is not kept', () => {
  const quarantine = open({ extract_file: 10, extract_total: 12 * SHARDS });
  expect(keep(quarantine, '12345678901')).toBe(false);
  expect(keep(quarantine, '1234567890')).toBe(true);
  expect(keep(quarantine, 'abc')).toBe(false);
  expect(keep(quarantine, 'ab')).toBe(true);
  expect(quarantine.refused).toBe(2);
  expect(readdirSync(folder)).toHaveLength(2);
  expect(quarantine.problem).toBeUndefined();
});

test('the same content counts once', () => {
  const quarantine = open({ extract_file: 10, extract_total: 12 * SHARDS });
  const texts = ['1234567', '1234567', '1234567', 'abcde', 'x'];
  expect(texts.map((text) => keep(quarantine, text))).toEqual([true, false, false, true, false]);
  expect(texts.slice(3).map((text) => keep(quarantine, text))).toEqual([false, false]);
  const roomy = open({ extract_file: 10, extract_total: 14 * SHARDS });
  expect(Array.from({ length: 5 }, () => keep(roomy, '1234567'))).toEqual([true, true, true, true, true]);
});

test('what was cut is kept, too', () => {
  expect(keep(open(), 'half', 'a', false)).toBe(true);
});

test('more files under way than descriptors', () => {
  const quarantine = open();
  const files = Array.from({ length: 200 }, () => quarantine.keep(0)!);
  const part = (i: number): Uint8Array => new TextEncoder().encode(`part of ${i},`);
  for (let round = 0; round < 3; round++) files.forEach((file, i) => file.write(part(i)));
  files.forEach((file, i) => {
    const all = `part of ${i},`.repeat(3);
    expect(file.finish(sha256(all), all.length)).toBe(true);
  });
  expect(readdirSync(folder)).toHaveLength(200);
  expect(readFileSync(join(folder, `${sha256('part of 7,'.repeat(3))}.bin`), 'utf8')).toBe(
    'part of 7,'.repeat(3),
  );
});

test('a folder that is a file is said so', () => {
  writeFileSync(folder, '');
  expect(() => open()).toThrow('it is no folder');
});

test('a folder that goes away ends the keeping, and is told', () => {
  const quarantine = open();
  rmSync(folder, { recursive: true });
  expect(keep(quarantine, 'bytes')).toBe(false);
  expect(quarantine.problem?.message).toContain('cannot keep files');
  expect(quarantine.keep(0)).toBeUndefined();
});

const DESCRIPTORS = '/proc/self/fd';

(existsSync(DESCRIPTORS) ? test : test.skip)('after a disk error no descriptor stays open', () => {
  const quarantine = open();
  const openHere = (): number =>
    readdirSync(DESCRIPTORS).filter((fd) => {
      try {
        return readlinkSync(join(DESCRIPTORS, fd)).startsWith(folder);
      } catch {
        return false;
      }
    }).length;
  // The first ones rest, so that they must be opened again.
  const files = Array.from({ length: 80 }, () => quarantine.keep(0)!);
  const bytes = new TextEncoder().encode('bytes');
  for (const file of files) file.write(bytes);
  expect(openHere()).toBeGreaterThan(0);
  rmSync(folder, { recursive: true });
  for (const file of files) file.write(bytes);
  expect(quarantine.problem?.message).toContain('cannot keep files');
  expect(openHere()).toBe(0);
  expect(files.map((file) => file.finish(sha256('bytesbytes'), 10))).not.toContain(true);
});

test('after a disk error what was written of a file is taken away', () => {
  const quarantine = open();
  const file = quarantine.keep(0)!;
  file.write(new TextEncoder().encode('bytes'));
  expect(readdirSync(folder)).toHaveLength(1);
  quarantine.failed(new Error('another file could not be written'));
  file.write(new TextEncoder().encode('more'));
  expect(readdirSync(folder)).toEqual([]);
});
