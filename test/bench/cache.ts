import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { generate, type Mark, type Parameters, type Workload } from './generate/workload.ts';

const FILE_HEADER = 24;
const RECORD_HEADER = 16;

/** A capture in the cache, with what is known of it. */
export interface Capture extends Workload {
  readonly path: string;
  readonly folder: string;
}

/** A part of a capture, from its beginning. */
export interface Slice extends Mark {
  readonly path: string;
}

/**
 * The workloads on disk. One is reused while its parameters and the sources of its generator are the
 * same; else it is written anew and the old one removed.
 */
export class Cache {
  private readonly root: string;
  private readonly sources: string;

  /** `root` is the cache's folder, `sources` the generator's. */
  constructor(root: string, sources: string) {
    this.root = root;
    this.sources = hashOf(sources);
  }

  obtain(parameters: Parameters, note: (text: string) => void): Capture {
    const { workload, bytes } = parameters;
    const name = `${workload}-${bytes}`;
    const key = createHash('sha256').update(JSON.stringify(parameters)).update(this.sources).digest('hex');
    const folder = join(this.root, `${name}-${key.slice(0, 12)}`);
    if (!existsSync(folder)) {
      this.removeOthers(name);
      note(`writing ${name} ...`);
      write(folder, parameters);
    }
    const found = JSON.parse(readFileSync(join(folder, 'workload.json'), 'utf8')) as Workload;
    return { ...found, folder, path: join(folder, 'capture.pcap') };
  }

  /** A folder beside the workloads, for other files of this generator's version. */
  folder(name: string): string {
    return join(this.root, `files-${name}`);
  }

  private removeOthers(name: string): void {
    if (!existsSync(this.root)) return;
    for (const entry of readdirSync(this.root)) {
      if (entry.startsWith(`${name}-`)) rmSync(join(this.root, entry), { recursive: true });
    }
  }
}

/** The first packets of a capture: at least `bytes` of it, where it has them. */
export async function sliceOf(capture: Capture, bytes: number): Promise<Slice> {
  const mark = capture.marks.find((one) => one.bytes >= bytes) ?? capture.marks.at(-1);
  if (mark === undefined) throw new Error('a capture without marks');
  const path = join(capture.folder, `first-${mark.packets}.pcap`);
  await once(path, (part) =>
    pipeline(createReadStream(capture.path, { end: mark.bytes - 1 }), createWriteStream(part)),
  );
  return { ...mark, path };
}

/** A capture without packets: what a tool takes to start. */
export async function emptyOf({ path, folder }: Capture): Promise<string> {
  const out = join(folder, 'empty.pcap');
  await once(out, (part) =>
    pipeline(createReadStream(path, { end: FILE_HEADER - 1 }), createWriteStream(part)),
  );
  return out;
}

export async function gzipOf({ path }: Slice): Promise<string> {
  const out = `${path}.gz`;
  await once(out, (part) =>
    pipeline(createReadStream(path), createGzip({ level: 6 }), createWriteStream(part)),
  );
  return out;
}

/** The packets of a slice in a folder of files of about `bytes` each; returns the folder. */
export async function folderOf({ path }: Slice, bytes: number): Promise<string> {
  const out = path.replace(/\.pcap$/, `-by-${bytes}`);
  await once(out, (part) => {
    mkdirSync(part);
    const whole = readFileSync(path);
    const header = whole.subarray(0, FILE_HEADER);
    let start = FILE_HEADER;
    let files = 0;
    for (let at = start; at < whole.length;) {
      at += RECORD_HEADER + whole.readUInt32LE(at + 8);
      if (at - start < bytes && at < whole.length) continue;
      const name = `${String(++files).padStart(6, '0')}.pcap`;
      writeFileSync(join(part, name), Buffer.concat([header, whole.subarray(start, at)]));
      start = at;
    }
    return Promise.resolve();
  });
  return out;
}

/** Makes a file or folder under another name first, so that a half one is never taken for a whole one. */
async function once(path: string, make: (part: string) => Promise<void>): Promise<void> {
  if (existsSync(path)) return;
  const part = `${path}.part`;
  rmSync(part, { recursive: true, force: true });
  await make(part);
  renameSync(part, path);
}

function write(folder: string, parameters: Parameters): void {
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const { summary, marks } = generate(join(part, 'capture.pcap'), parameters);
  writeFileSync(join(part, 'workload.json'), JSON.stringify({ summary, marks }));
  renameSync(part, folder);
}

function hashOf(sources: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.ts')).sort()) {
    hash.update(file).update(readFileSync(join(sources, file)));
  }
  return hash.digest('hex');
}
