/** Archives for tests, by the descriptions of their formats: entries are stored, not packed. */
import { crc32, gzipSync } from 'node:zlib';

export interface Entry {
  name: string;
  data: Buffer;
  encrypted?: boolean;
}

const u16 = (n: number): Buffer => Buffer.from([n & 255, n >> 8]);
function u32(n: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(n >>> 0);
  return bytes;
}

/** RAR 4: marker, main header, files, end. */
export function rarOf(entries: readonly Entry[], encryptedHeaders = false): Buffer {
  const block = (type: number, flags: number, body: Buffer, data: Buffer = Buffer.alloc(0)): Buffer => {
    const head = Buffer.concat([Buffer.from([type]), u16(flags), u16(7 + body.length), body]);
    return Buffer.concat([u16(crc32(head) & 0xffff), head, data]);
  };
  const files = entries.map(({ name, data, encrypted = false }) => {
    const numbers = [u32(data.length), u32(data.length), Buffer.from([3]), u32(crc32(data)), u32(0x5a5a5a5a)];
    const rest = [Buffer.from([20, 0x30]), u16(Buffer.byteLength(name)), u32(0x81a4), Buffer.from(name)];
    return block(0x74, 0x8000 | (encrypted ? 4 : 0), Buffer.concat([...numbers, ...rest]), data);
  });
  const main = block(0x73, encryptedHeaders ? 0x80 : 0, Buffer.alloc(6));
  return Buffer.concat([
    Buffer.from('Rar!\x1a\x07\0', 'latin1'),
    main,
    ...files,
    block(0x7b, 0x4000, Buffer.alloc(0)),
  ]);
}

function vint(n: number): Buffer {
  const bytes: number[] = [];
  for (let left = n; ; left = Math.floor(left / 128)) {
    bytes.push((left % 128) | (left >= 128 ? 128 : 0));
    if (left < 128) return Buffer.from(bytes);
  }
}

/** RAR 5: signature, main header, files, end. */
export function rar5Of(entries: readonly Entry[], encryptedHeaders = false): Buffer {
  const block = (type: number, flags: number, body: Buffer, data: Buffer = Buffer.alloc(0)): Buffer => {
    const head = Buffer.concat([vint(type), vint(flags), body]);
    const sized = Buffer.concat([vint(head.length), head]);
    return Buffer.concat([u32(crc32(sized)), sized, data]);
  };
  const files = entries.map(({ name, data, encrypted = false }) => {
    const extra = encrypted ? Buffer.concat([vint(1 + 34), vint(1), Buffer.alloc(34)]) : Buffer.alloc(0);
    const sizes = encrypted ? [vint(extra.length), vint(data.length)] : [vint(data.length)];
    const fields = [vint(4), vint(data.length), vint(0x81a4), u32(crc32(data)), vint(0), vint(1)];
    const named = [vint(Buffer.byteLength(name)), Buffer.from(name), extra];
    return block(2, encrypted ? 3 : 2, Buffer.concat([...sizes, ...fields, ...named]), data);
  });
  const first = encryptedHeaders ? block(4, 0, Buffer.alloc(20)) : block(1, 0, vint(0));
  const end = block(5, 0, vint(0));
  return Buffer.concat([Buffer.from('Rar!\x1a\x07\x01\0', 'latin1'), first, ...files, end]);
}

/** `ustar` with GNU's long names (or POSIX's `pax`). */
export function tarOf(entries: readonly Entry[], pax = false): Buffer {
  const header = (name: string, size: number, type: string): Buffer => {
    const bytes = Buffer.alloc(512);
    bytes.write(name.slice(0, 99), 0);
    bytes.write('0000644\0', 100);
    bytes.write(size.toString(8).padStart(11, '0'), 124);
    bytes.write('        ', 148);
    bytes.write(type, 156);
    bytes.write('ustar\0' + '00', 257, 'latin1');
    const sum = bytes.reduce((total, byte) => total + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    return bytes;
  };
  const padded = (data: Buffer): Buffer =>
    Buffer.concat([data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
  const record = (name: string): Buffer => {
    const rest = ` path=${name}\n`;
    const length = rest.length + 3;
    return Buffer.from(`${length}${rest}`);
  };
  const parts = entries.flatMap(({ name, data }) => {
    const long = pax ? record(name) : Buffer.from(`${name}\0`);
    const before = name.length < 100 ? [] : [header('long', long.length, pax ? 'x' : 'L'), padded(long)];
    return [...before, header(name, data.length, '0'), padded(data)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1_024)]);
}

/** gzip, with a name in its header where one is given. */
export function gzipOf(data: Buffer, name = ''): Buffer {
  const packed = gzipSync(data);
  if (name === '') return packed;
  const head = Buffer.from(packed.subarray(0, 10));
  head[3] = 8;
  return Buffer.concat([head, Buffer.from(`${name}\0`, 'latin1'), packed.subarray(10)]);
}

/** A cabinet of one folder without compression. */
export function cabOf(entries: readonly Entry[]): Buffer {
  const before = (i: number): number => entries.slice(0, i).reduce((sum, { data }) => sum + data.length, 0);
  const files = entries.map(({ name, data }, i) =>
    Buffer.concat([
      u32(data.length),
      u32(before(i)),
      u16(0),
      u16(0),
      u16(0),
      u16(0x20),
      Buffer.from(`${name}\0`),
    ]),
  );
  const list = Buffer.concat(files);
  const data = Buffer.concat(entries.map((entry) => entry.data));
  const at = 36 + 8 + list.length;
  const folder = Buffer.concat([u32(at), u16(1), u16(0)]);
  const block = Buffer.concat([u32(0), u16(data.length), u16(data.length), data]);
  const numbers = [u32(0), u32(at + block.length), u32(0), u32(44), u32(0)];
  const rest = [Buffer.from([3, 1]), u16(1), u16(entries.length), u16(0), u16(0), u16(0)];
  return Buffer.concat([Buffer.from('MSCF'), ...numbers, ...rest, folder, list, block]);
}

/** 7z of one folder without compression; its header is not packed unless `encoded` says by which coder it is. */
export function sevenZipOf(entries: readonly Entry[], encoded?: 'lzma' | 'aes'): Buffer {
  const data = Buffer.concat(entries.map((entry) => entry.data));
  const encrypted = entries.some((entry) => entry.encrypted);
  const coder = (kind: 'copy' | 'lzma' | 'aes'): number[] =>
    ({ copy: [1, 0], lzma: [0x23, 3, 1, 1, 5, 0, 0, 0, 0, 0], aes: [0x24, 6, 0xf1, 7, 1, 1, 0] })[kind];
  const number = (n: number): number[] => (n < 0x80 ? [n] : [0xc0, n & 255, (n >> 8) & 255]);
  const streams = (kind: 'copy' | 'lzma' | 'aes', size: number, sub: number[]): number[] => [
    ...[6, 0, 1, 9, ...number(size), 0],
    ...(kind === 'aes'
      ? [7, 11, 1, 0, 2, ...coder('aes'), ...coder('copy'), 1, 0, 12, ...number(size), ...number(size), 0]
      : [7, 11, 1, 0, 1, ...coder(kind), 12, ...number(size), 0]),
    ...sub,
    0,
  ];
  const names = Buffer.from(entries.map(({ name }) => `${name}\0`).join(''), 'utf16le');
  const sizes = entries.slice(1).flatMap((_, i) => number(entries[i]?.data.length ?? 0));
  const sub = [
    8,
    13,
    ...number(entries.length),
    9,
    ...sizes,
    10,
    1,
    ...entries.flatMap((e) => [...u32(crc32(e.data))]),
    0,
  ];
  const files = [5, ...number(entries.length), 17, ...number(names.length + 1), 0, ...names, 0];
  const plain = [1, 4, ...streams(encrypted ? 'aes' : 'copy', data.length, sub), ...files, 0];
  const header = Buffer.from(encoded === undefined ? plain : [23, ...streams(encoded, plain.length, [])]);
  const start = Buffer.concat([u32(data.length), u32(0), u32(header.length), u32(0), u32(crc32(header))]);
  const mark = Buffer.from([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4]);
  return Buffer.concat([mark, u32(crc32(start)), start, data, header]);
}
