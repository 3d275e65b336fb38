import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ArchiveListing } from '../../event/file.ts';
import { Carving } from '../carving.ts';
import { cabOf, gzipOf, rar5Of, rarOf, sevenZipOf, tarOf } from './build.ts';
import type { Entry } from './build.ts';

class Room {
  kept = 0;
  readonly most: number;

  constructor(most = 100_000) {
    this.most = most;
  }

  hold = (): boolean => true;
  release = (): void => undefined;
  enter = (bytes: number): boolean => {
    if (this.kept + bytes > this.most) return false;
    this.kept += bytes;
    return true;
  };
  leave = (bytes: number): void => {
    this.kept -= bytes;
  };
}

/** What is listed of a file that passes in pieces of `step` bytes, without those from `hole[0]` up to `hole[1]`. */
function list(
  bytes: Uint8Array,
  step = bytes.length,
  hole: readonly [number, number] = [0, 0],
  room = new Room(),
): ArchiveListing | undefined {
  const carving = new Carving({ id: '1', name: 'x', service: 'aim' }, 1 << 20, room, undefined);
  for (let at = 0; at < bytes.length; at += step) {
    if (at >= hole[0] && at < hole[1]) continue;
    carving.write(at, bytes, at, Math.min(bytes.length, at + step));
  }
  const { archive } = carving.close({ complete: true });
  expect(room.kept).toBe(0);
  return archive;
}

const ENTRIES: Entry[] = [
  { name: 'docs/readme.txt', data: Buffer.from('hello '.repeat(50)) },
  { name: 'docs/photo.scr', data: Buffer.alloc(700, 0x4d) },
];
const BYTES = 1_000;
const NAMES = ENTRIES.map(({ name }) => name);
const LONG = `${'long-folder/'.repeat(12)}setup.exe`;
const encrypted = ENTRIES.map((entry, i) => ({ ...entry, encrypted: i === 1 }));

const ALL: readonly (readonly [string, Buffer, Partial<ArchiveListing>])[] = [
  ['RAR 4', rarOf(ENTRIES), { format: 'rar', encrypted: 0, packed: BYTES, unpacked: BYTES }],
  ['RAR 5', rar5Of(ENTRIES), { format: 'rar', encrypted: 0, packed: BYTES, unpacked: BYTES }],
  ['RAR 4 with a password', rarOf(encrypted), { format: 'rar', encrypted: 1 }],
  ['RAR 5 with a password', rar5Of(encrypted), { format: 'rar', encrypted: 1 }],
  ['7z', sevenZipOf(ENTRIES), { format: '7z', encrypted: 0, packed: BYTES, unpacked: BYTES }],
  ['7z with a password', sevenZipOf(encrypted), { format: '7z', encrypted: 2 }],
  ['tar', tarOf(ENTRIES), { format: 'tar', packed: BYTES, unpacked: BYTES }],
  ['tar in gzip', gzipOf(tarOf(ENTRIES)), { format: 'tar.gz', unpacked: tarOf(ENTRIES).length }],
  ['cabinet', cabOf(ENTRIES), { format: 'cab', unpacked: BYTES }],
];

describe('names, sizes and passwords, however the bytes are cut', () => {
  test.each(ALL)('%s', (_name, bytes, expected) => {
    const whole = list(bytes);
    expect(whole).toMatchObject({ ...expected, entries: 2, names: NAMES });
    expect(whole).not.toHaveProperty('unlisted');
    for (const step of [1, 2, 7, 64, 511]) expect(list(bytes, step)).toEqual(whole);
  });

  test('long names of tar, GNU and POSIX', () => {
    const entries = [{ name: LONG, data: Buffer.from('x') }, ...ENTRIES];
    for (const pax of [false, true]) expect(list(tarOf(entries, pax))?.names).toEqual([LONG, ...NAMES]);
  });

  test('gzip alone: the name in it, or none', () => {
    expect(list(gzipOf(Buffer.from('MZ...'), 'virus.exe'))).toMatchObject({
      names: ['virus.exe'],
      unpacked: 5,
    });
    expect(list(gzipOf(Buffer.from('some text')))).toMatchObject({
      format: 'gzip',
      names: ['(unnamed)'],
      unpacked: 9,
    });
  });
});

describe('what is not listed is told, with why', () => {
  test.each<[string, Buffer, string, string]>([
    ['7z with a packed list', sevenZipOf(ENTRIES, 'lzma'), '7z', 'packed'],
    ['7z with an encrypted list', sevenZipOf(ENTRIES, 'aes'), '7z', 'encrypted'],
    ['RAR 4 with an encrypted list', rarOf(ENTRIES, true), 'rar', 'encrypted'],
    ['RAR 5 with an encrypted list', rar5Of(ENTRIES, true), 'rar', 'encrypted'],
    ['7z without its end', sevenZipOf(ENTRIES).subarray(0, 900), '7z', 'cut'],
    ['bzip2', Buffer.from('BZh91AY&SY and more'), 'bzip2', 'format'],
    ['ACE', Buffer.from('1234567**ACE** and more'), 'ace', 'format'],
  ])('%s', (_name, bytes, format, unlisted) => {
    expect(list(bytes)).toEqual({
      ...{ format, entries: 0, names: [], encrypted: 0, packed: 0, unpacked: 0 },
      unlisted,
    });
  });

  test('a hole among the bytes of an entry costs nothing, one among headers what follows', () => {
    const rar = rarOf(ENTRIES);
    const inside = rar.indexOf('hello ') + 20;
    expect(list(rar, 10, [inside - (inside % 10), inside - (inside % 10) + 100])).toEqual(list(rar));
    const header = rar.indexOf(NAMES[1] ?? '') - 40;
    expect(list(rar, 10, [header - (header % 10), header - (header % 10) + 50])).toMatchObject({
      names: NAMES.slice(0, 1),
      unlisted: 'cut',
    });
  });

  test('where there is no room, it is told what it is', () => {
    const full = new Room(60_000);
    for (const [format, bytes] of [
      ['gzip', gzipOf(tarOf(ENTRIES))],
      ['7z', sevenZipOf(ENTRIES)],
    ] as const)
      expect(list(bytes, 100, [0, 0], full)).toMatchObject({ format, unlisted: 'cut' });
    expect(list(rarOf(ENTRIES), 100, [0, 0], full)?.names).toEqual(NAMES);
    const carving = new Carving({ id: '1', name: 'x', service: 'aim' }, 1 << 20, full, undefined);
    carving.write(0, rarOf(ENTRIES), 0, 100);
    expect(full.kept).toBeGreaterThan(0);
    carving.drop();
    expect(full.kept).toBe(0);
  });
});

describe('hostile', () => {
  test('a bomb in gzip is let go, and what it claims is told', () => {
    const bomb = gzipOf(Buffer.concat([tarOf(ENTRIES).subarray(0, 2_048), Buffer.alloc(20_000_000)]));
    const listing = list(bomb, 1_400);
    expect(listing).toMatchObject({ format: 'tar.gz', names: NAMES, unlisted: 'cut', unpacked: 20_002_048 });
  });

  test('no more names than are kept, and all entries counted', () => {
    const many = Array.from({ length: 300 }, (_, i) => ({ name: `${i}`.repeat(40), data: Buffer.alloc(0) }));
    for (const make of [rarOf, rar5Of, sevenZipOf, cabOf]) {
      const listing = list(make(many));
      expect(listing?.entries).toBe(300);
      expect(listing?.names.join('').length).toBeLessThanOrEqual(2_048);
    }
  });

  test('whatever the bytes behind a mark: no exception, and cuts change nothing', () => {
    const marks = ALL.map(([, bytes]) => bytes);
    fc.assert(
      fc.property(
        fc.constantFrom(...marks),
        fc.array(fc.tuple(fc.nat(1_400), fc.constantFrom(0, 1, 7, 0x7f, 0x80, 0xff)), { maxLength: 6 }),
        fc.integer({ min: 1, max: 90 }),
        (bytes, changes, step) => {
          const changed = Buffer.from(bytes);
          for (const [at, value] of changes) if (at > 8) changed[at % changed.length] = value;
          expect(list(changed, step)).toEqual(list(changed));
        },
      ),
      { seed: 20050308, numRuns: 400 },
    );
  });
});

test('what is no archive is none, short or long', () => {
  for (const text of ['', 'PK', 'Rar! is a format', '7zip', 'a'.repeat(2_000)])
    expect(list(Buffer.from(text))).toBeUndefined();
});
