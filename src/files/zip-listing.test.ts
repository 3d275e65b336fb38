import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ZipListing } from './zip-listing.ts';

interface Entry {
  name: string;
  data: Buffer;
  flags?: number;
  unpacked?: number;
}

/** An archive of stored entries, by APPNOTE. */
function zipOf(entries: readonly Entry[], directory = true): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  for (const { name, data, flags = 0, unpacked = data.length } of entries) {
    const bytes = Buffer.from(name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(flags, 6);
    if ((flags & 8) === 0) {
      local.writeUInt32LE(data.length, 18);
      local.writeUInt32LE(unpacked, 22);
    }
    local.writeUInt16LE(bytes.length, 26);
    parts.push(local, bytes, data);
    const row = Buffer.alloc(46);
    row.writeUInt32LE(0x02014b50, 0);
    row.writeUInt16LE(flags, 8);
    row.writeUInt32LE(data.length, 20);
    row.writeUInt32LE(unpacked, 24);
    row.writeUInt16LE(bytes.length, 28);
    central.push(row, bytes);
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  return Buffer.concat(directory ? [...parts, ...central, end] : parts);
}

function list(bytes: Uint8Array, step = bytes.length): ReturnType<ZipListing['finish']> {
  const listing = new ZipListing();
  for (let at = 0; at < bytes.length; at += step) listing.write(bytes, at, Math.min(bytes.length, at + step));
  return listing.finish();
}

const PLAIN = { name: 'a.txt', data: Buffer.from('hello PK\u0003\u0004 PK') };
const WORM = { name: 'dir/photo.scr', data: Buffer.alloc(300, 7), flags: 1, unpacked: 900 };
const STREAMED = { name: 'b.bin', data: Buffer.from('PPK\u0001 data'), flags: 8 };

test('names, sizes and passwords are those of the directory, however the bytes are cut', () => {
  const zip = zipOf([PLAIN, STREAMED, WORM]);
  const whole = list(zip);
  expect(whole).toEqual({
    format: 'zip',
    entries: 3,
    names: ['a.txt', 'b.bin', 'dir/photo.scr'],
    encrypted: 1,
    packed: PLAIN.data.length + STREAMED.data.length + 300,
    unpacked: PLAIN.data.length + STREAMED.data.length + 900,
  });
  for (const step of [1, 2, 3, 7, 50]) expect(list(zip, step)).toEqual(whole);
});

test('an archive without its end is listed by its entries', () => {
  expect(list(zipOf([PLAIN, WORM], false))).toMatchObject({ entries: 2, names: ['a.txt', 'dir/photo.scr'] });
});

test('a directory is found behind a gap', () => {
  const zip = zipOf([WORM, PLAIN]);
  const listing = new ZipListing();
  listing.write(zip, 0, 60);
  listing.gap();
  listing.write(zip, 200, zip.length);
  expect(listing.finish()).toMatchObject({ entries: 2, names: ['dir/photo.scr', 'a.txt'] });
});

test('many entries are counted, few named', () => {
  const many = Array.from({ length: 5_000 }, (_, i) => ({ name: `${i}`, data: Buffer.alloc(0) }));
  expect(list(zipOf(many))?.entries).toBe(5_000);
  expect(list(zipOf(many))?.names).toHaveLength(64);
});

test('hostile bytes never throw, and cuts change nothing', () => {
  const mark = fc.constantFrom(
    [0x50, 0x4b, 3, 4],
    [0x50, 0x4b, 1, 2],
    [0x50],
    [0xff, 0xff, 0xff, 0xff],
    [0],
    [9],
  );
  fc.assert(
    fc.property(fc.array(mark, { maxLength: 120 }), fc.integer({ min: 1, max: 9 }), (pieces, step) => {
      const bytes = Uint8Array.from([0x50, 0x4b, 3, 4, ...pieces.flat()]);
      expect(list(bytes, step)).toEqual(list(bytes));
    }),
  );
});
