import { ZipListing } from '../zip-listing.ts';
import { CabListing } from './cab.ts';
import { GzipListing, isTar } from './gzip.ts';
import { Unread } from './listing.ts';
import type { Listing } from './listing.ts';
import { Rar5Listing, RarListing } from './rar.ts';
import { SevenZipListing } from './seven-zip.ts';
import { TarListing } from './tar.ts';

/** Room for what is kept of archives while they are listed. */
export interface ArchiveRoom {
  /** False where so many bytes have none. */
  enter(bytes: number): boolean;
  leave(bytes: number): void;
}

/** Bytes that a reader keeps at most: names and a header; one that inflates, or that keeps a whole list. */
const LIGHT = 8_192;
const HEAVY = 73_728;

/** Bytes at which all is decided but tar, and at which that is. */
const FEW = 14;
const DECIDED = 512;

type Make = (head: Uint8Array, end: number) => Listing;

/** Formats whose list is read: the mark at their beginning, the name, bytes kept, the reader. */
const READ: readonly (readonly [mark: string, format: string, bytes: number, make: Make])[] = [
  ['PK\x03\x04', 'zip', LIGHT, () => new ZipListing()],
  ['Rar!\x1a\x07\0', 'rar', LIGHT, () => new RarListing()],
  ['Rar!\x1a\x07\x01\0', 'rar', LIGHT, () => new Rar5Listing()],
  ['MSCF\0\0\0\0', 'cab', LIGHT, () => new CabListing()],
  ['7z\xbc\xaf\x27\x1c', '7z', HEAVY, () => new SevenZipListing()],
  ['\x1f\x8b\x08', 'gzip', HEAVY, (head, end) => new GzipListing(head, end)],
];

/** Formats whose list is not read: the place of a mark, the mark, the name. */
const UNREAD: readonly (readonly [at: number, mark: string, format: string])[] = [
  [0, 'BZh', 'bzip2'],
  [0, '\xfd7zXZ\0', 'xz'],
  [0, '\x28\xb5\x2f\xfd', 'zstd'],
  [0, '\x60\xea', 'arj'],
  [7, '**ACE**', 'ace'],
  [2, '-lh', 'lzh'],
];

/**
 * A reader for the archive that begins with these bytes (`head` up to `end`); null where it is none, undefined where more
 * are needed to tell. `whole`: there are no more. A reader that takes room leaves it by itself.
 */
export function listingFor(
  head: Uint8Array,
  end: number,
  whole: boolean,
  room: ArchiveRoom,
): Listing | null | undefined {
  if (end < FEW && !whole) return undefined;
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(end, FEW)).toString('latin1');
  for (const [mark, format, bytes, make] of READ)
    if (text.startsWith(mark)) return entering(format, bytes, () => make(head, end), room);
  const unread = UNREAD.find(([at, mark]) => text.startsWith(mark, at));
  if (unread) return new Unread(unread[2], 'format');
  if (isTar(head, end)) return entering('tar', LIGHT, () => new TarListing(), room);
  return end >= DECIDED || whole ? null : undefined;
}

/** A reader that leaves its room when it is finished; where there is none, one that only says what it is. */
function entering(format: string, bytes: number, make: () => Listing, room: ArchiveRoom): Listing {
  if (!room.enter(bytes)) return new Unread(format, 'cut');
  const listing = make();
  return {
    write: (piece, start, end) => listing.write(piece, start, end),
    gap: (length) => listing.gap(length),
    finish: () => {
      room.leave(bytes);
      return listing.finish();
    },
  };
}
