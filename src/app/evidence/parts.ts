import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { Frame } from '../../capture/frame.ts';
import { pcapHeader } from '../../capture/write.ts';
import type { Limits } from '../../core/limits.ts';
import { Quarantine } from '../../files/quarantine.ts';
import type { Keep } from '../../files/quarantine.ts';

const RECORD = 16;
const NANOS = { nanos: true };
/** Bytes gathered of an excerpt before they are written. */
const BUFFER = 8_192;

/** One file of an excerpt: the frames of one link type. */
export interface Part {
  readonly keep: Keep;
  readonly hash: Hash;
  readonly buffer: Uint8Array;
  filled: number;
  bytes: number;
  frames: number;
  /** A limit cut it. */
  cut: boolean;
}

/** A file of an excerpt that is whole. */
export interface Finished {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly frames: number;
  readonly linkType: number;
  readonly cut: boolean;
}

/**
 * Writes excerpts as pcap files with nanoseconds, one link type each, named by the SHA-256 of their bytes. The folder is
 * kept like that of `--extract`: see `Quarantine`.
 */
export class Parts {
  readonly #folder: Quarantine;
  readonly #perFile: number;
  readonly #total: number;
  #written = 0;

  /** Makes the folder where there is none; throws an OperatorError where that cannot be. */
  constructor(folder: string, limits: Limits) {
    const [extract_file, extract_total] = [2 ** 52, 2 ** 52];
    // Cutting is ours: what is over a limit there is thrown away.
    this.#folder = new Quarantine(folder, { extract_file, extract_total }, 1, '.pcap');
    this.#perFile = limits.evidence_file;
    this.#total = limits.evidence_total;
  }

  /** What the disk refused, the first time; nothing is kept from then on. */
  get problem(): string | undefined {
    return this.#folder.problem?.message;
  }

  /** Bytes written by the run. */
  get written(): number {
    return this.#written;
  }

  write(parts: Map<number, Part>, frame: Frame): void {
    let part = parts.get(frame.linkType);
    if (!part) {
      part = this.#open(frame.linkType);
      if (!part) return;
      parts.set(frame.linkType, part);
    }
    const length = frame.end - frame.start;
    const more = RECORD + length;
    if (part.cut || part.bytes + more > this.#perFile || this.#written + more > this.#total) {
      part.cut = true;
      return;
    }
    this.#written += more;
    part.frames++;
    const head = new DataView(new ArrayBuffer(RECORD));
    // A pcap file cannot tell times before 1970 or after 2106.
    head.setUint32(0, Math.min(Math.max(frame.seconds, 0), 0xffff_ffff));
    head.setUint32(4, frame.nanos);
    head.setUint32(8, length);
    head.setUint32(12, frame.wireLength);
    put(part, new Uint8Array(head.buffer));
    put(part, frame.bytes.subarray(frame.start, frame.end));
  }

  /** Gives the files their names; those that the disk refused are left out. */
  finish(parts: ReadonlyMap<number, Part>): Finished[] {
    const done: Finished[] = [];
    for (const [linkType, part] of parts) {
      flush(part);
      const sha256 = part.hash.digest('hex');
      const { bytes, frames, cut } = part;
      if (part.keep.finish(sha256, bytes)) {
        done.push({ file: `${sha256}.pcap`, sha256, bytes, frames, linkType, cut });
      }
    }
    return done;
  }

  #open(linkType: number): Part | undefined {
    const keep = this.#folder.keep(0);
    if (!keep) return undefined;
    const buffer = new Uint8Array(BUFFER);
    const part = { keep, hash: createHash('sha256'), buffer, filled: 0, bytes: 0, frames: 0, cut: false };
    put(part, pcapHeader({ ...NANOS, bigEndian: true, linkType }));
    return part;
  }
}

function put(part: Part, bytes: Uint8Array): void {
  part.bytes += bytes.length;
  if (part.filled + bytes.length > part.buffer.length) flush(part);
  if (bytes.length > part.buffer.length) emit(part, bytes);
  else {
    part.buffer.set(bytes, part.filled);
    part.filled += bytes.length;
  }
}

function flush(part: Part): void {
  if (part.filled > 0) emit(part, part.buffer.subarray(0, part.filled));
  part.filled = 0;
}

function emit(part: Part, bytes: Uint8Array): void {
  part.hash.update(bytes);
  part.keep.write(bytes);
}
