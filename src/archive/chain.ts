import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A block of the chain ends with the line that brings it to so many bytes. */
const BLOCK = 65_536;
const HASH = 32;
const MAGIC = 0x494d4331;
const NEWLINE = 10;

/** What stands before the first block of a segment: it binds the text to the archive and its place in it. */
export function seedOf(archive: string, seq: number): Buffer {
  return createHash('sha256').update(`imspan archive segment\n${archive}\n${seq}\n`).digest();
}

/**
 * The hash chain of one segment: H(k) = SHA-256(H(k-1), block k), where a block is whole lines of 64 KiB at least (the
 * last one may be less). Beside it a CRC-32 of each line: it proves nothing, it says which line is meant where a block
 * is wrong.
 */
export class SegmentChain {
  #last: Buffer;
  #hash;
  #inBlock = 0;
  readonly #blocks: Buffer[] = [];
  #tags = new Uint32Array(1_024);
  lines = 0;
  bytes = 0;

  constructor(seed: Buffer) {
    this.#last = seed;
    this.#hash = createHash('sha256').update(seed);
  }

  /** Takes whole lines, each with its line end, between `start` and `end`. */
  add(bytes: Buffer, start = 0, end = bytes.length): void {
    let from = start;
    for (let at = start; at < end;) {
      const next = bytes.indexOf(NEWLINE, at) + 1;
      this.#tag(crc32(bytes.subarray(at, next)));
      this.#inBlock += next - at;
      at = next;
      if (this.#inBlock >= BLOCK) {
        this.#hash.update(bytes.subarray(from, at));
        this.#close();
        from = at;
      }
    }
    if (from < end) this.#hash.update(bytes.subarray(from, end));
    this.bytes += end - start;
  }

  #tag(tag: number): void {
    if (this.lines === this.#tags.length) {
      const more = new Uint32Array(this.#tags.length * 2);
      more.set(this.#tags);
      this.#tags = more;
    }
    this.#tags[this.lines++] = tag;
  }

  #close(): void {
    this.#last = this.#hash.digest();
    this.#blocks.push(this.#last);
    this.#hash = createHash('sha256').update(this.#last);
    this.#inBlock = 0;
  }

  /** The chain's end as of now, in hex; the block that is open counts as it is. */
  head(): string {
    return this.#inBlock === 0 ? this.#last.toString('hex') : this.#hash.copy().digest('hex');
  }

  /** Ends the chain: what is kept of it beside the segment. */
  finish(): { head: string; sidecar: Buffer } {
    if (this.#inBlock > 0) this.#close();
    const tags = this.tags();
    const sidecar = Buffer.alloc(12 + this.#blocks.length * HASH + tags.length * 4);
    sidecar.writeUInt32BE(MAGIC, 0);
    sidecar.writeUInt32BE(this.#blocks.length, 4);
    sidecar.writeUInt32BE(tags.length, 8);
    let at = 12;
    for (const block of this.#blocks) at += block.copy(sidecar, at);
    for (const tag of tags) at = sidecar.writeUInt32BE(tag, at);
    return { head: this.#last.toString('hex'), sidecar };
  }

  blocks(): readonly Buffer[] {
    return this.#blocks;
  }

  tags(): Uint32Array {
    return this.#tags.subarray(0, this.lines);
  }
}

/** What a sidecar says; undefined where it is none. */
export function readSidecar(bytes: Buffer): { blocks: Buffer[]; tags: Uint32Array } | undefined {
  if (bytes.length < 12 || bytes.readUInt32BE(0) !== MAGIC) return undefined;
  const blocks = bytes.readUInt32BE(4);
  const lines = bytes.readUInt32BE(8);
  if (bytes.length !== 12 + blocks * HASH + lines * 4) return undefined;
  const tags = new Uint32Array(lines);
  const from = 12 + blocks * HASH;
  for (let i = 0; i < lines; i++) tags[i] = bytes.readUInt32BE(from + i * 4);
  return {
    blocks: Array.from({ length: blocks }, (_, i) => bytes.subarray(12 + i * HASH, 12 + (i + 1) * HASH)),
    tags,
  };
}

/** How the lines that are there differ from those that were sealed. Lines count from 1. */
export interface LineDifference {
  readonly kind: 'changed' | 'missing' | 'added' | 'reordered' | 'truncated';
  /** The first line meant, as it was sealed. */
  readonly line: number;
  readonly count: number;
}

/** Lines looked ahead for where both go on alike. */
const AHEAD = 4_096;
const MAX_TOLD = 20;

interface Stretch extends LineDifference {
  readonly tags: Uint32Array;
}

/** Compares the checks of the lines that are there with the sealed ones: the first differences, with their place. */
export function compareLines(sealed: Uint32Array, found: Uint32Array): LineDifference[] {
  const told: Stretch[] = [];
  let s = 0;
  let f = 0;
  while (told.length < MAX_TOLD && (s < sealed.length || f < found.length)) {
    if (s < sealed.length && f < found.length && sealed[s] === found[f]) {
      s++;
      f++;
      continue;
    }
    const [gone, more] = rejoin(sealed, s, found, f);
    told.push(...stretchOf(sealed, s, gone, found.subarray(f, f + more)));
    s += gone;
    f += more;
  }
  return joined(told).map(({ kind, line, count }) => ({ kind, line, count }));
}

/** How many lines of either to pass over until both go on alike. */
function rejoin(sealed: Uint32Array, s: number, found: Uint32Array, f: number): [gone: number, more: number] {
  const alike = (i: number, j: number): boolean =>
    i < sealed.length && j < found.length && sealed[i] === found[j];
  const most = Math.min(AHEAD, Math.max(sealed.length - s, found.length - f));
  for (let sum = 1; sum <= 2 * most; sum++) {
    // Equal shares first: a changed line is likelier than one left out and another put in.
    if (sum % 2 === 0 && alike(s + sum / 2, f + sum / 2)) return [sum / 2, sum / 2];
    if (sum > most) continue;
    if (alike(s + sum, f)) return [sum, 0];
    if (alike(s, f + sum)) return [0, sum];
  }
  return [sealed.length - s, found.length - f];
}

function stretchOf(sealed: Uint32Array, s: number, gone: number, more: Uint32Array): Stretch[] {
  const line = s + 1;
  const was = sealed.subarray(s, s + gone);
  const ends = s + gone === sealed.length;
  const lost = ends ? 'truncated' : 'missing';
  if (more.length === 0) return [{ kind: lost, line, count: gone, tags: was }];
  if (gone === 0) return [{ kind: 'added', line, count: more.length, tags: more }];
  if (alikeSorted(was, more)) return [{ kind: 'reordered', line, count: gone, tags: was }];
  const both = Math.min(gone, more.length);
  const changed: Stretch = { kind: 'changed', line, count: both, tags: was.subarray(0, both) };
  if (gone > both)
    return [changed, { kind: lost, line: line + both, count: gone - both, tags: was.subarray(both) }];
  if (more.length > both)
    return [
      changed,
      { kind: 'added', line: line + both, count: more.length - both, tags: more.subarray(both) },
    ];
  return [changed];
}

/** Lines that are missing in one place and were added in another have been moved. */
function joined(told: readonly Stretch[]): Stretch[] {
  const left = [...told];
  const lost = left.filter(({ kind }) => kind === 'missing' || kind === 'truncated');
  for (const one of lost) {
    const put = left.find(({ kind, tags }) => kind === 'added' && alikeSorted(one.tags, tags));
    if (put === undefined) continue;
    left.splice(left.indexOf(put), 1);
    left[left.indexOf(one)] = { ...one, kind: 'reordered', line: Math.min(one.line, put.line) };
  }
  return left;
}

function alikeSorted(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.slice().sort().join() === b.slice().sort().join();
}
