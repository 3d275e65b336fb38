import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, openSync, closeSync, fsyncSync, renameSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Archive } from './archive.ts';
import type { SegmentChain } from './chain.ts';
import { ioError, remove, syncFolder, writeWhole } from './files.ts';
import type { SegmentEntry } from './manifest.ts';
import type { NameList } from './names.ts';

/** What was gathered of a segment while it was written (or read again after a crash). */
export interface Gathered {
  readonly seq: number;
  readonly chain: SegmentChain;
  readonly names: NameList;
  first: string | undefined;
  last: string | undefined;
  keptOut: number;
  textsDropped: number;
  recovered?: SegmentEntry['recovered'];
}

/** Speed matters more than the last tenth of size: this runs beside the capture. */
const LEVEL = 3;
const CHUNK = 262_144;

/**
 * Seals a segment: its text is compressed, its checks and names are written beside it, and the manifest says so,
 * signed. Only then the open text goes, so that a crash at any point leaves one or the other whole.
 */
export async function sealSegment(archive: Archive, gathered: Gathered): Promise<void> {
  const { paths } = archive;
  const { seq, chain, names, first, last, keptOut, textsDropped, recovered } = gathered;
  const part = paths.segment(seq, 'part');
  try {
    const { size, file } = await compress(part, paths.segment(seq, 'tmp'));
    const { head, sidecar } = chain.finish();
    const marks = names.bytes();
    writeWhole(paths.segment(seq, 'chain'), sidecar);
    if (marks !== undefined) writeWhole(paths.segment(seq, 'names'), marks);
    renameSync(paths.segment(seq, 'tmp'), paths.segment(seq, 'jsonl.gz'));
    syncFolder(paths.segments);
    archive.record({
      ...{ type: 'segment', seq, lines: chain.lines, bytes: chain.bytes, size, file, head },
      chain: sha256(sidecar),
      ...(marks !== undefined && { names: sha256(marks) }),
      ...(first !== undefined && { first }),
      ...(last !== undefined && { last }),
      ...(recovered && { recovered }),
      ...(keptOut > 0 && { kept_out: keptOut }),
      ...(textsDropped > 0 && { texts_dropped: textsDropped }),
      ...archive.logHeads(),
    });
  } catch (error) {
    remove(paths.segment(seq, 'tmp'));
    throw ioError('seal', part, error);
  }
  remove(part);
  remove(paths.segment(seq, 'open'));
}

async function compress(from: string, to: string): Promise<{ size: number; file: string }> {
  const hash = createHash('sha256');
  let size = 0;
  await pipeline(
    createReadStream(from, { highWaterMark: CHUNK }),
    createGzip({ level: LEVEL, chunkSize: CHUNK }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(to, { mode: 0o600 }),
  );
  const fd = openSync(to, 'r+');
  fsyncSync(fd);
  closeSync(fd);
  return { size, file: hash.digest('hex') };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
