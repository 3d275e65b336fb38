/** What decompressing a file costs in Node alone: `node test/bench/gunzip.mjs FILE` prints the size. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

let size = 0;
const [, , path = ''] = process.argv;
for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 }).pipe(
  createGunzip({ chunkSize: 1 << 18 }),
)) {
  size += piece.length;
}
process.stdout.write(`${size}\n`);
