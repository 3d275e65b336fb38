import type { Unlisted } from '../../event/file.ts';
import type { Tally } from './listing.ts';

/** Properties (7zFormat.txt, "Property IDs"). */
const ID = {
  END: 0,
  HEADER: 1,
  ARCHIVE_PROPERTIES: 2,
  ADDITIONAL_STREAMS: 3,
  MAIN_STREAMS: 4,
  FILES: 5,
  PACK: 6,
  UNPACK: 7,
  SUB_STREAMS: 8,
  SIZE: 9,
  CRC: 10,
  FOLDER: 11,
  UNPACK_SIZE: 12,
  STREAM_COUNT: 13,
  NAMES: 17,
  ENCODED_HEADER: 23,
} as const;
const AES = '06f10701';
const MAX_CODERS = 32;

interface Folder {
  readonly encrypted: boolean;
  /** Streams that come out, and which of them is the folder's own. */
  readonly outs: number;
  readonly main: number;
  unpacked: number;
  streams: number;
}

interface Streams {
  packed: number;
  folders: Folder[];
}

/** Reads a header of a 7z archive into the tally; why it is not all listed, where it is not. */
export function readHeader(bytes: Uint8Array, tally: Tally): Unlisted | undefined {
  const reader = new Reader(bytes);
  const kind = reader.number();
  if (kind === ID.ENCODED_HEADER) {
    const { folders } = readStreams(reader);
    return folders.some(({ encrypted }) => encrypted) ? 'encrypted' : 'packed';
  }
  if (kind !== ID.HEADER) return 'cut';
  let streams: Streams = { packed: 0, folders: [] };
  let names: string[] = [];
  for (let id = reader.number(); reader.ok && id !== ID.END; id = reader.number()) {
    if (id === ID.ARCHIVE_PROPERTIES) skipProperties(reader);
    else if (id === ID.ADDITIONAL_STREAMS) readStreams(reader);
    else if (id === ID.MAIN_STREAMS) streams = readStreams(reader);
    else if (id === ID.FILES) names = readFiles(reader);
    else return 'cut';
  }
  const unpacked = streams.folders.reduce((sum, folder) => sum + folder.unpacked, 0);
  const encrypted = streams.folders.reduce((sum, { encrypted: is, streams: n }) => sum + (is ? n : 0), 0);
  for (const name of names) tally.add(name, false, 0, 0);
  tally.encrypted = Math.min(encrypted, tally.entries);
  tally.packed = streams.packed;
  tally.unpacked = unpacked;
  return reader.ok ? undefined : 'cut';
}

function skipProperties(reader: Reader): void {
  for (let id = reader.number(); reader.ok && id !== ID.END; id = reader.number())
    reader.skip(reader.number());
}

function readStreams(reader: Reader): Streams {
  const streams: Streams = { packed: 0, folders: [] };
  for (let id = reader.number(); reader.ok && id !== ID.END; id = reader.number()) {
    if (id === ID.PACK) streams.packed = readPack(reader);
    else if (id === ID.UNPACK) streams.folders = readUnpack(reader);
    else if (id === ID.SUB_STREAMS) readSubStreams(reader, streams.folders);
    else reader.fail();
  }
  return streams;
}

/** Place, count, sizes, checksums. Answers the sum of the sizes. */
function readPack(reader: Reader): number {
  reader.number();
  const count = reader.count();
  let sum = 0;
  for (let id = reader.number(); reader.ok && id !== ID.END; id = reader.number()) {
    if (id === ID.SIZE) for (let i = 0; i < count && reader.ok; i++) sum += reader.number();
    else if (id === ID.CRC) skipChecksums(reader, count);
    else reader.fail();
  }
  return sum;
}

function readUnpack(reader: Reader): Folder[] {
  const folders: Folder[] = [];
  for (let id = reader.number(); reader.ok && id !== ID.END; id = reader.number()) {
    if (id === ID.FOLDER) {
      const count = reader.count();
      if (reader.byte() !== 0) reader.fail();
      for (let i = 0; i < count && reader.ok; i++) folders.push(readFolder(reader));
    } else if (id === ID.UNPACK_SIZE) for (const folder of folders) readSizes(reader, folder);
    else if (id === ID.CRC) skipChecksums(reader, folders.length);
    else reader.fail();
  }
  return folders;
}

function readSizes(reader: Reader, folder: Folder): void {
  for (let i = 0; i < folder.outs && reader.ok; i++) {
    const size = reader.number();
    if (i === folder.main) folder.unpacked = size;
  }
}

/** Coders (flags u8: length of the id, 0x10 several streams, 0x20 properties), pairs that bind them, packed streams. */
function readFolder(reader: Reader): Folder {
  const coders = reader.number();
  if (coders === 0 || coders > MAX_CODERS) reader.fail();
  let [ins, outs] = [0, 0];
  let encrypted = false;
  for (let i = 0; i < coders && reader.ok; i++) {
    const flags = reader.byte();
    if (reader.hex(flags & 0x0f) === AES) encrypted = true;
    ins += (flags & 0x10) !== 0 ? reader.count() : 1;
    outs += (flags & 0x10) !== 0 ? reader.count() : 1;
    if ((flags & 0x20) !== 0) reader.skip(reader.number());
  }
  const bound = new Set<number>();
  for (let i = 0; i < outs - 1 && reader.ok; i++) {
    reader.number();
    bound.add(reader.number());
  }
  const packed = ins - (outs - 1);
  for (let i = 0; packed > 1 && i < packed && reader.ok; i++) reader.number();
  let main = 0;
  while (bound.has(main)) main++;
  return { encrypted, outs, main, unpacked: 0, streams: 1 };
}

/** How many files are packed together in each folder; the rest, sizes and checksums, is not needed. */
function readSubStreams(reader: Reader, folders: Folder[]): void {
  let checksums = 0;
  for (let id = reader.number(); reader.ok && id !== ID.END; id = reader.number()) {
    if (id === ID.STREAM_COUNT) for (const folder of folders) folder.streams = reader.number();
    else if (id === ID.SIZE) {
      for (const { streams } of folders) for (let i = 1; i < streams && reader.ok; i++) reader.number();
    } else if (id === ID.CRC) {
      // Those of folders with one file may stand with the folder: how many follow is not certain, what follows them is.
      checksums = folders.reduce((sum, { streams }) => sum + streams, 0);
      skipSubChecksums(reader, checksums, folders);
    } else reader.fail();
  }
}

function skipSubChecksums(reader: Reader, all: number, folders: readonly Folder[]): void {
  const single = folders.filter(({ streams }) => streams === 1).length;
  const from = reader.at;
  skipChecksums(reader, all);
  if (reader.ok && reader.peek() === ID.END) return;
  reader.back(from);
  skipChecksums(reader, all - single);
}

/** All are there u8, else a bit each; then u32 each. */
function skipChecksums(reader: Reader, count: number): void {
  let defined = count;
  if (reader.byte() === 0) {
    defined = 0;
    for (let i = 0; i < count && reader.ok; i += 8) {
      const bits = reader.byte();
      for (let bit = 0; bit < 8 && i + bit < count; bit++) if ((bits & (0x80 >> bit)) !== 0) defined++;
    }
  }
  reader.skip(defined * 4);
}

/** Count, then properties with their sizes; names are UTF-16 with a NUL each. */
function readFiles(reader: Reader): string[] {
  const count = reader.count();
  let names: string[] = [];
  for (let id = reader.number(); reader.ok && id !== ID.END; id = reader.number()) {
    const size = reader.number();
    if (id === ID.NAMES && size > 1) names = reader.names(size, count);
    else reader.skip(size);
  }
  return names;
}

/** Numbers of 7z: the leading ones of the first byte say how many bytes follow, the lowest first. */
class Reader {
  ok = true;
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  fail(): void {
    this.ok = false;
  }

  back(at: number): void {
    this.at = at;
    this.ok = true;
  }

  peek(): number {
    return this.#bytes[this.at] ?? -1;
  }

  byte(): number {
    if (this.at >= this.#bytes.length) this.ok = false;
    return this.ok ? (this.#bytes[this.at++] ?? 0) : 0;
  }

  number(): number {
    const first = this.byte();
    let value = 0;
    let unit = 1;
    let mask = 0x80;
    for (; mask > 0 && (first & mask) !== 0; mask >>= 1) {
      value += this.byte() * unit;
      unit *= 256;
    }
    if (mask > 0) value += (first & (mask - 1)) * unit;
    if (value > Number.MAX_SAFE_INTEGER) this.fail();
    return this.ok ? value : 0;
  }

  /** A number of things of which each takes room in the header: more than that is a lie. */
  count(): number {
    const value = this.number();
    if (value > this.#bytes.length) this.fail();
    return this.ok ? value : 0;
  }

  skip(bytes: number): void {
    if (bytes > this.#bytes.length - this.at) this.fail();
    else this.at += bytes;
  }

  hex(bytes: number): string {
    const from = this.at;
    this.skip(bytes);
    return this.ok ? Buffer.from(this.#bytes.subarray(from, this.at)).toString('hex') : '';
  }

  names(size: number, most: number): string[] {
    const from = this.at + 1;
    if (this.byte() !== 0) this.fail();
    this.skip(size - 1);
    if (!this.ok) return [];
    const text = Buffer.from(this.#bytes.subarray(from, this.at)).toString('utf16le');
    return text.split('\0', most);
  }
}
